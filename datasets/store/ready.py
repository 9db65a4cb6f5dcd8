"""Statements made once and asked on every page: each is compiled for its database at the first execution and then
given straight to the driver.

What SQLAlchemy does around an execution, the keys, the contexts and the rows of names, takes ten times as long as
most of these answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

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
        if not connection.in_transaction():
            connection.begin()
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return compiled.columns(connection, asked)


class _Compiled:
    def __init__(self, statement: sa.Select[Any], dialect: sa.Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
        if compiled.post_compile_params:
            raise ValueError(
                f"a list as one parameter is written out at each execution: {compiled.post_compile_params}"
            )
        self._text = compiled.string
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._order: list[str] | None = compiled.positiontup
        bound = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        self._said: dict[str, Convert] = {name: convert for name, convert in bound.items() if convert is not None}
        self._dialect, self._types = dialect, [column.type for column in statement.selected_columns]
        self._read: list[tuple[int, Convert]] | None = None

    def columns(self, connection: sa.Connection, asked: Mapping[str, Any]) -> list[Sequence[Any]]:
        said = {**self._fixed, **asked}
        for name in self._said.keys() & said.keys():
            said[name] = self._said[name](said[name])
        with explained():
            cursor = connection.connection.cursor()
            try:
                cursor.execute(self._text, said if self._order is None else [said[name] for name in self._order])
                found: list[Sequence[Any]] = list(zip(*cursor.fetchall(), strict=True))
                if self._read is None:
                    self._read = self._converters([column[1] for column in cursor.description])
            finally:
                cursor.close()
        if found:
            for n, convert in self._read:
                found[n] = [convert(each) for each in found[n]]
        return found

    def _converters(self, codes: Sequence[Any]) -> list[tuple[int, Convert]]:
        """Of the columns that are converted their places; the database's own codes of their types are among what
        decides it."""
        types = zip(self._types, codes, strict=True)
        read = (kind.dialect_impl(self._dialect).result_processor(self._dialect, code) for kind, code in types)
        return [(n, convert) for n, convert in enumerate(read) if convert is not None]
