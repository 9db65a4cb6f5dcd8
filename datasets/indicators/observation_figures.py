"""Components that show one element of the observation dataset.

Over time   `sum` adds the periods inside the window (all of one type, the longest that
            fits, so that a month is not added to its own days; weeks go by their Thursday); `last` takes the newest
            known by the window's end, however old: its period travels with it.
Over units  a unit's own number stands; a unit without one is the `sum` of its children,
            or unknown where the element says `none`. Where a unit took over from others
            (units_territory.py), their numbers of the time before are added to a `sum`, unless
            its own number is of after the merger and so holds them already.
Categories  the asked category, else the total (category ""); parts are never added up.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from itertools import accumulate
from operator import attrgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from datasets.indicators.definition import Component, Element
from datasets.indicators.window import Window
from datasets.periods import Period, PeriodType
from datasets.store.tables import TABLES
from datasets.units_territory import ONE_DAY, Former, Territory

WEEK, THURSDAY = timedelta(days=7), timedelta(days=3)
LONGEST = timedelta(days=366)
"""No period is longer than a year."""
_TIME = attrgetter("start", "end")


@dataclass(frozen=True, slots=True)
class Reading:
    """A number with the newest period it is of, that period's end, and the sources it came from."""

    value: float
    period: str
    end: date
    sources: frozenset[str]


class Observed(NamedTuple):
    """One stored observation."""

    unit: str
    element: str
    category: str
    period: str
    start: date
    end: date
    value: float
    source: str


@dataclass(slots=True)
class _Asked:
    """What is needed of one element: since when (of a `sum`: what ended before is not), of which categories (of a
    `sum`; None: all), and the days at which windows begin or end (None: every number is needed as it was told)."""

    since: date
    categories: set[str] | None
    edges: set[date] | None


class _Told:
    """What a unit told of an element, in the order of time."""

    def __init__(self, rows: list[Observed]) -> None:
        self.rows = sorted(rows, key=_TIME)
        self.starts = [row.start for row in self.rows]
        self.newest = list(accumulate(((row.end, row.start) for row in self.rows), max))
        """Of each row the newest end, and its start, up to it."""

    def last(self, until: date) -> list[Observed]:
        """The newest numbers begun before a day."""
        place = bisect_left(self.starts, until)
        if not place:
            return []
        end, start = self.newest[place - 1]
        of_day = self.rows[bisect_left(self.starts, start) : bisect_right(self.starts, start)]
        return [row for row in of_day if row.end == end]

    def inside(self, window: Window) -> list[Observed]:
        """The numbers whose periods count in a window."""
        first, after = bisect_left(self.starts, window.start - WEEK), bisect_left(self.starts, window.end)
        return [row for row in self.rows[first:after] if _counts_in(row, window)]


class ObservationFigures:
    """The observations that some questions need: `want` all of them, then look; the first look reads.

    Between the edges of the windows asked for, numbers of single days that are added up come as their sum, and of
    those of which the newest stands, the newest only.
    """

    def __init__(self, connection: sa.Connection, elements: Mapping[str, Element]) -> None:
        self._connection, self._elements = connection, elements
        self._told: dict[str, dict[str, _Told]] = {}
        self._asked: dict[str, _Asked] = {}
        self._units: dict[str, None] = {}
        self._until = date.min

    def want(
        self,
        elements: Iterable[str],
        units: Iterable[str],
        until: date,
        since: date = date.min,
        categories: Collection[str] | None = None,
        edges: Collection[date] | None = None,
    ) -> None:
        """Elements of units, begun before `until`; see `_Asked`. All of it before the first look."""
        self._units |= dict.fromkeys(units)
        self._until = max(self._until, until)
        for element in elements:
            asked = self._asked.setdefault(element, _Asked(since, set(), set()))
            asked.since = min(asked.since, since)
            asked.categories = _both(asked.categories, categories)
            asked.edges = _both(asked.edges, edges)

    def _read(self) -> None:
        asked, self._asked = self._asked, {}
        alike: dict[tuple[date, bool, bool, bool], list[str]] = defaultdict(list)
        for name, each in asked.items():
            last = self._elements[name].over_time == "last"
            alike[each.since, last, each.edges is None, last or each.categories is None].append(name)
        rows: list[Observed] = []
        for (since, last, as_told, every), names in alike.items():
            said: dict[str, Any] = {"units": tuple(self._units), "until": self._until, "since": since}
            far = since > date.min + 2 * LONGEST
            said |= {"from": since - (2 if last else 1) * LONGEST} if far else {}
            edges = sorted(set().union(*(asked[name].edges or () for name in names)), reverse=True)
            said |= {f"edge_{n}": edge for n, edge in enumerate(edges)}
            if not every:
                said["categories"] = sorted(set().union(*(asked[name].categories or () for name in names)))
            if last:
                rows += self._rows(_last_query(None if as_told else len(edges), far=far), said, names)
                if far and (stale := self._stale(said | {"elements": names})):
                    rows += self._rows(_stale_query(), said | {"stale": stale}, names)
                continue
            daily = [] if as_told else [name for name in names if PeriodType.DAY in self._elements[name].periods]
            rows += self._rows(_summed_query(far=far, every=every, days=as_told), said, names)
            if daily:
                rows += self._rows(_added_query(len(edges), far=far, every=every), said, daily)
        told: dict[tuple[str, str], list[Observed]] = defaultdict(list)
        for row in rows:
            told[row.element, row.unit].append(row)
        for (element, unit), of_unit in told.items():
            self._told.setdefault(element, {})[unit] = _Told(of_unit)

    def _rows(self, query: sa.Select[Any], said: Mapping[str, Any], elements: Sequence[str]) -> list[Observed]:
        return list(map(Observed._make, self._connection.execute(query, {**said, "elements": elements}).all()))

    def _stale(self, said: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Units and elements whose newest number before a day is more than a year old at it."""
        newest = self._connection.execute(_newest_query(), said)
        return [(row[0], row[1]) for row in newest if row[2] < said["since"] - LONGEST]

    def has_any(self, component: Component) -> bool:
        """Whether anybody told anything of the element: of most that a page asks for nobody did."""
        if self._asked:
            self._read()
        return component.element in self._told

    def reading(self, component: Component, unit: str, territory: Territory, window: Window) -> Reading | None:
        """The element for a unit by the boundaries of a territory. None when not known."""
        if not self.has_any(component):
            return None
        rows = self.behind(component, unit, territory, window)
        return _combine(rows) if rows else None

    def behind(self, component: Component, unit: str, territory: Territory, window: Window) -> list[Observed]:
        """The observations that are added up: the unit's own, else those of the units below it."""
        if not self.has_any(component):
            return []
        own = self.rows(component, unit, window)
        if self._elements[str(component.element)].over_units != "sum":
            return own
        former = territory.before.get(unit, ())
        if own:
            return [*own, *(row for each in former for row in self._not_held(component, each, own, window))]
        found: list[Observed] = []
        held: set[str] = set()
        for each in former:
            told, parts = self.rows(component, each.code, window), self._parts(component, each, window)
            if told and not any(row.end > max(t.end for t in told) for row in parts):
                found += told
                held |= set(each.children)
            else:
                found += [row for row in parts if territory.home(row.unit) == unit]
        told_by = self._told[str(component.element)]
        for child in territory.below.get(unit, ()):
            if child not in held and (child in told_by or child in territory.below or child in territory.before):
                found += self.behind(component, child, territory, window)
        return found

    def _not_held(
        self, component: Component, former: Former, own: Sequence[Observed], window: Window
    ) -> list[Observed]:
        """What a unit that was taken over had of its own and its successor's numbers do not hold yet."""
        over = former.last_day + ONE_DAY
        stock = self._elements[str(component.element)].over_time == "last"
        after = [row for row in own if row.end > over]
        theirs = self.rows(component, former.code, window) or self._parts(component, former, window)
        return [row for row in theirs if not any(stock or row.start >= held.start for held in after)]

    def _parts(self, component: Component, former: Former, window: Window) -> list[Observed]:
        """What was told of the units directly below one that was taken over, while they were."""
        rows = [row for child in former.children for row in self.rows(component, child, window)]
        return [row for row in rows if row.start <= former.last_day]

    def rows(self, component: Component, unit: str, window: Window) -> list[Observed]:
        """The unit's own observations that make up the number: none, one, or the ones to be added."""
        told = self._told.get(str(component.element), {}).get(unit)
        if told is None:  # most units report few things: every hamlet is asked for everything
            return []
        category = component.category or ""
        if self._elements[str(component.element)].over_time == "last":
            return [row for row in told.last(window.end) if row.category == category]
        inside = [row for row in told.inside(window) if row.category == category]
        if len(inside) < 2:
            return inside
        longest = max(_rank(row.period) for row in inside)
        return [row for row in inside if _rank(row.period) == longest]

    def categories(self, component: Component, unit: str, territory: Territory, window: Window) -> dict[str, Reading]:
        """The element's number for each category known of the unit or below it, the total left out."""
        if not self.has_any(component):
            return {}
        told_by = self._told[str(component.element)]
        of_codes = (told_by[code] for code in territory.codes(unit) if code in told_by)
        found = {row.category for told in of_codes for row in told.rows if row.category}
        readings = {
            category: self.reading(component.model_copy(update={"category": category}), unit, territory, window)
            for category in sorted(found)
        }
        return {category: reading for category, reading in readings.items() if reading is not None}


def _both(some: set[Any] | None, more: Collection[Any] | None) -> set[Any] | None:
    return None if some is None or more is None else some | set(more)


def small_told(
    connection: sa.Connection, elements: Sequence[str], units: Sequence[str], until: date, minimum: float
) -> frozenset[str]:
    """Of the elements those of which any of the units told a number below `minimum` that is not 0."""
    said = {"elements": elements, "units": units, "until": until, "minimum": minimum}
    return frozenset(row.element for row in connection.execute(_small_query(), said))


# -- statements -----------------------------------------------------------------------

_TABLE = TABLES["observation"]
_C = _TABLE.c
_TOLD = (_C.unit, _C.element, _C.category, _C.period, _C.period_start, _C.period_end, _C.value, _C.source)


def _wanted(*, far: bool) -> list[sa.ColumnElement[bool]]:
    """Of the elements and units; begun not so long before, that an index need not be read to the beginning of time."""
    return [
        _C.unit.in_(sa.bindparam("units", expanding=True)),
        _C.element.in_(sa.bindparam("elements", expanding=True)),
        _C.period_start < sa.bindparam("until", type_=sa.Date),
        _C.vanished_at.is_(None),  # a figure taken back is none
        *([_C.period_start >= sa.bindparam("from", type_=sa.Date)] if far else []),
    ]


@lru_cache(maxsize=256)
def _last_query(edges: int | None, *, far: bool) -> sa.Select[tuple[Any, ...]]:
    """Numbers of which the newest stands: the newest between each two edges, all of its categories; without edges
    every one as it was told."""
    if edges is None:
        return sa.select(*_TOLD).where(*_wanted(far=far))
    newest = sa.func.rank().over(
        partition_by=(_C.unit, _C.element, _place(edges)), order_by=(_C.period_end.desc(), _C.period_start.desc())
    )
    ranked = sa.select(*_TOLD, newest.label("newest")).where(*_wanted(far=far)).subquery()
    return sa.select(*(ranked.c[column.name] for column in _TOLD)).where(ranked.c.newest == 1)


@cache
def _small_query() -> sa.Select[tuple[str]]:
    """The elements of which a number that is not 0 is below a minimum."""
    small = (_C.value != 0, _C.value < sa.bindparam("minimum", type_=sa.Double))
    return sa.select(_C.element).where(*_wanted(far=False), *small).distinct()


@cache
def _newest_query() -> sa.Select[tuple[Any, ...]]:
    """When the newest number told before `since` begins, by unit and element."""
    before = _C.period_start < sa.bindparam("since", type_=sa.Date)
    asked = sa.select(_C.unit, _C.element, sa.func.max(_C.period_start)).where(*_wanted(far=False), before)
    return asked.group_by(_C.unit, _C.element)


@cache
def _stale_query() -> sa.Select[tuple[Any, ...]]:
    """What `_last_query` left out, of some units and elements."""
    these = sa.tuple_(_C.unit, _C.element).in_(sa.bindparam("stale", expanding=True))
    before = _C.period_start < sa.bindparam("from", type_=sa.Date)
    return sa.select(*_TOLD).where(*_wanted(far=False), these, before)


def _inside(*, far: bool, every: bool) -> list[sa.ColumnElement[bool]]:
    """What may be added up: ended after `since`, of the categories."""
    named = [] if every else [_C.category.in_(sa.bindparam("categories", expanding=True))]
    return [*_wanted(far=far), _C.period_end > sa.bindparam("since", type_=sa.Date), *named]


@cache
def _summed_query(*, far: bool, every: bool, days: bool) -> sa.Select[tuple[Any, ...]]:
    """Numbers to be added up, as they were told; with those of single days or without."""
    return sa.select(*_TOLD).where(*_inside(far=far, every=every), *([] if days else [~_of_a_day()]))


@lru_cache(maxsize=256)
def _added_query(edges: int, *, far: bool, every: bool) -> sa.Select[tuple[Any, ...]]:
    """Numbers of single days as one row between each two edges: the last day's id, and all days' sum."""
    told = (sa.func.max(_C.period), sa.func.min(_C.period_start), sa.func.max(_C.period_end), sa.func.sum(_C.value))
    added = sa.select(_C.unit, _C.element, _C.category, *told, _C.source)
    inside = (*_inside(far=far, every=every), _of_a_day())
    return added.where(*inside).group_by(_C.unit, _C.element, _C.category, _C.source, _place(edges))


def _place(edges: int) -> sa.ColumnElement[int]:
    """Between which of the edges, the latest first, a number begins."""
    after = ((_C.period_start >= sa.bindparam(f"edge_{n}", type_=sa.Date), n) for n in range(edges))
    return sa.case(*after, else_=edges)


def _of_a_day() -> sa.ColumnElement[bool]:
    """Whether a period id is a day's: yyyymmdd is the only one of eight letters."""
    return sa.func.length(_C.period) == 8


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


def _combine(rows: Sequence[Observed]) -> Reading:
    newest = max(rows, key=lambda row: (row.start, row.end))
    return Reading(sum(row.value for row in rows), newest.period, newest.end, frozenset(row.source for row in rows))
