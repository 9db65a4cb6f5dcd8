"""A server that answers as DHIS2's Web API does, for three of its resources.

    GET /dhis2/api/analytics           dimension=dx:A;B dimension=pe:2026W46 dimension=ou:99001-TYT [dimension=co]
    GET /dhis2/api/dataValueSets       dataSet, orgUnit, period (each may be repeated), children, lastUpdated
    GET /dhis2/api/organisationUnits

Everything is known by code only (idScheme=code). Credentials: `ApiToken <token>`, or
Basic with the token as password. 50,000 rows at most, as there: beyond, 409 and E7128.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, request

from connectors.sandbox.faults import Faults
from connectors.sandbox.health.system import MONTHLY, WEEKLY, Figure, HealthSystem
from connectors.sandbox.one_stop import answers
from connectors.sandbox.one_stop.answers import JSON, Sleep, Strikes
from datasets.clock import Clock
from datasets.errors import UsageError
from datasets.messages import text
from datasets.periods import Period, PeriodType

MOST_ROWS = 50_000
RATES = ("REPORTING_RATE", "REPORTING_RATE_ON_TIME", "ACTUAL_REPORTS", "ACTUAL_REPORTS_ON_TIME", "EXPECTED_REPORTS")
KINDS = {WEEKLY: PeriodType.WEEK, MONTHLY: PeriodType.MONTH}
Row = list[str]


class _Conflict(Exception):
    """What DHIS2 answers 409 to, with its error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def dhis2_api(
    system: HealthSystem,
    tokens: frozenset[str],
    faults: Faults,
    clock: Clock,
    zone: ZoneInfo,
    sleep: Sleep,
    *,
    most_rows: int = MOST_ROWS,
) -> Blueprint:
    """The three resources under /dhis2/api."""
    api = Blueprint("dhis2", __name__, url_prefix="/dhis2/api")

    def answered(make: Callable[[datetime, Strikes], dict[str, object]]) -> Response:
        strikes = faults.strike()
        if not _known(tokens):
            return _error(401, "E1000", text("sandbox.dhis2.unauthorised"))
        if (other := answers.instead(strikes)) is not None:
            return other
        try:
            body = make(clock().astimezone(zone).replace(tzinfo=None), strikes)
        except _Conflict as conflict:
            return _error(409, conflict.code, conflict.message)
        return answers.sent(json.dumps(body, ensure_ascii=False).encode(), strikes, sleep)

    @api.get("/analytics")
    @api.get("/analytics.json")
    def analytics() -> Response:
        return answered(lambda now, strikes: _analytics(system, now, strikes, most_rows))

    @api.get("/dataValueSets")
    @api.get("/dataValueSets.json")
    def data_values() -> Response:
        return answered(lambda now, strikes: _data_values(system, now, strikes, zone))

    @api.get("/organisationUnits")
    @api.get("/organisationUnits.json")
    def units() -> Response:
        found = [
            {"code": station.code, "name": station.name, "level": 3, "parent": {"code": station.commune}}
            for station in system.stations.values()
        ]
        return answered(lambda now, strikes: {"organisationUnits": found})

    return api


def _known(tokens: frozenset[str]) -> bool:
    given = request.authorization
    if given is not None and given.type == "basic":
        return given.password in tokens
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme == "ApiToken" and token in tokens


def _error(status: int, code: str, message: str) -> Response:
    said = {"httpStatusCode": status, "status": "ERROR", "errorCode": code, "message": message}
    return Response(json.dumps(said, ensure_ascii=False), status, mimetype=JSON)


def _analytics(system: HealthSystem, now: datetime, strikes: Strikes, most_rows: int) -> dict[str, object]:
    asked = dict(map(_dimension, request.args.getlist("dimension")))
    for name, code in (("dx", "E7125"), ("pe", "E7124"), ("ou", "E7124")):
        if not asked.get(name):
            raise _Conflict(code, text("sandbox.dhis2.dimension", name=name))
    by_combo = "co" in asked
    rows: list[Row] = []
    for period in map(_period, asked["pe"]):
        for unit in asked["ou"]:
            rows += _cells(system, asked["dx"], period, unit, by_combo, now)
    if len(rows) > most_rows:
        raise _Conflict("E7128", text("sandbox.dhis2.too_many", limit=most_rows))
    names = ["dx", "co", "pe", "ou", "value"] if by_combo else ["dx", "pe", "ou", "value"]
    if fault := strikes.get("renamed_column"):
        names = [fault.text("name") if name == "value" else name for name in names]
    if "dirty_rows" in strikes and rows:
        rows[0][-1] = "NaN."
    headers = [{"name": name, "column": name, "valueType": "NUMBER" if name == names[-1] else "TEXT"} for name in names]
    return {"headers": headers, "rows": rows, "width": len(names), "height": len(rows), "metaData": {}}


def _cells(
    system: HealthSystem, wanted: Iterable[str], period: Period, unit: str, by_combo: bool, now: datetime
) -> list[Row]:
    """The rows of one period and unit, added up over the stations below it."""
    stations = system.below(unit)
    sums: Counter[tuple[str, str]] = Counter()
    for station in stations:
        for figure in system.figures(station, period, now):
            sums[figure.element, figure.combo if by_combo else ""] += figure.value
    rows = []
    for dx in wanted:
        data_set, _, rate = dx.partition(".")
        if rate in RATES and data_set in KINDS:
            if KINDS[data_set] is period.type and not by_combo:
                reports = [r for s in stations if (r := system.report(s, period, now)) is not None]
                found = _rates(len(reports), sum(r.sent is not None for r in reports), sum(r.on_time for r in reports))
                rows += [[dx, period.id, unit, found[rate]]] if reports else []
            continue
        for (element, combo), value in sums.items():
            if element == dx:
                rows.append([dx, *([combo] if by_combo else []), period.id, unit, f"{value}.0"])
    return rows


def _rates(expected: int, actual: int, on_time: int) -> dict[str, str]:
    share = 100 / expected if expected else 0.0
    numbers = (actual * share, on_time * share, actual, on_time, expected)
    return {name: f"{number:.1f}" for name, number in zip(RATES, numbers, strict=True)}


def _data_values(system: HealthSystem, now: datetime, strikes: Strikes, zone: ZoneInfo) -> dict[str, object]:
    sets, units = request.args.getlist("dataSet"), request.args.getlist("orgUnit")
    periods = [_period(said) for said in request.args.getlist("period")]
    updated = request.args.get("lastUpdated")
    if not sets or not units or not (periods or updated):
        raise _Conflict("E2001", text("sandbox.dhis2.dimension", name="dataSet, orgUnit, period"))
    unknown = [name for name in sets if name not in KINDS]
    if unknown:
        raise _Conflict("E2010", text("sandbox.dhis2.dimension", name=", ".join(unknown)))
    since = datetime.fromisoformat(updated) if updated else None
    children = request.args.get("children") == "true"
    kinds = {KINDS[name] for name in sets}
    found = [
        _value(figure, zone)
        for unit in units
        for station in system.below(unit)
        if children or station.code == unit
        for period in periods
        if period.type in kinds
        for figure in system.figures(station, period, now)
        if since is None or figure.updated >= since
    ]
    if fault := strikes.get("renamed_column"):
        for value in found:
            value[fault.text("name")] = value.pop("value")
    if "dirty_rows" in strikes and found:
        found[0]["value"] = "NaN."
    return {"dataValues": found} if found else {}


def _value(figure: Figure, zone: ZoneInfo) -> dict[str, object]:
    stamp = figure.updated.replace(tzinfo=zone).strftime("%Y-%m-%dT%H:%M:%S.000%z")
    return {
        "dataElement": figure.element,
        "period": figure.period,
        "orgUnit": figure.unit,
        "categoryOptionCombo": figure.combo,
        "attributeOptionCombo": "default",
        "value": str(figure.value),
        "storedBy": "tyt.minhhoa",
        "created": stamp,
        "lastUpdated": stamp,
        "followup": False,
    }


def _dimension(said: str) -> tuple[str, list[str]]:
    name, _, items = said.partition(":")
    return name, [item for item in items.split(";") if item]


def _period(said: str) -> Period:
    try:
        return Period.parse(said)
    except UsageError:
        raise _Conflict("E7124", text("sandbox.dhis2.dimension", name=f"pe:{said[:20]}")) from None
