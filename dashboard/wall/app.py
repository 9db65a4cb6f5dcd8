"""The wall as its own small Dash app on the same Flask server.

The page that is sent is already painted (plain HTML, no script needed); React then
mounts the same tree beneath it and the cover is taken away. Only what the wall uses is
loaded: the renderer, html components, the partial plotly bundle and one script of ours;
no dcc, no Mantine, no grid. There are no callbacks: assets/wall/wall.js polls, rotates
and updates in place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import brotli
import dash
from dash import Dash
from dash.development.base_component import Component
from flask import Flask, Response, g, has_request_context, jsonify, redirect, request
from werkzeug.wrappers import Response as Redirect

from dashboard.panel import Panel
from dashboard.queries import Queries
from dashboard.tokens import DARK
from dashboard.wall import tree
from dashboard.wall.beats import LARGEST, Beat, Beats
from dashboard.wall.code_page import code_page, trouble_page
from dashboard.wall.frame import Framing
from dashboard.wall.gate import Admission, Gate, set_token
from dashboard.wall.layouts import LAYOUTS
from dashboard.wall.poll import QUALITY, Board, View, accepts_brotli, asked_language, asked_layout
from dashboard.wall.profile import Profile, usual_profile
from dashboard.wall.readings import HouseReader, Reader
from dashboard.wall.type_sizes import TypeScale
from datasets.errors import ConfigError, Fault
from datasets.lined_yaml import read
from datasets.messages import text
from datasets.settings import Settings
from datasets.store.screens import Screens

PATH = "/man-hinh/"
USUAL_PERIOD_SECONDS = 15.0
ASSETS = Path(__file__).resolve().parents[2] / "assets"
NOT_NEEDED = ("/dcc/", "/dash_table/", "polyfill@", "mantine", "ag_grid")
PRELOADED_FONTS = ("latin-500", "vietnamese-500", "latin-700", "vietnamese-700")
OPEN = (f"{PATH}assets/", f"{PATH}_dash-component-suites/", f"{PATH}sw.js", f"{PATH}_dash-dependencies")
"""Addresses of programs and styles, which say nothing of the commune."""


def mount_wall(server: Flask, queries: Queries, settings: Settings, panels: Sequence[Panel]) -> WallApp:
    """The wall at /man-hinh/ on `server`.

    Raises ConfigError when a text could not be read from where people sit (each tile named).
    """
    screens = Screens(queries.store.engine, queries.clock)
    gate = Gate(screens, usual_profile(settings, panels), settings, queries.now)
    return mount(server, HouseReader(queries), settings, panels, gate=gate, beats=Beats(screens, queries.now))


def check_wall(queries: Queries, settings: Settings, panels: Sequence[Panel]) -> None:
    """Raises ConfigError as `mount_wall` would; for who starts the process that mounts."""
    board = Board(HouseReader(queries), panels, _framing(settings), build_id(), USUAL_PERIOD_SECONDS)
    check_legible(board, usual_profile(settings, panels), settings.path, settings.centre.language)


def mount(
    server: Flask,
    reader: Reader,
    settings: Settings,
    panels: Sequence[Panel],
    *,
    gate: Gate | None = None,
    beats: Beats | None = None,
    period_seconds: float = USUAL_PERIOD_SECONDS,
) -> WallApp:
    """`mount_wall` for any reader; without a gate everybody sees the usual profile (tests and previews)."""
    centre = settings.centre
    board = Board(reader, panels, _framing(settings), build_id(), period_seconds)
    usual = usual_profile(settings, panels)
    check_legible(board, usual, settings.path, centre.language)
    app = WallApp(board, usual, centre.language, server)
    server.before_request(partial(_admit, app, gate))
    server.add_url_rule(f"{PATH}state", "wall_state", lambda: board.state(app.view()))
    server.add_url_rule(f"{PATH}beat", "wall_beat", partial(_beat, beats), methods=["POST"])
    server.add_url_rule(f"{PATH}sw.js", "wall_worker", _worker)
    server.add_url_rule(PATH.rstrip("/"), "wall_redirect", _to_the_wall)
    server.after_request(partial(_finish, gate))
    return app


def _framing(settings: Settings) -> Framing:
    wall, centre = settings.wall, settings.centre
    return Framing(centre.name, centre.unit, centre.demo, wall.dim or "", wall.blank or "")


def _admit(app: WallApp, gate: Gate | None) -> Response | None:
    """Before every request: the wall's own addresses are for admitted screens only."""
    path = request.path
    if not path.startswith(PATH) or path.startswith(OPEN):
        return None
    g.admission = gate.admit(request) if gate else Admission(app.usual)
    if g.admission is not None or gate is None:
        return None
    if path != PATH:
        response = jsonify(code=gate.shown_code(request))
        response.status_code = HTTPStatus.UNAUTHORIZED
        return response
    code, token = gate.code(request)
    language = asked_language(request.args.get("ngon-ngu"), app.language)
    page = code_page(code, app.board.framing.centre, language, _waiting())
    response = Response(page, HTTPStatus.UNAUTHORIZED, {"Cache-Control": "no-store"}, mimetype="text/html")
    if token:
        set_token(response, token, PATH, request)
    return response


def trouble(app: WallApp) -> Response:
    """What a screen is sent in place of an error: switched on now, it has no board to keep."""
    language = asked_language(request.args.get("ngon-ngu"), app.language)
    page = trouble_page(app.board.framing.centre, language, _waiting())
    return Response(page, HTTPStatus.SERVICE_UNAVAILABLE, {"Cache-Control": "no-store"}, mimetype="text/html")


def _waiting() -> str:
    return versioned("wall/waiting.js", f"{PATH}assets/waiting.js")


def _beat(beats: Beats | None) -> Response:
    """One sign of life. Only from a script of ours: another site cannot send this type without being asked first."""
    if (request.content_length or 0) > LARGEST or not request.is_json:
        return Response(status=HTTPStatus.BAD_REQUEST)
    beat = Beat.of(request.get_json(silent=True))
    if beat is None:
        return Response(status=HTTPStatus.BAD_REQUEST)
    if beats is not None:
        beats.take(g.admission.screen, beat)
    return Response(status=HTTPStatus.NO_CONTENT)


def _worker() -> Response:
    """The service worker, from an address that lets it keep the wall's page."""
    response = Response((ASSETS / "wall/keep.js").read_bytes(), mimetype="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response


class WallApp(Dash):
    """Dash without the parts a screen that nobody touches does not need."""

    def __init__(self, board: Board, usual: Profile, language: str, server: Flask) -> None:
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
        self.board, self.usual, self.language = board, usual, language
        self.layout = self.painted_layout

    def view(self) -> View:
        """How the asking screen looks at the board: its profile, language and canvas.

        The canvas is told by the page's script (scale.js), in a cookie or in the address.
        """
        if not has_request_context():  # Dash asks for the layout once at set-up
            return View(self.usual, self.language)
        query: Mapping[str, str] = request.args
        if request.path.endswith("/_dash-layout"):
            said = parse_qs(urlsplit(request.referrer or "").query)
            query = {name: values[0] for name, values in said.items()}
        admission = g.get("admission")
        return View(
            admission.profile if admission else self.usual,
            asked_language(query.get("ngon-ngu"), self.language),
            asked_layout(query.get("khung") or request.cookies.get("khung")),
        )

    def painted_layout(self) -> Component:
        """The tree React mounts: that of the page that asks for it."""
        return self.board.painted(self.view()).layout

    def _generate_scripts_html(self) -> str:
        lines = super()._generate_scripts_html().splitlines()
        return "\n".join(line for line in lines if not any(name in line for name in NOT_NEEDED))

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]
        view = self.view()
        language, painted = view.language, self.board.painted(view)
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
<html lang="{language}" style="background:{DARK.ground}" data-canvas="{view.layout.name}"\
 data-kept-words="{escape(text("wall.kept", language, since="{since}"))}">
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


def check_legible(board: Board, profile: Profile, file: Path, language: str) -> None:
    """Raise ConfigError naming each tile that could not be read from the seats, on either canvas."""
    screen = profile.screen
    about = {"diagonal": f"{screen.diagonal_inch:g}", "distance": f"{screen.distance_m:g}"}
    floor = TypeScale.of(screen).floor
    names = [name for layout in LAYOUTS.values() for name in board.illegible(View(profile, language, layout))]
    line = read(file).line(("wall",))
    faults = [
        Fault(file, line, text("wall.too_small", language, **about, floor=floor, tile=name))
        for name in dict.fromkeys(names)
    ]
    if faults:
        raise ConfigError(faults)


def _finish(gate: Gate | None, response: Response) -> Response:
    """The page and its tree go out compressed; the page renews the screen's token."""
    ours = request.path in (PATH, f"{PATH}_dash-layout") and response.status_code == HTTPStatus.OK
    if ours and gate is not None and request.path == PATH:
        token = gate.renewed(request)
        if token:
            set_token(response, token, PATH, request)
    if ours and accepts_brotli() and "Content-Encoding" not in response.headers:
        response.set_data(brotli.compress(response.get_data(), quality=QUALITY))
        response.headers["Content-Encoding"] = "br"
        response.headers["Vary"] = "Accept-Encoding"
    return response


def _to_the_wall() -> Redirect:
    query = request.query_string.decode()
    return redirect(f"{PATH}?{query}" if query else PATH)
