"""One computation for many units: the rows are counted by the code they are booked under, then given to the units.

Whatever the number of units, each question goes to the store once. Counts and sums add
up; a median is taken anew of each unit's own rows; a ratio is made of the added components.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from datasets.indicators.definition import Component
from datasets.indicators.lifecycle_figures import LifecycleFigures, Numbers, Sample, weighted_median
from datasets.indicators.window import Window
from datasets.store.tables import SOURCE_STATE


@dataclass(frozen=True, slots=True)
class ByUnit:
    """What LifecycleFigures gives by code (its scope is broken down by "unit"), given to the units.

    owners   of each code the units that its rows count to
    """

    figures: LifecycleFigures
    owners: Mapping[str, Sequence[str]]

    def count(self, component: Component, window: Window) -> Numbers:
        return self._added(self.figures.count(component, window))

    def total(self, component: Component, window: Window) -> Sample:
        sample = self.figures.total(component, window)
        return Sample(self._added(sample.values), self._added(sample.rows))

    def median(self, component: Component, window: Window) -> Sample:
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
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
    connection: sa.Connection, rows: sa.Table, daily: sa.Table, codes: Sequence[str], sources: Sequence[str]
) -> dict[str, Known]:
    """What the store knows of each code, in two statements; codes without anything are left out.

    Asked by seeking in the keys, which begin with the unit, so that it does not grow with the years.
    """
    if not codes:
        return {}
    asked = _list("code", codes)
    first = sa.select(sa.func.min(daily.c.day)).where(daily.c.unit == asked.c.code).scalar_subquery()
    since = {row[0]: row[1] for row in connection.execute(sa.select(asked.c.code, first)) if row[1] is not None}
    told: dict[str, set[str]] = defaultdict(set)
    if since and sources:
        with_data, named = _list("code", list(since)), _list("source", sources)
        has_rows = sa.exists().where(rows.c.unit == with_data.c.code, rows.c.source == named.c.source)
        for code, source in connection.execute(
            sa.select(with_data.c.code, named.c.source).select_from(with_data.join(named, sa.true())).where(has_rows)
        ):
            told[code].add(source)
    return {code: Known(day, frozenset(told[code])) for code, day in since.items()}


def sources_as_of(connection: sa.Connection) -> dict[str, datetime | None]:
    """Of every source, the moment up to which it has told us what it has."""
    return {row.source: row.as_of for row in connection.execute(sa.select(SOURCE_STATE.c.source, SOURCE_STATE.c.as_of))}


def _list(column: str, members: Sequence[str]) -> sa.CTE:
    return sa.values(sa.column(column, sa.Text), name=f"asked_{column}").data([(each,) for each in members]).cte()
