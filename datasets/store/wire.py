"""Statements on their way to PostgreSQL: each is sent at once, and the server works while we do, until an answer is
looked at.

One that is kept the server reads once for each connection, and may plan once for all askings: that costs a good half
of what most of our answers cost.
"""

from __future__ import annotations

import select
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg

MOST_KEPT = 200
"""Statements, of some 100 kB each: all pages of a commune ask fewer."""
Cursor = psycopg.RawCursor[tuple[Any, ...]]


class Wire:
    """A connection that commits by itself; one thread's at a time.

    While anything is on its way it can be used in no other manner: `settle` first. Once a statement has failed all that
    was sent with it fails too, and the connection is to be thrown away: it may be that what it keeps is of a table that
    has changed since.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        connection.prepare_threshold, connection.prepared_max = 0, MOST_KEPT
        self._connection, self._pipeline = connection, ExitStack()
        self._is_open, self._has_failed = False, False

    @property
    def is_good(self) -> bool:
        """Whether an idle connection may be used. What a server says unasked is that it closes it."""
        if self._has_failed or self._connection.closed:
            return False
        poll = select.poll()
        poll.register(self._connection.pgconn.socket, select.POLLIN)
        return not poll.poll(0)

    def send(self, text: bytes, said: Sequence[Any], *, keep: bool) -> Cursor:
        """Send a statement with PostgreSQL's own placeholders. Raises psycopg.Error, perhaps of one sent before."""
        with self._noting_failure():
            if not self._is_open:
                self._pipeline.enter_context(self._connection.pipeline())
                self._is_open = True
            return psycopg.RawCursor(self._connection).execute(text, said, prepare=keep)

    def rows(self, sent: Cursor) -> list[tuple[Any, ...]]:
        """Wait for what a statement found. Raises psycopg.Error, perhaps of another."""
        with self._noting_failure():
            return sent.fetchall()

    def settle(self) -> None:
        """Wait until nothing is on its way; what was sent may be taken later. Raises psycopg.Error."""
        self._is_open = False
        with self._noting_failure():
            self._pipeline.close()

    @contextmanager
    def _noting_failure(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error:
            self._has_failed = True
            raise
