"""A transport whose every wait ends at one moment.

A read time-out starts anew with each byte, so a source that drips one byte now and
then is never cut by it (failures.md F03). Here each wait on the socket, for the
connection, the headers, the body or TLS, gets what is left until the deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from ssl import SSLContext
from typing import Any

import httpcore
import httpx


class Deadline:
    """The moment by which the present request must be done, on the monotonic clock."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._ends = float("inf")

    def begin(self, seconds: float) -> None:
        self._ends = self._monotonic() + seconds

    def left(self, at_most: float | None) -> float:
        """Seconds one wait may take. Raises httpcore.ReadTimeout when none are left."""
        left = self._ends - self._monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("deadline")
        return left if at_most is None else min(left, at_most)


@cache
def _ssl_context() -> SSLContext:
    """Loading the certificates takes longer than many a request."""
    return httpx.create_ssl_context()


class DeadlineTransport(httpx.BaseTransport):
    """httpx over an httpcore pool, with the deadline in each wait. Errors stay httpcore's."""

    def __init__(self, deadline: Deadline) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=_ssl_context(),
            max_connections=2,
            keepalive_expiry=15.0,
            network_backend=_Backend(deadline),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = self._pool.handle_request(asked)
        return httpx.Response(
            status_code=answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


class _Backend(httpcore.NetworkBackend):
    def __init__(self, deadline: Deadline) -> None:
        self._sockets = httpcore.SyncBackend()
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        stream = self._sockets.connect_tcp(host, port, self._deadline.left(timeout), local_address, socket_options)
        return _Stream(stream, self._deadline)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left(timeout))
        return _Stream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
