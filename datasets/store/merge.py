"""The merge: what was staged becomes what is known, in a handful of set-based statements.

The same shape on both databases. Within a delivery the newest `updated_at` of a key
wins, then the last to arrive; against the store an older `updated_at` never overwrites
a newer one. A key whose identity columns (both known) differ is another record wearing
a used key: it is set aside and never overwrites.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from datasets.schema.dataset import Dataset
from datasets.store.staging import LOGGED, Staging
from datasets.store.tables import CHANGE_LOG, TABLES, Moment

INDEXES_AFTER = 5_000
"""Rows from which on it pays to make an empty table's indexes after them."""


def index_staged(connection: sa.Connection, staging: Staging) -> None:
    """Make the staged rows quick to find by key; once is enough."""
    sqlite = connection.dialect.name == "sqlite"
    rows, key = staging.rows.name, ", ".join(staging.dataset.key)
    connection.exec_driver_sql(f"CREATE INDEX IF NOT EXISTS {'temp.' if sqlite else ''}staged_key ON {rows} ({key})")
    if not sqlite:
        _analyze(connection, rows, key)


def drop_duplicates(connection: sa.Connection, staging: Staging) -> tuple[int, Sequence[sa.RowMapping]]:
    """Keep one row per key; how many went, and those of them that clash with the one kept."""
    rows, lost, key = staging.rows, staging.lost, [staging.rows.c[name] for name in staging.dataset.key]
    again = sa.select(*key).group_by(*key).having(sa.func.count() > 1).subquery()
    newest = [rows.c.seq.desc()]
    if "updated_at" in rows.c:
        newest.insert(0, rows.c.updated_at.desc().nulls_last())
    winner = sa.func.first_value(rows.c.seq).over(partition_by=key, order_by=newest).label("winner")
    ranked = sa.select(rows.c.seq, winner).join(again, staging.same_key(again)).subquery()
    losers = sa.select(ranked.c.seq, ranked.c.winner).where(ranked.c.seq != ranked.c.winner)
    number = connection.execute(lost.insert().from_select(["seq", "winner"], losers)).rowcount
    if not number:
        return 0, ()
    kept = rows.alias("kept")
    clashing = (
        sa.select(*_shown(staging.dataset, rows, kept))
        .join(lost, lost.c.seq == rows.c.seq)
        .join(kept, kept.c.seq == lost.c.winner)
        .where(_other_record(staging.dataset, rows, kept))
    )
    clashes = connection.execute(clashing).mappings().all()
    connection.execute(rows.delete().where(rows.c.seq.in_(sa.select(lost.c.seq))))
    return number - len(clashes), clashes


def classify(connection: sa.Connection, staging: Staging) -> dict[str, int]:
    """Fill `todo`, and count its actions; a staged row without an entry is unchanged."""
    rows, todo, main = staging.rows, staging.todo, TABLES[staging.dataset.name]
    unknown = main.c.unit.is_(None)
    clash = _other_record(staging.dataset, rows, main)
    differs = sa.or_(*(rows.c[name].is_distinct_from(main.c[name]) for name in _rest(staging.dataset)))
    if "updated_at" in rows.c:
        differs = sa.and_(sa.not_(sa.func.coalesce(rows.c.updated_at < main.c.updated_at, sa.false())), differs)
    action = sa.case((unknown, "new"), (clash, "clash"), else_="changed")
    found = (
        sa.select(rows.c.seq, action)
        .select_from(rows.outerjoin(main, staging.same_key(main)))
        .where(sa.or_(unknown, clash, differs))
    )
    connection.execute(todo.insert().from_select(["seq", "action"], found))
    counted = sa.select(todo.c.action, sa.func.count()).group_by(todo.c.action)
    return {str(action): int(number) for action, number in connection.execute(counted)}


def clashes(connection: sa.Connection, staging: Staging) -> Sequence[sa.RowMapping]:
    """The staged rows whose key belongs to another record in the store."""
    rows, todo, main = staging.rows, staging.todo, TABLES[staging.dataset.name]
    found = (
        sa.select(*_shown(staging.dataset, rows, main))
        .join(todo, todo.c.seq == rows.c.seq)
        .join(main, staging.same_key(main))
        .where(todo.c.action == "clash")
    )
    return connection.execute(found).mappings().all()


def note_changes(connection: sa.Connection, staging: Staging) -> None:
    """Collect old and new value of each tracked column that will change; must run before the update."""
    dataset, rows, todo, main = staging.dataset, staging.rows, staging.todo, TABLES[staging.dataset.name]
    if not dataset.tracked:
        return
    parts = [
        sa.select(
            sa.literal(dataset.name),
            rows.c.unit,
            rows.c.source,
            key_text(dataset, rows),
            sa.literal(name),
            _as_text(connection, main.c[name]),
            _as_text(connection, rows.c[name]),
        )
        .select_from(todo.join(rows, rows.c.seq == todo.c.seq).join(main, staging.same_key(main)))
        .where(todo.c.action == "changed", rows.c[name].is_distinct_from(main.c[name]))
        for name in dataset.tracked
    ]
    connection.execute(staging.log.insert().from_select(LOGGED, sa.union_all(*parts)))


def log_changes(connection: sa.Connection, staging: Staging, now: datetime, pull_id: int) -> None:
    """Append what was collected to the change log."""
    lines = sa.select(staging.log, sa.literal(now, Moment()), sa.literal(pull_id, sa.BigInteger()))
    connection.execute(CHANGE_LOG.insert().from_select([*LOGGED, "changed_at", "pull_id"], lines))


def insert_new(connection: sa.Connection, staging: Staging, now: datetime, pull_id: int, new: int) -> int:
    """Write the new rows in the order of their key; how many. `new` is how many are expected.

    Many rows go into an empty table without its indexes, which are made afterwards: a third faster.
    """
    dataset, rows, todo, main = staging.dataset, staging.rows, staging.todo, TABLES[staging.dataset.name]
    moment, pull = sa.literal(now, Moment()), sa.literal(pull_id, sa.BigInteger())
    found = (
        sa.select(*(rows.c[name] for name in dataset.columns), moment, moment, pull)
        .join(todo, todo.c.seq == rows.c.seq)
        .where(todo.c.action == "new")
        .order_by(*(rows.c[name] for name in dataset.key))
    )
    names = [*dataset.columns, "first_seen_at", "changed_at", "pull_id"]
    held = sa.select(sa.literal(1)).select_from(main).limit(1)
    first = new >= INDEXES_AFTER and connection.execute(held).first() is None
    indexes = sorted(main.indexes, key=lambda index: str(index.name)) if first else ()
    for index in indexes:
        connection.execute(sa.schema.DropIndex(index))
    written = connection.execute(main.insert().from_select(names, found)).rowcount
    for index in indexes:
        connection.execute(sa.schema.CreateIndex(index))
    if first and connection.dialect.name == "postgresql":
        sought = dict.fromkeys(column.name for index in (main.primary_key, *indexes) for column in index.columns)
        looked_up = ", ".join(name for name in sought if name in main.c)  # an expression has columns of its own
        _analyze(connection, main.name, looked_up)  # else it plans for an empty table for a minute
    return written


def _analyze(connection: sa.Connection, table: str, columns: str) -> None:
    """Tell PostgreSQL about how much there is of what: out of 3,000 rows, for its usual 30,000 take 0.1 s."""
    connection.exec_driver_sql("SET LOCAL default_statistics_target = 10")
    connection.exec_driver_sql(f"ANALYZE {table} ({columns})")
    connection.exec_driver_sql("SET LOCAL default_statistics_target = DEFAULT")


def update_changed(connection: sa.Connection, staging: Staging, now: datetime, pull_id: int) -> int:
    """Overwrite the rows that changed; how many."""
    rows, todo, main = staging.rows, staging.todo, TABLES[staging.dataset.name]
    values: dict[str, Any] = {name: rows.c[name] for name in _rest(staging.dataset)}
    change = (
        main.update()
        .values(**values, changed_at=now, pull_id=pull_id)
        .where(staging.same_key(main), todo.c.seq == rows.c.seq, todo.c.action == "changed")
    )
    return connection.execute(change).rowcount


def key_text(dataset: Dataset, table: sa.FromClause) -> sa.ColumnElement[str]:
    """datasets.validate.record_key in SQL."""
    names = [name for name in dataset.key if name != "source"]
    text: sa.ColumnElement[str] = table.c[names[0]]
    for name in names[1:]:
        text = text.concat("/").concat(table.c[name])
    return text


def _rest(dataset: Dataset) -> list[str]:
    return [name for name in dataset.columns if name not in dataset.key]


def _shown(dataset: Dataset, rows: sa.FromClause, other: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    """The key, and each identity column as it came; None where it does not differ."""
    key = key_text(dataset, rows).label("record_key")
    return [key, *(sa.case((rows.c[n] != other.c[n], rows.c[n])).label(n) for n in dataset.identity)]


def _other_record(dataset: Dataset, one: sa.FromClause, other: sa.FromClause) -> sa.ColumnElement[bool]:
    return sa.or_(sa.false(), *(one.c[name] != other.c[name] for name in dataset.identity))


def _as_text(connection: sa.Connection, column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    if isinstance(column.type, Moment) and connection.dialect.name == "postgresql":
        return sa.func.to_char(column, "YYYY-MM-DD HH24:MI:SS.US")  # as SQLite stores it
    return sa.cast(column, sa.Text)
