"""What is read of the observations: as little as gives every window that is asked for its number.

Numbers that are added up are read from the first window's beginning on; those of which the
newest stands from a month before it, and where nobody told anything then, the newest of before.
Between the edges of the windows, numbers of single days that are added up come as their sum,
and of those of which the newest stands, the newest only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa

from datasets.indicators.definition import Element
from datasets.indicators.observation_told import WEEK, Added, Newest, Observed, Stock, Told, only
from datasets.periods import Period, PeriodType
from datasets.store.tables import TABLES

MONTH, LONGEST = timedelta(days=31), timedelta(days=366)
"""How long before the first window the newest number is looked for at first; no period is longer than a year."""


@dataclass(slots=True)
class Asked:
    """What is needed of one element: since when (of a `sum`: what ended before is not), of which categories (of a
    `sum`; None: all), and the days at which windows begin or end (None: every number is needed as it was told)."""

    since: date
    categories: set[str] | None
    edges: set[date] | None


def read(
    connection: sa.Connection,
    elements: Mapping[str, Element],
    asked: Mapping[str, Asked],
    units: Sequence[str],
    until: date,
) -> dict[str, dict[str, Told]]:
    """By element and unit what was told of periods begun before `until`."""
    reading = _Reading(connection, units, until)
    alike: dict[tuple[date, bool, bool, bool], list[str]] = defaultdict(list)
    for name, each in asked.items():
        last = elements[name].over_time == "last"
        alike[each.since, last, each.edges is None, last or each.categories is None].append(name)
    for (since, last, as_told, every), names in alike.items():
        edges = None if as_told else sorted(set().union(*(asked[name].edges or () for name in names)), reverse=True)
        if last:
            reading.newest(names, since, edges)
            continue
        categories = None if every else sorted(set().union(*(asked[name].categories or () for name in names)))
        reading.added(names, since, categories, days=edges is None)
        daily = [name for name in names if PeriodType.DAY in elements[name].periods]
        if edges is not None and daily:
            reading.added_days(daily, since, categories, edges)
    return reading.told()


class _Reading:
    """One look into the store, and what it gave."""

    def __init__(self, connection: sa.Connection, units: Sequence[str], until: date) -> None:
        self._connection, self._units = connection, units
        self._said: dict[str, Any] = {"units": units, "until": until}
        self._stocks: dict[tuple[str, str], Stock] = defaultdict(lambda: defaultdict(dict))
        self._flows: dict[tuple[str, str], list[Observed]] = defaultdict(list)

    def told(self) -> dict[str, dict[str, Told]]:
        found: dict[str, dict[str, Told]] = defaultdict(dict)
        for (unit, element), stock in self._stocks.items():
            found[element][unit] = Newest(unit, element, stock)
        for (unit, element), flow in self._flows.items():
            found[element][unit] = Added(flow)
        return dict(found)

    def newest(self, names: Sequence[str], since: date, edges: Sequence[date] | None) -> None:
        """Read numbers of which the newest stands, all of their categories."""
        far = since > date.min + 2 * LONGEST
        said: dict[str, Any] = {"elements": names}
        said |= {"ended": since - MONTH, "from": since - MONTH - LONGEST} if far else {}
        self._keep(_newest_query(far=far, days=edges is None), said)
        if edges is not None:
            said |= {"from": since - MONTH} if far else {}
            self._keep(_newest_days_query(len(edges), far=far), said | _named(edges))
        if far:
            self._before(names, since)

    def _before(self, names: Sequence[str], since: date) -> None:
        """Read the newest of before a day where nothing begun before it was read: all of that ended long before."""
        asked = set(names)
        known = {
            (unit, element)
            for (unit, element), stock in self._stocks.items()
            if element in asked and any(Period.parse(period).start < since for period in stock)
        }
        by_unit, by_element = Counter(unit for unit, _ in known), Counter(element for _, element in known)
        said = {
            "units": [unit for unit in self._units if by_unit[unit] < len(names)],
            "elements": [element for element in names if by_element[element] < len(self._units)],
            "since": since,
        }
        if not said["units"]:
            return
        older = {(unit, element): start for unit, element, start in self._rows(_newest_start_query(), said)}
        pairs = [pair for pair in older if pair not in known]
        if pairs:
            said |= {"pairs": pairs, "from": min(older[pair] for pair in pairs) - LONGEST}
            self._keep(_before_query(), said)

    def added(self, names: Sequence[str], since: date, categories: Sequence[str] | None, *, days: bool) -> None:
        """Read numbers that are added up, of the categories (None: of all), those of single days too or not."""
        said = _inside(names, since, categories)
        self._add(_added_query(far="from" in said, every=categories is None, days=days), said)

    def added_days(
        self, names: Sequence[str], since: date, categories: Sequence[str] | None, edges: Sequence[date]
    ) -> None:
        """Read numbers of single days, added up between each two edges."""
        said = _inside(names, since, categories)
        query = _added_days_query(len(edges), far="from" in said, every=categories is None)
        self._add(query, said | _named(edges))

    def _keep(self, query: sa.Select[Any], said: Mapping[str, Any]) -> None:
        stocks = self._stocks
        for unit, element, category, period, value, source in self._rows(query, said):
            stocks[unit, element][period][category] = value, only(source)

    def _add(self, query: sa.Select[Any], said: Mapping[str, Any]) -> None:
        for unit, element, category, period, value, source, first in self._rows(query, said):
            start, end = Period.parse(first).start, Period.parse(period).end
            told = Observed(unit, element, category, period, start, end, value, only(source))
            self._flows[unit, element].append(told)

    def _rows(self, query: sa.Select[Any], said: Mapping[str, Any]) -> Sequence[Any]:
        return self._connection.execute(query, {**self._said, **said}).all()


def _inside(names: Sequence[str], since: date, categories: Sequence[str] | None) -> dict[str, Any]:
    """What is said of numbers to be added up: a week may begin before the window that it counts in."""
    said: dict[str, Any] = {"elements": names, "since": since}
    said |= {} if categories is None else {"categories": categories}
    return said | ({"from": since - WEEK} if since > date.min + WEEK else {})


def _named(edges: Sequence[date]) -> dict[str, date]:
    """The parameters of `_place`."""
    return {f"edge_{n}": edge for n, edge in enumerate(edges)}


# -- statements -----------------------------------------------------------------------

_C = TABLES["observation"].c
_TOLD = (_C.unit, _C.element, _C.category, _C.period, _C.value, _C.source)
"""A period's days follow from its id, for less than they are read for."""


def _wanted(*, far: bool) -> list[sa.ColumnElement[bool]]:
    """Of the elements and units; begun not so long before, that an index need not be read to the beginning of time."""
    return [
        _C.unit.in_(sa.bindparam("units", expanding=True)),
        _C.element.in_(sa.bindparam("elements", expanding=True)),
        _C.period_start < sa.bindparam("until", type_=sa.Date),
        _C.vanished_at.is_(None),  # a figure taken back is none
        *([_C.period_start >= sa.bindparam("from", type_=sa.Date)] if far else []),
    ]


@cache
def _newest_query(*, far: bool, days: bool) -> sa.Select[tuple[Any, ...]]:
    """Numbers of which the newest stands, as they were told; with those of single days or without."""
    told = sa.select(*_TOLD).where(*_wanted(far=far), *([] if days else [~_of_a_day()]))
    return told.where(_C.period_end > sa.bindparam("ended", type_=sa.Date)) if far else told


@lru_cache(maxsize=256)
def _newest_days_query(edges: int, *, far: bool) -> sa.Select[tuple[Any, ...]]:
    """Of numbers of single days the newest between each two edges, all of its categories."""
    newest = sa.func.rank().over(partition_by=(_C.unit, _C.element, _place(edges)), order_by=_C.period_start.desc())
    ranked = sa.select(*_TOLD, newest.label("newest")).where(*_wanted(far=far), _of_a_day()).subquery()
    return sa.select(*(ranked.c[column.name] for column in _TOLD)).where(ranked.c.newest == 1)


@cache
def _newest_start_query() -> sa.Select[tuple[Any, ...]]:
    """When the last number told before `since` begins, by unit and element."""
    before = _C.period_start < sa.bindparam("since", type_=sa.Date)
    asked = sa.select(_C.unit, _C.element, sa.func.max(_C.period_start)).where(*_wanted(far=False), before)
    return asked.group_by(_C.unit, _C.element)


@cache
def _before_query() -> sa.Select[tuple[Any, ...]]:
    """What some units told of some elements before `since`."""
    these = sa.tuple_(_C.unit, _C.element).in_(sa.bindparam("pairs", expanding=True))
    before = _C.period_start < sa.bindparam("since", type_=sa.Date)
    return sa.select(*_TOLD).where(*_wanted(far=True), these, before)


def _of_windows(*, far: bool, every: bool) -> list[sa.ColumnElement[bool]]:
    """What may be added up: ended after `since`, of the categories."""
    named = [] if every else [_C.category.in_(sa.bindparam("categories", expanding=True))]
    return [*_wanted(far=far), _C.period_end > sa.bindparam("since", type_=sa.Date), *named]


@cache
def _added_query(*, far: bool, every: bool, days: bool) -> sa.Select[tuple[Any, ...]]:
    """Numbers to be added up, as they were told; with those of single days or without."""
    told = sa.select(*_TOLD, _C.period.label("first"))
    return told.where(*_of_windows(far=far, every=every), *([] if days else [~_of_a_day()]))


@lru_cache(maxsize=256)
def _added_days_query(edges: int, *, far: bool, every: bool) -> sa.Select[tuple[Any, ...]]:
    """Numbers of single days as one row between each two edges: the last day's id, all days' sum, the first day's."""
    last, added, first = sa.func.max(_C.period), sa.func.sum(_C.value), sa.func.min(_C.period)
    days = sa.select(_C.unit, _C.element, _C.category, last, added, _C.source, first)
    inside = (*_of_windows(far=far, every=every), _of_a_day())
    return days.where(*inside).group_by(_C.unit, _C.element, _C.category, _C.source, _place(edges))


def _place(edges: int) -> sa.ColumnElement[int]:
    """Between which of the edges, the latest first, a number begins."""
    after = ((_C.period_start >= sa.bindparam(f"edge_{n}", type_=sa.Date), n) for n in range(edges))
    return sa.case(*after, else_=edges)


def _of_a_day() -> sa.ColumnElement[bool]:
    """Whether a period id is a day's: yyyymmdd is the only one of eight letters."""
    return sa.func.length(_C.period) == 8
