"""The clerks of the simulated communes: they drop the register's file while the sandbox runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread

from connectors.sandbox.documents.communes import COMMUNES, MAIN
from connectors.sandbox.documents.register_file import NAME, drop_register
from connectors.sandbox.documents.system import DocumentSystem
from datasets.clock import Clock
from datasets.messages import text
from datasets.settings import Settings

LOOK_EVERY_SECONDS = 60.0
NEIGHBOURS = tuple(commune.code for commune in COMMUNES if commune.code != MAIN)
log = logging.getLogger(__name__)


def keep_dropping(
    system: DocumentSystem, settings: Settings, clock: Clock, say: Callable[[str], None] = print
) -> Event | None:
    """Drop each file when it is due, in a thread that ends with the process or when the event is set.

    None when the configuration has no source of that name.
    """
    source = settings.sources.get(NAME)
    if source is None or source.connector != "files":
        return None
    folder, zone, ended = source.path, settings.centre.time_zone, Event()

    def work() -> None:
        while not ended.is_set():
            try:
                dropped = drop_register(system, NEIGHBOURS, folder, clock().astimezone(zone).replace(tzinfo=None))
            except OSError as error:
                log.error("sandbox cannot drop the register: %s", error.strerror)
            else:
                if dropped is not None:
                    say(text("sandbox.register", path=dropped))
            ended.wait(LOOK_EVERY_SECONDS)

    Thread(target=work, name="register", daemon=True).start()
    return ended
