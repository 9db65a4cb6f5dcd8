"""The narrow `where` of the declarations as SQL, for rollups and indicators alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

_PLAIN = sa.engine.default.DefaultDialect()
BOUNDS = ("min", "max", "above", "known", "other_than")


Say = Callable[[sa.ColumnElement[Any], object], sa.ColumnElement[Any]]
"""How a value to compare a column with is said: `parameter` or `constant`."""


def parameter(column: sa.ColumnElement[Any], member: object) -> sa.ColumnElement[Any]:
    """As what a person asks for must be said."""
    return sa.literal(member, column.type)


def constant(column: sa.ColumnElement[Any], member: object) -> sa.ColumnElement[Any]:
    """Written into the statement: only for what stands in our own declarations, of which one statement compares with
    dozens; as many parameters cost more than the counting."""
    if isinstance(member, bool):
        return sa.true() if member else sa.false()
    written = column.type.literal_processor(_PLAIN)
    return parameter(column, member) if written is None else sa.literal_column(written(member), column.type)


def conditions(table: sa.FromClause, where: Mapping[str, object], say: Say = parameter) -> list[sa.ColumnElement[bool]]:
    """One condition per column of `where`; all of them must hold.

    A value is meant as: scalar = equality, list or tuple = one of (None in it counts
    unknown in), None = unknown, mapping = bounds: `min` and `max` inclusive, `above`
    exclusive, `known` whether it has a value at all, `other_than` the name of a column of the same row that it
    must differ from. A row whose column is unknown satisfies no equality and no bound.

    Raises ValueError for a column the table does not have or an unknown bound.
    """
    found = []
    for name, wanted in where.items():
        if name not in table.c:
            raise ValueError(f"{table} has no column {name}")
        found.append(_condition(table, table.c[name], wanted, say))
    return found


def _condition(table: sa.FromClause, column: sa.ColumnElement[Any], wanted: object, say: Say) -> sa.ColumnElement[bool]:
    if wanted is None or isinstance(wanted, bool):
        return column.is_(wanted)
    if isinstance(wanted, Mapping):
        return _bounded(table, column, wanted, say)
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        known = one_of(column, [value for value in wanted if value is not None], say)
        return sa.or_(known, column.is_(None)) if None in wanted else known
    return column == say(column, wanted)


def one_of(column: sa.ColumnElement[Any], members: Sequence[object], say: Say = constant) -> sa.ColumnElement[bool]:
    """Equal to one of a few members; each is said by itself, for a list as one parameter is written out every time."""
    return column.in_([say(column, member) for member in members]) if members else sa.false()


def _bounded(
    table: sa.FromClause, column: sa.ColumnElement[Any], bounds: Mapping[str, Any], say: Say
) -> sa.ColumnElement[bool]:
    unknown = set(bounds) - set(BOUNDS)
    if unknown or not bounds:
        raise ValueError(f"bounds are {', '.join(BOUNDS)}, not {sorted(unknown)}")
    held: list[sa.ColumnElement[bool]] = []
    if "min" in bounds:
        held.append(column >= say(column, bounds["min"]))
    if "max" in bounds:
        held.append(column <= say(column, bounds["max"]))
    if "above" in bounds:
        held.append(column > say(column, bounds["above"]))
    if "known" in bounds:
        held.append(column.is_not(None) if bounds["known"] else column.is_(None))
    if "other_than" in bounds:
        held.append(column != table.c[bounds["other_than"]])
    return sa.and_(*held)
