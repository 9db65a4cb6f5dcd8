"""A real HTTP server whose answers a test writes down: one function per request, in order."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(slots=True)
class Seen:
    """One request as the server got it."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    raw_query: str = ""

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


Answer = Callable[["Handler", Seen], None]


class Handler(BaseHTTPRequestHandler):
    """Gives each request to the script's next answer; the last one serves all that follow."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ScriptServer

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        seen = Seen(self.command, parts.path, query, headers, body, parts.query)
        script = self.server.script
        script.seen.append(seen)
        answer = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
        try:
            answer(self, seen)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client has had enough, as some tests want

    do_GET = do_POST = _serve

    def give(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@dataclass(slots=True)
class Script:
    """What the server will answer, and what it was asked."""

    port: int = 0
    answers: list[Answer] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"


class ScriptServer(ThreadingHTTPServer):
    daemon_threads = True
    script: Script

    def handle_error(self, request: object, client_address: object) -> None:
        pass


@contextmanager
def serving(*answers: Answer) -> Iterator[Script]:
    """A server on a free port of 127.0.0.1 for the time of a `with`."""
    server = ScriptServer(("127.0.0.1", 0), Handler)
    server.script = Script(server.server_port, list(answers))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server.script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def gives(body: object, status: int = 200, **headers: str) -> Answer:
    """JSON, or bytes as they are. Header names are written with _ for -."""
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, seen: handler.give(status, content, named)


def gives_packed(body: bytes) -> Answer:
    return gives(gzip.compress(body), Content_Encoding="gzip")


def hangs_up(handler: Handler, seen: Seen) -> None:
    handler.close_connection = True
    handler.connection.close()
