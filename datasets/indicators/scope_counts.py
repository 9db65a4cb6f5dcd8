"""What one scope of a dataset was told: its flows and stocks, by member of its breakdown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from datasets.indicators.daily import Members, Series
from datasets.indicators.lifecycle_counts import Flow
from datasets.indicators.scope_plan import ScopePlan
from datasets.indicators.tally import Cells, Told

Counted = Mapping[str, int]
"""Rows by member; members without any are left out."""
Spread = Mapping[str, list[tuple[Any, int]]]
"""By member each number, or of an age the day it is counted from, with how many rows have it."""


class ScopeCounts:
    """What was read of a scope; what its plan was not asked for is a KeyError.

    cells    of the rows of its units
    series   of its daily counts; those that only the rows tell are added when they are looked at
    """

    def __init__(self, plan: ScopePlan, cells: Mapping[Told, Cells], series: dict[Flow, Members]) -> None:
        self._plan, self._cells, self._series = plan, cells, series

    def days(self, flow: Flow) -> Members:
        if flow not in self._series:
            self._series[flow] = self._by_rows(flow)
        return self._series[flow]

    def now(self, flow: Flow) -> Counted:
        return {member: rows for (member, _), rows in self._cells[self._plan.told_now(flow)].items()}

    def at(self, some: Iterable[Told]) -> Counted:
        """The rows of a stock, told in parts."""
        found: dict[str, int] = {}
        for told in some:
            for (member, _), rows in self._cells[told].items():
                found[member] = found.get(member, 0) + rows
        return found

    def spread(self, some: Iterable[Told]) -> Spread:
        """The numbers of rows, told in parts."""
        found: dict[str, list[tuple[Any, int]]] = defaultdict(list)
        for told in some:
            for (member, number), rows in sorted(self._cells[told].items()):
                found[member].append((number, rows))
        return found

    def _by_rows(self, flow: Flow) -> Members:
        mine, *others = (self._cells[told] for told in self._plan.told_by_day(flow))
        if not others:
            return {"": Series.of({day: rows for (_, day), rows in mine.items()})} if mine else {}
        since, until = self._plan.span_by_rows(flow.day)
        by_member: dict[str, dict[date, int]] = defaultdict(dict)
        for member, day in others[0]:
            if since <= day < until:
                by_member[member][day] = mine.get((member, day), 0)
        return {member: Series.of(days) for member, days in by_member.items()}
