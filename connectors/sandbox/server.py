"""The sandbox's HTTP server: one process, a thread per request."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from datasets.errors import UsageError

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)


class Handler(WSGIRequestHandler):
    """Keeps connections open between pages; says a request only when asked to be talkative."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        log.debug("%s %s", self.requestline, code)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  the parent's name
        log.debug(message, *args)


def bind(app: Flask, host: str, port: int) -> BaseWSGIServer:
    """A server that listens already; port 0 takes a free one. Raises UsageError when the port is taken."""
    try:
        return make_server(host, port, app, threaded=True, request_handler=Handler)
    except (OSError, SystemExit):  # werkzeug exits by itself when the port is in use
        raise UsageError("sandbox.port_taken", port=port) from None
