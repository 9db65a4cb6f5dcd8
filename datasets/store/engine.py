"""The database engine: how a connection behaves, and what its failures are called.

SQLite: write-ahead log, a busy time-out of 5 s, every commit on the disk before it is
acknowledged. A transaction is BEGIN (readers see one state throughout) unless the
connection has the execution option `immediate`, then BEGIN IMMEDIATE: it takes the
write lock at once or waits for it, and never fails half-way for having read first.

PostgreSQL: psycopg 3, connections tried before use, statements wait at most 30 s for
a lock. Pages have connections of their own (`for_pages`), whose statements are kept ready.

Whatever the database says on any path, callers see StoreError with a sentence.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from datasets.errors import StoreError
from datasets.store.wire import Wire

# sqlite3 looks for an adapter of every None it binds and, finding none, asks the value
# itself: 0.5 us each, a third of all the work of staging a row. This one costs half.
sqlite3.register_adapter(type(None), {}.get)  # type: ignore[arg-type]

BUSY_TIMEOUT_SECONDS = 5
TRIES_TO_WRITE = 6
"""Of a short transaction: it outwaits a delivery of a million rows, 30 s as on PostgreSQL."""
MOST_CONNECTIONS = 40
"""Beyond the pool's own five: each pull holds one while it waits for its source (connectors.scheduler)."""
LOCK_TIMEOUT_MILLISECONDS = 30_000
STAGED_IN_MEMORY = "64MB"
"""Of one delivery on PostgreSQL, taken only while it stages: with the usual 8 MB a big one goes a quarter slower."""

CONNECT_ARGS: dict[str, Any] = {
    "connect_timeout": 10,
    "options": f"-c timezone=UTC -c lock_timeout={LOCK_TIMEOUT_MILLISECONDS} -c temp_buffers={STAGED_IN_MEMORY}",
}
"""Of PostgreSQL."""
WIRE = "wire"


def make_engine(url: str) -> sa.Engine:
    """An engine for `sqlite:///path` or `postgresql://...`; nothing is connected yet.

    Raises StoreError for any other address, a SQLite database without a file included:
    scheduler, web and commands are processes of their own and must see the same data.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise StoreError("error.store_url", url=url) from None
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        engine = sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            max_overflow=MOST_CONNECTIONS,
            connect_args=CONNECT_ARGS,
        )
    elif parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database not in (None, "", ":memory:"):
        engine = sa.create_engine(parsed, max_overflow=MOST_CONNECTIONS, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        raise StoreError("error.store_url", url=parsed.render_as_string())
    sa.event.listen(engine, "handle_error", _explain)
    return engine


def for_pages(engine: sa.Engine) -> sa.Engine:
    """Whose connections pages are read on: on SQLite those of the engine itself.

    On PostgreSQL each statement commits by itself: it sees what was committed when it began, as it does in a
    transaction there. For a roll-back psycopg would throw away all that was made ready. `wire_of` gives what they are
    best asked by.
    """
    if engine.dialect.name != "postgresql":
        return engine
    pages = sa.create_engine(
        engine.url,
        isolation_level="AUTOCOMMIT",
        max_overflow=MOST_CONNECTIONS,
        pool_use_lifo=True,  # the one that has most ready
        connect_args=CONNECT_ARGS,
    )
    sa.event.listen(pages, "connect", _lay_wire)
    sa.event.listen(pages, "checkout", _refuse_bad)
    sa.event.listen(pages, "before_cursor_execute", _settle)
    sa.event.listen(pages, "rollback", _roll_back)
    sa.event.listen(pages, "reset", _reset)
    sa.event.listen(pages, "handle_error", _explain)
    return pages


def wire_of(connection: sa.Connection) -> Wire | None:
    """How to send it statements that are answered later; None where it has to be waited for."""
    found: Wire | None = connection.info.get(WIRE)
    return found


def _lay_wire(connection: psycopg.Connection[Any], record: sa.pool.ConnectionPoolEntry) -> None:
    record.info[WIRE] = Wire(connection)


def _refuse_bad(connection: object, record: sa.pool.ConnectionPoolEntry, proxy: object) -> None:
    """Another is opened in its place. To ask the server each time costs a fifth of what the shortest page waits for."""
    if not record.info[WIRE].is_good:
        raise sa.exc.DisconnectionError


def _settle(connection: sa.Connection, *_: object) -> None:
    if (wire := wire_of(connection)) is not None:
        with explained():
            wire.settle()


def _roll_back(connection: sa.Connection) -> None:
    if not connection.invalidated and (wire := wire_of(connection)) is not None:
        _break_off(wire)


def _reset(connection: object, record: sa.pool.ConnectionPoolEntry, state: object) -> None:
    _break_off(record.info[WIRE])


def _break_off(wire: Wire) -> None:
    """What was sent and nobody took may have failed."""
    with suppress(psycopg.Error):
        wire.settle()


def database_file(engine: sa.Engine) -> Path | None:
    """The file of a SQLite database; None for PostgreSQL."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A short transaction that takes the write lock at once, or waits for who has it."""
    with ExitStack() as held:
        for left in reversed(range(TRIES_TO_WRITE)):
            connection = held.enter_context(engine.connect().execution_options(immediate=True))
            try:
                held.enter_context(connection.begin())
                break
            except StoreError as error:
                if error.key != "error.store_locked" or not left:
                    raise
                held.close()
        yield connection


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None  # transactions begin where we say BEGIN, nowhere else
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "cache_size=-4000",
        "journal_size_limit=67108864",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: sa.Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _explain(context: sa.engine.ExceptionContext) -> BaseException | None:
    return None if context.is_pre_ping else explanation(context.original_exception)


@contextmanager
def explained() -> Iterator[None]:
    """The same translation, for statements given straight to the driver."""
    try:
        yield
    except (sqlite3.Error, psycopg.Error) as error:
        known = explanation(error)
        if known is None:
            raise
        raise known from error


def explanation(error: BaseException | None) -> StoreError | None:
    """What a driver's error means for a person; None for a fault of the program."""
    if isinstance(error, sqlite3.Error):
        return _explain_sqlite(error)
    if isinstance(error, psycopg.Error):
        return _explain_postgresql(error)
    return None


def _explain_sqlite(error: sqlite3.Error) -> StoreError | None:
    said = str(error)
    if "locked" in said or "busy" in said:
        return StoreError("error.store_locked")
    if "disk is full" in said or "disk I/O error" in said:
        return StoreError("error.disk_full")
    if "unable to open" in said:
        return StoreError("error.store_unreachable", reason=said)
    if "readonly" in said or "not a database" in said or "malformed" in said:
        return StoreError("error.store_unusable", reason=said)
    return None


def _explain_postgresql(error: psycopg.Error) -> StoreError | None:
    state: Any = error.sqlstate
    if state in ("53100", "53200"):
        return StoreError("error.disk_full")
    if state in ("55P03", "40P01", "40001"):
        return StoreError("error.store_locked")
    gone = state is None or state[:2] in ("08", "57", "28", "3D")
    only_after_another = isinstance(error, psycopg.errors.PipelineAborted)
    if gone and isinstance(error, psycopg.OperationalError) and not only_after_another:
        return StoreError("error.store_unreachable", reason=str(error).splitlines()[0] if str(error) else "")
    return None
