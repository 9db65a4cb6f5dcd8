"""What the list of records asks of the server while it is looked at: further rows, another order."""

from __future__ import annotations

from flask import Flask, abort, jsonify, request
from flask.typing import ResponseReturnValue

from dashboard.desk.records import rows_for
from dashboard.queries import Queries
from datasets.errors import UsageError

PATH = "/records-rows"


def mount_records(server: Flask, queries: Queries) -> None:
    """Rows of the question in `query`, as many and in such order as `asked` says (assets/js/window.js)."""

    @server.post(PATH)
    def list_rows() -> ResponseReturnValue:
        said = request.get_json()
        try:
            return jsonify(rows_for(queries, said["query"], said["asked"]))
        except (KeyError, TypeError, ValueError, UsageError):
            abort(400)
