"""The wall over months and with many screens, accelerated. Run: make bench, or this file with numbers.

    bench_wall.py [updates] [rotations] [screens]     default 10000 5000 200

Soak: JS heap after collection, DOM nodes and listeners before and after, console errors.
Load: `screens` screens that poll every 15 s and 20 desk users, against the real server
over the invented commune: CPU of the server, p95 of polls that find nothing new.
Prints one line per promise; exit 1 when one is broken.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/dashboard")]

from playwright.sync_api import sync_playwright  # noqa: E402
from test_wall_browser import READY, Station  # noqa: E402

GIVEN = tuple(map(int, sys.argv[1:]))
UPDATES, ROTATIONS, SCREENS = (*GIVEN, *(10000, 5000, 200)[len(GIVEN) :])
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--js-flags=--expose-gc", "--enable-precise-memory-info"]
LOAD_SECONDS = 30
CHURN = """async ({updates, rotations}) => {
    // the page's own script puts each made-up state in place: its polls are answered here, at once
    const wall = [...document.querySelectorAll('.wall')].pop(), real = window.fetch;
    const first = await (await real('state')).text(), now = wall.dataset.now;
    let sent = 0;
    window.fetch = url => {
        if (!String(url).startsWith('state')) return real(url);
        const news = JSON.parse(first);
        sent += 1; news.tag = 'soak' + sent;
        for (const [key, node] of Object.entries(news.nodes)) {
            if (key.endsWith('.number')) node.t = String(sent);
            if (node.a && node.a['data-figure'] && sent % 10 === 0)
                node.a['data-figure'] = node.a['data-figure'].replace(/"y": ?\\[[-\\d.]+/, '"y":[' + sent);
        }
        return Promise.resolve(new Response(JSON.stringify(news), {status: 200, headers: {'Wall-Now': now}}));
    };
    const press = k => document.dispatchEvent(new KeyboardEvent('keydown', {key: k}));
    for (let i = 0; i < Math.max(updates, rotations); i++) {
        if (i < rotations) press('ArrowRight');
        if (i < updates) { window.dispatchEvent(new Event('online')); }
        await new Promise(done => setTimeout(done, 0));
    }
    for (let i = 0; i < 200 && sent < updates; i++) await new Promise(done => setTimeout(done, 50));
    window.fetch = real;
    return [sent, wall.dataset.tag]; }"""


def soak() -> dict[str, tuple[object, bool]]:
    station, errors = Station(), []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=ARGUMENTS)
        page = browser.new_context(viewport={"width": 1920, "height": 1080}, service_workers="block").new_page()
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.goto(station.url)
        page.wait_for_selector(READY, state="attached")
        session = page.context.new_cdp_session(page)

        def counted() -> dict[str, float]:
            session.send("HeapProfiler.collectGarbage")
            session.send("HeapProfiler.collectGarbage")
            found = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
            return {**found, "All": page.evaluate("document.querySelectorAll('*').length")}

        session.send("Performance.enable")
        page.evaluate(CHURN, {"updates": 200, "rotations": 100})
        before = counted()
        sent, _ = page.evaluate(CHURN, {"updates": UPDATES, "rotations": ROTATIONS})
        after = counted()
        browser.close()
    station.stop()
    grown = (after["JSHeapUsedSize"] - before["JSHeapUsedSize"]) / 1e6
    return {
        f"updates put in place ({ROTATIONS} rotations beside)": (sent, sent >= UPDATES),
        "JS heap growth after collection, MB (<= 5)": (round(grown, 2), grown <= 5),
        "elements in the page, before and after": ((before["All"], after["All"]), before["All"] == after["All"]),
        "listeners, before and after": (
            (before["JSEventListeners"], after["JSEventListeners"]),
            after["JSEventListeners"] <= before["JSEventListeners"],
        ),
        "console errors": (errors[:3], not errors),
    }


def load() -> dict[str, tuple[object, bool]]:
    from conftest import NOW
    from invented_commune import CONFIG, UNITS, fill

    from dashboard.open_queries import open_queries

    folder, port = Path(tempfile.mkdtemp()), 8797
    (folder / "units.csv").write_text(UNITS, "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    opened = open_queries(folder / "config.yaml", {"IOC_NOW": NOW})
    fill(opened.store, opened.settings, opened.calendar, opened.clock)
    opened.store.close()
    server = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "serve", "--config", str(folder / "config.yaml"), "--port", str(port)],
        cwd=ROOT, env={**os.environ, "IOC_NOW": NOW}, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    wall = f"http://127.0.0.1:{port}/man-hinh/state"
    try:
        _wait_for(wall)
        with urllib.request.urlopen(wall) as answer:
            tag = answer.headers["ETag"]
        spent: list[float] = []
        over = time.monotonic() + LOAD_SECONDS
        began_cpu = _cpu(server.pid)
        threads = [
            threading.Thread(target=_screen, args=(wall, tag, n * 15 / SCREENS, over, spent)) for n in range(SCREENS)
        ]
        threads += [threading.Thread(target=_desk, args=(f"http://127.0.0.1:{port}", n, over)) for n in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        share = 100 * (_cpu(server.pid) - began_cpu) / LOAD_SECONDS
    finally:
        os.killpg(server.pid, 15)
        server.wait(20)
    p95 = 1000 * statistics.quantiles(spent, n=20)[-1]
    return {
        f"polls of {SCREENS} screens in {LOAD_SECONDS} s": (len(spent), len(spent) >= SCREENS),
        "server CPU, % of one core (< 30)": (round(share, 1), share < 30),
        "p95 of a poll that finds nothing new, ms (<= 20)": (round(p95, 1), p95 <= 20),
    }


def _screen(address: str, tag: str, wait: float, over: float, spent: list[float]) -> None:
    time.sleep(wait)
    while time.monotonic() < over:
        began = time.perf_counter()
        try:
            urllib.request.urlopen(urllib.request.Request(address, headers={"If-None-Match": tag})).close()
        except urllib.error.HTTPError as answer:
            if answer.code == 304:
                spent.append(time.perf_counter() - began)
        time.sleep(15)


def _desk(site: str, number: int, over: float) -> None:
    """A person who opens a page every 10 s."""
    time.sleep(number / 2)
    pages = ("/", "/dich-vu-cong", "/nguon-so-lieu")
    turn = number
    while time.monotonic() < over:
        asked = urllib.request.Request(f"{site}/_dash-layout", headers={"Referer": site + pages[turn % 3]})
        urllib.request.urlopen(asked).read()
        turn += 1
        time.sleep(10)


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


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
    kept = True
    for part in (soak, load):
        for promise, (found, well) in part().items():
            print(f"{'ok    ' if well else 'BROKEN'} {promise}: {found}", flush=True)
            kept = kept and well
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
