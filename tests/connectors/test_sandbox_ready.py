"""A first start without a red line: the scheduler begins when the simulated systems answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask

from connectors.sandbox.ready import wait_for
from connectors.sandbox.server import listen, server_on

ROOT = Path(__file__).parents[2]


class Patience:
    """A clock that goes on while nobody really waits; `meanwhile` happens at the third look."""

    def __init__(self) -> None:
        self.seconds, self.looks = 0.0, 0
        self.meanwhile = lambda: None

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.looks += 1
        if self.looks == 3:
            self.meanwhile()

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Patience:
    monkeypatch.setattr("connectors.sandbox.ready.ANSWER_SECONDS", 0.2)
    return Patience()


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address whose port is open and where nobody answers yet, as in the sandbox's first seconds."""
    with listen("127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"


def test_an_open_port_that_does_not_answer_is_not_ready(nobody: str, patience: Patience) -> None:
    assert not wait_for(nobody, 1.0, sleep=patience.sleep, monotonic=patience.monotonic)
    assert patience.seconds >= 1.0


def test_any_answer_says_that_all_stands(patience: Patience) -> None:
    listening = listen("127.0.0.1", 0)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server = server_on(listening, Flask("empty"))  # answers 404, and that is an answer
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    patience.meanwhile = thread.start
    try:
        assert wait_for(address, 60.0, sleep=patience.sleep, monotonic=patience.monotonic)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert patience.looks == 3


def test_the_command_waits_for_the_sandbox_and_goes_when_it_answers() -> None:
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    server = server_on(listening, Flask("empty"))
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "connectors", "sandbox", "--wait", "--port", str(port)],
            cwd=ROOT, env={**os.environ}, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


def test_the_procfile_starts_the_scheduler_behind_the_sandbox() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text("utf-8").splitlines())
    wait, _, then = lines["scheduler"].partition("; ")
    assert wait == f"{lines['sandbox']} --wait"
    assert then.endswith("-m connectors run")
