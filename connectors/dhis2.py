"""DHIS2: aggregate figures from its Web API (`/api/analytics`, `/api/dataValueSets`).

Both resources are read into records of one shape, named as DHIS2 names them:
dataElement, categoryOptionCombo, period, orgUnit, value, and lastUpdated where it is
known. Units, elements and combos come by code; a reporting rate is a data element
called `<dataSet>.REPORTING_RATE`.

An answer that may have been cut (analytics ends at 50,000 rows) or is refused as too
large is asked again in halves: of the periods first, then of the org units.

Source of the rules: dhis2-docs, developer/web-api/analytics.md and data.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import httpx

from connectors.auth import Auth, auth_of
from connectors.connector import DELETED, Batch, Counts, RawRecord
from connectors.http_client import HttpClient, Request
from connectors.web import web_client
from datasets.clock import Clock
from datasets.errors import OpsError, SourceChanged
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.settings import Dhis2Source, Settings
from datasets.settings.health_sources import Dhis2Query

if TYPE_CHECKING:
    from datasets.validate import Problem

MOST_PERIODS, MOST_UNITS = 53, 50
"""In one request: a year of weeks; some proxies cut addresses beyond 2,000 characters."""
MOST_REQUESTS = 2_000
ONE_DAY = timedelta(days=1)
DEFAULT = "default"
"""Code of DHIS2's own combo for "not split"."""
TOO_LARGE_STATUS = ("409", "413", "414")
"""409 is DHIS2's for "exceeded max limit" (E7128), among other things; 413, 414 are its proxies'."""

_ANALYTICS = {"dx": "dataElement", "co": "categoryOptionCombo", "pe": "period", "ou": "orgUnit", "value": "value"}
_OTHER_ATTRIBUTE = "other_attribute"


@dataclass(frozen=True, slots=True)
class Slice:
    """The periods and org units of one request."""

    periods: tuple[str, ...]
    units: tuple[str, ...]

    def halves(self) -> tuple[Slice, Slice] | None:
        """Two that are together the same; None when it is one period of one unit."""
        if len(self.periods) > 1:
            half = len(self.periods) // 2
            return Slice(self.periods[:half], self.units), Slice(self.periods[half:], self.units)
        if len(self.units) > 1:
            half = len(self.units) // 2
            return Slice(self.periods, self.units[:half]), Slice(self.periods, self.units[half:])
        return None


class _Cut(Exception):
    """The answer may lack rows."""


class Dhis2Connector:
    """One pull from one DHIS2 server."""

    confirms_when_empty = True
    more = False
    file = ""

    def __init__(
        self,
        source: Dhis2Source,
        settings: Settings,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._clock = source, clock
        self._zone, self._language = settings.centre.time_zone, settings.centre.language
        self._sleep, self._monotonic = sleep, monotonic
        self._auth: Auth = auth_of(source.auth, monotonic)
        self._requests = 0

    def fetch(self, since: datetime | None) -> Iterator[Batch]:
        """Yield one batch per answer: the periods from that of `since` on, or from `history` ago.

        Those periods come in full, so that a value which is gone can be told from one that
        did not change. Data sets are asked for the earlier periods of the history too, but only
        for values updated since: a late correction, or deletion, of an old period comes as well.

        Raises as Connector.fetch says.
        """
        today = self._clock().astimezone(self._zone).date()
        first = today - self._source.history
        since_day = since.astimezone(self._zone).date() if since is not None else None
        start = max(first, since_day) if since_day is not None else first
        with web_client(self._source, self._clock, sleep=self._sleep, monotonic=self._monotonic) as client:
            for query in self._source.queries:
                for part in slices(query, start, today):
                    yield from self._whole(client, query, part, None)
                before = Period.of(start, PeriodType(query.period)).start - ONE_DAY
                if query.data_sets and first <= before:
                    for part in slices(query, first, before):
                        yield from self._whole(client, query, part, since_day)

    def settle(self, end: Counts | OpsError, problems: Sequence[Problem] = ()) -> None:
        """Nothing to tidy: the server keeps its own records."""

    def _whole(self, client: HttpClient, query: Dhis2Query, whole: Slice, since: date | None) -> Iterator[Batch]:
        """Everything of a slice, in as many requests as it takes."""
        waiting = [whole]
        while waiting:
            part = waiting.pop()
            try:
                records = self._ask(client, query, part, since)
            except _Cut:
                halves = part.halves()
                if halves is None:
                    raise SourceChanged("dhis2.too_many_rows", limit=self._source.row_limit) from None
                waiting += reversed(halves)
                continue
            except SourceChanged as error:
                halves = part.halves() if _too_large(error) else None
                if halves is None:
                    raise
                waiting += reversed(halves)
                continue
            columns = frozenset().union(*{tuple(record.values) for record in records}) if records else None
            yield Batch(records, columns)

    def _ask(self, client: HttpClient, query: Dhis2Query, part: Slice, since: date | None) -> list[RawRecord]:
        """One request's records. Raises _Cut where rows may be missing."""
        self._requests += 1
        if self._requests > MOST_REQUESTS:
            raise SourceChanged("pull.too_many_pages", pages=MOST_REQUESTS)
        answer, _ = client.fetch_json(
            Request(self._address(query, part, since), authorization=self._auth.header(client))
        )
        found = read_analytics(answer) if query.analytics else read_data_values(answer)
        if query.analytics and len(found) >= self._source.row_limit:
            raise _Cut
        return [self._record(values, place) for place, values in enumerate(found, 1)]

    def _address(self, query: Dhis2Query, part: Slice, since: date | None) -> str:
        scheme = self._source.id_scheme
        asked: list[tuple[str, str]]
        if query.analytics:
            asked = [("dimension", f"dx:{';'.join(query.analytics)}")]
            asked += [("dimension", "co")] if query.by_combo else []
            asked += [("dimension", f"pe:{';'.join(part.periods)}"), ("dimension", f"ou:{';'.join(part.units)}")]
            asked += [("inputIdScheme", scheme), ("outputIdScheme", scheme), ("skipMeta", "true")]
        else:
            asked = [("dataSet", code) for code in query.data_sets] + [("orgUnit", code) for code in part.units]
            asked += [("period", period) for period in part.periods]
            asked += [("children", "true")] if query.children else []
            asked += [("inputIdScheme", scheme), ("idScheme", scheme), ("includeDeleted", "true")]
            asked += [("lastUpdated", since.isoformat())] if since is not None else []
        resource = "analytics" if query.analytics else "dataValueSets"
        address = httpx.URL(f"{self._source.url.rstrip('/')}/api/{resource}.json")
        return str(address.copy_with(params=httpx.QueryParams(tuple(asked))))

    def _record(self, values: dict[str, object], place: int) -> RawRecord:
        """Numbers read as DHIS2 writes them (1.234 is not a thousand); what cannot be one stays as it came."""
        fault = ""
        if values.pop("deleted", False) is True:
            fault = DELETED
        elif values.pop("attributeOptionCombo", None) not in (None, "", DEFAULT):
            fault = _OTHER_ATTRIBUTE
        values["value"] = _number(values.get("value"))
        return RawRecord(text("pull.row", self._language, page=self._requests, place=place), values, fault)


def dhis2_connector(source: Dhis2Source, settings: Settings, clock: Clock) -> Dhis2Connector:
    """The connector of a configured source."""
    return Dhis2Connector(source, settings, clock)


def slices(query: Dhis2Query, start: date, today: date) -> Iterator[Slice]:
    """The query's periods from the one that holds `start` to the running one, in requests of fair length."""
    kind = PeriodType(query.period)
    period, ids = Period.of(start, kind), list[str]()
    while period.start <= today:
        ids.append(period.id)
        period = period.next()
    for units in _chunks(query.org_units, MOST_UNITS):
        for periods in _chunks(ids, MOST_PERIODS):
            yield Slice(tuple(periods), tuple(units))


def read_analytics(answer: object) -> list[dict[str, object]]:
    """Rows of an analytics answer by DHIS2's names. Raises SourceChanged when it is none."""
    headers, rows = (answer.get("headers"), answer.get("rows")) if isinstance(answer, dict) else (None, None)
    if not isinstance(headers, list) or not isinstance(rows, list):
        raise SourceChanged("dhis2.not_analytics")
    names = [str(header.get("name")) if isinstance(header, dict) else "" for header in headers]
    gone = [name for name in ("dx", "pe", "ou", "value") if name not in names]
    if gone:
        raise SourceChanged("connectors.columns_gone", columns=", ".join(gone))
    places = [(place, _ANALYTICS[name]) for place, name in enumerate(names) if name in _ANALYTICS]
    if any(not isinstance(row, list) or len(row) != len(names) for row in rows):
        raise SourceChanged("dhis2.row_length")
    return [{name: row[place] for place, name in places} for row in rows]


def read_data_values(answer: object) -> list[dict[str, object]]:
    """The data values of an answer; unit and period said once for all of them go into each.

    An empty answer is {}. Raises SourceChanged when it is no data value set.
    """
    values = answer.get("dataValues", []) if isinstance(answer, dict) and "httpStatusCode" not in answer else None
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise SourceChanged("dhis2.not_values")
    assert isinstance(answer, dict)
    common = {name: answer[name] for name in ("period", "orgUnit", "attributeOptionCombo") if name in answer}
    return [{**common, **value} for value in values]


def _too_large(error: SourceChanged) -> bool:
    return error.key == "pull.too_large" or (
        error.key == "pull.status" and str(error.params.get("status")) in TOO_LARGE_STATUS
    )


def _number(raw: object) -> object:
    if isinstance(raw, str):
        try:
            return float(raw)
        except ValueError:
            return raw
    return raw


def _chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]
