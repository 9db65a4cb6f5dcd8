"""What is asked of one scope of a dataset, gathered first and then read in one statement a table.

Statements are built once and asked for any units, days and moments. Nothing that was read outlives its page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache, lru_cache
from itertools import accumulate
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from datasets.indicators.daily import Members, Places, Scope, Series, group_of, member_of, narrowed
from datasets.indicators.lifecycle_counts import Flow, Stock, Where, freeze, thaw
from datasets.indicators.lifecycle_rows import bound_names, not_ended, pending_parts, resolved_with
from datasets.schema import BY_NAME
from datasets.schema.dataset import Dataset
from datasets.store.conditions import conditions, constant, one_of
from datasets.store.tables import TABLES, Moment

Bounds = Mapping[str, date | datetime]
Counted = dict[str, int]
"""Rows by member; of a breakdown, members without any are left out."""


class ScopeCounts:
    """The flows and stocks of one scope: `want` them all, then look at any of them.

    The first look reads what is wanted and was not read yet.
    """

    def __init__(self, connection: sa.Connection, dataset: Dataset, scope: Scope) -> None:
        self.connection, self.dataset, self.scope = connection, dataset, scope
        self._filters = freeze(scope.filters)
        self._asked_by = frozenset({*scope.filters, *([scope.by] if scope.by else [])}) - {"unit"}
        self._wanted: dict[Flow, date] = {}
        self._wanted_now: dict[Flow, None] = {}
        self._wanted_at: dict[tuple[Stock, date], Bounds] = {}
        self._since: dict[Flow, date] = {}
        self._series: dict[Flow, Members] = {}
        self._now: dict[Flow, Counted] = {}
        self._at: dict[tuple[Stock, date], Counted] = {}

    def keeps(self, flow: Flow) -> bool:
        """Whether the daily counts tell the flow in this scope; else only the rows do."""
        return _rollup(self.dataset.name, flow, self._asked_by) is not None

    def want_days(self, flow: Flow, since: date) -> None:
        """The flow's count of each day from `since` on."""
        if self._since.get(flow, date.max) > since:
            self._wanted[flow] = min(since, self._wanted.get(flow, date.max))

    def want_now(self, flow: Flow) -> None:
        """The rows that a flow for walking begins with: those there are now."""
        if flow not in self._now:
            self._wanted_now[flow] = None

    def want_at(self, stock: Stock, bounds: Bounds) -> None:
        """The rows of a stock at `bounds["boundary"]`, and with the other bounds that it asks for."""
        key = stock, bounds["boundary"]
        if key not in self._at:
            self._wanted_at[key] = bounds

    def days(self, flow: Flow) -> Members:
        self._read()
        return self._series[flow]

    def now(self, flow: Flow) -> Counted:
        self._read()
        return self._now[flow]

    def at(self, stock: Stock, boundary: date) -> Counted:
        self._read()
        return self._at[stock, boundary]

    # -- reading ------------------------------------------------------------------

    def _read(self) -> None:
        if self._wanted:
            self._read_days()
        if self._wanted_now or self._wanted_at:
            self._read_stocks()

    def _read_days(self) -> None:
        by_table: dict[str, list[Flow]] = defaultdict(list)
        for flow in self._wanted:
            by_table[_rollup(self.dataset.name, flow, self._asked_by) or flow.day].append(flow)
        for table, flows in by_table.items():
            since = min(self._wanted[flow] for flow in flows)
            query = _days_query(self.dataset.name, table, self.scope.by, self._filters, tuple(flows))
            rows = self.connection.execute(query, {"units": self.scope.units, "since": since}).all()
            self._series |= _collected(rows, flows, divided=self.scope.by is not None)
            self._since |= dict.fromkeys(flows, since)
        self._wanted.clear()

    def _read_stocks(self) -> None:
        now, at = tuple(self._wanted_now), tuple(self._wanted_at)
        stocks = tuple(stock for stock, _ in at)
        asked: dict[str, Any] = {"units": self.scope.units}
        for n, bounds in enumerate(self._wanted_at.values()):
            asked |= {f"{name}_{n}": bound for name, bound in bounds.items()}
        shape = self.dataset.name, self.scope.by, self._filters
        found = self._by_member(_open_query(*shape, now, stocks), asked)
        self._now |= zip(now, found, strict=False)
        for key, open_still in zip(at, found[len(now) :], strict=True):
            self._at[key] = open_still
        if at:
            asked["since"] = min(boundary for _, boundary in at)
            for key, ended_since in zip(at, self._by_member(_ended_query(*shape, stocks), asked), strict=True):
                self._at[key] = _added(self._at[key], ended_since)
        self._wanted_now.clear()
        self._wanted_at.clear()

    def _by_member(self, query: sa.Select[Any], asked: Mapping[str, Any]) -> list[Counted]:
        """Of each counted column the rows by member."""
        rows = self.connection.execute(query, asked).all()
        if self.scope.by is None:
            return [{"": number} for number in rows[0][1:]]
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(query.selected_columns)
        return [{member: n for member, n in zip(columns[0], column, strict=True) if n} for column in columns[1:]]


def _collected(rows: Sequence[Any], flows: Sequence[Flow], *, divided: bool) -> dict[Flow, Members]:
    """Rows of (member, day, number of each flow), days ascending, as series."""
    found: dict[Flow, Members] = {flow: {} for flow in flows}
    by_member: dict[str, list[Any]] = {}
    if divided:
        for row in rows:
            by_member.setdefault(row[0], []).append(row)
    elif rows:
        by_member[""] = list(rows)
    for member, of_member in by_member.items():
        _, days, *numbers = zip(*of_member, strict=True)
        places = Places(days)
        for flow, counts in zip(flows, numbers, strict=True):
            found[flow][member] = Series(days, list(accumulate(counts, initial=0)), places)
    return found


def _added(some: Counted, more: Counted) -> Counted:
    return {member: some.get(member, 0) + more.get(member, 0) for member in {**some, **more}}


# -- statements ---------------------------------------------------------------------


@cache
def _kept(name: str, flow: Flow) -> Mapping[Where, Sequence[tuple[int, str]]] | None:
    """The columns of the rollup that add up to a flow, by the members they are narrowed to; None: it lacks one."""
    dataset = BY_NAME[name]
    columns = {(count.day, freeze(count.where)): count.name for count in dataset.daily_counts}
    found: dict[Where, list[tuple[int, str]]] = defaultdict(list)
    for sign, term in flow.terms:
        where = thaw(term.where)
        members = {column: where.pop(column) for column in dataset.rollup_by if column in where}
        column = columns.get((term.day, freeze(where)))
        if column is None or None in members.values():
            return None
        found[freeze(members)].append((sign, column))
    return found


@cache
def _rollup(name: str, flow: Flow, asked_by: frozenset[str]) -> str | None:
    """The smallest rollup that keeps a flow and the columns it is asked by; None where none does."""
    kept = _kept(name, flow)
    if kept is None:
        return None
    needed = asked_by.union(*(map(itemgetter(0), members) for members in kept))
    return next((rollup for rollup, columns in BY_NAME[name].rollups if needed <= set(columns)), None)


@lru_cache(maxsize=1024)
def _days_query(name: str, table: str, by: str | None, filters: Where, flows: tuple[Flow, ...]) -> sa.Select[Any]:
    """Member, day and the number of each flow from day `since` on; out of a rollup, or by a day column of the rows."""
    if table in TABLES:
        source = TABLES[table]
        day, columns = source.c.day, [_sum(source, name, flow) for flow in flows]
    else:
        source = TABLES[name]
        day = source.c[table]
        columns = [sa.func.count().filter(*rows_of(source, flow)) for flow in flows]
    since = day >= sa.bindparam("since", type_=sa.Date)
    query = sa.select(member_of(source, by), day, *columns).where(*in_scope(source, filters), since)
    return query.group_by(*group_of(source, by), day).order_by(day)


def _sum(rollup: sa.Table, name: str, flow: Flow) -> sa.ColumnElement[int]:
    parts: list[sa.ColumnElement[int]] = []
    for members, columns in (_kept(name, flow) or {}).items():
        summed = sa.func.sum(_plus((sign, rollup.c[column]) for sign, column in columns))
        narrow = conditions(rollup, thaw(members), constant)
        parts.append(sa.func.coalesce(summed.filter(*narrow), 0) if narrow else summed)
    return _plus((1, part) for part in parts)


def _plus(signed: Iterable[tuple[int, sa.ColumnElement[int]]]) -> sa.ColumnElement[int]:
    found: sa.ColumnElement[int] | None = None
    for sign, column in signed:
        term = column if sign > 0 else -column
        found = term if found is None else found + term
    return sa.literal_column("0", sa.Integer) if found is None else found


def rows_of(table: sa.Table, flow: Flow) -> list[sa.ColumnElement[bool]]:
    """The rows that a flow counts on its day."""
    plain = conditions(table, thaw(flow.plain), constant)
    match flow.what:
        case "received":
            return [sa.true(), *plain]
        case "resolved":
            return [resolved_with(table, flow.rules, flow.which), *plain]
        case "ended":
            return [one_of(table.c.end_class, flow.which), *plain]
    raise KeyError(flow.what)


@lru_cache(maxsize=1024)
def _open_query(
    name: str, by: str | None, filters: Where, now: tuple[Flow, ...], at: tuple[Stock, ...]
) -> sa.Select[Any]:
    """Member, the rows there are now for each flow, and those of each stock that are open still, in one pass over
    what may be open."""
    table = TABLES[name]
    counted = [_now(table, flow) for flow in now]
    for n, stock in enumerate(at):
        if stock.what == "awaiting":
            of_stock = sa.and_(_awaiting(table), table.c.end_on < bounds_of(stock, n)["boundary"])
        else:
            of_stock = pending_parts(table, stock.rules, bounds_of(stock, n), thaw(stock.special))[0]
        counted.append(sa.and_(of_stock, *conditions(table, thaw(stock.plain), constant)))
    return _counts(table, by, [*in_scope(table, filters), table.c.maybe_open], counted)


@lru_cache(maxsize=1024)
def _ended_query(name: str, by: str | None, filters: Where, at: tuple[Stock, ...]) -> sa.Select[Any]:
    """Member, and the rows of each stock that have ended since its boundary."""
    table = TABLES[name]
    counted = [
        sa.and_(
            pending_parts(table, stock.rules, bounds_of(stock, n), thaw(stock.special))[1],
            *conditions(table, thaw(stock.plain), constant),
        )
        if stock.what == "pending"
        else sa.false()
        for n, stock in enumerate(at)
    ]
    since = table.c.end_on >= sa.bindparam("since", type_=sa.Date)
    return _counts(table, by, [*in_scope(table, filters), since], counted)


def _counts(
    table: sa.Table, by: str | None, where: Sequence[sa.ColumnElement[bool]], counted: Sequence[sa.ColumnElement[bool]]
) -> sa.Select[Any]:
    columns: list[sa.ColumnElement[Any]] = [member_of(table, by)]
    columns += [sa.func.count().filter(condition) for condition in counted]
    return sa.select(*columns).where(*where).group_by(*group_of(table, by))


def _now(table: sa.Table, flow: Flow) -> sa.ColumnElement[bool]:
    plain = conditions(table, thaw(flow.plain), constant)
    match flow.what:
        case "open":
            return sa.and_(not_ended(table, flow.rules), *plain)
        case "open_with_due":
            return sa.and_(not_ended(table, flow.rules), table.c.due_on.is_not(None), *plain)
        case "awaiting":
            return sa.and_(_awaiting(table), *plain)
    raise KeyError(flow.what)


def _awaiting(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.end_class == "supplement"


def bounds_of(stock: Stock, place: int) -> dict[str, sa.BindParameter[Any]]:
    """The parameters of a stock's bounds."""
    return {
        name: sa.bindparam(f"{name}_{place}", type_=Moment if name == "as_of" else sa.Date)
        for name in bound_names(thaw(stock.special))
    }


def in_scope(table: sa.Table, filters: Where) -> list[sa.ColumnElement[bool]]:
    units: sa.BindParameter[Any] = sa.bindparam("units", expanding=True)
    return [table.c.unit.in_(units), *narrowed(table, thaw(filters))]
