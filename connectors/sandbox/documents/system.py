"""All documents of the simulated system, as they stand at a moment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from connectors.sandbox.documents.communes import COMMUNES, Commune
from connectors.sandbox.documents.course import Document, of_day
from connectors.sandbox.one_stop.communes import communes
from connectors.sandbox.one_stop.office import Office
from connectors.sandbox.one_stop.one_stop import months_before
from datasets.working_days import WorkingCalendar

KEEPS_EVERY_STATE = timedelta(days=30)
"""Of what happened longer before the first start, the system keeps a document's last state only."""


class Entry(NamedTuple):
    """One message: a document (place 0) or one of its later states. Sorts by moment, then id."""

    moment: datetime
    id: str
    document: Document
    place: int


class _Register:
    """One commune's documents, generated day by day as they are asked for."""

    def __init__(self, commune: Commune, seed: int, begins: date, keeps_from: datetime, office: Office) -> None:
        self.commune, self._seed, self._office = commune, seed, office
        self._next_day, self._keeps_from = begins, keeps_from
        self._number: dict[tuple[int, bool], int] = {}
        self.documents: list[Document] = []
        self.entries: list[Entry] = []
        self.by_id: dict[str, Entry] = {}

    def grow(self, today: date) -> None:
        fresh: list[Entry] = []
        while self._next_day <= today:
            for document in of_day(self.commune, self._next_day, self._office, self._seed):
                register = (self._next_day.year, document.incoming)
                number = self._number[register] = self._number.get(register, 0) + 1
                document = document._replace(number=number)  # noqa: PLW2901 - numbered as it is registered
                self.documents.append(document)
                fresh.extend(self._messages(document))
            self._next_day += timedelta(days=1)
        if len(fresh) > 1000:
            self.entries = sorted(self.entries + fresh)
        else:
            for entry in fresh:
                insort(self.entries, entry)
        self.by_id.update((entry.id, entry) for entry in fresh)

    def _messages(self, document: Document) -> Iterator[Entry]:
        last_kept = max((n for n, (at, _) in enumerate(document.steps) if at < self._keeps_from), default=0)
        for place, (moment, _) in enumerate(document.steps):
            if place == 0 or place >= last_kept:
                yield Entry(moment, f"{document.id}-{place}", document, place)


class DocumentSystem:
    """The provincial document system at a seed. Safe for several threads.

    started   naive local moments at which the sandbox was started, the first one first
    """

    def __init__(
        self, seed: int, started: Sequence[datetime], calendar: WorkingCalendar, units: Path | None = None
    ) -> None:
        first = started[0]
        self.office = Office(calendar, months_before(first.date(), max(commune.months for commune in COMMUNES)))
        self.names = {code: commune.name for code, commune in communes(units).items()}
        self._registers = {
            commune.code: _Register(
                commune, seed, months_before(first.date(), commune.months), first - KEEPS_EVERY_STATE, self.office
            )
            for commune in COMMUNES
        }
        self._lock = Lock()

    def changed(self, units: Sequence[str], since: datetime | None, now: datetime) -> list[Entry]:
        """Messages of those communes from `since` on, as far as they have happened."""
        found: list[Entry] = []
        with self._lock:
            for register in self._grown(units, now):
                last = bisect_right(register.entries, now, key=_moment)
                first = bisect_left(register.entries, since, key=_moment) if since else 0
                found += register.entries[first:last]
        return found if len(units) == 1 else sorted(found)

    def entry(self, message: str, now: datetime) -> Entry | None:
        """One message by its id; None when there is none, or not yet."""
        with self._lock:
            for register in self._grown([message.partition("-")[0]], now):
                entry = register.by_id.get(message)
                return entry if entry and entry.moment <= now else None
        return None

    def standing(self, units: Sequence[str], since: datetime | None, now: datetime) -> Iterator[tuple[Document, int]]:
        """Documents that changed after `since`, with the step they stand at, in the order they came."""
        with self._lock:
            documents = [document for register in self._grown(units, now) for document in register.documents]
        for document in documents:
            step = document.step(now)
            if step >= 0 and (since is None or document.steps[step][0] > since):
                yield document, step

    def _grown(self, units: Sequence[str], now: datetime) -> list[_Register]:
        registers = [self._registers[unit] for unit in units if unit in self._registers]
        for register in registers:
            register.grow(now.date())
        return registers


def _moment(entry: Entry) -> datetime:
    return entry.moment
