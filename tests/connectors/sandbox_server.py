"""The simulated one-stop over real HTTP for tests, with a clock that can be moved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import httpx

from connectors.sandbox.faults import Faults
from connectors.sandbox.one_stop.api import create_api
from connectors.sandbox.one_stop.one_stop import OneStop
from connectors.sandbox.one_stop.tokens import Tokens
from connectors.sandbox.server import listen, server_on
from datasets.working_days import WorkingCalendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CLIENT, SECRET = "ioc-test", "secret-test"
CREDENTIALS = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
SMALL = "99006"


@dataclass(slots=True)
class Sandbox:
    """A running sandbox. `slept` are the seconds its faults asked to wait; nobody really waits."""

    now: datetime
    one_stop: OneStop
    address: str = ""
    slept: list[float] = field(default_factory=list)
    client: httpx.Client = field(default_factory=httpx.Client)

    def sign_in(self) -> None:
        answer = self.client.post("/token", data=CREDENTIALS)
        self.client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def page(self, page: int = 1, **params: object) -> httpx.Response:
        asked = {"maDonVi": SMALL, "page": page, "pageSize": 200, **params}
        return self.client.get("/api/ho-so", params={name: str(value) for name, value in asked.items()})

    def items(self, page: int = 1, **params: object) -> list[dict[str, object]]:
        found = self.page(page, **params).json()["data"]["items"]
        assert isinstance(found, list)
        return found

    def fault(self, kind: str, **setting: object) -> None:
        assert self.client.post("/faults", json={"kind": kind, **setting}).status_code == 201

    def wait(self, **time: float) -> None:
        self.now += timedelta(**time)


@contextmanager
def running(calendar: WorkingCalendar) -> Iterator[Sandbox]:
    """A signed-in sandbox at 09:00 on Friday 20/11/2026."""
    now = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
    one_stop = OneStop(7, [now.replace(tzinfo=None)], calendar, Path("datasets/demo/units.csv"), lively=False)
    sandbox = Sandbox(now, one_stop)
    tokens = Tokens({CLIENT: SECRET}, 7, lambda: sandbox.now)
    app = create_api(one_stop, tokens, Faults(7), lambda: sandbox.now, ZONE, sandbox.slept.append)
    server = server_on(listen("127.0.0.1", 0), app)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    sandbox.address = f"http://127.0.0.1:{server.port}"
    try:
        with httpx.Client(base_url=sandbox.address, timeout=20) as client:
            sandbox.client = client
            sandbox.sign_in()
            yield sandbox
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
