"""The document system over HTTP, beside the one-stop and behind the same tokens and faults.

GET /api/van-ban        ?tuNgay=yyyyMMddHHmmss &maDonVi=99001 &page=1 &pageSize=200 &kemNoiDung=1
                        messages since, by moment and id; with kemNoiDung each with its edXML
GET /api/van-ban/<id>   one message, as XML
"""

from __future__ import annotations

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask, Response, request

from connectors.sandbox.documents.communes import COMMUNES
from connectors.sandbox.documents.message import message
from connectors.sandbox.documents.system import DocumentSystem, Entry
from connectors.sandbox.faults import Faults
from connectors.sandbox.one_stop import answers
from connectors.sandbox.one_stop.answers import Sleep, refusal
from connectors.sandbox.one_stop.tokens import Tokens
from datasets.clock import Clock
from datasets.messages import text

MOST_ROWS = 2000


def add_documents(
    app: Flask,
    system: DocumentSystem,
    tokens: Tokens,
    faults: Faults,
    clock: Clock,
    time_zone: ZoneInfo,
    sleep: Sleep,
) -> None:
    """Give the application the addresses above."""

    def now() -> datetime:
        return clock().astimezone(time_zone).replace(tzinfo=None)

    def stopped(strikes: answers.Strikes) -> Response | None:
        given = request.authorization
        if given is None or given.type != "bearer" or not tokens.good(given.token or ""):
            return refusal(401, "401", text("sandbox.token_expired"))
        return answers.instead(strikes)

    @app.get("/api/van-ban")
    def messages() -> Response:
        strikes = faults.strike()
        if (other := stopped(strikes)) is not None:
            return other
        try:
            said = request.args.get("tuNgay")
            since = datetime.strptime(said, "%Y%m%d%H%M%S") if said else None
            page, size = int(request.args.get("page", "1")), int(request.args.get("pageSize", "200"))
        except ValueError as error:
            return refusal(400, "01", text("sandbox.bad_parameter", value=error))
        if page < 1 or not 1 <= size <= MOST_ROWS:
            return refusal(400, "01", text("sandbox.bad_parameter", value=f"page={page} pageSize={size}"))
        asked = request.args.get("maDonVi", "")
        units = [unit.strip() for unit in asked.split(",") if unit.strip()] or [one.code for one in COMMUNES]
        chosen, total = answers.page_of(system.changed(units, since, now()), page, size, strikes)
        whole = request.args.get("kemNoiDung") == "1"
        texts = [json.dumps(_listed(entry, whole), ensure_ascii=False) for entry in chosen]
        return answers.sent(answers.envelope(texts, total, page, size), strikes, sleep)

    @app.get("/api/van-ban/<name>")
    def one_message(name: str) -> Response:
        strikes = faults.strike()
        if (other := stopped(strikes)) is not None:
            return other
        entry = system.entry(name, now())
        if entry is None:
            return refusal(404, "04", text("sandbox.bad_parameter", value=name))
        answer = answers.sent(message(entry.document, entry.place, system.names).encode(), strikes, sleep)
        answer.mimetype = "application/xml"
        return answer

    def _listed(entry: Entry, whole: bool) -> dict[str, str]:
        kind = "document" if entry.place == 0 else "status"
        said = {"id": entry.id, "loai": kind, "thoiGian": f"{entry.moment:%Y%m%d%H%M%S}"}
        if whole:
            said["edxml"] = message(entry.document, entry.place, system.names)
        return said
