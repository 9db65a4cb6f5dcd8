"""/api/v1: the same answers as the commands, for other programs.

Errors have one shape, {"error": {"code", "message"}}: 400 for wrong use, 503 when the
store cannot be used. Answers carry an ETag made of the data version, the minute and the
question; asked again with it, they are 304 without being computed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, request

from dashboard import answers
from dashboard.answers import Asked, Row
from dashboard.dimensions import DIMENSIONS
from dashboard.exports.record_file import RecordFile, record_file
from dashboard.exports.web import add_export_routes
from dashboard.openapi import describe
from dashboard.queries import Queries
from datasets.errors import OpsError, StoreError, UsageError
from datasets.indicators.records import PARTS
from datasets.messages import LANGUAGES
from datasets.units_territory import Boundaries

FORMATS = ("json", "csv")
FILTERS = tuple(DIMENSIONS.values())
"""Canonical columns that records and values may be narrowed by; an empty member is that of rows that do not say it."""
COUNTED = ("period", "unit", "indicator", "rules", "boundaries", "language", *FILTERS)
VALUES = (*COUNTED, "by", "format")
RECORDS = (*COUNTED, "part", "search", "offset", "limit", "format")
EXPORTS = tuple(name for name in RECORDS if name not in ("offset", "limit", "format"))
SOURCES = ("language",)
LIMIT = 10_000
"""Rows of one answer of /records at most; `X-Total-Count` says how many there are."""


def mount_api(server: Flask, queries: Queries) -> None:
    """Add the API to a server."""
    api = Blueprint("api", __name__, url_prefix="/api/v1")

    @api.get("/values")
    def values() -> Response:
        _only(VALUES)
        return _answer(queries, lambda: (answers.VALUE_KEYS, answers.values(queries, _asked(need_period=True)), None))

    @api.get("/records")
    def records() -> Response:
        _only(RECORDS)
        asked = _asked(need_period=True, need_indicator=True)
        return _answer(queries, lambda: answers.records(queries, asked))

    def whole_list() -> RecordFile:
        _only(EXPORTS)
        asked = _asked(need_period=True, need_indicator=True)
        return record_file(queries, answers.record_request(queries, asked), _language(queries))

    add_export_routes(api, whole_list)

    @api.get("/sources")
    def sources() -> Response:
        _only(SOURCES)
        return jsonify(answers.sources(queries, _language(queries)))

    @api.get("/openapi.json")
    def openapi() -> Response:
        return jsonify(describe(queries.settings.centre.name))

    @api.errorhandler(OpsError)
    def explain(error: OpsError) -> tuple[Response, int]:
        status = 400 if isinstance(error, UsageError) else 503 if isinstance(error, StoreError) else 500
        return problem(error.key, error.message(_language(queries))), status

    server.register_blueprint(api)


def problem(code: str, message: str) -> Response:
    """The one shape of an error."""
    return jsonify({"error": {"code": code, "message": message}})


def _language(queries: Queries) -> str:
    said = request.args.get("language", "")
    return said if said in LANGUAGES else queries.settings.centre.language


def _only(known: Sequence[str]) -> None:
    """A misspelt parameter is an error, not silently the default."""
    unknown = [name for name in request.args if name not in known]
    if unknown:
        raise UsageError("api.unknown_parameter", name=unknown[0], known=", ".join(known))


def _asked(*, need_period: bool = False, need_indicator: bool = False) -> Asked:
    """The question in the query string; units, indicators and periods may be repeated or joined by commas."""
    periods, indicators = _many("period"), _many("indicator")
    if need_period and not periods:
        raise UsageError("api.missing_parameter", name="period")
    if need_indicator and len(indicators) != 1:
        raise UsageError("api.missing_parameter", name="indicator")
    part = request.args.get("part", "numerator")
    if part not in PARTS:
        raise UsageError("error.part", value=part)
    boundaries = request.args.get("boundaries", Boundaries.NOW)
    if boundaries not in set(Boundaries):
        raise UsageError("api.boundaries", value=boundaries)
    return Asked(
        periods=periods,
        units=_many("unit"),
        indicators=indicators,
        by=request.args.get("by") or None,
        rules=request.args.get("rules") or None,
        part=part,
        filters={name: request.args[name] for name in FILTERS if name in request.args},
        search=request.args.get("search", "").strip(),
        boundaries=Boundaries(boundaries),
        offset=_whole("offset", 0),
        limit=min(_whole("limit", LIMIT), LIMIT),
    )


def _many(name: str) -> tuple[str, ...]:
    return tuple(part for said in request.args.getlist(name) for part in said.split(",") if part)


def _whole(name: str, default: int) -> int:
    said = request.args.get(name)
    if said is None:
        return default
    if not said.isdecimal():
        raise UsageError("api.not_a_count", name=name, value=said)
    return int(said)


Answered = tuple[Sequence[str], list[Row], int | None]


def _answer(queries: Queries, compute: Callable[[], Answered]) -> Response:
    """JSON or CSV with an ETag; 304 when the asker has it already."""
    wanted = request.args.get("format", "json")
    if wanted not in FORMATS:
        raise UsageError("api.unknown_format", value=wanted, known=", ".join(FORMATS))
    question = [request.path, sorted(request.args.items(multi=True))]
    tag = hashlib.sha256(json.dumps([queries.moment(), question]).encode()).hexdigest()[:24]
    if request.if_none_match.contains(tag):
        response = Response(status=304)
    else:
        columns, rows, total = queries.answer(("api", json.dumps(question)), compute)
        response = _written(wanted, columns, rows)
        if total is not None:
            response.headers["X-Total-Count"] = str(total)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _written(wanted: str, columns: Sequence[str], rows: list[dict[str, Any]]) -> Response:
    if wanted == "json":
        return Response(answers.as_json(rows), mimetype="application/json")
    name = request.path.rsplit("/", 1)[-1]
    response = Response("\ufeff" + answers.as_csv(columns, rows), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
