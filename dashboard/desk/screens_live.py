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
        State("screen-unit", "value"),
        State("screen-scenes", "value"),
        State("screen-diagonal", "value"),
        State("screen-distance", "value"),
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
        unit: str | None,
        scenes: list[str] | None,
        diagonal: float | str | None,
        distance: float | str | None,
        search: str | None,
        said: str | None,
    ) -> Any:
        here = visit(queries, PATH, search or "")
        asked = ctx.triggered_id
        try:
            if asked == "screen-approve" and approved:
                sizes = (float(diagonal or 0) or None, float(distance or 0) or None)
                wanted = Approval(code or "", (name or "")[:60], unit or None, ",".join(scenes or ()) or None, *sizes)
                said = _approve(queries, wanted, here.language)
            elif isinstance(asked, dict):
                if not any(revoked):
                    raise PreventUpdate
                line = screens_of(queries).revoke(int(asked["id"]))
                said = text("screen.revoked", here.language, number=line.id, name=line.name)
        except OpsError as error:
            said = error.message(here.language)
        return screens_told(here), said


def _approve(queries: Queries, said: Approval, language: str) -> str:
    if not said.code.strip() or not said.name.strip():
        return text("screen.page.no_name", language)
    line = approve(queries, said)
    unit = queries.units.get(line.unit).name
    return text("screen.approved", language, number=line.id, name=line.name, unit=unit)
