"""/api/v1/records.xlsx and .csv: the whole list behind a number, written as it is read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import IO

from flask import Blueprint, Response

from dashboard.exports.csv_writer import csv_chunks
from dashboard.exports.record_file import RecordFile
from dashboard.exports.xlsx_writer import write_xlsx
from datasets.errors import UsageError
from datasets.vietnamese import number

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
FORMATS = ("xlsx", "csv")
MOST_XLSX_ROWS = 300_000
"""A workbook is written whole before its first byte leaves, so a longer list is for CSV."""
CHUNK_BYTES = 65_536


def add_export_routes(api: Blueprint, asked: Callable[[], RecordFile]) -> None:
    """The two addresses on the API. `asked` reads the question of the request."""

    @api.get("/records.xlsx")
    def workbook() -> Response:
        file = asked()
        if file.total > MOST_XLSX_ROWS:
            said = {"count": file.total, "most": MOST_XLSX_ROWS}
            raise UsageError("export.too_long", **{n: number(x, language=file.language) for n, x in said.items()})
        target = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the answer has gone
        write_xlsx(file, target)
        size = target.tell()
        target.seek(0)
        response = _attached(_chunks(target), XLSX, f"{file.name}.xlsx")
        response.headers["Content-Length"] = str(size)
        response.call_on_close(target.close)
        return response

    @api.get("/records.csv")
    def separated() -> Response:
        file = asked()
        return _attached(csv_chunks(file), CSV, f"{file.name}.csv")


def _chunks(target: IO[bytes]) -> Iterator[bytes]:
    while piece := target.read(CHUNK_BYTES):
        yield piece


def _attached(body: Iterator[bytes], kind: str, name: str) -> Response:
    response = Response(body, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
