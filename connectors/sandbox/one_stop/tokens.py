"""Bearer tokens that carry their own moment, so that a restart forgets nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from datasets.clock import Clock

LIFETIME = timedelta(minutes=30)


class Tokens:
    """Client credentials in, tokens of 30 minutes out. No security: the data are invented."""

    def __init__(self, clients: Mapping[str, str], seed: int, clock: Clock) -> None:
        self._clients, self._clock = dict(clients), clock
        self._key = f"sandbox/{seed}".encode()

    def issue(self, client: str, secret: str) -> str | None:
        """A token, or None for a client that is not known."""
        known = self._clients.get(client)
        if known is None or not hmac.compare_digest(known.encode(), secret.encode()):
            return None
        issued = f"{self._clock().timestamp():.0f}"
        return f"{issued}.{self._signed(issued)}"

    def good(self, token: str) -> bool:
        """Ours, and no older than 30 minutes."""
        issued, _, signed = token.partition(".")
        if not issued.isdigit() or not hmac.compare_digest(signed.encode(), self._signed(issued).encode()):
            return False
        now = self._clock()
        return now - datetime.fromtimestamp(int(issued), now.tzinfo) < LIFETIME

    def _signed(self, issued: str) -> str:
        return hmac.new(self._key, issued.encode(), hashlib.sha256).hexdigest()
