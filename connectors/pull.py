"""One pull, start to finish: the page to read first.

    ledger line opened -> connector (pages since bookmark minus lookback)
    -> field map (canonical names; personal fields dropped; unknown columns noted)
    -> validator (bad records to quarantine, with their reasons)
    -> delivery committed: rows, changes, rollups, quarantine, bookmark, ledger line
       and data version in one transaction, or nothing of it
    -> the connector settles: files move to done/ or refused/

Whatever goes wrong is written to the ledger, and the last good data stay.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial

from connectors.bookmark import asked_since, format_bookmark, next_bookmark, parse_bookmark
from connectors.connector import Connector
from connectors.drift import DriftWatch
from connectors.house import House
from connectors.intake import Intake
from connectors.reconcile import routine_stretch, stretch_of
from connectors.registry import CONNECTORS
from connectors.waiting import waiting
from datasets.errors import BatchRejected, OpsError, PullError, SourceChanged, StoreError
from datasets.indicators.catalogue import load_catalogue
from datasets.logs import frames
from datasets.messages import text
from datasets.settings import Dhis2Source, RestSource, SourceBase, SqlSource, WebSource
from datasets.standing import drift_sentences
from datasets.store import Confirmed, Counts, Stretch
from datasets.store.delivery import Outcome
from datasets.store.engine import database_file
from datasets.store.room import refuse_when_full
from datasets.validate import Expectations, Problem

log = logging.getLogger(__name__)

UNEXPECTED = "error.unexpected"
MOST_DELIVERIES = 500
"""Files taken in one pull of a folder; the rest wait for the next."""
REPORTED_PROBLEMS = 1000
"""Problems told to the report beside a file; the quarantine holds them all."""
RETRY_LEASE_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Caller:
    """What the caller wants to say and to hear while a pull runs.

    stop              asked between pages; True gives the pull up, nothing written
    progress          told the number of records read so far in this delivery
    patience_seconds  how long to wait while another process pulls the same source
    reconcile         ask for the longer stretch of the source's `reconcile` block, and mark
                      what we hold of it and the source no longer gives
    confirmed         who looked at a delivery that shrank, and says that it is right
    """

    stop: Callable[[], bool] = lambda: False
    progress: Callable[[int], None] = lambda read: None
    patience_seconds: float = 0.0
    reconcile: bool = False
    confirmed: Confirmed | None = None


def pull(name: str, house: House, caller: Caller | None = None) -> Counts:
    """Bring in what is new at one source; answers what became of the records.

    A web service gives one delivery; a folder one for each waiting file, so that a
    refused file does not hold up the next one: its error is raised at the end.

    Raises UsageError for an unknown name, StoreError while another process pulls it,
    PullError as the connector or the expectations say; a fault of ours becomes a
    PullError with the key UNEXPECTED. All but the first two leave a line in the ledger.
    """
    caller = caller or Caller()
    source = house.source(name)
    brought = Counts()
    refused: PullError | None = None
    with alone(name, house, caller):
        house.store.ledger.interrupted(name)  # we hold its lease, so whoever left a pull running is dead
        for _ in range(MOST_DELIVERIES):
            connector = CONNECTORS[source.connector](source, house.settings, house.clock)
            try:
                brought = _sum(brought, _recorded_delivery(source, connector, house, caller))
            except (BatchRejected, SourceChanged) as error:
                refused = refused or error
            if not connector.more or caller.stop():
                break
    if refused:
        raise refused
    return brought


def _recorded_delivery(source: SourceBase, connector: Connector, house: House, caller: Caller) -> Counts:
    """One delivery with its line in the ledger, whatever its end; then the connector tidies up."""
    pull_id = house.store.ledger.begin(source.name, source.dataset)
    began = time.monotonic()
    problems: list[Problem] = []
    watch = DriftWatch()
    try:
        room = house.settings.store
        refuse_when_full(database_file(house.store.engine), room.min_free_share, room.min_free_gb)
        counts = _delivery(source, connector, house, caller, pull_id, problems, watch)
    except Exception as fault:  # the boundary of one source: each fault ends in the ledger, and goes on upwards
        error = fault if isinstance(fault, OpsError) else PullError(UNEXPECTED, kind=type(fault).__name__)
        house.store.ledger.fail(pull_id, error, drift=watch.found(), note=connector.file or None)
        connector.settle(error, problems)
        seconds = time.monotonic() - began
        log.warning("pull source=%s pull=%d failed error=%s seconds=%.2f", source.name, pull_id, error.key, seconds)
        if error is not fault:
            log.error("pull source=%s pull=%d fault\n%s", source.name, pull_id, frames(fault))
            raise error from fault
        raise
    connector.settle(counts, problems)
    said = " ".join(f"{item.name}={getattr(counts, item.name)}" for item in fields(Counts))
    heard = logging.INFO if counts.read else logging.DEBUG  # an empty folder is looked into every minute
    log.log(heard, "pull source=%s pull=%d %s seconds=%.2f", source.name, pull_id, said, time.monotonic() - began)
    return counts


def _delivery(
    source: SourceBase,
    connector: Connector,
    house: House,
    caller: Caller,
    pull_id: int,
    problems: list[Problem],
    watch: DriftWatch,
) -> Counts:
    """Fetch, map, validate, stage and commit; or end the line as idle when a folder has nothing new."""
    started = house.clock()
    bookmark = parse_bookmark(house.store.ledger.bookmark(source.name))
    intake = Intake(source, house, started, watch)
    since = asked_since(bookmark, _lookback(source), started)
    zone = house.settings.centre.time_zone
    stretch: Stretch | None
    if caller.reconcile:
        stretch = stretch_of(source, bookmark, since, started, zone, by_change=intake.by_change)
        since = stretch.since
    else:
        stretch = routine_stretch(source, since, started, zone)
    with house.delivery(intake.dataset, source.name, pull_id) as delivery:
        came, withdrawn = False, 0
        for batch in connector.fetch(since):
            came = True
            taken = intake.take(batch, delivery.known)
            withdrawn += taken.let_withdrawn_go(delivery.withdraw)
            delivery.stage(taken.rows)
            delivery.quarantine(taken.bad, raw=taken.kept)
            watch.note(problem for _, _, found in taken.bad for problem in found)
            problems += [problem for _, _, found in taken.bad for problem in found][: REPORTED_PROBLEMS - len(problems)]
            caller.progress(intake.read)
            if caller.stop():
                raise PullError("connectors.stopped")
        counted = intake.finish()
        delivery.stage(counted.rows)
        delivery.quarantine(counted.bad, raw=counted.kept)
        delivery.set_falls_aside(load_catalogue().cumulative)
        problems += [problem for _, _, found in counted.bad for problem in found][: REPORTED_PROBLEMS - len(problems)]
        known_now: list[int] = []
        for line, rows in waiting(source, house, intake, delivery.known):
            delivery.stage(rows)
            known_now.append(line)
        if came or connector.confirms_when_empty:
            outcome = delivery.commit(
                read=intake.read + len(known_now) - withdrawn,
                bookmark=format_bookmark(next_bookmark(bookmark, _seen(source, intake, started), started)),
                as_of=started,
                expect=_expectations(source),
                replayed=known_now,
                note=partial(_note, intake, house, watch, caller.confirmed, connector.file),
                drift=watch.found(),
                reconcile=stretch,
                confirmed=caller.confirmed,
            )
            return counts_of(outcome)
    house.store.ledger.idle(pull_id)
    return Counts()


def _expectations(source: SourceBase) -> Expectations:
    expect = source.expect
    snapshot = isinstance(source, RestSource | SqlSource) and source.cursor is None
    return Expectations(expect.min_rows, expect.max_quarantined_share, expect.max_drop_share, snapshot=snapshot)


def _seen(source: SourceBase, intake: Intake, started: datetime) -> datetime | None:
    """Up to when changes are known: by the records' own moments; by the pull's where periods are asked for."""
    return started if isinstance(source, Dhis2Source) else intake.latest


def _lookback(source: SourceBase) -> timedelta:
    if isinstance(source, Dhis2Source):
        return source.lookback
    cursor = source.cursor if isinstance(source, WebSource | SqlSource) else None
    return cursor.lookback if cursor else timedelta(0)


def _note(
    intake: Intake, house: House, watch: DriftWatch, confirmed: Confirmed | None, file: str, respelled: int
) -> str | None:
    """The file; how it was repaired (R7), secret documents by count, what is no longer as the map says, and who
    took a small delivery over."""
    language, said = house.settings.centre.language, list[str]()
    if intake.encoding:
        said.append(text("files.report.repaired", language, encoding=intake.encoding))
    if repaired := respelled_note(house, respelled + intake.respelled):
        said.append(repaired)
    if intake.secret:
        said.append(text("connectors.secret", language, count=intake.secret))
    said += drift_sentences(watch.found(), language)
    if confirmed:
        said.append(text("connectors.confirmed", language, by=confirmed.by, why=confirmed.why))
    if file:
        said.insert(0, f"{file}:" if said else file)
    return " ".join(said) or None


def respelled_note(house: House, respelled: int) -> str | None:
    """How many rows were brought to a spelling that was there (R7); None for none."""
    return text("connectors.respelled", house.settings.centre.language, count=respelled) if respelled else None


@contextmanager
def alone(name: str, house: House, caller: Caller) -> Iterator[None]:
    """Hold the source's lease, waiting for it as long as the caller has patience."""
    deadline = time.monotonic() + caller.patience_seconds
    while True:
        lease = house.store.lease(f"source-{name}")
        try:
            lease.__enter__()
            break
        except StoreError as error:
            if error.key != "error.lease_taken":
                raise
            if time.monotonic() >= deadline or caller.stop():
                raise StoreError("connectors.pull_running", source=name) from error
        time.sleep(RETRY_LEASE_SECONDS)
    try:
        yield
    finally:
        lease.__exit__(None, None, None)


def counts_of(outcome: Outcome) -> Counts:
    return Counts(**{item.name: getattr(outcome, item.name) for item in fields(Counts)})


def _sum(one: Counts, other: Counts) -> Counts:
    return Counts(**{item.name: getattr(one, item.name) + getattr(other, item.name) for item in fields(Counts)})
