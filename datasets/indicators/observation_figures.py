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

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from datasets.indicators.definition import Component, Element
from datasets.indicators.window import Window
from datasets.periods import Period, PeriodType
from datasets.units_territory import ONE_DAY, Former, Territory

WEEK, THURSDAY = timedelta(days=7), timedelta(days=3)
LONGEST = timedelta(days=366)
"""No period is longer than a year."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A number with the newest period it is of, that period's end, and the sources it came from."""

    value: float
    period: str
    end: date
    sources: frozenset[str]


@dataclass(frozen=True, slots=True)
class Observed:
    """One stored observation."""

    unit: str
    element: str
    category: str
    period: str
    start: date
    end: date
    value: float
    source: str


class ObservationFigures:
    """All observations of some elements and units, read once, asked many times.

    since        of elements that are added up over time, rows that ended before are not needed
    categories   of those, only these are needed; None: all
    edges        of those, numbers of single days are added up by the store between these days: the first days of the
                 windows asked for and the days after their last; empty: every number as it was told
    """

    def __init__(
        self,
        connection: sa.Connection,
        table: sa.Table,
        elements: Mapping[str, Element],
        wanted: Iterable[str],
        units: Sequence[str],
        until: date,
        since: date = date.min,
        categories: Collection[str] | None = None,
        edges: Sequence[date] = (),
    ) -> None:
        c = table.c
        self._elements = elements
        self._rows: dict[tuple[str, str], list[Observed]] = defaultdict(list)
        names = tuple(dict.fromkeys(wanted))
        last = [name for name in names if elements[name].over_time == "last"]
        summed = [name for name in names if name not in last]
        daily = [name for name in summed if edges and PeriodType.DAY in elements[name].periods]
        told = (
            sa.select(c.unit, c.element, c.category, c.period, c.period_start, c.period_end, c.value, c.source)
            .where(c.unit.in_(units), c.period_start < until, c.vanished_at.is_(None))  # a figure taken back is none
            .order_by(c.period_start, c.period_end)
        )
        if summed:
            inside = [c.period_end > since, *_from(c.period_start, since, 1)]
            if categories is not None:
                inside.append(c.category.in_(categories))
            single = c.element.in_(daily) & _of_a_day(c.period)
            if daily:
                these = (c.unit.in_(units), c.period_start < until, c.vanished_at.is_(None), single, *inside)
                self._take(connection, _added_up(table, these, edges))
            self._take(connection, told.where(c.element.in_(summed), *inside, *([~single] if daily else [])))
        if last:
            self._take(connection, told.where(c.element.in_(last), *_from(c.period_start, since, 2)))
            if stale := _stale(connection, table, units, last, since):
                far = ~sa.and_(*_from(c.period_start, since, 2))
                self._take(connection, told.where(sa.tuple_(c.unit, c.element).in_(stale), far))

    def _take(self, connection: sa.Connection, query: sa.Select[tuple[Any, ...]]) -> None:
        for row in connection.execute(query):
            self._rows[row[1], row[0]].append(Observed(*row))

    def reading(self, component: Component, unit: str, territory: Territory, window: Window) -> Reading | None:
        """The element for a unit by the boundaries of a territory. None when not known."""
        rows = self.behind(component, unit, territory, window)
        return _combine(rows) if rows else None

    def behind(self, component: Component, unit: str, territory: Territory, window: Window) -> list[Observed]:
        """The observations that are added up: the unit's own, else those of the units below it."""
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
        for child in territory.below.get(unit, ()):
            if child not in held:
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
        told = self._rows.get((str(component.element), unit))
        if not told:  # most units report few things: every hamlet is asked for everything
            return []
        element = self._elements[str(component.element)]
        mine = [row for row in told if row.start < window.end]
        if element.over_time == "last":
            newest = max(((row.end, row.start) for row in mine), default=None)
            chosen = [row for row in mine if (row.end, row.start) == newest]
        else:
            inside = [row for row in mine if _counts_in(row, window)]
            longest = max((_rank(row.period) for row in inside), default=None)
            chosen = [row for row in inside if _rank(row.period) == longest]
        return [row for row in chosen if row.category == (component.category or "")]

    def categories(self, component: Component, unit: str, territory: Territory, window: Window) -> dict[str, Reading]:
        """The element's number for each category known of the unit or below it, the total left out."""
        element = str(component.element)
        found = {
            row.category
            for code in territory.codes(unit)
            for row in self._rows.get((element, code), ())
            if row.category
        }
        readings = {
            category: self.reading(component.model_copy(update={"category": category}), unit, territory, window)
            for category in sorted(found)
        }
        return {category: reading for category, reading in readings.items() if reading is not None}


def _of_a_day(period: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether a period id is a day's: yyyymmdd is the only one of eight letters."""
    return sa.func.length(period) == 8


def _from(start: sa.ColumnElement[date], since: date, years: int) -> list[sa.ColumnElement[bool]]:
    """Begun at most so many years before a day, so that an index need not be read to the beginning of time."""
    return [start >= since - years * LONGEST] if since > date.min + years * LONGEST else []


def _stale(
    connection: sa.Connection, table: sa.Table, units: Sequence[str], elements: Sequence[str], since: date
) -> list[tuple[str, str]]:
    """Units and elements whose newest number before a day is more than a year old at it."""
    if not _from(table.c.period_start, since, 2):
        return []
    c = table.c
    newest = (
        sa.select(c.unit, c.element, sa.func.max(c.period_start))
        .where(c.unit.in_(units), c.element.in_(elements), c.period_start < since, c.vanished_at.is_(None))
        .group_by(c.unit, c.element)
    )
    return [(row[0], row[1]) for row in connection.execute(newest) if row[2] < since - LONGEST]


def _added_up(
    table: sa.Table, told: Sequence[sa.ColumnElement[bool]], edges: Sequence[date]
) -> sa.Select[tuple[Any, ...]]:
    """Rows of single days as one row between each two edges: the last day's id, and all days' sum."""
    c = table.c
    place = sa.case(*((c.period_start >= edge, n) for n, edge in enumerate(sorted(set(edges), reverse=True))), else_=-1)
    return (
        sa.select(
            c.unit,
            c.element,
            c.category,
            sa.func.max(c.period),
            sa.func.min(c.period_start),
            sa.func.max(c.period_end),
            sa.func.sum(c.value),
            c.source,
        )
        .where(*told)
        .group_by(c.unit, c.element, c.category, c.source, place)
    )


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
