"""Statements made once and asked on every page: each is compiled for its database at the first execution and then
given straight to the driver.

What SQLAlchemy does around an execution, the keys, the contexts and the rows of names, takes ten times as long as
most of these answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import psycopg
import sqlalchemy as sa

from datasets.store.engine import explained, wire_of
from datasets.store.wire import Cursor, Wire

Convert = Callable[[Any], Any]
UNITS = ("unit_", "code_")
"""How the parameters for units begin (store/listed.py)."""
FEW = 8
"""Units. A statement of more is not kept: what is best there hangs on the days that are asked for, and a plan that
serves all days took twice as long."""


class Answer(Protocol):
    """What a statement finds, whenever it is looked at."""

    def columns(self) -> list[Sequence[Any]]:
        """The columns of what it finds, each from the first row to the last; [] where it finds none. Raises
        StoreError."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """What a statement is asked with, perhaps on every page: what a driver takes for it is made once.

    alike     the same of every asking
    again     of each of several askings those of its own
    moments   those that are the moment of asking
    """

    alike: Mapping[str, Any]
    again: Sequence[Mapping[str, Any]] = ({},)
    moments: Sequence[str] = ()
    forms: dict[_Compiled, list[list[Any]]] = field(default_factory=dict, init=False, repr=False)


class Ready:
    """A statement of parameters by name, which may be asked of any database. Threads may share it.

    one_way   there is but one way to find what it asks for, of however many units
    """

    def __init__(self, statement: sa.Select[Any], *, one_way: bool = False) -> None:
        self._statement, self._one_way = statement, one_way
        self._compiled: dict[str, _Compiled] = {}

    def ask(
        self, connection: sa.Connection, asked: Mapping[str, Any] | Parameters, now: datetime | None = None
    ) -> Answer:
        """Ask it: where the connection has a wire the server begins to look at once, else it is asked when the answer
        is looked at, within the connection's transaction.

        now   the moment of asking, where there are parameters that are

        Raises StoreError.
        """
        parameters = asked if isinstance(asked, Parameters) else Parameters(asked)
        dialect = connection.dialect
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _Compiled(self._statement, dialect, self._one_way)
        wire = wire_of(connection)
        if wire is None:
            return _Later(compiled, connection, compiled.said(parameters, now))
        with explained():
            return _OnItsWay(compiled, wire, [compiled.sent(wire, said) for said in compiled.said(parameters, now)])

    def columns(self, connection: sa.Connection, asked: Mapping[str, Any]) -> list[Sequence[Any]]:
        """The columns of what it finds, asked and waited for. Raises StoreError."""
        return self.ask(connection, asked).columns()


@dataclass(frozen=True, slots=True)
class _Later:
    """The transaction begins where it has not."""

    compiled: _Compiled
    connection: sa.Connection
    said: Sequence[Sequence[Any]]

    def columns(self) -> list[Sequence[Any]]:
        if not self.connection.in_transaction():
            self.connection.begin()
        rows: list[Sequence[Any]] = []
        with explained(), closing(self.compiled.cursor(self.connection)) as cursor:
            for each in self.said:
                cursor.execute(self.compiled.text, each)
                rows += cursor.fetchall()
            return self.compiled.read(rows, cursor)


@dataclass(frozen=True, slots=True)
class _OnItsWay:
    compiled: _Compiled
    wire: Wire
    sent: Sequence[Cursor]

    def columns(self) -> list[Sequence[Any]]:
        with explained():
            rows = [row for sent in self.sent for row in self.wire.rows(sent)]
            return self.compiled.read(rows, self.sent[0])


class _Compiled:
    """A statement in the words of one database.

    text     as the driver is given it
    cursor   makes what it is executed with
    """

    def __init__(self, statement: sa.Select[Any], dialect: sa.Dialect, one_way: bool) -> None:
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
        if compiled.post_compile_params:
            raise ValueError(
                f"a list as one parameter is written out at each execution: {compiled.post_compile_params}"
            )
        self.text, self._order, self.cursor = compiled.string, compiled.positiontup or [], _cursor
        if dialect.name == "postgresql":
            self.text, self._order = _numbered(compiled.string)
            self.cursor = _raw_cursor
        self._wired = self.text.encode()
        self._keep = one_way or sum(name.startswith(UNITS) for name in compiled.binds) <= FEW
        bound = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()}
        self._said: dict[str, Convert] = {name: convert for name, convert in bound.items() if convert is not None}
        self._fixed = self._converted({name: value for name, value in compiled.params.items() if value is not None})
        self._dialect, self._types = dialect, [column.type for column in statement.selected_columns]
        self._read: list[tuple[int, Convert]] | None = None

    def sent(self, wire: Wire, said: Sequence[Any]) -> Cursor:
        return wire.send(self._wired, said, keep=self._keep)

    def said(self, asked: Parameters, now: datetime | None) -> Sequence[Sequence[Any]]:
        """For each asking the parameters in their order."""
        forms = asked.forms.get(self)
        if forms is None:
            forms = asked.forms[self] = self._forms(asked)
        if not asked.moments:
            return forms
        moments = self._converted(dict.fromkeys(asked.moments, now))
        return [[moments.get(name, given) for name, given in zip(self._order, form, strict=True)] for form in forms]

    def _forms(self, asked: Parameters) -> list[list[Any]]:
        alike = self._fixed | dict.fromkeys(asked.moments) | self._converted(asked.alike)
        each = (alike | self._converted(own) if own else alike for own in asked.again)
        return [[said[name] for name in self._order] for said in each]

    def read(self, rows: Sequence[Sequence[Any]], cursor: Any) -> list[Sequence[Any]]:
        """The columns of rows that a cursor found, as they are meant."""
        if self._read is None:
            self._read = self._converters([column[1] for column in cursor.description])
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
