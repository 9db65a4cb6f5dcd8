"""A small invented commune for the screens' tests, and the browser they are seen in."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from invented_commune import CONFIG, UNITS, fill
from mail_taker import Taker
from werkzeug.serving import make_server

from dashboard.app import build_server
from dashboard.open_queries import open_queries
from dashboard.queries import Queries

NOW = "2026-11-20T09:00:00+07:00"  # a Friday
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def commune(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration file of the invented commune, its store filled."""
    folder = tmp_path_factory.mktemp("commune")
    (folder / "units.csv").write_text(UNITS, "utf-8")
    config = folder / "config.yaml"
    config.write_text(CONFIG, "utf-8")
    opened = open_queries(config, {"IOC_NOW": NOW})
    fill(opened.store, opened.settings, opened.calendar, opened.clock)
    opened.store.checkpoint()
    opened.store.close()
    return config


@pytest.fixture(scope="session")
def queries(commune: Path) -> Iterator[Queries]:
    """The invented commune at 09:00 on Friday 20/11/2026."""
    opened = open_queries(commune, {"IOC_NOW": NOW})
    yield opened
    opened.store.close()


@pytest.fixture(scope="session")
def client(queries: Queries) -> Any:
    """Asks the whole server without a network."""
    return build_server(queries).test_client()


@pytest.fixture(scope="session")
def site(queries: Queries) -> Iterator[str]:
    """The address of the whole server, on a free port."""
    server = make_server("127.0.0.1", 0, build_server(queries), threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """The system's Chromium. Without one the browser tests fail, they are not skipped."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.fail(f"No browser for the tests: install one of {', '.join(BROWSERS)} (apt-get install chromium).")
    quiet = ("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync")
    return {"executable_path": found, "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", *quiet]}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, object]:
    return {
        "locale": "vi-VN",
        "timezone_id": "Asia/Ho_Chi_Minh",
        "viewport": {"width": 1366, "height": 900},
    }


@pytest.fixture
def mail_server() -> Iterator[Taker]:
    """A mail server that runs and has got nothing yet."""
    taker = Taker.on_a_free_port()
    controller = taker.listen()
    yield taker
    controller.stop()
