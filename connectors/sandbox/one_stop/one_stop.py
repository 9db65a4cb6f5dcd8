"""The communes together: which dossiers changed since a moment, page by page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock

from connectors.sandbox.one_stop.communes import Commune, communes
from connectors.sandbox.one_stop.office import Office
from connectors.sandbox.one_stop.record import Record, record
from connectors.sandbox.one_stop.register import Entry, Register
from connectors.sandbox.one_stop.welcome import Welcome
from datasets.working_days import WorkingCalendar

SILENT_WEEKS = 3
KEPT_TEXTS = 10_000
KEPT_LISTS = 4
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class OneStop:
    """A whole provincial one-stop at a seed.

    started   naive local moments at which the sandbox was started, the first one first;
              it sets where the history begins and when the silent commune fell silent
    lively    visitors come in the hour after each start
    """

    def __init__(
        self,
        seed: int,
        started: Sequence[datetime],
        calendar: WorkingCalendar,
        units: Path | None = None,
        lively: bool = True,
    ) -> None:
        first = started[0]
        self.communes: dict[str, Commune] = communes(units)
        longest = max(commune.character.months for commune in self.communes.values())
        self.office = Office(calendar, months_before(first.date(), longest))
        welcome = Welcome(started if lively else (), seed, self.office)
        silent_at = monday_midnight(first - timedelta(weeks=SILENT_WEEKS))
        self.registers = {
            code: Register(
                commune,
                seed,
                months_before(first.date(), commune.character.months),
                self.office,
                welcome,
                silent_at if commune.character.silent else None,
            )
            for code, commune in self.communes.items()
        }
        self._lock = Lock()
        self._lists: dict[tuple[object, ...], list[Entry]] = {}
        self._texts: dict[tuple[str, str, int], str] = {}

    def changed(self, units: Sequence[str], since: datetime | None, now: datetime) -> list[Entry]:
        """Dossiers of those communes changed at or after `since`, by NgayCapNhat, then MaHoSo.

        An unknown unit has none. The list is shared: not to be changed.
        """
        registers = [self.registers[unit] for unit in units if unit in self.registers]
        with self._lock:
            found = [register.entries(now, since) for register in registers]
            if len(found) == 1:
                return found[0]
            key = (tuple(units), since, *(register.version for register in registers))
            if key not in self._lists:
                while len(self._lists) >= KEPT_LISTS:
                    del self._lists[next(iter(self._lists))]
                self._lists[key] = sorted(entry for entries in found for entry in entries)
            return self._lists[key]

    def record(self, entry: Entry) -> Record:
        """The dossier in the words of the national format."""
        return record(entry.dossier, entry.step, self.communes[entry.unit])

    def text(self, entry: Entry) -> str:
        """The same as JSON; kept, since a dossier at a step never changes."""
        key = (entry.unit, entry.code, entry.step)
        text = self._texts.get(key)
        if text is None:
            if len(self._texts) >= KEPT_TEXTS:
                self._texts.clear()
            text = self._texts[key] = _to_json(self.record(entry))
        return text


def months_before(day: date, months: int) -> date:
    """The first of the month so many months back."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


def monday_midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=moment.weekday())
