"""How many rows a list holds: by unit, and by the day a long list is walked by.

Without a search the number is the figure's own, out of the daily counts; a search, or a
filter that the daily counts do not keep, is counted from the rows. Both say the same
(tests/datasets/test_records_count.py).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from datasets.indicators.daily import NOTHING, Scope, Series
from datasets.indicators.definition import Component
from datasets.indicators.figure_plan import FigurePlan
from datasets.indicators.lifecycle_figures import LifecycleFigures
from datasets.indicators.lifecycle_plan import Found, Plan
from datasets.indicators.lifecycle_rows import RowRules
from datasets.indicators.window import Window, Windows
from datasets.schema.dataset import Dataset

DAY_OF_KIND = {
    "received": "received_on",
    "resolved": "end_on",
    "refused": "end_on",
    "withdrawn": "end_on",
    "stopped": "end_on",
}
"""The indexed day on which a row of one kind of count counts: by it a long list is walked."""


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows by unit, units without any left out.

    days   by unit the rows of each day, where they were counted on the way; else empty
    """

    units: Mapping[str, int]
    days: Mapping[str, Series] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.units.values())


@dataclass(frozen=True, slots=True)
class Counting:
    """Counts the rows of one question.

    narrow   further conditions on the rows, beside unit, kind and `component.where`
    """

    dataset: Dataset
    row_rules: RowRules
    component: Component
    window: Window
    codes: tuple[str, ...]
    filters: Mapping[str, object]
    narrow: Sequence[sa.ColumnElement[bool]]
    searched: bool

    @property
    def kind(self) -> str:
        return str(self.component.count or self.component.of)

    @property
    def day(self) -> str | None:
        return DAY_OF_KIND.get(self.kind)

    @property
    def as_figure(self) -> bool:
        """Whether the figure's own count is the number of rows, and its daily counts keep the filters."""
        kept = {"unit", *self.dataset.rollup_by}
        return not self.searched and self.component.kind == "count" and set(self.filters) <= kept

    def count(self, connection: sa.Connection) -> RowCounts:
        """The rows of each unit."""
        if not self.as_figure:
            return self._by_rows(connection)
        counts = self._figures(connection, self.codes).count(self.component, Windows([self.window]))
        return RowCounts({unit: rows for unit, (rows,) in sorted(counts.items()) if rows})

    def days_of(self, connection: sa.Connection, unit: str) -> Series:
        """The rows of one unit by the day they count on; nothing for a kind that has no such day."""
        if self.day is None:
            return NOTHING
        if not self.as_figure:
            return self._by_rows(connection).days.get(unit, NOTHING)
        figures = self._figures(connection, (unit,), each_day=True)
        return figures.by_day(self.component, self.window).get(unit, NOTHING)

    def _figures(
        self, connection: sa.Connection, codes: tuple[str, ...], *, each_day: bool = False
    ) -> LifecycleFigures:
        plan = Plan(self.row_rules.day.today, connection.dialect.name)
        scope = plan.scope(self.dataset, Scope(codes, "unit", self.filters))
        figures = FigurePlan(scope, self.row_rules.day, [self.component], [self.window], each_day=each_day)
        found = Found(plan)
        for take in [found.ask(read, connection, self.row_rules.now) for read in plan.reads()]:
            take()
        return found.figures(figures)

    def _by_rows(self, connection: sa.Connection) -> RowCounts:
        """Counted from the rows, each index's part of them by itself."""
        unit = self.row_rules.table.c.unit
        day = self.row_rules.table.c[self.day] if self.day else sa.null()
        groups = [unit, day] if self.day else [unit]
        found: dict[str, dict[date | None, int]] = defaultdict(lambda: defaultdict(int))
        for part in self.row_rules.parts_of(self.kind, self.component.where, self.window):
            query = sa.select(unit, day, sa.func.count()).where(unit.in_(self.codes), *self.narrow, part)
            for code, at, rows in connection.execute(query.group_by(*groups)):
                found[code][at] += rows
        units = {code: sum(found[code].values()) for code in sorted(found)}
        days = {code: Series.of({at: rows for at, rows in found[code].items() if at}) for code in units}
        return RowCounts(units, days if self.day else {})


def place(counts: Series, row: int, *, ascending: bool = True) -> tuple[date | None, int]:
    """The day on which row number `row` (from 0) lies, walked up or down, and how many rows of that day come
    before it; None when there are not so many rows."""
    if not 0 <= row < counts.totals[-1]:
        return None, row
    if ascending:
        index = bisect_right(counts.totals, row) - 1
        return counts.days[index], row - counts.totals[index]
    index = bisect_right(counts.totals, counts.totals[-1] - 1 - row) - 1
    return counts.days[index], row - (counts.totals[-1] - counts.totals[index + 1])
