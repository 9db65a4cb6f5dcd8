"""The components of indicators over dossiers, documents or petitions, for one scope and several windows at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import add

from datasets.indicators.daily import Series
from datasets.indicators.definition import Component
from datasets.indicators.figure_plan import FigurePlan, Sum, Walk
from datasets.indicators.lifecycle_counts import AGES, Recipe
from datasets.indicators.scope_counts import ScopeCounts
from datasets.indicators.window import Window, Windows

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
    """Everything that was planned to be told of one scope under one rule set.

    counts   what was read of the scope
    """

    plan: FigurePlan
    counts: ScopeCounts
    _known: dict[tuple[Recipe, Windows], ByMember] = field(default_factory=dict)

    def count(self, component: Component, windows: Windows) -> ByMember:
        """The count by member over each window, or at its edge. Rules: lifecycle_counts.py."""
        asked = self.plan.recipe(component), windows
        if asked not in self._known:
            self._known[asked] = self._added_up(self.plan.sum_of(*asked), windows)
        return self._known[asked]

    def _added_up(self, what: Sum, windows: Windows) -> ByMember:
        found: ByMember = {}
        for flow in what.flows:
            for member, series in self.counts.days(flow).items():
                add_up(found, member, series.over(windows))
        for walk in what.walks:
            self._add_stock(found, walk, windows)
        return found

    def _add_stock(self, found: ByMember, walk: Walk, windows: Windows) -> None:
        counts, walked, last, none = self.counts, walk.walked, walk.last, [0] * len(windows)
        for n, rows_there in walk.counted:
            for member, rows in counts.at(rows_there).items():
                found.setdefault(member, none.copy())[n] += rows
        for member, rows in counts.at(walk.rows_at_last).items():
            numbers = found.setdefault(member, none.copy())
            for n in walked:
                numbers[n] += rows
        for sign, flow in walk.flows:
            now, days = {} if last else counts.now(flow), counts.days(flow)
            for member in {**now, **days}:
                there, series = now.get(member, 0), days.get(member)
                numbers = found.setdefault(member, none.copy())
                if series is None:
                    for n in walked:
                        numbers[n] += sign * there
                    continue
                if last:
                    there -= series.since(last)
                since = series.since_starts(windows) if walk.stock.at_start else series.since_ends(windows)
                for n in walked:
                    numbers[n] += sign * (there + since[n])

    def by_day(self, component: Component, window: Window) -> dict[str, Series]:
        """A flow's count by member and day of the window: received, resolved, refused, withdrawn, stopped."""
        found: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for flow in self.plan.recipe(component).flows:
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
        found = self.counts.spread(self.plan.numbers(component, window))
        if component.field not in AGES:
            return found
        rules, last = self.plan.rules, self.plan.rules.last_day(window.end)
        return {
            member: [(rules.calendar.difference(day, last), rows) for day, rows in told]
            for member, told in found.items()
        }

    def total(self, component: Component, window: Window) -> Sample:
        """The sum of a column over the rows of `component.of` that have it, and how many have it."""
        found = self.spread(component, window)
        return Sample(
            {member: sum(number * rows for number, rows in pairs) for member, pairs in found.items()},
            {member: sum(rows for _, rows in pairs) for member, pairs in found.items()},
        )


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
