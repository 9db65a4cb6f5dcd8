"""Rows told apart by what holds of them: however many stocks, breakdowns and medians a page asks for, their rows are
read once.

What is asked is gathered first. One statement an index then groups the rows by the members and numbers asked for and
by a mask with a bit for each condition that holds; a condition that all ask for narrows the statement instead. What
was asked is added up from the masks, of which there are few. Nothing that was read outlives its page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from datasets.indicators.daily import in_units, member_of, narrowed, unit_names
from datasets.indicators.lifecycle_counts import Flow, Stock, Where, thaw
from datasets.indicators.lifecycle_rows import ended_terms, open_terms, pending_terms, resolved_with
from datasets.schema.dataset import Dataset
from datasets.store.conditions import conditions, constant, one_of
from datasets.store.tables import TABLES, Moment

OPEN, RECEIVED, ENDED = "maybe_open", "received_on", "end_on"
"""The columns whose indexes lead to the rows: what may be open; what came in, or ended, since a day."""
MOST_BITS = 62
"""Of one mask."""

Bounds = Mapping[str, date | datetime]
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
    bounds: tuple[tuple[str, date | datetime], ...] = ()

    @property
    def is_series(self) -> bool:
        return self.number == self.sought


class Tally:
    """The rows of some units that pass some filters: `want` all that is to be counted, then look at any of it."""

    def __init__(
        self, connection: sa.Connection, dataset: Dataset, units: tuple[str, ...], filters: Where, today: date
    ) -> None:
        self._connection, self._dataset, self._units, self._filters = connection, dataset, units, filters
        self._today = today
        self._in_sets = connection.dialect.name == "postgresql"
        self._wanted: dict[Told, date | None] = {}
        self._cells: dict[Told, dict[tuple[str, Any], int]] = {}

    def want(self, told: Told, since: date | None = None) -> None:
        """Rows that came in or ended before `since` need not be read. Asked again, a series is read anew."""
        if told.is_series or told not in self._cells:
            known = self._wanted.get(told)
            self._wanted[told] = since if known is None or since is None else min(known, since)

    def cells(self, told: Told) -> Cells:
        if self._wanted:
            self._read()
        return self._cells[told]

    def _read(self) -> None:
        """What is asked since a day to come is read by itself, for hardly a row is as new; SQLite, which cannot group
        in several ways at once, reads series by themselves."""
        together: dict[tuple[object, ...], list[Told]] = defaultdict(list)
        for told, since in self._wanted.items():
            alone = told.is_series and not self._in_sets
            to_come = since is not None and since > self._today and told.sought != OPEN
            together[told.sought, to_come, alone, told.by if alone else None].append(told)
        for some in together.values():
            self._read_some(some)
        self._wanted.clear()

    def _read_some(self, some: Sequence[Told]) -> None:
        names: dict[date | datetime, str] = {}
        items = []
        for told in some:
            bounds = tuple((name, names.setdefault(bound, f"bound_{len(names)}")) for name, bound in told.bounds)
            items.append((told.of, told.by, told.number, bounds))
        question = _question(
            self._dataset.name, some[0].sought, self._filters, len(self._units), tuple(items), self._in_sets
        )
        asked: dict[str, Any] = {name: bound for bound, name in names.items()} | unit_names(self._units)
        since = [day for told in some if (day := self._wanted[told]) is not None]
        if since:
            asked["since"] = min(since)
        rows = self._connection.execute(question.statement, asked).all()
        self._cells |= zip(some, question.added_up(rows), strict=True)


# -- statements ---------------------------------------------------------------------

Item = tuple[Flow | Stock | None, str | None, str | None, tuple[tuple[str, str], ...]]
"""`Told` without its index, with the names of parameters in the place of the bounds."""


@dataclass(frozen=True, slots=True)
class Division:
    """One way to divide the rows: the places in a row of the member and of the number, and the sign of a row of it."""

    member: int | None
    number: int | None
    grouping: int


@dataclass(frozen=True, slots=True)
class Question:
    """A statement, which gives rows of (rows counted, grouping, masks, members and numbers).

    divisions   each way to divide with what is asked so: its place among the items, and the bits it needs
    """

    statement: sa.Select[Any]
    masks: int
    divisions: Mapping[Division, Sequence[tuple[int, int]]]

    def added_up(self, rows: Sequence[Sequence[Any]]) -> list[dict[tuple[str, Any], int]]:
        """The cells of each item."""
        found: dict[int, dict[tuple[str, Any], int]] = {}
        for division, items in self.divisions.items():
            cells = self._divided(division, rows)
            for place, needed in items:
                mine: dict[tuple[str, Any], int] = {}
                for (mask, key), counted in cells.items():
                    if mask & needed == needed:
                        mine[key] = mine.get(key, 0) + counted
                found[place] = mine
        return [found[place] for place in range(len(found))]

    def _divided(self, division: Division, rows: Sequence[Sequence[Any]]) -> dict[tuple[int, tuple[str, Any]], int]:
        found: dict[tuple[int, tuple[str, Any]], int] = {}
        member, number, grouping = division.member, division.number, division.grouping
        for row in rows:
            if row[1] != grouping or (number is not None and row[number] is None):
                continue
            mask = row[2]
            for place in range(1, self.masks):
                mask |= row[2 + place] << (place * MOST_BITS)
            key = mask, (row[member] if member is not None else "", row[number] if number is not None else None)
            found[key] = found.get(key, 0) + row[0]
        return found


@lru_cache(maxsize=512)
def _question(name: str, index: str, filters: Where, units: int, items: tuple[Item, ...], in_sets: bool) -> Question:
    table = TABLES[name]
    terms = [_terms(table, index, of, bounds) for of, _, _, bounds in items]
    common = {key: term for key, term in terms[0].items() if all(key in each for each in terms)}
    bits: dict[object, int] = {}
    needed = [sum(1 << bits.setdefault(key, len(bits)) for key in each if key not in common) for each in terms]
    every = {key: term for each in terms for key, term in each.items()}
    masks = _masks([every[key] for key in bits])
    columns: dict[object, sa.ColumnElement[Any]] = {}
    for _, by, number, _ in items:
        if by is not None:
            columns["by", by] = member_of(table, by).label(f"by_{by}")
        if number is not None:
            columns["number", number] = table.c[number].label(f"number_{number}")
    where = [in_units(table, units), *narrowed(table, thaw(filters)), _sought(table, index), *common.values()]
    told = sa.select(*masks, *columns.values()).where(*where).subquery("told")
    mask_columns, rest = list(told.c)[: len(masks)], list(told.c)[len(masks) :]
    at = {key: n for n, key in enumerate(columns)}
    divisions: dict[Division, list[tuple[int, int]]] = {}
    sets = []
    for place, (_, by, number, _) in enumerate(items):
        places = [at[key] for key in (("by", by), ("number", number)) if key in at]
        division = Division(
            None if by is None else at["by", by] + 2 + len(masks),
            None if number is None else at["number", number] + 2 + len(masks),
            sum(1 << (len(rest) - 1 - n) for n in range(len(rest)) if n not in places) if in_sets else 0,
        )
        if division not in divisions:
            sets.append(sa.tuple_(*mask_columns, *(rest[n] for n in places)))
        divisions.setdefault(division, []).append((place, needed[place]))
    grouping = sa.func.grouping(*rest) if in_sets and rest else sa.literal_column("0", sa.Integer)
    statement = sa.select(sa.func.count(), grouping, *mask_columns, *rest)
    grouped = [sa.func.grouping_sets(*sets)] if in_sets and rest else [*mask_columns, *rest]
    return Question(statement.group_by(*grouped), len(masks), divisions)


def _masks(terms: Sequence[sa.ColumnElement[bool]]) -> list[sa.ColumnElement[int]]:
    """A bit for each condition; at least one mask."""
    found: list[sa.ColumnElement[int]] = []
    for first in range(0, max(len(terms), 1), MOST_BITS):
        mask: sa.ColumnElement[int] = sa.literal_column("0", sa.BigInteger)
        for n, term in enumerate(terms[first : first + MOST_BITS]):
            mask = mask + sa.case((term, sa.literal_column(str(1 << n), sa.BigInteger)), else_=sa.literal_column("0"))
        found.append(mask.label(f"mask_{len(found)}"))
    return found


def _sought(table: sa.Table, index: str) -> sa.ColumnElement[bool]:
    return table.c.maybe_open if index == OPEN else table.c[index] >= sa.bindparam("since", type_=sa.Date)


def _terms(
    table: sa.Table, index: str, of: Flow | Stock | None, bounds: tuple[tuple[str, str], ...]
) -> dict[object, sa.ColumnElement[bool]]:
    """The conditions that must all hold, each by what it says."""
    said = {name: sa.bindparam(parameter, type_=Moment if name == "as_of" else sa.Date) for name, parameter in bounds}
    terms: list[sa.ColumnElement[bool]] = []
    if of is not None:
        terms = _of_flow(table, of, index, said) if isinstance(of, Flow) else _of_stock(table, of, index, said)
        terms += conditions(table, thaw(of.plain), constant)
    found: dict[object, sa.ColumnElement[bool]] = {}
    for term in terms:
        compiled = term.compile()
        found[str(compiled), str(compiled.params)] = term
    return found


def _of_flow(
    table: sa.Table, flow: Flow, index: str, bounds: Mapping[str, sa.BindParameter[Any]]
) -> list[sa.ColumnElement[bool]]:
    """The rows that a flow counts on its day; in OPEN those that a flow for walking begins with: there now."""
    window: list[sa.ColumnElement[bool]] = []
    if bounds:
        window = [table.c[flow.day] >= bounds["start"], table.c[flow.day] < bounds["end"]]
    match flow.what:
        case "received":
            return window
        case "resolved":
            return [resolved_with(table, flow.rules, flow.which), *window]
        case "ended":
            return [one_of(table.c.end_class, flow.which), *window]
        case "open" if index == OPEN:
            return open_terms(table, flow.rules)
        case "open_with_due" if index == OPEN:
            return [*open_terms(table, flow.rules), table.c.due_on.is_not(None)]
        case "awaiting" if index == OPEN:
            return [_awaiting(table)]
    raise KeyError(flow.what)


def _of_stock(
    table: sa.Table, stock: Stock, index: str, bounds: Mapping[str, sa.BindParameter[Any]]
) -> list[sa.ColumnElement[bool]]:
    """The rows of a stock at its boundary that are open still, or that have ended since."""
    if stock.what == "awaiting":
        return [_awaiting(table), table.c.end_on < bounds["boundary"]]
    whose = open_terms(table, stock.rules) if index == OPEN else ended_terms(table, stock.rules, bounds)
    return [*whose, *pending_terms(table, bounds, thaw(stock.special))]


def _awaiting(table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.end_class == "supplement"
