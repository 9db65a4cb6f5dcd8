"""A server with a wall over invented panels, for the browser to look at."""

from __future__ import annotations

import threading

import sample_panels as sample
from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from dashboard.wall.app import ASSETS, mount

PERIOD = 0.4  # seconds between polls, so that three silent ones pass quickly
READY = ".wall[data-ready='1']"


class Quiet(WSGIRequestHandler):
    """Answers without a line in the log for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


class Station:
    """A server with the wall on it that can be stopped and started again at the same address."""

    def __init__(self, *panels: object, todos: tuple = (), **settings: object) -> None:
        self.reader = sample.Reader(*(panels or (sample.public_services(), sample.socio_economic())))
        self.server = Flask("test", static_folder=str(ASSETS), static_url_path="/assets")
        shown = [panel for panel in (sample.PUBLIC, sample.SOCIAL) if panel.id in self.reader.panels]
        self.app = mount(self.server, self.reader, sample.settings(**settings), shown, period_seconds=PERIOD)
        self.reader.todo = todos
        self.port = 0
        self.running: BaseWSGIServer | None = None
        self.start()

    def start(self) -> None:
        self.running = make_server("127.0.0.1", self.port, self.server, threaded=True, request_handler=Quiet)
        self.port = self.running.server_port
        threading.Thread(target=self.running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        if self.running is not None:
            self.running.shutdown()
            self.running.server_close()
            self.running = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/man-hinh/"
