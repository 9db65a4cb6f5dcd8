"""Medians, averages and sums: how often each number stands in the rows of a count, read from the rows themselves.

Statements are built once and asked for any units, days and moments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from datasets.indicators.daily import group_of, member_of
from datasets.indicators.lifecycle_counts import AGES, Flow, Stock, Where, freeze, recipe, thaw
from datasets.indicators.lifecycle_rows import RowRules, pending_parts
from datasets.indicators.scope_counts import ScopeCounts, bounds_of, in_scope, rows_of
from datasets.indicators.window import Window
from datasets.store.conditions import conditions
from datasets.store.tables import TABLES

Spread = Mapping[str, list[tuple[float, int]]]
"""By member each number with how many rows have it."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """Which numbers: a column, or an age (lifecycle_counts.AGES), of the rows counted by `of` under `where`."""

    field: str
    of: str
    where: Where


def spread(counts: ScopeCounts, row_rules: RowRules, sampled: Sampled, window: Window) -> Spread:
    """The numbers of a column, or ages in working days, over a window or at its edge. Raises KeyError for a kind."""
    how = recipe(sampled.of, sampled.where, row_rules.rules)
    shape = counts.dataset.name, counts.scope.by, freeze(counts.scope.filters)
    asked: dict[str, Any] = {"units": counts.scope.units, "start": window.start, "end": window.end}
    queries = [_of_flow(*shape, flow, sampled.field) for flow in how.flows]
    for stock in how.stocks:
        boundary = window.start if stock.at_start else window.end
        asked |= {f"{name}_0": at for name, at in row_rules.bounds(boundary, thaw(stock.special)).items()}
        queries += [_of_stock(*shape, stock, sampled.field, part) for part in (0, 1)]
    found: dict[str, list[tuple[float, int]]] = defaultdict(list)
    last = row_rules.last_day(window.end)
    for query in queries:
        for member, number, rows in counts.connection.execute(query, asked):
            aged = row_rules.calendar.difference(number, last) if sampled.field in AGES else number
            found[member].append((aged, rows))
    return found


@lru_cache(maxsize=512)
def _of_flow(name: str, by: str | None, filters: Where, flow: Flow, field: str) -> sa.Select[Any]:
    table = TABLES[name]
    day, start, end = table.c[flow.day], sa.bindparam("start", type_=sa.Date), sa.bindparam("end", type_=sa.Date)
    return _numbers(
        table, by, table.c[field], [*in_scope(table, filters), day >= start, day < end, *rows_of(table, flow)]
    )


@lru_cache(maxsize=512)
def _of_stock(name: str, by: str | None, filters: Where, stock: Stock, field: str, part: int) -> sa.Select[Any]:
    """Of what is open still (part 0), or has ended since (part 1)."""
    table = TABLES[name]
    these = pending_parts(table, stock.rules, bounds_of(stock, 0), thaw(stock.special))[part]
    column = table.c[AGES.get(field, field)]
    number = sa.func.coalesce(column, column)  # or SQLite takes that day's index and reads all the past
    return _numbers(table, by, number, [*in_scope(table, filters), *conditions(table, thaw(stock.plain)), these])


def _numbers(
    table: sa.Table, by: str | None, number: sa.ColumnElement[Any], where: list[sa.ColumnElement[bool]]
) -> sa.Select[Any]:
    """Member, number, rows."""
    found = sa.select(member_of(table, by), number, sa.func.count()).where(number.is_not(None), *where)
    return found.group_by(*group_of(table, by), number)
