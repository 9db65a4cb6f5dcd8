"""Parts of a page that ask for figures side by side, so that what they need is read together."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, TypeVar

from datasets.indicators.calculate import Request
from datasets.indicators.value import Value

if TYPE_CHECKING:
    from dashboard.queries import Queries, Viewer

Made = TypeVar("Made")
Asking = Generator[Sequence[Request], Sequence[Sequence[Value]], Made]
"""A part in the making: yields the requests it needs next, is given their values in the same order, returns itself."""


def make_all(queries: Queries, viewer: Viewer, parts: Sequence[Asking[Made]]) -> list[Made]:
    """All parts, in their order; of each turn the requests of all are answered together."""
    made: dict[int, Made] = {}
    answers: dict[int, Sequence[Sequence[Value]] | None] = dict.fromkeys(range(len(parts)))
    while answers:
        asked: dict[int, Sequence[Request]] = {}
        for place, given in answers.items():
            try:
                asked[place] = parts[place].send(given)  # type: ignore[arg-type]  # None begins it
            except StopIteration as ended:
                made[place] = ended.value
        every = [request for each in asked.values() for request in each]
        found = iter(queries.values_of(every, viewer) if every else ())
        answers = {place: [next(found) for _ in requests] for place, requests in asked.items()}
    return [made[place] for place in range(len(parts))]
