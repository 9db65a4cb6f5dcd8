"""Daily counts out of the store: from the rollup where it has them, else from the rows."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from datasets.errors import UsageError
from datasets.indicators.lifecycle_counts import Term, Where, freeze, thaw
from datasets.schema import BY_NAME
from datasets.schema.dataset import Dataset
from datasets.store.conditions import conditions
from datasets.store.tables import TABLES


@dataclass(frozen=True, slots=True)
class Series:
    """Counts by day, days ascending; `totals[i]` is the sum of the first i days."""

    days: Sequence[date]
    totals: Sequence[int]

    @classmethod
    def of(cls, counts: Mapping[date, int]) -> Series:
        """The series of counts by day."""
        days = sorted(counts)
        return cls(days, tuple(accumulate((counts[day] for day in days), initial=0)))

    def between(self, start: date, end: date) -> int:
        """The sum over days [start, end)."""
        return self.totals[bisect_left(self.days, end)] - self.totals[bisect_left(self.days, start)]

    def since(self, start: date) -> int:
        """The sum over `start` and all days after it."""
        return self.totals[-1] - self.totals[bisect_left(self.days, start)]


NOTHING = Series((), (0,))
Members = dict[str, Series]
"""Series by member of the breakdown; the one member of no breakdown is ""."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows: units, a breakdown column or None, and further conditions on columns."""

    units: tuple[str, ...]
    by: str | None
    filters: Mapping[str, object]


def daily_series(
    connection: sa.Connection,
    dataset: Dataset,
    terms: Iterable[Term],
    scope: Scope,
    since: date,
) -> dict[Term, Members]:
    """Each term's counts by day from `since` on, by member.

    One query on the rollup for all terms it has, and only when breakdown, filters and the
    terms' own members are among its columns; one query on the rows per day column for the
    rest.
    """
    series: dict[Term, Members] = {}
    asked = {"units": scope.units, "since": since}
    for counted, query in _queries(dataset.name, tuple(dict.fromkeys(terms)), scope.by, freeze(scope.filters)):
        series |= _collect(connection.execute(query, asked), counted)
    return series


@lru_cache(maxsize=512)
def _queries(
    name: str, terms: tuple[Term, ...], by: str | None, filters: Where
) -> list[tuple[list[Term], sa.Select[Any]]]:
    """The terms that each query counts, and the query: built once, asked for any units and days."""
    dataset, narrow = BY_NAME[name], thaw(filters)
    kept = {(count.day, freeze(count.where)): count.name for count in dataset.daily_counts}
    grouped = {"unit", *dataset.rollup_by}
    in_rollup: dict[Term, sa.ColumnElement[Any]] = {}
    found: list[tuple[list[Term], sa.Select[Any]]] = []
    if dataset.daily_counts and set(narrow) <= grouped and (by is None or by in grouped):
        rollup = TABLES[f"{name}_daily"]
        for term in terms:
            where = thaw(term.where)
            members = {column: where.pop(column) for column in dataset.rollup_by if column in where}
            if (count := kept.get((term.day, freeze(where)))) and None not in members.values():
                in_rollup[term] = sa.func.sum(rollup.c[count]).filter(sa.true(), *conditions(rollup, members))
        if in_rollup:
            found.append((list(in_rollup), _query(rollup, rollup.c.day, list(in_rollup.values()), by, narrow)))
    rows = TABLES[name]
    rest = [term for term in terms if term not in in_rollup]
    for day_column in dict.fromkeys(term.day for term in rest):
        of_day = [term for term in rest if term.day == day_column]
        counted = [sa.func.count().filter(sa.true(), *conditions(rows, thaw(term.where))) for term in of_day]
        found.append((of_day, _query(rows, rows.c[day_column], counted, by, narrow)))
    return found


def _query(
    table: sa.Table,
    day: sa.ColumnElement[date],
    columns: Sequence[sa.ColumnElement[Any]],
    by: str | None,
    filters: Mapping[str, object],
) -> sa.Select[Any]:
    units: sa.BindParameter[Any] = sa.bindparam("units", expanding=True)
    return (
        sa.select(member_of(table, by), day, *columns)
        .where(table.c.unit.in_(units), day >= sa.bindparam("since", type_=sa.Date), *narrowed(table, filters))
        .group_by(*group_of(table, by), day)
        .order_by(day)
    )


def member_of(table: sa.Table, by: str | None) -> sa.ColumnElement[str]:
    """The breakdown's member of a row as text; "" where unknown, and where there is no breakdown."""
    nothing: sa.ColumnElement[str] = sa.literal_column("''")
    return nothing if by is None else sa.func.coalesce(sa.cast(table.c[by], sa.Text), nothing)


def group_of(table: sa.Table, by: str | None) -> list[sa.ColumnElement[str]]:
    """What to group by for `member_of`; PostgreSQL refuses a constant."""
    return [] if by is None else [member_of(table, by)]


def narrowed(table: sa.Table, filters: Mapping[str, object]) -> list[sa.ColumnElement[bool]]:
    """The conditions of a scope's filters; the member "" is that of rows that do not say theirs.

    A day may be said as YYYY-MM-DD. Raises UsageError for one that is none.
    """
    said = {
        name: day_said(member) if isinstance(member, str) and isinstance(table.c[name].type, sa.Date) else member
        for name, member in filters.items()
        if member != ""
    }
    unsaid = [member_of(table, name) == sa.literal_column("''") for name in filters if name not in said]
    return [*conditions(table, said), *unsaid]


def day_said(member: str) -> date:
    """The day of a filter, YYYY-MM-DD. Raises UsageError for what is none."""
    try:
        return date.fromisoformat(member)
    except ValueError:
        raise UsageError("error.day", value=member) from None


def _collect(rows: Iterable[Sequence[Any]], terms: Sequence[Term]) -> dict[Term, Members]:
    found: dict[str, tuple[list[date], list[Sequence[int]]]] = {}
    for name, at, *numbers in rows:
        days, counts = found.setdefault(name, ([], []))
        days.append(at)
        counts.append(numbers)
    return {
        term: {
            name: Series(days, tuple(accumulate((row[i] or 0 for row in counts), initial=0)))
            for name, (days, counts) in found.items()
        }
        for i, term in enumerate(terms)
    }
