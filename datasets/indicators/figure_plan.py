"""What the components of indicators need of one scope over several windows at once.

Counts are made of flows and stocks (lifecycle_counts.py). How a stock is told depends on where its boundaries lie:
    walked    back from what is there now, through the daily counts of what left it and joined it since
    from a day long past   the same, from the rows at the last of the boundaries
    counted   from the rows at the boundary, where the daily counts do not tell it
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from datasets.indicators import lifecycle_counts
from datasets.indicators.definition import Component
from datasets.indicators.lifecycle_counts import Flow, Recipe, Stock
from datasets.indicators.lifecycle_rows import DayRules
from datasets.indicators.scope_plan import ScopePlan
from datasets.indicators.tally import Bounds, Told
from datasets.indicators.window import Window, Windows
from datasets.store.lived import is_long_past


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """How a stock is told at an edge of some windows.

    counted   the windows, by their places, whose rows are counted at the edge itself, with those rows
    walked    the windows whose edges are walked to
    last      the day they are walked from, with the rows there; None: from what is there now
    """

    stock: Stock
    counted: Sequence[tuple[int, Sequence[Told]]]
    walked: Sequence[int]
    flows: Sequence[tuple[int, Flow]]
    last: date | None
    rows_at_last: Sequence[Told]


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """A count over some windows: of flows over each, and of stocks at an edge of each."""

    flows: Sequence[Flow]
    walks: Sequence[Walk]


class FigurePlan:
    """What some components need of a scope over some windows, under the rules of a day."""

    def __init__(
        self,
        scope: ScopePlan,
        rules: DayRules,
        components: Iterable[Component],
        windows: Sequence[Window],
        *,
        each_day: bool = False,
    ) -> None:
        self.scope, self.rules = scope, rules
        self._bounds: dict[tuple[date, Stock], Bounds] = {}
        self._from: dict[Stock, date] = {}
        self._sums: dict[tuple[Recipe, Windows], Sum] = {}
        self._want(components, windows, each_day)

    def recipe(self, component: Component) -> Recipe:
        """How a count is made."""
        known, rules = component.recipes, self.rules.rules
        if rules not in known:
            kind = cast(str, component.count if component.kind == "count" else component.of)
            known[rules] = lifecycle_counts.recipe(kind, component.conditions, rules)
        return known[rules]

    def sum_of(self, recipe: Recipe, windows: Windows) -> Sum:
        """How a count is told over some of the windows."""
        asked = recipe, windows
        if asked not in self._sums:
            self._sums[asked] = Sum(recipe.flows, [self._walk(stock, windows) for stock in recipe.stocks])
        return self._sums[asked]

    def numbers(self, component: Component, window: Window) -> list[Told]:
        """The rows that a median, an average or a sum is taken from."""
        field = cast(str, component.field)
        return [
            told
            for of, bounds in self._sampled(component, window)
            for told in self.scope.told_numbers(of, field, bounds)
        ]

    # -- what is wanted -----------------------------------------------------------

    def _want(self, components: Iterable[Component], windows: Sequence[Window], each_day: bool) -> None:
        """Of counts what they need over the windows, or over each of their days."""
        wanted, starts, ends = self.scope, {window.start for window in windows}, {window.end for window in windows}
        edges, last = starts | ends, max(ends)
        for component in components:
            if component.kind != "count":
                for window in windows:
                    for of, bounds in self._sampled(component, window):
                        wanted.want_numbers(of, cast(str, component.field), bounds)
                continue
            recipe = self.recipe(component)
            for flow in recipe.flows:
                wanted.want_days(flow, edges, last, each_day=each_day)
            for stock in recipe.stocks:
                until = self._walked_until(stock)
                boundaries = starts if stock.at_start else ends
                for boundary in boundaries:
                    if boundary > until:
                        wanted.want_at(stock, self._bounds_of(boundary, stock))
                self._want_walk(stock, [boundary for boundary in boundaries if boundary <= until])

    def _want_walk(self, stock: Stock, boundaries: Sequence[date]) -> None:
        if not boundaries:
            return
        last = max(boundaries)
        if self.scope.of.also_later or not is_long_past(last, self.rules.today):
            for _, flow in stock.walked:
                self.scope.want_days(flow, boundaries)
                self.scope.want_now(flow)
            return
        self._from[stock] = last
        self.scope.want_at(stock, self._bounds_of(last, stock))
        if min(boundaries) < last:
            for _, flow in stock.walked:
                self.scope.want_days(flow, boundaries, last)

    def _sampled(self, component: Component, window: Window) -> list[tuple[Flow | Stock, Bounds]]:
        """The flows and stocks whose rows the numbers are taken from, which share none."""
        recipe = self.recipe(component)
        flows: list[tuple[Flow | Stock, Bounds]] = [
            (flow, {"start": window.start, "end": window.end}) for flow in recipe.flows
        ]
        return [*flows, *((stock, self._bounds_of(_edge(stock, window), stock)) for stock in recipe.stocks)]

    # -- how it is told -----------------------------------------------------------

    def _walk(self, stock: Stock, windows: Sequence[Window]) -> Walk:
        until, last = self._walked_until(stock), self._from.get(stock)
        edges = [_edge(stock, window) for window in windows]
        counted = [(n, self._at(stock, edge)) for n, edge in enumerate(edges) if edge > until]
        walked = [n for n, edge in enumerate(edges) if edge <= until]
        is_told = last is not None and all(edges[n] == last for n in walked)
        flows = stock.walked if walked and not is_told else ()
        rows = self._at(stock, last) if last is not None and walked else ()
        return Walk(stock, counted, walked, flows, last, rows)

    def _at(self, stock: Stock, boundary: date) -> list[Told]:
        return self.scope.told_at(stock, self._bounds_of(boundary, stock))

    def _bounds_of(self, boundary: date, stock: Stock) -> Bounds:
        asked = boundary, stock
        if asked not in self._bounds:
            self._bounds[asked] = self.rules.bounds(boundary, lifecycle_counts.thaw(stock.special))
        return self._bounds[asked]

    def _walked_until(self, stock: Stock) -> date:
        """The last boundary that the daily counts lead back to from now; the rows at a later one are counted."""
        if not stock.walked or not all(self.scope.keeps(flow) for _, flow in stock.walked):
            return date.min
        return self.rules.today if stock.special else date.max


def _edge(stock: Stock, window: Window) -> date:
    return window.start if stock.at_start else window.end
