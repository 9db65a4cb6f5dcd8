"""Petitions over HTTP.

    GET /api/phan-anh   ?tuNgay=yyyy-mm-ddThh:mm:ss &donVi=99001[,99002] &trang=0 &soBanGhi=100
                        changed since, by NgayCapNhat; Authorization: Bearer <token>
                        {"ketQua": [...], "tongSo": n}

`page` and the other faults of faults.py strike here as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from connectors.sandbox.faults import Faults
from connectors.sandbox.one_stop import answers
from connectors.sandbox.petitions.cases import Petitions, record
from datasets.clock import Clock
from datasets.messages import text

MOST_ROWS = 500


def petitions_api(
    petitions: Petitions,
    tokens: Collection[str],
    faults: Faults,
    clock: Clock,
    time_zone: ZoneInfo,
    sleep: Callable[[float], None],
) -> Blueprint:
    """The routes of the petition system. `tokens` are the bearer tokens that open it."""
    routes = Blueprint("petitions", __name__)

    @routes.get("/api/phan-anh")
    def changed() -> Response:
        strikes = faults.strike()
        given = request.authorization
        if given is None or given.type != "bearer" or given.token not in tokens:
            return answers.refusal(401, "401", text("sandbox.token_expired"))
        if (other := answers.instead(strikes)) is not None:
            return other
        try:
            said = request.args.get("tuNgay")
            since = datetime.fromisoformat(said) if said else None
            page, size = int(request.args.get("trang", "0")), int(request.args.get("soBanGhi", "100"))
        except ValueError as error:
            return answers.refusal(400, "01", text("sandbox.bad_parameter", value=error))
        if page < 0 or not 1 <= size <= MOST_ROWS:
            return answers.refusal(400, "01", text("sandbox.bad_parameter", value=f"trang={page} soBanGhi={size}"))
        units = [unit.strip() for unit in request.args.get("donVi", "").split(",") if unit.strip()]
        now = clock().astimezone(time_zone).replace(tzinfo=None)
        found = petitions.changed(units or petitions.units, since, now)
        chosen = [record(case, now) for _, case in found[page * size : (page + 1) * size]]
        body = {"so_lieu": "minh-hoa", "tongSo": len(found), "trang": page, "ketQua": chosen}
        return answers.sent(json.dumps(body, ensure_ascii=False).encode(), strikes, sleep)

    return routes
