"""The description of the API, OpenAPI 3.1. A test holds it against the routes and their parameters."""

from __future__ import annotations

from typing import Any

from dashboard.dimensions import DIMENSIONS
from datasets.indicators import rules as rule_sets
from datasets.indicators.records import PARTS
from datasets.messages import LANGUAGES
from datasets.units_territory import Boundaries

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": ["number", "null"]}
_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
_FILTERS = tuple(DIMENSIONS.values())

VALUE: Schema = {
    "type": "object",
    "required": [
        "indicator", "unit", "period", "rules", "by", "value", "numerator", "denominator", "status", "target", "as_of",
        "sources",
    ],
    "properties": {
        "indicator": _TEXT,
        "unit": _TEXT,
        "period": _TEXT,
        "rules": {"type": ["string", "null"]},
        "by": {"type": ["object", "null"], "additionalProperties": _TEXT},
        "value": _NUMBER,
        "numerator": _NUMBER,
        "denominator": _NUMBER,
        "status": {"enum": ["good", "watch", "bad", "none"]},
        "target": _NUMBER,
        "as_of": _MOMENT,
        "sources": {"type": "array", "items": _TEXT},
    },
}  # fmt: skip

_COUNT: Schema = {"type": "integer"}
SOURCE: Schema = {
    "type": "object",
    "required": [
        "source", "title", "dataset", "verdict", "last_success", "last_attempt", "next_run", "bookmark", "as_of",
        "rows", "quarantined", "freshness", "since", "why", "sentence", "todo", "contact", "failures", "last_pull",
        "drift", "vanished", "refused_files", "notices", "reconciled", "reconciled_at", "scheduler_last_seen",
        "scheduler_silent",
    ],
    "properties": {
        **dict.fromkeys(("source", "title", "dataset", "verdict"), _TEXT),
        **dict.fromkeys(("last_success", "last_attempt", "next_run", "bookmark", "as_of", "since"), _MOMENT),
        "rows": _COUNT,
        "quarantined": _COUNT,
        "freshness": {"enum": ["fresh", "late", "stale", "never"]},
        "why": {"type": ["string", "null"]},
        **dict.fromkeys(("sentence", "todo"), _TEXT),
        "contact": {"type": ["string", "null"]},
        **dict.fromkeys(("failures", "vanished"), _COUNT),
        "drift": {"type": "array", "items": {"type": "object"}},
        "refused_files": {"type": "array", "items": {"type": "object"}},
        "notices": {"type": "array", "items": _TEXT},
        "reconciled": {"type": ["object", "null"]},
        **dict.fromkeys(("reconciled_at", "scheduler_last_seen"), _MOMENT),
        "scheduler_silent": {"type": "boolean"},
        "last_pull": {"type": "object", "additionalProperties": _COUNT},
    },
}  # fmt: skip

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {"type": "object", "required": ["code", "message"], "properties": {"code": _TEXT, "message": _TEXT}}
    },
}


def describe(title: str) -> Schema:
    """The OpenAPI document."""
    list_of = {"type": "array", "items": {"$ref": "#/components/schemas/Value"}}
    rows = {"type": "array", "items": {"type": "object"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "paths": {
            "/api/v1/values": _get("Figures", _values(), list_of, csv=True),
            "/api/v1/records": _get("The rows behind one figure", _records(), rows, csv=True),
            "/api/v1/records.xlsx": _file("The whole list behind one figure, a workbook", XLSX_TYPE),
            "/api/v1/records.csv": _file("The whole list behind one figure, to open in a spreadsheet", "text/csv"),
            "/api/v1/sources": _get(
                "How each source stands",
                [_LANGUAGE],
                {"type": "array", "items": {"$ref": "#/components/schemas/Source"}},
            ),
            "/api/v1/openapi.json": _get("This description", [], {"type": "object"}),
        },
        "components": {"schemas": {"Value": VALUE, "Source": SOURCE, "Error": ERROR}},
    }


def _query(name: str, schema: Schema, *, required: bool = False, many: bool = False) -> Schema:
    parameter: Schema = {"name": name, "in": "query", "required": required}
    if many:
        return parameter | {"schema": {"type": "array", "items": schema}, "style": "form", "explode": True}
    return parameter | {"schema": schema}


_LANGUAGE = _query("language", {"enum": list(LANGUAGES)})


def _narrowing() -> list[Schema]:
    return [
        _query("rules", {"enum": list(rule_sets.BY_ID), "default": rule_sets.DEFAULT}),
        _query("boundaries", {"enum": [each.value for each in Boundaries], "default": Boundaries.NOW.value}),
        _LANGUAGE,
        *(_query(name, _TEXT) for name in _FILTERS),
    ]


def _common() -> list[Schema]:
    return [_query("format", {"enum": ["json", "csv"], "default": "json"}), *_narrowing()]


def _values() -> list[Schema]:
    return [
        _query("period", _TEXT, required=True, many=True),
        _query("unit", _TEXT, many=True),
        _query("indicator", _TEXT, many=True),
        _query("by", _TEXT),
        *_common(),
    ]


def _list() -> list[Schema]:
    return [
        _query("period", _TEXT, required=True),
        _query("indicator", _TEXT, required=True),
        _query("unit", _TEXT),
        _query("part", {"enum": list(PARTS), "default": "numerator"}),
        _query("search", _TEXT),
    ]


def _records() -> list[Schema]:
    count = {"type": "integer", "minimum": 0}
    return [*_list(), _query("offset", count), _query("limit", count), *_common()]


def _file(summary: str, kind: str) -> Schema:
    described = _get(summary, [*_list(), *_narrowing()], _TEXT)
    described["get"]["responses"]["200"]["content"] = {kind: {"schema": {"type": "string", "format": "binary"}}}
    return described


def _get(summary: str, parameters: list[Schema], schema: Schema, *, csv: bool = False) -> Schema:
    content: Schema = {"application/json": {"schema": schema}}
    if csv:
        content["text/csv"] = {"schema": _TEXT}
    error = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    responses: Schema = {"200": {"description": summary, "content": content}}
    if parameters:
        responses |= {"400": {"description": "Wrong use", **error}, "503": {"description": "Store unusable", **error}}
    if csv:
        responses["304"] = {"description": "Unchanged"}
    return {"get": {"summary": summary, "parameters": parameters, "responses": responses}}
