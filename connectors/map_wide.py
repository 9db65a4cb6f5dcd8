"""What a field map says of tables that are not one observation per row; how to write it
is in field_map.py, what is done with it in unfold.py and counting.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol

import yaml

from connectors.sums import Sum, read_sums
from datasets.schema.dataset import Dataset, Field, FieldType

WIDE_KEYS = ("values", "sums", "lines", "title", "file_name", "count")
ELEMENT, VALUE, CATEGORY = "@element", "@value", "@category"
"""Names of the columns that unfolding adds to a record; no sheet has a column named like this."""

Place = Literal["title", "file_name"]
PLACES: tuple[Place, ...] = ("title", "file_name")
PERIOD_PARTS = ("day", "month", "week", "quarter", "half", "year")


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its names. `optional`: it may be absent without the source counting as changed."""

    sources: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """What a cell is the value of."""

    element: str
    category: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """One line per indicator: what each cell of a line is the value of.

    codes     label of the line -> column key -> target; None: the line is known and not wanted
    factors   what the values are multiplied by, by the text in the column `measure`
    """

    label: Column
    columns: dict[str, Column]
    codes: dict[str, dict[str, Target] | None]
    measure: Column | None = None
    factors: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Heading:
    """A field said once for the whole file, above the header or in the file's name."""

    field: Field
    place: Place
    pattern: re.Pattern[str]
    codes: dict[str, object] | None
    line: int


@dataclass(frozen=True, slots=True)
class Dimension:
    """What rows are counted by. codes None: the text itself."""

    column: Column
    codes: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Count:
    """One element counted from rows.

    by      groupings beside the total, each of some dimensions
    where   column -> the texts of which it must hold one
    add, less   the columns whose numbers a row counts for and that are taken off; a row
            counts for 1 when there are none
    """

    element: str
    by: tuple[tuple[str, ...], ...]
    where: tuple[tuple[Column, frozenset[str]], ...]
    add: tuple[Column, ...] = ()
    less: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Counting:
    """Rows counted at the door. `each`: a row counts where this column is filled.

    known   texts of columns that `where` looks at which are known and counted by no element
    """

    each: Column
    dimensions: dict[str, Dimension]
    counts: tuple[Count, ...]
    known: tuple[tuple[Column, frozenset[str]], ...] = ()


@dataclass(slots=True)
class Wide:
    """Everything of a map that is not one observation per row."""

    values: tuple[tuple[Target, Column], ...] = ()
    sums: tuple[Sum, ...] = ()
    lines: Lines | None = None
    headings: tuple[Heading, ...] = ()
    counting: Counting | None = None

    @property
    def unfolds(self) -> bool:
        """Whether a record becomes several observations."""
        return bool(self.values or self.lines)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Every column read here."""
        found = [column for _, column in self.values]
        if self.lines:
            found += [self.lines.label, *self.lines.columns.values()]
            found += [self.lines.measure] if self.lines.measure else []
        if self.counting:
            found += [self.counting.each, *(dimension.column for dimension in self.counting.dimensions.values())]
            found += [column for count in self.counting.counts for column, _ in count.where]
            found += [column for count in self.counting.counts for column in (*count.add, *count.less)]
        return tuple(found)

    @property
    def required(self) -> tuple[tuple[str, ...], ...]:
        """Groups of columns of which a row must fill one each to be a record."""
        groups = []
        if self.values:
            groups.append(tuple(name for _, column in self.values for name in column.sources))
        if self.lines:
            groups.append(self.lines.label.sources)
            groups.append(tuple(name for column in self.lines.columns.values() for name in column.sources))
        if self.counting:
            groups.append(self.counting.each.sources)
        return tuple(groups)

    @property
    def categorised(self) -> bool:
        """Whether some target names a category of its own."""
        targets = [target for target, _ in self.values]
        if self.lines:
            targets += [target for line in self.lines.codes.values() for target in (line or {}).values()]
        return any(target.category for target in targets)

    @property
    def elements(self) -> tuple[str, ...]:
        """Every element that comes of it."""
        found = [target.element for target, _ in self.values]
        if self.lines:
            found += [target.element for line in self.lines.codes.values() for target in (line or {}).values()]
        if self.counting:
            found += [count.element for count in self.counting.counts]
        return tuple(dict.fromkeys(found))


class Reader(Protocol):
    """The parts of map_file's reader that are used here."""

    def fault(self, node: yaml.Node | int, key: str, **params: object) -> None: ...
    def entries(
        self, node: yaml.Node, known: tuple[str, ...] | None = None
    ) -> Iterator[tuple[str, yaml.Node, yaml.Node]]: ...
    def text_at(self, node: yaml.Node) -> str | None: ...
    def texts_at(self, node: yaml.Node | None) -> tuple[str, ...]: ...
    def scalar_at(self, node: yaml.Node | None) -> object: ...
    def declared(self, dataset: Dataset, name: str, node: yaml.Node) -> Field | None: ...
    def canonical(self, declared: Field, node: yaml.Node) -> object: ...


def read_wide(reader: Reader, dataset: Dataset, top: dict[str, yaml.Node]) -> Wide:
    """The wide parts of a map; faults go to the reader."""
    wide = Wide()
    for name in ("values", "lines", "count"):
        if name in top and dataset.name != "observation":
            reader.fault(top[name], "map.only_observation", name=name)
            return wide
    said = [name for name in ("values", "lines", "count") if name in top]
    if len(said) > 1:
        reader.fault(top[said[1]], "map.two_shapes", names=", ".join(said))
    if "values" in top:
        wide.values = tuple((_target(name), _column(reader, value)) for name, _, value in reader.entries(top["values"]))
    if "sums" in top:
        whole = dict.fromkeys(target.element for target, _ in wide.values if not target.category)
        wide.sums = read_sums(reader, top["sums"], whole)
    if "lines" in top:
        wide.lines = _lines(reader, top["lines"])
    if "count" in top:
        wide.counting = _counting(reader, top["count"])
    wide.headings = tuple(
        heading for place in PLACES if place in top for heading in _headings(reader, dataset, place, top[place])
    )
    return wide


def heading_column(name: str) -> str:
    """The column that a field said above the header gets: "@period"."""
    return f"@{name}"


def _target(written: str) -> Target:
    element, _, category = written.partition("/")
    return Target(element.strip(), category.strip())


def _column(reader: Reader, node: yaml.Node) -> Column:
    if not isinstance(node, yaml.MappingNode):
        return Column(reader.texts_at(node))
    said = {name: value for name, _, value in reader.entries(node, ("from", "optional"))}
    if "from" not in said:
        reader.fault(node, "map.key_missing", name="from")
    return Column(reader.texts_at(said.get("from")), reader.scalar_at(said.get("optional")) is True)


def _lines(reader: Reader, node: yaml.Node) -> Lines:
    said = {name: value for name, _, value in reader.entries(node, ("from", "columns", "codes", "measure"))}
    for key in ("from", "columns", "codes"):
        if key not in said:
            reader.fault(node, "map.key_missing", name=key)
    columns = {}
    for name, _, value in reader.entries(said["columns"]) if "columns" in said else ():
        columns[name] = _column(reader, value)
    codes: dict[str, dict[str, Target] | None] = {}
    for label, _, value in reader.entries(said["codes"]) if "codes" in said else ():
        codes[label] = _line_targets(reader, value, columns)
    measure, factors = None, dict[str, float]()
    if "measure" in said:
        parts = {name: value for name, _, value in reader.entries(said["measure"], ("from", "codes"))}
        measure = Column(reader.texts_at(parts.get("from")))
        for written, _, value in reader.entries(parts["codes"]) if "codes" in parts else ():
            factor = reader.scalar_at(value)
            if isinstance(factor, bool) or not isinstance(factor, int | float):
                reader.fault(value, "map.factor", value=factor)
                continue
            factors[written] = float(factor)
    return Lines(Column(reader.texts_at(said.get("from"))), columns, codes, measure, factors)


def _line_targets(reader: Reader, node: yaml.Node, columns: dict[str, Column]) -> dict[str, Target] | None:
    if isinstance(node, yaml.MappingNode):
        targets = {}
        for key, at, value in reader.entries(node):
            if key not in columns:
                reader.fault(at, "map.unknown_key", name=key, known=", ".join(columns))
            targets[key] = _target(reader.text_at(value) or "")
        return targets
    if reader.scalar_at(node) is None:
        return None
    if len(columns) != 1:
        reader.fault(node, "map.which_column", known=", ".join(columns))
    return {key: _target(reader.text_at(node) or "") for key in columns}


def _headings(reader: Reader, dataset: Dataset, place: Place, node: yaml.Node) -> Iterator[Heading]:
    for name, at, value in reader.entries(node):
        declared = reader.declared(dataset, name, at)
        said = {key: inner for key, _, inner in reader.entries(value, ("pattern", "codes"))}
        if declared is None or "pattern" not in said:
            if declared is not None:
                reader.fault(value, "map.key_missing", name="pattern")
            continue
        pattern = _pattern(reader, declared, said["pattern"])
        codes = None
        if "codes" in said:
            codes = {code: reader.canonical(declared, inner) for code, _, inner in reader.entries(said["codes"])}
        if pattern is not None:
            yield Heading(declared, place, pattern, codes, at.start_mark.line + 1)


def _pattern(reader: Reader, declared: Field, node: yaml.Node) -> re.Pattern[str] | None:
    written = reader.text_at(node) or ""
    try:
        pattern = re.compile(unicodedata.normalize("NFC", written), re.IGNORECASE)
    except re.error as error:
        reader.fault(node, "map.pattern", value=written, reason=error)
        return None
    groups = set(pattern.groupindex)
    of_period = "year" in groups and groups <= set(PERIOD_PARTS) and ("day" not in groups or "month" in groups)
    if groups != {"value"} and not (declared.type is FieldType.PERIOD and of_period):
        reader.fault(node, "map.pattern_groups", value=written, known=", ".join(PERIOD_PARTS))
        return None
    return pattern


def _counting(reader: Reader, node: yaml.Node) -> Counting:
    said = {name: value for name, _, value in reader.entries(node, ("each", "dimensions", "elements", "known"))}
    for key in ("each", "elements"):
        if key not in said:
            reader.fault(node, "map.key_missing", name=key)
    dimensions = {}
    for name, _, value in reader.entries(said["dimensions"]) if "dimensions" in said else ():
        codes = None
        if isinstance(value, yaml.MappingNode):
            parts = {key: inner for key, _, inner in reader.entries(value, ("from", "codes", "optional"))}
            column = Column(reader.texts_at(parts.get("from")), reader.scalar_at(parts.get("optional")) is True)
            if "codes" in parts:
                codes = {code: reader.text_at(inner) or "" for code, _, inner in reader.entries(parts["codes"])}
        else:
            column = Column(reader.texts_at(value))
        dimensions[name] = Dimension(column, codes)
    counts = tuple(
        _count(reader, name, value, dimensions)
        for name, _, value in (reader.entries(said["elements"]) if "elements" in said else ())
    )
    asked = {name for count in counts for column, _ in count.where for name in column.sources}
    known = []
    for name, at, value in reader.entries(said["known"]) if "known" in said else ():
        if name not in asked:
            reader.fault(at, "map.unknown_key", name=name, known=", ".join(sorted(asked)))
        known.append((Column((name,)), frozenset(reader.texts_at(value))))
    return Counting(Column(reader.texts_at(said.get("each"))), dimensions, counts, tuple(known))


def _count(reader: Reader, element: str, node: yaml.Node, dimensions: dict[str, Dimension]) -> Count:
    said = {name: value for name, _, value in reader.entries(node, ("by", "where", "sum", "less"))}
    groupings: list[tuple[str, ...]] = []
    if "by" in said:
        by = said["by"]
        nested = isinstance(by, yaml.SequenceNode) and any(isinstance(item, yaml.SequenceNode) for item in by.value)
        groupings = [reader.texts_at(item) for item in by.value] if nested else [reader.texts_at(by)]
        for name in (name for grouping in groupings for name in grouping):
            if name not in dimensions:
                reader.fault(by, "map.unknown_key", name=name, known=", ".join(dimensions))
                groupings = []
    where = tuple(
        (Column((name,)), frozenset(reader.texts_at(value)))
        for name, _, value in (reader.entries(said["where"]) if "where" in said else ())
    )
    if "less" in said and "sum" not in said:
        reader.fault(node, "map.key_missing", name="sum")
    add, less = (_summed(reader, said[key]) if key in said else () for key in ("sum", "less"))
    return Count(element, tuple(grouping for grouping in groupings if grouping), where, add, less)


def _summed(reader: Reader, node: yaml.Node) -> tuple[Column, ...]:
    """One column by its names, or a list of such lists."""
    if isinstance(node, yaml.SequenceNode) and any(isinstance(item, yaml.SequenceNode) for item in node.value):
        return tuple(Column(reader.texts_at(item)) for item in node.value)
    return (Column(reader.texts_at(node)),)
