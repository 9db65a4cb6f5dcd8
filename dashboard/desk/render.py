"""From an address to a page: the one place that knows which address is which page."""

from __future__ import annotations

import logging

from dash import html
from dash.development.base_component import Component

from dashboard.briefing.web import PATH as BRIEFINGS
from dashboard.desk import compare_page
from dashboard.desk.pages import briefings, indicator, overview, panel, plain, screens, sources
from dashboard.desk.shell import frame
from dashboard.desk.visit import Visit, default_type, visit
from dashboard.overview import HOME
from dashboard.panels import BY_PATH
from dashboard.queries import Queries
from dashboard.source_files import PATH
from datasets.errors import OpsError

log = logging.getLogger("dashboard.desk")

OTHER_PAGES = {
    compare_page.PATH: compare_page.page,
    PATH: sources.page,
    "/canh-bao": plain.alerts,
    BRIEFINGS: briefings.page,
    screens.PATH: screens.page,
}
"""Addresses of pages that are no panel."""


def is_page(path: str) -> bool:
    """Whether the address is one of the desk's, so that others answer 404."""
    path = path.rstrip("/") or "/"
    return path in BY_PATH or path in OTHER_PAGES or path.startswith(indicator.PREFIX)


def looks_after_itself(path: str | None) -> bool:
    """Whether the page has forms and callbacks of its own: Dash draws it, anew at each address and never between."""
    return (path or "").rstrip("/") in (PATH, screens.PATH, BRIEFINGS)


def stamp(queries: Queries, path: str | None) -> str:
    """What a drawn page hangs on: it is drawn again when this changes.

    The data, and how the sources stand, for a pull that fails changes no data. The
    pages with forms look after themselves, so that nothing typed there is lost.
    """
    if looks_after_itself(path):
        return ""
    return f"{queries.version()} {queries.troubles()}"


def render(queries: Queries, path: str | None, search: str | None) -> Component:
    """The whole window for an address: frame, pickers and page with all its figures."""
    here = visit(queries, path, search, default_type(BY_PATH.get((path or "/").rstrip("/") or "/")))
    return frame(here, _body(here))


def _body(here: Visit) -> Component:
    path = here.address.path
    try:
        if path == HOME:
            return overview.page(here, BY_PATH[path])
        if path in BY_PATH:
            return panel.page(here, BY_PATH[path])
        if path.startswith(indicator.PREFIX):
            return indicator.page(here)
        return OTHER_PAGES.get(path, plain.not_found)(here)
    except OpsError as error:  # a sentence for a person, in the frame, and the way on stays open
        log.warning("page path=%s error=%s", path, error.key)
        return html.Div(
            html.Section([html.P(error.message(here.language))], className="panel-card absent"), className="page"
        )
