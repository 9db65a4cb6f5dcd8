"""Numbers of a unit above many others, added up by the store: rows of single units are not read.

Units of one depth of the tree are never above one another, so what all of one depth told may be added up at once:
the numbers that stand when a window ends by when they were superseded, those that are added up over time by their
period. An element that was told at two depths, or in two types of period, goes the general way, unit by unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

import sqlalchemy as sa

from datasets.indicators.definition import Element
from datasets.indicators.observation_reads import Asked, alike, in_windows, said_of, stands
from datasets.indicators.observation_told import Added, Observed, Reading, Told, combined, new, only
from datasets.indicators.window import Window
from datasets.periods import Period, PeriodType
from datasets.store.tables import TABLES
from datasets.units_territory import Territory

Subtree = tuple[str, Territory]
"""A unit, by the boundaries of a territory."""


class Standing:
    """Sums of numbers of which the newest stands: each with the last window's end for which its numbers do."""

    def __init__(self, by_category: Mapping[str, Sequence[tuple[date, Observed]]]) -> None:
        self._by_category = by_category

    def categories(self) -> Collection[str]:
        return self._by_category

    def behind(self, category: str, windows: Sequence[Window]) -> list[Sequence[Observed]]:
        told = self._by_category.get(category, ())
        return [[row for until, row in told if row.start < window.end <= until] for window in windows]

    def readings(self, category: str, windows: Sequence[Window]) -> Sequence[Reading | None]:
        return [combined(rows) for rows in self.behind(category, windows)]


def read_sums(
    connection: sa.Connection,
    elements: Mapping[str, Element],
    asked: Mapping[str, Asked],
    unit: str,
    territory: Territory,
) -> dict[str, Told | None]:
    """Of each element what a unit and all below it told of the windows, added up; None where that cannot be done."""
    found: dict[str, list[Told | None]] = {name: [] for name in asked}
    for last, names, together in alike(elements, asked):
        for level in _levels(territory, unit):
            if some := together.units.intersection(level):
                read = _standing if last else _added
                for name, told in read(connection, elements, names, replace(together, units=some)).items():
                    found[name].append(told)
    return {name: NOBODY if not told else told[0] if len(told) == 1 else None for name, told in found.items()}


def _levels(territory: Territory, unit: str) -> Iterator[list[str]]:
    """The unit, the units below it, those below them, and so on."""
    level = [unit]
    while level:
        yield level
        level = [child for above in level for child in territory.below.get(above, ())]


NOBODY = Standing({})
"""What nobody told anything of."""


def _standing(
    connection: sa.Connection, elements: Mapping[str, Element], names: Sequence[str], asked: Asked
) -> Mapping[str, Told]:
    found: dict[str, dict[str, list[tuple[date, Observed]]]] = defaultdict(lambda: defaultdict(list))
    for name, category, period, until, source, value in _rows(connection, _standing_query, names, asked):
        told = Period.parse(period)
        row = "", name, category, period, told.start, told.end, value, only(source)
        found[name][category].append((until, new(Observed, row)))
    return {name: Standing(by_category) for name, by_category in found.items()}


def _added(
    connection: sa.Connection, elements: Mapping[str, Element], names: Sequence[str], asked: Asked
) -> Mapping[str, Told | None]:
    found: dict[str, list[Observed]] = defaultdict(list)
    types: dict[str, set[PeriodType]] = defaultdict(set)
    for name, category, period, source, value in _rows(connection, _added_query, names, asked):
        told = Period.parse(period)
        if told.type is not PeriodType.DAY or PeriodType.DAY in elements[name].periods:
            types[name].add(told.type)
            row = "", name, category, period, told.start, told.end, value, only(source)
            found[name].append(new(Observed, row))
    return {name: Added(rows) if len(types[name]) == 1 else None for name, rows in found.items()}


def _rows(connection: sa.Connection, query: Any, names: Sequence[str], asked: Asked) -> Sequence[Any]:
    every = asked.categories is None
    return connection.execute(query(every=every), said_of(names, asked)).all()


_C = TABLES["observation"].c


@cache
def _standing_query(*, every: bool) -> sa.Select[tuple[Any, ...]]:
    """Element, category, period, until when they stand, source, sum of the numbers."""
    series = (_C.element, _C.category, _C.period, _C.superseded_on, _C.source)
    return sa.select(*series, sa.func.sum(_C.value)).where(*stands(every=every)).group_by(*series)


@cache
def _added_query(*, every: bool) -> sa.Select[tuple[Any, ...]]:
    """Element, category, period, source, sum of the numbers."""
    series = (_C.element, _C.category, _C.period, _C.source)
    return sa.select(*series, sa.func.sum(_C.value)).where(*in_windows(every=every)).group_by(*series)
