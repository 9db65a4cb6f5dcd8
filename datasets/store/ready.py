"""Statements made once and asked on every page: each is compiled for its database at the first execution and then
given straight to the driver.

What SQLAlchemy does around an execution, the keys, the contexts and the rows of names, takes ten times as long as
most of these answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa

from datasets.store.engine import explained

Convert = Callable[[Any], Any]


class Ready:
    """A statement of parameters by name, which may be asked of any database. Threads may share it."""

    def __init__(self, statement: sa.Select[Any]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def columns(self, connection: sa.Connection, asked: Mapping[str, Any]) -> list[Sequence[Any]]:
        """The columns of what it finds, each from the first row to the last; [] where it finds none.

        Within the connection's transaction, which begins where it has not. Raises StoreError.
        """
        return self.each(connection, asked, ({},))

    def each(
        self, connection: sa.Connection, asked: Mapping[str, Any], again: Sequence[Mapping[str, Any]]
    ) -> list[Sequence[Any]]:
        """The same of several askings, one after the other, each with parameters of its own."""
        if not connection.in_transaction():
            connection.begin()
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return compiled.columns(connection, asked, again)


class _Compiled:
    def __init__(self, statement: sa.Select[Any], dialect: sa.Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
        if compiled.post_compile_params:
            raise ValueError(
                f"a list as one parameter is written out at each execution: {compiled.post_compile_params}"
            )
        self._text, self._order, self._cursor = compiled.string, compiled.positiontup or [], _cursor
        if dialect.name == "postgresql":
            self._text, self._order = _numbered(compiled.string)
            self._cursor = _raw_cursor
        bound = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        self._said: dict[str, Convert] = {name: convert for name, convert in bound.items() if convert is not None}
        self._fixed = self._converted({name: value for name, value in compiled.params.items() if value is not None})
        self._dialect, self._types = dialect, [column.type for column in statement.selected_columns]
        self._read: list[tuple[int, Convert]] | None = None

    def columns(
        self, connection: sa.Connection, asked: Mapping[str, Any], again: Sequence[Mapping[str, Any]]
    ) -> list[Sequence[Any]]:
        alike, order = self._fixed | self._converted(asked), self._order
        rows: list[Sequence[Any]] = []
        with explained():
            cursor = self._cursor(connection)
            try:
                for each in again:
                    said = alike | self._converted(each) if each else alike
                    cursor.execute(self._text, [said[name] for name in order])
                    rows += cursor.fetchall()
                if self._read is None:
                    self._read = self._converters([column[1] for column in cursor.description])
            finally:
                cursor.close()
        found: list[Sequence[Any]] = list(zip(*rows, strict=True))
        if found:
            for n, convert in self._read:
                meant = {given: convert(given) for given in set(found[n])}  # the days of many rows are few
                found[n] = [meant[given] for given in found[n]]
        return found

    def _converted(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters as the driver takes them."""
        converts = self._said
        return {name: converts[name](value) if name in converts else value for name, value in asked.items()}

    def _converters(self, codes: Sequence[Any]) -> list[tuple[int, Convert]]:
        """Of the columns that are converted their places; the database's own codes of their types are among what
        decides it."""
        types = zip(self._types, codes, strict=True)
        read = (kind.dialect_impl(self._dialect).result_processor(self._dialect, code) for kind, code in types)
        return [(n, convert) for n, convert in enumerate(read) if convert is not None]


def _cursor(connection: sa.Connection) -> Any:
    return connection.connection.cursor()


def _raw_cursor(connection: sa.Connection) -> Any:
    """One that takes PostgreSQL's own placeholders: of a long statement psycopg looks for its own at each execution."""
    return psycopg.RawCursor(connection.connection.driver_connection)  # type: ignore[arg-type]


def _numbered(text: str) -> tuple[str, list[str]]:
    """A statement of psycopg with PostgreSQL's placeholders, and the names of the parameters in their order."""
    order: dict[str, int] = {}

    def placed(found: re.Match[str]) -> str:
        name = found[1]
        return "%" if name is None else f"${order.setdefault(name, len(order) + 1)}"

    return re.sub(r"%\((\w+)\)s|%%", placed, text), list(order)
