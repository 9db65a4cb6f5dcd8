"""The statements of tally.py: rows grouped by members, numbers and a mask of what holds of them.

Statements are built once and kept for any units, members of filters, days and moments.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from datasets.indicators.daily import in_units, member_of, narrowed
from datasets.indicators.lifecycle_counts import Flow, Stock, Where, thaw
from datasets.indicators.lifecycle_rows import ended_terms, open_terms, pending_terms, resolved_with
from datasets.store.conditions import conditions, constant, one_of
from datasets.store.lived import LIVES, ended_after
from datasets.store.ready import Ready
from datasets.store.tables import TABLES, Moment

OPEN, RECEIVED, ENDED = "maybe_open", "received_on", "end_on"
"""The columns whose indexes lead to the rows: what may be open; what came in, or ended, since a day."""
MOST_BITS = 62
"""Of one mask."""
FEW_UNITS = 8


class Grouping(Enum):
    """How a statement gives its rows: counted in each way that they are divided; the same, but counted first by all
    columns that are looked at; counted by all that divides them; one by one."""

    SETS = 1
    CELLS = 2
    ALL = 3
    NONE = 4


class Reach(Enum):
    """Which of the rows that an index leads to are read: all since a day; all of a stretch of days; of what ended
    since a day what was there before it, too; the same of a day long past, by how long they lived."""

    ALL = 1
    OVER = 2
    STOCKS = 3
    PAST_STOCKS = 4


Item = tuple[Flow | Stock | None, str | None, str | None, tuple[tuple[str, str], ...]]
"""`Told` without its index, with the names of parameters in the place of the bounds."""


class Division(NamedTuple):
    """One way to divide the rows: the places in a row of the first mask, of the member and of the number, and the
    grouping of the rows that tell it; a finer one tells the coarser."""

    mask: int
    member: int | None
    number: int | None
    grouping: int


@dataclass(frozen=True, slots=True, eq=False)
class Alike:
    """Rows that the same items count: the places of these."""

    places: tuple[int, ...]


class Items(dict[int, Alike]):
    """What is divided in one way: by mask the items whose bits it has, looked for once a mask.

    needed   of each item its place among all, and the bits it needs
    """

    def __init__(self, needed: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        self.needed = needed
        self._alike: dict[tuple[int, ...], Alike] = {}

    def __missing__(self, mask: int) -> Alike:
        places = tuple(place for place, needed in self.needed if mask & needed == needed)
        found = self[mask] = self._alike.setdefault(places, Alike(places))
        return found


@dataclass(frozen=True, slots=True)
class Question:
    """A statement, which gives rows of (grouping, masks, members and numbers, and where they are grouped how many).

    divisions   each way to divide with what is asked so
    """

    statement: Ready
    masks: int
    grouped: bool
    sorted_out: bool
    divisions: Mapping[Division, Items]

    def added_up(self, columns: Sequence[Sequence[Any]]) -> list[dict[tuple[str, Any], int]]:
        """The cells of each item."""
        found: list[dict[tuple[str, Any], int]] = [{} for items in self.divisions.values() for _ in items.needed]
        for division, items in self.divisions.items() if columns else ():
            for key, counted in self._divided(division, items, columns):
                member = "" if division.member is None else key[1]
                number = None if division.number is None else key[-1]
                if number is None and division.number is not None:
                    continue  # only those that have one are asked for
                for place in key[0].places:
                    mine = found[place]
                    mine[member, number] = mine.get((member, number), 0) + counted
        return found

    def _divided(
        self, division: Division, items: Items, columns: Sequence[Sequence[Any]]
    ) -> Iterable[tuple[tuple[Any, ...], int]]:
        """The rows by the items that count them, and by member and number where they are divided so."""
        if self.sorted_out:
            mine = [n for n, sort in enumerate(columns[0]) if sort == division.grouping]
            columns = [[column[n] for n in mine] for column in columns]
        masks = columns[division.mask]
        for n in range(1, self.masks):
            more = columns[division.mask + n]
            masks = [low | high << (n * MOST_BITS) for low, high in zip(masks, more, strict=True)]
        told_by = [columns[n] for n in (division.member, division.number) if n is not None]
        if not self.grouped and not told_by:
            return [((items[mask],), counted) for mask, counted in Counter(masks).items()]
        keys = zip(map(items.__getitem__, masks), *told_by, strict=True)
        if not self.grouped:
            return Counter(keys).items()
        found: dict[tuple[Any, ...], int] = {}
        for key, rows_of_key in zip(keys, columns[-1], strict=True):
            found[key] = found.get(key, 0) + rows_of_key
        return found.items()


@lru_cache(maxsize=512)
def question_of(
    name: str, sought: str, filters: Where, units: int, items: tuple[Item, ...], grouping: Grouping, reach: Reach
) -> Question:
    table = TABLES[name]
    keys = dict.fromkeys(key for item in items for key in _divided_by(item))
    at = {key: n for n, key in enumerate(keys)}
    ways = [frozenset(at[key] for key in _divided_by(item)) for item in items]
    finest = [way for way in dict.fromkeys(ways) if not any(way < other for other in ways)]
    told_by = [next(n for n, way in enumerate(finest) if mine <= way) for mine in ways]
    in_sets = grouping in (Grouping.SETS, Grouping.CELLS) and len(finest) > 1
    everywhere, needed, masks = _bits([_terms(table, sought, of, bounds) for of, _, _, bounds in items])
    where = [*_sought(table, sought, reach, units), *narrowed(table, thaw(filters)), *everywhere]
    if reach in (Reach.STOCKS, Reach.PAST_STOCKS):
        where += pending_terms(table, {"boundary": _day("edge")}, {})  # few of all that ended since
    columns: list[sa.ColumnElement[Any]] = [*masks, *_members(table, keys)]
    told = sa.select(*columns).where(*where)
    first = 1 + len(masks) * (len(finest) if in_sets else 1)
    divisions: dict[Division, list[tuple[int, int]]] = {}
    bits = [0] * len(finest)
    for place, (_, by, number, _) in enumerate(items):
        way = told_by[place]
        bits[way] |= needed[place]
        member_at = None if by is None else first + at["by", by]
        number_at = None if number is None else first + at["number", number]
        mask_at, sort = (1 + len(masks) * way, _left_out(finest[way], len(keys))) if in_sets else (1, 0)
        divisions.setdefault(Division(mask_at, member_at, number_at, sort), []).append((place, needed[place]))
    if in_sets:
        each = _each(told, open_=sought == OPEN, in_cells=grouping is Grouping.CELLS)
        statement = _in_sets(each, len(masks), finest, bits)
    else:
        statement = sa.select(_ZERO, *told.subquery("told").c) if grouping is Grouping.NONE else _counted(told)
    asked = {division: Items(of) for division, of in divisions.items()}
    return Question(Ready(statement), len(masks), grouping is not Grouping.NONE, in_sets, asked)


_ZERO = sa.literal_column("0", sa.Integer).label("sort")


def _divided_by(item: Item) -> list[tuple[str, str]]:
    _, by, number, _ = item
    return [(kind, name) for kind, name in (("by", by), ("number", number)) if name is not None]


def _members(of: sa.Table, keys: Iterable[tuple[str, str]]) -> list[sa.ColumnElement[Any]]:
    """The members and numbers that rows are divided by."""
    return [(member_of(of, name) if kind == "by" else of.c[name]).label(f"{kind}_{name}") for kind, name in keys]


def _counted(told: sa.Select[Any]) -> sa.Select[Any]:
    of = told.subquery("told")
    return sa.select(_ZERO, *of.c, sa.func.count().label("counted")).group_by(*of.c)


def _each(told: sa.Select[Any], *, open_: bool, in_cells: bool) -> sa.Subquery:
    """What is to be counted in several ways, each with the number of rows that it stands for.

    Rows are counted by all that divides them first, which leaves few, and which two may do at once; but of what is
    open, which is alike in hardly anything. That no rows are passed over says that each has its masks made once.
    """
    cells = _in_cells(told) if in_cells else None
    if cells is None and not open_:
        of = told.subquery("told")
        return sa.select(*of.c, sa.func.count().label("counted")).group_by(*of.c).subquery("each")
    if cells is None:
        cells = told.add_columns(sa.literal_column("1", sa.Integer).label("counted"))
    return cells.offset(_NONE).subquery("each")


def _in_cells(told: sa.Select[Any]) -> sa.Select[Any] | None:
    """The same of rows counted by all columns that are looked at, and how many: what the masks say is found out once
    for all that are alike. None where one of the columns is a moment, in which hardly two rows are."""
    told_of = list(told.selected_columns)
    every = (part for column in told_of for part in visitors.iterate(column))
    looked_at = list(dict.fromkeys(part for part in every if isinstance(part, sa.Column)))
    if told.whereclause is None or any(isinstance(column.type, Moment) for column in looked_at):
        return None
    counted = sa.select(*looked_at, sa.func.count().label("counted")).where(told.whereclause)
    cells = counted.group_by(*looked_at).subquery("cells")

    def of_cell(element: Any, **kw: Any) -> Any:
        return cells.c[element.name] if isinstance(element, sa.Column) else None

    columns: list[sa.ColumnElement[Any]] = [visitors.replacement_traverse(column, {}, of_cell) for column in told_of]
    return sa.select(*columns, cells.c.counted)


_NONE = sa.literal_column("0", sa.Integer)


def _in_sets(each: sa.Subquery, masks: int, ways: Sequence[Collection[int]], bits: Sequence[int]) -> sa.Select[Any]:
    """Counted in each way by its members and numbers, and by those bits of the masks that its items look at."""
    *columns, counted = each.c
    of_masks, rest = columns[:masks], columns[masks:]
    looked_at = [[mask.op("&")(_of_mask(mine, n)) for n, mask in enumerate(of_masks)] for mine in bits]
    sets = (sa.tuple_(*own, *(rest[n] for n in sorted(way))) for own, way in zip(looked_at, ways, strict=True))
    added = sa.cast(sa.func.sum(counted), sa.BigInteger)
    every = [column.label(f"mask_{way}_{n}") for way, own in enumerate(looked_at) for n, column in enumerate(own)]
    return sa.select(sa.func.grouping(*rest), *every, *rest, added).group_by(sa.func.grouping_sets(*sets))


def _of_mask(bits: int, number: int) -> sa.ColumnElement[int]:
    """Those of all bits that one of the masks has."""
    return sa.literal_column(str(bits >> number * MOST_BITS & (1 << MOST_BITS) - 1), sa.BigInteger)


def _left_out(told_by: Collection[int], columns: int) -> int:
    """What `grouping` says where rows are grouped by some of the columns: the first column has the highest bit."""
    return sum(1 << (columns - 1 - n) for n in range(columns) if n not in told_by)


def _bits(
    terms: Sequence[Mapping[object, sa.ColumnElement[bool]]],
) -> tuple[list[sa.ColumnElement[bool]], list[int], list[sa.ColumnElement[int]]]:
    """What all items ask for; the bits that each item needs beside; the masks. What the same items ask for is one
    bit, looked at only where a bit holds that all of them ask for with others."""
    asked_by: dict[object, set[int]] = {}
    for place, mine in enumerate(terms):
        for key in mine:
            asked_by.setdefault(key, set()).add(place)
    alike: dict[frozenset[int], list[sa.ColumnElement[bool]]] = {}
    for key, places in asked_by.items():
        alike.setdefault(frozenset(places), []).append(terms[min(places)][key])
    everywhere = alike.pop(frozenset(range(len(terms))), [])
    bits = {places: bit for bit, places in enumerate(sorted(alike, key=len, reverse=True))}
    needed = [sum(1 << bit for places, bit in bits.items() if place in places) for place in range(len(terms))]
    return everywhere, needed, _masks([(places, sa.and_(*alike[places])) for places in bits])


def _masks(bits: Sequence[tuple[frozenset[int], sa.ColumnElement[bool]]]) -> list[sa.ColumnElement[int]]:
    """A bit for each condition, those that most ask for first; at least one mask."""
    found: list[sa.ColumnElement[int]] = []
    for first in range(0, max(len(bits), 1), MOST_BITS):
        some = bits[first : first + MOST_BITS]
        within: dict[int, list[int]] = defaultdict(list)
        for n, (places, _) in enumerate(some):
            within[max((m for m in range(n) if places < some[m][0]), default=-1)].append(n)

        def mask(
            above: int, some: Sequence[Any] = some, within: Mapping[int, list[int]] = within
        ) -> sa.ColumnElement[int]:
            bit = 0 if above < 0 else 1 << above
            total: sa.ColumnElement[int] = sa.literal_column(str(bit), sa.BigInteger)
            for n in within.get(above, ()):
                total = total + sa.case((some[n][1], mask(n)), else_=sa.literal_column("0"))
            return total

        found.append(mask(-1).label(f"mask_{len(found)}"))
    return found


def _sought(table: sa.Table, sought: str, reach: Reach, units: int) -> list[sa.ColumnElement[bool]]:
    of = [in_units(table, units)]
    if sought == OPEN:
        return [*of, table.c.maybe_open]
    if reach is Reach.PAST_STOCKS:
        latest = [_day(f"latest_{n}") for n, _ in enumerate(LIVES)]
        if units <= FEW_UNITS:
            return [ended_after(table, _day("since"), latest, of)]
        return [*of, ended_after(table, _day("since"), latest)]
    span = [*of, table.c[sought] >= _day("since")]
    return [*span, table.c[sought] < _day("until")] if reach is Reach.OVER else span


def _day(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=sa.Date)


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
