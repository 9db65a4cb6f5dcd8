"""Counts by day, and which rows of a dataset are meant: the words of whoever asks the store for them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

import sqlalchemy as sa

from datasets.errors import UsageError
from datasets.indicators.window import Windows
from datasets.store.conditions import conditions
from datasets.store.listed import among, named


class Places(dict[date, int]):
    """How many of some days, ascending, lie before a day; looked for once a day."""

    def __init__(self, days: Sequence[date]) -> None:
        super().__init__()
        self.days = days
        self._edges: dict[Windows, tuple[list[int], list[int]]] = {}

    def edges(self, windows: Windows) -> tuple[list[int], list[int]]:
        """How many lie before each window's start, and before each one's end."""
        if windows not in self._edges:
            starts, ends = ([self[day] for day in days] for days in (windows.starts, windows.ends))
            self._edges[windows] = starts, ends
        return self._edges[windows]

    def __missing__(self, day: date) -> int:
        place = self[day] = bisect_left(self.days, day)
        return place


@dataclass(frozen=True, slots=True)
class Series:
    """Counts by day, days ascending; `totals[i]` is the sum of the first i days.

    places   of the days; series of the same days share it
    """

    days: Sequence[date]
    totals: Sequence[int]
    places: Places = field(compare=False, repr=False)

    @classmethod
    def of(cls, counts: Mapping[date, int]) -> Series:
        """The series of counts by day."""
        days = sorted(counts)
        return cls(days, tuple(accumulate((counts[day] for day in days), initial=0)), Places(days))

    def over(self, windows: Windows) -> list[int]:
        """The sum over each of some windows."""
        totals = self.totals
        starts, ends = self.places.edges(windows)
        return [totals[end] - totals[start] for start, end in zip(starts, ends, strict=True)]

    def since(self, day: date) -> int:
        """The sum over a day and all days after it."""
        return self.totals[-1] - self.totals[self.places[day]]

    def since_starts(self, windows: Windows) -> list[int]:
        """The sum over each window's first day and all days after it."""
        return self._since(self.places.edges(windows)[0])

    def since_ends(self, windows: Windows) -> list[int]:
        """The sum over all days after each window."""
        return self._since(self.places.edges(windows)[1])

    def _since(self, places: Sequence[int]) -> list[int]:
        totals = self.totals
        every = totals[-1]
        return [every - totals[place] for place in places]


NOTHING = Series.of({})
Members = dict[str, Series]
"""Series by member of the breakdown; the one member of no breakdown is ""."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows: units, a breakdown column or None, and further conditions on columns.

    also_later   members of the breakdown are those too that have rows only later than the days asked for
    """

    units: tuple[str, ...]
    by: str | None
    filters: Mapping[str, object]
    also_later: bool = False


def member_of(table: sa.Table, by: str | None) -> sa.ColumnElement[str]:
    """The breakdown's member of a row as text; "" where unknown, and where there is no breakdown."""
    nothing: sa.ColumnElement[str] = sa.literal_column("''")
    return nothing if by is None else sa.func.coalesce(sa.cast(table.c[by], sa.Text), nothing)


def group_of(table: sa.Table, by: str | None) -> list[sa.ColumnElement[str]]:
    """What to group by for `member_of`; PostgreSQL refuses a constant."""
    return [] if by is None else [member_of(table, by)]


def in_units(table: sa.Table, units: int) -> sa.ColumnElement[bool]:
    """The rows of so many units, each a parameter."""
    return among(table.c.unit, "unit", units)


def unit_names(units: Sequence[str]) -> dict[str, str]:
    """The parameters of `in_units`."""
    return named("unit", units)


def narrowed(table: sa.Table, filters: Mapping[str, object]) -> list[sa.ColumnElement[bool]]:
    """The conditions of a scope's filters; the member "" is that of rows that do not say theirs.

    A day may be said as YYYY-MM-DD. Raises UsageError for one that is none.
    """
    said = {name: _member(table, name, member) for name, member in filters.items() if member not in ("", LATER)}
    unsaid = [member_of(table, name) == sa.literal_column("''") for name, member in filters.items() if member == ""]
    later = [
        table.c[name] == sa.bindparam(_parameter(name), type_=table.c[name].type)
        for name, member in filters.items()
        if member is LATER
    ]
    return [*conditions(table, said), *unsaid, *later]


LATER = object()
"""In the place of a filter's member: a parameter, so that one statement serves all members."""


def form_of(filters: Mapping[str, object]) -> dict[str, object]:
    """The filters with their texts left for later."""
    return {name: LATER if _is_said(member) else member for name, member in filters.items()}


def filter_members(table: sa.Table, filters: Mapping[str, object]) -> dict[str, object]:
    """The parameters of `narrowed` under the form of the filters. Raises UsageError as it does."""
    return {_parameter(name): _member(table, name, member) for name, member in filters.items() if _is_said(member)}


def _is_said(member: object) -> bool:
    return isinstance(member, str) and member != ""


def _parameter(name: str) -> str:
    return f"filter_{name}"


def _member(table: sa.Table, name: str, member: object) -> object:
    return day_said(member) if isinstance(member, str) and isinstance(table.c[name].type, sa.Date) else member


def day_said(member: str) -> date:
    """The day of a filter, YYYY-MM-DD. Raises UsageError for what is none."""
    try:
        return date.fromisoformat(member)
    except ValueError:
        raise UsageError("error.day", value=member) from None
