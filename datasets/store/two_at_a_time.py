"""Reading that takes long, two statements at a time: PostgreSQL answers each connection on a processor of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa

Answer = TypeVar("Answer")
Read = Callable[[sa.Connection], Answer]


def two_at_a_time(connection: sa.Connection, reads: Sequence[Read[Answer]]) -> list[Answer]:
    """The answers, in the order of the reads; on SQLite one after the other, for there a connection sees one state.

    On PostgreSQL each statement sees what was committed when it began, on one connection no less than on two. The
    second is open as long as this takes. What a read raises is raised when none is running any more.
    """
    if len(reads) < 2 or connection.dialect.name != "postgresql":
        return [read(connection) for read in reads]
    left = deque(enumerate(reads))
    found: dict[int, Answer] = {}

    def work(on: sa.Connection) -> None:
        while left:
            try:
                place, read = left.popleft()
            except IndexError:  # the other was faster
                return
            found[place] = read(on)

    def work_beside() -> None:
        with connection.engine.connect() as another:
            work(another)

    with ThreadPoolExecutor(1) as helper:
        beside = helper.submit(work_beside)
        try:
            work(connection)
        finally:
            left.clear()
        beside.result()
    return [found[place] for place in range(len(reads))]
