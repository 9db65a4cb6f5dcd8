"""/healthz: 200 when the house can do its work, 503 with what is wrong when not.

Failures: the store cannot be read; the scheduler or the briefings' process, which write a
heartbeat each minute, has been silent for five; every source has been silent for longer
than three of its promises although it was pulled before. This is seen by the web's process,
so that the dead cannot hide it. A single late source is a warning: the figures stand, with
their age; so is a wall screen silent for ten minutes.
"""

from __future__ import annotations

from flask import Flask, Response, jsonify

from dashboard.briefing.job import HEARTBEAT as BRIEFINGS
from dashboard.queries import Queries
from dashboard.screens import silent_screens
from datasets.errors import OpsError
from datasets.freshness import freshness
from datasets.messages import text
from datasets.store.heartbeat import silent
from datasets.vietnamese import moment


def health(queries: Queries) -> tuple[dict[str, object], bool]:
    """What /healthz says, and whether all is well enough to serve."""
    language = queries.settings.centre.language
    try:
        version = queries.version()
        reports = queries.standings(language)
        seen = queries.scheduler_seen()
        wrote = queries.store.heartbeats.last(BRIEFINGS)
    except OpsError as error:
        return {"status": "failing", "failures": [error.message(language)], "warnings": []}, False
    failures = []
    if seen and silent(seen, queries.now()):
        failures.append(text("api.scheduler_dead", language, moment=moment(seen, queries.zone)))
    if wrote and silent(wrote, queries.now()):
        failures.append(text("alive.briefings_dead", language, moment=moment(wrote, queries.zone)))
    behind = [
        freshness(source.schedule, source.stale_after, report.line.last_attempt, queries.now(), queries.zone) == "stale"
        for report in reports
        if report.line.last_attempt and (source := queries.settings.sources[report.name])
    ]
    if behind and all(behind) and not (seen and silent(seen, queries.now())):
        failures.append(text("api.scheduler_silent", language))
    warnings = [f"{r.title}: {r.sentence}" for r in reports if r.freshness != "fresh"]
    warnings += silent_screens(queries, language)
    said: dict[str, object] = {
        "status": "failing" if failures else "ok",
        "data_version": version,
        "now": queries.now().isoformat(timespec="seconds"),
        "scheduler_seen": seen.astimezone(queries.zone).isoformat(timespec="seconds") if seen else None,
        "briefings_seen": wrote.astimezone(queries.zone).isoformat(timespec="seconds") if wrote else None,
        "failures": failures,
        "warnings": warnings,
    }
    return said, not failures


def mount_health(server: Flask, queries: Queries) -> None:
    @server.get("/healthz")
    def healthz() -> tuple[Response, int]:
        said, well = health(queries)
        return jsonify(said), 200 if well else 503
