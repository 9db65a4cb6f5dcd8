"""Databases: one SELECT of the configuration, read in stretches over a read-only connection.

The query is checked (select_only.py), the transaction is read-only where the database can
do that, and ends after the time allowed. Rows stream: memory does not grow with them.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from threading import Timer
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from connectors.connector import Batch, Counts, RawRecord
from connectors.select_only import NotSelect, check_select
from connectors.sql_faults import fault_of, no_driver
from datasets.clock import Clock
from datasets.errors import ConfigError, Fault, OpsError, PullError, SourceChanged, SourceUnavailable
from datasets.messages import text
from datasets.settings import Settings, SqlSource

if TYPE_CHECKING:
    from datasets.validate import Problem

SINCE = "since"
BEGINNING = datetime(1900, 1, 1)
SQLITE_TEXT = "%Y-%m-%d %H:%M:%S"
PROGRESS_STEPS = 20_000
"""How many steps of SQLite's machine between two looks at the clock: some milliseconds."""


class SqlConnector:
    """One pull from one database."""

    confirms_when_empty = True
    more = False
    file = ""

    def __init__(
        self,
        source: SqlSource,
        settings: Settings,
        clock: Clock,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._monotonic = source, monotonic
        self._zone, self._language = settings.centre.time_zone, settings.centre.language
        self._query = checked_query(source, settings)
        self._url = sa.make_url(source.address.get_secret_value())
        self._seconds = source.time_limit.total_seconds()

    def fetch(self, since: datetime | None) -> Iterator[Batch]:
        """Yield the rows, some thousands at a time.

        Raises as Connector.fetch says: SourceUnavailable also when the time allowed is
        over, SourceChanged when a table or column of the query is gone.
        """
        deadline = self._monotonic() + self._seconds
        try:
            engine = sa.create_engine(read_only_url(self._url), poolclass=sa.pool.NullPool, hide_parameters=True)
        except (sa.exc.ArgumentError, ImportError) as error:
            raise no_driver(self._url, error) from None
        try:
            with engine.connect() as connection:
                self._prepare(connection, deadline)
                watchdog = self._watchdog(connection)
                try:
                    yield from self._batches(connection, self._parameters(since), deadline)
                finally:
                    watchdog.cancel()
                    with suppress(sa.exc.SQLAlchemyError):
                        connection.rollback()
        except sa.exc.DBAPIError as error:
            if self._monotonic() >= deadline:
                raise self._too_slow() from None
            raise fault_of(error, self._url, self._too_slow()) from None
        except sa.exc.SQLAlchemyError as error:
            raise SourceChanged("sql.changed", reason=type(error).__name__) from None
        finally:
            engine.dispose()

    def settle(self, end: Counts | OpsError, problems: Sequence[Problem] = ()) -> None:
        """Nothing to tidy: the database keeps its rows."""

    def _prepare(self, connection: sa.Connection, deadline: float) -> None:
        """Read-only, and no longer than allowed, each database in its own way."""
        milliseconds = int(self._seconds * 1000)
        match connection.dialect.name:
            case "sqlite":
                driver: Any = connection.connection.driver_connection
                driver.set_progress_handler(lambda: self._monotonic() >= deadline, PROGRESS_STEPS)
                connection.exec_driver_sql("PRAGMA query_only = ON")
            case "postgresql":
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
                connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
                connection.execute(sa.text("SELECT set_config('TimeZone', :zone, true)"), {"zone": self._zone.key})
            case "mysql" | "mariadb":
                limit = "max_statement_time" if connection.dialect.name == "mariadb" else "max_execution_time"
                value = self._seconds if limit == "max_statement_time" else milliseconds
                connection.exec_driver_sql(f"SET SESSION {limit} = {value}")
                connection.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
                connection.rollback()
            case "oracle":
                driver = connection.connection.driver_connection
                driver.call_timeout = milliseconds
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")

    def _watchdog(self, connection: sa.Connection) -> Timer:
        """Ends the connection from outside a little after the time allowed, whatever the database thinks of it."""
        driver: Any = connection.connection.driver_connection

        def end() -> None:
            cancel = getattr(driver, "cancel", None) or getattr(driver, "interrupt", None) or driver.close
            with suppress(Exception):  # drivers raise what they like when they are ended from another thread
                cancel()

        watchdog = Timer(self._seconds + 1, end)
        watchdog.daemon = True
        watchdog.start()
        return watchdog

    def _parameters(self, since: datetime | None) -> dict[str, object]:
        cursor = self._source.cursor
        if cursor is None:
            return {}
        local = since.astimezone(self._zone).replace(tzinfo=None) if since else BEGINNING
        shape = cursor.format or (SQLITE_TEXT if self._url.get_backend_name() == "sqlite" else None)
        return {SINCE: local.strftime(shape) if shape else local}

    def _batches(self, connection: sa.Connection, parameters: dict[str, object], deadline: float) -> Iterator[Batch]:
        size = self._source.batch
        streaming = connection.execution_options(stream_results=True, max_row_buffer=size)
        result = streaming.execute(sa.text(self._query), parameters)
        number = 0
        try:
            names = list(result.keys())
            twice = [name for name, times in Counter(name.casefold() for name in names).items() if times > 1]
            if twice:
                raise SourceChanged("sql.column_twice", column=twice[0])
            columns = frozenset(names)
            for rows in result.partitions(size):
                if self._monotonic() >= deadline:
                    raise self._too_slow()
                records = []
                for row in rows:
                    number += 1
                    values = dict(zip(names, map(_plain, row), strict=True))
                    records.append(RawRecord(text("sql.row", self._language, number=number), values))
                yield Batch(records, columns)
        finally:
            with suppress(sa.exc.SQLAlchemyError):
                result.close()
        if not number:
            yield Batch((), columns)

    def _too_slow(self) -> SourceUnavailable:
        return SourceUnavailable("sql.too_slow", seconds=f"{self._seconds:.0f}")


def sql_connector(source: SqlSource, settings: Settings, clock: Clock) -> SqlConnector:
    """The connector of a configured source. Raises ConfigError when its query is not one SELECT."""
    return SqlConnector(source, settings, clock)


def unreachable(source: SqlSource) -> PullError | None:
    """Why the database cannot be connected to; None when it can."""
    url = sa.make_url(source.address.get_secret_value())
    gone = SourceUnavailable("sql.unavailable", host=url.host or "-")
    try:
        engine = sa.create_engine(read_only_url(url), poolclass=sa.pool.NullPool)
        with engine.connect():
            return None
    except (sa.exc.ArgumentError, ImportError) as error:
        return no_driver(url, error)
    except sa.exc.DBAPIError as error:
        return fault_of(error, url, gone)


def checked_query(source: SqlSource, settings: Settings) -> str:
    """The query's text. Raises ConfigError when it is not one SELECT, or its parameters are not :since."""
    query, path = source.query or "", settings.path
    if source.query_file:
        path = source.query_file
        try:
            query = source.query_file.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            raise ConfigError([Fault(path, 0, text("sql.query_file", settings.centre.language))]) from None
    language, faults = settings.centre.language, []
    try:
        check_select(query, sa.make_url(source.address.get_secret_value()).get_backend_name())
    except NotSelect as error:
        faults.append(text(f"sql.refused.{error.code}", language, word=error.word))
    asked = set(sa.text(query).compile().params)
    if asked - {SINCE}:
        faults.append(text("sql.parameter", language, name=min(asked - {SINCE})))
    if (source.cursor is not None) != (SINCE in asked):
        faults.append(text("sql.since", language))
    if faults:
        raise ConfigError([Fault(path, 0, f"{source.name}: {said}") for said in faults])
    return query.strip().rstrip(";").rstrip()


def read_only_url(url: sa.URL) -> sa.URL:
    """The address so that the file of a SQLite database is opened for reading only, and never made."""
    if url.get_backend_name() != "sqlite":
        return url
    return url.set(database=f"file:{url.database}", query={"mode": "ro", "uri": "true"})


def _plain(value: object) -> object:
    """A cell as connectors hand it on; what is none of these (pictures, raw bytes) is not read."""
    if value is None or isinstance(value, str | int | float | bool | date):
        return value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return None
    return str(value)
