"""What is read of the observations: as little as gives every window that is asked for its number.

Of numbers of which the newest stands those that do when a window ends, found by when they were superseded
(store/succession.py); of numbers that are added up those of the windows. Numbers of single days come as their sum
between each two edges of the windows, or the newest at an edge only: most are told every day of the year.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache, reduce
from typing import Any

import sqlalchemy as sa

from datasets.indicators.definition import Element
from datasets.indicators.observation_told import WEEK, Added, Newest, Observed, Told, only
from datasets.periods import Period, PeriodType
from datasets.store.tables import TABLES


@dataclass(frozen=True, slots=True)
class Asked:
    """What is needed of an element.

    since, first_end, until   when the first window begins and the first one ends; when the last one ends
    categories   None: all
    edges   the days at which windows begin or end
    """

    since: date
    first_end: date
    until: date
    categories: frozenset[str] | None
    edges: frozenset[date]

    def also(self, other: Asked) -> Asked:
        """What both need."""
        return Asked(
            min(self.since, other.since),
            min(self.first_end, other.first_end),
            max(self.until, other.until),
            None if self.categories is None or other.categories is None else self.categories | other.categories,
            self.edges | other.edges,
        )


def read(
    connection: sa.Connection,
    elements: Mapping[str, Element],
    asked: Mapping[str, Asked],
    units: Sequence[str],
    as_told: Collection[str],
) -> dict[str, dict[str, Told]]:
    """By element and unit what was told of the windows; of who told nothing, nothing.

    as_told   the units of which each number of a single day is needed
    """
    alike: dict[tuple[bool, date, bool], list[str]] = defaultdict(list)
    for name, each in asked.items():
        last = elements[name].over_time == "last"
        alike[last, each.first_end if last else each.since, each.categories is None].append(name)
    found: dict[str, dict[str, Told]] = defaultdict(dict)
    for (last, *_), names in alike.items():
        together = reduce(Asked.also, (asked[name] for name in names))
        daily = [name for name in names if PeriodType.DAY in elements[name].periods]
        for some, every_day in (([u for u in units if u not in as_told], False), (sorted(as_told), True)):
            if some:
                reading = _Reading(connection, some, names, together, every_day=every_day)
                of_pairs = reading.newest() if last else reading.added(daily)
                for (unit, element), told in of_pairs.items():
                    found[element][unit] = told
    return dict(found)


class _Reading:
    """What is read together of some elements and units."""

    def __init__(
        self,
        connection: sa.Connection,
        units: Sequence[str],
        elements: Sequence[str],
        asked: Asked,
        *,
        every_day: bool,
    ) -> None:
        self._connection, self._every = connection, asked.categories is None
        self._edges = None if every_day else sorted(asked.edges)
        self._said = {
            "units": units,
            "elements": elements,
            "categories": sorted(asked.categories or ()),
            "since": asked.since,
            "from": asked.since - WEEK if asked.since > date.min + WEEK else asked.since,
            "first_end": asked.first_end,
            "until": asked.until,
            **{f"edge_{n}": edge for n, edge in enumerate(self._edges or ())},
        }

    def newest(self) -> Mapping[tuple[str, str], Told]:
        """Numbers of which the newest stands."""
        found: dict[tuple[str, str], list[tuple[date, Observed]]] = defaultdict(list)
        query = _newest_query(None if self._edges is None else len(self._edges), every=self._every)
        for unit, element, category, period, value, source, until in self._rows(query):
            told = Period.parse(period)
            row = Observed(unit, element, category, period, told.start, told.end, value, only(source))
            found[unit, element].append((until, row))
        return {pair: Newest(rows) for pair, rows in found.items()}

    def added(self, daily: Sequence[str]) -> Mapping[tuple[str, str], Told]:
        """Numbers that are added up, those of single days of the elements that may be told by the day."""
        rows = self._rows(_added_query(every=self._every, days=self._edges is None))
        if self._edges is not None and daily:
            rows = [*rows, *self._rows(_added_days_query(len(self._edges), every=self._every), elements=daily)]
        found: dict[tuple[str, str], list[Observed]] = defaultdict(list)
        for unit, element, category, period, value, source, first in rows:
            start, end = Period.parse(first).start, Period.parse(period).end
            found[unit, element].append(Observed(unit, element, category, period, start, end, value, only(source)))
        return {pair: Added(of_pair) for pair, of_pair in found.items()}

    def _rows(self, query: sa.Select[Any], **said: Any) -> Sequence[Any]:
        return self._connection.execute(query, {**self._said, **said}).all()


# -- statements -----------------------------------------------------------------------

_C = TABLES["observation"].c
_TOLD = (_C.unit, _C.element, _C.category, _C.period, _C.value, _C.source)
"""A period's days follow from its id, for less than they are read for."""


def _wanted() -> list[sa.ColumnElement[bool]]:
    return [
        _C.unit.in_(sa.bindparam("units", expanding=True)),
        _C.element.in_(sa.bindparam("elements", expanding=True)),
        _C.period_start < sa.bindparam("until", type_=sa.Date),
        _C.vanished_at.is_(None),  # a figure taken back is none
    ]


def _named(*, every: bool) -> list[sa.ColumnElement[bool]]:
    return [] if every else [_C.category.in_(sa.bindparam("categories", expanding=True))]


@lru_cache(maxsize=256)
def _newest_query(edges: int | None, *, every: bool) -> sa.Select[tuple[Any, ...]]:
    """Numbers of which the newest stands, that do at the end of a window, and until when; those of single days only
    where they do at an edge."""
    stands = (_C.superseded_on >= sa.bindparam("first_end", type_=sa.Date), _C.superseded_on > _C.period_start)
    told = sa.select(*_TOLD, _C.superseded_on).where(*_wanted(), *_named(every=every), *stands)
    if edges is None:
        return told
    at_an_edge = (sa.and_(_C.period_start < edge, edge <= _C.superseded_on) for edge in map(_edge, range(edges)))
    return told.where(sa.or_(~_of_a_day(), *at_an_edge))


def _in_windows(*, every: bool) -> list[sa.ColumnElement[bool]]:
    """What may be added up. A week may begin before the window that it counts in."""
    begun = _C.period_start >= sa.bindparam("from", type_=sa.Date)
    return [*_wanted(), *_named(every=every), begun, _C.period_end > sa.bindparam("since", type_=sa.Date)]


@cache
def _added_query(*, every: bool, days: bool) -> sa.Select[tuple[Any, ...]]:
    """Numbers to be added up, as they were told; with those of single days or without."""
    told = sa.select(*_TOLD, _C.period.label("first"))
    return told.where(*_in_windows(every=every), *([] if days else [~_of_a_day()]))


@lru_cache(maxsize=256)
def _added_days_query(edges: int, *, every: bool) -> sa.Select[tuple[Any, ...]]:
    """Numbers of single days as one row between each two edges: the last day's id, all days' sum, the first day's."""
    last, added, first = sa.func.max(_C.period), sa.func.sum(_C.value), sa.func.min(_C.period)
    days = sa.select(_C.unit, _C.element, _C.category, last, added, _C.source, first)
    inside = (*_in_windows(every=every), _of_a_day())
    return days.where(*inside).group_by(_C.unit, _C.element, _C.category, _C.source, _place(0, edges))


def _place(first: int, after: int) -> sa.ColumnElement[int]:
    """How many of the edges lie before what a number begins with: of which edges between two, found by halves."""
    if first == after:
        return sa.literal_column(str(first))
    middle = (first + after) // 2
    return sa.case((_C.period_start >= _edge(middle), _place(middle + 1, after)), else_=_place(first, middle))


def _edge(number: int) -> sa.BindParameter[date]:
    """One of the days at which windows begin or end, in their order."""
    return sa.bindparam(f"edge_{number}", type_=sa.Date)


def _of_a_day() -> sa.ColumnElement[bool]:
    """Whether a period id is a day's: yyyymmdd is the only one of eight letters."""
    return sa.func.length(_C.period) == 8
