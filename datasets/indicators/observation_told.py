"""What one unit told of one element, and which of it makes up the number of a window.

`last`   the newest known by the window's end, however old: its period travels with it
`sum`    the periods inside the window are added up: all of one type, the longest that fits, so
         that a month is not added to its own days; weeks go by their Thursday
Either way of the asked category, else the total (category ""); parts are never added up.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple, Protocol

from datasets.indicators.judge import plain
from datasets.indicators.window import Window, Windows
from datasets.periods import Period, PeriodType

WEEK, THURSDAY = timedelta(days=7), timedelta(days=3)
_TIME = attrgetter("start", "end")


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


new = tuple.__new__
"""Makes a named tuple in half the time that its class takes."""


@lru_cache(maxsize=1024)
def only(source: str) -> frozenset[str]:
    """The sources of a number that comes from one: the same set for all of its numbers."""
    return frozenset((source,))


class Reading(NamedTuple):
    """A number with the newest period it is of, and the sources it came from."""

    value: float
    period: str
    sources: frozenset[str]


def readings_of(values: Iterable[float], periods: Iterable[str], sources: Sequence[str]) -> list[Reading]:
    """Stored numbers by their columns."""
    of_each = {source: only(source) for source in set(sources)}
    rows = zip(map(plain, values), periods, map(of_each.__getitem__, sources), strict=True)
    return [new(Reading, row) for row in rows]


def combined(rows: Sequence[Observed]) -> Reading | None:
    """The number that observations make up; None without any."""
    if len(rows) < 2:
        return new(Reading, (rows[0].value, rows[0].period, rows[0].sources)) if rows else None
    newest, sources = max(rows, key=_TIME), {row.sources for row in rows}
    return Reading(plain(sum([row.value for row in rows])), newest.period, frozenset().union(*sources))


class Told(Protocol):
    """The numbers of one unit for one element."""

    def categories(self) -> Collection[str]: ...
    def behind(self, category: str, windows: Windows) -> list[Sequence[Observed]]:
        """For each window what makes up its number: nothing, one observation, or those to be added."""
        ...

    def readings(self, category: str, windows: Windows) -> Sequence[Reading | None]:
        """For each window its number."""
        ...


class Places(dict[tuple[Windows, tuple[date, ...], tuple[date, ...]], list[int | None]]):
    """Of windows, and of numbers in succession by when their periods begin and until when they stand: for each window
    the place of the number that stands at its end. Most numbers were told of the same months: it is looked for once."""

    def __missing__(self, asked: tuple[Windows, tuple[date, ...], tuple[date, ...]]) -> list[int | None]:
        windows, starts, until = asked
        after = len(until)
        found = self[asked] = [
            place if (place := bisect_left(until, end)) < after and starts[place] < end else None
            for end in windows.ends
        ]
        return found


class Succession(NamedTuple):
    """Numbers that stand one after the other, each until the last window's end for which it does."""

    starts: tuple[date, ...]
    until: tuple[date, ...]
    readings: Sequence[Reading]


class Newest:
    """Numbers of a unit and element of which the newest stands, by category; `places` is shared with others."""

    def __init__(self, unit: str, element: str, by_category: Mapping[str, Succession], places: Places) -> None:
        self._unit, self._element = unit, element
        self._told, self._places = by_category, places

    def categories(self) -> Collection[str]:
        return self._told

    def behind(self, category: str, windows: Windows) -> list[Sequence[Observed]]:
        return [(self._row(category, told),) if told else () for told in self.readings(category, windows)]

    def _row(self, category: str, told: Reading) -> Observed:
        of = Period.parse(told.period)
        row = (self._unit, self._element, category, told.period, of.start, of.end, told.value, told.sources)
        return new(Observed, row)

    def readings(self, category: str, windows: Windows) -> list[Reading | None]:
        if category not in self._told:
            return [None] * len(windows)
        starts, until, told = self._told[category]
        return [None if place is None else told[place] for place in self._places[windows, starts, until]]


class Added:
    """Numbers that are added up."""

    def __init__(self, rows: Iterable[Observed]) -> None:
        self._rows: dict[str, list[Observed]] = defaultdict(list)
        for row in sorted(rows, key=_TIME):
            self._rows[row.category].append(row)
        self._starts = {category: [row.start for row in told] for category, told in self._rows.items()}
        self._periods = {category: _by_period(told) for category, told in self._rows.items()}

    def categories(self) -> Collection[str]:
        return self._rows

    def readings(self, category: str, windows: Windows) -> list[Reading | None]:
        return [combined(rows) for rows in self.behind(category, windows)]

    def behind(self, category: str, windows: Windows) -> list[Sequence[Observed]]:
        if category not in self._rows:
            return [()] * len(windows)
        found: list[Sequence[Observed]] = []
        periods = self._periods[category]
        for window in windows:
            whole = periods.get(window.id)
            if whole is not None and whole[0].start == window.start and whole[0].end == window.end:
                found.append(whole)  # no longer period fits
            else:
                found.append(self._inside(category, window))
        return found

    def _inside(self, category: str, window: Window) -> Sequence[Observed]:
        """The numbers of the longest type of period of which there are any in a window."""
        rows, starts = self._rows[category], self._starts[category]
        first, after = bisect_left(starts, window.start - WEEK), bisect_left(starts, window.end)
        inside = [row for row in rows[first:after] if _counts_in(row, window)]
        if len(inside) < 2:
            return inside
        longest = max(_rank(row.period) for row in inside)
        return [row for row in inside if _rank(row.period) == longest]


def _by_period(rows: Sequence[Observed]) -> Mapping[str, Sequence[Observed]]:
    alone = {row.period: (row,) for row in rows}
    if len(alone) == len(rows):
        return alone
    together: dict[str, list[Observed]] = defaultdict(list)  # some are of several sources
    for row in rows:
        together[row.period].append(row)
    return together


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
