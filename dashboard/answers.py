"""The answers of `python -m dashboard values|records` and of the API: one computation, one shape.

Values are a list of {indicator, unit, period, rules, by, value, numerator, denominator,
status, target, as_of, sources}; what is not known is null, never absent. Records are a
list of canonical rows; moments are ISO with their zone, dates ISO.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard import present
from dashboard.queries import EVERYONE, Queries, Viewer
from datasets.clock import system_clock
from datasets.indicators import rules as rule_sets
from datasets.indicators.calculate import Request
from datasets.indicators.records import RecordRequest
from datasets.indicators.value import Value
from datasets.periods import Period
from datasets.standing import told
from datasets.units_territory import Boundaries
from datasets.vietnamese import ABSENT, number

VALUE_KEYS = (
    "indicator", "unit", "period", "rules", "by", "value", "numerator", "denominator", "status", "target", "as_of",
    "sources",
)  # fmt: skip
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command line or a query string asks for; None and empty mean the default."""

    periods: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    by: str | None = None
    rules: str | None = None
    part: str = "numerator"
    filters: Mapping[str, str] = field(default_factory=dict)
    search: str = ""
    boundaries: Boundaries = Boundaries.NOW
    offset: int = 0
    limit: int | None = None


def values(queries: Queries, asked: Asked, viewer: Viewer = EVERYONE) -> list[Row]:
    """Every asked figure in the order of indicators, units, periods. Defaults: all indicators, the centre's unit.

    With `by` and no indicators, those that can be split so. Raises UsageError.
    """
    indicators = asked.indicators or tuple(
        definition.id
        for definition in queries.catalogue.indicators.values()
        if asked.by in (None, "unit") or asked.by in definition.drill_by
    )
    request = Request(
        indicators=indicators,
        units=asked.units or (queries.settings.centre.unit,),
        periods=tuple(Period.parse(said) for said in asked.periods),
        rules=asked.rules or rule_sets.DEFAULT,
        by=asked.by,
        filters=dict(asked.filters),
        boundaries=asked.boundaries,
    )
    return [value_row(value, queries.zone) for value in queries.values(request, viewer)]


def value_row(value: Value, zone: ZoneInfo) -> Row:
    """One value as the contract says it; its moment in the zone of the centre, as everywhere else."""
    return {
        "indicator": value.indicator,
        "unit": value.unit,
        "period": value.period,
        "rules": value.rules or None,
        "by": value.by,
        "value": value.value,
        "numerator": value.numerator,
        "denominator": value.denominator,
        "status": value.status.value,
        "target": value.target,
        "as_of": value.as_of.astimezone(zone).isoformat(timespec="seconds") if value.as_of else None,
        "sources": list(value.sources),
    }


def records(queries: Queries, asked: Asked, viewer: Viewer = EVERYONE) -> tuple[tuple[str, ...], list[Row], int]:
    """Columns, rows and the count of all rows behind one number. Raises UsageError."""
    page = queries.records(record_request(queries, asked), viewer)
    rows = [{name: _plain(queries, row.get(name)) for name in page.columns} for row in page.rows]
    return page.columns, rows, page.total


def record_request(queries: Queries, asked: Asked) -> RecordRequest:
    """The list that is asked for. Raises UsageError for a period that is none."""
    return RecordRequest(
        indicator=asked.indicators[0],
        unit=asked.units[0] if asked.units else queries.settings.centre.unit,
        period=Period.parse(asked.periods[0]),
        part=asked.part,
        rules=asked.rules or rule_sets.DEFAULT,
        filters=dict(asked.filters),
        search=asked.search,
        offset=asked.offset,
        limit=asked.limit,
        boundaries=asked.boundaries,
    )


def sources(queries: Queries, language: str) -> list[Row]:
    """Every source as `python -m connectors status --format json` says it."""
    stands_still = queries.clock is not system_clock
    lines = told(queries.store, queries.settings, queries.now(), language, stands_still=stands_still)
    return [{name: _plain(queries, value) for name, value in line.items()} for line in lines]


def as_json(rows: Sequence[Row]) -> str:
    return json.dumps(list(rows), ensure_ascii=False, indent=1)


def as_csv(columns: Sequence[str], rows: Sequence[Row]) -> str:
    """Comma-separated with a header; unknown is empty, lists are joined by ";".

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return out.getvalue()


def as_table(queries: Queries, rows: Sequence[Row], language: str) -> str:
    """Values for a person at a terminal: indicator, unit, period, number with its unit."""
    lines = []
    for row in rows:
        definition = queries.definition(row["indicator"])
        unit = queries.units.get(row["unit"])
        said = ABSENT if row["value"] is None else present.with_unit(row["value"], definition.unit, language)
        parts = (
            ""
            if row["denominator"] is None
            else (f"{number(row['numerator'], language=language)} / {number(row['denominator'], language=language)}")
        )
        member = ", ".join((row["by"] or {}).values())
        lines.append(
            (definition.name[language], unit.name, Period.parse(row["period"]).label(language), member, said, parts)
        )
    widths = [max((len(line[i]) for line in lines), default=0) for i in range(6)]
    right = {4, 5}
    return "\n".join(
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
            if width
        ).rstrip()
        for line in lines
    )


def _plain(queries: Queries, value: object) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(queries.zone).isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, list | tuple):
        return ";".join(map(str, value))
    if isinstance(value, dict):
        return ";".join(f"{name}={member}" for name, member in value.items())
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
