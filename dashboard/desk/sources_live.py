"""What moves on the sources page, and what it hands over: replays, files, and the word to take them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from dashboard import asking
from dashboard.desk.pages import sources
from dashboard.desk.visit import Visit, visit
from dashboard.queries import Queries
from dashboard.source_files import PATH
from datasets.errors import OpsError
from datasets.forms import TYPED


def sources_callbacks(app: Dash, queries: Queries) -> None:
    """The page's callbacks; they are asked only while it is open, since their inputs are on it."""

    def here(search: str | None) -> Visit:
        return visit(queries, PATH, search)

    @app.callback(
        Output("sources-live", "children"),
        Output("sources-live", "data-stamp"),
        Input("sources-beat", "n_intervals"),
        State("sources-live", "data-stamp"),
        State("address", "search"),
        prevent_initial_call=True,
    )
    def look(beat: int | None, stamp: str | None, search: str | None) -> Any:
        """Draw what moved; a look that finds nothing new costs three small queries."""
        now = queries.activity()
        if now == stamp:
            raise PreventUpdate
        return sources.live(here(search)), now

    def handed_over(search: str | None, ask: Callable[[], int]) -> tuple[Any, Any]:
        """(the address that shows the request, what went wrong): only one of the two."""
        now = here(search)
        try:
            job = ask()
        except OpsError as error:
            return no_update, error.message(now.language)
        return _search(now.href(source=TYPED, problem=None, job=job)), ""

    @app.callback(
        Output("address", "search", allow_duplicate=True),
        Output("request-fault", "children", allow_duplicate=True),
        Output("typed-file", "contents"),
        Input("typed-file", "contents"),
        State("typed-file", "filename"),
        State("typed-dataset", "value"),
        State("typed-who", "value"),
        State("address", "search"),
        prevent_initial_call=True,
    )
    def hand_in(contents: str | None, name: str | None, dataset: str, who: str | None, search: str | None) -> Any:
        """Keep the file and show its preview. The contents are taken from the page again: it may come twice."""
        if not contents:
            raise PreventUpdate
        there, fault = handed_over(search, lambda: asking.hand_in(queries, dataset, who, name, contents))
        return there, fault, None

    @app.callback(
        Output("address", "search", allow_duplicate=True),
        Output("request-fault", "children", allow_duplicate=True),
        Input({"type": "accept", "job": ALL}, "n_clicks"),
        State("address", "search"),
        prevent_initial_call=True,
    )
    def accept(clicks: list[int | None], search: str | None) -> Any:
        if not any(clicks) or not isinstance(ctx.triggered_id, dict):
            raise PreventUpdate
        preview = int(ctx.triggered_id["job"])
        return handed_over(search, lambda: asking.accept(queries, preview))

    @app.callback(
        Output("request-fault", "children", allow_duplicate=True),
        Input({"type": "replay", "source": ALL}, "n_clicks"),
        State("address", "search"),
        prevent_initial_call=True,
    )
    def replay(clicks: list[int | None], search: str | None) -> Any:
        if not any(clicks) or not isinstance(ctx.triggered_id, dict):
            raise PreventUpdate
        try:
            asking.replay(queries, str(ctx.triggered_id["source"]))
        except OpsError as error:
            return error.message(here(search).language)
        return ""


def _search(href: str) -> str:
    return href[len(PATH) :]
