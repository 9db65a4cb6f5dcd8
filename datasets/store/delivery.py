"""A delivery: what one pull brings, published whole or not at all.

    with store.delivery(DOSSIER, "one_stop", pull_id) as delivery:
        delivery.stage(rows)                  # as often as pages come in
        delivery.quarantine(records)
        outcome = delivery.commit(read=..., bookmark=..., as_of=...)

Until `commit` nothing but temporary tables is written, so nobody waits for a slow
source. `commit` waits for its turn among the deliveries of all processes, works out what
is to be written, and then takes the write lock for one transaction: rows, change log,
rollups, quarantine, bookmark, ledger line and data version. Left without a commit, the
store is as it was.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from types import TracebackType

import sqlalchemy as sa

from datasets.clock import Clock
from datasets.errors import BatchRejected, OpsError
from datasets.schema.dataset import Dataset, Row
from datasets.store import aside, falls, known, merge, rehearsal, rollup, succession, vanish
from datasets.store.known import Key
from datasets.store.lease import turn
from datasets.store.ledger import Ledger
from datasets.store.lines import Confirmed, Counts, Drift, Reconciled, Stretch, Verdict, verdict_of
from datasets.store.rehearsal import Rehearsal
from datasets.store.spelling import Declared, Spellings
from datasets.store.staging import Staging
from datasets.store.tables import DATA_VERSION
from datasets.validate import Expectations, Problem, refusal, shrunk

TURN = "delivery"
"""The lease of who publishes. One at a time: two that touch the same unit-day would not see each other's rows."""
_IN_LINE = threading.Lock()
"""Deliveries of one process wait for each other here, and then for those of others: as long as it takes."""
Note = str | Callable[[int], str | None] | None
"""What the ledger's line says; a function is told how many rows were respelled."""
MANY = 20
"""Rows of a stretch from which on their going in a routine pull is held for a person."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery; read = new + changed + unchanged + duplicates + quarantined."""

    read: int
    new: int
    changed: int
    unchanged: int
    duplicates: int
    quarantined: int
    version: int
    verdict: Verdict
    reconciled: Reconciled | None = None


class Delivery:
    """Not for several threads; one per pull."""

    def __init__(
        self,
        engine: sa.Engine,
        clock: Clock,
        ledger: Ledger,
        dataset: Dataset,
        source: str,
        pull_id: int,
        declared: Declared,
    ) -> None:
        self._clock = clock
        self._ledger = ledger
        self._source = source
        self._pull_id = pull_id
        self._staging = Staging.of(dataset)
        self._spellings = Spellings(dataset, declared)
        self._engine = engine
        self._staged = 0
        self._set_aside = 0
        self._withdrawn: set[str] = set()

    def __enter__(self) -> Delivery:
        self._connection = self._engine.connect().execution_options(preserve_rowcount=True)
        with self._connection.begin():
            self._staging.create(self._connection)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._connection.rollback()
            with self._connection.begin():
                self._staging.drop(self._connection)
        except (OpsError, sa.exc.SQLAlchemyError):
            with suppress(OpsError, sa.exc.SQLAlchemyError):
                self._connection.invalidate()  # the temporary tables die with the session
        finally:
            self._connection.close()

    def stage(self, rows: Sequence[tuple[object, ...]]) -> None:
        """Take validated rows (what Validator.check gave), some thousands at a time."""
        with self._connection.begin():
            self._staging.add(self._connection, self._spellings.settle(self._connection, rows))
        self._staged += len(rows)

    def quarantine(
        self,
        records: Sequence[tuple[str, str, Sequence[Problem]]],
        raw: Sequence[Mapping[str, object] | None] | None = None,
    ) -> None:
        """Set records aside: (row id, key or "", problems) each; see validate.record_key.

        raw   beside each record its canonical row, kept for a replay; no personal fields
        """
        with self._connection.begin():
            self._staging.set_aside(self._connection, aside.as_rows(records, raw))
        self._set_aside += len(records)

    def withdraw(self, keys: Collection[str]) -> None:
        """Records that the source says it has deleted, by their keys (validate.record_key); in no count of records."""
        self._withdrawn.update(keys)

    def known(self, keys: Collection[Key]) -> dict[Key, Row]:
        """What is known under natural keys (in the order of `dataset.key`): the row staged last, else the stored one.

        For records that say only what changed. Only declared fields; an unknown key is absent.
        """
        with self._connection.begin():
            merge.index_staged(self._connection, self._staging)
            return known.rows_of(self._connection, self._staging, keys)

    def set_falls_aside(self, cumulative: Collection[str]) -> None:
        """Cumulative elements that fall within their year without a note are set aside; call it after all is staged."""
        if self._staging.dataset.name != "observation" or not cumulative:
            return
        with self._connection.begin():
            merge.index_staged(self._connection, self._staging)
            fell = falls.set_aside(self._connection, self._staging, cumulative)
        self._staged -= fell
        self._set_aside += fell

    def keep_signatures(self) -> None:
        """Rows that say what is known already keep who typed them and when; call it after all is staged."""
        with self._connection.begin():
            merge.index_staged(self._connection, self._staging)
            rehearsal.keep_signatures(self._connection, self._staging)

    def rehearse(self, read: int, limit: int = 200) -> Rehearsal:
        """What `commit` would do with what was staged, instead of doing it; at most `limit` rows of each kind."""
        connection = self._connection
        with connection.begin():
            merge.index_staged(connection, self._staging)
            duplicates, clashes = merge.drop_duplicates(connection, self._staging)
            self._set_clashes_aside(clashes)
            counts = self._sort_out(read, duplicates)
            return Rehearsal(
                counts,
                rehearsal.steps(connection, self._staging, limit),
                rehearsal.refusals(connection, self._staging, limit),
            )

    def commit(
        self,
        *,
        read: int,
        bookmark: str | None = None,
        as_of: datetime | None = None,
        expect: Expectations | None = None,
        replayed: Sequence[int] = (),
        note: Note = None,
        drift: Sequence[Drift] = (),
        reconcile: Stretch | None = None,
        confirmed: Confirmed | None = None,
    ) -> Outcome:
        """Publish what was staged.

        read       records the source gave, each staged or set aside by now
        bookmark   how far this pull got; None leaves the source's as it is
        as_of      moment for which the source confirmed its data; None: it did not
        replayed   ids of quarantine lines that were read again
        reconcile  the stretch read in full: what we hold of it and did not come has vanished; some
                   ordinary pulls read one too (Stretch.routine)
        confirmed  the person who takes a small delivery over

        Raises BatchRejected when the delivery breaks its expectations or its counts do
        not balance: only the ledger line, and a sample of the quarantine, is written.
        Raises StoreError when the database is locked, full or gone: nothing is written.
        """
        connection, staging = self._connection, self._staging
        with connection.begin():
            merge.index_staged(connection, staging)
            duplicates, clashes = merge.drop_duplicates(connection, staging)
            self._set_clashes_aside(clashes)
        with _IN_LINE, turn(connection, TURN):
            with self._begun():
                self._spellings.adopt(connection, staging.rows)
                counts = self._sort_out(read, duplicates)
                found = None if reconcile is None else vanish.compare(connection, staging, self._source, reconcile)
                usual = self._ledger.usual(connection, self._source, self._clock())
                refused = self._refused(counts, expect or Expectations(), usual, found, reconcile, confirmed)
                everything = refused is None and self._work_out(counts)
            said = note(self._spellings.respelled) if callable(note) else note
            with self._begun(writing=True):
                now = self._clock()
                if refused is None:
                    self._write(counts, now, everything=everything)
                    marked = self._mark(reconcile, found, now)
                    if staging.dataset.series and (counts.new or counts.changed or marked):
                        succession.renew(connection, staging, self._source, now if marked else None)
                    aside.settle_replayed(connection, replayed, self._pull_id, now)
                    verdict = verdict_of(counts, None if confirmed else usual)
                    version = self._next_version(counts, marked)
                    doubted = verdict is Verdict.EMPTY_SUSPECT
                    self._ledger.end(
                        connection,
                        self._pull_id,
                        verdict,
                        counts,
                        bookmark=None if doubted else bookmark,
                        as_of=None if doubted else as_of,
                        data_version=version,
                        note=said,
                        drift=drift,
                        reconciled=None if reconcile is not None and reconcile.routine else found,
                        confirmed=confirmed,
                    )
                else:
                    aside.write(connection, staging, self._source, self._pull_id, now, aside.REFUSED_SAMPLE)
                    seen = Counts(read=read, quarantined=counts.quarantined)
                    self._ledger.end(
                        connection, self._pull_id, Verdict.REFUSED, seen, error=refused, note=said, drift=drift
                    )
        if refused is not None:
            raise refused
        return Outcome(**asdict(counts), version=version, verdict=verdict, reconciled=found)

    @contextmanager
    def _begun(self, *, writing: bool = False) -> Iterator[None]:
        """A transaction: for reading beside temporary tables, or the one that publishes."""
        connection = self._connection.execution_options(immediate=writing)
        try:
            with connection.begin():
                if self._engine.dialect.name == "postgresql":
                    connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")  # else big deliveries sort on disk
                yield
        finally:
            connection.execution_options(immediate=False)

    def _refused(
        self,
        counts: Counts,
        expect: Expectations,
        usual: float | None,
        found: Reconciled | None,
        reconcile: Stretch | None,
        confirmed: Confirmed | None,
    ) -> BatchRejected | None:
        """Why this delivery is not to be believed; None for no reason."""
        connection = self._connection
        believed = replace(expect, confirmed=confirmed is not None)
        if reconcile is not None and not reconcile.routine:  # reads another stretch than the usual pull
            believed = replace(believed, max_drop_share=None, snapshot=False)
        last = self._ledger.last_read(connection, self._source) if believed.snapshot else None
        refused = _imbalance(counts) or refusal(believed, counts.read, counts.quarantined, usual, last)
        if refused is None and found is not None and confirmed is None and _much(found, reconcile):
            refused = shrunk(found.held, found.held - found.vanished)
        if refused is None and self._withdrawn and confirmed is None:
            held, going = vanish.going(connection, self._staging, self._source, self._withdrawn)
            refused = shrunk(held, held - going)
        return refused

    def _sort_out(self, read: int, duplicates: int) -> Counts:
        todo = merge.classify(self._connection, self._staging)
        if todo.get("clash"):
            self._set_clashes_aside(merge.clashes(self._connection, self._staging))
        new, changed = todo.get("new", 0), todo.get("changed", 0)
        accepted = self._staged - duplicates
        return Counts(
            read=read,
            new=new,
            changed=changed,
            unchanged=accepted - new - changed,
            duplicates=duplicates,
            quarantined=self._set_aside,
        )

    def _work_out(self, counts: Counts) -> bool:
        """Change log and daily counts, ahead of the writing; whether all of these will be new."""
        if counts.changed:
            merge.note_changes(self._connection, self._staging)
        if not self._staging.dataset.daily_counts or not (counts.new or counts.changed):
            return False
        return rollup.prepare(self._connection, self._staging, counts.new, counts.changed)

    def _write(self, counts: Counts, now: datetime, *, everything: bool) -> None:
        connection, staging = self._connection, self._staging
        if counts.new or counts.changed:
            if counts.changed:
                merge.log_changes(connection, staging, now, self._pull_id)
            written = replace(
                counts,
                new=merge.insert_new(connection, staging, now, self._pull_id, counts.new) if counts.new else 0,
                changed=merge.update_changed(connection, staging, now, self._pull_id) if counts.changed else 0,
            )
            if (unequal := _imbalance(written)) is not None:
                raise unequal
            if staging.dataset.daily_counts:
                rollup.publish(connection, staging, everything=everything)
        aside.settle_accepted(connection, staging, self._source, now)
        aside.write(connection, staging, self._source, self._pull_id, now)
        self._spellings.write(connection)

    def _mark(self, reconcile: Stretch | None, found: Reconciled | None, now: datetime) -> int:
        """Mark what came back, and what is no longer there; how many rows."""
        connection, place = self._connection, (self._staging, self._source)
        marked = vanish.mark_returned(connection, *place, now, self._pull_id)
        if reconcile is not None and found is not None and found.vanished:
            marked += vanish.mark_vanished(connection, *place, reconcile, now, self._pull_id)
        if self._withdrawn:
            marked += vanish.mark_withdrawn(connection, *place, self._withdrawn, now, self._pull_id)
        return marked

    def _set_clashes_aside(self, clashes: Sequence[sa.RowMapping]) -> None:
        """Move rows of a used key from what was accepted to what was set aside."""
        self._staging.set_aside(self._connection, aside.clash_rows(self._staging.dataset, clashes))
        self._staged -= len(clashes)
        self._set_aside += len(clashes)

    def _next_version(self, counts: Counts, marked: int) -> int:
        if counts.new or counts.changed or marked:
            self._connection.execute(DATA_VERSION.update().values(version=DATA_VERSION.c.version + 1))
        return int(self._connection.execute(sa.select(DATA_VERSION.c.version)).scalar_one())


def _imbalance(counts: Counts) -> BatchRejected | None:
    """failures.md R2: one record unaccounted for refuses the delivery."""
    if counts.balanced:
        return None
    return BatchRejected("error.count_balance", read=counts.read, accounted=counts.accounted)


def _much(found: Reconciled, stretch: Stretch | None) -> bool:
    """Whether it is much enough to be held for a person: of a few figures each pull, half may go by themselves."""
    return stretch is None or not stretch.routine or found.held >= MANY
