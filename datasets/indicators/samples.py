"""What medians, averages and sums are made of: how often each number stands in the rows of a flow or a stock.

Gathered first and then read as in scope_counts.py: in one statement all windows of a flow, in two those of a stock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from datasets.indicators.daily import Scope, group_of, member_of
from datasets.indicators.lifecycle_counts import AGES, Flow, Stock, Where, freeze, thaw
from datasets.indicators.lifecycle_rows import pending_parts
from datasets.indicators.scope_counts import Bounds, bounds_of, in_scope, rows_of
from datasets.schema.dataset import Dataset
from datasets.store.conditions import conditions
from datasets.store.tables import TABLES

Spread = Mapping[str, list[tuple[Any, int]]]
"""By member each number, or of an age the day it is counted from, with how many rows have it."""
Place = tuple[date, ...]
"""First day and the day after the last of a flow's window; a stock's boundary."""


class Samples:
    """The numbers of one scope: `want` them all, then look at any of them."""

    def __init__(self, connection: sa.Connection, dataset: Dataset, scope: Scope) -> None:
        self._connection, self._dataset, self._scope = connection, dataset, scope
        self._filters = freeze(scope.filters)
        self._wanted: dict[tuple[Flow | Stock, str], dict[Place, Bounds]] = {}
        self._spreads: dict[tuple[Flow | Stock, str, Place], dict[str, list[tuple[Any, int]]]] = {}

    def want(self, of: Flow | Stock, field: str, place: Place, bounds: Bounds) -> None:
        """The numbers of a column, or the days of an age, of a flow or stock at a place."""
        if (of, field, place) not in self._spreads:
            self._wanted.setdefault((of, field), {})[place] = bounds

    def of(self, of: Flow | Stock, field: str, place: Place) -> Spread:
        if (of, field) in self._wanted:
            self._read(of, field, self._wanted.pop((of, field)))
        return self._spreads[of, field, place]

    def _read(self, of: Flow | Stock, field: str, places: Mapping[Place, Bounds]) -> None:
        asked: dict[str, Any] = {"units": self._scope.units}
        for n, bounds in enumerate(places.values()):
            asked |= {f"{name}_{n}": bound for name, bound in bounds.items()}
        shape = self._dataset.name, self._scope.by, self._filters, field, len(places)
        if isinstance(of, Flow):
            asked |= {"first": min(place[0] for place in places), "after": max(place[1] for place in places)}
            queries = [_of_flow(*shape, of)]
        else:
            asked["since"] = min(place[0] for place in places)
            queries = [_of_stock(*shape, of, open_still) for open_still in (True, False)]
        found: list[dict[str, list[tuple[Any, int]]]] = [defaultdict(list) for _ in places]
        for query in queries:
            for member, number, *counts in self._connection.execute(query, asked).all():
                for spread, rows in zip(found, counts, strict=True):
                    if rows:
                        spread[member].append((number, rows))
        self._spreads |= {(of, field, place): spread for place, spread in zip(places, found, strict=True)}


# -- statements ---------------------------------------------------------------------


@lru_cache(maxsize=512)
def _of_flow(name: str, by: str | None, filters: Where, field: str, windows: int, flow: Flow) -> sa.Select[Any]:
    """Member, number, and in how many rows of each window; the windows' days are start_0, end_0, start_1, ..."""
    table = TABLES[name]
    day = table.c[flow.day]
    inside = [sa.and_(day >= _day(f"start_{n}"), day < _day(f"end_{n}")) for n in range(windows)]
    where = [*in_scope(table, filters), day >= _day("first"), day < _day("after"), *rows_of(table, flow)]
    return _numbers(table, by, table.c[field], where, inside)


@lru_cache(maxsize=512)
def _of_stock(
    name: str, by: str | None, filters: Where, field: str, boundaries: int, stock: Stock, open_still: bool
) -> sa.Select[Any]:
    """The same at each boundary, of what is open still, or of what has ended since."""
    table = TABLES[name]
    column = table.c[AGES.get(field, field)]
    number = sa.func.coalesce(column, column)  # or SQLite takes that day's index and reads all the past
    parts = (pending_parts(table, stock.rules, bounds_of(stock, n), thaw(stock.special)) for n in range(boundaries))
    index = table.c.maybe_open if open_still else table.c.end_on >= _day("since")
    where = [*in_scope(table, filters), index, *conditions(table, thaw(stock.plain))]
    return _numbers(table, by, number, where, [part[0 if open_still else 1] for part in parts])


def _numbers(
    table: sa.Table,
    by: str | None,
    number: sa.ColumnElement[Any],
    where: Sequence[sa.ColumnElement[bool]],
    counted: Sequence[sa.ColumnElement[bool]],
) -> sa.Select[Any]:
    columns = [member_of(table, by), number, *(sa.func.count().filter(condition) for condition in counted)]
    return sa.select(*columns).where(number.is_not(None), *where).group_by(*group_of(table, by), number)


def _day(name: str) -> sa.BindParameter[date]:
    return sa.bindparam(name, type_=sa.Date)
