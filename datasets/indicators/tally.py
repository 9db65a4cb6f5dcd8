"""Rows told apart by what holds of them: however many stocks, breakdowns and medians a page asks for, their rows are
read once.

What is asked is gathered first. One statement an index then groups the rows by the members and numbers asked for and
by a mask with a bit for each condition that holds; a condition that all ask for narrows the statement instead. What
was asked is added up from the masks, of which there are few. How it is read is the same on every page of a day; what
is read is kept nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, cast

import sqlalchemy as sa

from datasets.indicators.daily import filter_members, form_of, unit_names
from datasets.indicators.lifecycle_counts import Flow, Stock, freeze
from datasets.indicators.lifecycle_rows import NOW, Bound
from datasets.indicators.tally_statement import ENDED, FEW_UNITS, OPEN, Grouping, Question, Reach, question_of
from datasets.schema.dataset import Dataset
from datasets.store.lived import is_long_past, latest_ends
from datasets.store.ready import Answer, Parameters
from datasets.store.tables import TABLES

FEW_ROWS = timedelta(days=31)
"""Of few units so many days' rows are as soon taken one by one as counted by the database."""
FEW_CELLS = timedelta(days=62)
"""The rows of so many days are few when they are counted by all columns that are looked at."""
Span = tuple[date | None, date | None]
"""First day, and day after the last; None: from the beginning, until now."""
Way = tuple[str | None, str | None]
"""To divide rows: by member and by number."""
Bounds = Mapping[str, Bound]
Cells = Mapping[tuple[str, Any], int]
"""Rows by member of the breakdown and number; "" and None where there is none."""


class Told(NamedTuple):
    """Rows to be counted.

    of       the flow or stock they belong to; None: all
    sought   the column whose index leads to them
    by       the column they are divided by, or None
    number   the column whose numbers are told apart, or None
    bounds   the days and moments that the conditions compare with, by name: those of a stock at a boundary, `start`
             and `end` of a flow's window
    """

    of: Flow | Stock | None
    sought: str
    by: str | None = None
    number: str | None = None
    bounds: tuple[tuple[str, Bound], ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether it is of a stock the rows that have ended since."""
        return self.sought == ENDED and isinstance(self.of, Stock)

    @property
    def boundary(self) -> date:
        """Of a stock."""
        return cast(date, dict(self.bounds)["boundary"])


@dataclass(frozen=True, slots=True, eq=False)
class TallyRead:
    """One statement of a tally, with all that it asks for.

    counted   what it tells, in the order of the question's items
    """

    tally: Tally
    counted: tuple[Told, ...]
    question: Question
    asked: Parameters

    @property
    def takes_long(self) -> bool:
        """Whether it is worth reading beside others."""
        return self.tally.takes_long

    def ask(self, connection: sa.Connection, now: datetime) -> Answer:
        """Ask it at a moment."""
        return self.question.statement.ask(connection, self.asked, now)

    def told(self, columns: Sequence[Sequence[Any]]) -> Iterable[tuple[Told, Cells]]:
        """What the answer says."""
        return zip(self.counted, self.question.added_up(columns), strict=True)


class Tally:
    """The rows of some units that pass some filters: `want` all that is to be counted, then see how it is read."""

    def __init__(
        self,
        dataset: Dataset,
        units: tuple[str, ...],
        filters: Mapping[str, object],
        today: date,
        *,
        in_postgresql: bool,
    ) -> None:
        self.units, self.today = units, today
        self._dataset, self._filters = dataset, freeze(form_of(filters))
        self._scope = unit_names(units) | filter_members(TABLES[dataset.name], filters)
        self._few = len(units) <= FEW_UNITS
        self._in_sets = self.takes_long = in_postgresql and not self._few
        self._wanted: dict[Told, Span] = {}

    def want(self, told: Told, since: date | None = None, until: date | None = None) -> None:
        """Rows that came in or ended before `since`, or not before `until`, need not be read."""
        span = since, until
        self._wanted[told] = _spanning((self._wanted[told], span)) if told in self._wanted else span

    def reads(self) -> list[TallyRead]:
        """What is asked since a day to come is read by itself, for hardly a row is as new. Few rows are taken one by
        one; of many each way to divide them is read by itself, but where PostgreSQL counts in several ways at once.
        What is over is not read with what goes on until now."""
        last: dict[str, date] = {}
        for told, (_, until) in self._wanted.items():
            if until is not None:
                last[told.sought] = max(until, last.get(told.sought, until))
        edge = max((told.boundary for told in self._wanted if told.has_ended), default=self.today)
        together: dict[tuple[str, bool, Reach, Way | None], list[Told]] = defaultdict(list)
        for told, (since, until) in self._wanted.items():
            first = self.today if since is None or told.sought == OPEN else since
            end, reach = self.today, Reach.ALL
            if until is not None and last[told.sought] <= self.today:
                end, reach = last[told.sought], Reach.OVER
            elif told.has_ended and self._is_past(edge):
                end, reach = edge, Reach.PAST_STOCKS
            are_many = not self._few or first < end - FEW_ROWS
            alone = (told.by, told.number) if are_many and not self._in_sets else None
            together[told.sought, first > self.today, reach, alone].append(told)
        reads: list[TallyRead] = []
        for (_, _, said, alone), some in together.items():
            reach = self._reach_of_stocks(some) if all(told.has_ended for told in some) else said
            span = _spanning([self._wanted[told] for told in some])
            grouping = self._in_sets_of(span) if self._in_sets else Grouping.ALL if alone else Grouping.NONE
            reads.append(self._read_of(tuple(some), span, grouping, reach))
        return reads

    def _in_sets_of(self, span: Span) -> Grouping:
        first, end = span
        return Grouping.CELLS if first and first >= (end or self.today) - FEW_CELLS else Grouping.SETS

    def _reach_of_stocks(self, some: Sequence[Told]) -> Reach:
        return Reach.PAST_STOCKS if self._is_past(max(told.boundary for told in some)) else Reach.STOCKS

    def _is_past(self, edge: date) -> bool:
        """Whether the rows of stocks at no later day than this are sought by how long they lived."""
        return is_long_past(edge, self.today) and (self._few or self._in_sets)

    def _read_of(self, some: tuple[Told, ...], span: Span, grouping: Grouping, reach: Reach) -> TallyRead:
        names = _Names()
        items = [
            (
                told.of,
                told.by,
                told.number,
                tuple([(name, names[bound]) for name, bound in _by_day(told, self.today)]),
            )
            for told in some
        ]
        asked: dict[str, Any] = {name: bound for bound, name in names.items()} | self._scope
        asked["since"], asked["until"] = span
        if reach in (Reach.STOCKS, Reach.PAST_STOCKS):
            asked["edge"] = edge = max(told.boundary for told in some)
            asked |= {f"latest_{n}": day for n, day in enumerate(latest_ends(edge))}
        question = question_of(
            self._dataset.name, some[0].sought, self._filters, len(self.units), tuple(items), grouping, reach
        )
        moments = (names[NOW],) if NOW in names else ()
        alike = {name: bound for name, bound in asked.items() if name not in moments}
        return TallyRead(self, some, question, Parameters(alike, moments=moments))


def _by_day(told: Told, today: date) -> Iterable[tuple[str, Bound]]:
    """The bounds, of a boundary that has come with that day in the place of the as-of moment, which begins it."""
    if not isinstance(told.of, Stock) or told.boundary > today:
        return told.bounds
    return (("due_from", told.boundary) if name == "as_of" else (name, bound) for name, bound in told.bounds)


class _Names(dict[Bound, str]):
    """The parameters for days and moments, each with a name of its own."""

    def __missing__(self, bound: Bound) -> str:
        name = self[bound] = f"bound_{len(self)}"
        return name


def _spanning(spans: Sequence[Span]) -> Span:
    """The shortest that holds all."""
    firsts, lasts = zip(*spans, strict=True)
    return None if None in firsts else min(firsts), None if None in lasts else max(lasts)
