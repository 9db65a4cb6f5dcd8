"""One answer of GET /api/ho-so, whole or spoilt by faults."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import TypeVar

from flask import Response

from connectors.sandbox.faults import Fault
from connectors.sandbox.one_stop import dirt
from connectors.sandbox.one_stop.one_stop import OneStop
from connectors.sandbox.one_stop.record import Record
from connectors.sandbox.one_stop.register import Entry
from datasets.messages import text

JSON = "application/json; charset=utf-8"
LOGIN_PAGE = (
    "<!DOCTYPE html><html lang='vi'><head><title>{title}</title></head><body><form>{title}</form></body></html>"
)
Strikes = Mapping[str, Fault]
Sleep = Callable[[float], None]
T = TypeVar("T")


def page_of(entries: list[T], page: int, size: int, strikes: Strikes) -> tuple[list[T], int]:
    """The entries of a page (from 1) and the total said, with the faults of paging."""
    total, start = len(entries), (page - 1) * size
    shift = strikes.get("shifted_pages")
    if shift and page > 1:
        rows = int(shift.number("rows"))
        match shift.text("mode"):
            case "move":  # rows read on page 1 were changed meanwhile and went to the end
                entries = entries[rows:] + entries[:rows]
            case "insert":
                start, total = start - rows, total + rows
            case _:
                start, total = start + rows, max(total - rows, 0)
    if "endless_pages" in strikes and total:
        start %= -(-total // size) * size
    chosen = entries[max(start, 0) : max(start, 0) + size]
    if "duplicates" in strikes:
        rows = int(strikes["duplicates"].number("rows"))
        again = entries[max(start - rows, 0) : start] if start else entries[:rows]
        chosen = again + chosen
    if "empty_page" in strikes:
        chosen = []
    if "wrong_total" in strikes:
        total += int(strikes["wrong_total"].number("by"))
    return chosen, total


def texts_of(chosen: list[Entry], one_stop: OneStop, strikes: Strikes) -> list[str]:
    """The page's records as JSON, with the faults of columns and values."""
    if not strikes.keys() & {"unknown_column", "renamed_column", "dirty_rows"}:
        return [one_stop.text(entry) for entry in chosen]
    return [json.dumps(_spoilt(one_stop.record(entry), entry, strikes), ensure_ascii=False) for entry in chosen]


def _spoilt(said: Record, entry: Entry, strikes: Strikes) -> Record:
    if fault := strikes.get("unknown_column"):
        said[fault.text("name")] = fault.setting["value"]
    if fault := strikes.get("renamed_column"):
        said = {fault.text("name") if name == fault.text("column") else name: value for name, value in said.items()}
    if fault := strikes.get("dirty_rows"):
        random = Random(entry.dossier.salt)
        if random.random() < fault.number("share"):
            dirt.spoil(said, random)
    return said


def envelope(texts: list[str], total: int, page: int, size: int) -> bytes:
    """The answer's body."""
    head = json.dumps(
        {"error_code": "00", "error_message": "", "so_lieu": "minh-hoa", "ghi_chu": text("sandbox.simulated")},
        ensure_ascii=False,
    )
    items = ",\n".join(texts)
    data = f'{{"total":{total},"page":{page},"pageSize":{size},"items":[{items}]}}'
    return f'{head[:-1]},"data":{data}}}'.encode()


def refusal(status: int, code: str, message: str) -> Response:
    """An error in the system's own form."""
    said = {"error_code": code, "error_message": message, "so_lieu": "minh-hoa", "data": None}
    return Response(json.dumps(said, ensure_ascii=False), status, mimetype=JSON)


def instead(strikes: Strikes) -> Response | None:
    """The answer that comes in place of the page, when a fault says so."""
    if "expired_token" in strikes:
        return refusal(401, "401", text("sandbox.token_expired"))
    if fault := strikes.get("too_many"):
        answer = refusal(429, "429", text("sandbox.too_many"))
        answer.headers["Retry-After"] = fault.text("retry_after")
        return answer
    if fault := strikes.get("error"):
        return Response(text("sandbox.server_error"), int(fault.number("status")), mimetype="text/plain")
    if "login_page" in strikes:
        return Response(LOGIN_PAGE.format(title=text("sandbox.login_page")), 200, mimetype="text/html")
    if "error_envelope" in strikes:
        return refusal(200, "99", text("sandbox.server_error"))
    if fault := strikes.get("redirect"):
        return Response("", 302, {"Location": fault.text("to")})
    return None


def sent(body: bytes, strikes: Strikes, sleep: Sleep) -> Response:
    """The body on its way, with the faults of the line."""
    if fault := strikes.get("slow"):
        sleep(fault.number("seconds"))
    if "broken_json" in strikes:
        body = body[: len(body) * 2 // 3]
    if "truncated" in strikes:
        cut = Response(iter([body[: len(body) * 2 // 3]]), 200, mimetype=JSON, direct_passthrough=True)
        cut.headers["Content-Length"] = str(len(body))
        cut.headers["Connection"] = "close"
        return cut
    if fault := strikes.get("drip"):
        dripping = Response(_drip(body, fault, sleep), 200, mimetype=JSON, direct_passthrough=True)
        dripping.headers["Content-Length"] = str(len(body))
        return dripping
    return Response(body, 200, mimetype=JSON)


def _drip(body: bytes, fault: Fault, sleep: Sleep) -> Iterator[bytes]:
    step = max(1, int(fault.number("bytes")))
    for start in range(0, len(body), step):
        yield body[start : start + step]
        sleep(fault.number("seconds"))
