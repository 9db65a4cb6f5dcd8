"""A source's block: what is common to all, and what each connector adds.

A new connector adds one class here, its name in `CONNECTORS`, and a member of `Source`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from datasets.settings.values import (
    Code,
    Cron,
    Duration,
    Encoding,
    ExistingFile,
    Lasting,
    Parameters,
    Part,
    Place,
    Secret,
    SqlAddress,
    Text,
    Title,
    WebAddress,
    fault,
)

DATASETS = ("dossier", "document", "petition", "observation")
"""Names of datasets/schema; written out because settings lie below it. A test compares them."""
CONNECTORS = ("rest", "dhis2", "files", "edxml", "oneroster", "sql")
"""Names of connectors.CONNECTORS, for the same reason."""

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Positive = Annotated[int, Field(ge=1)]


class Expect(Part):
    """What a delivery must look like, or nothing of it is written.

    max_quarantined_share   of the records read, 0-1
    max_drop_share          how far below the usual count of that weekday, 0-1; 1 is never
    wanted                  columns of the source that must be there
    """

    min_rows: Count = 0
    max_quarantined_share: Share = 0.2
    max_drop_share: Share = 1.0
    wanted: list[Text] = []


class SourceBase(Part):
    """Common to all sources.

    name         its key in the configuration; also its name in ledger and store
    title        how the screens call it, by language; without one, the name
    map          name of a field map in connectors/maps, or the absolute path of one
    schedule     cron line in the centre's zone
    stale_after  the promise: after this long without a good pull it counts as late
    contact      whom to call when it stays away
    constants    canonical fields that are the same for every record of the source
    """

    name: str
    title: Title
    dataset: Literal["dossier", "document", "petition", "observation"]
    map: Text
    schedule: Cron = "*/15 * * * *"
    stale_after: Lasting = timedelta(days=1)
    expect: Expect = Expect()
    contact: Text | None = None
    constants: dict[str, str | int | float | bool] = {}

    @model_validator(mode="before")
    @classmethod
    def _titled(cls, raw: Any) -> Any:
        return {"title": raw["name"], **raw} if isinstance(raw, dict) else raw

    @field_validator("constants")
    @classmethod
    def _unit_is_text(cls, constants: dict[str, str | int | float | bool]) -> dict[str, str | int | float | bool]:
        for name in ("unit", "period", "element", "category"):
            if not isinstance(constants.get(name, ""), str):
                raise fault("quote_key", key=name)
        return constants


class NoAuth(Part):
    type: Literal["none"]


class BasicAuth(Part):
    type: Literal["basic"]
    username: Text
    password: Secret


class BearerAuth(Part):
    type: Literal["bearer"]
    token: Secret


class ApiTokenAuth(Part):
    """A personal access token as DHIS2 takes it: `Authorization: ApiToken d2pat_...`."""

    type: Literal["api_token"]
    token: Secret


class ClientCredentials(Part):
    """OAuth2 client credentials: a token from `token_url`, asked for anew when it is refused."""

    type: Literal["oauth2_client_credentials"]
    token_url: WebAddress
    client_id: Text
    client_secret: Secret
    scope: Text | None = None


Auth = Annotated[NoAuth | BasicAuth | BearerAuth | ApiTokenAuth | ClientCredentials, Field(discriminator="type")]


class NoPaging(Part):
    """One answer holds everything."""

    type: Literal["none"]


class PageNumber(Part):
    """Pages counted from `first`; `size_param` None when the size cannot be asked for.

    short_page_ends   a page with fewer records than `size` is the last; else an empty one, or the total, ends
    """

    type: Literal["page_number"]
    page_param: Text = "page"
    size_param: Text | None = None
    size: Positive = 200
    first: Count = 1
    short_page_ends: bool = False


class Offset(Part):
    """Records counted from 0."""

    type: Literal["offset"]
    offset_param: Text = "offset"
    size_param: Text | None = "limit"
    size: Positive = 200
    short_page_ends: bool = False


class NextCursor(Part):
    """Each answer holds, at the dotted path `next`, what to send as `cursor_param` for the next page."""

    type: Literal["cursor"]
    cursor_param: Text = "cursor"
    next: Text = "next"
    size_param: Text | None = None
    size: Positive = 200


class NextLink(Part):
    """The next page's address is at the dotted path `next`, or in the Link header when that is None."""

    type: Literal["link"]
    next: Text | None = None
    size_param: Text | None = None
    size: Positive = 200


Paging = Annotated[NoPaging | PageNumber | Offset | NextCursor | NextLink, Field(discriminator="type")]


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
    lookback: Duration = timedelta(days=1)


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


class Reconcile(Part):
    """Now and then the source is read `days` back and compared with what we hold (cron line in the centre's zone)."""

    schedule: Cron = "0 2 * * 0"
    days: Positive = 35


class RestSource(WebSource):
    """A web service.

    reconcile   None: only when a person asks for it
    """

    connector: Literal["rest"]
    reconcile: Reconcile | None = None


class EdxmlSource(WebSource):
    """A document system that hands over edXML messages: over HTTP (`url`), or through a folder (`path`).

    url             answers the list of messages; paging, cursor, auth as for a web service
    id              of a list entry: the message's own id
    content         of a list entry: where the message itself is, when the list gives it
    message_url     where a message is fetched otherwise; {id} stands for its id
    organisations   identification code of each organisation whose register this is -> org unit
    path, pattern, done, refused   as for a folder of files
    header_bytes    longest header; attachments come behind it and are not read
    """

    connector: Literal["edxml"]
    url: WebAddress = ""
    id: Text = "id"
    content: Text | None = None
    message_url: WebAddress | None = None
    organisations: Annotated[dict[str, str], Field(min_length=1)]
    path: Place | None = None
    pattern: Text = "*"
    done: Place | None = None
    refused: Place | None = None
    header_bytes: Positive = 1_000_000

    @model_validator(mode="before")
    @classmethod
    def _folders(cls, raw: Any) -> Any:
        if not isinstance(raw, dict) or not isinstance(raw.get("path"), str):
            return raw
        inbox = raw["path"].rstrip("/")
        return {"done": f"{inbox}/done", "refused": f"{inbox}/refused", **raw}

    @model_validator(mode="after")
    def _one_way(self) -> EdxmlSource:
        if bool(self.url) == bool(self.path):
            raise fault("edxml_way")
        if self.url and not (self.content or (self.message_url and "{id}" in self.message_url)):
            raise fault("edxml_message")
        return self


class Dhis2Query(Part):
    """One question to a DHIS2 server, asked for every period since `history` or the lookback.

    analytics   data elements, indicators or reporting rates (`<dataSet>.REPORTING_RATE`), which the
                server adds up over the units below each org unit
    data_sets   data sets, whose values come as they were entered; instead of `analytics`
    org_units   their codes; `children` takes the units below too (data_sets only)
    period      the type of the periods asked for
    by_combo    analytics by category option combo
    """

    analytics: list[Text] = []
    data_sets: list[Text] = []
    org_units: Annotated[list[Code], Field(min_length=1)]
    children: bool = False
    period: Literal["day", "week", "month", "quarter", "half_year", "year"]
    by_combo: bool = False

    @model_validator(mode="after")
    def _one_of_two(self) -> Dhis2Query:
        if bool(self.analytics) == bool(self.data_sets):
            raise fault("dhis2_query")
        return self


class Dhis2Source(HttpSource):
    """A DHIS2 server; `url` is its address, without /api.

    history     how far back the first pull asks
    lookback    how far before the last good pull each later one begins again
    id_scheme   by which property units, elements and combos are named
    row_limit   rows of one analytics answer from which on it may have been cut
    """

    connector: Literal["dhis2"]
    queries: Annotated[list[Dhis2Query], Field(min_length=1)]
    history: Lasting = timedelta(days=5 * 366)
    lookback: Duration = timedelta(days=60)
    id_scheme: Text = "code"
    row_limit: Positive = 50_000


class OneRosterSource(HttpSource):
    """OneRoster CSV zips: asked for over HTTP (`url`), or dropped into a folder (`path`).

    key             hashes persons' ids, so that a delta can be laid over the roster before
                    it; without one only whole rosters are taken
    state           file of what is remembered between two rosters
    bulk_within     how old the last whole roster may be when a delta comes
    path, pattern, done, refused   as for a folder of files
    """

    connector: Literal["oneroster"]
    url: WebAddress = ""
    params: Parameters = Field(default={}, repr=False)
    headers: Parameters = Field(default={}, repr=False)
    key: Secret | None = None
    state: Place
    bulk_within: Lasting = timedelta(days=40)
    path: Place | None = None
    pattern: Text = "*.zip"
    done: Place | None = None
    refused: Place | None = None

    @model_validator(mode="before")
    @classmethod
    def _places(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        raw = {"state": f"data/oneroster/{raw.get('name', 'oneroster')}.json", **raw}
        if not isinstance(raw.get("path"), str):
            return raw
        inbox = raw["path"].rstrip("/")
        return {"done": f"{inbox}/done", "refused": f"{inbox}/refused", **raw}

    @model_validator(mode="after")
    def _one_way(self) -> OneRosterSource:
        if bool(self.url) == bool(self.path):
            raise fault("edxml_way")
        return self

    @property
    def folder(self) -> FilesSource:
        """Its folder, as the source of a connector of files."""
        assert self.path is not None and self.done is not None and self.refused is not None
        common = {name: getattr(self, name) for name in SourceBase.model_fields}
        return FilesSource.model_construct(
            **common,
            connector="files",
            path=self.path,
            pattern=self.pattern,
            done=self.done,
            refused=self.refused,
            max_bytes=self.max_bytes,
        )


class FilesSource(SourceBase):
    """A folder that people put files into.

    pattern      glob of the files that are taken
    sheet        name of the sheet; None: the first that has the header
    delimiter, encoding   of CSV files; None: found by reading
    done, refused   where a file goes after its pull
    max_bytes       of one file
    """

    connector: Literal["files"]
    path: Place
    pattern: Text = "*"
    sheet: Text | None = None
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: Encoding | None = None
    done: Place
    refused: Place
    max_bytes: Positive = 50_000_000

    @model_validator(mode="before")
    @classmethod
    def _folders(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        path = raw.get("path")
        inbox = path.rstrip("/") if isinstance(path, str) else "inbox"  # a missing path is its own fault
        return {"done": f"{inbox}/done", "refused": f"{inbox}/refused", **raw}


class SqlCursor(Part):
    """Asking only for what changed: the moment is the query's parameter :since, in the centre's zone.

    field      the query's column that holds a row's moment of change
    format     strftime format where the database keeps moments as text; SQLite's own by default
    lookback   how far before the bookmark each pull begins again
    """

    field: Text
    format: Text | None = None
    lookback: Duration = timedelta(days=1)


class SqlSource(SourceBase):
    """A database, asked by one SELECT.

    url          SQLAlchemy's address without a password, or a reference to a whole one
    password     reference
    query, query_file   the SELECT, here or in a file; :since where there is a cursor
    time_limit   of the whole reading
    batch        rows held at a time
    """

    connector: Literal["sql"]
    url: Text = Field(repr=False)
    password: Secret | None = None
    address: SqlAddress
    query: Text | None = None
    query_file: ExistingFile | None = None
    cursor: SqlCursor | None = None
    time_limit: Lasting = timedelta(minutes=5)
    batch: Positive = 1000

    @model_validator(mode="before")
    @classmethod
    def _addressed(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        return {**raw, "address": {"url": raw.get("url"), "password": raw.get("password")}}

    @model_validator(mode="after")
    def _one_query(self) -> SqlSource:
        if (self.query is None) == (self.query_file is None):
            raise fault("sql_query")
        return self


def _host(url: object) -> str | None:
    try:
        return urlsplit(url).hostname if isinstance(url, str) else None
    except ValueError:
        return None


Source = Annotated[
    RestSource | Dhis2Source | EdxmlSource | OneRosterSource | FilesSource | SqlSource,
    Field(discriminator="connector"),
]
