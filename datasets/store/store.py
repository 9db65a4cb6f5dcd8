"""The store: what we know, in one database."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager, ExitStack, closing
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from datasets.clock import Clock
from datasets.errors import StoreError
from datasets.schema.dataset import Dataset, Row
from datasets.store.briefings import Briefings
from datasets.store.delivery import Delivery
from datasets.store.engine import BUSY_TIMEOUT_SECONDS, database_file, explained, for_pages, make_engine
from datasets.store.heartbeat import Heartbeats
from datasets.store.jobs import Jobs
from datasets.store.known import Key, stored_rows
from datasets.store.lease import lease
from datasets.store.ledger import Ledger
from datasets.store.migrate import HEAD, refuse_unknown, revision, upgrade
from datasets.store.quarantine import Quarantine
from datasets.store.spelling import Declared
from datasets.store.tables import DATA_VERSION, TABLES

_VERSION = str(sa.select(DATA_VERSION.c.version))
A_MOMENT_MILLISECONDS = 200
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Store:
    """One database. Safe to share between threads; each call takes its own connection.

    engine   for reading: one state of the database per `with engine.connect()`
    pages    for what pages read: on PostgreSQL each statement sees what was committed when it began
    tables   by dataset name, and `<name>_daily` for the rollups
    """

    def __init__(self, engine: sa.Engine, clock: Clock, time_zone: ZoneInfo = VIETNAM) -> None:
        self.engine, self.pages = engine, for_pages(engine)
        self.clock = clock
        self.tables: dict[str, sa.Table] = TABLES
        self.ledger = Ledger(engine, clock, time_zone)
        self.quarantine = Quarantine(engine)
        self.jobs = Jobs(engine, clock)
        self.briefings = Briefings(engine, clock)
        self.heartbeats = Heartbeats(engine, clock)

    def version(self) -> int:
        """The data version: grows with each delivery that changed a row. The key of every cache.

        Every look at every page begins with it: it is asked of the driver itself, a tenth of a connection's cost.
        """
        with explained(), closing(self.pages.raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute(_VERSION)
            found = cursor.fetchone()
            assert found is not None
            return int(found[0])

    def delivery(self, dataset: Dataset, source: str, pull_id: int, declared: Declared | None = None) -> Delivery:
        """What one pull brings, to be written whole or not at all. Use as a context manager.

        declared   by field the spellings that stand before any that came first
        """
        return Delivery(self.engine, self.clock, self.ledger, dataset, source, pull_id, declared or {})

    def known(self, dataset: Dataset, keys: Collection[Key]) -> dict[Key, Row]:
        """The canonical rows of natural keys (in the order of `dataset.key`); an unknown key is absent."""
        with self.engine.connect() as connection:
            return stored_rows(connection, dataset, keys)

    def lease(self, name: str) -> AbstractContextManager[None]:
        """Hold `name` while the block runs; StoreError("error.lease_taken") when it is taken."""
        return lease(self.engine, name)

    def rows_of(self, dataset: str, source: str) -> int:
        """How many rows of a dataset came from a source."""
        table = self.tables[dataset]
        with self.engine.connect() as connection:
            asked = sa.select(sa.func.count()).where(table.c.source == source)
            return int(connection.execute(asked).scalar_one())

    def checkpoint(self) -> None:
        """Fold SQLite's write-ahead log into the database file; nothing on PostgreSQL.

        Most of it without any lock. What is left holds writers up: for a reader in the way it waits a moment only,
        and the next time does it.
        """
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
                connection.exec_driver_sql(f"PRAGMA busy_timeout={A_MOMENT_MILLISECONDS}")
                try:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                finally:
                    connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}")

    def close(self) -> None:
        self.pages.dispose()
        self.engine.dispose()


def open_store(url: str, clock: Clock, *, create: bool = True, time_zone: ZoneInfo = VIETNAM) -> Store:
    """Open the database and bring its schema up to date.

    create      False: refuse one that is not there or not up to date instead
    time_zone   the centre's, for the weekday of a pull

    Raises StoreError: wrong address, not reachable, locked, or written by a newer program.
    """
    engine = make_engine(url)
    file = database_file(engine)
    if file is not None:
        if not create and not file.exists():
            raise StoreError("error.store_missing", url=str(file))
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError("error.store_unreachable", reason=str(error)) from error
    with ExitStack() as undo:
        undo.callback(engine.dispose)
        if create:
            upgrade(engine)
        elif (present := revision(engine)) != HEAD:
            refuse_unknown(present)
            raise StoreError("error.store_old", found=str(present))
        undo.pop_all()
    return Store(engine, clock, time_zone)
