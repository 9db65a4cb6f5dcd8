"""One computation for many units: the rows are counted by the code they are booked under, then given to the units.

Whatever the number of units, each question goes to the store once. Counts and sums add
up; a median is taken anew of each unit's own rows; a ratio is made of the added components.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

import sqlalchemy as sa

from datasets.indicators.definition import Component
from datasets.indicators.lifecycle_figures import ByMember, LifecycleFigures, Numbers, Sample, add_up, weighted_median
from datasets.indicators.window import Window
from datasets.schema import BY_NAME
from datasets.schema.dataset import Dataset
from datasets.store.listed import listed, named
from datasets.store.ready import Ready
from datasets.store.tables import SOURCE_STATE, TABLES


@dataclass(frozen=True, slots=True)
class ByUnit:
    """What LifecycleFigures gives by code (its scope is broken down by "unit"), given to the units.

    owners   of each code the units that its rows count to
    """

    figures: LifecycleFigures
    owners: Mapping[str, Sequence[str]]

    def count(self, component: Component, windows: Sequence[Window]) -> ByMember:
        found: ByMember = {}
        for code, numbers in self.figures.count(component, windows).items():
            for unit in self.owners.get(code, ()):
                add_up(found, unit, numbers)
        return found

    def total(self, component: Component, window: Window) -> Sample:
        sample = self.figures.total(component, window)
        return Sample(self._added(sample.values), self._added(sample.rows))

    def median(self, component: Component, window: Window) -> Sample:
        found: dict[str, list[tuple[float, int]]] = defaultdict(list)
        for code, pairs in self.figures.spread(component, window).items():
            for unit in self.owners.get(code, ()):
                found[unit] += pairs
        return Sample(
            {unit: weighted_median(sorted(pairs)) for unit, pairs in found.items()},
            {unit: sum(rows for _, rows in pairs) for unit, pairs in found.items()},
        )

    def _added(self, numbers: Numbers) -> Numbers:
        found: dict[str, float] = defaultdict(float)
        for code, number in numbers.items():
            for unit in self.owners.get(code, ()):
                found[unit] += number
        return found


@dataclass(frozen=True, slots=True)
class Known:
    """Of one code in one dataset: the first day anything is counted on, and the sources of its rows."""

    since: date
    sources: frozenset[str]


def known_of(
    connection: sa.Connection, dataset: Dataset, codes: Sequence[str], sources: Sequence[str]
) -> dict[str, Known]:
    """What the store knows of each code; codes without anything are left out.

    Asked by seeking in the keys, which begin with the unit, so that it does not grow with the years.
    """
    if not codes:
        return {}
    asked = named("code", codes) | named("source", sources)
    since: dict[str, date] = {}
    told: dict[str, set[str]] = defaultdict(set)
    columns = _known_query(dataset.name, len(codes), len(sources)).columns(connection, asked)
    for code, day, source in zip(*columns, strict=True):
        if day is not None:
            since[code] = day
            if source is not None:
                told[code].add(source)
    return {code: Known(day, frozenset(told[code])) for code, day in since.items()}


def sources_as_of(connection: sa.Connection) -> dict[str, datetime | None]:
    """Of every source, the moment up to which it has told us what it has."""
    return dict(zip(*_AS_OF.columns(connection, {}), strict=True))


_AS_OF = Ready(sa.select(SOURCE_STATE.c.source, SOURCE_STATE.c.as_of))


@lru_cache(maxsize=256)
def _known_query(dataset: str, codes: int, sources: int) -> Ready:
    """Each code, the first day anything of it is counted on, and each source that has rows of it."""
    daily, rows, asked = TABLES[BY_NAME[dataset].rollups[0].name], TABLES[dataset], listed("code", codes)
    first = sa.select(sa.func.min(daily.c.day)).where(daily.c.unit == asked.c.code).scalar_subquery().label("since")
    if not sources:
        return Ready(sa.select(asked.c.code, first, sa.null().label("source")))
    told = listed("source", sources)
    has_rows = sa.exists().where(rows.c.unit == asked.c.code, rows.c.source == told.c.source)
    return Ready(sa.select(asked.c.code, first, told.c.source).select_from(asked.outerjoin(told, has_rows)))
