"""Reading one delivery's records by a field map: raw records in, canonical rows out.

This is the hot path of every backfill, so it goes page by page and column by column:
records with the same keys share a plan made once, and what a text of a column reads as
is kept, because dates, codes and names recur.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import NoneType
from zoneinfo import ZoneInfo

from connectors import reducers
from connectors.connector import RawRecord
from connectors.map_dates import Reader, Unreadable, date_reader
from connectors.map_file import FieldSpec, MapFile
from connectors.map_values import boolean_reader, code_reader, number_reader, period_reader, text_reader, unit_reader
from connectors.readings import Readings
from connectors.reducers import Record
from datasets.periods import PeriodType
from datasets.schema.dataset import FieldType, Row
from datasets.units import UnitTree
from datasets.validate import Columns, Problem
from datasets.vietnamese import fold

_SHAPES = 256
_TEXTS = frozenset((str, NoneType))


@dataclass(frozen=True, slots=True)
class _Shape:
    """How records with exactly these keys are read.

    constants   values that no column gives, by field
    columns     field, key, readings
    computed    field, what the problem shows, function of the whole record
    unknown     keys that the map does not know
    """

    constants: Row
    columns: tuple[tuple[str, str, Readings], ...]
    computed: tuple[tuple[str, str, reducers.Reduce], ...]
    unknown: tuple[str, ...]


class Mapper:
    """Reads one delivery's records.

    unknown   how many records had each unknown column, by its name
    """

    def __init__(
        self, file: MapFile, units: UnitTree | None, time_zone: ZoneInfo, constants: Mapping[str, object]
    ) -> None:
        self.unknown: Counter[str] = Counter()
        self._file = file
        self._units = units
        self._time_zone = time_zone
        self._constants = dict(constants)
        self._blank = {fold(value) for value in file.blank}
        self._readings = {spec.field.name: Readings(self._reader(spec)) for spec in file.fields}
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        named = (name.split(".")[0] for spec in file.fields for name in _top_names(spec))
        self._known = {fold(name) for name in (*named, *(n for s in file.fields for n in s.sources))}
        self._known |= {fold(name.split(".")[0]) for name in (*file.personal, *file.ignore)}
        self._known |= {fold(name) for name in (*file.personal, *file.ignore)}
        self._known |= {fold(name) for column in file.wide.columns for name in column.sources}

    def map(self, record: RawRecord) -> Row | list[Problem]:
        """The canonical row, or every reason why the record cannot be read."""
        return self.map_all((record,))[0]

    def map_all(self, records: Sequence[RawRecord]) -> list[Row | list[Problem]]:
        """For each record its canonical row, or every reason why it cannot be read."""
        columns, problems = self.map_columns(records)
        names = tuple(columns)
        rows: list[Row | list[Problem]] = [
            dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ]
        for place, found in problems.items():
            rows[place] = found
        return rows

    def map_columns(self, records: Sequence[RawRecord]) -> tuple[Columns, dict[int, list[Problem]]]:
        """The canonical values by field, one place a record, and by place every reason why one cannot be read."""
        problems: dict[int, list[Problem]] = {}
        alike: dict[tuple[str, ...], list[int]] = {}
        for place, record in enumerate(records):
            if record.fault:
                problems[place] = [Problem("", record.fault, "", record.row_id)]
            alike.setdefault(tuple(record.values), []).append(place)
        whole: Columns = {}
        for keys, places in alike.items():
            shape = self._shapes.get(keys) or self._learn(keys)
            faults: dict[int, list[Problem]] = {}
            columns = _read([records[place] for place in places], shape, faults)
            for place, found in faults.items():
                problems.setdefault(places[place], found)
            for name in shape.unknown:
                self.unknown[name] += len(places)
            if len(alike) == 1:
                return columns, problems
            for name, column in columns.items():
                into = whole.setdefault(name, [None] * len(records))
                for place, value in zip(places, column, strict=True):
                    into[place] = value
        return whole, problems

    def strangers(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Those of the columns that the map knows nothing of, in alphabetical order."""
        return tuple(sorted(name for name in columns if not name.startswith("@") and fold(name) not in self._known))

    def missing(self, columns: Collection[str] | None) -> tuple[str, ...]:
        """Columns the map wants and the source no longer gives, by their first name in the map.

        `columns` None (nothing to judge by) answers none.
        """
        if columns is None:
            return ()
        there = {fold(name) for name in columns}
        gone = []
        for spec in self._file.fields:
            if spec.optional or not spec.sources or spec.reducer is not None or spec.unfolded:
                continue
            if not any(fold(name) in there or fold(name.split(".")[0]) in there for name in spec.sources):
                gone.append(spec.sources[0])
        return tuple(gone)

    def _learn(self, keys: tuple[str, ...]) -> _Shape:
        index = _Index(keys)
        constants: Row = dict(self._constants)
        columns, computed = [], []
        used = set()
        for spec in self._file.fields:
            name, readings = spec.field.name, self._readings[spec.field.name]
            path = next((path for path in map(index.path, spec.sources) if path), None)
            if path is not None:
                used.add(path[0])
                if len(path) == 1:
                    columns.append((name, path[0], readings))
                else:
                    computed.append((name, ".".join(path), _at(path, readings.read)))
            elif spec.reducer is not None:
                computed.append((name, "", self._with_default(spec, self._reduce(spec, index))))
            elif name not in constants:
                constants[name] = spec.missing
        unknown = tuple(key for key in keys if key not in used and fold(key) not in self._known)
        shape = _Shape(constants, tuple(columns), tuple(computed), unknown)
        if len(self._shapes) >= _SHAPES:
            self._shapes.clear()
        self._shapes[keys] = shape
        return shape

    def _reader(self, spec: FieldSpec) -> Reader:
        kind = spec.field.type
        read: Reader
        if spec.codes is not None:
            read = code_reader(spec.codes)
        elif kind is FieldType.CHOICE:
            read = code_reader({choice: choice for choice in spec.field.choices})
        elif kind in (FieldType.MOMENT, FieldType.DATE):
            day_only = kind is FieldType.DATE or spec.type == "date"
            read = date_reader(spec.formats, self._time_zone, day_only=day_only)
        elif kind in (FieldType.INTEGER, FieldType.NUMBER):
            read = number_reader(whole=kind is FieldType.INTEGER)
        elif kind is FieldType.BOOLEAN:
            read = boolean_reader()
        elif kind is FieldType.UNIT:
            read = unit_reader(self._units)
        elif kind is FieldType.PERIOD:
            read = period_reader(PeriodType(spec.type) if spec.type not in ("", "text") else None)
        else:
            read = text_reader()
        return self._with_blanks(spec, read)

    def _with_blanks(self, spec: FieldSpec, read: Reader) -> Reader:
        blank, missing = self._blank, spec.missing
        if not blank and missing is None:
            return read

        def reading(raw: object) -> object:
            if blank and isinstance(raw, str) and fold(raw) in blank:
                return missing
            value = read(raw)
            return missing if value is None else value

        return reading

    def _with_default(self, spec: FieldSpec, reduce: reducers.Reduce) -> reducers.Reduce:
        if spec.missing is None:
            return reduce
        return lambda record: spec.missing if (value := reduce(record)) is None else value

    def _reduce(self, spec: FieldSpec, index: _Index) -> reducers.Reduce:
        assert spec.reducer is not None
        name, arguments = spec.reducer
        path = str(arguments["path"])
        if name == "count_of":
            return reducers.count_of(index.path_or(path))
        if name == "sum_of":
            path, _, field = path.rpartition(".")
            return reducers.sum_of(index.path_or(path), field)
        if name == "any_of":
            return reducers.any_of(
                index.path_or(path),
                str(arguments["field"]),
                arguments["equals"],  # type: ignore[arg-type]
                arguments["unless"],  # type: ignore[arg-type]
            )
        moment = date_reader(spec.formats, self._time_zone, day_only=False)
        return reducers.pause_of(index.path_or(path), str(arguments["from"]), str(arguments["to"]), moment)


def _read(records: Sequence[RawRecord], shape: _Shape, problems: dict[int, list[Problem]]) -> Columns:
    """Records of one shape by field; what cannot be read goes to `problems`, by place."""
    values = [record.values for record in records]
    columns: Columns = {name: [constant] * len(records) for name, constant in shape.constants.items()}
    for name, key, readings in shape.columns:
        columns[name] = _read_column([record[key] for record in values], name, readings, records, problems)
    for name, shown, reduce in shape.computed:
        columns[name] = _reduce_column(values, name, shown, reduce, records, problems)
    return columns


def _read_column(
    raws: list[object], name: str, readings: Readings, records: Sequence[RawRecord], problems: dict[int, list[Problem]]
) -> list[object]:
    if _TEXTS.issuperset(map(type, raws)):  # 1, 1.0 and True are one key of a dictionary; texts are themselves
        try:
            return list(map(readings.__getitem__, raws))
        except Unreadable:
            pass  # which one it was is found below
    column: list[object] = []
    for place, raw in enumerate(raws):
        try:
            column.append(readings.of(raw))
        except Unreadable as fault:
            column.append(None)
            problems.setdefault(place, []).append(Problem(name, fault.code, _shown(raw), records[place].row_id))
    return column


def _reduce_column(
    values: list[Record],
    name: str,
    shown: str,
    reduce: reducers.Reduce,
    records: Sequence[RawRecord],
    problems: dict[int, list[Problem]],
) -> list[object]:
    column: list[object] = []
    for place, record in enumerate(values):
        try:
            column.append(reduce(record))
        except Unreadable as fault:
            column.append(None)
            problems.setdefault(place, []).append(Problem(name, fault.code, shown, records[place].row_id))
    return column


class _Index:
    """The keys of a record by their folded names; an exact name wins."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._exact = frozenset(keys)
        self._folded: dict[str, str] = {}
        for key in self._exact:
            self._folded.setdefault(fold(key), key)

    def key(self, name: str) -> str | None:
        return name if name in self._exact else self._folded.get(fold(name))

    def path(self, name: str) -> tuple[str, ...] | None:
        """Where a source name stands: the key itself, or a way into an object; None when it is not there."""
        key = self.key(name)
        if key is not None:
            return (key,)
        first, dot, rest = name.partition(".")
        key = self.key(first) if dot else None
        return (key, *rest.split(".")) if key else None

    def path_or(self, name: str) -> tuple[str, ...]:
        return self.path(name) or tuple(name.split("."))


def _top_names(spec: FieldSpec) -> tuple[str, ...]:
    return spec.sources if spec.reducer is None else (*spec.sources, str(spec.reducer[1]["path"]))


def _at(path: tuple[str, ...], read: Reader) -> reducers.Reduce:
    return lambda record: read(reducers.dig(record, path))


def _shown(raw: object) -> str:
    """The raw value for the quarantine's list; objects and lists are not shown."""
    return str(raw)[:80] if isinstance(raw, (str, int, float, date)) else type(raw).__name__
