"""From raw records to rows ready to stage, and the bad ones set aside with their reasons.

One intake serves one delivery: it maps, validates, counts, and remembers what the
ledger and the bookmark need to know at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.connector import DELETED, Batch, RawRecord
from connectors.counting import Tally
from connectors.drift import DriftWatch, sources_of
from connectors.field_map import FieldMap
from connectors.house import House
from connectors.kept_record import Keeper
from connectors.overlay import Known, Overlay
from connectors.secrecy import is_mark, is_secret
from connectors.unfold import Unfold
from datasets.errors import SourceChanged
from datasets.messages import text
from datasets.schema import BY_NAME
from datasets.schema.dataset import Context, Row
from datasets.schema.document import DOCUMENT
from datasets.settings import SourceBase, SqlSource, WebSource
from datasets.validate import Problem, Validator, record_key
from datasets.vietnamese import fold

STRETCH = 250
"""Records mapped and checked at a time: what they become still lies in the processor's cache (a fifth faster)."""


@dataclass(slots=True)
class Taken:
    """What one batch became."""

    rows: list[tuple[object, ...]] = field(default_factory=list)
    bad: list[tuple[str, str, list[Problem]]] = field(default_factory=list)  # row_id, key, problems
    kept: list[Mapping[str, object] | None] = field(default_factory=list)  # beside `bad`, for a replay

    @property
    def row_ids_kept(self) -> set[str]:
        """Where the records stand that may be tried again."""
        return {row_id for (row_id, _, _), kept in zip(self.bad, self.kept, strict=True) if kept is not None}

    def let_withdrawn_go(self, withdraw: Callable[[list[str]], None]) -> int:
        """Hand on the keys of what the source says it has deleted, instead of setting it aside; how many."""
        gone = [at for at, (_, key, found) in enumerate(self.bad) if key and _only_deleted(found)]
        if gone:
            withdraw([self.bad[at][1] for at in gone])
            for at in reversed(gone):
                del self.bad[at], self.kept[at]
        return len(gone)


class Intake:
    """Maps and validates the records of one delivery.

    read     records seen so far
    latest   the latest moment of change among the accepted ones; None when none had any,
             or when the source is not asked by moment of change
    unknown  how many records had each column that the map does not know
    secret   documents refused because they are marked secret; they are in no other count
    encoding the old encoding that a file was converted from, "" for none
    """

    def __init__(self, source: SourceBase, house: House, started: datetime, watch: DriftWatch | None = None) -> None:
        zone = house.settings.centre.time_zone
        self.dataset = BY_NAME[source.dataset]
        field_map = FieldMap.find(source.map, house.settings.root)
        self.read = 0
        self.secret = 0
        self.encoding = ""
        self.latest: datetime | None = None
        self._wanted = tuple(source.expect.wanted)
        self._marked = is_cursor(source, field_map)
        self._mapper = field_map.bind(self.dataset, house.units, zone, source.constants)
        self._watch = watch or DriftWatch()
        self._watch.unknown = self._mapper.unknown
        self._watch.columns = dict(sources_of((spec.field.name, spec.sources) for spec in field_map.file.fields))
        self._keeper = Keeper(field_map.file)
        self._unfold = Unfold(field_map.file, {*field_map.file.constants, *source.constants})
        self._tally = (
            Tally(field_map.file.wide.counting, field_map.file.blank) if field_map.file.wide.counting else None
        )
        self._places: dict[tuple[tuple[str, object], ...], list[Problem]] = {}
        self._language = house.settings.centre.language
        self._validator = Validator(
            self.dataset, Context(started, zone, house.calendar), source.name, house.units.codes
        )
        self._overlay = Overlay(field_map.file, self._validator) if field_map.file.overlay else None
        self._key_columns = {
            fold(name.split(".")[0])
            for spec in field_map.file.fields
            if spec.field.name in self.dataset.key
            for name in spec.sources
        }

    @property
    def unknown(self) -> Counter[str]:
        return self._mapper.unknown

    @property
    def respelled(self) -> int:
        """Rows counted under another spelling than their own."""
        return self._tally.respelled if self._tally else 0

    @property
    def by_change(self) -> bool:
        """Whether `updated_at` is what the source is asked by."""
        return self._marked

    @property
    def overlays(self) -> bool:
        """Whether records of this source may say only what changed."""
        return self._overlay is not None

    def is_change(self, record: RawRecord) -> bool:
        return self._overlay is not None and self._overlay.is_change(record)

    def take(self, batch: Batch, known: Known = lambda keys: {}) -> Taken:
        """Map and validate one batch.

        known   what is known under given keys, for records that say only what changed

        Raises SourceChanged, naming them, when columns that the map reads or that the
        source is expected to have are gone: the delivery is not to be believed.
        """
        self.encoding = self.encoding or batch.encoding
        self._expect_columns(batch.columns)
        batch = self._unfold.batch(batch)
        if self._tally is not None:
            return self._count(batch, self._tally)
        taken = Taken()
        records = self._without_secrets(batch)
        if self._overlay is None:
            for start in range(0, len(records), STRETCH):
                self._take_records(records[start : start + STRETCH], taken)
        else:
            rows = self._mapper.map_all(records)
            self._overlay.look_up(rows, known)
            for stretch in self._overlay.stretches(rows):
                laid = self._overlay.lay(records[stretch], rows[stretch])
                self._take_rows(records[stretch], laid, self._overlay, taken)
        self.read += len(records)
        return taken

    def _take_records(self, records: Sequence[RawRecord], taken: Taken) -> None:
        columns, unread = self._mapper.map_columns(records)
        checked = self._validator.check_columns(columns, [record.row_id for record in records], unread)
        updated = columns.get("updated_at") if self._marked else None
        for place, stored in enumerate(checked):
            if isinstance(stored, tuple):
                taken.rows.append(stored)
                if updated is not None:
                    self._note_change(updated[place])
            elif place in unread:
                self._set_aside(records[place], None, stored, taken)
            else:
                self._set_aside(
                    records[place], {name: column[place] for name, column in columns.items()}, stored, taken
                )

    def _take_rows(
        self, records: Sequence[RawRecord], rows: Sequence[Row | list[Problem]], overlay: Overlay, taken: Taken
    ) -> None:
        whole = [(row, record.row_id) for record, row in zip(records, rows, strict=True) if isinstance(row, dict)]
        checked = iter(self._validator.check_all([row for row, _ in whole], [row_id for _, row_id in whole]))
        for record, row in zip(records, rows, strict=True):
            if not isinstance(row, dict):
                self._set_aside(record, None, row, taken)
                continue
            stored = next(checked)
            if isinstance(stored, tuple):
                taken.rows.append(stored)
                overlay.remember(row)
                self._note_change(row.get("updated_at") if self._marked else None)
            else:
                self._set_aside(record, row, stored, taken)

    def _set_aside(self, record: RawRecord, row: Row | None, problems: list[Problem], taken: Taken) -> None:
        key = ""  # a change has a line of its own: the record's key belongs to the whole record
        if not self.is_change(record):
            key = self._key_of(record) if row is None else record_key(self.dataset, row)
        taken.bad.append((record.row_id, key, problems))
        taken.kept.append(None if record.fault else self._keeper.keep(record.values))

    def _note_change(self, updated: object) -> None:
        if isinstance(updated, datetime) and (self.latest is None or updated > self.latest):
            self.latest = updated

    def _without_secrets(self, batch: Batch) -> Sequence[RawRecord]:
        if self.dataset is not DOCUMENT or not (batch.columns is None or any(map(is_mark, batch.columns))):
            return batch.records
        records = [record for record in batch.records if not is_secret(record.values)]
        self.secret += len(batch.records) - len(records)
        return records

    def finish(self) -> Taken:
        """What is only known at the end of a delivery: the observations that rows were counted into."""
        taken = Taken()
        row_id = text("connectors.counted", self._language)
        for row in self._tally.rows() if self._tally else ():
            stored = self._validator.check(row, row_id)
            if isinstance(stored, tuple):
                taken.rows.append(stored)
            else:
                taken.bad.append((row_id, record_key(self.dataset, row), stored))
                taken.kept.append(row)
        self.read += len(taken.rows) + len(taken.bad)
        return taken

    def _count(self, batch: Batch, tally: Tally) -> Taken:
        """Count the rows of a batch; those that say no unit or period are set aside, nothing of them kept."""
        taken = Taken()
        for record in batch.records:
            if not record.fault and not tally.counts(record.values):
                continue
            row = self._mapper.map(record)
            if isinstance(row, dict):
                worth = tally.worth(record.values)
                wrong = self._wrong_place(row)
                if unclear := tally.unclear(record.values):
                    wrong = [*wrong, Problem(unclear, "unknown_code", "", record.row_id)]
                if not wrong and not isinstance(worth, str):
                    tally.add(row, record.values, worth)
                    continue
                row = wrong or [Problem("value", str(worth), "", record.row_id)]
            taken.bad.append((record.row_id, "", [replace(problem, value="", row=record.row_id) for problem in row]))
            taken.kept.append(None)
        self.read += len(taken.bad)
        return taken

    def _wrong_place(self, row: Row) -> list[Problem]:
        """What is wrong with the unit and period of a counted row: a row is set aside, not the figures made of it."""
        place = tuple(row.items())
        if place not in self._places:
            judged = self._validator.check({**row, "element": "-", "value": 0.0}, "")
            self._places[place] = judged if isinstance(judged, list) else []
        return self._places[place]

    def _key_of(self, record: RawRecord) -> str:
        """The natural key of a record that cannot be mapped as a whole; "" when that cannot be read either."""
        values = {name: value for name, value in record.values.items() if fold(name) in self._key_columns}
        row: Row | list[Problem] = self._mapper.map(RawRecord(record.row_id, values))
        return record_key(self.dataset, row) if isinstance(row, dict) else ""

    def _expect_columns(self, columns: frozenset[str] | None) -> None:
        gone = [*self._mapper.missing(columns), *self._unfold.missing(columns)]
        if columns is not None:
            there = {fold(name) for name in columns}
            gone += [name for name in self._wanted if fold(name) not in there and name not in gone]
        if not gone:
            return
        self._watch.gone = tuple(gone)
        come = self._mapper.strangers(columns or ())
        if come:
            raise SourceChanged("connectors.columns_renamed", columns=", ".join(gone), come=", ".join(come))
        raise SourceChanged("connectors.columns_gone", columns=", ".join(gone))


def _only_deleted(problems: Sequence[Problem]) -> bool:
    return all(problem.code == DELETED for problem in problems)


def is_cursor(source: SourceBase, field_map: FieldMap) -> bool:
    """Whether `updated_at` is what the source is asked by; else no bookmark can be taken from it."""
    if not isinstance(source, WebSource | SqlSource) or source.cursor is None:
        return False
    names = (name for spec in field_map.file.fields if spec.field.name == "updated_at" for name in spec.sources)
    return fold(source.cursor.field) in map(fold, names)
