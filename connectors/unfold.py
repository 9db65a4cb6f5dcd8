"""Tables that are not one observation per row, made so: wide rows, lines by indicator,
and what is said once above the header or in the file's name (field_map.py shows how a
map says it).

An unfolded record is the row without its value columns, plus @element and @value (and
@category, @period, ...). A blank cell says nothing and becomes nothing. Of a line whose
label or measure the map does not know, the whole row goes on, with the label as an
element that nobody declared: the quarantine shows it, and a mended map reads it again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence

from connectors.connector import Batch, RawRecord
from connectors.map_dates import Unreadable
from connectors.map_file import MapFile
from connectors.map_values import as_text, number_reader
from connectors.map_wide import CATEGORY, ELEMENT, PLACES, VALUE, Column, Heading, Target, heading_column
from connectors.sums import DIFFERS, all_kept
from connectors.words import is_total
from datasets.errors import SourceChanged, UsageError
from datasets.periods import Period
from datasets.vietnamese import clean, fold

_NUMBERING = re.compile(r"(?:(?:[0-9]+(?:[.][0-9]+)*|[ivx]+|[a-z])[.)/]|[-–+*•])\s*")
"""What a line of a form begins with: 1. 1.2. IV. a) - +"""
_NUMBERS = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "dau": 1, "cuoi": 2}
_UNKNOWN = Target("")
UNNAMED = "part_unnamed"
"""The problem of a row with figures that does not say which part they are of: it must not pass for the whole."""

Cell = tuple[str, Target, object]
"""Name of its column, what it is the value of, and the value."""


class Unfold:
    """For one delivery. `given`: canonical fields that need no heading, since constants fill them."""

    def __init__(self, file: MapFile, given: Collection[str] = ()) -> None:
        self._file, self._wide = file, file.wide
        self._given = frozenset(given)
        self._blank = {fold(text) for text in file.blank}
        self._number = number_reader(whole=False)
        lines = self._wide.lines
        self._labels = {_label(label): targets for label, targets in lines.codes.items()} if lines else {}
        self._factors = {fold(text): factor for text, factor in lines.factors.items()} if lines else {}
        value_columns = [column for _, column in self._wide.values]
        value_columns += list(lines.columns.values()) if lines else []
        self._value_names = {fold(name) for column in value_columns for name in column.sources}
        parts = (spec for spec in file.fields if spec.field.name == "category" and spec.codes and not spec.optional)
        part = next(parts, None) if self._wide.values and not self._wide.categorised else None
        self._part = Column(part.sources) if part else None
        self._keys: dict[tuple[str, ...], dict[str, str]] = {}

    def batch(self, batch: Batch) -> Batch:
        """The batch with one record for each observation.

        Raises SourceChanged when a heading is nowhere to be found, or when the title and
        the file's name contradict each other.
        """
        wide = self._wide
        if not wide.headings and not wide.unfolds:
            return batch
        said = self._headings(batch)
        records: list[RawRecord] = []
        for record in batch.records:
            if record.fault or VALUE in record.values:  # damaged, or unfolded before (a replay)
                records.append(record)
                continue
            if not wide.unfolds:
                records.append(RawRecord(record.row_id, {**record.values, **said}))
                continue
            rest = self._rest(record.values)
            cells = tuple(self._cells(record))
            if wrong := self._wrong(record.values, cells):
                records.append(RawRecord(record.row_id, {**record.values, **said}, wrong))
                continue
            for column, target, value in cells:
                if target is _UNKNOWN:
                    records.append(RawRecord(record.row_id, {**record.values, **said, ELEMENT: value}))
                    continue
                values = {**rest, **said, ELEMENT: target.element, VALUE: value}
                if wide.categorised:
                    values[CATEGORY] = target.category
                records.append(RawRecord(f"{record.row_id} «{column}»", values))
        columns = batch.columns
        if columns is not None:
            columns |= said.keys() | ({ELEMENT, VALUE, CATEGORY} if wide.unfolds else set())
        return Batch(records, columns)

    def missing(self, columns: Collection[str] | None) -> tuple[str, ...]:
        """Columns that this map reads here and that the source no longer gives, by their first name."""
        if columns is None or VALUE in columns:
            return ()
        there = {fold(name) for name in columns}
        wanted = [column for column in self._wide.columns if not column.optional]
        return tuple(c.sources[0] for c in wanted if not any(fold(name) in there for name in c.sources))

    def _rest(self, values: Mapping[str, object]) -> dict[str, object]:
        return {name: value for name, value in values.items() if fold(name) not in self._value_names}

    def _cells(self, record: RawRecord) -> Iterable[Cell]:
        values = record.values
        if self._wide.lines is None:
            cells = []
            for target, column in self._wide.values:
                name = self._find(values, column)
                if name is not None and not self._empty(values[name]):
                    cells.append((name, target, values[name]))
            if any(_has_digit(value) for _, _, value in cells):
                yield from cells
            return
        yield from self._line(record)

    def _wrong(self, values: Mapping[str, object], cells: Sequence[Cell]) -> str:
        """What sets a whole row aside; "" for nothing. A row of totals need not say so in the column of parts."""
        if not cells:
            return ""
        named = self._find(values, self._part) if self._part else None
        nameless = named is not None and self._empty(values[named])
        if nameless and not any(isinstance(value, str) and is_total(value) for value in values.values()):
            return UNNAMED
        return "" if self._adds_up(cells) else DIFFERS

    def _adds_up(self, cells: Sequence[Cell]) -> bool:
        """Whether a row keeps the sums of the map; what is no number is for the field's own reader to say."""
        if not self._wide.sums:
            return True
        values = {}
        for _, target, raw in cells:
            try:
                number = self._number(raw)
            except Unreadable:
                return True
            if isinstance(number, float) and not target.category:
                values[target.element] = number
        return all_kept(self._wide.sums, values)

    def _line(self, record: RawRecord) -> Iterable[Cell]:
        lines, values = self._wide.lines, record.values
        assert lines is not None
        named = self._find(values, lines.label)
        label = _label(_said(values[named])) if named is not None else ""
        cells = {}
        for key, column in lines.columns.items():
            name = self._find(values, column)
            if name is not None and not self._empty(values[name]):
                cells[key] = name
        if not cells:
            return  # a heading inside the table
        if label not in self._labels:
            if any(_has_digit(values[name]) for name in cells.values()):
                yield "", _UNKNOWN, label
            return
        targets = self._labels[label]
        measure = self._find(values, lines.measure) if lines.measure else None
        said = _said(values[measure]) if measure else ""
        factor = self._factors.get(fold(said)) if lines.measure else 1.0
        if factor is None and targets:
            yield "", _UNKNOWN, f"{label} [{said}]"
            return
        for key, target in (targets or {}).items():
            if key in cells:
                yield cells[key], target, self._scaled(values[cells[key]], factor or 1.0)

    def _scaled(self, raw: object, factor: float) -> object:
        if factor == 1.0:
            return raw
        try:
            number = self._number(raw)
        except Unreadable:
            return raw  # the field's own reader will say what is wrong
        return round(number * factor, 6) if isinstance(number, float) else raw

    def _empty(self, value: object) -> bool:
        if value is None:
            return True
        return isinstance(value, str) and (not clean(value) or fold(value) in self._blank)

    def _find(self, values: Mapping[str, object], column: Column) -> str | None:
        """The record's own name of a column."""
        names = tuple(values)
        index = self._keys.get(names)
        if index is None:
            index = self._keys[names] = {fold(name): name for name in names}
        return next((index[fold(name)] for name in column.sources if fold(name) in index), None)

    def _headings(self, batch: Batch) -> dict[str, object]:
        """What is said for the whole batch, by heading column."""
        said: dict[str, object] = {}
        if batch.columns is None and not batch.titles and not batch.file:
            return said  # a replay: each record has its own
        for name in dict.fromkeys(heading.field.name for heading in self._wide.headings):
            mine = [heading for heading in self._wide.headings if heading.field.name == name]
            found = {place: value for place in PLACES for value in _read(mine, place, batch) if value is not None}
            if len(set(found.values())) > 1:
                raise SourceChanged(
                    "files.headings_disagree", field=name, title=found["title"], file=found["file_name"]
                )
            if found:
                said[heading_column(name)] = next(iter(found.values()))
            elif mine[0].field.required and name not in self._given and not self._has_column(name, batch.columns):
                raise SourceChanged("files.no_heading", field=name)
        return said

    def _has_column(self, name: str, columns: Collection[str] | None) -> bool:
        there = {fold(column) for column in columns or ()}
        specs = (spec for spec in self._file.fields if spec.field.name == name)
        return any(fold(source) in there for spec in specs for source in spec.sources)


def _read(headings: Sequence[Heading], place: str, batch: Batch) -> Iterable[str | None]:
    """What the headings of one place say: the first that is found."""
    texts = batch.titles if place == "title" else (batch.file,)
    for heading in headings:
        if heading.place != place:
            continue
        for text in texts:
            found = heading.pattern.search(clean(unicodedata.normalize("NFC", text)))
            value = _value(heading, found.groupdict()) if found else None
            if value is not None:
                yield value
                return


def _value(heading: Heading, groups: Mapping[str, str | None]) -> str | None:
    if "value" in groups:
        text = clean(groups["value"] or "")
        if heading.codes is None:
            return text or None
        codes = {fold(code): value for code, value in heading.codes.items()}
        value = codes.get(fold(text))
        return None if value is None else str(value)
    part = {name: _NUMBERS.get(fold(text)) or text for name, text in groups.items() if text}
    match part:
        case {"year": year, "day": day, "month": month}:
            written = f"{year}{month:0>2}{day:0>2}"
        case {"year": year, "month": month}:
            written = f"{year}{month:0>2}"
        case {"year": year, "week": week}:
            written = f"{year}W{week}"
        case {"year": year, "quarter": quarter}:
            written = f"{year}Q{quarter}"
        case {"year": year, "half": half}:
            written = f"{year}S{half}"
        case {"year": year}:
            written = f"{year}"
        case _:
            return None
    try:
        return Period.parse(written).id
    except UsageError:
        return None


def _label(text: str) -> str:
    """A line's label for matching: without its number and the colon behind."""
    said = fold(text)
    while found := _NUMBERING.match(said):
        said = said[found.end() :]
    return said.rstrip(" :.;*")


def _has_digit(value: object) -> bool:
    """Rows without any number are signatures and notes; they name people and go nowhere."""
    return re.search(r"[0-9]", _said(value)) is not None


def _said(value: object) -> str:
    try:
        return as_text(value)
    except Unreadable:
        return ""
