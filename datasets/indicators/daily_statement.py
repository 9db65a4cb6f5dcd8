"""The statements of daily counts, and what their rows tell.

Statements are built once and asked for any units, members of filters and days.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from datasets.indicators.daily import Members, Places, Series, group_of, in_units, member_of, narrowed
from datasets.indicators.lifecycle_counts import Flow, Term, Where, by_timeliness, freeze, thaw
from datasets.schema import BY_NAME
from datasets.schema.dataset import Rollup
from datasets.store.conditions import conditions, constant
from datasets.store.ready import Ready
from datasets.store.tables import TABLES


def collected(columns: Sequence[Sequence[Any]], flows: Sequence[Flow], *, divided: bool) -> dict[Flow, Members]:
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
def rollup_of(name: str, flow: Flow, asked_by: frozenset[str]) -> Rollup | None:
    """The smallest rollup that keeps a flow and the columns it is asked by; None where none does."""
    rollups = (rollup for rollup in BY_NAME[name].rollups if asked_by <= set(rollup.by))
    return next((rollup for rollup in rollups if _kept(name, rollup, flow) is not None), None)


@lru_cache(maxsize=1024)
def days_query(
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
def stretch_query(name: str, rollup: Rollup, filters: Where, units: int, flows: tuple[Flow, ...]) -> Ready:
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
