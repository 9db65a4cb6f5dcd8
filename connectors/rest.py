"""Web services that answer JSON, page by page.

The read is repeated when the source changed between its first page and its last, so
that no record slips between two pages (failures.md F08); what has been handed on once
is not handed on again, unless it changed meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.auth import Auth, auth_of
from connectors.connector import Batch, Counts, RawRecord
from connectors.field_map import FieldMap
from connectors.http_client import HttpClient, Reply, Request, Unauthorised
from connectors.paging import Ask, Census, LoopingPages, Page, pager_of
from connectors.reducers import dig
from connectors.web import origin, web_client
from datasets.clock import Clock
from datasets.errors import OpsError, SourceChanged, SourceUnavailable
from datasets.messages import text
from datasets.settings import RestSource, Settings, WebSource

if TYPE_CHECKING:
    from datasets.validate import Problem

MOST_REREADS = 3

Identify = Callable[[Mapping[str, object]], object]


class RestConnector:
    """One pull from one web service.

    identify   what makes a record itself, for counting distinct ones: its natural key
    """

    confirms_when_empty = True
    more = False
    file = ""

    def __init__(
        self,
        source: WebSource,
        settings: Settings,
        clock: Clock,
        identify: Identify,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source, self._clock = source, clock
        self._zone, self._language = settings.centre.time_zone, settings.centre.language
        self._identify = identify
        self._sleep, self._monotonic = sleep, monotonic
        self._auth: Auth = auth_of(source.auth, monotonic)
        self._open: HttpClient | None = None

    def fetch(self, since: datetime | None) -> Iterator[Batch]:
        """Yield one batch per page, holding one page at a time.

        Raises as Connector.fetch says; SourceUnavailable also when the source never stood
        still for one whole reading.
        """
        earlier: set[int] = set()
        before: Census | None = None
        looped = False
        with web_client(self._source, self._clock, sleep=self._sleep, monotonic=self._monotonic) as client:
            self._open = client
            for _ in range(1 + MOST_REREADS):
                census, now = Census(), set[int]()
                try:
                    for page, contents in self._pages(client, since, census):
                        yield self._batch(page, census.pages, contents, earlier)
                        now.update(contents)
                except LoopingPages:
                    looped, before = True, None
                    earlier |= now
                    continue
                looped = False
                earlier |= now
                if census.steady(before):
                    return
                before = census
        if looped:
            raise SourceChanged("pull.pages_repeat")
        raise SourceUnavailable("pull.unsteady", readings=1 + MOST_REREADS)

    def fetch_aside(self, request: Request) -> None:
        """While `fetch` runs: ask the source for something else, with its authorization; `request.taste` takes it."""
        client = self._open
        assert client is not None
        ours = origin(request.url) == origin(self._source.url)
        try:
            client.fetch(replace(request, authorization=self._auth.header(client) if ours else None))
        except Unauthorised:
            if not ours or not self._auth.renew():
                raise
            client.fetch(replace(request, authorization=self._auth.header(client)))

    def settle(self, end: Counts | OpsError, problems: Sequence[Problem] = ()) -> None:
        """Nothing to tidy: the source keeps its own records."""

    def _pages(self, client: HttpClient, since: datetime | None, census: Census) -> Iterator[tuple[Page, list[int]]]:
        """Each page with its records' hashes. Raises LoopingPages when they do not come to an end."""
        pager = pager_of(self._source.paging)
        ask: Ask | None = pager.first()
        while ask is not None:
            if census.pages >= self._source.max_pages:
                raise SourceChanged("pull.too_many_pages", pages=self._source.max_pages)
            try:
                page = self._page(client, ask, since)
            except SourceChanged as error:
                if ask.probe and error.key == "pull.status":
                    return  # some services answer 404 beyond their last page
                raise
            contents = [hash(repr(record)) for record in page.records]
            try:
                census.add(page, [hash(repr(self._identify(record))) for record in page.records], contents)
            except LoopingPages:
                if ask.probe:
                    return  # some services give an old page again beyond their last one
                raise
            yield page, contents
            ask = pager.after(page, census)

    def _page(self, client: HttpClient, ask: Ask, since: datetime | None) -> Page:
        answer, reply = self._answer(client, self._request(ask, since))
        source = self._source
        found = _at(answer, source.records)
        total = _total(_at(answer, source.total)) if source.total else None
        if found is None and total == 0:
            found = []
        if not isinstance(found, list):
            raise SourceChanged("pull.no_records", path=source.records or "-")
        if not all(isinstance(record, dict) for record in found):
            raise SourceChanged("pull.record_not_object")
        return Page(found, total, answer, reply)

    def _request(self, ask: Ask, since: datetime | None) -> Request:
        source = self._source
        if ask.url is not None:
            return Request(ask.url, headers=source.headers)
        given: dict[str, str | int] = {**source.params, **ask.parameters}
        if source.cursor and since is not None:
            given[source.cursor.param] = since.astimezone(self._zone).strftime(source.cursor.format)
        if source.method == "POST":
            return Request(source.url, method="POST", headers=source.headers, body=given)
        return Request(source.url, params={name: str(value) for name, value in given.items()}, headers=source.headers)

    def _answer(self, client: HttpClient, request: Request) -> tuple[object, Reply]:
        """The answer, with the token renewed once if it was refused (failures.md F12)."""
        try:
            return self._authorised(client, request)
        except Unauthorised:
            if not self._auth.renew():
                raise
            return self._authorised(client, request)

    def _authorised(self, client: HttpClient, request: Request) -> tuple[object, Reply]:
        ours = origin(request.url) == origin(self._source.url)
        authorization = self._auth.header(client) if ours else None
        answer, reply = client.fetch_json(
            replace(request, headers=request.headers if ours else {}, authorization=authorization),
            self._source.encoding,
        )
        self._envelope(answer)
        return answer, reply

    def _envelope(self, answer: object) -> None:
        """An error in a good answer (failures.md F06). Its words are not repeated: they may name people."""
        success = self._source.success
        if success is None:
            return
        code = _at(answer, success.path)
        said = str(code) if isinstance(code, (str, int)) else "-"
        if said in map(str, success.refused):
            raise Unauthorised("pull.envelope_refused", code=said[:20])
        if said not in map(str, success.values):
            raise SourceChanged("pull.envelope", code=said[:20])

    def _batch(self, page: Page, number: int, contents: list[int], earlier: set[int]) -> Batch:
        """The page's records that were not handed on in an earlier reading as they are."""
        records = [
            RawRecord(text("pull.row", self._language, page=number, place=place), record)
            for place, (record, content) in enumerate(zip(page.records, contents, strict=True), 1)
            if content not in earlier
        ]
        shapes = {tuple(record) for record in page.records}
        return Batch(records, frozenset().union(*shapes) if shapes else None)


def rest_connector(source: RestSource, settings: Settings, clock: Clock) -> RestConnector:
    """The connector of a configured source. Raises ConfigError when its field map is at fault."""
    field_map = FieldMap.find(source.map, settings.root)
    return RestConnector(source, settings, clock, field_map.identity())


def _at(answer: object, path: str) -> object:
    """What stands at a dotted path; the whole answer for an empty one."""
    if not path:
        return answer
    return dig(answer, tuple(path.split("."))) if isinstance(answer, Mapping) else None


def _total(said: object) -> int:
    if isinstance(said, int) and not isinstance(said, bool) and said >= 0:
        return said
    if isinstance(said, str) and said.isdecimal():
        return int(said)
    raise SourceChanged("pull.total")
