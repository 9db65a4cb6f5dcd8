"""Numbers of a unit above many others, added up by the store: rows of single units are not read.

Units of one depth of the tree are never above one another, so what all of one depth told may be added up at once:
the numbers that stand when a window ends by when they were superseded, those that are added up over time by their
period. An element that was told at two depths, or in two types of period, goes the general way, unit by unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from itertools import repeat
from typing import Any

import sqlalchemy as sa

from datasets.indicators.definition import Element
from datasets.indicators.observation_asked import Asked, alike
from datasets.indicators.observation_reads import Shape, in_windows, observed, said_of, shape_of, stands
from datasets.indicators.observation_told import Added, Observed, Reading, Told, combined
from datasets.indicators.window import Windows
from datasets.periods import Period, PeriodType
from datasets.store.ready import Ready
from datasets.store.tables import TABLES
from datasets.store.two_at_a_time import Read
from datasets.units_territory import Territory

Subtree = tuple[str, Territory]
"""A unit, by the boundaries of a territory."""


class Standing:
    """Sums of numbers of which the newest stands: each with the last window's end for which its numbers do."""

    def __init__(self, by_category: Mapping[str, Sequence[tuple[date, Observed]]]) -> None:
        self._by_category = by_category

    def categories(self) -> Collection[str]:
        return self._by_category

    def behind(self, category: str, windows: Windows) -> list[Sequence[Observed]]:
        told = self._by_category.get(category, ())
        return [[row for until, row in told if row.start < window.end <= until] for window in windows]

    def readings(self, category: str, windows: Windows) -> Sequence[Reading | None]:
        return [combined(rows) for rows in self.behind(category, windows)]


class Sums:
    """Of each element what a unit and all below it told of the windows, added up."""

    def __init__(self, elements: Mapping[str, Element], asked: Mapping[str, Asked], subtree: Subtree) -> None:
        self.asked = asked
        self._found: dict[str, list[Told | None]] = {name: [] for name in asked}
        unit, territory = subtree
        self.reads: list[Read[None]] = []
        """What reads it, in any order."""
        for last, names, together in alike(elements, asked):
            for level in _levels(territory, unit):
                if some := together.units.intersection(level):
                    read = partial(_standing if last else _added, elements, names, replace(together, units=some))
                    self.reads.append(partial(self._read, read))

    def _read(self, read: Read[Mapping[str, Told | None]], connection: sa.Connection) -> None:
        for name, told in read(connection).items():
            self._found[name].append(told)

    def told(self) -> dict[str, Told | None]:
        """By element, once it is read; None where it cannot be added up so."""
        found = self._found.items()
        return {name: NOBODY if not told else told[0] if len(told) == 1 else None for name, told in found}


def _levels(territory: Territory, unit: str) -> Iterator[list[str]]:
    """The unit, the units below it, those below them, and so on."""
    level = [unit]
    while level:
        yield level
        level = [child for above in level for child in territory.below.get(above, ())]


NOBODY = Standing({})
"""What nobody told anything of."""


def _standing(
    elements: Mapping[str, Element], names: Sequence[str], asked: Asked, connection: sa.Connection
) -> Mapping[str, Told]:
    found: dict[str, dict[str, list[tuple[date, Observed]]]] = defaultdict(lambda: defaultdict(list))
    if columns := _columns(connection, _standing_query, names, asked):
        *told, until = columns
        for each, row in zip(until, observed(repeat(""), *told), strict=True):
            found[row.element][row.category].append((each, row))
    return {name: Standing(by_category) for name, by_category in found.items()}


def _added(
    elements: Mapping[str, Element], names: Sequence[str], asked: Asked, connection: sa.Connection
) -> Mapping[str, Told | None]:
    found: dict[str, list[Observed]] = defaultdict(list)
    types: dict[str, set[PeriodType]] = defaultdict(set)
    if columns := _columns(connection, _added_query, names, asked):
        for row in observed(repeat(""), *columns):
            kind = Period.parse(row.period).type
            if kind is not PeriodType.DAY or PeriodType.DAY in elements[row.element].periods:
                types[row.element].add(kind)
                found[row.element].append(row)
    return {name: Added(rows) if len(types[name]) == 1 else None for name, rows in found.items()}


def _columns(
    connection: sa.Connection, query: Callable[[Shape], Ready], names: Sequence[str], asked: Asked
) -> list[Sequence[Any]]:
    return query(shape_of(names, asked)).columns(connection, said_of(names, asked))


_C = TABLES["observation"].c
_SUM = sa.func.sum(_C.value)


@lru_cache(maxsize=256)
def _standing_query(shape: Shape) -> Ready:
    """Element, category, period, sum of the numbers, source, until when they stand."""
    told = sa.select(_C.element, _C.category, _C.period, _SUM, _C.source, _C.superseded_on).where(*stands(shape))
    return Ready(told.group_by(_C.element, _C.category, _C.period, _C.superseded_on, _C.source))


@lru_cache(maxsize=256)
def _added_query(shape: Shape) -> Ready:
    """Element, category, period, sum of the numbers, source."""
    told = sa.select(_C.element, _C.category, _C.period, _SUM, _C.source).where(*in_windows(shape))
    return Ready(told.group_by(_C.element, _C.category, _C.period, _C.source))
