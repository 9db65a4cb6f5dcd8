"""What the list of records asks of the server and of the browser while it is looked at."""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from dashboard.desk.records import rows_for
from dashboard.queries import Queries


def records_callbacks(app: Dash, queries: Queries) -> None:
    """Rows when the grid asks for them; fresh rows for a new question; the search box into the address."""

    @app.callback(
        Output("records", "getRowsResponse"),
        Input("records", "getRowsRequest"),
        State("records-query", "data"),
        prevent_initial_call=True,
    )
    def list_rows(asked: dict[str, Any] | None, query: dict[str, Any] | None) -> Any:
        if not asked or not query:
            raise PreventUpdate
        return rows_for(queries, query, asked)

    app.clientside_callback(
        ClientsideFunction("desk", "relist"),
        Output("relisted", "children"),
        Input("records-query", "data"),
    )
    app.clientside_callback(
        ClientsideFunction("drill", "search"),
        Output("searched", "children"),
        Input("records-search", "value"),
        prevent_initial_call=True,
    )
