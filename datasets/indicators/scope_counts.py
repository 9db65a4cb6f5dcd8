"""What is asked of one scope of a dataset, gathered first and then read: daily counts in one statement a rollup, rows
together with those of all other scopes (tally.py).

Statements are built once and asked for any units, days and moments. Nothing that was read outlives its page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cache, lru_cache, partial
from itertools import accumulate, pairwise
from typing import Any, cast

import sqlalchemy as sa

from datasets.indicators.daily import (
    Members,
    Places,
    Scope,
    Series,
    filter_members,
    form_of,
    group_of,
    in_units,
    member_of,
    narrowed,
    unit_names,
)
from datasets.indicators.lifecycle_counts import Flow, Stock, Term, Where, by_timeliness, freeze, thaw
from datasets.indicators.tally import Bounds, Tally, Told
from datasets.indicators.tally_statement import ENDED, FEW_UNITS, OPEN
from datasets.schema import BY_NAME
from datasets.schema.dataset import Dataset, Rollup
from datasets.store.conditions import conditions, constant
from datasets.store.ready import Ready
from datasets.store.tables import TABLES
from datasets.store.two_at_a_time import Read

DAYS_OF_A_STRETCH = 4
"""On average, from which on stretches are read instead of days."""
Counted = dict[str, int]
"""Rows by member; members without any are left out."""


class ScopeCounts:
    """The flows and stocks of one scope: `want` them all, then look at any of them.

    The first look reads what is wanted and was not read yet.
    """

    def __init__(self, connection: sa.Connection, dataset: Dataset, scope: Scope, tally: Tally) -> None:
        self.connection, self.dataset, self.scope, self._tally = connection, dataset, scope, tally
        self._filters = freeze(form_of(scope.filters))
        self._asked_by = frozenset({*scope.filters, *([scope.by] if scope.by else [])}) - {"unit"}
        self._wanted: dict[Flow, tuple[date, date]] = {}
        self._span: dict[Flow, tuple[date, date]] = {}
        self._in_stretches = connection.dialect.name == "sqlite" and scope.by is None and len(scope.units) <= FEW_UNITS
        self._edges: dict[Flow, set[date]] = {}
        self._each_day: set[Flow] = set()
        self._series: dict[Flow, Members] = {}
        self._bounds: dict[tuple[Stock, date], Bounds] = {}

    def keeps(self, flow: Flow) -> bool:
        """Whether the daily counts tell the flow in this scope; else only the rows do."""
        return _rollup(self.dataset.name, flow, self._asked_by) is not None

    def want_days(self, flow: Flow, edges: Collection[date], until: date = date.max, *, each_day: bool = False) -> None:
        """The flow's count between the edges, or of each day, from the first edge on; the days from `until` on may be
        left out."""
        since, until = min(edges), date.max if self.scope.also_later else until
        first, last = self._span.get(flow, (date.max, date.min))
        if first <= since and until <= last and (flow in self._each_day or self._edges[flow].issuperset(edges)):
            return
        self._span[flow] = since, until = min(first, since), max(last, until)
        self._edges.setdefault(flow, set()).update(edges)
        if each_day:
            self._each_day.add(flow)
        if self.keeps(flow):
            self._wanted[flow] = since, until
            return
        self._each_day.add(flow)
        self._series.pop(flow, None)
        for told in self._of_rows(flow):
            self._tally.want(told, since, until if until < date.max else None)

    def want_now(self, flow: Flow) -> None:
        """The rows that a flow for walking begins with: those there are now."""
        self._tally.want(Told(flow, OPEN, self.scope.by))

    def want_at(self, stock: Stock, bounds: Bounds) -> None:
        """The rows of a stock at `bounds["boundary"]`, and with the other bounds that it asks for."""
        boundary = bounds["boundary"]
        self._bounds[stock, boundary] = bounds
        for told in self._at(stock, boundary):
            self._tally.want(told, boundary)

    def ahead(self) -> list[Read[None]]:
        """The daily counts that are to be read, where it takes so long that it is worth reading side by side."""
        return self._reads() if len(self.scope.units) > FEW_UNITS else []

    def days(self, flow: Flow) -> Members:
        for read in self._reads():
            read(self.connection)
        if flow not in self._series:
            self._series[flow] = self._by_rows(flow)
        return self._series[flow]

    def now(self, flow: Flow) -> Counted:
        return {member: rows for (member, _), rows in self._tally.cells(Told(flow, OPEN, self.scope.by)).items()}

    def at(self, stock: Stock, boundary: date) -> Counted:
        found: Counted = {}
        for told in self._at(stock, boundary):
            for (member, _), rows in self._tally.cells(told).items():
                found[member] = found.get(member, 0) + rows
        return found

    # -- reading ------------------------------------------------------------------

    def _at(self, stock: Stock, boundary: date) -> list[Told]:
        """What is open still, and what has ended since the boundary."""
        bounds = tuple(self._bounds[stock, boundary].items())
        indexes = (OPEN,) if stock.what == "awaiting" else (OPEN, ENDED)
        return [Told(stock, index, self.scope.by, None, bounds) for index in indexes]

    def _of_rows(self, flow: Flow) -> list[Told]:
        """The flow's rows by day; in a breakdown also all others, whose members count 0."""
        by = self.scope.by
        return [Told(of, flow.day, by, flow.day) for of in ((flow,) if by is None else (flow, None))]

    def _by_rows(self, flow: Flow) -> Members:
        mine, *others = (self._tally.cells(told) for told in self._of_rows(flow))
        if not others:
            return {"": Series.of({day: rows for (_, day), rows in mine.items()})} if mine else {}
        spans = [span for each, span in self._span.items() if each.day == flow.day and not self.keeps(each)]
        since, until = min(first for first, _ in spans), max(last for _, last in spans)
        by_member: dict[str, dict[date, int]] = defaultdict(dict)
        for member, day in others[0]:
            if since <= day < until:
                by_member[member][day] = mine.get((member, day), 0)
        return {member: Series.of(days) for member, days in by_member.items()}

    def _reads(self) -> list[Read[None]]:
        if not self._wanted:
            return []
        by_table: dict[Rollup, list[Flow]] = defaultdict(list)
        for flow in self._wanted:
            by_table[cast(Rollup, _rollup(self.dataset.name, flow, self._asked_by))].append(flow)
        spans, self._wanted = self._wanted, {}
        return [
            partial(self._read_days, rollup, flows, [spans[flow] for flow in flows])
            for rollup, flows in by_table.items()
        ]

    def _read_days(
        self, rollup: Rollup, flows: Sequence[Flow], spans: Sequence[tuple[date, date]], connection: sa.Connection
    ) -> None:
        name, by, units = self.dataset.name, self.scope.by, self.scope.units
        since, until = min(first for first, _ in spans), max(last for _, last in spans)
        asked = unit_names(units) | filter_members(TABLES[rollup.name], self.scope.filters)
        stretches = self._stretches(flows, until)
        if stretches:
            query = _stretch_query(name, rollup, self._filters, len(units), tuple(flows))
            columns = query.ask(connection, asked, stretches).columns()
        else:
            form = name, rollup, by, self._filters, len(units), tuple(flows)
            query = _days_query(*form, is_over=until < date.max)
            columns = query.columns(connection, asked | {"since": since, "until": until})
            self._each_day |= set(flows)
        self._series |= _collected(columns, flows, divided=by is not None)

    def _stretches(self, flows: Sequence[Flow], until: date) -> list[dict[str, date]]:
        """The stretches of days between the edges of some flows, where SQLite, which answers in no time, is rather
        asked for each of them than for all days of them."""
        if not self._in_stretches or not self._each_day.isdisjoint(flows):
            return []
        edges = sorted(set().union(*(self._edges[flow] for flow in flows)))
        for flow in flows:
            self._edges[flow].update(edges)
        days = (min(edges[-1], self._tally.today) - edges[0]).days
        if days < DAYS_OF_A_STRETCH * len(edges):
            return []
        return [{"since": day, "until": end} for day, end in pairwise([*edges, until]) if day < end]


def _collected(columns: Sequence[Sequence[Any]], flows: Sequence[Flow], *, divided: bool) -> dict[Flow, Members]:
    """Columns of (member, day, number of each flow), days ascending, as series."""
    found: dict[Flow, Members] = {flow: {} for flow in flows}
    if not columns:
        return found
    places_of: dict[str, list[int]] = defaultdict(list)
    for n, member in enumerate(columns[0] if divided else ()):
        places_of[member].append(n)
    by_member = {member: [[c[n] for n in at] for c in columns[1:]] for member, at in places_of.items()}
    for member, (days, *numbers) in by_member.items() if divided else [("", columns[1:])]:
        places = Places(days)
        for flow, counts in zip(flows, numbers, strict=True):
            found[flow][member] = Series(days, list(accumulate(counts, initial=0)), places)
    return found


# -- statements ---------------------------------------------------------------------


Kept = Mapping[Where, Sequence[tuple[int, str]]]


@cache
def _kept(name: str, rollup: Rollup, flow: Flow) -> Kept | None:
    """The columns of a rollup that add up to a flow, by the members they are narrowed to; None: it lacks one."""
    found: dict[Where, list[tuple[int, str]]] = defaultdict(list)
    for sign, term in flow.terms:
        whole = _column(name, rollup, term)
        for each in [whole] if whole else [_column(name, rollup, part) for part in by_timeliness(term)] or [None]:
            if each is None:
                return None
            found[each[0]].append((sign, each[1]))
    return found


def _column(name: str, rollup: Rollup, term: Term) -> tuple[Where, str] | None:
    """The members to narrow a rollup to, and its column that then counts what the term does; None: it has none."""
    dataset, where = BY_NAME[name], thaw(term.where)
    members = {column: where.pop(column) for column in dataset.rollup_by if column in where}
    counts = {(count.day, freeze(count.where)): count.name for count in dataset.daily_counts}
    counted = counts.get((term.day, freeze(where)))
    within = {column: members.pop(column) for column in rollup.by if column in members}
    if counted is None or None in within.values():
        return None
    if members:
        parts = (part.name for part in rollup.parts if part.of == counted and members == {part.dimension: part.member})
        counted = next(parts, None)
    return None if counted is None else (freeze(within), counted)


@cache
def _rollup(name: str, flow: Flow, asked_by: frozenset[str]) -> Rollup | None:
    """The smallest rollup that keeps a flow and the columns it is asked by; None where none does."""
    rollups = (rollup for rollup in BY_NAME[name].rollups if asked_by <= set(rollup.by))
    return next((rollup for rollup in rollups if _kept(name, rollup, flow) is not None), None)


@lru_cache(maxsize=1024)
def _days_query(
    name: str, rollup: Rollup, by: str | None, filters: Where, units: int, flows: tuple[Flow, ...], *, is_over: bool
) -> Ready:
    """Member, day and the number of each flow from day `since` on, and before day `until` where it is over by then."""
    source = TABLES[rollup.name]
    where = [in_units(source, units), *narrowed(source, thaw(filters))]
    where.append(source.c.day >= sa.bindparam("since", type_=sa.Date))
    if is_over:
        where.append(source.c.day < sa.bindparam("until", type_=sa.Date))
    one_row_a_day = units == 1 and not rollup.by
    kept = [_kept(name, rollup, flow) or {} for flow in flows]
    query = sa.select(member_of(source, by), source.c.day, *_sums(source, kept, one_row_a_day))
    query = query.where(*where).order_by(source.c.day)
    return Ready(query if one_row_a_day else query.group_by(*group_of(source, by), source.c.day))


@lru_cache(maxsize=1024)
def _stretch_query(name: str, rollup: Rollup, filters: Where, units: int, flows: tuple[Flow, ...]) -> Ready:
    """The same without members, of the days from `since` to before `until` together: a row for each unit that has any
    there."""
    source = TABLES[rollup.name]
    since, until = (sa.bindparam(name, type_=sa.Date) for name in ("since", "until"))
    where = [in_units(source, units), *narrowed(source, thaw(filters)), source.c.day >= since, source.c.day < until]
    sums = _sums(source, [_kept(name, rollup, flow) or {} for flow in flows], one_row=False)
    columns: list[sa.ColumnElement[Any]] = [member_of(source, None), since, *sums]
    return Ready(sa.select(*columns).where(*where).group_by(source.c.unit))  # the key begins so: nothing is sorted


def _sums(rollup: sa.Table, flows: Sequence[Kept], one_row: bool) -> list[sa.ColumnElement[int]]:
    """The number of each flow. Columns that go into the same flows are summed up as one, and once for all of them."""
    asked_by: dict[tuple[Where, str], list[tuple[int, int]]] = {}
    for n, kept in enumerate(flows):
        for members, columns in kept.items():
            for sign, column in columns:
                asked_by.setdefault((members, column), []).append((n, sign))
    blocks: dict[tuple[Where, tuple[tuple[int, int], ...]], list[str]] = {}
    for (members, column), asking in asked_by.items():
        blocks.setdefault((members, tuple(asking)), []).append(column)
    parts: list[list[tuple[int, sa.ColumnElement[int]]]] = [[] for _ in flows]
    for (members, asking_all), names in blocks.items():
        added = _plus((1, rollup.c[column]) for column in names)
        added = added if one_row else sa.func.sum(added)
        narrow = conditions(rollup, thaw(members), constant)
        summed = sa.func.coalesce(added.filter(*narrow), sa.literal_column("0")) if narrow else added
        for n, sign in asking_all:
            parts[n].append((sign, summed))
    return [_plus(mine) for mine in parts]


def _plus(signed: Iterable[tuple[int, sa.ColumnElement[int]]]) -> sa.ColumnElement[int]:
    found: sa.ColumnElement[int] | None = None
    for sign, column in signed:
        term = column if sign > 0 else -column
        found = term if found is None else found + term
    return sa.literal_column("0", sa.Integer) if found is None else found
