"""What is read of the observations: as little as gives every window that is asked for its number.

Of numbers of which the newest stands those that do when a window ends, found by when they were superseded
(store/succession.py); of numbers that are added up those of the windows. Numbers of single days come as their sum
between each two edges of the windows, or the newest at an edge only: most are told every day of the year.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache, partial
from itertools import repeat
from typing import Any, NamedTuple

import sqlalchemy as sa

from datasets.indicators.definition import Element
from datasets.indicators.judge import plain
from datasets.indicators.observation_asked import Asked, Want, alike, together
from datasets.indicators.observation_told import (
    WEEK,
    Added,
    Newest,
    Observed,
    Places,
    Succession,
    Told,
    new,
    only,
    readings_of,
)
from datasets.periods import Period, PeriodType
from datasets.store.listed import among, as_text, listed, named
from datasets.store.ready import Answer, Parameters, Ready
from datasets.store.tables import TABLES

READINGS_KEPT = 256
MONTH = timedelta(days=31)
"""Most numbers are told by the month: windows further apart than that do not need all of them."""


Asking = Callable[[], Mapping[tuple[str, str], Told]]
"""Takes the answer to what was asked: by unit and element what was told."""


def telling(connection: sa.Connection, units: Sequence[str]) -> frozenset[str]:
    """Those of the units that told anything: most hamlets never do."""
    return frozenset(row[0] for row in connection.execute(_telling_query(len(units)), named("unit", units)))


class Reads:
    """Says by which statements is read what some questions need: found once for all pages that ask the same."""

    def __init__(self, elements: Mapping[str, Element]) -> None:
        self.elements = elements
        self._readings = lru_cache(maxsize=READINGS_KEPT)(self._make_readings)

    def ask(self, connection: sa.Connection, wants: Iterable[Want]) -> list[Asking]:
        """Ask for what is needed; `taken` takes the answers."""
        return [reading.ask(connection) for reading in self._readings(tuple(wants))]

    def _make_readings(self, wants: tuple[Want, ...]) -> list[_Reading]:
        found: list[_Reading] = []
        for last, names, asked in alike(self.elements, together(wants)):
            daily = [name for name in names if PeriodType.DAY in self.elements[name].periods]
            for some, every_day in ((asked.units - asked.as_told, False), (asked.units & asked.as_told, True)):
                if some:
                    of = replace(asked, units=some)
                    how = _Last(names, of, every_day=every_day) if last else _Sum(names, of, daily, every_day=every_day)
                    found.append(how)
        return found


def taken(askings: Iterable[Asking]) -> dict[str, dict[str, Told]]:
    """By element and unit what was told of the windows; of who told nothing, nothing."""
    found: dict[str, dict[str, Told]] = defaultdict(dict)
    for take in askings:
        for (unit, element), each in take().items():
            found[element][unit] = each
    return dict(found)


class Shape(NamedTuple):
    """How many units, elements and categories are asked for, None: all categories: what a statement hangs on."""

    units: int
    elements: int
    categories: int | None


def shape_of(elements: Sequence[str], asked: Asked) -> Shape:
    """The form of the statements that read what is needed of some elements."""
    return Shape(len(asked.units), len(elements), None if asked.categories is None else len(asked.categories))


def said_of(elements: Sequence[str], asked: Asked) -> dict[str, Any]:
    """The parameters of `stands` and `in_windows`."""
    return {
        **named("unit", sorted(asked.units)),
        **named("element", elements),
        **named("category", sorted(asked.categories or ())),
        "since": asked.since,
        "from": asked.since - WEEK if asked.since > date.min + WEEK else asked.since,
        "first_end": asked.first_end,
        "until": asked.until,
    }


def observed(
    units: Iterable[str],
    elements: Iterable[str],
    categories: Iterable[str],
    periods: Iterable[str],
    values: Iterable[float],
    sources: Iterable[str],
    firsts: Iterable[str] | None = None,
) -> list[Observed]:
    """Observations by their columns; `firsts` are the periods in which they begin, where that is another one."""
    ends = [Period.parse(period) for period in periods]
    starts = ends if firsts is None else map(Period.parse, firsts)
    days = [each.start for each in starts], [each.end for each in ends]
    rows = zip(units, elements, categories, periods, *days, map(plain, values), map(only, sources), strict=False)
    return [new(Observed, row) for row in rows]


class _Reading:
    """What is read together of some elements and units: with `every_day` each number of a single day."""

    def __init__(self, elements: Sequence[str], asked: Asked, *, every_day: bool) -> None:
        self._asked, self._shape = asked, shape_of(elements, asked)
        self._edges = None if every_day else sorted(asked.edges)
        edges = {f"edge_{n}": edge for n, edge in enumerate(self._edges or ())}
        self._said = said_of(elements, asked) | edges
        self._parameters = Parameters(self._said)

    @abstractmethod
    def ask(self, connection: sa.Connection) -> Asking:
        """Ask for it; what is returned takes the answer."""


class _Last(_Reading):
    """Numbers of which the newest stands."""

    def __init__(self, elements: Sequence[str], asked: Asked, *, every_day: bool) -> None:
        super().__init__(elements, asked, every_day=every_day)
        far = asked.until - asked.first_end > len(asked.edges) * MONTH
        self._query = _newest_query(self._shape, None if self._edges is None else len(self._edges), far=far)
        self._series = _only_one(asked.units), None, _only_one(asked.categories)

    def ask(self, connection: sa.Connection) -> Asking:
        return partial(_newest, self._query.ask(connection, self._parameters), self._series)


class _Sum(_Reading):
    """Numbers that are added up, those of single days of the `daily` elements, which may be told by the day."""

    def __init__(self, elements: Sequence[str], asked: Asked, daily: Sequence[str], *, every_day: bool) -> None:
        super().__init__(elements, asked, every_day=every_day)
        self._query, self._daily = _added_query(self._shape, days=every_day), daily

    def ask(self, connection: sa.Connection) -> Asking:
        rows = self._query.ask(connection, self._parameters)
        days = None if self._edges is None or not self._daily else self._days(connection, len(self._edges))
        return partial(_added, rows, days)

    def _days(self, connection: sa.Connection, edges: int) -> Callable[[], list[Observed]]:
        shape = shape_of(self._daily, self._asked)
        said = self._said | named("element", self._daily)
        any_told = _days_query(shape).ask(connection, said)

        def take() -> list[Observed]:
            told = any_told.columns() and _added_days_query(shape, edges).columns(connection, said)
            return observed(*told) if told else []

        return take


def _only_one(names: Collection[str] | None) -> str | None:
    """The one name that is asked for: then it is not read with each row."""
    return next(iter(names)) if names is not None and len(names) == 1 else None


def _newest(answer: Answer, series: Sequence[str | None]) -> Mapping[tuple[str, str], Told]:
    """`series`: of unit, element and category those that are the same of all rows."""
    found: dict[tuple[str, str], dict[str, Succession]] = defaultdict(dict)
    places, first = Places(), 0
    if columns := answer.columns():
        *told_apart, periods, values, sources, until = columns
        differing = iter(told_apart)
        of_row = [next(differing) if name is None else repeat(name, len(periods)) for name in series]
        begin = {period: Period.parse(period).start for period in set(periods)}
        starts, until = tuple(map(begin.__getitem__, periods)), tuple(until)
        told = readings_of(values, periods, sources)
        for (unit, element, category), count in Counter(zip(*of_row, strict=True)).items():
            after = first + count  # those of a series stand together
            found[unit, element][category] = Succession(starts[first:after], until[first:after], told[first:after])
            first = after
    return {pair: Newest(*pair, by_category, places) for pair, by_category in found.items()}


def _added(answer: Answer, days: Callable[[], list[Observed]] | None) -> Mapping[tuple[str, str], Told]:
    columns = answer.columns()
    rows = observed(*columns) if columns else []
    if days is not None:
        rows += days()
    found: dict[tuple[str, str], list[Observed]] = defaultdict(list)
    for row in rows:
        found[row.unit, row.element].append(row)
    return {pair: Added(of_pair) for pair, of_pair in found.items()}


# -- statements -----------------------------------------------------------------------

_C = TABLES["observation"].c
_TOLD = (_C.unit, _C.element, _C.category, _C.period, _C.value, _C.source)
"""A period's days follow from its id, for less than they are read for."""


def _wanted(shape: Shape) -> list[sa.ColumnElement[bool]]:
    """Of the elements, units and categories."""
    return [
        among(_C.unit, "unit", shape.units),
        among(_C.element, "element", shape.elements),
        _C.period_start < sa.bindparam("until", type_=sa.Date),
        _C.vanished_at.is_(None),  # a figure taken back is none
        *([] if shape.categories is None else [among(_C.category, "category", shape.categories)]),
    ]


def stands(shape: Shape) -> list[sa.ColumnElement[bool]]:
    """Numbers of which the newest stands: those that do at the end of a window, or between two of them."""
    standing = (_C.superseded_on >= sa.bindparam("first_end", type_=sa.Date), _C.superseded_on > _C.period_start)
    return [*_wanted(shape), *standing]


def in_windows(shape: Shape) -> list[sa.ColumnElement[bool]]:
    """Numbers that may be added up. A week may begin before the window that it counts in."""
    begun = _C.period_start >= sa.bindparam("from", type_=sa.Date)
    return [*_wanted(shape), begun, _C.period_end > sa.bindparam("since", type_=sa.Date)]


@lru_cache(maxsize=256)
def _newest_query(shape: Shape, edges: int | None, *, far: bool) -> Ready:
    """Numbers of which the newest stands, that do at the end of a window, and until when; those of single days, and
    where the edges of the windows are `far` apart all of them, only where they do at an edge. One series after the
    other, and in each the one that stands longest last."""
    series = [*([] if shape.units == 1 else [_C.unit]), _C.element, *([] if shape.categories == 1 else [_C.category])]
    told = sa.select(*series, _C.period, _C.value, _C.source, _C.superseded_on).where(*stands(shape))
    told = told.order_by(*series, _C.superseded_on)
    if edges is None:
        return Ready(told)
    at_an_edge = _place(_C.superseded_on, 0, edges) > _place(_C.period_start, 0, edges)
    return Ready(told.where(at_an_edge if far else sa.or_(~_of_a_day(), at_an_edge)))


@lru_cache(maxsize=256)
def _added_query(shape: Shape, *, days: bool) -> Ready:
    """Numbers to be added up, as they were told; with those of single days or without."""
    return Ready(sa.select(*_TOLD).where(*in_windows(shape), *([] if days else [~_of_a_day()])))


@lru_cache(maxsize=256)
def _days_query(shape: Shape) -> Ready:
    """Whether there is any number of a single day to be added up: of most elements there is none."""
    return Ready(sa.select(_C.period).where(*in_windows(shape), _of_a_day()).limit(sa.literal_column("1")))


@lru_cache(maxsize=256)
def _added_days_query(shape: Shape, edges: int) -> Ready:
    """Numbers of single days as one row between each two edges: the last day's id, all days' sum, the first day's."""
    last, added, first = sa.func.max(_C.period), sa.func.sum(_C.value), sa.func.min(_C.period)
    days = sa.select(_C.unit, _C.element, _C.category, last, added, _C.source, first)
    inside = (*in_windows(shape), _of_a_day())
    series = (_C.unit, _C.element, _C.category, _C.source)
    return Ready(days.where(*inside).group_by(*series, _place(_C.period_start, 0, edges)))


def _place(day: sa.ColumnElement[date], first: int, after: int) -> sa.ColumnElement[int]:
    """How many of the edges are not after a day, found by halves."""
    if first == after:
        return sa.literal_column(str(first), sa.Integer)
    middle = (first + after) // 2
    not_after = day >= _edge(middle)
    return sa.case((not_after, _place(day, middle + 1, after)), else_=_place(day, first, middle))


def _edge(number: int) -> sa.BindParameter[date]:
    """One of the days at which windows begin or end, in their order."""
    return sa.bindparam(f"edge_{number}", type_=sa.Date)


def _of_a_day() -> sa.ColumnElement[bool]:
    """Whether a period id is a day's: yyyymmdd is the only one of eight letters."""
    return sa.func.length(_C.period) == sa.literal_column("8")


@lru_cache(maxsize=64)
def _telling_query(units: int) -> sa.TextualSelect:
    asked = listed("unit", units)
    return as_text(sa.select(asked.c.unit).where(sa.exists().where(_C.unit == asked.c.unit)))
