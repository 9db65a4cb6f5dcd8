"""Statements on their way to PostgreSQL: each is sent at once, and its answer is taken when it is looked at.

So the server works while we do. It reads a statement once for each connection, at its first use, and may plan one of
few units once for all of them: that costs a good half of what most of our answers cost. One of many units it plans at
each asking: what is best there hangs on the days that are asked for, which a plan for all days does not know.
"""

from __future__ import annotations

import select
from collections import OrderedDict, deque
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result

MOST_PREPARED = 200
"""Statements that one connection keeps ready, some 100 kB each: all pages of a commune and of a province ask fewer."""
_PLAN_ONCE, _PLAN_EACH = b"SET plan_cache_mode = auto", b"SET plan_cache_mode = force_custom_plan"
Form = tuple[bytes, tuple[int, ...]]
"""A statement, and the types of what it is told as the server numbers them."""


class Sent:
    """A statement on its way."""

    __slots__ = ("_wire", "fault", "form", "result")

    def __init__(self, wire: Wire, form: Form) -> None:
        self._wire, self.form = wire, form
        self.result: pq.abc.PGresult | None = None
        self.fault: psycopg.Error | None = None

    def answer(self) -> pq.abc.PGresult:
        """Waits for it, and for all that was sent before. Raises psycopg.Error."""
        while self.result is None and self.fault is None:
            self._wire.take()
        if self.fault is not None:
            raise self.fault
        assert self.result is not None
        return self.result

    def rows(self) -> list[tuple[Any, ...]]:
        """What it found. Raises psycopg.Error."""
        return self._wire.loaded(self.answer())

    def types(self) -> list[int]:
        """Of each of its columns the number of its type. Raises psycopg.Error."""
        result = self.answer()
        return [result.ftype(column) for column in range(result.nfields)]


class Wire:
    """A connection that commits each statement by itself; one thread's at a time.

    While anything is on its way the connection can do nothing else: `settle` first. A statement that fails spoils no
    other.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection, self._line = connection, connection.pgconn
        self._adapt = Transformer(connection)
        self._ready: OrderedDict[Form, bytes] = OrderedDict()
        self._prepared = 0
        self._sent: deque[Sent] = deque()
        self._poll = select.poll()
        self._plans_once: bool | None = None

    def send(self, text: bytes, said: Sequence[Any], *, plan_once: bool) -> Sent:
        """Send a statement with PostgreSQL's own placeholders. Raises psycopg.Error."""
        line, adapt = self._line, self._adapt
        values = adapt.dump_sequence(said, [PyFormat.AUTO] * len(said))
        sent = Sent(self, (text, adapt.types or ()))
        try:
            if not self._sent:
                line.enter_pipeline_mode()
            if plan_once is not self._plans_once:
                line.send_query_params(_PLAN_ONCE if plan_once else _PLAN_EACH, None)
                self._end(Sent(self, (b"", ())))
                self._plans_once = plan_once
            line.send_query_prepared(self._name(sent.form), values, adapt.formats, pq.Format.TEXT)
            self._end(sent)
            while line.flush():  # more than the line holds: the server may wait for us to take its answers
                self._wait(select.POLLIN | select.POLLOUT)
        except BaseException:
            self._connection.close()
            raise
        return sent

    def take(self) -> None:
        """Wait for the answer to the first of those on their way."""
        try:
            results = self._until_sync()
        except psycopg.Error as error:
            while self._sent:  # the connection is lost: no other will come
                self._sent.popleft().fault = error
            self._connection.close()
            return
        except BaseException:
            self._connection.close()
            raise
        sent = self._sent.popleft()
        wrong = [result for result in results if result.status == pq.ExecStatus.FATAL_ERROR]
        if wrong:
            self._ready.pop(sent.form, None)  # it may be that it can never be asked again as it was made ready
            sent.fault = error_from_result(wrong[0])
        else:
            sent.result = results[-1]
        if not self._sent:
            self._line.exit_pipeline_mode()

    def settle(self) -> None:
        """Wait until nothing is on its way; whoever sent it may take it later."""
        while self._sent:
            self.take()

    def loaded(self, result: pq.abc.PGresult) -> list[tuple[Any, ...]]:
        """The rows of an answer."""
        self._adapt.set_pgresult(result)
        return self._adapt.load_rows(0, result.ntuples, tuple)

    def _end(self, sent: Sent) -> None:
        """Ends a transaction of what was sent last, so that nothing else hangs on it."""
        self._line.pipeline_sync()
        self._sent.append(sent)

    def _name(self, form: Form) -> bytes:
        """What the statement is called on the server; sends it there to be made ready where it is not."""
        name = self._ready.get(form)
        if name is not None:
            self._ready.move_to_end(form)
            return name
        if len(self._ready) >= MOST_PREPARED:
            _, oldest = self._ready.popitem(last=False)
            self._line.send_query_params(b"DEALLOCATE " + oldest, None)
        self._prepared += 1
        name = self._ready[form] = b"ready_%d" % self._prepared
        self._line.send_prepare(name, form[0], form[1])
        return name

    def _until_sync(self) -> list[pq.abc.PGresult]:
        """The results of one sending: of making it ready, where it was not, and of asking it."""
        line, found, told = self._line, list[pq.abc.PGresult](), True
        while True:
            while line.is_busy():
                self._wait(select.POLLIN)
            result = line.get_result()
            if result is None:
                if not told or line.status == pq.ConnStatus.BAD:
                    raise psycopg.OperationalError(line.get_error_message())
            elif result.status == pq.ExecStatus.PIPELINE_SYNC:
                return found
            else:
                found.append(result)
            told = result is not None

    def _wait(self, what: int) -> None:
        self._poll.register(self._line.socket, what)
        if any(event & ~select.POLLOUT for _, event in self._poll.poll()):
            self._line.consume_input()


def is_open(connection: psycopg.Connection[Any]) -> bool:
    """Whether an idle connection has heard nothing from its server: what it says unasked is that it closes."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.pgconn.socket, select.POLLIN)
    return not poll.poll(0)
