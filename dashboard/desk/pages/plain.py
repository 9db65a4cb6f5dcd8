"""Pages whose work comes with a later issue: one plain sentence each, and nothing pretended."""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.desk.shell import title_row
from dashboard.desk.visit import Visit


def alerts(visit: Visit) -> Component:
    """Alerts do not exist yet; what the catalogue already judges as bad is listed on the panels."""
    return _plain(visit, "alerts")


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


def _plain(visit: Visit, name: str) -> Component:
    return html.Div(
        [
            title_row(visit, visit.text(f"desk.page.{name}"), visit.unit.name),
            html.Section(html.P(visit.text(f"desk.plain.{name}")), className="panel-card absent"),
        ],
        className=f"page page-{name}",
    )
