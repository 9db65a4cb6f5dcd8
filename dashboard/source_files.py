"""Files of the sources page: entry forms to fill in, and lists of what was set aside."""

from __future__ import annotations

import io

from flask import Flask, Response, abort, request

from dashboard.queries import Queries
from dashboard.set_aside import complaints, written
from datasets.entry_form import write_form
from datasets.forms import TYPED, forms
from datasets.messages import LANGUAGES

PATH = "/nguon-so-lieu"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def form_path(dataset: str) -> str:
    return f"{PATH}/bieu-mau/{dataset}.xlsx"


def list_path(source: str) -> str:
    return f"{PATH}/{source}/cach-ly.csv"


def mount_source_files(server: Flask, queries: Queries) -> None:
    @server.get(form_path("<dataset>"))
    def form(dataset: str) -> Response:
        if dataset not in forms():
            abort(404)
        target = io.BytesIO()
        write_form(target, dataset, queries.settings, queries.units, queries.catalogue, queries.today())
        return _file(target.getvalue(), XLSX, f"bieu-nhap-{dataset}.xlsx")

    @server.get(list_path("<source>"))
    def set_aside(source: str) -> Response:
        if source not in (*queries.settings.sources, TYPED):
            abort(404)
        said = request.args.get("ngon-ngu", "")
        language = said if said in LANGUAGES else queries.settings.centre.language
        problem = request.args.get("loi")
        found = [c for c in complaints(queries, source, language) if not problem or c.code == problem]
        content = "\ufeff" + written(queries, found)
        return _file(content.encode(), "text/csv; charset=utf-8", f"cach-ly-{source}.csv")


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
