"""Sources asked over HTTP: what is common to them, and a plain web service (`rest`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from datasets.settings.access import Auth, NoAuth, NoPaging, Paging
from datasets.settings.source import Count, Positive, Reconcile, SourceBase
from datasets.settings.values import Duration, Encoding, Lasting, Parameters, Part, Text, WebAddress


class Cursor(Part):
    """Asking only for what changed.

    param      query parameter that takes the moment
    field      the source's field that holds a record's moment of change
    format     strftime format of both, in the centre's zone; DVCQG's by default
    lookback   how far before the bookmark each pull begins again
    """

    param: Text
    field: Text
    format: Text = "%Y%m%d%H%M%S"
    lookback: Duration = timedelta(days=7)


class Timeout(Part):
    """Longest wait for a connection, the next bytes, one whole request, and the whole pull (failures.md F02, F03)."""

    connect: Lasting = timedelta(seconds=5)
    read: Lasting = timedelta(seconds=20)
    total: Lasting = timedelta(seconds=20)
    run: Lasting = timedelta(minutes=5)


class Success(Part):
    """Services that answer 200 also for errors: the code at the dotted `path`, and the codes that mean well.

    refused   codes that mean bad credentials or rights: a person must act
    """

    path: Text
    values: list[str | int]
    refused: list[str | int] = []


class HttpSource(SourceBase):
    """Whatever is asked over HTTP.

    allow_hosts      the only hosts that are spoken to, redirects included; by default
                     those of `url` and of the token's address
    max_bytes        of one answer, decompressed
    retries          after the first try
    """

    url: WebAddress
    auth: Auth = NoAuth(type="none")
    allow_hosts: list[Text]
    timeout: Timeout = Timeout()
    max_bytes: Positive = 64 * 1024 * 1024
    retries: Count = 3

    @model_validator(mode="before")
    @classmethod
    def _hosts(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        auth = raw.get("auth")
        token_url = auth.get("token_url") if isinstance(auth, dict) else None
        named = [raw.get("url"), raw.get("message_url"), token_url]
        return {"allow_hosts": list(dict.fromkeys(filter(None, map(_host, named)))), **raw}


class WebSource(HttpSource):
    """What is asked over HTTP and answers JSON lists.

    records, total   dotted paths in the answer; records "" when the answer is the list
    success          where a 200 can be an error
    max_pages        of one pull, against endless paging
    encoding         None: as the answer says
    """

    method: Literal["GET", "POST"] = "GET"
    paging: Paging = NoPaging(type="none")
    records: str = ""
    total: Text | None = None
    success: Success | None = None
    max_pages: Positive = 10_000
    cursor: Cursor | None = None
    params: Parameters = Field(default={}, repr=False)
    headers: Parameters = Field(default={}, repr=False)
    encoding: Encoding | None = None


class RestSource(WebSource):
    """A web service.

    reconcile   None: only when a person asks for it
    """

    connector: Literal["rest"]
    reconcile: Reconcile | None = None


def _host(url: object) -> str | None:
    try:
        return urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        return None
