"""The Vietnamese working calendar: weekends, holidays, swapped days, local days off.

Beneath lies the package `holidays` (public holidays, days off in lieu and the swapped
working Saturdays the Government decided); on top a table of exceptions of the house.
Everything is answered from one table of running totals, so that every question takes
constant time (`add` a bisection).

`holidays` takes 0.1-0.2 s to import and 7 ms for 31 years (measured); it is imported at
the first question, not at the start. The table spans 2010-2040 and grows by itself to
any year of 1990-2100; outside those, only weekends are known.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType

from datasets.csv_file import read_table
from datasets.errors import ConfigError, Fault
from datasets.messages import text
from datasets.vietnamese import parse_day

_FIRST, _LAST = 1990, 2100
_ZERO = date(2010, 1, 1).toordinal()
_NONE: Mapping[date, bool] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Table:
    """Running totals for the whole years first..last; replaced as one, so threads need no lock."""

    begin: int  # ordinal of the first day
    end: int  # ordinal of the day after the last
    first: int
    last: int
    before: list[int]  # [i]: working days since 1/1/2010 before day begin + i


class WorkingCalendar:
    """Working days of one centre.

    exceptions   day -> True when it is worked, False when it is off; stronger than all else
    saturdays    Saturdays are worked (holidays aside)
    """

    def __init__(self, exceptions: Mapping[date, bool] = _NONE, saturdays: bool = False) -> None:
        self._exceptions = dict(exceptions)
        self._week = 6 if saturdays else 5  # working days of a week, Monday first
        self._table: _Table | None = None

    @classmethod
    def load(cls, path: Path, saturdays: bool = False, language: str = "vi") -> WorkingCalendar:
        """Exceptions from a CSV with the columns date (2026-01-02 or 02/01/2026), working (0 or 1), basis.

        Raises ConfigError with every fault of the file.
        """
        faults: list[Fault] = []
        exceptions: dict[date, bool] = {}
        for line, row in read_table(path, ("date", "working", "basis"), faults, language):
            try:
                day = parse_day(row["date"])
            except ValueError:
                faults.append(Fault(path, line, text("calendar.date", language, value=row["date"])))
                continue
            if row["working"] not in ("0", "1"):
                faults.append(Fault(path, line, text("calendar.working", language, value=row["working"])))
            if day in exceptions:
                faults.append(Fault(path, line, text("calendar.twice", language, value=row["date"])))
            exceptions[day] = row["working"] == "1"
        if faults:
            raise ConfigError(faults)
        return cls(exceptions, saturdays)

    def is_working(self, day: date) -> bool:
        return self._total(day.toordinal() + 1) > self._total(day.toordinal())

    def count(self, start: date, end: date) -> int:
        """Working days in [start, end); 0 when the end is not after the start."""
        return self._total(end.toordinal()) - self._total(start.toordinal()) if start < end else 0

    def difference(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`: 0 for one day, negative backwards.

        A dossier received on Friday and due on Monday has one working day.
        """
        return self._total(end.toordinal() + 1) - self._total(start.toordinal() + 1)

    def add(self, day: date, n: int) -> date:
        """The n-th working day after `day` (before it for a negative n); 0 gives `day` itself."""
        if n == 0:
            return day
        ordinal = day.toordinal()
        rank = self._total(ordinal + 1) + n if n > 0 else self._total(ordinal) + n + 1
        return date.fromordinal(self._day_of_rank(rank))

    def _total(self, ordinal: int) -> int:
        """Working days since 1/1/2010 before a day, negative for earlier days."""
        table = self._table or self._build(2010, 2040)
        place = ordinal - table.begin
        if not 0 <= place < len(table.before):
            year = min(max(date.fromordinal(min(ordinal, date.max.toordinal())).year, _FIRST), _LAST)
            table = self._build(min(table.first, year), max(table.last, year))
            place = ordinal - table.begin
        if place < 0:
            return table.before[0] - (self._weekdays(table.begin) - self._weekdays(ordinal))
        if place >= len(table.before):
            return table.before[-1] + self._weekdays(ordinal) - self._weekdays(table.end)
        return table.before[place]

    def _day_of_rank(self, rank: int) -> int:
        """The ordinal of the first day after which `_total` has reached `rank`."""
        table = self._table or self._build(2010, 2040)
        while not table.before[0] < rank <= table.before[-1]:
            year = table.first - 1 if rank <= table.before[0] else table.last + 1
            if not _FIRST <= year <= _LAST:
                return self._weekday_of_rank(rank, table)
            table = self._build(min(table.first, year), max(table.last, year))
        return table.begin + bisect_left(table.before, rank) - 1

    def _weekday_of_rank(self, rank: int, table: _Table) -> int:
        """The same beyond the table, where only weekends are known."""
        if rank > table.before[-1]:
            rank += self._weekdays(table.end) - table.before[-1]
        else:
            rank += self._weekdays(table.begin) - table.before[0]
        weeks, rest = divmod(rank - 1, self._week)
        return weeks * 7 + rest + 1

    def _weekdays(self, ordinal: int) -> int:
        """Days before `ordinal` since Monday 1/1/1 that are no weekend."""
        weeks, rest = divmod(ordinal - 1, 7)
        return weeks * self._week + min(rest, self._week)

    def _build(self, first: int, last: int) -> _Table:
        """Lay the table for whole years. Totals of days known before stay what they were."""
        holidays, worked_weekends = _public(first, last)
        begin, end = date(first, 1, 1).toordinal(), date(last + 1, 1, 1).toordinal()
        worked = [(ordinal - 1) % 7 < self._week and ordinal not in holidays for ordinal in range(begin, end)]
        changed = [(ordinal, True) for ordinal in worked_weekends]
        changed += [(day.toordinal(), working) for day, working in self._exceptions.items()]
        for ordinal, working in changed:
            if begin <= ordinal < end:
                worked[ordinal - begin] = working
        earlier = sum(worked[: _ZERO - begin])
        self._table = _Table(begin, end, first, last, list(accumulate(worked, initial=-earlier)))
        return self._table


@lru_cache(maxsize=8)
def _public(first: int, last: int) -> tuple[frozenset[int], frozenset[int]]:
    """Ordinals of public days off, and of weekend days worked instead, in those years."""
    from holidays.countries.vietnam import Vietnam

    table = Vietnam(years=range(first, last + 1))  # type: ignore[no-untyped-call]
    return frozenset(day.toordinal() for day in table), frozenset(day.toordinal() for day in table.weekend_workdays)
