"""The weekly job in its own process: makes each week's briefing once, and sends what is in the outbox.

One process per store holds the lease. What is due is read from the store at every
look, so a machine that was off, or a process killed anywhere, is made up for at the
next start; the first edition of a unit and week can be kept only once.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType

from dashboard.briefing.archive import fresh, keep
from dashboard.briefing.mail import send_due
from dashboard.briefing.not_made import tell, trouble
from dashboard.briefing.turns import weeks_due
from dashboard.queries import Queries
from datasets.errors import OpsError, StoreError
from datasets.periods import Period, PeriodType
from datasets.store.briefings import State

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 20.0
MADE_BY = "schedule"
HEARTBEAT = "briefings"
FIRST_BEAT = "briefings first"
"""Beaten once, at the very first start: from then on no week may be missing."""
PATIENCE_SECONDS = 900.0
"""After a start the sources are given so long to catch up before a briefing is made with gaps."""


def make_due(queries: Queries, *, patient: bool = False) -> list[tuple[str, str]]:
    """Make and keep every briefing whose turn has come; gives (unit, week) of each.

    patient   leave what is incomplete to a later look, for sources may be catching up too.
              Nothing is ever made from a store that has no data yet.

    What cannot be made is tried again at the next look. Once the page calls it overdue,
    its recipients are told, whether the trouble is known or a fault of ours.
    """
    settings = queries.settings.briefing
    found: list[tuple[str, str]] = []
    for unit in settings.units or [queries.settings.centre.unit]:
        with _told("briefings not looked after", unit=unit):
            for week in _due(queries, unit):
                try:
                    if _make(queries, unit, week, patient):
                        found.append((unit, week.id))
                except Exception as fault:  # noqa: BLE001 - one briefing's trouble keeps no other from being made
                    error = trouble(fault, "briefing not made", unit=unit, week=week.id)
                    if not patient and overdue(queries, unit, week):
                        tell(queries, unit, week, error, MADE_BY)
    return found


def overdue(queries: Queries, unit: str, week: Period) -> bool:
    """Whether the week's turn is long past and the job, which has run before, has made nothing of it."""
    settings = queries.settings.briefing
    if unit not in (settings.units or [queries.settings.centre.unit]):
        return False
    ran = queries.store.heartbeats.last(FIRST_BEAT) is not None
    return ran and week in _due(queries, unit, timedelta(seconds=2 * PATIENCE_SECONDS))


def _due(queries: Queries, unit: str, ago: timedelta = timedelta()) -> list[Period]:
    """The unit's weeks that were due some time ago, and are not made yet."""
    since = queries.store.heartbeats.last(FIRST_BEAT)
    schedule, made = queries.settings.briefing.schedule, _made(queries, unit)
    return weeks_due(schedule, queries.zone, made, queries.now() - ago, since)


def _make(queries: Queries, unit: str, week: Period, patient: bool) -> bool:
    mail = queries.settings.briefing.mail
    if not queries.version():
        if patient:
            return False
        raise OpsError("briefing.no_data")
    report = fresh(queries, unit, week.id)
    if patient and not report.complete:
        return False
    kept = keep(queries, report, State.DRAFT, MADE_BY, mail.to if mail else (), only_first=True)
    if kept is not None:
        log.info("briefing made unit=%s week=%s complete=%s", unit, week.id, report.complete)
    return kept is not None


def _made(queries: Queries, unit: str) -> list[Period]:
    """The weeks that the job has made a briefing of; what people issued by hand does not count as made."""
    return [
        period
        for line in queries.store.briefings.list(unit)
        if line.made_by == MADE_BY and (period := Period.parse(line.period)).type is PeriodType.WEEK
    ]


def look(queries: Queries, *, patient: bool = False) -> None:
    """One look: a sign of life, what is due is made, what waits is sent. Any trouble, a store that is busy too, is
    logged and tried again at the next look."""
    with _told("sign of life not given"):
        _beat(queries)
    with _told("briefing not made"):
        make_due(queries, patient=patient)
    mail = queries.settings.briefing.mail
    if mail is not None:
        with _told("outbox not worked off"):
            send_due(queries.store, mail, tuple(queries.settings.briefing.formats), queries.now())


def _beat(queries: Queries) -> None:
    if queries.store.heartbeats.last(FIRST_BEAT) is None:
        queries.store.heartbeats.beat(FIRST_BEAT)
    queries.store.heartbeats.beat(HEARTBEAT)


@contextmanager
def _told(what: str, **about: str) -> Iterator[None]:
    try:
        yield
    except Exception as fault:  # noqa: BLE001 - the process lives on, whatever one look met
        trouble(fault, what, **about)


def run(queries: Queries) -> int:
    """The whole life of the process. Raises StoreError when another one runs on this store."""
    stopping = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        stopping.set()

    try:
        held = queries.store.lease("briefings")
        held.__enter__()
    except StoreError as error:
        if error.key != "error.lease_taken":
            raise
        raise StoreError("briefing.running") from error
    try:
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, stop)
        log.info("briefings started schedule=%s", queries.settings.briefing.schedule)
        until = time.monotonic() + PATIENCE_SECONDS
        while not stopping.is_set():
            look(queries, patient=time.monotonic() < until)
            stopping.wait(SECONDS_BETWEEN_LOOKS)
    finally:
        held.__exit__(None, None, None)
    log.info("briefings stopped")
    return 0
