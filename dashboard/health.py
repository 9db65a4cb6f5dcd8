"""/healthz: 200 when the house can do its work, 503 with what is wrong when not.

Failures: the store cannot be read; every source has been silent for longer than three
of its promises although it was pulled before, which means the scheduler is not running.
A single late source is a warning: the figures stand, with their age.
"""

from __future__ import annotations

from flask import Flask, Response, jsonify

from dashboard.queries import Queries
from datasets.errors import OpsError
from datasets.freshness import freshness
from datasets.messages import text


def health(queries: Queries) -> tuple[dict[str, object], bool]:
    """What /healthz says, and whether all is well enough to serve."""
    language = queries.settings.centre.language
    try:
        version = queries.version()
        reports = queries.source_reports(language)
    except OpsError as error:
        return {"status": "failing", "failures": [error.message(language)], "warnings": []}, False
    failures = []
    silent = [
        freshness(source.schedule, source.stale_after, report.line.last_attempt, queries.now(), queries.zone) == "stale"
        for report in reports
        if report.line.last_attempt and (source := queries.settings.sources[report.state.name])
    ]
    if silent and all(silent):
        failures.append(text("api.scheduler_silent", language))
    warnings = [f"{r.state.title}: {r.state.sentence}" for r in reports if r.state.freshness != "fresh"]
    said: dict[str, object] = {
        "status": "failing" if failures else "ok",
        "data_version": version,
        "now": queries.now().isoformat(timespec="seconds"),
        "failures": failures,
        "warnings": warnings,
    }
    return said, not failures


def mount_health(server: Flask, queries: Queries) -> None:
    @server.get("/healthz")
    def healthz() -> tuple[Response, int]:
        said, well = health(queries)
        return jsonify(said), 200 if well else 503
