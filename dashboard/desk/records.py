"""The record list: the very rows behind the number that was clicked, page by page from the server."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import present
from dashboard.desk.address import PARTS, WORD_OF
from dashboard.desk.attributes import data
from dashboard.desk.visit import Visit
from dashboard.members import CHOICES, member_name
from dashboard.queries import Queries
from datasets.errors import UsageError
from datasets.indicators.records import RecordPage, RecordRequest
from datasets.messages import text
from datasets.periods import Period
from datasets.vietnamese import day, moment, number

COLUMNS = (
    ("dossier_code", 190),
    ("procedure_name", 320),
    ("procedure_field", 190),
    ("hamlet", 140),
    ("channel", 120),
    ("received_at", 150),
    ("due_at", 150),
    ("finished_at", 150),
    ("status", 170),
    ("timeliness", 130),
    ("working_days", 130),
    ("handler", 160),
)
"""Dossier columns of the list and their widths in px."""
OBSERVED = (("unit", 220), ("element", 320), ("period", 140), ("category", 160), ("value", 140), ("source", 200))
NUMBERS = {"working_days", "value", "fee_amount", "supplement_requests", "satisfaction"}
PAGE_ROWS = 100
GRID_THEME = (
    "themeQuartz.withParams({browserColorScheme:'dark',backgroundColor:'#121C30',foregroundColor:'#EAF0FA',"
    "chromeBackgroundColor:'#17233A',headerTextColor:'#A9B8D0',borderColor:'rgba(148,163,184,.16)',"
    "rowHoverColor:'#1A2740',accentColor:'#4C9AFF',fontFamily:'Be Vietnam Pro',fontSize:14,headerFontSize:13,"
    "headerFontWeight:500,spacing:7,wrapperBorder:false,wrapperBorderRadius:0,columnBorder:false})"
)
LOCALE_KEYS = (
    "loadingOoo",
    "noRowsToShow",
    "ariaRowSelect",
    "sortAscending",
    "sortDescending",
    "sortUnSort",
    "pinColumn",
)


def record_list(visit: Visit, default: str) -> Component:
    """The list's card: what it lists, how many, by which filters, and the grid."""
    indicator = visit.address.indicator or default
    try:
        definition = visit.queries.definition(indicator)
        page = visit.queries.records(_request(visit, indicator, limit=1))
    except UsageError as error:
        return html.Section(html.Div(error.message(visit.language), className="empty"), className="panel-card")
    query = {
        "indicator": indicator,
        "unit": visit.unit.code,
        "period": visit.period.id,
        "part": visit.address.part,
        "rules": visit.address.rules,
        "filters": dict(visit.address.filters),
        "language": visit.language,
        "version": visit.queries.version(),
    }
    _, denominator = definition.components(visit.address.rules)
    return html.Section(
        [
            html.Div(
                [
                    html.H3(visit.text("desk.records.title", name=definition.name[visit.language])),
                    html.Span(
                        visit.text("desk.records.count", count=number(page.total, language=visit.language)),
                        className="badge",
                        id="records-count",
                        **data(count=str(page.total)),
                    ),
                    _parts(visit) if denominator is not None else None,
                    html.Div(_chips(visit), className="filter-chips"),
                    html.A(visit.text("desk.records.download"), href=_download(visit, indicator), className="download"),
                ],
                className="records-head",
            ),
            dcc.Store(id="records-query", data=query),
            _grid(visit, page),
        ],
        className="panel-card records",
        id="records-card",
    )


def _request(visit: Visit, indicator: str, limit: int) -> RecordRequest:
    return RecordRequest(
        indicator=indicator,
        unit=visit.unit.code,
        period=visit.period,
        part=visit.address.part,
        rules=visit.address.rules,
        filters=dict(visit.address.filters),
        limit=limit,
    )


def _parts(visit: Visit) -> Component:
    """A rate has two lists: its numerator and its denominator."""
    return html.Div(
        [
            dcc.Link(
                visit.text(f"desk.records.{part}"),
                href=visit.href(part=part),
                className="part" + (" part-chosen" if visit.address.part == part else ""),
            )
            for part in PARTS.values()
        ],
        className="parts",
    )


def _chips(visit: Visit) -> list[Component]:
    """Each filter in words, with a link that takes it away."""
    return [
        dcc.Link(
            [
                visit.text(f"desk.column.{dimension}"),
                ": ",
                html.B(member_name(visit.queries, dimension, member, visit.language)),
                html.Span("×", className="chip-x"),
            ],
            href=visit.address.with_filter(dimension, None).href(visit.queries.settings.centre.language),
            className="filter-chip",
            title=visit.text("desk.filter.remove"),
        )
        for dimension, member in visit.address.filters.items()
    ]


def _download(visit: Visit, indicator: str) -> str:
    asked = {
        "indicator": indicator,
        "unit": visit.unit.code,
        "period": visit.period.id,
        "part": visit.address.part,
        "rules": visit.address.rules,
        "format": "csv",
        **visit.address.filters,
    }
    return f"/api/v1/records?{urlencode(asked)}"


def _grid(visit: Visit, page: RecordPage) -> Component:
    if page.total == 0:
        return html.Div(visit.text("desk.records.none"), className="empty")
    wanted = COLUMNS if "dossier_code" in page.columns else OBSERVED
    columns = [
        {
            "field": name,
            "headerName": visit.text(f"desk.column.{name}"),
            "width": width,
            "sortable": wanted is COLUMNS,
            "resizable": True,
            "type": "rightAligned" if name in NUMBERS else None,
            "pinned": "left" if name == "dossier_code" else None,
        }
        for name, width in wanted
    ]
    return dag.AgGrid(
        id="records",
        rowModelType="infinite",
        columnDefs=[{key: value for key, value in column.items() if value is not None} for column in columns],
        dashGridOptions={
            "theme": {"function": GRID_THEME},
            "rowHeight": 36,
            "headerHeight": 38,
            "cacheBlockSize": PAGE_ROWS,
            "maxBlocksInCache": 20,
            "rowBuffer": 20,
            "suppressDragLeaveHidesColumns": True,
            "suppressCellFocus": False,
            "enableCellTextSelection": True,
            "tooltipShowDelay": 400,
            "localeText": {key: visit.text(f"desk.grid.{key.lower()}") for key in LOCALE_KEYS},
        },
        className="grid",
        style={"height": min(max(page.total, 5), 12) * 36 + 58},
    )


def rows_for(queries: Queries, query: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, object]:
    """The rows the grid asks for (`startRow`, `endRow`, `sortModel`), ready to be read.

    `query` comes back from the browser; scope and rights are judged again in queries.
    """
    language = "en" if query.get("language") == "en" else "vi"
    start = max(int(asked.get("startRow") or 0), 0)
    limit = min(max(int(asked.get("endRow") or PAGE_ROWS) - start, 1), 500)
    known = {name for name, _ in COLUMNS}
    request = RecordRequest(
        indicator=str(query["indicator"]),
        unit=str(query["unit"]),
        period=Period.parse(str(query["period"])),
        part=str(query["part"]),
        rules=str(query["rules"]),
        filters={str(name): str(member) for name, member in dict(query["filters"]).items() if name in WORD_OF},
        sort=[(s["colId"], s["sort"] == "asc") for s in asked.get("sortModel") or () if s.get("colId") in known],
        offset=start,
        limit=limit,
    )
    page = queries.records(request)
    return {"rowData": [readable(queries, row, language) for row in page.rows], "rowCount": page.total}


def readable(queries: Queries, row: Mapping[str, object], language: str) -> dict[str, str]:
    """A row in words: dates dd/mm/yyyy, codes as their names, unknown as empty."""
    return {name: _said(queries, name, value, language) for name, value in row.items() if value is not None}


def _said(queries: Queries, name: str, value: object, language: str) -> str:
    if isinstance(value, datetime):
        return moment(value, queries.zone)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, bool):
        return text(f"choice.yes.{str(value).lower()}", language)
    if name in CHOICES:
        return member_name(queries, name, str(value), language)
    if name in ("unit", "hamlet"):
        return member_name(queries, "unit", str(value), language)
    if name == "source":
        return queries.source_title(str(value), language)
    if name == "element":
        element = queries.catalogue.elements.get(str(value))
        return element.name[language] if element else str(value)
    if name == "period":
        return Period.parse(str(value)).label(language)
    return present.as_reported(value, language) if isinstance(value, int | float) else str(value)
