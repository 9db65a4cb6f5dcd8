"""The desk: one Dash app, one callback that draws a page with all its figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dash import Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate
from flask import Flask, has_request_context, request

from dashboard.desk.bundle import DeskApp
from dashboard.desk.parts import Window, plain
from dashboard.desk.records_live import mount_records
from dashboard.desk.render import looks_after_itself, render, stamp
from dashboard.desk.screens_live import screens_callbacks
from dashboard.desk.sources_live import sources_callbacks
from dashboard.queries import Queries
from datasets.messages import text

ASSETS = Path(__file__).parents[2] / "assets"

LAYOUT_PATH = "/_dash-layout"
THEME: dict[str, object] = {
    "fontFamily": "Be Vietnam Pro, system-ui, sans-serif",
    "primaryColor": "blue",
    "defaultRadius": "md",
    "colors": {
        "dark": [
            *("#EAF0FA", "#C9D5EA", "#A9B8D0", "#8396B3", "#33435F"),
            *("#26344F", "#1A2740", "#121C30", "#0E1626", "#0B1220"),
        ],
    },
}
"""Of the forms' components, which are drawn by mantine."""
BEAT_SECONDS = 20
"""How often an open page asks whether there are new data."""

INDEX = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark">
<title>{title}</title>
<style>html{{background:#0B1220}}</style>
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
<link rel="preload" href="/_dash-layout" as="fetch" crossorigin="anonymous">
<link rel="preload" href="/_dash-dependencies" as="fetch" crossorigin="anonymous">
{{%css%}}
</head>
<body>
<noscript>{no_script}</noscript>
{{%app_entry%}}
<footer>{{%config%}}{{%scripts%}}{{%renderer%}}</footer>
</body>
</html>"""


def mount_desk(server: Flask, queries: Queries) -> Dash:
    """The desk on the server's root. Every callback is the app's own: nothing global."""
    language = queries.settings.centre.language
    app = DeskApp(
        "dashboard_desk",
        late_theme=THEME,
        server=server,
        assets_folder=str(ASSETS),
        assets_path_ignore=["wall"],
        use_pages=False,
        pages_folder="",
        update_title=None,
        title=queries.settings.centre.name,
        suppress_callback_exceptions=True,
        serve_locally=True,
    )
    app.index_string = INDEX.format(
        language=language, title=queries.settings.centre.name, no_script=text("desk.no_script", language)
    )
    app.serve_bundles(server)
    app.layout = lambda: _layout(queries)
    mount_records(server, queries)
    _callbacks(app, queries)
    return app


def _layout(queries: Queries) -> Any:
    """The page of the asking address at once, so that it need not be asked for again.

    The browser says the address as the referrer of `/_dash-layout`; where it does not,
    the window is empty and the callback fills it.
    """
    asked = urlsplit(request.referrer or "") if has_request_context() and request.path == LAYOUT_PATH else None
    search = f"?{asked.query}" if asked and asked.query else ""
    drawn = _window(queries, asked.path or "/", search) if asked and asked.scheme else (None, None, "", "")
    return html.Div(
        [
            dcc.Location(id="address", refresh=False),
            dcc.Interval(id="beat", interval=BEAT_SECONDS * 1000),
            Window(id="window", tree=drawn[0], children=drawn[1], address=drawn[2], version=drawn[3]),
        ]
    )


def _window(queries: Queries, path: str, search: str) -> tuple[Any, Any, str, str]:
    """The page of an address as the window's tree or as its children, the address, and the data version it was
    drawn from."""
    version = stamp(queries, path)
    drawn = render(queries, path, search)
    tree, children = (None, drawn) if looks_after_itself(path) else (plain(drawn), None)
    return tree, children, path + search, version


def _callbacks(app: Dash, queries: Queries) -> None:
    @app.callback(
        Output("window", "tree"),
        Output("window", "children"),
        Output("window", "address"),
        Output("window", "version"),
        Input("address", "pathname"),
        Input("address", "search"),
        Input("beat", "n_intervals"),
        State("window", "address"),
        State("window", "version"),
    )
    def show(path: str | None, search: str | None, beat: int | None, drawn: str | None, version: str | None) -> Any:
        """Draw the address; what stands already, from these data, is left as it is."""
        here = (path or "/") + (search or "")
        if drawn == here and version == stamp(queries, path):
            raise PreventUpdate
        return _window(queries, path or "/", search or "")

    sources_callbacks(app, queries)
    screens_callbacks(app, queries)
