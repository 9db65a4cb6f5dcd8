"""The delivery's own tables: temporary, private to one connection, off the main database.

While pages come in, rows wait here, so that nobody else waits for the source. The rows
go in below SQLAlchemy (executemany on SQLite, COPY on PostgreSQL): through Core it
takes twice as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from datasets.schema.dataset import Dataset, Rollup
from datasets.store.engine import explained
from datasets.store.tables import CHANGE_LOG, columns_of, rollup_columns_of

Rows = Sequence[tuple[object, ...]]


LOGGED = tuple(column.name for column in CHANGE_LOG.columns if column.name not in ("id", "changed_at", "pull_id"))


def _temporary(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return sa.Table(name, sa.MetaData(), *columns, prefixes=["TEMPORARY"])


@dataclass(frozen=True, slots=True)
class Staging:
    """The temporary tables of a delivery.

    rows      what was accepted: seq (order of arrival), then dataset.columns
    bad       what was set aside: seq, record_key, row_id, problems and payload as JSON text
    lost      rows whose key came more than once: seq, the seq that won, and whether the
              two cannot be one record
    todo      what the merge has to do: seq, action ('new', 'changed', 'clash')
    log       lines of the change log, but for when and by which pull
    touched   unit, day whose rollups are counted again
    daily     those rollups, as they will stand; of no use where the dataset has no daily counts
    """

    dataset: Dataset
    rows: sa.Table
    bad: sa.Table
    lost: sa.Table
    todo: sa.Table
    log: sa.Table
    touched: sa.Table
    daily: sa.Table

    @classmethod
    def of(cls, dataset: Dataset) -> Staging:
        # PostgreSQL fills a BIGSERIAL by itself, SQLite an INTEGER PRIMARY KEY
        seq = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
        return cls(
            dataset,
            rows=_temporary("staged", sa.Column("seq", seq, primary_key=True), *columns_of(dataset)),
            bad=_temporary(
                "staged_bad",
                sa.Column("seq", seq, primary_key=True),
                *(sa.Column(name, sa.Text) for name in ("record_key", "row_id", "problems", "payload")),
            ),
            lost=_temporary(
                "staged_lost",
                sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
                sa.Column("winner", sa.BigInteger),
            ),
            todo=_temporary(
                "staged_todo",
                sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
                sa.Column("action", sa.Text),
            ),
            log=_temporary("staged_log", *(sa.Column(name, sa.Text) for name in LOGGED)),
            touched=_temporary(
                "staged_touched",
                sa.Column("unit", sa.Text, primary_key=True),
                sa.Column("day", sa.Date, primary_key=True),
            ),
            daily=_temporary("staged_daily", *rollup_columns_of(dataset, Rollup("staged_daily", dataset.rollup_by))),
        )

    @property
    def tables(self) -> tuple[sa.Table, ...]:
        return self.rows, self.bad, self.lost, self.todo, self.log, self.touched, self.daily

    def same_key(self, table: sa.FromClause) -> sa.ColumnElement[bool]:
        """The staged row and the row of `table` have one natural key."""
        return sa.and_(*(self.rows.c[name] == table.c[name] for name in self.dataset.key))

    def create(self, connection: sa.Connection) -> None:
        """Make the tables, over any that an earlier delivery left on this connection."""
        self.drop(connection)
        for table in self.tables:
            table.create(connection, checkfirst=False)

    def drop(self, connection: sa.Connection) -> None:
        schema = "temp" if connection.dialect.name == "sqlite" else "pg_temp"
        for table in self.tables:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {schema}.{table.name}")

    def add(self, connection: sa.Connection, rows: Rows) -> None:
        fill(connection, self.rows.name, self.dataset.columns, rows)

    def set_aside(self, connection: sa.Connection, rows: Rows) -> None:
        fill(connection, self.bad.name, ("record_key", "row_id", "problems", "payload"), rows)


def fill(connection: sa.Connection, table: str, columns: Sequence[str], rows: Rows) -> None:
    """Put tuples of plain values into a table, as fast as the driver can."""
    if not rows:
        return
    names = ", ".join(columns)
    driver: Any = connection.connection.driver_connection
    with explained():
        if connection.dialect.name == "sqlite":
            driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)  # noqa: S608 - declared names only
            return
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            write = copy.write_row
            for row in rows:
                write(row)
