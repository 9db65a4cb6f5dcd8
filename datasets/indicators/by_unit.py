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
from datasets.store.listed import as_text, listed, named
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
    """What the store knows of each code, in two statements; codes without anything are left out.

    Asked by seeking in the keys, which begin with the unit, so that it does not grow with the years.
    """
    if not codes:
        return {}
    asked = connection.execute(_since_query(dataset.name, len(codes)), named("code", codes))
    since = {code: day for code, day in asked if day is not None}
    told: dict[str, set[str]] = defaultdict(set)
    if since and sources:
        pairs = named("code", tuple(since)) | named("source", sources)
        for code, source in connection.execute(_sources_query(dataset.name, len(since), len(sources)), pairs):
            told[code].add(source)
    return {code: Known(day, frozenset(told[code])) for code, day in since.items()}


def sources_as_of(connection: sa.Connection) -> dict[str, datetime | None]:
    """Of every source, the moment up to which it has told us what it has."""
    return {row.source: row.as_of for row in connection.execute(_AS_OF)}


_AS_OF = sa.select(SOURCE_STATE.c.source, SOURCE_STATE.c.as_of)


@lru_cache(maxsize=256)
def _since_query(dataset: str, codes: int) -> sa.TextualSelect:
    daily, asked = TABLES[BY_NAME[dataset].rollups[0][0]], listed("code", codes)
    first = sa.select(sa.func.min(daily.c.day)).where(daily.c.unit == asked.c.code).scalar_subquery()
    return as_text(sa.select(asked.c.code, first.label("since")))


@lru_cache(maxsize=256)
def _sources_query(dataset: str, codes: int, sources: int) -> sa.TextualSelect:
    rows, asked, told = TABLES[dataset], listed("code", codes), listed("source", sources)
    has_rows = sa.exists().where(rows.c.unit == asked.c.code, rows.c.source == told.c.source)
    pairs = sa.select(asked.c.code, told.c.source).select_from(asked.join(told, sa.true()))
    return as_text(pairs.where(has_rows))
