"""An indicator's own page: its number and how it came about, its past, its parts, its records, its meaning."""

from __future__ import annotations

from dash.development.base_component import Component

from dashboard import present
from dashboard.desk.indicator_page_history import history
from dashboard.desk.indicator_page_meaning import example_card, meaning
from dashboard.desk.indicator_page_now import number_card
from dashboard.desk.indicator_page_parts import parts
from dashboard.desk.indicator_page_quality import quality_card
from dashboard.desk.light import dcc, html
from dashboard.desk.pages.plain import not_found
from dashboard.desk.records import page_chips, record_list
from dashboard.desk.shell import title_row, toolbar
from dashboard.desk.tree import crumbs
from dashboard.desk.visit import Visit
from dashboard.panels import BY_ID
from datasets.errors import UsageError

PREFIX = "/chi-so/"


def page(visit: Visit) -> Component:
    indicator = visit.address.path.removeprefix(PREFIX)
    try:
        definition = visit.queries.definition(indicator)
    except UsageError:
        return not_found(visit)
    value = visit.queries.kept_values(visit.request(indicator, (visit.period,)), visit.viewer)[0]
    panel = BY_ID[definition.panel]
    counted = present.rules_text(definition, visit.address.rules, visit.language)
    period = present.period_text(visit.period, visit.now, visit.queries.zone, visit.language)
    return html.Div(
        [
            crumbs(visit),
            title_row(
                visit,
                definition.name[visit.language],
                f"{visit.unit.name} · {period}",
                dcc.Link(visit.text(f"panel.{panel.id}.title"), href=visit.to(panel.path), className="freshness"),
            ),
            toolbar(visit, rules=bool(counted), compare=False),
            page_chips(visit),
            html.Div(
                [
                    html.Div([number_card(visit, definition, value)], className="column"),
                    html.Div(history(visit, definition), className="column"),
                ],
                className="two-columns indicator-top",
            ),
            html.Div(parts(visit, definition), className="breakdowns"),
            record_list(visit, indicator),
            html.Div(
                [
                    meaning(visit, definition, counted),
                    html.Div(
                        [quality_card(visit, definition, value), example_card(visit, definition)], className="column"
                    ),
                ],
                className="two-columns",
            ),
        ],
        className="page page-indicator",
    )
