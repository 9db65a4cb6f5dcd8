"""The components of indicators over dossiers, documents or petitions, for one scope and several windows at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import add
from typing import cast

from datasets.indicators import lifecycle_counts as counts
from datasets.indicators.daily import Series
from datasets.indicators.definition import Component
from datasets.indicators.lifecycle_counts import Flow, Recipe, Stock
from datasets.indicators.lifecycle_rows import RowRules
from datasets.indicators.samples import Samples
from datasets.indicators.scope_counts import ScopeCounts
from datasets.indicators.tally import Bounds
from datasets.indicators.window import Window
from datasets.store.lived import is_long_past

Numbers = Mapping[str, float]
"""A number by member of the breakdown; a member that is not there counts 0."""
ByMember = dict[str, list[int]]
"""By member of the breakdown a number for each window."""


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
    samples: Samples
    row_rules: RowRules
    _from: dict[Stock, date] = field(default_factory=dict)
    """Of stocks that are walked from a day long past instead of from now, that day."""

    def prepare(self, components: Iterable[Component], windows: Sequence[Window], *, each_day: bool = False) -> None:
        """Say what the counts of the components over the windows will need; or those of each of their days."""
        wanted, starts, ends = self.counts, {window.start for window in windows}, {window.end for window in windows}
        edges, last = starts | ends, max(ends)
        for component in components:
            if component.kind != "count":
                for window in windows:
                    for of, bounds in self._sampled(component, window):
                        self.samples.want(of, cast(str, component.field), bounds)
                continue
            recipe = self._recipe(component)
            for flow in recipe.flows:
                wanted.want_days(flow, edges, last, each_day=each_day)
            for stock in recipe.stocks:
                until = self._walked_until(stock)
                boundaries = starts if stock.at_start else ends
                for boundary in boundaries:
                    if boundary > until:
                        wanted.want_at(stock, self.row_rules.bounds_of(boundary, stock.special))
                self._prepare_walk(stock, [boundary for boundary in boundaries if boundary <= until])

    def _prepare_walk(self, stock: Stock, boundaries: Sequence[date]) -> None:
        """Walked back from now; or, where all of it is long past, from the rows at the last boundary."""
        if not boundaries:
            return
        last = max(boundaries)
        if self.counts.scope.also_later or not is_long_past(last, self.row_rules.today):
            for _, flow in stock.walked:
                self.counts.want_days(flow, boundaries)
                self.counts.want_now(flow)
            return
        self._from[stock] = last
        self.counts.want_at(stock, self.row_rules.bounds_of(last, stock.special))
        if min(boundaries) < last:
            for _, flow in stock.walked:
                self.counts.want_days(flow, boundaries, last)

    def count(self, component: Component, windows: Sequence[Window]) -> ByMember:
        """The count by member over each window, or at its edge. Rules: lifecycle_counts.py."""
        found: ByMember = {}
        recipe = self._recipe(component)
        for flow in recipe.flows:
            for member, series in self.counts.days(flow).items():
                add_up(found, member, series.over(windows))
        for stock in recipe.stocks:
            self._add_stock(found, stock, [_edge(stock, window) for window in windows])
        return found

    def _add_stock(self, found: ByMember, stock: Stock, boundaries: Sequence[date]) -> None:
        until = self._walked_until(stock)
        for n, boundary in enumerate(boundaries):
            if boundary > until:
                for member, rows in self.counts.at(stock, boundary).items():
                    found.setdefault(member, [0] * len(boundaries))[n] += rows
        walked = [n for n, boundary in enumerate(boundaries) if boundary <= until]
        if not walked:
            return
        starts, last = [boundaries[n] for n in walked], self._from.get(stock)
        if last is not None:
            for member, rows in self.counts.at(stock, last).items():
                add_up(found, member, [rows if boundary <= until else 0 for boundary in boundaries])
            if min(starts) == last:
                return
        for sign, flow in stock.walked:
            now, days = {} if last else self.counts.now(flow), self.counts.days(flow)
            for member in {**now, **days}:
                rows = now.get(member, 0)
                since = days[member].since(starts) if member in days else [0] * len(starts)
                after = days[member].since([last])[0] if last and member in days else 0
                numbers = found.setdefault(member, [0] * len(boundaries))
                for n, back in zip(walked, since, strict=True):
                    numbers[n] += sign * (rows + back - after)

    def _walked_until(self, stock: Stock) -> date:
        """The last boundary that the daily counts lead back to from now; the rows at a later one are counted."""
        if not stock.walked or not all(self.counts.keeps(flow) for _, flow in stock.walked):
            return date.min
        return self.row_rules.today if stock.special else date.max

    def _recipe(self, component: Component) -> Recipe:
        known, rules = component.recipes, self.row_rules.rules
        if rules not in known:
            known[rules] = counts.recipe(cast(str, component.count), component.conditions, rules)
        return known[rules]

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

    def spread(self, component: Component, window: Window) -> Mapping[str, list[tuple[float, int]]]:
        """Each value of the component's column, or age in working days, with how many rows have it, by member."""
        found: dict[str, list[tuple[float, int]]] = defaultdict(list)
        field, last = cast(str, component.field), self.row_rules.last_day(window.end)
        for of, bounds in self._sampled(component, window):
            for member, told in self.samples.of(of, field, bounds).items():
                aged = ((self.row_rules.calendar.difference(day, last), rows) for day, rows in told)
                found[member] += aged if field in counts.AGES else told
        return found

    def _sampled(self, component: Component, window: Window) -> Iterator[tuple[Flow | Stock, Bounds]]:
        """The flows and stocks whose rows the numbers are taken from: they share none."""
        recipe = counts.recipe(cast(str, component.of), component.conditions, self.row_rules.rules)
        for flow in recipe.flows:
            yield flow, {"start": window.start, "end": window.end}
        for stock in recipe.stocks:
            yield stock, self.row_rules.bounds_of(_edge(stock, window), stock.special)

    def total(self, component: Component, window: Window) -> Sample:
        """The sum of a column over the rows of `component.of` that have it, and how many have it."""
        found = self.spread(component, window)
        return Sample(
            {member: sum(number * rows for number, rows in pairs) for member, pairs in found.items()},
            {member: sum(rows for _, rows in pairs) for member, pairs in found.items()},
        )


def _edge(stock: Stock, window: Window) -> date:
    return window.start if stock.at_start else window.end


def add_up(found: ByMember, member: str, numbers: list[int]) -> None:
    """Add a member's numbers to those found before."""
    have = found.get(member)
    found[member] = numbers if have is None else list(map(add, have, numbers))


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
