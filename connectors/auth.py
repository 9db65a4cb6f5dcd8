"""How a web service is told who asks: nothing, a fixed header, or a token fetched when needed."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Protocol

from connectors.http_client import HttpClient, Request
from datasets.errors import PullError, SourceChanged, SourceRefused
from datasets.settings.access import ApiTokenAuth, BasicAuth, BearerAuth, ClientCredentials, NoAuth

MOST_TOKEN_REQUESTS = 3
"""A run, however it goes: a source locks accounts that hammer it (failures.md F12)."""
SKEW_SECONDS = 30.0
USUAL_LIFETIME_SECONDS = 300.0


class Auth(Protocol):
    def header(self, client: HttpClient) -> str | None:
        """The Authorization header, fetched first if need be. Raises SourceRefused when it cannot be had."""
        ...

    def renew(self) -> bool:
        """After a 401: whether asking again may help; the next `header` is a new one."""
        ...


class FixedHeader:
    """The same header always, or none."""

    def __init__(self, value: str | None) -> None:
        self._value = value

    def header(self, client: HttpClient) -> str | None:
        return self._value

    def renew(self) -> bool:
        return False


class TokenHeader:
    """OAuth2 client credentials: one token, kept until shortly before it ends or is refused."""

    def __init__(self, said: ClientCredentials, monotonic: Callable[[], float]) -> None:
        self._said, self._monotonic = said, monotonic
        self._token: str | None = None
        self._good_until = 0.0
        self._asked = 0

    def header(self, client: HttpClient) -> str | None:
        if self._token is None or self._monotonic() >= self._good_until:
            self._token = self._fetch(client)
        return f"Bearer {self._token}"

    def renew(self) -> bool:
        self._token = None
        return self._asked < MOST_TOKEN_REQUESTS

    def _fetch(self, client: HttpClient) -> str:
        left = MOST_TOKEN_REQUESTS - self._asked
        form = {
            "grant_type": "client_credentials",
            "client_id": self._said.client_id,
            "client_secret": self._said.client_secret.get_secret_value(),
        }
        if self._said.scope:
            form["scope"] = self._said.scope
        if left <= 0:
            raise SourceRefused("pull.token_refused")
        try:
            answer, _ = client.fetch_json(
                Request(self._said.token_url, method="POST", form=form), attempts=left, before=self._count
            )
        except SourceRefused as error:
            raise SourceRefused("pull.token_refused") from error
        except SourceChanged as error:
            raise _refused_by_400(error) from None
        if not isinstance(answer, dict) or not isinstance(answer.get("access_token"), str):
            raise SourceChanged("pull.no_token")
        lifetime = answer.get("expires_in")
        seconds = float(lifetime) if isinstance(lifetime, (int, float)) and lifetime > 0 else USUAL_LIFETIME_SECONDS
        self._good_until = self._monotonic() + max(seconds - SKEW_SECONDS, seconds / 2)
        return str(answer["access_token"])

    def _count(self) -> None:
        self._asked += 1


def _refused_by_400(error: SourceChanged) -> PullError:
    """OAuth2 says wrong credentials also with 400 (RFC 6749, 5.2)."""
    return SourceRefused("pull.token_refused") if error.params.get("status") == "400" else error


def auth_of(
    said: NoAuth | BasicAuth | BearerAuth | ApiTokenAuth | ClientCredentials, monotonic: Callable[[], float]
) -> Auth:
    """The way of the configuration."""
    match said:
        case BasicAuth():
            pair = f"{said.username}:{said.password.get_secret_value()}".encode()
            return FixedHeader("Basic " + base64.b64encode(pair).decode("ascii"))
        case BearerAuth():
            return FixedHeader("Bearer " + said.token.get_secret_value())
        case ApiTokenAuth():
            return FixedHeader("ApiToken " + said.token.get_secret_value())
        case ClientCredentials():
            return TokenHeader(said, monotonic)
        case NoAuth():
            return FixedHeader(None)
