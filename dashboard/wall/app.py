"""The wall as its own small Dash app on the same Flask server.

The page that is sent is already painted (plain HTML, no script needed); React then
mounts the same tree beneath it and the cover is taken away. Only what the wall uses is
loaded: the renderer, html components, the partial plotly bundle and one script of ours;
no dcc, no Mantine, no grid. There are no callbacks: assets/wall/wall.js polls, rotates
and updates in place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import brotli
import dash
from dash import Dash
from dash.development.base_component import Component
from flask import Flask, Response, has_request_context, redirect, request
from werkzeug.wrappers import Response as Redirect

from dashboard.panel import Panel, PanelData
from dashboard.queries import Ask, Queries
from dashboard.tokens import DARK
from dashboard.wall import tree
from dashboard.wall.poll import QUALITY, Board, PanelReader, Reader, Showing, accepts_brotli, asked_language
from dashboard.wall.type_sizes import Screen, TypeScale
from datasets.errors import ConfigError, Fault
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.settings import Settings

PATH = "/man-hinh/"
ASSETS = Path(__file__).resolve().parents[2] / "assets"
DWELL_SECONDS = 25.0
OVERVIEW = "overview"
NOT_NEEDED = ("/dcc/", "/dash_table/", "polyfill@", "mantine", "ag_grid")
PRELOADED_FONTS = ("latin-500", "vietnamese-500", "latin-700", "vietnamese-700")


def mount_wall(server: Flask, queries: Queries, settings: Settings, panels: Sequence[Panel]) -> Dash:
    """The wall at /man-hinh/ on `server`.

    Raises ConfigError when settings.wall names an unknown panel, or when a text could not
    be read from where people sit (each tile named).
    """

    def read_panel(panel: Panel, language: str) -> PanelData:
        period = Period.of(queries.today(), PeriodType(panel.default_period)).id
        return queries.panel_data(panel, Ask(settings.centre.unit, period, language))

    return mount(server, queries, read_panel, settings, panels)


def mount(
    server: Flask,
    reader: Reader,
    read_panel: PanelReader,
    settings: Settings,
    panels: Sequence[Panel],
    period_seconds: float = 15,
) -> Dash:
    """`mount_wall` for any reader of panels: what tests and previews use."""
    screen = Screen(settings.wall.diagonal_inch, settings.wall.distance_m)
    board = Board(
        reader,
        read_panel,
        _showings(settings, panels),
        TypeScale.of(screen),
        settings.centre.name,
        settings.centre.demo,
        build_id(),
        period_seconds,
    )
    _check_legible(board, settings, screen)
    language = settings.centre.language
    app = WallApp(board, language, server)
    server.add_url_rule(f"{PATH}state", "wall_state", lambda: board.state(language))
    server.add_url_rule(PATH.rstrip("/"), "wall_redirect", _to_the_wall)
    server.after_request(_lighten)
    return app


class WallApp(Dash):
    """Dash without the parts a screen that nobody touches does not need."""

    def __init__(self, board: Board, language: str, server: Flask) -> None:
        super().__init__(
            "dashboard.wall",
            server=server,  # type: ignore[arg-type]  # Dash declares bool, and takes a Flask
            url_base_pathname=PATH,
            assets_folder=str(ASSETS / "wall"),
            assets_ignore=".*",  # linked by hand below, in the order that paints soonest
            use_pages=False,
            pages_folder="",
            update_title=None,  # type: ignore[arg-type]  # documented to switch it off
            title=text("wall.title", language),
        )
        self.board, self.language = board, language
        self.layout = self.painted_layout

    def painted_layout(self) -> Component:
        """The tree React mounts. The language is that of the page that asks for it."""
        asked_by = request.referrer if has_request_context() else None  # Dash calls this once at set-up
        query = parse_qs(urlsplit(asked_by or "").query)
        return self.board.painted(asked_language(query.get("ngon-ngu", [""])[0], self.language)).layout

    def _generate_scripts_html(self) -> str:
        lines = super()._generate_scripts_html().splitlines()
        return "\n".join(line for line in lines if not any(name in line for name in NOT_NEEDED))

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]
        language = asked_language(request.args.get("ngon-ngu"), self.language)
        painted = self.board.painted(language)
        fonts = "".join(
            f'<link rel="preload" href="/assets/fonts/be-vietnam-pro-{name}-normal.woff2" as="font"'
            ' type="font/woff2" crossorigin>'
            for name in PRELOADED_FONTS
        )
        data = "".join(
            f'<link rel="preload" href="{PATH}{name}" as="fetch" crossorigin="anonymous">'
            for name in ("_dash-layout", "_dash-dependencies")
        )
        return f"""<!DOCTYPE html>
<html lang="{language}" style="background:{DARK.ground}">
<head>
{parts["metas"]}
<title>{text("wall.title", language)}</title>
<link rel="icon" href="data:,">
{fonts}{data}
<link rel="preload" href="{versioned("js/plotly-cartesian.min.js")}" as="script" id="plotly">
<link rel="stylesheet" href="{versioned("fonts/fonts.css")}">
<link rel="stylesheet" href="{versioned("wall/wall.css", f"{PATH}assets/wall.css")}">
<script src="{versioned("wall/scale.js", f"{PATH}assets/scale.js")}"></script>
</head>
<body style="background:{DARK.ground};margin:0">
<div id="first-paint">{tree.to_html(painted.layout)}</div>
<noscript>{text("wall.no_script", language)}</noscript>
{parts["app_entry"]}
<footer>
{parts["config"]}
<script src="{versioned("wall/wall.js", f"{PATH}assets/wall.js")}" defer></script>
{parts["scripts"]}
{parts["renderer"]}
</footer>
</body>
</html>"""


def versioned(path: str, url: str = "") -> str:
    """Address of a file of assets/ that changes with the file, so that it may be kept for good."""
    stamp = int((ASSETS / path).stat().st_mtime)
    return f"{url or f'/assets/{path}'}?m={stamp}"


def build_id() -> str:
    """A name for this build of the wall: another one makes the screens load the page anew."""
    files = [*sorted((ASSETS / "wall").glob("*")), *sorted(Path(__file__).parent.glob("*.py"))]
    said = hashlib.sha256(dash.__version__.encode())
    for file in files:
        said.update(file.read_bytes())
    return said.hexdigest()[:12]


def _showings(settings: Settings, panels: Sequence[Panel]) -> list[Showing]:
    """The panels in the order of the settings; where those name none, all but the overview, which repeats them."""
    known = {panel.id: panel for panel in panels}
    if not settings.wall.scenes:
        return [Showing(panel, DWELL_SECONDS) for panel in panels if panel.id != OVERVIEW]
    unknown = [scene.panel for scene in settings.wall.scenes if scene.panel not in known]
    if unknown:
        raise ConfigError(
            [
                Fault(settings.path, 0, text("wall.unknown_panel", panel=name, known=", ".join(known)))
                for name in unknown
            ]
        )
    return [Showing(known[scene.panel], scene.seconds) for scene in settings.wall.scenes]


def _check_legible(board: Board, settings: Settings, screen: Screen) -> None:
    language = settings.centre.language
    about = {
        "diagonal": f"{screen.diagonal_inch:g}",
        "distance": f"{screen.distance_m:g}",
        "floor": board.scale.floor,
    }
    faults = [
        Fault(settings.path, 0, text("wall.too_small", language, **about, tile=name))
        for name in board.illegible(language)
    ]
    if faults:
        raise ConfigError(faults)


def _lighten(response: Response) -> Response:
    """The page and its tree go out compressed; files have been seen to by static_files."""
    ours = request.path in (PATH, f"{PATH}_dash-layout") and response.status_code == HTTPStatus.OK
    if ours and accepts_brotli() and "Content-Encoding" not in response.headers:
        response.set_data(brotli.compress(response.get_data(), quality=QUALITY))
        response.headers["Content-Encoding"] = "br"
        response.headers["Vary"] = "Accept-Encoding"
    return response


def _to_the_wall() -> Redirect:
    query = request.query_string.decode()
    return redirect(f"{PATH}?{query}" if query else PATH)
