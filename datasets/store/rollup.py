"""The daily counts of a dataset, by many dimensions, by few and by none, kept by the write.

The (unit, day) pairs that a merge touches are counted again from the raw rows, never
adjusted by difference: a rollup cannot drift from what it sums up. They are counted
before the write lock is taken, from the rows that stay and those that are staged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from datasets.schema.dataset import DailyCount, Dataset, Rollup
from datasets.store.conditions import conditions, constant
from datasets.store.staging import Staging
from datasets.store.tables import TABLES


@dataclass(frozen=True, slots=True)
class Part:
    """Rows to be counted: those of a table for which all of `which` holds."""

    table: sa.Table
    which: Sequence[sa.ColumnElement[bool]]


def day_columns(dataset: Dataset) -> list[str]:
    """The DATE columns that rows are counted on."""
    return list(dict.fromkeys(count.day for count in dataset.daily_counts))


def prepare(connection: sa.Connection, staging: Staging, new: int, changed: int) -> bool:
    """Count into `staging.daily` what the merge is about to change, as it will stand; needs `todo` filled.

    Whether that is every unit-day there is; else `staging.touched` has them. Writes temporary tables only.
    """
    dataset, rows, todo, main = staging.dataset, staging.rows, staging.todo, TABLES[staging.dataset.name]
    everything = written_much(connection, dataset, new + changed)
    if not everything:
        _note_touched(connection, staging)
    staged = connection.execute(sa.select(sa.func.count()).select_from(rows)).scalar_one()
    written = rows.c.seq.in_(sa.select(todo.c.seq).where(todo.c.action.in_(("new", "changed"))))
    replaced = sa.exists().where(staging.same_key(main), todo.c.seq == rows.c.seq, todo.c.action == "changed")
    parts = [
        Part(rows, [] if staged == new + changed else [written]),
        Part(main, [sa.not_(replaced.correlate(main))] if changed else []),
    ]
    _fill(connection, staging.daily, counted(dataset, parts, None if everything else staging.touched))
    return everything


def publish(connection: sa.Connection, staging: Staging, *, everything: bool) -> None:
    """Put what `prepare` counted in the place of what was counted before."""
    dataset, daily, touched = staging.dataset, staging.daily, staging.touched

    def put(rollup: sa.Table, counted_now: sa.Select[tuple[object, ...]]) -> list[sa.ColumnElement[bool]]:
        """Returns what holds of these rows alone."""
        pairs = sa.tuple_(rollup.c.unit, rollup.c.day).in_(sa.select(touched.c.unit, touched.c.day))
        these: list[sa.ColumnElement[bool]] = [] if everything else [pairs]
        connection.execute(rollup.delete().where(*these))
        _fill(connection, rollup, counted_now)
        return these

    finest, *fewer = reversed(dataset.rollups)
    put(TABLES[finest.name], sa.select(*(daily.c[column.name] for column in TABLES[finest.name].columns)))
    part = Part(daily, [])
    for rollup in fewer:
        part = Part(TABLES[rollup.name], put(TABLES[rollup.name], _added_up(dataset, rollup, part)))


def written_much(connection: sa.Connection, dataset: Dataset, written: int) -> bool:
    """The delivery writes more than a quarter of all there is: as with a backfill.

    Then counting everything again is cheaper than finding out what was touched.
    """
    some = sa.select(sa.literal(1)).select_from(TABLES[dataset.name]).limit(4 * written)
    there = connection.execute(sa.select(sa.func.count()).select_from(some.subquery())).scalar_one()
    return int(there) < 4 * written


def _note_touched(connection: sa.Connection, staging: Staging) -> None:
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


def rebuild_all(connection: sa.Connection, dataset: Dataset) -> None:
    """Count every unit-day again from the raw rows."""
    finest, *fewer = reversed(dataset.rollups)
    finer = TABLES[finest.name]
    connection.execute(finer.delete())
    _fill(connection, finer, counted(dataset, [Part(TABLES[dataset.name], [])], None))
    for rollup in fewer:
        connection.execute(TABLES[rollup.name].delete())
        _fill(connection, TABLES[rollup.name], _added_up(dataset, rollup, Part(finer, [])))
        finer = TABLES[rollup.name]


def _fill(connection: sa.Connection, rollup: sa.Table, counts: sa.Select[tuple[object, ...]]) -> None:
    connection.execute(rollup.insert().from_select([column.name for column in rollup.columns], counts))


def _added_up(dataset: Dataset, rollup: Rollup, finer: Part) -> sa.Select[tuple[object, ...]]:
    """The rows of a rollup, in its columns' order, from those of a finer one."""
    rows = finer.table.c
    groups = [rows[name] for name in ("unit", "day", *rollup.by)]
    sums: list[sa.ColumnElement[int]] = [sa.func.sum(rows[count.name]) for count in dataset.daily_counts]
    for part in rollup.parts:
        of_member = conditions(finer.table, {part.dimension: part.member}, constant)
        sums.append(sa.func.coalesce(sa.func.sum(rows[part.of]).filter(*of_member), sa.literal_column("0")))
    return sa.select(*groups, *sums).where(*finer.which).group_by(*groups)


def counted(dataset: Dataset, parts: Sequence[Part], touched: sa.Table | None) -> sa.Select[tuple[object, ...]]:
    """The rows of the rollup, in its columns' order, from rows that are in several places.

    Each day column of each place is grouped by itself and the groups are summed up.
    touched   only these unit-days; None: all of them
    """
    groups = ["day", "unit", *dataset.rollup_by]  # the day tells most rows apart: sorted a fifth faster
    each = [_on_day(dataset, name, part, touched) for part in parts for name in day_columns(dataset)]
    found = sa.union_all(*each).subquery()
    return sa.select(
        found.c.unit,
        found.c.day,
        *(found.c[name] for name in dataset.rollup_by),
        *(sa.func.sum(found.c[count.name]) for count in dataset.daily_counts),
    ).group_by(*(found.c[name] for name in groups))


def _on_day(dataset: Dataset, day: str, part: Part, touched: sa.Table | None) -> sa.Select[tuple[object, ...]]:
    table = part.table
    dimensions = [sa.func.coalesce(table.c[name], "").label(name) for name in dataset.rollup_by]
    sums = [
        _sum(table, count).label(count.name) if count.day == day else sa.literal_column("0").label(count.name)
        for count in dataset.daily_counts
    ]
    found = sa.select(table.c.unit, table.c[day].label("day"), *dimensions, *sums)
    if touched is not None:
        found = found.join(touched, sa.and_(touched.c.unit == table.c.unit, touched.c.day == table.c[day]))
    return found.where(table.c[day].is_not(None), *part.which).group_by(table.c[day], table.c.unit, *dimensions)


def _sum(table: sa.Table, count: DailyCount) -> sa.ColumnElement[int]:
    held = conditions(table, count.where, constant)
    return sa.func.count().filter(*held) if held else sa.func.count()
