"""A picture with its title, its finding in one sentence, and its legend as chips."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import present
from dashboard.desk.address import WORD_OF
from dashboard.desk.visit import Visit
from dashboard.figures import CONFIG, Look, figure, legend
from dashboard.panel import Chart, ChartData
from datasets.messages import text


def chart_card(visit: Visit, chart: ChartData, declared: Chart, listed: bool) -> Component:
    """A chart in its card. A click on a bar filters by its member, on a trend's point goes to that period."""
    head = html.Div(
        [
            html.H3(chart.title),
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
    return html.Section(
        [head, _picture(visit, chart, declared, listed)], className=f"panel-card chart chart-{chart.kind}"
    )


def _picture(visit: Visit, chart: ChartData, declared: Chart, listed: bool) -> Component:
    if not any(value is not None for series in chart.series for value in series.values):
        return html.Div(visit.text("desk.chart.empty"), className="empty")
    if chart.kind == "before_after":
        return before_after(visit, chart)
    selected = visit.address.filters.get(chart.by) if chart.by else None
    drawn = dcc.Graph(
        id={
            "type": "chart",
            "id": chart.id,
            "word": WORD_OF.get(chart.by or "", "") if chart.kind == "bars" else "ky",
            "indicators": ",".join(declared.indicators) if listed else "",
        },
        figure=figure(chart, Look(language=visit.language), selected),
        config={**CONFIG, "locale": visit.language},  # type: ignore[arg-type]
        className="graph",
        style={"height": "100%"},
    )
    return html.Div(drawn, className="picture")


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
    words = text("panel.finding.more", language, count=chart.left_out)
    return [html.Span(words, className="chip")] if chart.left_out else []
