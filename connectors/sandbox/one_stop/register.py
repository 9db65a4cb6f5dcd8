"""One commune's dossiers as they stand at a moment, by the moment of their last change.

Days are generated once, when first asked for. Dossiers whose last step has passed lie
sorted; only those still under way are looked at again as the clock moves.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from connectors.sandbox.one_stop.arrivals import arrivals
from connectors.sandbox.one_stop.communes import Commune
from connectors.sandbox.one_stop.course import Dossier, plan
from connectors.sandbox.one_stop.office import Office

Visitors = Callable[[Commune, date], list[Dossier]]


class Entry(NamedTuple):
    """A dossier as it stands; sorts by the moment of its last change, then by code."""

    updated: datetime
    code: str
    unit: str
    step: int
    dossier: Dossier


class Register:
    """One commune. Not safe for several threads at once: the one-stop holds the lock.

    begins     first day of the history
    silent_at  what would happen from here on is never sent; None = all is
    visitors   further dossiers of a day (see welcome.py)
    """

    def __init__(
        self,
        commune: Commune,
        seed: int,
        begins: date,
        office: Office,
        visitors: Visitors,
        silent_at: datetime | None = None,
    ) -> None:
        self.commune, self._seed, self._begins, self._office = commune, seed, begins, office
        self._visitors, self._silent_at = visitors, silent_at
        self.version = 0
        self._forget()

    def entries(self, now: datetime, since: datetime | None = None) -> list[Entry]:
        """All dossiers changed at or after `since`, as they stand at `now`, sorted."""
        if self._silent_at is not None:
            now = min(now, self._silent_at)
        if not self._at <= now < self._quiet_until:
            self._advance(now)
        if since is None:
            return self._standing
        return self._standing[bisect_left(self._standing, (since,)) :]

    def day(self, day: date) -> Iterator[Dossier]:
        """The dossiers that come on a day: a function of the seed, the commune and the day."""
        character = self.commune.character
        random = Random(f"{self._seed}/{character.code}/{day:%Y%m%d}")
        prefix = f"{character.agency}-{day:%y%m%d}-"
        for number, arrival in enumerate(arrivals(character, day, self._office, random), start=1):
            yield plan(f"{prefix}{number:04d}", arrival, character, self._office, random)
        yield from self._visitors(self.commune, day)

    def _forget(self) -> None:
        self._at = self._quiet_until = datetime.min  # what was seen at _at stands until _quiet_until
        self._next_day = self._begins
        self._ended: list[Entry] = []
        self._running: list[Dossier] = []
        self._standing: list[Entry] = []

    def _advance(self, now: datetime) -> None:
        if now < self._at:
            self._forget()  # the clock was set back
        while self._next_day <= now.date():
            self._running.extend(self.day(self._next_day))
            self._next_day += timedelta(days=1)
        self._quiet_until = datetime.combine(self._next_day, time())
        running, under_way, ended = [], [], []
        for dossier in self._running:
            step = dossier.step(now)
            if step == len(dossier.path) - 1:
                ended.append(self._entry(dossier, step))
                continue
            running.append(dossier)
            self._quiet_until = min(self._quiet_until, dossier.moments[step + 1])
            if step >= 0:
                under_way.append(self._entry(dossier, step))
        self._running = running
        if ended:
            self._ended.extend(ended)
            self._ended.sort()
        self._standing = sorted(self._ended + under_way)
        self._at = now
        self.version += 1

    def _entry(self, dossier: Dossier, step: int) -> Entry:
        return Entry(dossier.moments[step], dossier.code, self.commune.code, step, dossier)
