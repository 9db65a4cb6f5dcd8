"""A name only one process at a time may hold, freed by the system when it dies.

PostgreSQL: a session's advisory lock on a connection of its own. SQLite: a locked
file beside the database. Neither leaves anything to clean up after a kill -9.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa
from filelock import FileLock, Timeout

from datasets.errors import OpsError, StoreError
from datasets.store.engine import database_file


@contextmanager
def lease(engine: sa.Engine, name: str) -> Iterator[None]:
    """Hold `name` while the block runs.

    Raises StoreError("error.lease_taken") at once when somebody else holds it, also
    when that is another thread or block of this process.
    """
    file = database_file(engine)
    if file is None:
        with _advisory(engine, name):
            yield
        return
    lock = FileLock(file.with_name(f"{file.name}.{name}.lock"), timeout=0, is_singleton=False)
    try:
        lock.acquire()
    except Timeout:
        raise StoreError("error.lease_taken", name=name) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def turn(connection: sa.Connection, name: str) -> Iterator[None]:
    """Hold `name` while the block runs, waiting for it as long as it takes; outside of a transaction.

    On PostgreSQL the session of `connection` holds it, so that who has lost it can write no more.
    """
    file = database_file(connection.engine)
    if file is not None:
        with FileLock(file.with_name(f"{file.name}.{name}.lock"), is_singleton=False):
            yield
        return
    number = _number(name)
    with connection.begin():
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.execute(sa.select(sa.func.pg_advisory_lock(number)))
    try:
        yield
    finally:
        try:
            with connection.begin():
                connection.execute(sa.select(sa.func.pg_advisory_unlock(number)))
        except (OpsError, sa.exc.SQLAlchemyError):
            connection.invalidate()  # the lock ends with the session


@contextmanager
def _advisory(engine: sa.Engine, name: str) -> Iterator[None]:
    number = _number(name)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number))):
            raise StoreError("error.lease_taken", name=name)
        try:
            yield
        finally:
            with suppress(OpsError, sa.exc.SQLAlchemyError):  # when the server is gone, so is the lock
                connection.execute(sa.select(sa.func.pg_advisory_unlock(number)))
            connection.invalidate()  # the session ends a little later by itself: too late for who takes the lease next


def _number(name: str) -> int:
    """A name as PostgreSQL's advisory locks are named."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True)
