"""Rows of people, counted as they are read: only counts leave, no row is kept.

A row counts where its `each` column is filled. Rows are grouped by what the map's
`fields` say of them (unit, period), so that two ways to write one day are one day; a
row of which that cannot be read is set aside without its values.

Nothing is left uncounted in silence. What a dimension does not know is its member "?";
a row is set aside when a condition (`where`) decides over it by a text that the map does
not know, unless the column is a dimension too, which then counts it as "?". Texts that differ in
capitals only are one member, spelled as the first of them; `respelled` rows had another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product

from connectors.map_dates import Unreadable
from connectors.map_values import as_text, number_reader
from connectors.map_wide import Column, Count, Counting, Dimension
from datasets.schema.dataset import Row
from datasets.vietnamese import caseless, fold

MOST_KNOWN = 4096
"""Numbers remembered as read: those of classes recur."""
UNCLEAR = "?"
"""The member of a dimension that a row leaves blank or says in an unknown way."""

Group = tuple[tuple[str, object], ...]


class Tally:
    """Counts one delivery's rows. `blank`: what stands in a cell of numbers for nothing."""

    def __init__(self, counting: Counting, blank: Collection[str] = ()) -> None:
        self._counting = counting
        self._codes = {
            name: None if dimension.codes is None else {fold(code): member for code, member in dimension.codes.items()}
            for name, dimension in counting.dimensions.items()
        }
        self._where = [
            [(column, frozenset(map(fold, texts))) for column, texts in count.where] for count in counting.counts
        ]
        self._conditions = _conditions(counting)
        self._number = number_reader(whole=True)
        self._known: dict[str, int | None] = dict.fromkeys(blank)
        self._summed = tuple(dict.fromkeys(column for count in counting.counts for column in (*count.add, *count.less)))
        self._terms = [
            ([self._summed.index(c) for c in count.add], [self._summed.index(c) for c in count.less])
            if count.add
            else None
            for count in counting.counts
        ]
        self._found: dict[Group, list[Counter[str]]] = {}
        self._keys: dict[tuple[str, ...], dict[str, str]] = {}
        self._spelled: dict[tuple[str, str], str] = {}
        self.respelled = 0

    def counts(self, values: Mapping[str, object]) -> bool:
        """Whether a row is a person at all; a pre-numbered empty line is not."""
        return bool(self._text(values, self._counting.each))

    def unclear(self, values: Mapping[str, object]) -> str:
        """The column whose text nobody knows and that decides whether the row counts; "" when all is clear."""
        if not self._conditions:
            return ""
        said = {column: fold(self._text(values, column)) for column in self._conditions}
        strange = {column for column, text in said.items() if text not in self._conditions[column]}
        if not strange:
            return ""
        for conditions in self._where:
            known = [(column, texts) for column, texts in conditions if column in said and column not in strange]
            if any(said[column] not in texts for column, texts in known):
                continue  # out by what is known, whatever the rest says
            for column, _ in conditions:
                if column in strange:
                    return column.sources[0]
        return ""

    def add(self, row: Row, values: Mapping[str, object], worth: Sequence[int]) -> None:
        """Count one row: `row` is what it says of unit and period, `values` the source's own."""
        group = tuple(sorted(row.items()))
        found = self._found.get(group) or self._found.setdefault(group, [Counter() for _ in self._where])
        said = {name: self._member(name, dimension, values) for name, dimension in self._counting.dimensions.items()}
        members = {name: self._shown(name, member) for name, member in said.items()}
        self.respelled += members != said
        for place, count in enumerate(self._counting.counts):
            if not all(fold(self._text(values, column)) in texts for column, texts in self._where[place]):
                continue
            number = worth[place]
            found[place][""] += number
            for grouping in count.by:
                found[place][_category(grouping, [members[name] for name in grouping])] += number

    def worth(self, values: Mapping[str, object]) -> list[int] | str:
        """What a row counts for, by place of the element: 1, or what its cells sum up to; or the code of what is
        wrong with them. A blank cell is 0, but nothing is taken off a blank.
        """
        try:
            cells = [self._cell(values, column) for column in self._summed]
        except Unreadable as fault:
            return fault.code
        found = []
        for terms in self._terms:
            if terms is None:
                found.append(1)
                continue
            added, taken = terms
            if taken and all(cells[at] is None for at in added):
                return "required"
            number = sum(cells[at] or 0 for at in added) - sum(cells[at] or 0 for at in taken)
            if number < 0:
                return "too_small"
            found.append(number)
        return found

    def _cell(self, values: Mapping[str, object], column: Column) -> int | None:
        said = self._text(values, column)
        if said in self._known:
            return self._known[said]
        number = self._number(said)
        if isinstance(number, int) and number < 0:
            raise Unreadable("too_small")
        if len(self._known) < MOST_KNOWN:
            self._known[said] = number if isinstance(number, int) else None
        return number if isinstance(number, int) else None

    def rows(self) -> Iterator[Row]:
        """The observations, once all rows are counted."""
        for group, found in self._found.items():
            for count, counted in zip(self._counting.counts, found, strict=True):
                for category in dict.fromkeys(("", *self._declared(count), *counted)):
                    value = float(counted[category])
                    yield {**dict(group), "element": count.element, "category": category, "value": value}

    def _declared(self, count: Count) -> Iterator[str]:
        """Every combination of declared members, so that one that is no longer there becomes 0."""
        for grouping in count.by:
            dimensions = [self._counting.dimensions[name] for name in grouping]
            if all(dimension.codes is not None for dimension in dimensions):
                for combined in product(*(dict.fromkeys((d.codes or {}).values()) for d in dimensions)):
                    shown = [self._shown(name, member) for name, member in zip(grouping, combined, strict=True)]
                    yield _category(grouping, shown)

    def _member(self, name: str, dimension: Dimension, values: Mapping[str, object]) -> str:
        text = self._text(values, dimension.column)
        codes = self._codes[name]
        if codes is None:
            return text.replace(";", ",").replace("=", "-") or UNCLEAR
        return codes.get(fold(text), UNCLEAR)

    def _shown(self, name: str, member: str) -> str:
        """The spelling of a member that came first: those that differ in capitals only are one."""
        return self._spelled.setdefault((name, caseless(member)), member)

    def _text(self, values: Mapping[str, object], column: Column) -> str:
        names = tuple(values)
        index = self._keys.get(names)
        if index is None:
            index = self._keys[names] = {fold(name): name for name in names}
        for name in column.sources:
            if (found := index.get(fold(name))) is not None:
                try:
                    return as_text(values[found])
                except Unreadable:
                    return ""
        return ""


def _conditions(counting: Counting) -> dict[Column, frozenset[str]]:
    """What is known of each column that decides over rows, folded; those that are dimensions too are left out."""
    divided = {fold(name) for dimension in counting.dimensions.values() for name in dimension.column.sources}
    known: dict[Column, frozenset[str]] = {}
    asked = [condition for count in counting.counts for condition in count.where]
    for column, texts in (*asked, *counting.known):
        if not divided.intersection(map(fold, column.sources)):
            known[column] = known.get(column, frozenset()) | frozenset(map(fold, texts))
    return known


def _category(names: tuple[str, ...], members: tuple[str, ...] | list[str]) -> str:
    return ";".join(f"{name}={member}" for name, member in zip(names, members, strict=True))
