"""Requests from the screens to the side that writes: the only thing a screen ever hands over.

A page asks ("replay this source", "what is in this file", "take it"), the scheduler's
process does it within seconds and leaves the answer here, where the page reads it.
Lines are kept: they say who handed in what, and when, and let the same file be
recognised when it comes twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from datasets.clock import Clock
from datasets.errors import OpsError, UsageError
from datasets.store.engine import writing
from datasets.store.tables import JOB

MOST_WAITING = 20


class Kind(StrEnum):
    """replay: try quarantined records again; preview: what a file would do; accept: take it."""

    REPLAY = "replay"
    PREVIEW = "preview"
    ACCEPT = "accept"


class State(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


OPEN = (State.WAITING, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """One request.

    source     whom it is about; "typed" for files handed in on a page
    payload    what the asker said, by kind
    asked_by   the name given on the page; "" where none is asked for
    digest     SHA-256 of the file it is about, else ""
    result     what came of it, by kind; for a failed one {error_key, error_params}
    """

    id: int
    kind: Kind
    source: str
    payload: dict[str, Any]
    asked_by: str
    asked_at: datetime
    digest: str
    state: State
    started_at: datetime | None
    ended_at: datetime | None
    result: dict[str, Any]

    @property
    def open(self) -> bool:
        return self.state in OPEN


class Jobs:
    """The requests of one store."""

    def __init__(self, engine: sa.Engine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def ask(
        self, kind: Kind, source: str, payload: Mapping[str, Any] | None = None, *, asked_by: str = "", digest: str = ""
    ) -> int:
        """Hand a request over and give its id. One that is already waiting is not doubled.

        Raises UsageError when too many wait: then nobody works them off.
        """
        with writing(self._engine) as connection:
            waiting = connection.execute(sa.select(JOB).where(JOB.c.state == State.WAITING)).mappings().all()
            for line in waiting:
                if (line["kind"], line["source"], line["payload"]) == (kind, source, dict(payload or {})):
                    return int(line["id"])
            if len(waiting) >= MOST_WAITING:
                raise UsageError("jobs.too_many", count=len(waiting))
            result = connection.execute(
                JOB.insert().values(
                    kind=kind,
                    source=source,
                    payload=dict(payload or {}),
                    asked_by=asked_by,
                    asked_at=self._clock(),
                    digest=digest,
                    state=State.WAITING,
                )
            )
            assert result.inserted_primary_key is not None
            return int(result.inserted_primary_key[0])

    def get(self, job_id: int) -> Job | None:
        found = self._read(sa.select(JOB).where(JOB.c.id == job_id))
        return found[0] if found else None

    def latest(self, *kinds: Kind, source: str | None = None, limit: int = 20) -> list[Job]:
        """The last requests of these kinds (all when none is named), the latest first."""
        asked = sa.select(JOB).order_by(JOB.c.id.desc()).limit(limit)
        if kinds:
            asked = asked.where(JOB.c.kind.in_(kinds))
        if source is not None:
            asked = asked.where(JOB.c.source == source)
        return self._read(asked)

    def taken(self, digest: str) -> Job | None:
        """The first time a file of this content was taken; None when it never was."""
        done = sa.and_(JOB.c.kind == Kind.ACCEPT, JOB.c.state == State.DONE, JOB.c.digest == digest)
        found = self._read(sa.select(JOB).where(done).order_by(JOB.c.id).limit(1))
        return found[0] if found else None

    def waiting(self) -> bool:
        """Whether there is anything to do; one look at a small index, for who asks often."""
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(JOB.c.id).where(JOB.c.state == State.WAITING).limit(1)) is not None

    def stamp(self) -> str:
        """Changes whenever a request is made or moves on."""
        with self._engine.connect() as connection:
            open_ones = connection.execute(
                sa.select(JOB.c.state, sa.func.count()).where(JOB.c.state.in_(OPEN)).group_by(JOB.c.state)
            )
            counts = {str(state): int(number) for state, number in open_ones}
            last = connection.scalar(sa.select(sa.func.max(JOB.c.id)))
            return f"{last}/{counts.get(State.WAITING, 0)}/{counts.get(State.RUNNING, 0)}"

    def claim(self) -> Job | None:
        """The oldest waiting request, now running and ours alone; None when there is none."""
        first = sa.select(sa.func.min(JOB.c.id)).where(JOB.c.state == State.WAITING)
        while True:
            with writing(self._engine) as connection:
                job_id: int | None = connection.scalar(first)
                if job_id is None:
                    return None
                ours = JOB.update().where(JOB.c.id == job_id, JOB.c.state == State.WAITING)
                if connection.execute(ours.values(state=State.RUNNING, started_at=self._clock())).rowcount:
                    break
        return self.get(job_id)

    def done(self, job_id: int, result: Mapping[str, Any]) -> None:
        self._end(job_id, State.DONE, dict(result))

    def failed(self, job_id: int, error: OpsError) -> None:
        self._end(job_id, State.FAILED, {"error_key": error.key, "error_params": error.params})

    def interrupted(self) -> int:
        """End what a dead process left running, and say how many. Only for who holds the lease "jobs"."""
        with writing(self._engine) as connection:
            left = JOB.update().where(JOB.c.state == State.RUNNING)
            result = {"error_key": "error.interrupted", "error_params": {}}
            return connection.execute(left.values(state=State.FAILED, ended_at=self._clock(), result=result)).rowcount

    def _end(self, job_id: int, state: State, result: dict[str, Any]) -> None:
        with writing(self._engine) as connection:
            connection.execute(
                JOB.update().where(JOB.c.id == job_id).values(state=state, ended_at=self._clock(), result=result)
            )

    def _read(self, asked: sa.Select[Any]) -> list[Job]:
        with self._engine.connect() as connection:
            return [_job(row) for row in connection.execute(asked).mappings()]


def _job(row: sa.RowMapping) -> Job:
    values = {name: row[name] for name in Job.__dataclass_fields__}
    values |= {"kind": Kind(row["kind"]), "state": State(row["state"]), "result": row["result"] or {}}
    return Job(**values)
