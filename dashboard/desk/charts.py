"""A picture with its title, its finding in one sentence, its legend as chips, and what can be taken from it.

Beside the picture travels its table (`twin`): the browser shows it, reads it out point by
point, copies it, and draws the saved image from it (assets/js/charts.js).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from dash.development.base_component import Component

from dashboard import present
from dashboard.desk.address import WORD_OF
from dashboard.desk.attributes import aria, data
from dashboard.desk.light import html
from dashboard.desk.parts import Chart as DrawnChart
from dashboard.desk.visit import Visit
from dashboard.figures import CONFIG, Look, figure, legend
from dashboard.panel import Chart, ChartData
from datasets.messages import text
from datasets.vietnamese import number

TOOLS = ("table", "png", "copy")


def chart_card(visit: Visit, chart: ChartData, declared: Chart, listed: bool) -> Component:
    """A chart in its card. A click on a bar filters by its member, on a trend's point goes to that period."""
    empty = chart.is_empty
    head = html.Div(
        [
            html.Div([html.H3(chart.title), None if empty else tools(visit)], className="chart-title"),
            html.P(chart.finding, className="chart-finding"),
            html.Div(
                [
                    *(
                        html.Span([html.I(style={"background": ink}), name], className="chip")
                        for name, ink in legend(chart)
                    ),
                    *_left_out(chart, visit.language),
                ],
                className="chips",
            ),
        ],
        className="chart-head",
    )
    if empty:
        body: list[Component] = [html.Div(visit.text("desk.chart.empty"), className="empty")]
    else:
        body = [
            _picture(visit, chart, declared, listed),
            html.Div(className="twin"),
            html.Div(className="said", **aria(live="polite")),
        ]
    return html.Section(
        [head, *body],
        className=f"panel-card chart chart-{chart.kind}",
        key=chart.id,
        **aria(label=chart.title),
        **({} if empty else data(twin=json.dumps(twin(visit, chart), ensure_ascii=False))),
    )


def twin(visit: Visit, chart: ChartData) -> dict[str, object]:
    """The chart as a table, with all a picture of it must say: title, unit, unit of measure, date, source, demo."""
    language = visit.language
    first = "period" if chart.kind == "trend" else "member"
    names = chart.categories
    spell = present.as_reported if chart.kind == "before_after" else _as_drawn
    said = [[spell(value, language) for value in series.values] for series in chart.series]
    if chart.kind == "before_after":
        names = tuple(f"{name} ({_dates(key, language)})" for name, key in zip(names, chart.keys, strict=True))
    return {
        **taken_home(visit, chart.title, chart.finding, visit.unit.name, chart.unit, chart.source),
        "kind": chart.kind,
        "keys": list(chart.keys),
        "head": [visit.text(f"look.chart.head.{first}"), *(series.name for series in chart.series)],
        "rows": [list(row) for row in zip(names, *said, strict=True)],
        "legend": legend(chart),
    }


def table_twin(
    visit: Visit, title: str, finding: str, place: str, unit: str, source: str, rows: Sequence[Sequence[str]]
) -> dict[str, object]:
    """A picture that is drawn without plotly as a table; the first row is its head."""
    return {
        **taken_home(visit, title, finding, place, unit, source),
        "kind": "table",
        "keys": [],
        "head": list(rows[0]),
        "rows": [list(row) for row in rows[1:]],
        "legend": [],
    }


def taken_home(visit: Visit, title: str, finding: str, place: str, unit: str, source: str) -> dict[str, object]:
    """What stands around the numbers of whatever is copied or saved, and the words of its buttons."""
    period = present.period_text(visit.period, visit.now, visit.queries.zone, visit.language)
    return {
        "title": title,
        "finding": finding,
        "where": visit.text("look.chart.where", unit=place, period=period),
        "unit": visit.text("look.chart.measure", unit=unit) if unit else "",
        "source": source,
        "demo": visit.text("desk.demo") if visit.queries.settings.centre.demo else "",
        "copied": visit.text("look.chart.copied"),
        "table": visit.text("look.chart.table"),
        "picture": visit.text("look.chart.picture"),
    }


def _as_drawn(value: float | None, language: str) -> str:
    return number(value, language=language)


def _dates(key: str, language: str) -> str:
    return " → ".join(present.fact_date(period, language) for period in key.split(".."))


def tools(visit: Visit, names: Sequence[str] = TOOLS) -> Component:
    """The buttons of a card that carries a twin."""
    return html.Div(
        [
            html.Button(visit.text(f"look.chart.{tool}"), type="button", className="tool", **data(tool=tool))
            for tool in names
        ],
        className="tools",
    )


def _picture(visit: Visit, chart: ChartData, declared: Chart, listed: bool) -> Component:
    read = visit.text("look.chart.keys", title=chart.title, finding=chart.finding)
    if chart.kind == "before_after":
        return html.Div(
            before_after(visit, chart), className="pairs-read", tabIndex=0, role="group", **aria(label=read)
        )
    selected = visit.address.filters.get(chart.by) if chart.by else None
    drawn = DrawnChart(
        key=chart.id,
        figure=figure(chart, Look(language=visit.language), selected),
        config={**CONFIG, "locale": visit.language},
        word=_word(chart),
        indicators=list(declared.indicators),
        listed=listed,
    )
    return html.Div(drawn, className="picture", tabIndex=0, role="application", **aria(label=read))


def _word(chart: ChartData) -> str:
    """The word of the address that a click in the picture sets; "" for none."""
    if chart.kind != "bars":
        return "ky"
    return "don-vi" if chart.by == "unit" else WORD_OF.get(chart.by or "", "")


def before_after(visit: Visit, chart: ChartData) -> Component:
    """Pairs of bars as plain HTML: each pair on its own scale, its dates beside it."""
    first, last = chart.series
    rows = []
    for name, key, before, after in zip(chart.categories, chart.keys, first.values, last.values, strict=True):
        top = max(abs(before or 0), abs(after or 0)) or 1
        dates = [present.fact_date(period, visit.language) for period in key.split("..")]
        rows.append(
            html.Div(
                [
                    html.Div(name, className="pair-name"),
                    html.Div(
                        [
                            _pair_bar(visit, dates[0], before, top, "before"),
                            _pair_bar(visit, dates[-1], after, top, "after"),
                        ],
                        className="pair-bars",
                    ),
                ],
                className="pair",
            )
        )
    return html.Div(rows, className="pairs")


def _pair_bar(visit: Visit, date: str, value: float | None, top: float, which: str) -> Component:
    share = 100 * abs(value or 0) / top
    return html.Div(
        [
            html.Span(date, className="pair-date"),
            html.Span(html.I(className=f"pair-{which}", style={"width": f"{share:.1f}%"}), className="pair-track"),
            html.Span(present.as_reported(value, visit.language), className="pair-number"),
        ],
        className="pair-bar",
    )


def _left_out(chart: ChartData, language: str) -> list[Component]:
    words = text("panel.finding.more", language, count=number(chart.left_out, language=language))
    return [html.Span(words, className="chip")] if chart.left_out else []
