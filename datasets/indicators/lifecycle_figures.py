"""The components of indicators over dossiers, documents or petitions, for one scope and several windows at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from datasets.indicators import lifecycle_counts as counts
from datasets.indicators.daily import Series
from datasets.indicators.definition import Component
from datasets.indicators.lifecycle_counts import Recipe, Stock, freeze, thaw
from datasets.indicators.lifecycle_rows import RowRules
from datasets.indicators.samples import Sampled, Spread, spread
from datasets.indicators.scope_counts import ScopeCounts
from datasets.indicators.window import Window

Numbers = Mapping[str, float]
"""A number by member of the breakdown; a member that is not there counts 0."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A median or an average: its value, and how many rows it is of, by member."""

    values: Numbers
    rows: Numbers


@dataclass(frozen=True, slots=True)
class LifecycleFigures:
    """Everything asked of one scope under one rule set.

    Call `prepare` with all components and windows first: what all of them need is read together.
    """

    counts: ScopeCounts
    row_rules: RowRules

    def prepare(self, components: Iterable[Component], windows: Sequence[Window]) -> None:
        """Say what the counts of the components over the windows will need."""
        wanted = self.counts
        for component in components:
            if component.kind != "count":
                continue
            recipe = self._recipe(component)
            for flow in recipe.flows:
                wanted.want_days(flow, min(window.start for window in windows))
            for stock in recipe.stocks:
                for boundary in {_edge(stock, window) for window in windows}:
                    if not self._is_walked(stock, boundary):
                        wanted.want_at(stock, self.row_rules.bounds(boundary, thaw(stock.special)))
                        continue
                    for _, flow in stock.walked:
                        wanted.want_days(flow, boundary)
                        wanted.want_now(flow)

    def count(self, component: Component, windows: Sequence[Window]) -> list[Numbers]:
        """The count by member, over each window or at its edge. Rules: lifecycle_counts.py."""
        found: list[dict[str, float]] = [defaultdict(float) for _ in windows]
        recipe = self._recipe(component)
        for flow in recipe.flows:
            for member, series in self.counts.days(flow).items():
                for numbers, window in zip(found, windows, strict=True):
                    numbers[member] += series.between(window.start, window.end)
        for stock in recipe.stocks:
            for numbers, window in zip(found, windows, strict=True):
                self._add_stock(numbers, stock, _edge(stock, window))
        return list(found)

    def _add_stock(self, numbers: dict[str, float], stock: Stock, boundary: date) -> None:
        if not self._is_walked(stock, boundary):
            for member, rows in self.counts.at(stock, boundary).items():
                numbers[member] += rows
            return
        for sign, flow in stock.walked:
            for member, rows in self.counts.now(flow).items():
                numbers[member] += sign * rows
            for member, series in self.counts.days(flow).items():
                numbers[member] += sign * series.since(boundary)

    def _is_walked(self, stock: Stock, boundary: date) -> bool:
        """Whether the daily counts lead from now back to the boundary; else the rows at it are counted."""
        if not stock.walked or not all(self.counts.keeps(flow) for _, flow in stock.walked):
            return False
        return not stock.special or boundary <= self.row_rules.today

    def _recipe(self, component: Component) -> Recipe:
        return counts.recipe(cast(str, component.count), freeze(component.where), self.row_rules.rules)

    def by_day(self, component: Component, window: Window) -> dict[str, Series]:
        """A flow's count by member and day of the window: received, resolved, refused, withdrawn, stopped."""
        found: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for flow in self._recipe(component).flows:
            for member, counted in self.counts.days(flow).items():
                for day, before, after in zip(counted.days, counted.totals, counted.totals[1:], strict=False):
                    if window.start <= day < window.end:
                        found[member][day] += after - before
        return {member: Series.of(days) for member, days in found.items()}

    # -- medians, averages, sums ----------------------------------------------------

    def median(self, component: Component, window: Window) -> Sample:
        """The median of a whole-number column, or of an age, over the rows of `component.of`, and the row counts."""
        found = self.spread(component, window)
        return Sample(
            {member: weighted_median(sorted(pairs)) for member, pairs in found.items()},
            {member: sum(rows for _, rows in pairs) for member, pairs in found.items()},
        )

    def spread(self, component: Component, window: Window) -> Spread:
        """Each value of the component's column, or age, with how many rows have it, by member."""
        sampled = Sampled(cast(str, component.field), cast(str, component.of), freeze(component.where))
        return spread(self.counts, self.row_rules, sampled, window)

    def total(self, component: Component, window: Window) -> Sample:
        """The sum of a column over the rows of `component.of` that have it, and how many have it."""
        found = self.spread(component, window)
        return Sample(
            {member: sum(number * rows for number, rows in pairs) for member, pairs in found.items()},
            {member: sum(rows for _, rows in pairs) for member, pairs in found.items()},
        )


def _edge(stock: Stock, window: Window) -> date:
    return window.start if stock.at_start else window.end


def weighted_median(pairs: list[tuple[float, int]]) -> float:
    """The median of values given as (value, how often), ascending; the mean of the middle two when even."""
    rows = sum(often for _, often in pairs)
    middles = ((rows - 1) // 2, rows // 2)
    found = []
    for middle in middles:
        passed = 0
        for number, often in pairs:
            passed += often
            if passed > middle:
                found.append(number)
                break
    return sum(found) / 2
