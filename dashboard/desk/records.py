"""The record list: the very rows behind the number that was clicked, page by page from the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from dash.development.base_component import Component

from dashboard.desk.address import PARTS, WORD_OF
from dashboard.desk.attributes import aria, data
from dashboard.desk.light import dcc, html
from dashboard.desk.parts import Grid, Search
from dashboard.desk.visit import Visit
from dashboard.members import member_name
from dashboard.queries import Queries
from dashboard.record_words import columns, said
from datasets.errors import UsageError
from datasets.indicators.definition import Definition
from datasets.indicators.records import RecordPage, RecordRequest
from datasets.periods import Period
from datasets.units_territory import Boundaries
from datasets.vietnamese import number

PAGE_ROWS = 100
ROW_PX, HEAD_PX, MOST_SHOWN = 36, 38, 12
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


def record_list(visit: Visit, indicator: str) -> Component:
    """The list's card: what it lists, how many, by which filters, and the grid."""
    try:
        definition = visit.queries.definition(indicator)
        if not visit.queries.may_list(indicator):
            return _no_list(visit.text("desk.records.withheld", name=definition.name[visit.language]))
        rows = PAGE_ROWS if asked_for(visit) else 0
        page = visit.queries.records(replace(request_of(visit, indicator), limit=rows), visit.viewer)
    except UsageError as error:
        return _no_list(error.message(visit.language))
    found = page.total
    if visit.address.search_words:
        found = visit.queries.records(replace(request_of(visit, indicator), search=""), visit.viewer).total
    query = {
        "indicator": indicator,
        "unit": visit.unit.code,
        "period": visit.period.id,
        "part": visit.address.part,
        "rules": visit.address.rules,
        "filters": dict(visit.address.filters),
        "search": visit.address.search_words or "",
        "boundaries": visit.address.boundaries,
        "language": visit.language,
        "version": visit.queries.version(),
    }
    return html.Section(
        [
            html.Div(
                [
                    html.H3(visit.text("desk.records.title", name=definition.name[visit.language])),
                    html.Span(
                        visit.text(
                            "records.shown",
                            shown=number(page.total, language=visit.language),
                            count=number(found, language=visit.language),
                        ),
                        className="badge",
                        id="records-count",
                        role="status",
                        **data(count=str(page.total), of=str(found)),
                    ),
                    _parts(visit, definition),
                    html.Div(filter_chips(visit), className="filter-chips"),
                    html.Span(visit.text("records.by_unit"), className="faint") if page.by_unit else None,
                    html.Div(
                        [_search(visit), *(_download(visit, indicator, kind) for kind in ("xlsx", "csv"))],
                        className="records-tools",
                    ),
                ],
                className="records-head",
            ),
            _grid(visit, definition, page, query),
        ],
        className="panel-card records",
        id="records-card",
    )


def _no_list(why: str) -> Component:
    return html.Section(html.Div(why, className="empty"), className="panel-card", id="records-card")


def asked_for(visit: Visit) -> bool:
    """Whether the page was opened for the sake of its list, whose first rows then come with it: the usual list below
    a panel asks for its rows when it is seen."""
    return visit.address.indicator is not None or visit.address.search_words is not None


def request_of(visit: Visit, indicator: str, part: str | None = None) -> RecordRequest:
    """The list an address asks for; none of its rows, for its count."""
    return RecordRequest(
        indicator=indicator,
        unit=visit.unit.code,
        period=visit.period,
        part=part or visit.address.part,
        rules=visit.address.rules,
        filters=dict(visit.address.filters),
        search=visit.address.search_words or "",
        limit=0,
        boundaries=Boundaries(visit.address.boundaries),
    )


def _parts(visit: Visit, definition: Definition) -> Component | None:
    """A rate has two lists: its numerator and its denominator, each with its number."""
    _, denominator = definition.components(visit.address.rules)
    if denominator is None:
        return None
    return html.Div(
        [
            dcc.Link(
                [visit.text(f"desk.records.{part}")],
                href=visit.href(part=part),
                className="to-records part" + (" part-chosen" if visit.address.part == part else ""),
            )
            for part in PARTS.values()
        ],
        className="parts",
    )


def page_chips(visit: Visit) -> Component | None:
    """What the page's figures are narrowed to, above them; None while they are whole."""
    chips = filter_chips(visit, searched=False)
    return html.Div(chips, className="filter-chips page-chips") if chips else None


def filter_chips(visit: Visit, *, searched: bool = True) -> list[Component]:
    """Each filter in words, with a link that takes it away; of a list the words searched for too."""
    home = visit.queries.settings.centre.language
    chips = [
        (
            visit.text(f"desk.column.{dimension}"),
            member_name(visit.queries, dimension, member, visit.language),
            visit.address.with_filter(dimension, None).href(home),
        )
        for dimension, member in visit.address.filters.items()
    ]
    if searched and visit.address.search_words:
        chips.append((visit.text("records.search"), visit.address.search_words, visit.href(search_words=None)))
    return [
        dcc.Link(
            [column, ": ", html.B(member), html.Span("×", className="chip-x")],
            href=href,
            className="filter-chip",
            title=visit.text("desk.filter.remove"),
        )
        for column, member, href in chips
    ]


def _search(visit: Visit) -> Component:
    return Search(words=visit.address.search_words or "", placeholder=visit.text("records.search_in"), longest=80)


def _download(visit: Visit, indicator: str, kind: str) -> Component:
    asked = {
        "indicator": indicator,
        "unit": visit.unit.code,
        "period": visit.period.id,
        "part": visit.address.part,
        "rules": visit.address.rules,
        "boundaries": visit.address.boundaries,
        "language": visit.language,
        **visit.address.filters,
    }
    if visit.address.search_words:
        asked["search"] = visit.address.search_words
    return html.A(
        visit.text(f"records.download.{kind}"),
        href=f"/api/v1/records.{kind}?{urlencode(asked)}",
        className=f"download download-{kind}",
        title=visit.text("records.download.whole"),
        **aria(label=visit.text("records.download.as", kind=kind.upper())),
    )


def _grid(visit: Visit, definition: Definition, page: RecordPage, query: Mapping[str, object]) -> Component:
    if page.total == 0:
        return html.Div(visit.text("desk.records.none"), className="empty")
    dataset = definition.numerator.dataset
    shown = columns(dataset, visit.language)
    told = [
        {
            "field": column.name,
            "headerName": column.heading,
            "width": column.width,
            "sortable": dataset != "observation",
            "resizable": True,
            **({"type": "rightAligned"} if column.kind == "number" else {}),
            **({"pinned": "left"} if column is shown[0] and dataset != "observation" else {}),
        }
        for column in shown
    ]
    return Grid(
        query=query,
        first=_block(visit.queries, dataset, page, visit.language) if page.rows else None,
        columns=told,
        options={
            "theme": {"function": GRID_THEME},
            "rowHeight": ROW_PX,
            "headerHeight": HEAD_PX,
            "cacheBlockSize": PAGE_ROWS,
            "maxBlocksInCache": 20,
            "rowBuffer": 20,
            "suppressDragLeaveHidesColumns": True,
            "suppressCellFocus": False,
            "enableCellTextSelection": True,
            "tooltipShowDelay": 400,
            "localeText": {key: visit.text(f"desk.grid.{key.lower()}") for key in LOCALE_KEYS},
        },
        height=min(max(page.total, 5), MOST_SHOWN) * ROW_PX + HEAD_PX + 20,
    )


def rows_for(queries: Queries, query: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, object]:
    """The rows the grid asks for (`startRow`, `endRow`, `sortModel`), ready to be read.

    `query` comes back from the browser; scope and rights are judged again in queries.
    """
    language = "en" if query.get("language") == "en" else "vi"
    start = max(int(asked.get("startRow") or 0), 0)
    limit = min(max(int(asked.get("endRow") or PAGE_ROWS) - start, 1), 500)
    indicator = str(query["indicator"])
    dataset = queries.definition(indicator).numerator.dataset
    known = {column.name for column in columns(dataset, language)}
    request = RecordRequest(
        indicator=indicator,
        unit=str(query["unit"]),
        period=Period.parse(str(query["period"])),
        part=str(query["part"]),
        rules=str(query["rules"]),
        filters={str(name): str(member) for name, member in dict(query["filters"]).items() if name in WORD_OF},
        search=str(query.get("search") or ""),
        sort=_sort(asked.get("sortModel") or (), known),
        offset=start,
        limit=limit,
        boundaries=Boundaries.THEN if query.get("boundaries") == "then" else Boundaries.NOW,
    )
    return _block(queries, dataset, queries.records(request), language)


def _block(queries: Queries, dataset: str, page: RecordPage, language: str) -> dict[str, object]:
    """Rows as the grid takes them: of each what is shown, in words."""
    shown = [column.name for column in columns(dataset, language)]
    return {"rowData": [readable(queries, row, shown, language) for row in page.rows], "rowCount": page.total}


def _sort(asked: Sequence[Mapping[str, str]], known: set[str]) -> list[tuple[str, bool]]:
    return [(each["colId"], each["sort"] == "asc") for each in asked if each.get("colId") in known]


def readable(queries: Queries, row: Mapping[str, object], shown: Sequence[str], language: str) -> dict[str, str]:
    """A row in words: dates dd/mm/yyyy, codes as their names, unknown as empty."""
    known = ((name, row.get(name)) for name in shown)
    return {name: said(queries, name, value, language) for name, value in known if value is not None}
