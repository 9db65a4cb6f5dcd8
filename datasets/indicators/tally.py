"""Rows told apart by what holds of them: however many stocks, breakdowns and medians a page asks for, their rows are
read once.

What is asked is gathered first. One statement an index then groups the rows by the members and numbers asked for and
by a mask with a bit for each condition that holds; a condition that all ask for narrows the statement instead. What
was asked is added up from the masks, of which there are few. Nothing that was read outlives its page.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from itertools import repeat
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


class Grouping(Enum):
    """How a statement gives its rows: counted in each way that they are divided; counted by all that divides them;
    one by one."""

    SETS = 1
    ALL = 2
    NONE = 3


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
        grouping = Grouping.ALL if some[0].is_series else Grouping.NONE
        question = _question(
            self._dataset.name,
            some[0].sought,
            self._filters,
            len(self._units),
            tuple(items),
            Grouping.SETS if self._in_sets else grouping,
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


class Division(NamedTuple):
    """One way to divide the rows: the places in a row of the member and of the number, and its rows' grouping."""

    member: int | None
    number: int | None
    grouping: int


@dataclass(frozen=True, slots=True)
class Question:
    """A statement, which gives rows of (grouping, masks, members and numbers, and where they are grouped how many).

    divisions   each way to divide with what is asked so: its place among the items, and the bits it needs
    """

    statement: sa.Select[Any]
    masks: int
    grouped: bool
    divisions: Mapping[Division, Sequence[tuple[int, int]]]

    def added_up(self, rows: Sequence[Sequence[Any]]) -> list[dict[tuple[str, Any], int]]:
        """The cells of each item."""
        found: dict[int, dict[tuple[str, Any], int]] = {}
        for division, items in self.divisions.items():
            cells = self._divided(division, rows)
            for place, needed in items:
                mine = found[place] = {}
                for (mask, member, number), counted in cells.items():
                    if mask & needed == needed:
                        key = member, number
                        mine[key] = mine.get(key, 0) + counted
        return [found[place] for place in range(len(found))]

    def _divided(self, division: Division, rows: Sequence[Sequence[Any]]) -> dict[tuple[int, str, Any], int]:
        """The rows by mask, member and number; without those that have no number, where numbers are asked for."""
        columns = list(zip(*(row for row in rows if row[0] == division.grouping), strict=True))
        if not columns:
            return {}
        masks = columns[1]
        for n in range(1, self.masks):
            masks = tuple(low | high << (n * MOST_BITS) for low, high in zip(masks, columns[1 + n], strict=True))
        members = repeat("") if division.member is None else columns[division.member]
        numbers = repeat(None) if division.number is None else columns[division.number]
        keys = zip(masks, members, numbers, strict=False)
        found: dict[tuple[int, str, Any], int] = {}
        if self.grouped:
            for key, rows_of_key in zip(keys, columns[-1], strict=False):
                found[key] = found.get(key, 0) + rows_of_key
        else:
            found = Counter(keys)
        return found if division.number is None else {key: n for key, n in found.items() if key[2] is not None}


@lru_cache(maxsize=512)
def _question(
    name: str, sought: str, filters: Where, units: int, items: tuple[Item, ...], grouping: Grouping
) -> Question:
    table = TABLES[name]
    everywhere, needed, masks = _bits([_terms(table, sought, of, bounds) for of, _, _, bounds in items])
    columns: dict[object, sa.ColumnElement[Any]] = {}
    for _, by, number, _ in items:
        if by is not None:
            columns["by", by] = member_of(table, by).label(f"by_{by}")
        if number is not None:
            columns["number", number] = table.c[number].label(f"number_{number}")
    at = {key: n for n, key in enumerate(columns)}
    where = [in_units(table, units), *narrowed(table, thaw(filters)), _sought(table, sought), *everywhere]
    told = sa.select(*masks, *columns.values()).where(*where).subquery("told")
    mask_columns, rest = list(told.c)[: len(masks)], list(told.c)[len(masks) :]
    divisions: dict[Division, list[tuple[int, int]]] = {}
    sets = {}
    in_sets = grouping is Grouping.SETS and bool(rest)
    for place, (_, by, number, _) in enumerate(items):
        mine = [at[key] for key in (("by", by), ("number", number)) if key in at]
        left_out = sum(1 << (len(rest) - 1 - n) for n in range(len(rest)) if n not in mine)
        first = 1 + len(masks)
        division = Division(
            None if by is None else first + at["by", by],
            None if number is None else first + at["number", number],
            left_out if in_sets else 0,
        )
        sets[division] = sa.tuple_(*mask_columns, *(rest[n] for n in mine))
        divisions.setdefault(division, []).append((place, needed[place]))
    which = sa.func.grouping(*rest) if in_sets else sa.literal_column("0", sa.Integer)
    statement = sa.select(which, *mask_columns, *rest)
    if grouping is not Grouping.NONE:
        by_all = [*mask_columns, *rest]
        statement = statement.add_columns(sa.func.count())
        statement = statement.group_by(*([sa.func.grouping_sets(*sets.values())] if in_sets else by_all))
    return Question(statement, len(masks), grouping is not Grouping.NONE, divisions)


def _bits(
    terms: Sequence[Mapping[object, sa.ColumnElement[bool]]],
) -> tuple[list[sa.ColumnElement[bool]], list[int], list[sa.ColumnElement[int]]]:
    """What all items ask for; the bits that each item needs beside; the masks. What the same items ask for is one
    bit."""
    asked_by: dict[object, list[int]] = {}
    for place, mine in enumerate(terms):
        for key in mine:
            asked_by.setdefault(key, []).append(place)
    alike: dict[tuple[int, ...], list[sa.ColumnElement[bool]]] = {}
    for key, places in asked_by.items():
        alike.setdefault(tuple(places), []).append(terms[places[0]][key])
    everywhere = alike.pop(tuple(range(len(terms))), [])
    needed = [0] * len(terms)
    for bit, holders in enumerate(alike):
        for place in holders:
            needed[place] |= 1 << bit
    return everywhere, needed, _masks([sa.and_(*together) for together in alike.values()])


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
