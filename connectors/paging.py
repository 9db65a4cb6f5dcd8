"""Turning pages: what to ask next, and when it is enough.

A source's word is not taken for it. A total must agree with what came; a short page
is the end only where the configuration says so; a page that comes again is a loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import httpx

from connectors.http_client import Reply
from connectors.reducers import dig
from datasets.errors import SourceChanged
from datasets.settings.access import NextCursor, NextLink, NoPaging, Offset, PageNumber

MOST_EMPTY_PAGES = 2
"""Empty pages in a row, before the total is reached, after which nothing more is expected."""

Parameters = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Ask:
    """Where the next page is: parameters beside the source's own, or another address.

    probe   everything the source promised has come; this only looks whether it told the truth
    """

    parameters: Parameters = field(default_factory=dict)
    url: str | None = None
    probe: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One answer, opened."""

    records: list[Mapping[str, object]]
    total: int | None
    answer: object
    reply: Reply


class LoopingPages(Exception):
    """A page or a link came that was there before."""


class Census:
    """What one reading of all pages brought.

    read        records, with those that came twice
    keys        their keys, hashed
    totals      what the pages said the total is
    """

    def __init__(self) -> None:
        self.read = 0
        self.pages = 0
        self.largest = 0
        self.empty_in_a_row = 0
        self.keys: set[int] = set()
        self.totals: set[int | None] = set()
        self._contents: set[int] = set()

    def add(self, page: Page, keys: list[int], contents: list[int]) -> None:
        """Count a page. Raises LoopingPages when the very same records were a page before."""
        self.pages += 1
        self.totals.add(page.total)
        if contents:
            content = hash(tuple(contents))
            if content in self._contents:
                raise LoopingPages
            self._contents.add(content)
        self.empty_in_a_row = 0 if keys else self.empty_in_a_row + 1
        self.read += len(keys)
        self.largest = max(self.largest, len(keys))
        self.keys.update(keys)

    def steady(self, before: Census | None) -> bool:
        """Whether nothing moved between the first page and the last (failures.md F08, F09).

        Without a total there is nothing to compare. With one, it must be the same on every
        page, and be the count of distinct keys; a source that doubles records of its own
        makes that impossible, and is believed when two readings in a row say the same.

        What this cannot see: a record gone and another come between the same two requests.
        """
        if self.totals == {None}:
            return True
        if len(self.totals) > 1:
            return False
        (total,) = self.totals
        if len(self.keys) == total:
            return True
        return before is not None and before.keys == self.keys and self.read == before.read == total


class Pager(Protocol):
    def first(self) -> Ask: ...

    def after(self, page: Page, census: Census) -> Ask | None:
        """The next page, or None when this was the last. Raises LoopingPages, SourceChanged."""
        ...


class OnePage:
    """One answer holds everything."""

    def first(self) -> Ask:
        return Ask()

    def after(self, page: Page, census: Census) -> Ask | None:
        return None


class CountedPages:
    """Pages by number, or by the number of records already read."""

    def __init__(self, said: PageNumber | Offset) -> None:
        self._said = said

    def first(self) -> Ask:
        return self._ask(0, 0, probe=False)

    def after(self, page: Page, census: Census) -> Ask | None:
        got = len(page.records)
        if page.total is None:
            if not got or (self._said.short_page_ends and got < self._said.size):
                return None
            return self._ask(census.pages, census.read, probe=False)
        done = census.read >= page.total
        if (done and (not got or got < census.largest)) or census.empty_in_a_row >= MOST_EMPTY_PAGES:
            return None
        return self._ask(census.pages, census.read, probe=done)

    def _ask(self, pages: int, read: int, *, probe: bool) -> Ask:
        said = self._said
        parameters = _size(said)
        if isinstance(said, PageNumber):
            parameters[said.page_param] = said.first + pages
        else:
            parameters[said.offset_param] = read
        return Ask(parameters, probe=probe)


class FollowedPages:
    """Pages that name the next one: a cursor or a link in the answer, or a Link header."""

    def __init__(self, said: NextCursor | NextLink) -> None:
        self._said = said
        self._seen: set[str] = set()

    def first(self) -> Ask:
        self._seen.clear()
        return Ask(_size(self._said))

    def after(self, page: Page, census: Census) -> Ask | None:
        following = self._following(page)
        if following is None:
            return None
        if following in self._seen:
            raise LoopingPages
        self._seen.add(following)
        if isinstance(self._said, NextCursor):
            return Ask({**_size(self._said), self._said.cursor_param: following})
        return Ask(url=following)

    def _following(self, page: Page) -> str | None:
        said = self._said
        if said.next is None:
            links = httpx.Response(200, headers=page.reply.headers).links
            found: object = links.get("next", {}).get("url")
        else:
            found = dig(page.answer, tuple(said.next.split("."))) if isinstance(page.answer, Mapping) else None
        if found is None or found == "" or found is False:
            return None
        if not isinstance(found, (str, int)):
            raise SourceChanged("pull.next_page")
        if isinstance(said, NextCursor):
            return str(found)
        try:
            return str(page.reply.url.join(str(found)))
        except (httpx.InvalidURL, ValueError):
            raise SourceChanged("pull.next_page") from None


def _size(said: PageNumber | Offset | NextCursor | NextLink) -> Parameters:
    parameters: Parameters = {said.size_param: said.size} if said.size_param else {}
    return parameters


def pager_of(said: NoPaging | PageNumber | Offset | NextCursor | NextLink) -> Pager:
    """The way of the configuration."""
    match said:
        case PageNumber() | Offset():
            return CountedPages(said)
        case NextCursor() | NextLink():
            return FollowedPages(said)
        case NoPaging():
            return OnePage()
