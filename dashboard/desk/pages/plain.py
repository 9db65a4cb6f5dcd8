"""Pages whose work comes with a later issue: one plain sentence each, and what the store already tells of it."""

from __future__ import annotations

from dash.development.base_component import Component

from dashboard.desk.light import dcc, html
from dashboard.desk.pages.overview import any_figure, directing, source_troubles
from dashboard.desk.pages.screens import silences
from dashboard.desk.shell import title_row
from dashboard.desk.visit import Visit
from dashboard.overview import overview


def alerts(visit: Visit) -> Component:
    """Alerts do not exist yet; what calls for direction now, which screens and sources are silent, is known already."""
    found = overview(visit.queries, visit.ask, visit.viewer)
    troubles = source_troubles(visit, visit.queries.sources(visit.language))
    return html.Div(
        [
            title_row(visit, visit.text("desk.page.alerts"), visit.unit.name),
            html.Section(html.P(visit.text("desk.plain.alerts")), className="panel-card absent"),
            *silences(visit),
            html.Div(
                [
                    directing(visit, found) if any_figure(found) else None,
                    html.Div(troubles, className="overview-side"),
                ],
                className="overview-top",
            ),
        ],
        className="page page-alerts",
    )


def not_found(visit: Visit) -> Component:
    """An address that names no page; the unit and period are kept in the way back."""
    return html.Div(
        [
            title_row(visit, visit.text("desk.not_found.title"), visit.address.path),
            html.Section(
                [
                    html.P(visit.text("desk.not_found.said")),
                    dcc.Link(visit.text("desk.not_found.home"), href=visit.to("/"), className="unit-link"),
                ],
                className="panel-card absent",
            ),
        ],
        className="page",
    )
