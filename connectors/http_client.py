"""Talking to a web service that may be slow, broken, lying or down.

What holds for every request (failures.md F01-F12, R8, R10):
    only http(s) to hosts named in the configuration, redirects and next links included;
    a total deadline that also cuts a source that drips a byte at a time;
    a size limit that holds after decompression;
    retries only where waiting can help, with back-off, jitter and Retry-After;
    credentials go to the host they are for and nowhere else;
    no query, header or body of a request or an answer is ever in an error or a log.
"""

from __future__ import annotations

import json
import logging
import random as chance
import re
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeVar

import httpcore
import httpx

from connectors.http_deadline import Deadline, DeadlineTransport
from connectors.plain_json import plain_json
from connectors.words import is_login
from datasets.clock import Clock
from datasets.errors import PullError, SourceChanged, SourceRefused, SourceUnavailable

for _name in ("httpx", "httpcore"):  # they log whole addresses, whose queries may hold keys
    logging.getLogger(_name).setLevel(logging.WARNING)

PATIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
MOST_REDIRECTS = 3
_PORTS = {"http": 80, "https": 443}
_MOUTHFUL = 1 << 20  # unpacked bytes handed on at a time
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, bytes and counts that bound every request and the whole run."""

    connect_seconds: float = 5.0
    read_seconds: float = 20.0
    total_seconds: float = 20.0
    run_seconds: float = 300.0
    max_bytes: int = 50_000_000
    retries: int = 3
    backoff_seconds: float = 0.5


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a source. `authorization` is sent to the host of `url` only.

    taste   makes, for each attempt, what is handed the answer piece by piece as it comes
            until it says "enough": the rest is then neither read nor kept
    """

    url: str
    method: str = "GET"
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    body: object = None
    authorization: str | None = field(default=None, repr=False)
    taste: Callable[[], Callable[[bytes], bool]] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a good status. `url` is where it came from in the end."""

    url: httpx.URL
    headers: httpx.Headers
    content: bytes = field(repr=False)


class Unauthorised(SourceRefused):
    """401: the token may only have expired; `rest` renews it once."""


class _Again(Exception):
    """This attempt failed in a way that waiting may cure."""

    def __init__(self, error: PullError, wait: float = 0.0) -> None:
        super().__init__(error.key)
        self.error = error
        self.wait = wait


class HttpClient:
    """Used by one pull and one thread; `close` it, or use it in a `with`.

    allow_hosts   "host" (the scheme's own port) or "host:port"
    clock         for Retry-After dates only; durations go by `monotonic`
    """

    def __init__(
        self,
        allow_hosts: frozenset[str],
        limits: Limits,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = chance.random,
        secure_only: bool = False,
    ) -> None:
        self._allowed = frozenset(host.lower() for host in allow_hosts)
        self._limits, self._clock = limits, clock
        self._sleep, self._monotonic, self._random = sleep, monotonic, random
        self._secure_only = secure_only
        self._run_ends = monotonic() + limits.run_seconds
        self._deadline = Deadline(monotonic)
        timeout = httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds)
        self._client = httpx.Client(
            transport=DeadlineTransport(self._deadline), timeout=timeout, trust_env=False, follow_redirects=False
        )

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._client.close()

    def fetch_json(
        self,
        request: Request,
        encoding: str | None = None,
        *,
        attempts: int | None = None,
        before: Callable[[], None] | None = None,
    ) -> tuple[object, Reply]:
        """The answer as strict JSON and the reply it came with, after retries.

        attempts   at most so many, else 1 + Limits.retries
        before     runs before each attempt

        Raises
            SourceUnavailable   refused, reset, too slow, cut short, 429 or 5xx, after all attempts
            Unauthorised        401
            SourceRefused       403, a login page
            SourceChanged       another 4xx, an address off the list, too large, no JSON
        """
        return self._attempts(request, lambda reply: (strict_json(reply, encoding), reply), attempts, before)

    def fetch(self, request: Request) -> Reply:
        """The answer as it is, after retries. Raises as `fetch_json` does."""
        return self._attempts(request, lambda reply: reply, None, None)

    def check(self, url: httpx.URL) -> None:
        """Raises SourceChanged when an address is not http(s) to a host on the list."""
        scheme, host = url.scheme, url.host.lower()
        port = url.port or _PORTS.get(scheme)
        named = f"{host}:{port}" in self._allowed or (host in self._allowed and port == _PORTS.get(scheme))
        if scheme not in _PORTS or not named or url.userinfo or (self._secure_only and scheme != "https"):
            raise SourceChanged("pull.foreign_address", address=shown(url))

    def _attempts(
        self, request: Request, read: Callable[[Reply], T], attempts: int | None, before: Callable[[], None] | None
    ) -> T:
        most = attempts or self._limits.retries + 1
        for attempt in range(1, most + 1):
            if before:
                before()
            try:
                return read(self._once(request))
            except _Again as again:
                if attempt == most:
                    raise again.error from None
                wait = max(again.wait, self._limits.backoff_seconds * 2 ** (attempt - 1) * (0.5 + self._random()))
                if self._monotonic() + wait >= self._run_ends:
                    if again.wait:
                        raise SourceUnavailable("pull.wait_too_long", host=_host(request), wait=_spell(wait)) from None
                    raise again.error from None
                self._sleep(wait)
        raise AssertionError("unreachable")

    def _once(self, request: Request) -> Reply:
        """One attempt, redirects included. Raises _Again where another may do better."""
        left = self._run_ends - self._monotonic()
        if left <= 0:
            raise SourceUnavailable("pull.run_deadline", seconds=f"{self._limits.run_seconds:.0f}")
        self._deadline.begin(min(self._limits.total_seconds, left))
        url = httpx.URL(request.url)
        if request.params:
            url = url.copy_merge_params(dict(request.params))
        meant_for = (url.scheme, url.host, url.port)
        for _ in range(MOST_REDIRECTS + 1):
            self.check(url)
            trusted = (url.scheme, url.host, url.port) == meant_for
            try:
                answer = self._client.send(self._build(request, url, trusted), stream=True)
                try:
                    if not answer.is_redirect:
                        return self._judge(url, answer, request.taste)
                    url = self._redirected(request, url, answer)
                finally:
                    answer.close()
            except (httpcore.ConnectTimeout, httpcore.ConnectError) as error:
                if "CERTIFICATE" in str(error).upper():
                    raise SourceRefused("pull.certificate", host=url.host) from None
                raise _Again(SourceUnavailable("pull.no_connection", host=url.host)) from None
            except httpcore.TimeoutException:
                raise _Again(SourceUnavailable("pull.too_slow", host=url.host)) from None
            except httpcore.RemoteProtocolError:
                raise _Again(SourceUnavailable("pull.cut_short", host=url.host)) from None
            except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
                raise _Again(SourceUnavailable("pull.connection_lost", host=url.host)) from None
            except (httpx.InvalidURL, httpcore.UnsupportedProtocol):
                raise SourceChanged("pull.foreign_address", address=url.host) from None
        raise SourceChanged("pull.redirects", host=url.host)

    def _build(self, request: Request, url: httpx.URL, trusted: bool) -> httpx.Request:
        headers = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate"}
        if trusted:
            headers.update(request.headers)
            if request.authorization:
                headers["Authorization"] = request.authorization
        form = dict(request.form) if request.form is not None else None
        self._client.cookies.clear()
        return self._client.build_request(request.method, url, headers=headers, data=form, json=request.body)

    def _redirected(self, request: Request, url: httpx.URL, answer: httpx.Response) -> httpx.URL:
        if request.method != "GET":
            raise SourceChanged("pull.redirects", host=url.host)
        try:
            target = url.join(answer.headers["location"])
        except (httpx.InvalidURL, ValueError):
            raise SourceChanged("pull.foreign_address", address=url.host) from None
        if url.scheme == "https" and target.scheme != "https":
            raise SourceChanged("pull.foreign_address", address=shown(target))
        return target

    def _judge(
        self, url: httpx.URL, answer: httpx.Response, taste: Callable[[], Callable[[bytes], bool]] | None
    ) -> Reply:
        status = answer.status_code
        if status == 401:
            raise Unauthorised("pull.unauthorised", host=url.host)
        if status == 403:
            raise SourceRefused("pull.forbidden", host=url.host)
        if status in PATIENT or status >= 500:
            key = "pull.busy" if status == 429 else "pull.server_error"
            raise _Again(SourceUnavailable(key, host=url.host, status=status), self._retry_after(answer))
        if not 200 <= status < 300:
            raise SourceChanged("pull.status", address=shown(url), status=status)
        return Reply(url, answer.headers, self._read(url, answer, taste() if taste else None))

    def _read(self, url: httpx.URL, answer: httpx.Response, enough: Callable[[bytes], bool] | None) -> bytes:
        """The body, unpacked, within the size limit and as long as it said it would be.

        With `enough`, nothing is kept here, and the reading ends where it says so.
        """
        unpack = _unpacker(answer.headers.get("content-encoding", ""))
        if unpack is None:
            raise SourceChanged("pull.content_encoding", host=url.host)
        content, received, most = bytearray(), 0, self._limits.max_bytes
        cut_short = _Again(SourceUnavailable("pull.cut_short", host=url.host))
        for chunk in answer.iter_raw():
            self._deadline.left(None)
            received += len(chunk)
            try:
                piece = unpack.decompress(chunk, _MOUTHFUL if enough else most + 1 - len(content))
            except zlib.error:
                raise cut_short from None
            if enough is None:
                content += piece
            elif enough(piece):
                return b""
            if len(content) > most or received > most:
                raise SourceChanged("pull.too_large", host=url.host, megabytes=f"{most / 1e6:.0f}")
        said = answer.headers.get("content-length", "")
        if (said.isdecimal() and int(said) != received) or (received and not unpack.eof):
            raise cut_short
        return bytes(content)

    def _retry_after(self, answer: httpx.Response) -> float:
        """Seconds the source asks us to wait; 0 when it asks nothing sensible (failures.md F05)."""
        said = answer.headers.get("retry-after", "").strip()
        if re.fullmatch(r"-?[0-9]{1,12}", said):
            return max(0.0, float(said))
        try:
            moment = parsedate_to_datetime(said)
        except ValueError:
            return 0.0
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - self._clock()).total_seconds())


def strict_json(reply: Reply, encoding: str | None = None) -> object:
    """The body as JSON; NaN, Infinity and a name given twice are refused.

    Raises SourceRefused for a login page, SourceChanged for another page or too deep a
    nesting; what may be a cut body asks for another attempt.
    """
    content = reply.content
    host = reply.url.host
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        if is_login(content[:200_000].decode("utf-8", "replace")):
            raise SourceRefused("pull.login_page", host=host)
        raise SourceChanged("pull.web_page", host=host)
    try:
        return plain_json(content.decode(encoding or json.detect_encoding(content)))
    except RecursionError:
        raise SourceChanged("pull.too_deep", host=host) from None
    except (ValueError, LookupError):
        raise _Again(SourceChanged("pull.not_json", host=host)) from None


def shown(url: httpx.URL) -> str:
    """An address for people: no query, no credentials."""
    port = f":{url.port}" if url.port else ""
    return f"{url.scheme}://{url.host}{port}{url.path}"[:200]


class _Plain:
    """A body that is not packed."""

    eof = True

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return data


class _Packed:
    """A gzip or deflate body, unpacked no further than the limit."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._unpack = zlib.decompressobj(window)

    @property
    def eof(self) -> bool:
        return self._unpack.eof

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._unpack.decompress(self._unpack.unconsumed_tail + data, max_length)


def _unpacker(encoding: str) -> _Plain | _Packed | None:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Packed(zlib.MAX_WBITS | 16)
        case "deflate":
            return _Packed(zlib.MAX_WBITS)
        case _:
            return None


def _host(request: Request) -> str:
    return httpx.URL(request.url).host


def _spell(seconds: float) -> str:
    """A wait as people say it: "90 s", "3 h"."""
    return f"{seconds:.0f} s" if seconds < 7200 else f"{seconds / 3600:.0f} h"
