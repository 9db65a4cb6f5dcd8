"""The HTTP client of a configured source: its hosts, limits and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from connectors.http_client import HttpClient, Limits
from datasets.clock import Clock
from datasets.settings import HttpSource
from datasets.settings.access import ClientCredentials


def web_client(
    source: HttpSource,
    clock: Clock,
    *,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> HttpClient:
    """A client that speaks only to the source's hosts, within its limits; https only where all its addresses are."""
    addresses = [source.url]
    if isinstance(source.auth, ClientCredentials):
        addresses.append(source.auth.token_url)
    wait = source.timeout
    return HttpClient(
        frozenset(source.allow_hosts) | frozenset(map(origin, addresses)),
        Limits(
            connect_seconds=wait.connect.total_seconds(),
            read_seconds=wait.read.total_seconds(),
            total_seconds=wait.total.total_seconds(),
            run_seconds=wait.run.total_seconds(),
            max_bytes=source.max_bytes,
            retries=source.retries,
        ),
        clock,
        sleep=sleep,
        monotonic=monotonic,
        secure_only=all(address.startswith("https:") for address in addresses),
    )


def origin(address: str) -> str:
    """Host and port of an address: "127.0.0.1:8061"."""
    url = httpx.URL(address)
    return f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}".lower()
