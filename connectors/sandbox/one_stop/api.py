"""The one-stop over HTTP.

    POST /token                 client credentials in a form -> a bearer token for 30 minutes
    GET  /api/ho-so             ?tuNgay=yyyyMMddHHmmss &maDonVi=99001[,99002] &page=1 &pageSize=200
                                dossiers changed since, by NgayCapNhat and MaHoSo
    GET, POST, DELETE /faults   the faults that are set (faults.py)
    GET  /                      what this is

Every answer says that its figures are invented: header X-So-Lieu, field so_lieu.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, Response, jsonify, request

from connectors.sandbox.faults import Faults
from connectors.sandbox.one_stop import answers
from connectors.sandbox.one_stop.answers import Sleep, refusal
from connectors.sandbox.one_stop.one_stop import OneStop
from connectors.sandbox.one_stop.tokens import LIFETIME, Tokens
from datasets.clock import Clock
from datasets.errors import UsageError
from datasets.messages import text

MOST_ROWS = 1000


def create_api(
    one_stop: OneStop, tokens: Tokens, faults: Faults, clock: Clock, time_zone: ZoneInfo, sleep: Sleep
) -> Flask:
    """The WSGI application. `sleep` takes seconds; tests hand in their own."""
    app = Flask(__name__)

    @app.after_request
    def say_it_is_simulated(answer: Response) -> Response:
        answer.headers["X-So-Lieu"] = "minh-hoa"
        return answer

    @app.get("/")
    def about() -> Response:
        return jsonify(
            {"so_lieu": "minh-hoa", "ghi_chu": text("sandbox.simulated"), "communes": list(one_stop.communes)}
        )

    @app.post("/token")
    def token() -> Response | tuple[Response, int]:
        given = request.authorization
        client = given.username if given and given.type == "basic" else request.form.get("client_id")
        secret = given.password if given and given.type == "basic" else request.form.get("client_secret")
        if request.form.get("grant_type") != "client_credentials":
            return jsonify({"error": "unsupported_grant_type", "so_lieu": "minh-hoa"}), 400
        issued = tokens.issue(client or "", secret or "")
        if issued is None:
            return jsonify({"error": "invalid_client", "so_lieu": "minh-hoa"}), 401
        seconds = int(LIFETIME.total_seconds())
        return jsonify({"access_token": issued, "token_type": "Bearer", "expires_in": seconds, "so_lieu": "minh-hoa"})

    @app.get("/api/ho-so")
    def dossiers() -> Response:
        strikes = faults.strike()
        given = request.authorization
        if given is None or given.type != "bearer" or not tokens.good(given.token or ""):
            return refusal(401, "401", text("sandbox.token_expired"))
        if (other := answers.instead(strikes)) is not None:
            return other
        try:
            since = _moment(request.args.get("tuNgay"))
            page, size = int(request.args.get("page", "1")), int(request.args.get("pageSize", "200"))
        except ValueError as error:
            return refusal(400, "01", text("sandbox.bad_parameter", value=error))
        if page < 1 or not 1 <= size <= MOST_ROWS:
            return refusal(400, "01", text("sandbox.bad_parameter", value=f"page={page} pageSize={size}"))
        asked = request.args.get("maDonVi", "")
        units = [unit.strip() for unit in asked.split(",") if unit.strip()] or list(one_stop.communes)
        entries = one_stop.changed(units, since, clock().astimezone(time_zone).replace(tzinfo=None))
        chosen, total = answers.page_of(entries, page, size, strikes)
        body = answers.envelope(answers.texts_of(chosen, one_stop, strikes), total, page, size)
        return answers.sent(body, strikes, sleep)

    @app.get("/faults")
    def list_faults() -> Response:
        return jsonify({"so_lieu": "minh-hoa", "faults": faults.listed()})

    @app.post("/faults")
    def set_fault() -> Response | tuple[Response, int]:
        said = request.get_json(silent=True)
        if not isinstance(said, dict):
            return refusal(400, "01", text("sandbox.fault_json"))
        try:
            fault = faults.add(said)
        except UsageError as error:
            return jsonify({"so_lieu": "minh-hoa", "error": error.message()}), 400
        return jsonify({"so_lieu": "minh-hoa", "fault": fault.said()}), 201

    @app.delete("/faults")
    def clear_faults() -> Response:
        faults.clear()
        return jsonify({"so_lieu": "minh-hoa", "faults": []})

    return app


def _moment(said: str | None) -> datetime | None:
    """tuNgay as a naive local moment; a bare date is its midnight. Raises ValueError."""
    if not said:
        return None
    return datetime.strptime(said, "%Y%m%d%H%M%S" if len(said) == 14 else "%Y%m%d")
