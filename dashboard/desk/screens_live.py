"""What the page of the screens does: shows them anew, lets one in, sends one away."""

from __future__ import annotations

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx
from dash.exceptions import PreventUpdate

from dashboard.desk.pages.screens import PATH, screens_told
from dashboard.desk.visit import visit
from dashboard.queries import Queries
from dashboard.screens import Approval, approve, screens_of
from datasets.errors import OpsError
from datasets.messages import text


def screens_callbacks(app: Dash, queries: Queries) -> None:
    @app.callback(
        Output("screens", "children"),
        Output("screen-said", "children"),
        Input("screens-beat", "n_intervals"),
        Input("screen-approve", "n_clicks"),
        Input({"type": "screen-revoke", "id": ALL}, "n_clicks"),
        State("screen-code", "value"),
        State("screen-name", "value"),
        State("address", "search"),
        State("screen-said", "children"),
        prevent_initial_call=True,
    )
    def act(
        beats: int | None,
        approved: int | None,
        revoked: list[int | None],
        code: str | None,
        name: str | None,
        search: str | None,
        said: str | None,
    ) -> Any:
        here = visit(queries, PATH, search or "")
        asked = ctx.triggered_id
        try:
            if asked == "screen-approve" and approved:
                said = _approve(queries, code or "", name or "", here.language)
            elif isinstance(asked, dict):
                if not any(revoked):
                    raise PreventUpdate
                line = screens_of(queries).revoke(int(asked["id"]))
                said = text("screen.revoked", here.language, number=line.id, name=line.name)
        except OpsError as error:
            said = error.message(here.language)
        return screens_told(here), said


def _approve(queries: Queries, code: str, name: str, language: str) -> str:
    if not code.strip() or not name.strip():
        return text("screen.page.no_name", language)
    line = approve(queries, Approval(code, name[:60]))
    unit = queries.units.get(line.unit).name
    return text("screen.approved", language, number=line.id, name=line.name, unit=unit)
