"""Until when a row of a series stands: the first day of any newer row of the same series.

Newer is what ends later, of two that end together what begins later: a month's number takes the place of the
month's before, a year's that of its months. All rows of one period stand together. So the number in force on a day is
found without looking for the newest, and numbers of many units are added up in one pass.

A row stands on the days after `period_start` up to and including `superseded_on`; one that its source took back
stands on none.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from datasets.store.staging import Staging
from datasets.store.tables import STANDS_STILL, TABLES


def renew(connection: sa.Connection, staging: Staging, source: str, marked_at: datetime | None) -> None:
    """Find it out again for the series that a delivery has written to, or marked rows of.

    marked_at   the moment with which rows were marked as taken back, or marks were taken off; None: none were
    """
    dataset, rows, todo, main = staging.dataset, staging.rows, staging.todo, TABLES[staging.dataset.name]
    given = sa.select(*(rows.c[name] for name in dataset.series))
    if marked_at is None:
        series = given.join(todo, todo.c.seq == rows.c.seq).distinct().subquery()
    else:
        gone = sa.select(*(main.c[name] for name in dataset.series))
        series = sa.union(given, gone.where(main.c.source == source, main.c.vanished_at == marked_at)).subquery()
    touched = sa.and_(*(main.c[name] == series.c[name] for name in dataset.series))
    found = succeeded(main, dataset.series, dataset.key).join(series, touched).subquery()
    same = (main.c[name] == found.c[name] for name in dataset.key)
    renewed = main.update().values(superseded_on=found.c.until)
    connection.execute(renewed.where(*same, main.c.superseded_on != found.c.until))


def succeeded(table: sa.Table, series: tuple[str, ...], key: tuple[str, ...]) -> sa.Select[tuple[object, ...]]:
    """The key of each row, and as `until` the day it stands to."""
    there = sa.case((table.c.vanished_at.is_(None), table.c.period_start))
    newer = sa.func.min(there).over(
        partition_by=[table.c[name] for name in series],
        order_by=(table.c.period_end.desc(), table.c.period_start.desc()),
        groups=(None, -1),
    )
    until = sa.case(
        (table.c.vanished_at.is_not(None), table.c.period_start), else_=sa.func.coalesce(newer, STANDS_STILL)
    )
    return sa.select(*(table.c[name] for name in key), until.label("until"))
