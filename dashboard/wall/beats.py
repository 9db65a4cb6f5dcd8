"""What screens say of themselves each minute, kept for the office.

Beats are gathered here and written together, so that two hundred screens cost a write
every ten seconds and not three a second.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from datasets.errors import StoreError
from datasets.store.screens import Screens

WRITTEN_EVERY = 10.0  # seconds
LARGEST = 2000  # bytes of a beat


@dataclass(frozen=True, slots=True)
class Beat:
    """scene now; data version shown; seconds since the last good answer; heap in MB; size; build; state."""

    scene: str
    version: int
    age: float
    heap: float | None
    width: int
    height: int
    build: str
    state: str

    @classmethod
    def of(cls, said: object) -> Beat | None:
        """A beat from what a page sent; None when it is not one."""
        if not isinstance(said, Mapping):
            return None
        try:
            heap = said.get("heap")
            return cls(
                scene=str(said["scene"])[:60],
                version=int(said["version"]),
                age=float(said["age"]),
                heap=None if heap is None else float(heap),
                width=int(said["width"]),
                height=int(said["height"]),
                build=str(said["build"])[:20],
                state=str(said["state"])[:10],
            )
        except (KeyError, TypeError, ValueError, OverflowError):
            return None


class Beats:
    """Gathers beats by screen and writes them now and then."""

    def __init__(
        self, screens: Screens, now: Callable[[], datetime], tick: Callable[[], float] = time.monotonic
    ) -> None:
        self._screens, self._now, self._tick = screens, now, tick
        self._told: dict[int, tuple[datetime, Mapping[str, Any]]] = {}
        self._written = -WRITTEN_EVERY
        self._lock = Lock()

    def take(self, screen: int, beat: Beat) -> None:
        """Keep a beat; write all that are kept when it is time. A store that cannot be written to is no trouble."""
        with self._lock:
            self._told[screen] = (self._now(), asdict(beat))
            if self._tick() - self._written < WRITTEN_EVERY:
                return
            self._written = self._tick()
        self.write()

    def write(self) -> None:
        """Write what is kept; what cannot be written now is kept for the next time."""
        with self._lock:
            told, self._told = self._told, {}
        if not told:
            return
        try:
            self._screens.beats(told)
        except StoreError:
            with self._lock:
                self._told = {**told, **self._told}
