"""How long rows lived, in classes: an index led by them finds what was pending on a past day at once.

Of what was there on a day the rows that live a few days end a few days later, and only the few that live long end
much later: so each class of lives is looked for in a stretch of days of its own, and however long ago the day is,
about as many rows are read as were there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles

LIVES = (4, 8, 16, 32, 64, 128, 256)
"""In days: a class is of the lives shorter than its number, and not than that before; the last has no bound."""

A_WEEK = timedelta(days=7)


class _Days(sa.ColumnElement[int]):
    """From a row's first day to its last; unknown while it has none. An index of it is found by its very words."""

    inherit_cache = False
    type = sa.Integer()

    def __init__(self, first: sa.ColumnElement[Any], last: sa.ColumnElement[Any]) -> None:
        self.first, self.last = first, last


@compiles(_Days)
def _subtracted(element: _Days, compiler: Any, **kw: Any) -> str:
    return f"({compiler.process(element.last, **kw)} - {compiler.process(element.first, **kw)})"


@compiles(_Days, "sqlite")
def _by_julian_day(element: _Days, compiler: Any, **kw: Any) -> str:
    last, first = compiler.process(element.last, **kw), compiler.process(element.first, **kw)
    return f"(julianday({last}) - julianday({first}))"


def life_class(table: sa.FromClause) -> sa.ColumnElement[int]:
    """Which of the classes a row's life is in, by its place in `LIVES`; the last also for rows that live still."""
    days = _Days(table.c.received_on, table.c.end_on)
    whens = [(days < _number(limit), _number(n)) for n, limit in enumerate(LIVES)]
    return sa.sql.elements.Grouping(sa.case(*whens, else_=_number(len(LIVES))))


def ended_after(
    table: sa.FromClause, since: Any, latest: Sequence[Any], of: Sequence[sa.ColumnElement[bool]] = ()
) -> sa.ColumnElement[bool]:
    """Rows that ended on the day `since` or later and may have been there before a later day, of which `latest` are
    the `latest_ends`: all that were, and a few that were not.

    of   what the rows of each class are sought by first: who has SQLite look for some units says so here and nowhere
         else, or it takes an index of units alone
    """
    some = [*of, table.c.maybe_open.in_((sa.true(), sa.false())), table.c.end_on >= since]
    limits: list[list[sa.ColumnElement[bool]]] = [*([table.c.end_on < day] for day in latest), []]
    return sa.or_(*(sa.and_(life_class(table) == _number(n), *some, *limit) for n, limit in enumerate(limits)))


def latest_ends(before: date) -> list[date]:
    """Of each class but the last the first day on which no row ends that was there before a day."""
    return [before + timedelta(days=limit - 1) for limit in LIVES]


def is_long_past(day: date, today: date) -> bool:
    """Whether more has ended since than is worth being passed over."""
    return day < today - A_WEEK


def _number(n: int) -> sa.ColumnElement[int]:
    """Written out, as it must be for the index to be found."""
    return sa.literal_column(str(n), sa.Integer)
