"""Visitors: so that whoever starts the demonstration sees figures move, at any hour.

In the hour after each start of the sandbox one more online dossier reaches the main
commune every three minutes, by night and on Sundays too. The moments of the starts are
kept in a file, so that what came once stays in the history. With a clock that stands
still (IOC_NOW) nobody comes and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random

from connectors.sandbox.one_stop.arrivals import ONLINE, Arrival
from connectors.sandbox.one_stop.communes import MAIN, Commune
from connectors.sandbox.one_stop.course import Dossier, plan
from connectors.sandbox.one_stop.office import Office
from connectors.sandbox.one_stop.procedures import procedures

WINDOW = timedelta(hours=1)
EVERY_MINUTES = 3
FIRST_NUMBER = 8000  # their numbers in MaHoSo: 8000 + the minute of the day


class Welcome:
    """The visitors of a sandbox that was started at these (naive local) moments."""

    def __init__(self, starts: Sequence[datetime], seed: int, office: Office) -> None:
        self._starts, self._seed, self._office = tuple(starts), seed, office

    def __call__(self, commune: Commune, day: date) -> list[Dossier]:
        if commune.code != MAIN:
            return []
        midnight = datetime.combine(day, time())
        minutes: set[int] = set()
        for start in self._starts:
            first = max(0, int((start - midnight).total_seconds() // 60) + 1)
            last = min(24 * 60, int((start + WINDOW - midnight).total_seconds() // 60) + 1)
            minutes.update(minute for minute in range(first, last) if minute % EVERY_MINUTES == 0)
        return [self._visitor(commune, midnight, minute) for minute in sorted(minutes)]

    def _visitor(self, commune: Commune, midnight: datetime, minute: int) -> Dossier:
        random = Random(f"{self._seed}/visitor/{midnight:%Y%m%d}/{minute}")
        kinds = [kind for kind in procedures() if kind.full]
        procedure = kinds[int(random.random() * len(kinds))]
        received = midnight + timedelta(minutes=minute, seconds=int(random.random() * 40))
        code = f"{commune.character.agency}-{midnight:%y%m%d}-{FIRST_NUMBER + minute:04d}"
        return plan(code, Arrival(received, procedure, ONLINE), commune.character, self._office, random)
