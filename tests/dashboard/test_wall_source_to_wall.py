"""From the source to the wall through every process there is: HTTP, scheduler, store, web server, browser."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from one_stop_server import OneStop, dossier, write_config
from playwright.sync_api import Page, expect
from wall_station import READY

ROOT = Path(__file__).parents[2]
PERIOD = 5  # seconds between pulls; a cron line knows minutes only, so the scheduler is started with this instead
PROMISE = PERIOD + 20
SCHEDULER = f"""
import os
import sys
import connectors.scheduler as scheduler
from apscheduler.triggers.interval import IntervalTrigger
scheduler.trigger = lambda *_: IntervalTrigger(seconds={PERIOD})
from connectors.__main__ import main
sys.exit(main(["run", "--config", sys.argv[1]], os.environ))
"""


@pytest.fixture
def source() -> Iterator[OneStop]:
    source = OneStop()
    yield source
    source.close()


def live(number: int, **changed: object) -> dict[str, object]:
    """A dossier received a moment ago."""
    now = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh"))
    due = now + timedelta(days=5)
    return dossier(
        number, MaHoSo=f"H99.01-{now:%y%m%d}-{number:06d}", NgayTiepNhan=f"{now:%Y%m%d%H%M%S}",
        NgayHenTra=f"{due:%Y%m%d}170000", NgayCapNhat=f"{now:%Y%m%d%H%M%S}", **changed,
    )  # fmt: skip


@pytest.fixture
def wall(source: OneStop, tmp_path: Path) -> Iterator[str]:
    """The wall's address, with a scheduler and a web server of their own."""
    source.dossiers = [live(number) for number in range(40)]
    config = write_config(tmp_path, f"sqlite:///{tmp_path}/ioc.db", source.url)
    path = Path(config)
    written = (
        path.read_text("utf-8").replace('unit: "T01"', 'unit: "X0001"').replace('"*/10 6-19 * * 1-6"', '"* * * * *"')
    )
    path.write_text(written, "utf-8")
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {name: value for name, value in os.environ.items() if name != "IOC_NOW"}
    run = {"cwd": ROOT, "env": environ, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen([sys.executable, "-c", SCHEDULER, config], **run),
        subprocess.Popen([sys.executable, "-m", "dashboard", "serve", "--config", config, "--port", str(port)], **run),
    ]
    try:
        yield _when_up(f"http://127.0.0.1:{port}/man-hinh/")
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


def _when_up(address: str) -> str:
    over = time.monotonic() + 90
    while time.monotonic() < over:
        try:
            with urllib.request.urlopen(f"{address}state") as told:
                if "public_services" in json.load(told)["nodes"]:
                    return address
        except OSError:
            pass
        time.sleep(0.3)
    pytest.fail("no figures on the wall after a minute and a half")


def test_a_dossier_changed_at_the_source_is_on_the_wall_within_the_period_and_twenty_seconds(
    page: Page, source: OneStop, wall: str
):
    page.goto(wall)
    page.wait_for_selector(READY, state="attached", timeout=30000)
    pending = page.locator('[data-k="public_services.ps_pending.number"]')
    expect(pending).to_have_text("40", timeout=30000)
    now = f"{datetime.now(ZoneInfo('Asia/Ho_Chi_Minh')):%Y%m%d%H%M%S}"
    source.dossiers[0] |= {"TrangThaiHoSo": "9", "NgayKetThucXuLy": now, "NgayCapNhat": now}
    began = time.monotonic()
    expect(pending).to_have_text("39", timeout=PROMISE * 1000)
    assert time.monotonic() - began <= PROMISE
    assert page.locator("#react-entry-point .wall").get_attribute("data-state") == "ok"
