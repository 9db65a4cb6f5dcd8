"""Records set aside that may be good now: tried again by hand (replay) or when what they waited for has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from connectors.connector import Batch, RawRecord
from connectors.house import House
from connectors.intake import Intake
from connectors.kept_record import restore
from connectors.overlay import NOT_KNOWN_YET, Known
from datasets.settings import SourceBase
from datasets.store.quarantine import SetAside

MOST = 50_000

Good = tuple[int, list[tuple[object, ...]]]
"""A quarantine line that is good now: its id, and its rows ready to stage."""
Raw = Callable[[SetAside], Mapping[str, object]]


def waiting(source: SourceBase, house: House, intake: Intake, known: Known) -> Iterator[Good]:
    """The changes whose record was not known yet and is known now. Stage each before asking for the next."""
    if not intake.overlays:
        return
    lines = house.store.quarantine.list(source.name, limit=MOST)
    lines = [line for line in lines if any(problem["code"] == NOT_KNOWN_YET for problem in line.problems)]
    if lines:
        yield from tried(lines, Intake(source, house, house.clock()), known)


def tried(lines: Sequence[SetAside], intake: Intake, known: Known, raw: Raw = lambda line: {}) -> Iterator[Good]:
    """Those of the lines that are good now; whole records before the changes that may wait for them.

    raw   what more is kept of a line's record, by the source's own names
    """
    records = []
    for line in lines:
        values = restore(line.payload)
        if values is not None:
            values |= raw(line)
        if values is not None and line.dataset == intake.dataset.name:
            records.append((line.id, RawRecord(line.row_id, values)))
    for number, record in sorted(records, key=lambda one: intake.is_change(one[1])):
        taken = intake.take(Batch([record], None), known)
        if taken.rows:
            yield number, taken.rows
