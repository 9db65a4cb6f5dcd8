"""What a store needs beside data: a sign of life, a short log, and not to remember too much.

each minute   the heartbeat, by which other processes see that the scheduler lives
each hour     the write-ahead log is folded into the database file (failures.md F30)
each night    what was kept of quarantined records, refused deliveries and files is forgotten after its time
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from connectors.house import House
from connectors.old_files import forget_files
from connectors.raw_answers import forget_raw
from datasets.errors import OpsError

log = logging.getLogger(__name__)

EACH_MINUTE, EACH_HOUR, EACH_NIGHT = "* * * * *", "17 * * * *", "40 3 * * *"


class Housekeeping:
    """The chores of one house; one that fails is logged and comes again at its next time."""

    def __init__(self, house: House) -> None:
        self._house = house

    @property
    def chores(self) -> dict[str, tuple[str, Callable[[], None]]]:
        """Cron line and work of each chore, by name."""
        return {
            "heartbeat": (EACH_MINUTE, self.beat),
            "checkpoint": (EACH_HOUR, self.checkpoint),
            "forget": (EACH_NIGHT, self.forget),
        }

    def beat(self) -> None:
        self._kept("heartbeat", self._house.store.heartbeats.beat)

    def checkpoint(self) -> None:
        self._kept("checkpoint", self._house.store.checkpoint)

    def forget(self) -> None:
        def forgotten() -> None:
            before = self._house.clock() - self._house.settings.privacy.keep_set_aside
            number = self._house.store.quarantine.forget_payloads(before)
            files = forget_files(self._house.settings, before.astimezone(self._house.settings.centre.time_zone).date())
            raw = forget_raw(self._house.settings.root, before)
            log.info("housekeeping forgot=%d files=%d raw=%d", number, files, raw)

        self._kept("forget", forgotten)

    def _kept(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except OpsError as error:
            log.warning("housekeeping chore=%s error=%s", name, error.key)
