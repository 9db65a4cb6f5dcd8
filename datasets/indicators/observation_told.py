"""What one unit told of one element, and which of it makes up the number of a window.

`last`   the newest known by the window's end, however old: its period travels with it
`sum`    the periods inside the window are added up: all of one type, the longest that fits, so
         that a month is not added to its own days; weeks go by their Thursday
Either way of the asked category, else the total (category ""); parts are never added up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import NamedTuple, Protocol

from datasets.indicators.window import Window
from datasets.periods import Period, PeriodType

WEEK, THURSDAY = timedelta(days=7), timedelta(days=3)
_TIME, _UNTIL = attrgetter("start", "end"), itemgetter(0)


class Observed(NamedTuple):
    """One stored observation; or several days of one, added up."""

    unit: str
    element: str
    category: str
    period: str
    start: date
    end: date
    value: float
    sources: frozenset[str]


@lru_cache(maxsize=1024)
def only(source: str) -> frozenset[str]:
    """The sources of a number that comes from one: the same set for all of its numbers."""
    return frozenset((source,))


class Told(Protocol):
    """The numbers of one unit for one element."""

    def categories(self) -> Collection[str]: ...
    def behind(self, category: str, windows: Sequence[Window]) -> list[Sequence[Observed]]:
        """For each window what makes up its number: nothing, one observation, or those to be added."""
        ...


class Newest:
    """Numbers of which the newest stands: each is given with the last window's end for which it does."""

    def __init__(self, rows: Iterable[tuple[date, Observed]]) -> None:
        self._until: dict[str, list[date]] = {}
        self._alone: dict[str, list[tuple[Observed]]] = {}
        for until, row in sorted(rows, key=_UNTIL):
            self._until.setdefault(row.category, []).append(until)
            self._alone.setdefault(row.category, []).append((row,))

    def categories(self) -> Collection[str]:
        return self._alone

    def behind(self, category: str, windows: Sequence[Window]) -> list[Sequence[Observed]]:
        alone, until = self._alone.get(category, ()), self._until.get(category, ())
        places = [(bisect_left(until, window.end), window.end) for window in windows]
        return [alone[n] if n < len(alone) and alone[n][0].start < end else () for n, end in places]


class Added:
    """Numbers that are added up."""

    def __init__(self, rows: Iterable[Observed]) -> None:
        self._rows: dict[str, list[Observed]] = {}
        for row in sorted(rows, key=_TIME):
            self._rows.setdefault(row.category, []).append(row)
        self._starts = {category: [row.start for row in rows] for category, rows in self._rows.items()}

    def categories(self) -> Collection[str]:
        return self._rows

    def behind(self, category: str, windows: Sequence[Window]) -> list[Sequence[Observed]]:
        rows, starts = self._rows.get(category), self._starts.get(category)
        if rows is None or starts is None:
            return [()] * len(windows)
        found: list[Sequence[Observed]] = []
        for window in windows:
            first, after = bisect_left(starts, window.start - WEEK), bisect_left(starts, window.end)
            inside = [row for row in rows[first:after] if _counts_in(row, window)]
            if len(inside) > 1:
                longest = max(_rank(row.period) for row in inside)
                inside = [row for row in inside if _rank(row.period) == longest]
            found.append(inside)
        return found


def _counts_in(row: Observed, window: Window) -> bool:
    """Whether a row's period lies in the window; a week over the edge of a whole month, quarter
    or year counts where its Thursday lies, as ISO 8601 counts the weeks of a year, so that the
    months add up to the year. A part of a period, as compared like for like, takes whole weeks only.
    """
    if row.start >= window.start and row.end <= window.end:
        return True
    if row.end - row.start != WEEK or window.end - window.start <= WEEK:
        return False
    return window.start <= row.start + THURSDAY < window.end and _is_whole(window)


@lru_cache(maxsize=1024)
def _is_whole(window: Window) -> bool:
    period = Period.parse(window.id)
    return (period.start, period.end) == (window.start, window.end)


_ORDER = {kind: place for place, kind in enumerate(PeriodType)}


@lru_cache(maxsize=4096)
def _rank(period: str) -> int:
    """Types of period by length; months are of one type though not of one length."""
    return _ORDER[Period.parse(period).type]
