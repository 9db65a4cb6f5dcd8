"""Bringing a database to the schema this code was written for.

All migrations run in one transaction, under a lock, so that a process killed in the
middle leaves the database as it was and two processes starting at once do it once.
Before an existing SQLite file is upgraded it is copied beside itself, `.bak-<revision>`.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from datasets.errors import StoreError
from datasets.store.engine import database_file, explained

HEAD = "0020"
"""The newest revision in migrations/versions; a test compares."""

MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 7_660_601


def upgrade(engine: sa.Engine) -> None:
    """Create the tables or bring them up to date; at once when they are.

    Raises StoreError("error.store_newer") when a newer program wrote the schema, or it
    was not written by this program at all.
    """
    present = revision(engine)
    if present == HEAD:
        return
    refuse_unknown(present)
    if present is not None:
        _copy(engine, present)
    with engine.connect().execution_options(immediate=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        if _revision(connection) != HEAD:  # another process may have done it while we waited
            _run(connection)


def revision(engine: sa.Engine) -> str | None:
    """The revision the database stands at; None when it is empty."""
    with engine.connect() as connection:
        return _revision(connection)


def refuse_unknown(present: str | None) -> None:
    """Raise StoreError unless `present` is a revision this program knows."""
    if present is not None and present not in {path.name[:4] for path in (MIGRATIONS / "versions").glob("*.py")}:
        raise StoreError("error.store_newer", found=present, known=HEAD)


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def _run(connection: sa.Connection) -> None:
    from alembic import command  # imported here: it costs every start 0.2 s and is seldom needed
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copy(engine: sa.Engine, present: str) -> None:
    file = database_file(engine)
    if file is None:
        return
    target = file.with_name(f"{file.name}.bak-{present}")
    with explained(), closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(target)) as copy:
        old.backup(copy)
