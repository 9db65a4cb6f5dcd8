"""Cumulative figures never fall within their year without a note that says why.

A staged row of a cumulative element is set aside when it is below a figure of an earlier
period of its year, or above one of a later period that stands in the store: what is new
must fit between what is known. The same period may be corrected freely; the change log
tells of it. A row with a note passes: somebody took it upon themselves.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from datasets.store import aside
from datasets.store.merge import key_text
from datasets.store.staging import Staging
from datasets.store.tables import TABLES
from datasets.validate import Problem

CODE = "cumulative_fell"


def set_aside(connection: sa.Connection, staging: Staging, cumulative: Collection[str]) -> int:
    """Move the staged rows that break the rule to those set aside; how many.

    First those that do not fit what is known, then those that do not fit each other: one
    wrong figure does not condemn the good ones that came with it.
    """
    rows, main = staging.rows, TABLES[staging.dataset.name]
    other, own = rows.alias("other"), rows.alias("own")
    replaced = sa.exists().where(*(own.c[name] == main.c[name] for name in staging.dataset.key))
    fell = sa.and_(main.c.period_end < rows.c.period_end, main.c.value > rows.c.value)
    above = sa.and_(main.c.period_end > rows.c.period_end, main.c.value < rows.c.value)
    known = sa.exists().where(_same_year(rows, main), ~replaced, main.c.vanished_at.is_(None), sa.or_(fell, above))
    within = sa.exists().where(
        _same_year(rows, other), other.c.period_end < rows.c.period_end, other.c.value > rows.c.value
    )
    mine = sa.and_(rows.c.element.in_(tuple(cumulative)), sa.func.coalesce(rows.c.note, "") == "")
    return sum(_move(connection, staging, sa.and_(mine, broken)) for broken in (known, within))


def _move(connection: sa.Connection, staging: Staging, which: sa.ColumnElement[bool]) -> int:
    rows = staging.rows
    asked = sa.select(rows.c.seq, key_text(staging.dataset, rows).label("key"), rows.c.value).where(which)
    found = connection.execute(asked).all()
    if found:
        records = [(row.key, row.key, [Problem.of("value", CODE, row.value, row.key)]) for row in found]
        staging.set_aside(connection, aside.as_rows(records, None))
        connection.execute(rows.delete().where(rows.c.seq.in_([row.seq for row in found])))
    return len(found)


def _same_year(one: sa.FromClause, other: sa.FromClause) -> sa.ColumnElement[bool]:
    """One series: the same unit, element and category, in one calendar year."""
    year = sa.extract("year", one.c.period_start) == sa.extract("year", other.c.period_start)
    return sa.and_(*(one.c[name] == other.c[name] for name in ("unit", "element", "category")), year)
