"""The scheduler: pulls each source when it is due, in its own process, one per store.

Jobs live in memory and are made from the configuration at every start; what was
tried and when is read from the ledger. So a source whose turn came while the machine
was off, or while the last process was ending, is pulled once at the start, however
many turns it missed.

A source that fails as programs fail (a fault of ours) or that refuses our credentials
is left alone for an hour, so that it neither fills the log nor locks the account.

What waits for another machine waits on a thread of its own, so that systems which do
not answer keep nobody from the folders, nor from each other (failures.md F02).

Beside the pulls run the reconciling ones, for sources that declare `reconcile`, and the
housekeeping, on a thread of its own: a heartbeat must not wait for slow sources.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from types import FrameType
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from connectors.house import House
from connectors.housekeeping import Housekeeping
from connectors.jobs import work_off
from connectors.pull import UNEXPECTED, Caller, pull
from connectors.reconcile import declared
from datasets.errors import OpsError, SourceRefused, StoreError
from datasets.schedule import next_run, trigger
from datasets.settings import HttpSource, Reconcile, Source
from datasets.standing import is_folder

log = logging.getLogger(__name__)

FOLDERS_AT_ONCE = 4  # reading files is work for the processor
MOST_AWAY = 24  # sources on other machines asked at once; who waits holds a thread and a connection to the store
PATIENCE_OF_RECONCILING = 120.0  # seconds to wait for an ordinary pull of the same source
REST_AFTER_FAULT = timedelta(hours=1)
LOOK_FOR_REQUESTS = 1.0  # seconds between looks for what the pages ask for
REQUESTS = ":requests"  # their name among what runs; no source can have it
A_MOMENT = timedelta(microseconds=1)
"""Between owed runs: APScheduler takes jobs of one moment by the alphabet."""
FIRST_READINGS_APART = timedelta(seconds=8)
"""Between the very first readings of services, years of records each: at once they would all end late."""
TIME_TO_FINISH = 2.0  # seconds a running pull may still take after the signal
TIME_TO_ABANDON = 3.5  # seconds after which the process ends whatever runs; the store rolls back. honcho waits five


def is_due(schedule: str, zone: ZoneInfo, last_attempt: datetime | None, now: datetime) -> bool:
    """Whether a turn was missed: never tried, or the schedule named a moment since the last attempt.

    However many turns were missed, one pull is enough: it goes by its bookmark.
    """
    if last_attempt is None:
        return True
    missed = next_run(schedule, zone, last_attempt)
    return missed is not None and missed <= now


def is_service(source: Source) -> bool:
    """Whether the source answers over HTTP, page by page."""
    return isinstance(source, HttpSource) and bool(source.url)


def first_turns(sources: Mapping[str, Source]) -> list[str]:
    """The order of the runs that are owed at a start, when many are.

    What the configuration names first, for that is waited for; then what is read from folders
    and databases, quickly; then the other services, whose first reading takes long.
    """
    names = list(sources)
    services = [name for name in names[1:] if is_service(sources[name])]
    return [*(name for name in names if name not in services), *services]


def reconciling(name: str) -> str:
    """Id of the job that reconciles a source; no source can have this name."""
    return f"{name}:reconcile"


class Scheduler:
    """Runs every source of a house on its schedule until told to stop."""

    def __init__(self, house: House, pull_source: Callable[..., object] = pull) -> None:
        self.house = house
        self._pull = pull_source
        self._zone = house.settings.centre.time_zone
        self._housekeeping = Housekeeping(house)
        self._stopping = threading.Event()
        self._running: set[str] = set()
        self._changed = threading.Condition()
        self._jobs = BackgroundScheduler(
            jobstores={"default": MemoryJobStore()},
            executors={
                "folders": ThreadPoolExecutor(FOLDERS_AT_ONCE),
                "away": ThreadPoolExecutor(MOST_AWAY),
                "house": ThreadPoolExecutor(1),
            },
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone=self._zone,
        )

    def start(self) -> None:
        """Set up a job for each source and run at once those that missed their turn."""
        now = self.house.clock()
        self._housekeeping.beat()
        sources = self.house.settings.sources
        soon, first_reading = now, now
        for name in first_turns(sources):
            source = sources[name]
            pool = "folders" if is_folder(source) else "away"
            if self.house.clock_stands_still:
                self._jobs.add_job(self.run_one, args=[name], id=name, executor=pool)  # once, now
                continue
            attempted = self.house.store.ledger.status(name).last_attempt
            if not is_due(source.schedule, self._zone, attempted, now):
                first = next_run(source.schedule, self._zone, now)
            elif attempted is None and is_service(source):
                first, first_reading = first_reading, first_reading + FIRST_READINGS_APART
            else:
                first, soon = soon, soon + A_MOMENT
                if attempted is not None:
                    log.info("catching up source=%s last_attempt=%s", name, attempted.isoformat(timespec="seconds"))
            cron = trigger(source.schedule, self._zone)
            self._jobs.add_job(self.run_one, cron, args=[name], id=name, next_run_time=first, executor=pool)
            if (wanted := declared(source)) is not None:
                self._add_reconciling(name, wanted, now)
        if not self.house.clock_stands_still:
            for name, (schedule, work) in self._housekeeping.chores.items():
                cron = trigger(schedule, self._zone)
                self._jobs.add_job(work, cron, id=f"house:{name}", executor="house")
        self._jobs.start()
        threading.Thread(target=self._do_what_pages_ask, name="requests", daemon=True).start()

    def _add_reconciling(self, name: str, reconcile: Reconcile, now: datetime) -> None:
        """A turn missed while the machine was off is made up; before the first turn nothing is owed."""
        compared = self.house.store.ledger.last_reconciled(name)
        owed = compared is not None and is_due(reconcile.schedule, self._zone, compared, now)
        first = now if owed else next_run(reconcile.schedule, self._zone, now)
        cron = trigger(reconcile.schedule, self._zone)
        self._jobs.add_job(
            self.reconcile_one, cron, args=[name], id=reconciling(name), next_run_time=first, executor="away"
        )

    def reconcile_one(self, name: str) -> None:
        """Read the long stretch of one source and compare."""
        self.run_one(name, reconcile=True)

    def run_one(self, name: str, *, reconcile: bool = False) -> None:
        """Pull one source; whatever happens to it, the others are not disturbed."""
        if self._stopping.is_set():
            return  # not attempted, so the next start catches it up
        caller = Caller(stop=self._abandon)
        if reconcile:
            caller = replace(caller, reconcile=True, patience_seconds=PATIENCE_OF_RECONCILING)
        with self._noted(reconciling(name) if reconcile else name):
            try:
                self._pull(name, self.house, caller)
            except OpsError as error:
                log.warning("pull failed source=%s error=%s", name, error.key)
                if error.key == UNEXPECTED or isinstance(error, SourceRefused):
                    self._rest(name)
            except Exception as fault:  # noqa: BLE001 - the boundary between sources: a fault of one stays with it
                log.error("pull failed source=%s fault=%s", name, type(fault).__name__)
                self._rest(name)

    def _do_what_pages_ask(self) -> None:
        """Work off the requests of the screens within a second or two, beside the pulls."""
        asked = True  # at the start also what a dead process left
        while not self._stopping.is_set():
            try:
                if asked or self.house.store.jobs.waiting():
                    with self._noted(REQUESTS):
                        work_off(self.house, self._stopping.is_set)
                asked = False
            except Exception as fault:  # noqa: BLE001 - a store that is locked now is asked again in a second
                log.warning("requests cannot be read: %s", type(fault).__name__)
            self._stopping.wait(LOOK_FOR_REQUESTS)

    def next_run(self, name: str) -> datetime | None:
        """When the source's turn comes; None when it has had its only one."""
        job = self._jobs.get_job(name)
        return job.next_run_time if job else None

    def wait(self) -> None:
        """Block until a signal asks the process to stop."""
        while not self._stopping.wait(1):  # in slices, so that signals are seen on every system
            pass

    def request_stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        if self._stopping.is_set():
            os._exit(1)  # asked twice: at once; an open transaction is rolled back
        self._stopping.set()

    def stop(self) -> bool:
        """Let running pulls finish, then ask them to give up. Whether all ended in time."""
        self._stopping.set()
        began = time.monotonic()
        if self._jobs.running:
            self._jobs.shutdown(wait=False)
        self._abandon_at = began + TIME_TO_FINISH
        with self._changed:
            return self._changed.wait_for(lambda: not self._running, timeout=TIME_TO_ABANDON)

    _abandon_at: float | None = None

    def _abandon(self) -> bool:
        return self._abandon_at is not None and time.monotonic() > self._abandon_at

    def _rest(self, name: str) -> None:
        source = self.house.settings.sources[name]
        later = next_run(source.schedule, self._zone, self.house.clock() + REST_AFTER_FAULT)
        with suppress(JobLookupError):  # a job that runs only once, or a scheduler that is ending
            self._jobs.modify_job(name, next_run_time=later)

    @contextmanager
    def _noted(self, name: str) -> Iterator[None]:
        with self._changed:
            self._running.add(name)
        try:
            yield
        finally:
            with self._changed:
                self._running.discard(name)
                self._changed.notify_all()


def run(house: House) -> int:
    """The whole life of the scheduler's process. Raises StoreError when another one runs on this store."""
    with ExitStack() as held:
        try:
            held.enter_context(house.store.lease("scheduler"))
        except StoreError as error:
            if error.key != "error.lease_taken":
                raise
            raise StoreError("connectors.scheduler_running") from error
        scheduler = Scheduler(house)
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, scheduler.request_stop)
        scheduler.start()
        log.info("scheduler started sources=%d", len(house.settings.sources))
        scheduler.wait()
        if scheduler.stop():
            log.info("scheduler stopped")
            return 0
    log.warning("scheduler stopped with pulls unfinished; they are rolled back and caught up at the next start")
    logging.shutdown()
    sys.stderr.flush()
    os._exit(0)  # threads that still read from a source would hold the interpreter
