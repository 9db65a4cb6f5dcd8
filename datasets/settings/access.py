"""How a source over HTTP is signed in to, and how its pages follow one another."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from datasets.settings.source import Count, Positive
from datasets.settings.values import Part, Secret, Text, WebAddress


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
