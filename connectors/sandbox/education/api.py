"""The school software over HTTP, beside the one-stop and behind the same tokens and faults.

GET /oneroster/csv   ?version=1.2 &school=99001-TH,99001-CS &since=2026-11-01
                     the rosters as a OneRoster CSV zip; with `since` a delta
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask, Response, request

from connectors.sandbox.education.rosters import USERS, roster_zip
from connectors.sandbox.education.schools import Schools
from connectors.sandbox.faults import Faults
from connectors.sandbox.one_stop import answers
from connectors.sandbox.one_stop.answers import Sleep, refusal
from connectors.sandbox.one_stop.tokens import Tokens
from datasets.clock import Clock
from datasets.messages import text


def add_education(
    app: Flask, schools: Schools, tokens: Tokens, faults: Faults, clock: Clock, time_zone: ZoneInfo, sleep: Sleep
) -> None:
    """Give the application the address above. The roster is made at six in the morning."""
    made: dict[tuple[object, ...], bytes] = {}

    @app.get("/oneroster/csv")
    def roster() -> Response:
        strikes = faults.strike()
        given = request.authorization
        if given is None or given.type != "bearer" or not tokens.good(given.token or ""):
            return refusal(401, "401", text("sandbox.token_expired"))
        if (other := answers.instead(strikes)) is not None:
            return other
        version = request.args.get("version", "1.2")
        try:
            said = request.args.get("since")
            since = date.fromisoformat(said) if said else None
            if version not in USERS:
                raise ValueError(version)
        except ValueError as error:
            return refusal(400, "01", text("sandbox.bad_parameter", value=error))
        asked = {code.strip() for code in request.args.get("school", "").split(",") if code.strip()}
        now = clock().astimezone(time_zone).replace(tzinfo=None)
        morning = datetime(now.year, now.month, now.day, min(now.hour, 6))
        question = (version, since, morning, frozenset(asked))
        if question not in made:
            made.clear()
            chosen = [school for school in schools.all if not asked or school.code in asked]
            made[question] = roster_zip(schools, chosen, morning, version, since)
        answer = answers.sent(made[question], strikes, sleep)
        answer.headers["Content-Type"] = "application/zip"
        return answer
