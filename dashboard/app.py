"""The web server: desk, wall, API, health and metrics on one Flask."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dash import Dash
from flask import Flask, Response, render_template_string, request
from werkzeug.exceptions import InternalServerError

from dashboard.api import mount_api, problem
from dashboard.briefing.web import mount_briefings
from dashboard.desk.app import mount_desk
from dashboard.desk.render import is_page
from dashboard.health import mount_health
from dashboard.metrics import PaintingsCollector, mount_metrics
from dashboard.open_queries import open_queries
from dashboard.panels import PANELS
from dashboard.queries import Queries
from dashboard.source_files import mount_source_files
from dashboard.static_files import mount_static_files, warm_up
from dashboard.wall.app import PATH as WALL_PATH
from dashboard.wall.app import WallApp, mount_wall, trouble
from datasets.errors import OpsError
from datasets.messages import text

LOGIN = """<!DOCTYPE html><html lang="{{ language }}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{{ title }}</title>
<link rel="icon" href="/assets/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/fonts/fonts.css"><link rel="stylesheet" href="/assets/css/desk.css"></head>
<body class="plain-page"><main><h1>{{ centre }}</h1>{% if demo %}<p><span class="demo">{{ demo }}</span></p>{% endif %}
<h2>{{ title }}</h2><p>{{ later }}</p><p>{{ local }}</p><p><a href="/">{{ home }}</a></p></main></body></html>"""

MOST_BYTES = 8_000_000
"""Of one request: a file of 5 MB as a browser sends it, and a page's questions, which are small."""


def create_server(config: Path | str | None = None, environ: Mapping[str, str] | None = None) -> Flask:
    """The whole web application, warm. Granian calls it without arguments in each worker.

    Raises ConfigError, CatalogueError, UsageError and StoreError as their openers do.
    """
    queries = open_queries(config, os.environ if environ is None else environ)
    server = build_server(queries)
    warm_up(server, ("/", WALL_PATH))
    return server


def build_server(queries: Queries) -> Flask:
    """The application over an open store; what tests use."""
    server = Flask("dashboard", static_folder=None)
    server.json.ensure_ascii = False  # type: ignore[attr-defined]
    server.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    measured = mount_metrics(server, queries)
    mount_static_files(server)
    mount_api(server, queries)
    mount_health(server, queries)
    mount_source_files(server, queries)
    mount_briefings(server, queries)
    _mount_login(server, queries)
    desk = mount_desk(server, queries)
    wall = mount_wall(server, queries, queries.settings, PANELS)
    measured.register(PaintingsCollector(lambda: wall.board.paintings))
    _guard(server, (desk, wall))
    _tell_failures(server, queries, wall)
    return server


def _mount_login(server: Flask, queries: Queries) -> None:
    @server.get("/dang-nhap")
    def sign_in() -> str:
        centre = queries.settings.centre
        language = "en" if request.args.get("ngon-ngu", centre.language) == "en" else "vi"
        return render_template_string(
            LOGIN,
            language=language,
            centre=centre.name,
            demo=text("desk.demo", language) if centre.demo else "",
            title=text("desk.login.title", language),
            later=text("desk.login.later", language),
            local=text("desk.login.local", language),
            home=text("desk.login.home", language),
        )


def _guard(server: Flask, apps: tuple[Dash, ...]) -> None:
    """What every answer carries: no foreign scripts, no framing, no sniffing; 404 for what is no page."""

    @server.after_request
    def protect(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        if request.path.endswith("/_dash-layout"):
            headers["Cache-Control"] = "no-store"  # it depends on the referrer
        if response.mimetype == "text/html":
            headers["Content-Security-Policy"] = policy(apps)
            headers.setdefault("Cache-Control", "no-cache")
            path = request.path
            if response.status_code == 200 and request.url_rule is not None and request.url_rule.rule == "/<path:path>":
                response.status_code = 200 if is_page(path) else 404
        return response


def _tell_failures(server: Flask, queries: Queries, wall: WallApp) -> None:
    """A sentence for what the store refuses; never an error page on a wall, which nobody there can reload."""

    @server.errorhandler(OpsError)
    def explain(error: OpsError) -> tuple[Response, int]:
        said = trouble(wall) if request.path == WALL_PATH else None
        return said or problem(error.key, error.message(queries.settings.centre.language)), 503

    @server.errorhandler(InternalServerError)
    def fail(error: InternalServerError) -> Response | InternalServerError:
        return trouble(wall) if request.path == WALL_PATH else error


def policy(apps: tuple[Dash, ...]) -> str:
    """The content security policy. Hashes are asked for at each answer: Dash adds scripts late."""
    hashes = sorted({hashed for app in apps for hashed in app.csp_hashes()})
    rules: dict[str, Any] = {
        "default-src": "'self'",
        "script-src": " ".join(["'self'", *hashes]),
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
