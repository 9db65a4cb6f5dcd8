"""OneRoster CSV zips (1.1 and 1.2, bulk and delta), from a folder or over HTTP.

What comes out is counts and nothing else: pupils, classes and teachers by school, grade
and sex, each a record {school, quantity, period, category, value} for the month in which
the roster was made. The field map (maps/oneroster.yaml) says which unit a school is and
which element a quantity is. How persons are kept away: roster.py, roster_state.py.

A roster older than the one before is refused, and so is a delta without a whole roster
beneath it, or whose whole roster is too old: counts would drift from the truth unseen.
"""

from __future__ import annotations

import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.auth import auth_of
from connectors.connector import Batch, Connector, Counts, RawRecord
from connectors.field_map import FieldMap
from connectors.files import FilesConnector
from connectors.http_client import Reply, Request, Unauthorised
from connectors.inbox import Waiting
from connectors.json_lines import JsonLines
from connectors.oneroster_files import RosterFiles, open_roster
from connectors.roster import BROKEN, PUPILS, SCHOOLS, Roster
from connectors.roster import Counts as Counted
from connectors.roster_state import RosterState, read_state, write_state
from connectors.web import web_client
from datasets.clock import Clock
from datasets.errors import OpsError, SourceChanged, SourceUnavailable
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.settings import OneRosterSource, Settings
from datasets.vietnamese import caseless

if TYPE_CHECKING:
    from datasets.validate import Problem

log = logging.getLogger(__name__)

COLUMNS = frozenset({"school", "quantity", "period", "category", "value"})
MOST_BROKEN = 100
"""Broken enrolments told one by one; their number is in the ledger only as far as that."""


class Register:
    """Takes zips and counts them; remembers what the next one needs once it is told to."""

    def __init__(self, source: OneRosterSource, settings: Settings, clock: Clock) -> None:
        self._source, self._clock = source, clock
        self._zone, self._language = settings.centre.time_zone, settings.centre.language
        self._key = source.key.get_secret_value().encode() if source.key else None
        self._next: RosterState | None = None

    def batch(self, content: bytes) -> Batch:
        """The counts of a zip. Raises SourceChanged for one that cannot be counted."""
        files = open_roster(content)
        now = self._clock().astimezone(self._zone).replace(tzinfo=None)
        made = min(files.made or now, now)
        before = read_state(self._source.state, self._key)
        if before and made < before.made:
            raise SourceChanged("oneroster.older", made=f"{made:%d/%m/%Y}", known=f"{before.made:%d/%m/%Y}")
        roster = Roster() if files.is_bulk else self._beneath(files, before, made)
        roster.take(files, self._key or secrets.token_bytes(32))
        counts, broken = roster.counts(made.date())
        period = Period.of(made.date(), PeriodType.MONTH).id
        if before and before.period == period:
            for cell in before.cells:
                counts.setdefault(cell, 0)
        bulk = made if files.is_bulk or before is None else before.bulk
        self._next = RosterState(made, bulk, period, sorted(counts), roster)
        records = [
            RawRecord(
                text("oneroster.row", self._language, school=school),
                {"school": school, "quantity": quantity, "period": period, "category": category, "value": value},
            )
            for (school, quantity, category), value in _by_identifier(counts, roster.schools()).items()
        ]
        records += [
            RawRecord(text("oneroster.broken_row", self._language, number=number), {"quantity": PUPILS}, BROKEN)
            for number in range(1, min(broken, MOST_BROKEN) + 1)
        ]
        return Batch(records, COLUMNS)

    def remember(self) -> None:
        """After the commit. A state that cannot be written is only logged: the counts are safe."""
        if self._next is None:
            return
        try:
            write_state(self._source.state, self._next, self._key)
        except OSError as error:
            log.error("oneroster source=%s cannot remember the roster: %s", self._source.name, error.strerror)
        self._next = None

    def _beneath(self, files: RosterFiles, before: RosterState | None, made: datetime) -> Roster:
        """The roster that a delta is laid over."""
        if self._key is None:
            raise SourceChanged("oneroster.delta_without_key")
        if before is None or before.roster is None:
            raise SourceChanged("oneroster.delta_without_bulk")
        if made - before.bulk > self._source.bulk_within:
            raise SourceChanged("oneroster.bulk_too_old", day=f"{before.bulk:%d/%m/%Y}")
        return deepcopy(before.roster)


def _by_identifier(counts: Counted, schools: Mapping[str, str]) -> Counted:
    """The counts by what schools are known by. Two of one identifier, whatever its capitals, are one school of
    both: its figures are added together, and none overwrites the other."""
    found: Counted = Counter()
    named: dict[str, str] = {}
    for (school, quantity, category), value in sorted(counts.items()):
        said = schools.get(school, school)
        cell = named.setdefault(caseless(said), said), quantity, category
        found[cell] = max(found[cell], value) if quantity == SCHOOLS else found[cell] + value
    return found


class OneRosterFolder(FilesConnector):
    """Zips dropped into a folder, the oldest first, each taken once. Of persons as they are, none is kept."""

    opens_bundles = False
    private = True

    def __init__(
        self,
        source: OneRosterSource,
        settings: Settings,
        clock: Clock,
        field_map: FieldMap,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(source.folder, settings, clock, field_map, sleep=sleep)
        self._register = Register(source, settings, clock)

    def _batches(self, file: Waiting, content: bytes | JsonLines) -> Iterator[Batch]:
        batch = self._register.batch(content if isinstance(content, bytes) else b"")  # JSON lines are no zip
        if not self._inbox.unchanged(file):
            raise SourceUnavailable("files.being_written", file=file.name)
        yield batch

    def settle(self, end: Counts | OpsError, problems: Sequence[Problem] = ()) -> None:
        """Remember first, then move the file: after a crash in between it is counted again, with the same result."""
        if not isinstance(end, OpsError):
            self._register.remember()
        super().settle(end, problems)


class OneRosterService:
    """A service that answers with the zip of the day."""

    confirms_when_empty = True
    more = False
    file = ""

    def __init__(
        self,
        source: OneRosterSource,
        settings: Settings,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._clock, self._sleep, self._monotonic = source, clock, sleep, monotonic
        self._register = Register(source, settings, clock)

    def fetch(self, since: datetime | None) -> Iterator[Batch]:
        """Yield the counts of the zip. Raises as Connector.fetch says."""
        yield self._register.batch(self._reply().content)

    def settle(self, end: Counts | OpsError, problems: Sequence[Problem] = ()) -> None:
        if not isinstance(end, OpsError):
            self._register.remember()

    def _reply(self) -> Reply:
        source, auth = self._source, auth_of(self._source.auth, self._monotonic)
        headers = {"Accept": "application/zip", **source.headers}
        with web_client(source, self._clock, sleep=self._sleep, monotonic=self._monotonic) as client:

            def ask() -> Reply:
                authorization = auth.header(client)
                return client.fetch(
                    Request(source.url, params=source.params, headers=headers, authorization=authorization)
                )

            try:
                return ask()
            except Unauthorised:
                if not auth.renew():
                    raise
                return ask()


def oneroster_connector(source: OneRosterSource, settings: Settings, clock: Clock) -> Connector:
    """The connector of a configured source. Raises ConfigError when its field map is at fault."""
    field_map = FieldMap.find(source.map, settings.root)
    if source.path is not None:
        return OneRosterFolder(source, settings, clock, field_map)
    return OneRosterService(source, settings, clock)
