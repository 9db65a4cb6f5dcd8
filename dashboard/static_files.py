"""Scripts, styles and fonts: compressed once with brotli, kept for good by browsers; answers lightly.

A file is kept for good only when its address changes with it: Dash's fingerprint, or
the `?m=` of its assets. Never flask-compress's cache: it keeps answers too (stack.md, traps).
"""

from __future__ import annotations

import re
from threading import Lock, Thread

import brotli
from flask import Flask, Response, request

FINGERPRINT = re.compile(r"\.v[\w-]+m[0-9a-fA-F]+\.")
STATIC = ("/_dash-component-suites/", "/assets/")
TEXTUAL = ("text/javascript", "application/javascript", "text/css", "image/svg+xml", "application/json")
QUALITY = 9
ANSWERS = ("application/json", "text/html", "text/csv")
WORTH_BYTES, LIGHTLY = 2000, 4
REFERENCES = re.compile(r"""(?:src|href)="(/[^"]+)\"""")
FONT_FACE = "font/woff2"
ICON = "/favicon.svg"
"""Browsers look at it again at every new address of a page."""


def mount_static_files(server: Flask) -> None:
    """Compress and date what is static."""
    kept: dict[str, tuple[int, bytes]] = {}
    lock = Lock()

    @server.after_request
    def lighten(response: Response) -> Response:
        if response.status_code != 200:
            return response
        if not any(part in request.path for part in STATIC):
            return _lighten_answer(response)
        if FINGERPRINT.search(request.path) or "m" in request.args:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif response.mimetype == FONT_FACE or request.path.endswith((".woff2", ICON)):
            response.headers["Cache-Control"] = "public, max-age=2592000"
        accepted = "br" in request.headers.get("Accept-Encoding", "")
        if accepted and response.mimetype in TEXTUAL and "Content-Encoding" not in response.headers:
            key, length = request.full_path, response.content_length
            with lock:
                found = kept.get(key)
            opened = response.response
            if found is None or found[0] != length:
                response.direct_passthrough = False
                plain = response.get_data()
                found = (len(plain), brotli.compress(plain, quality=QUALITY))
                with lock:
                    kept[key] = found
            response.direct_passthrough = False
            response.set_data(found[1])
            if hasattr(opened, "close"):
                opened.close()  # the file itself, which nobody reads any more
            response.headers["Content-Encoding"] = "br"
            response.headers["Vary"] = "Accept-Encoding"
        return response


def _lighten_answer(response: Response) -> Response:
    """A computed answer, compressed lightly each time (about 1 ms for 80 kB) and never kept."""
    accepted = "br" in request.headers.get("Accept-Encoding", "")
    if not accepted or response.mimetype not in ANSWERS or "Content-Encoding" in response.headers:
        return response
    plain = response.get_data()
    if len(plain) >= WORTH_BYTES:
        response.set_data(brotli.compress(plain, quality=LIGHTLY))
        response.headers["Content-Encoding"] = "br"
        response.headers["Vary"] = "Accept-Encoding"
    return response


def warm_up(server: Flask, pages: tuple[str, ...]) -> None:
    """Ask for each page once, and in the background for every file it names.

    Dash registers its files while it serves its first page: a worker that has not done so
    answers them with 500.
    """
    client = server.test_client()
    named: list[str] = []
    for page in pages:
        named += REFERENCES.findall(client.get(page).get_data(as_text=True))

    def compress() -> None:
        for address in dict.fromkeys(named):
            if any(part in address for part in STATIC):
                server.test_client().get(address, headers={"Accept-Encoding": "br"})

    Thread(target=compress, name="compress", daemon=True).start()
