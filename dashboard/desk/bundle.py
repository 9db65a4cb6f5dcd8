"""The desk's scripts in one file and its styles in another, each named after what is in it.

A page then costs two requests where Dash alone makes twenty, and a browser keeps both for
good. plotly stays a file of its own; the suites in LATE are fetched only by pages that
show one of their components (assets/js/late.js).
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from threading import Lock
from typing import Any

import dash_ag_grid  # noqa: F401  its scripts are served because it is imported; window.js draws it
from dash import Dash
from flask import Flask, Response, abort

from dashboard.static_files import REFERENCES

LATE = {"dash_ag_grid": "/dash_ag_grid.", "dash_mantine_components": "/dash_mantine_components."}
"""Suites that wait, and what their script's address holds."""
NOT_NEEDED = ("/dash_table/", "polyfill@")
"""No table of theirs is drawn; of the polyfill only the runtime of generators is wanted, and comes alone."""
FIRST = "regenerator-runtime"
ALONE = "plotly-cartesian"
SCRIPT = "/_dash-component-suites/dash/dcc/dash_renderer.v1m{digest}.js"
STYLE = "/assets/fonts/desk.v1m{digest}.css"
"""Beside what they refer to: parts of dcc, and fonts. The form of the names says that they may be kept for good."""
PRELOADED_FONTS = ("latin-400", "vietnamese-400", "latin-600", "vietnamese-600")


class DeskApp(Dash):
    """A Dash app whose page names two bundles in place of every file. `serve_bundles` first."""

    def __init__(self, *arguments: Any, late_theme: dict[str, object], **named: Any) -> None:
        self.late_theme = late_theme
        self._bundles: dict[str, bytes] = {}
        self._named: dict[tuple[str, ...], str] = {}
        self._lock = Lock()
        super().__init__(*arguments, **named)

    def serve_bundles(self, server: Flask) -> None:
        """Answer for the bundles' addresses on `server`."""

        def answer(digest: str, kind: str) -> Response:
            found = self._bundles.get((SCRIPT if kind == "js" else STYLE).format(digest=digest))
            if found is None:
                abort(404)
            return Response(found, mimetype="text/javascript" if kind == "js" else "text/css")

        server.add_url_rule(SCRIPT.format(digest="<digest>"), "desk_script", lambda digest: answer(digest, "js"))
        server.add_url_rule(STYLE.format(digest="<digest>"), "desk_style", lambda digest: answer(digest, "css"))
        self._server = server

    def interpolate_index(self, **parts: str) -> str:  # type: ignore[override]
        sources = REFERENCES.findall(parts["scripts"])
        styles = REFERENCES.findall(parts["css"])
        late = {suite: next(s for s in sources if mark in s) for suite, mark in LATE.items()}
        kept = [s for s in sources if s not in late.values() and not any(word in s for word in NOT_NEEDED)]
        alone = next(s for s in kept if ALONE in s)
        ordered = sorted((s for s in kept if s != alone), key=lambda source: FIRST not in source)
        script = self._bundle(tuple(ordered), SCRIPT, b"\n;")
        style = self._bundle(tuple(styles), STYLE, b"\n")
        said = json.dumps({"suites": late, "theme": self.late_theme}).replace('"', "&quot;")
        fonts = "".join(
            f'<link rel="preload" href="/assets/fonts/be-vietnam-pro-{font}-normal.woff2" as="font" crossorigin>'
            for font in PRELOADED_FONTS
        )
        parts["css"] = f'<link rel="stylesheet" href="{style}"><meta name="late" content="{said}">{fonts}'
        parts["scripts"] = f'<script src="{alone}"></script><script src="{script}"></script>'
        return str(super().interpolate_index(**parts))

    def _bundle(self, sources: tuple[str, ...], form: str, between: bytes) -> str:
        """The address of one file that holds all `sources`, made once for each state of them."""
        with self._lock:
            if sources not in self._named:
                whole = between + between.join(map(self._plain, sources))
                address = form.format(digest=sha256(whole).hexdigest()[:16])
                self._bundles[address] = whole
                self._named[sources] = address
            return self._named[sources]

    def _plain(self, source: str) -> bytes:
        """A file without the reference to its map, which is not served."""
        with self._server.test_client().get(source) as answer:
            return re.sub(rb"(?m)^//# sourceMappingURL=.*$", b"", answer.get_data())
