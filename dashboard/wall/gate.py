"""Which screen is asking, and what it may show.

A screen is known by the token in its cookie, which is sent to the wall's own addresses
only: it opens no page of the desk and no record. A browser on this very machine needs
none while the server listens here only (`wall.open_on_loopback`), so that the wall can
be seen at once where it is tried out; a proxy before the server ends that.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from threading import Lock
from typing import Any

from flask import Request, Response

from dashboard.wall.profile import Profile
from dashboard.wall.type_sizes import Screen
from datasets.errors import StoreError
from datasets.settings import Settings
from datasets.store.screens import ScreenLine, Screens, ScreenState, code_from

COOKIE = "man_hinh"
COOKIE_LIVES = 400 * 86400  # the longest a browser keeps one; each page load renews it
ROTATE_AFTER = timedelta(days=30)
REMEMBERED = 10.0  # seconds an answer about a token is trusted: so long a revoked screen may live on
LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP", "Via")
Random = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class Admission:
    """What the asking screen shows; `screen` is 0 for a browser on this machine."""

    profile: Profile
    screen: int = 0


class Gate:
    """Admits screens. Threads may share it."""

    def __init__(
        self,
        screens: Screens,
        usual: Profile,
        settings: Settings,
        now: Callable[[], datetime],
        random: Random = secrets.token_bytes,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        self.screens, self.usual, self.now = screens, usual, now
        self._random, self._tick = random, tick
        self._open_here = settings.wall.open_on_loopback and settings.host in LOCAL_HOSTS
        self._known: dict[str, tuple[float, ScreenLine | None]] = {}
        self._lock = Lock()

    def admit(self, request: Request) -> Admission | None:
        """What the asking screen may show; None for one that must show its code first.

        Raises StoreError when the store cannot be asked: no reason to send a screen away.
        """
        token = request.cookies.get(COOKIE)
        line = self._line(token) if token else None
        if line is not None and line.state is ScreenState.APPROVED:
            return Admission(self._profile(line), line.id)
        revoked = line is not None and line.state is ScreenState.REVOKED
        if self._open_here and not revoked and from_this_machine(request):
            return Admission(self.usual)
        return None

    def code(self, request: Request) -> tuple[str, str | None]:
        """The code an unknown screen shows, and the token it is given if it has none that is good."""
        token = request.cookies.get(COOKIE)
        line = self._line(token, fresh=True) if token else None
        if line is not None and line.state is ScreenState.WAITING and line in self.screens.all(ScreenState.WAITING):
            return line.code, None
        new = self._token()
        code = code_from(self._random(16))
        self.screens.ask(new, code)
        return code, new

    def shown_code(self, request: Request) -> str | None:
        """The code of a screen that waits already; nothing is written."""
        token = request.cookies.get(COOKIE)
        line = self._line(token) if token else None
        return line.code if line is not None and line.state is ScreenState.WAITING else None

    def renewed(self, request: Request) -> str | None:
        """The token to hand out with a page: a new one when the present one is old; None for unknown screens."""
        token = request.cookies.get(COOKIE)
        line = self._line(token, fresh=True) if token else None
        if token is None or line is None or line.state is not ScreenState.APPROVED:
            return None
        if self.now() - line.rotated_at < ROTATE_AFTER:
            return token
        new = self._token()
        try:
            self.screens.rotate(line, token, new)
        except StoreError:  # a store that is busy now: the present token stays good
            return token
        self.forget()
        return new

    def forget(self) -> None:
        """Ask the store again for every screen: after an approval or a revocation."""
        with self._lock:
            self._known.clear()

    def _line(self, token: str, fresh: bool = False) -> ScreenLine | None:
        now = self._tick()
        with self._lock:
            kept = self._known.get(token)
        if kept and not fresh and now - kept[0] < REMEMBERED:
            return kept[1]
        line = self.screens.by_token(token)
        if line is not None and line.previous_hash is not None and self.screens.is_current(line, token):
            with suppress(StoreError):  # a store that is busy now: at a later look
                self.screens.rotated(line)
        with self._lock:
            if len(self._known) > 1000:
                self._known.clear()
            self._known[token] = (now, line)
        return line

    def _profile(self, line: ScreenLine) -> Profile:
        screen = self.usual.screen
        return Profile(
            line.unit or self.usual.unit,
            tuple(line.scenes) if line.scenes else self.usual.scenes,
            Screen(line.diagonal or screen.diagonal_inch, line.distance or screen.distance_m),
        )

    def _token(self) -> str:
        return self._random(32).hex()


def from_this_machine(request: Request) -> bool:
    """Whether the browser sits on this machine, asked for it by a local name, and no proxy stands between."""
    try:
        local = ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    host = request.host.rsplit(":", 1)[0] if not request.host.startswith("[") else request.host[1:].split("]")[0]
    return local and host in LOCAL_HOSTS and not any(name in request.headers for name in FORWARDED)


def set_token(response: Response, token: str, path: str, request: Request) -> None:
    """Give the screen its token: out of reach of scripts, for the wall's addresses only."""
    options: dict[str, Any] = {"path": path, "httponly": True, "samesite": "Lax", "secure": request.is_secure}
    response.set_cookie(COOKIE, token, max_age=COOKIE_LIVES, **options)
