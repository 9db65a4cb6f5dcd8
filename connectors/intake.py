"""From raw records to rows ready to stage, and the bad ones set aside with their reasons.

One intake serves one delivery: it maps, validates, counts, and remembers what the
ledger and the bookmark need to know at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connectors.connector import Batch, RawRecord
from connectors.field_map import FieldMap
from connectors.house import House
from connectors.kept_record import Keeper
from datasets.errors import SourceChanged
from datasets.schema import BY_NAME
from datasets.schema.dataset import Context, Row
from datasets.settings import RestSource, SourceBase
from datasets.validate import Problem, Validator, record_key
from datasets.vietnamese import fold


@dataclass(slots=True)
class Taken:
    """What one batch became."""

    rows: list[tuple[object, ...]] = field(default_factory=list)
    bad: list[tuple[str, str, list[Problem]]] = field(default_factory=list)  # row_id, key, problems
    kept: list[Mapping[str, object] | None] = field(default_factory=list)  # beside `bad`, for a replay


class Intake:
    """Maps and validates the records of one delivery.

    read     records seen so far
    latest   the latest moment of change among the accepted ones; None when none had any,
             or when the source is not asked by moment of change
    unknown  how many records had each column that the map does not know
    """

    def __init__(self, source: SourceBase, house: House, started: datetime) -> None:
        zone = house.settings.centre.time_zone
        self.dataset = BY_NAME[source.dataset]
        field_map = FieldMap.find(source.map, house.settings.root)
        self.read = 0
        self.latest: datetime | None = None
        self._wanted = tuple(source.expect.wanted)
        self._marked = is_cursor(source, field_map)
        self._mapper = field_map.bind(self.dataset, house.units, zone, source.constants)
        self._keeper = Keeper(field_map.file)
        self._validator = Validator(
            self.dataset, Context(started, zone, house.calendar), source.name, house.units.codes
        )
        self._key_columns = {
            fold(name.split(".")[0])
            for spec in field_map.file.fields
            if spec.field.name in self.dataset.key
            for name in spec.sources
        }

    @property
    def unknown(self) -> Counter[str]:
        return self._mapper.unknown

    def take(self, batch: Batch) -> Taken:
        """Map and validate one batch.

        Raises SourceChanged, naming them, when columns that the map reads or that the
        source is expected to have are gone: the delivery is not to be believed.
        """
        self._expect_columns(batch.columns)
        taken = Taken()
        check, translate = self._validator.check, self._mapper.map
        latest = self.latest
        for record in batch.records:
            row = translate(record)
            if isinstance(row, dict):
                stored = check(row, record.row_id)
                if isinstance(stored, tuple):
                    taken.rows.append(stored)
                    updated = row.get("updated_at") if self._marked else None
                    if isinstance(updated, datetime) and (latest is None or updated > latest):
                        latest = updated
                    continue
                key, problems = record_key(self.dataset, row), stored
            else:
                key, problems = self._key_of(record), row
            taken.bad.append((record.row_id, key, problems))
            taken.kept.append(None if record.fault else self._keeper.keep(record.values))
        self.latest = latest
        self.read += len(batch.records)
        return taken

    def _key_of(self, record: RawRecord) -> str:
        """The natural key of a record that cannot be mapped as a whole; "" when that cannot be read either."""
        values = {name: value for name, value in record.values.items() if fold(name) in self._key_columns}
        row: Row | list[Problem] = self._mapper.map(RawRecord(record.row_id, values))
        return record_key(self.dataset, row) if isinstance(row, dict) else ""

    def _expect_columns(self, columns: frozenset[str] | None) -> None:
        gone = list(self._mapper.missing(columns))
        if columns is not None:
            there = {fold(name) for name in columns}
            gone += [name for name in self._wanted if fold(name) not in there and name not in gone]
        if gone:
            raise SourceChanged("connectors.columns_gone", columns=", ".join(gone))


def is_cursor(source: SourceBase, field_map: FieldMap) -> bool:
    """Whether `updated_at` is what the source is asked by; else no bookmark can be taken from it."""
    if not isinstance(source, RestSource) or source.cursor is None:
        return False
    names = (name for spec in field_map.file.fields if spec.field.name == "updated_at" for name in spec.sources)
    return fold(source.cursor.field) in map(fold, names)
