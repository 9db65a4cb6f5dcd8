"""Working off what the screens ask for: one request at a time, each ended whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from connectors import typed
from connectors.house import House
from connectors.pull import UNEXPECTED, Caller
from connectors.replay import replay
from datasets import uploads
from datasets.errors import OpsError, PullError, StoreError
from datasets.logs import frames
from datasets.store.jobs import Job, Kind

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 20.0
"""How long a request waits for a pull of the same source to end."""


def work_off(house: House, stop: Callable[[], bool] = lambda: False) -> int:
    """Do every waiting request, oldest first; how many were done.

    Nothing when another process is at it.
    """
    try:
        with house.store.lease("jobs"):
            house.store.jobs.interrupted()  # we hold the lease, so whoever left one running is dead
            done = 0
            while not stop() and (job := house.store.jobs.claim()):
                _work(job, house, stop)
                done += 1
            uploads.sweep(house.settings.root, house.clock())
            return done
    except StoreError as error:
        if error.key != "error.lease_taken":
            raise
        return 0


def _work(job: Job, house: House, stop: Callable[[], bool]) -> None:
    try:
        result = _do(job, house, Caller(stop=stop, patience_seconds=PATIENCE_SECONDS))
    except Exception as fault:  # noqa: BLE001 - the boundary of one request: it is answered whatever happens
        error = fault if isinstance(fault, OpsError) else PullError(UNEXPECTED, kind=type(fault).__name__)
        if error is not fault:
            log.error("job=%d kind=%s fault\n%s", job.id, job.kind, frames(fault))
        log.warning("job=%d kind=%s failed error=%s", job.id, job.kind, error.key)
        house.store.jobs.failed(job.id, error)
        return
    house.store.jobs.done(job.id, result)
    log.info("job=%d kind=%s source=%s done", job.id, job.kind, job.source)


def _do(job: Job, house: House, caller: Caller) -> dict[str, Any]:
    match job.kind:
        case Kind.REPLAY:
            return {"counts": asdict(replay(job.source, house, caller))}
        case Kind.PREVIEW:
            return typed.preview(job, house)
        case Kind.ACCEPT:
            return typed.accept(job, house, caller)
