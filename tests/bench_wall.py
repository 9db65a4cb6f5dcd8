"""The wall over months and with many screens, accelerated. Run: make bench, or this file with numbers.

    bench_wall.py [updates] [rotations] [screens]     default 10000 5000 200

Soak: JS heap after collection, DOM nodes and listeners before and after, console errors.
Opening: bytes and seconds until painted and drawn, cold and warm.
Load: `screens` screens that poll every 15 s and 20 desk users, against the real server over
the invented commune, whose data change every 25 s: CPU of the server, p95 of polls that find
nothing new, how long any screen showed a figure that had been overtaken, computations of the
board (one for each data version).
Prints one line per promise; exit 1 when one is broken.
"""

from __future__ import annotations

import http.client
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/dashboard")]

from playwright.sync_api import Browser, sync_playwright  # noqa: E402
from wall_soak import ARGUMENTS, soak  # noqa: E402
from wall_transfer import cold_and_warm  # noqa: E402

GIVEN = tuple(map(int, sys.argv[1:]))
UPDATES, ROTATIONS, SCREENS = (*GIVEN, *(10000, 5000, 200)[len(GIVEN) :])
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PERIOD, DELIVERED_EVERY, LOAD_SECONDS, DESK_USERS = 15, 25, 75, 20
WALL, DESK = "/man-hinh/state", ("/", "/dich-vu-cong", "/nguon-so-lieu")
Promises = dict[str, tuple[object, bool]]


def soaked(browser: Browser) -> Promises:
    began = time.perf_counter()
    found = soak(browser, UPDATES, ROTATIONS)
    return {
        f"updates and rotations put in place, in {time.perf_counter() - began:.0f} s": (
            (found.updates, found.rotations), found.updates >= UPDATES and found.rotations >= ROTATIONS,
        ),
        "JS heap growth after collection, MB (<= 5)": (round(found.grown, 2), found.grown <= 5),
        "elements in the page, before and after": (found.elements, found.elements[0] == found.elements[1]),
        "listeners, before and after": (found.listeners, found.listeners[1] <= found.listeners[0]),
        "console errors": (found.errors[:3], not found.errors),
    }  # fmt: skip


def opening(browser: Browser, site: str) -> Promises:
    cold_and_warm(browser, f"{site}/man-hinh/")  # the server's own first time
    cold, warm = cold_and_warm(browser, f"{site}/man-hinh/")
    return {
        "cold, kB (< 900)": (round(cold.sent / 1000), cold.sent < 900_000),
        "cold, first contentful paint, s (< 0.5)": (round(cold.painted, 2), cold.painted < 0.5),
        "cold, all drawn, s (< 1.5)": (round(cold.drawn, 2), cold.drawn < 1.5),
        "warm, kB (< 40)": (round(warm.sent / 1000), warm.sent < 40_000),
        "warm, all drawn, s": (round(warm.drawn, 2), True),
    }


@dataclass
class Seen:
    """What the screens saw: seconds of each poll that found nothing new; when each screen was told news."""

    nothing_new: list[float] = field(default_factory=list)
    news: dict[int, list[float]] = field(default_factory=dict)
    bad: list[int] = field(default_factory=list)


def load(port: int, queries: Any) -> Promises:
    seen, over = Seen(), time.monotonic() + LOAD_SECONDS
    began_paintings = _paintings(port)
    began_cpu = _cpu(_group(port))
    threads = [threading.Thread(target=_screen, args=(port, n, over, seen)) for n in range(SCREENS)]
    threads += [threading.Thread(target=_desk, args=(port, n, over)) for n in range(DESK_USERS)]
    for thread in threads:
        thread.start()
    delivered = _deliveries(queries, over - 2 * PERIOD)
    for thread in threads:
        thread.join()
    share = 100 * (_cpu(_group(port)) - began_cpu) / LOAD_SECONDS
    late = [
        min((at for at in times if at >= when), default=when + LOAD_SECONDS) - when
        for when in delivered
        for times in seen.news.values()
    ]
    paintings = _paintings(port) - began_paintings
    told = sum(map(len, seen.news.values()))
    p95 = 1000 * statistics.quantiles(seen.nothing_new, n=20)[-1] if len(seen.nothing_new) > 1 else float("nan")
    return {
        f"polls of {SCREENS} screens in {LOAD_SECONDS} s: nothing new, news, bad": (
            (len(seen.nothing_new), told, len(seen.bad)), bool(seen.nothing_new) and not seen.bad,
        ),
        f"computations of the board for {len(delivered)} data versions": (paintings, paintings == len(delivered)),
        "server CPU, % of one core (< 30)": (round(share, 1), share < 30),
        "p95 of a poll that finds nothing new, ms (<= 20)": (round(p95, 1), p95 <= 20),
        f"oldest figure on any screen, s (<= {PERIOD + 15})": (round(max(late), 1), max(late) <= PERIOD + 15),
    }  # fmt: skip


def _deliveries(queries: Any, over: float) -> list[float]:
    """New dossiers now and then; the moments of their commit."""
    from invented_commune import ZONE, deliver, dossier

    from datasets.schema.dataset import Context

    moments: list[float] = []
    context = Context(now=queries.clock(), time_zone=ZONE, calendar=queries.calendar)
    time.sleep(PERIOD + 1)  # until every screen has its first board
    while time.monotonic() < over:
        rows = [dossier(f"L{len(moments)}|Hộ tịch|Thôn Đông|online|19|27|")]
        deliver(queries.store, context, "one_stop", "dossier", rows)
        moments.append(time.monotonic())
        time.sleep(DELIVERED_EVERY)
    return moments


def _screen(port: int, number: int, over: float, seen: Seen) -> None:
    time.sleep(number * PERIOD / SCREENS)
    told = seen.news.setdefault(number, [])
    tag = ""
    while time.monotonic() < over:
        began = time.perf_counter()
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        wire.request("GET", WALL, headers={"If-None-Match": tag, "Accept-Encoding": "br"})
        answer = wire.getresponse()
        answer.read()
        if answer.status == 304:
            seen.nothing_new.append(time.perf_counter() - began)
        elif answer.status == 200:
            tag = answer.headers["ETag"]
            told.append(time.monotonic())
        else:
            seen.bad.append(answer.status)
        wire.close()
        time.sleep(PERIOD)


def _desk(port: int, number: int, over: float) -> None:
    """A person who opens a page every 10 s."""
    time.sleep(number / 2)
    turn = number
    while time.monotonic() < over:
        wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        wire.request("GET", "/_dash-layout", headers={"Referer": f"http://127.0.0.1:{port}{DESK[turn % 3]}"})
        wire.getresponse().read()
        wire.close()
        turn += 1
        time.sleep(10)


SERVERS: dict[int, subprocess.Popen[bytes]] = {}


def _group(port: int) -> int:
    return SERVERS[port].pid


def _serve(config: Path, now: str) -> int:
    """The real server on a free port, as a process group of its own."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    SERVERS[port] = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "serve", "--config", str(config), "--port", str(port)],
        cwd=ROOT, env={**os.environ, "IOC_NOW": now}, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    for _ in range(300):
        try:
            wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            wire.request("GET", WALL)
            wire.getresponse().read()
            return port
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def _paintings(port: int) -> int:
    """How often the server has computed the board; its clock stands still, so that no minute adds to it."""
    wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    wire.request("GET", "/metrics")
    lines = wire.getresponse().read().decode().splitlines()
    wire.close()
    return next(int(float(line.split()[1])) for line in lines if line.startswith("ioc_wall_paintings_total "))


def _cpu(group: int) -> float:
    """Seconds of CPU that a process group has used."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def main() -> int:
    from conftest import NOW
    from invented_commune import CONFIG, UNITS, fill

    from dashboard.open_queries import open_queries

    folder = Path(tempfile.mkdtemp())
    (folder / "units.csv").write_text(UNITS, "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    queries = open_queries(folder / "config.yaml", {"IOC_NOW": NOW})
    fill(queries.store, queries.settings, queries.calendar, queries.clock)
    port, kept = _serve(folder / "config.yaml", NOW), True
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=BROWSER, args=list(ARGUMENTS))
            kept = _tell(opening(browser, f"http://127.0.0.1:{port}")) and kept
            kept = _tell(soaked(browser)) and kept
            browser.close()
        kept = _tell(load(port, queries)) and kept
    finally:
        os.killpg(_group(port), 15)
        SERVERS[port].wait(20)
        queries.store.close()
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if kept else 1


def _tell(promises: Promises) -> bool:
    for promise, (found, well) in promises.items():
        print(f"{'ok    ' if well else 'BROKEN'} {promise}: {found}", flush=True)
    return all(well for _, well in promises.values())


if __name__ == "__main__":
    sys.exit(main())
