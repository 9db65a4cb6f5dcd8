"""What medians, averages and sums are made of: how often each number stands in the rows of a flow or a stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from datasets.indicators.lifecycle_counts import AGES, Flow, Stock
from datasets.indicators.tally import Bounds, Tally, Told
from datasets.indicators.tally_statement import ENDED, OPEN

Spread = Mapping[str, list[tuple[Any, int]]]
"""By member each number, or of an age the day it is counted from, with how many rows have it."""


class Samples:
    """The numbers of one scope: `want` them all, then look at any of them."""

    def __init__(self, tally: Tally, by: str | None) -> None:
        self._tally, self._by = tally, by

    def want(self, of: Flow | Stock, field: str, bounds: Bounds) -> None:
        """The numbers of a column, or the days of an age, of a flow in a window or of a stock at a boundary."""
        since = bounds["start" if isinstance(of, Flow) else "boundary"]
        for told in self._parts(of, field, bounds):
            self._tally.want(told, since, bounds.get("end"))

    def of(self, of: Flow | Stock, field: str, bounds: Bounds) -> Spread:
        found: dict[str, list[tuple[Any, int]]] = defaultdict(list)
        for told in self._parts(of, field, bounds):
            for (member, number), rows in sorted(self._tally.cells(told).items()):
                found[member].append((number, rows))
        return found

    def _parts(self, of: Flow | Stock, field: str, bounds: Bounds) -> Iterator[Told]:
        """The rows, which no two parts share; those of a stock are open still or have ended since."""
        for index in (of.day,) if isinstance(of, Flow) else (OPEN, ENDED):
            yield Told(of, index, self._by, AGES.get(field, field), tuple(bounds.items()))
