"""What is asked of one scope of a dataset, gathered first: its daily counts are then read in one statement a rollup,
its rows together with those of all other scopes (tally.py).

All of it is a matter of the catalogue and the day: a plan is made once and serves every page that asks the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any, cast

import sqlalchemy as sa

from datasets.indicators.daily import Members, Scope, filter_members, form_of, unit_names
from datasets.indicators.daily_statement import collected, days_query, rollup_of, stretch_query
from datasets.indicators.lifecycle_counts import AGES, Flow, Stock, freeze
from datasets.indicators.tally import Bounds, Tally, Told
from datasets.indicators.tally_statement import ENDED, FEW_UNITS, OPEN
from datasets.schema.dataset import Dataset, Rollup
from datasets.store.ready import Answer, Parameters, Ready
from datasets.store.tables import TABLES

DAYS_OF_A_STRETCH = 4
"""On average, from which on stretches are read instead of days."""


@dataclass(frozen=True, slots=True, eq=False)
class DaysRead:
    """One statement of a scope's daily counts from day `since` on, with all that it asks for."""

    scope: ScopePlan
    flows: tuple[Flow, ...]
    since: date
    query: Ready
    asked: Parameters

    @property
    def takes_long(self) -> bool:
        """Whether it is worth reading beside others."""
        return len(self.scope.of.units) > FEW_UNITS

    def ask(self, connection: sa.Connection, _: datetime) -> Answer:
        """Ask it, at whatever moment."""
        return self.query.ask(connection, self.asked)

    def told(self, columns: Sequence[Sequence[Any]]) -> dict[Flow, Members]:
        """What the answer says."""
        return collected(columns, self.flows, divided=self.scope.of.by is not None)


class ScopePlan:
    """The flows and stocks of one scope: `want` them all, then see how they are read.

    of      the scope
    tally   the rows of its units
    """

    def __init__(self, dataset: Dataset, scope: Scope, tally: Tally, *, in_stretches: bool) -> None:
        self.of, self.tally, self._dataset = scope, tally, dataset
        self._filters = freeze(form_of(scope.filters))
        self._asked_by = frozenset({*scope.filters, *([scope.by] if scope.by else [])}) - {"unit"}
        self._in_stretches = in_stretches and scope.by is None and len(scope.units) <= FEW_UNITS
        self._span: dict[Flow, tuple[date, date]] = {}
        self._edges: dict[Flow, set[date]] = {}
        self._each_day: set[Flow] = set()

    def keeps(self, flow: Flow) -> bool:
        """Whether the daily counts tell the flow in this scope; else only the rows do."""
        return rollup_of(self._dataset.name, flow, self._asked_by) is not None

    def want_days(self, flow: Flow, edges: Collection[date], until: date = date.max, *, each_day: bool = False) -> None:
        """The flow's count between the edges, or of each day, from the first edge on; the days from `until` on may be
        left out."""
        since, until = min(edges), date.max if self.of.also_later else until
        first, last = self._span.get(flow, (date.max, date.min))
        self._span[flow] = since, until = min(first, since), max(last, until)
        self._edges.setdefault(flow, set()).update(edges)
        if each_day:
            self._each_day.add(flow)
        if not self.keeps(flow):
            for told in self.told_by_day(flow):
                self.tally.want(told, since, until if until < date.max else None)

    def want_now(self, flow: Flow) -> None:
        """The rows that a flow for walking begins with: those there are now."""
        self.tally.want(self.told_now(flow))

    def want_at(self, stock: Stock, bounds: Bounds) -> None:
        """The rows of a stock at `bounds["boundary"]`, and with the other bounds that it asks for."""
        for told in self.told_at(stock, bounds):
            self.tally.want(told, cast(date, bounds["boundary"]))

    def want_numbers(self, of: Flow | Stock, field: str, bounds: Bounds) -> None:
        """The numbers of a column, or the days of an age, of a flow in a window or of a stock at a boundary."""
        since = cast(date, bounds["start" if isinstance(of, Flow) else "boundary"])
        for told in self.told_numbers(of, field, bounds):
            self.tally.want(told, since, cast(date | None, bounds.get("end")))

    # -- by which rows it is told -------------------------------------------------

    def told_now(self, flow: Flow) -> Told:
        return Told(flow, OPEN, self.of.by)

    def told_at(self, stock: Stock, bounds: Bounds) -> list[Told]:
        """What is open still, and what has ended since the boundary."""
        indexes = (OPEN,) if stock.what == "awaiting" else (OPEN, ENDED)
        return [Told(stock, index, self.of.by, None, tuple(bounds.items())) for index in indexes]

    def told_by_day(self, flow: Flow) -> list[Told]:
        """The flow's rows by day; in a breakdown also all others, whose members count 0."""
        by = self.of.by
        return [Told(of, flow.day, by, flow.day) for of in ((flow,) if by is None else (flow, None))]

    def told_numbers(self, of: Flow | Stock, field: str, bounds: Bounds) -> list[Told]:
        """The rows, which no two parts share; those of a stock are open still or have ended since."""
        indexes = (of.day,) if isinstance(of, Flow) else (OPEN, ENDED)
        return [Told(of, index, self.of.by, AGES.get(field, field), tuple(bounds.items())) for index in indexes]

    def span_by_rows(self, day: str) -> tuple[date, date]:
        """The first day that is wanted of flows by that day which only the rows tell, and the day after the last."""
        spans = [span for flow, span in self._span.items() if flow.day == day and not self.keeps(flow)]
        return min(first for first, _ in spans), max(last for _, last in spans)

    # -- how it is read -----------------------------------------------------------

    def reads(self) -> list[DaysRead]:
        by_table: dict[Rollup, list[Flow]] = defaultdict(list)
        for flow in self._span:
            rollup = rollup_of(self._dataset.name, flow, self._asked_by)
            if rollup is not None:
                by_table[rollup].append(flow)
        return [self._read_of(rollup, tuple(flows)) for rollup, flows in by_table.items()]

    def _read_of(self, rollup: Rollup, flows: tuple[Flow, ...]) -> DaysRead:
        name, by, units = self._dataset.name, self.of.by, len(self.of.units)
        since = min(self._span[flow][0] for flow in flows)
        until = max(self._span[flow][1] for flow in flows)
        asked = unit_names(self.of.units) | filter_members(TABLES[rollup.name], self.of.filters)
        stretches = self._stretches(flows, until)
        if stretches:
            of_each = stretch_query(name, rollup, self._filters, units, flows)
            return DaysRead(self, flows, since, of_each, Parameters(asked, stretches))
        query = days_query(name, rollup, by, self._filters, units, flows, is_over=until < date.max)
        return DaysRead(self, flows, since, query, Parameters(asked | {"since": since, "until": until}))

    def _stretches(self, flows: Sequence[Flow], until: date) -> list[dict[str, date]]:
        """The stretches of days between the edges of some flows, where SQLite, which answers in no time, is rather
        asked for each of them than for all days of them."""
        if not self._in_stretches or not self._each_day.isdisjoint(flows):
            return []
        edges = sorted(set().union(*(self._edges[flow] for flow in flows)))
        days = (min(edges[-1], self.tally.today) - edges[0]).days
        if days < DAYS_OF_A_STRETCH * len(edges):
            return []
        return [{"since": day, "until": end} for day, end in pairwise([*edges, until]) if day < end]
