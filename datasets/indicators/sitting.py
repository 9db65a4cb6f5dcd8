"""One page's worth of questions: one connection, and what repeats among them is asked of the store once.

Nothing outlives the sitting: the next page is computed anew.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import local
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa

from datasets.store.two_at_a_time import Read, two_at_a_time

Answer = TypeVar("Answer")


class Reader(Protocol):
    """Is told first what will be looked at, and reads it when it is."""

    def ahead(self) -> list[Read[None]]:
        """Asks for what does not take long, and gives back what does: that is read side by side."""
        ...


ReaderMade = TypeVar("ReaderMade", bound=Reader)


@dataclass(frozen=True, slots=True)
class Sitting:
    """A connection and the answers it has given."""

    connection: sa.Connection
    answers: dict[Hashable, Any] = field(default_factory=dict)
    readers: dict[Hashable, Reader] = field(default_factory=dict)

    def once(self, question: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The answer to a question, asked for the first time only."""
        if question not in self.answers:
            self.answers[question] = ask()
        found: Answer = self.answers[question]
        return found

    def reader(self, question: Hashable, make: Callable[[], ReaderMade]) -> ReaderMade:
        """The same of one who reads much: what it has been asked for is read with that of all others."""
        found = self.readers[question] = self.once(question, make)
        return found

    def read_ahead(self) -> None:
        """Have what the readers are asked for asked for, and read what of it takes long."""
        two_at_a_time(self.connection, [read for reader in self.readers.values() for read in reader.ahead()])


class Sittings:
    """The sitting of each thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._here = local()

    @property
    def held(self) -> Sitting | None:
        """The thread's sitting, when there is one."""
        return getattr(self._here, "sitting", None)

    @contextmanager
    def sit(self) -> Iterator[Sitting]:
        """The thread's sitting; opened, and closed at the end, by the outermost block."""
        held = self.held
        if held is not None:
            yield held
            return
        with self._engine.connect() as connection:
            self._here.sitting = Sitting(connection)
            try:
                yield self._here.sitting
            finally:
                self._here.sitting = None
