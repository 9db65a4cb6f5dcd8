"""The narrow `where` of the declarations as SQL, for rollups and indicators alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

_PLAIN = sa.engine.default.DefaultDialect()
BOUNDS = ("min", "max", "above", "known", "other_than")


def conditions(table: sa.FromClause, where: Mapping[str, object]) -> list[sa.ColumnElement[bool]]:
    """One condition per column of `where`; all of them must hold.

    A value is meant as: scalar = equality, list or tuple = one of (None in it counts
    unknown in), None = unknown, mapping = bounds: `min` and `max` inclusive, `above`
    exclusive, `known` whether it has a value at all, `other_than` the name of a column of the same row that it
    must differ from. A row whose column is unknown satisfies no equality and no bound.

    The values are written into the statement: they are our own declarations. What a person asks is a parameter
    (indicators/daily.py, `narrowed`).

    Raises ValueError for a column the table does not have or an unknown bound.
    """
    found = []
    for name, wanted in where.items():
        if name not in table.c:
            raise ValueError(f"{table} has no column {name}")
        found.append(_condition(table, table.c[name], wanted))
    return found


def _condition(table: sa.FromClause, column: sa.ColumnElement[Any], wanted: object) -> sa.ColumnElement[bool]:
    if wanted is None or isinstance(wanted, bool):
        return column.is_(wanted)
    if isinstance(wanted, Mapping):
        return _bounded(table, column, wanted)
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        known = one_of(column, [value for value in wanted if value is not None])
        return sa.or_(known, column.is_(None)) if None in wanted else known
    return column == constant(column, wanted)


def one_of(column: sa.ColumnElement[Any], members: Sequence[object]) -> sa.ColumnElement[bool]:
    """Equal to one of a few members that stand in our own declarations, written into the statement: a hundred
    parameters cost more than the counting."""
    return column.in_([constant(column, member) for member in members])


def constant(column: sa.ColumnElement[Any], member: object) -> sa.ColumnElement[Any]:
    """A member that stands in our own declarations, as the statement says it; never for what a person asks."""
    written = column.type.literal_processor(_PLAIN)
    if written is None:
        return sa.literal(member, column.type)
    return sa.literal_column(written(member), column.type)


def _bounded(table: sa.FromClause, column: sa.ColumnElement[Any], bounds: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    unknown = set(bounds) - set(BOUNDS)
    if unknown or not bounds:
        raise ValueError(f"bounds are {', '.join(BOUNDS)}, not {sorted(unknown)}")
    held: list[sa.ColumnElement[bool]] = []
    if "min" in bounds:
        held.append(column >= constant(column, bounds["min"]))
    if "max" in bounds:
        held.append(column <= constant(column, bounds["max"]))
    if "above" in bounds:
        held.append(column > constant(column, bounds["above"]))
    if "known" in bounds:
        held.append(column.is_not(None) if bounds["known"] else column.is_(None))
    if "other_than" in bounds:
        held.append(column != table.c[bounds["other_than"]])
    return sa.and_(*held)
