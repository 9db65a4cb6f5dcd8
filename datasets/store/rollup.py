"""The daily counts of a dataset, by many dimensions and by few, kept by the write.

After a merge the (unit, day) pairs it touched are counted again from the raw rows,
never adjusted by difference: a rollup cannot drift from what it sums up.
"""

from __future__ import annotations

import sqlalchemy as sa

from datasets.schema.dataset import DailyCount, Dataset
from datasets.store.conditions import conditions
from datasets.store.staging import Staging
from datasets.store.tables import TABLES


def day_columns(dataset: Dataset) -> list[str]:
    """The DATE columns that rows are counted on."""
    return list(dict.fromkeys(count.day for count in dataset.daily_counts))


def written_much(connection: sa.Connection, dataset: Dataset, written: int) -> bool:
    """The delivery writes more than a quarter of all there is: as with a backfill.

    Then counting everything again is cheaper than finding out what was touched.
    """
    some = sa.select(sa.literal(1)).select_from(TABLES[dataset.name]).limit(4 * written)
    there = connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one()
    return int(there) < 4 * written


def note_touched(connection: sa.Connection, staging: Staging) -> None:
    """Collect the unit-days of what the merge is about to write; must run before it does.

    New and changed rows touch the days they now have, changed ones also those they had.
    """
    rows, todo, main = staging.rows, staging.todo, TABLES[staging.dataset.name]
    written = todo.c.action.in_(("new", "changed"))
    days: list[sa.Select[tuple[str, object]]] = []
    for name in day_columns(staging.dataset):
        now_has = sa.select(rows.c.unit, rows.c[name].label("day")).join(todo, todo.c.seq == rows.c.seq)
        days.append(now_has.where(written, rows.c[name].is_not(None)))
        had = sa.select(main.c.unit, main.c[name].label("day")).join(rows, staging.same_key(main))
        had = had.join(todo, todo.c.seq == rows.c.seq)
        days.append(had.where(todo.c.action == "changed", main.c[name].is_not(None)))
    connection.execute(staging.touched.insert().from_select(["unit", "day"], sa.union(*days)))


def rebuild(connection: sa.Connection, staging: Staging) -> None:
    """Count the touched unit-days again from the raw rows."""
    _count(connection, staging.dataset, staging.touched)


def rebuild_all(connection: sa.Connection, dataset: Dataset) -> None:
    """Count every unit-day again from the raw rows."""
    _count(connection, dataset, None)


def _count(connection: sa.Connection, dataset: Dataset, touched: sa.Table | None) -> None:
    """Both rollups; the totals are added up from the other one."""
    daily, total = TABLES[f"{dataset.name}_daily"], TABLES[f"{dataset.name}_total"]
    for rollup, counts in ((daily, counted(dataset, touched)), (total, _added_up(dataset, daily, touched))):
        old = rollup.delete()
        if touched is not None:
            pairs = sa.select(touched.c.unit, touched.c.day)
            old = old.where(sa.tuple_(rollup.c.unit, rollup.c.day).in_(pairs))
        connection.execute(old)
        connection.execute(rollup.insert().from_select([column.name for column in rollup.columns], counts))


def _added_up(dataset: Dataset, daily: sa.Table, touched: sa.Table | None) -> sa.Select[tuple[object, ...]]:
    groups = [daily.c.unit, daily.c.day, *(daily.c[name] for name in dataset.total_by)]
    found = sa.select(*groups, *(sa.func.sum(daily.c[count.name]) for count in dataset.daily_counts)).group_by(*groups)
    if touched is None:
        return found
    return found.join(touched, sa.and_(touched.c.unit == daily.c.unit, touched.c.day == daily.c.day))


def counted(dataset: Dataset, touched: sa.Table | None) -> sa.Select[tuple[object, ...]]:
    """The rows of the rollup, in its columns' order, from the raw rows.

    Each day column is grouped on its own index and the parts are summed up.
    touched   only these unit-days; None: all of them
    """
    groups = ["day", "unit", *dataset.rollup_by]  # the day tells most rows apart: sorted a fifth faster
    parts = sa.union_all(*(_on_day(dataset, name, touched) for name in day_columns(dataset))).subquery()
    return sa.select(
        parts.c.unit,
        parts.c.day,
        *(parts.c[name] for name in dataset.rollup_by),
        *(sa.func.sum(parts.c[count.name]) for count in dataset.daily_counts),
    ).group_by(*(parts.c[name] for name in groups))


def _on_day(dataset: Dataset, day: str, touched: sa.Table | None) -> sa.Select[tuple[object, ...]]:
    main = TABLES[dataset.name]
    dimensions = [sa.func.coalesce(main.c[name], "").label(name) for name in dataset.rollup_by]
    sums = [
        _sum(main, count).label(count.name) if count.day == day else sa.literal_column("0").label(count.name)
        for count in dataset.daily_counts
    ]
    found = sa.select(main.c.unit, main.c[day].label("day"), *dimensions, *sums)
    if touched is not None:
        found = found.join(touched, sa.and_(touched.c.unit == main.c.unit, touched.c.day == main.c[day]))
    return found.where(main.c[day].is_not(None)).group_by(main.c[day], main.c.unit, *dimensions)


def _sum(main: sa.Table, count: DailyCount) -> sa.ColumnElement[int]:
    held = conditions(main, count.where)
    return sa.func.count().filter(*held) if held else sa.func.count()
