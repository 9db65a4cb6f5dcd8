"""Signs of life: a long-running process writes the moment, another one sees when it stops.

The scheduler beats once a minute. Whoever looks (`connectors status`, /healthz) does so
from another process, so that a dead scheduler cannot hide that it is dead.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from datasets.clock import Clock
from datasets.store.engine import writing
from datasets.store.tables import HEARTBEAT

SCHEDULER = "scheduler"
SILENT_AFTER = timedelta(minutes=5)
"""Five beats missed: longer than a restart, a checkpoint or a locked store can take."""


class Heartbeats:
    """The heartbeats of one store."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

    def beat(self, name: str = SCHEDULER) -> None:
        """Say that `name` is alive now."""
        now = self._clock()
        with writing(self._engine) as connection:
            known = connection.execute(HEARTBEAT.update().where(HEARTBEAT.c.name == name).values(at=now)).rowcount
            if not known:
                connection.execute(HEARTBEAT.insert().values(name=name, at=now))

    def last(self, name: str = SCHEDULER) -> datetime | None:
        """When `name` was last alive; None when it never was."""
        with self._engine.connect() as connection:
            found: datetime | None = connection.scalar(sa.select(HEARTBEAT.c.at).where(HEARTBEAT.c.name == name))
            return found


def silent(last: datetime | None, now: datetime) -> bool:
    """Whether a process that was alive at `last` has been silent for too long; one never seen is not silent."""
    return last is not None and now - last > SILENT_AFTER
