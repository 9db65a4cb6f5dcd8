"""The web server's process: what it does before it forks its worker, and where it says to look."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from one_stop_server import write_config

from dashboard import serve
from datasets.store import open_store
from datasets.store.tables import DATA_VERSION

ROOT = Path(__file__).parents[2]


def test_nothing_runs_beside_the_process_when_it_forks_its_worker(tmp_path, monkeypatch):
    """A thread inside SQLite at that moment would leave the worker a mutex that nobody opens again."""
    beside: list[int] = []

    class Bearing:
        def __init__(self, target: str, **options: object) -> None:
            self.hooks: list = []

        def on_startup(self, hook) -> None:
            self.hooks.append(hook)

        def serve(self) -> None:
            for hook in self.hooks:
                hook()
            beside.append(threading.active_count())

    for name in ("IOC_CONFIG", "IOC_PORT"):
        monkeypatch.setenv(name, os.environ.get(name, "0"))
    monkeypatch.setattr(serve, "Server", Bearing)
    alone = threading.active_count()
    config = write_config(tmp_path, f"sqlite:///{tmp_path}/ioc.db", "http://127.0.0.1:9")
    monkeypatch.delenv("IOC_PORT")
    assert serve.serve(config, _free_port()) == 0
    assert beside == [alone]


def test_the_address_is_said_when_the_first_figures_are_in(tmp_path):
    url, port = f"sqlite:///{tmp_path}/ioc.db", _free_port()
    config = write_config(tmp_path, url, "http://127.0.0.1:9")
    command = [sys.executable, "-u", "-m", "dashboard", "serve", "--config", config, "--port", str(port)]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("IOC_")}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert f":{port}" not in process.stdout.readline()  # who may look
            with closing(open_store(url, lambda: None)) as store, store.engine.begin() as connection:  # type: ignore
                connection.execute(sa.update(DATA_VERSION).values(version=1))
            assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
        finally:
            process.terminate()
        assert process.wait(30) == 0


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
