"""The sandbox's HTTP server: one process, a thread per request."""

from __future__ import annotations

import logging
import os
import socket
from typing import TYPE_CHECKING

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from datasets.errors import UsageError

if TYPE_CHECKING:
    from flask import Flask

log = logging.getLogger(__name__)

HIGHEST_PORT = 65535


class Handler(WSGIRequestHandler):
    """Says a request only when asked to be talkative."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        log.debug("%s %s", self.requestline, code)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002  the parent's name
        log.debug(message, *args)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises UsageError when it cannot be had.

    werkzeug by itself prints and exits then.
    """
    if not 0 <= port <= HIGHEST_PORT:  # else the system quietly takes what is left of it modulo 65536
        raise UsageError("sandbox.port_number", port=port)
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            if os.name == "posix":  # elsewhere it would let two programs share the port
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(128)
        except OSError:
            listening.close()
            raise
    except OSError:
        raise UsageError("sandbox.port_taken", host=host, port=port) from None
    return listening


def server_on(listening: socket.socket, app: Flask) -> BaseWSGIServer:
    """The application served on a socket, which is taken over."""
    host, port = listening.getsockname()[:2]
    with listening:
        return make_server(host, port, app, threaded=True, request_handler=Handler, fd=listening.fileno())
