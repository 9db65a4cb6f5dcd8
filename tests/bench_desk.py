"""What a page costs: bytes, requests, times, the computing of its data, the server's memory.

    bench_desk.py                one commune on SQLite, then a province of 130 such communes on PostgreSQL
    bench_desk.py --communes 0   the one commune only (about two minutes)
    bench_desk.py --no-browser   the computing of the pages' data only

The one commune has 30,000 dossiers, documents, petitions and every report of three years. Those of the province have
236 dossiers a week: 4.8 million, beside 3.4 million documents and 2.1 million observations; they are made in the
database, some eight minutes on two idle cores, whose server has 2 GB (README, Decisions). Pages are timed in the
browser: of the commune, of one of 130, and of all of them.

Medians of several turns. Nothing of a page's data is kept between turns. Prints a table of what was promised
and what was measured; exit 1 where a promise is broken. Times mean something on an idle machine only: a fixed piece
of Python is timed beside each group of them, so that a slow hour, or a slow interpreter, can be told from a slow page.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests/dashboard")]

import sqlalchemy as sa  # noqa: E402
from bench_ingest import NOW, deliver  # noqa: E402
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright  # noqa: E402

from dashboard.open_queries import open_queries  # noqa: E402
from dashboard.panels import BY_ID, PANELS  # noqa: E402
from dashboard.queries import EVERYONE, Ask, Queries  # noqa: E402
from dashboard.serve import settle  # noqa: E402
from datasets.periods import Period, PeriodType  # noqa: E402
from datasets.schema import DATASETS  # noqa: E402
from datasets.store import Store  # noqa: E402
from datasets.store.engine import writing  # noqa: E402
from datasets.store.rollup import rebuild_all  # noqa: E402
from datasets.store.tables import DATA_VERSION, TABLES  # noqa: E402
from tests.full_commune import furnish  # noqa: E402
from tests.own_postgresql import own_postgresql  # noqa: E402

TURNS, TURNS_OF_DATA = 7, 31
ROWS = 30_000
"""Dossiers of the one commune: three years of a middling one."""
A_WEEK = 236
UNIT, PROVINCE = "26275", "99"
PAGE = "/dich-vu-cong"
CARDS = (
    *("ps_received", "ps_resolved", "ps_pending", "ps_resolved_late", "ps_pending_overdue"),
    *("ps_resolved_on_time", "ps_pending_in_time"),
)
"""Whose records are clicked for, each once."""
BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
DRAWN = """() => { const g = [...document.querySelectorAll('.graph')];
    return g.length > 0 && g.every(x => !x.ariaBusy && x.querySelector('.main-svg .cartesianlayer path')); }"""
IN_VIEW = """() => [...document.querySelectorAll('.graph')].every(x => {
    const at = x.getBoundingClientRect(), out = at.bottom <= 0 || at.top >= innerHeight;
    return out || !x.ariaBusy && x.querySelector('.main-svg .cartesianlayer path'); })"""
"""What is out of view is drawn after it (assets/js/turns.js)."""
LISTED = """() => { const grid = document.querySelector('#records [aria-rowcount]');
    return grid && +grid.ariaRowCount === +document.querySelector('#records-count').dataset.count + 1
        && grid.querySelector('.ag-row [col-id=dossier_code]'); }"""
WATCH = """() => { window.__drawn = null; const look = () => {
    const g = [...document.querySelectorAll('.graph')], full = document.querySelector('.page') && g.length > 0
        && g.every(x => x.querySelector('.main-svg .cartesianlayer path'));
    if (full) window.__drawn = performance.now(); else requestAnimationFrame(look); };
    requestAnimationFrame(look); }"""
CONFIG = """
centre: {{name: Xã đo thử, unit: "{unit}", demo: true}}
units: units.csv
store: {{url: "{url}"}}
sources:
  one_stop: {{title: Một cửa, dataset: dossier, connector: files, map: one_stop_dvcqg, path: inbox,
    schedule: "0 6 * * *"}}
"""
CHANGED = """address => new Promise((done, never) => {
    setTimeout(() => never(new Error(address + ' was never drawn')), 30000);
    const began = performance.now(), stands = STANDS;
    history.pushState({}, '', address);
    dispatchEvent(new CustomEvent('_dashprivate_pushstate'));
    const seen = () => done(performance.now() - began), look = () => requestAnimationFrame(
        document.querySelector('#window').dataset.address === address && stands() ? seen : look);
    requestAnimationFrame(look); })"""

Row = tuple[str, float, str, float | None]
"""What, how much, in which unit, and the most that was promised."""


def config(folder: Path, url: str, unit: str, communes: list[str]) -> Path:
    """A centre of the communes under one province."""
    lines = ["code,name,level,parent,kind,valid_from,valid_to,successor,population,households"]
    lines += [f"{PROVINCE},Tỉnh đo thử,province,,province,,,,,"]
    lines += [f"{code},Xã {code},commune,{PROVINCE},commune,,,,8000,2000" for code in communes]
    (folder / "units.csv").write_text("\n".join(lines) + "\n", "utf-8")
    found = folder / "config.yaml"
    found.write_text(CONFIG.format(url=url, unit=unit), "utf-8")
    return found


def data_ms(queries: Queries, unit: str, panel: str) -> float:
    """Milliseconds of CPU and waiting to compute a panel's data anew, in a process that is settled as the server is."""
    ask = Ask(unit=unit, period=Period.of(queries.today(), PeriodType(BY_ID[panel].default_period)).id)
    spent: list[float] = []
    queries.panel_data(BY_ID[panel], ask, EVERYONE)
    settle()
    for _ in range(TURNS_OF_DATA):
        queries._answers.clear()
        began = time.perf_counter()
        queries.panel_data(BY_ID[panel], ask, EVERYONE)
        spent.append(1000 * (time.perf_counter() - began))
    return statistics.median(spent)


def pace() -> Row:
    """Milliseconds of a fixed piece of Python that touches nothing of ours."""
    spent: list[float] = []
    for _ in range(TURNS_OF_DATA):
        began, found = time.perf_counter(), dict[tuple[int, str], int]()
        for n in range(20_000):
            key = n % 97, str(n % 31)
            found[key] = found.get(key, 0) + n
        spent.append(1000 * (time.perf_counter() - began))
    return f"(pace of Python {platform.python_version()})", statistics.median(spent), "ms", None


# -- in the browser ---------------------------------------------------------------------


class Net:
    """Requests and bytes of a page, as they went over the line."""

    def __init__(self, session: CDPSession) -> None:
        session.send("Network.enable")
        self.bytes: dict[str, float] = {}
        self.asked: set[str] = set()
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.loadingFinished", lambda e: self.bytes.__setitem__(e["requestId"], e["encodedDataLength"]))

    def _sent(self, event: dict) -> None:
        if not event["request"]["url"].startswith("data:"):
            self.asked.add(event["requestId"])

    def total(self) -> tuple[int, float]:
        return len(self.asked), sum(size for name, size in self.bytes.items() if name in self.asked) / 1e6


def load(page: Page, address: str) -> float:
    """Milliseconds from the navigation until every figure is drawn."""
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => window.__drawn !== null", polling=20)
    return float(page.evaluate("window.__drawn"))


def in_browser(site: str, unit: str, whose: str, anew: Callable[[], None]) -> Iterator[Row]:
    """The page of a unit: loaded cold and warm, changed, and clicked through to its records.

    anew   makes the server forget what it has computed
    """
    first = f"{PAGE}?don-vi={unit}"
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=BROWSER, args=flags)
        cold, warm, sizes = [], [], []
        for _ in range(TURNS):
            page = opened(browser)
            net = Net(page.context.new_cdp_session(page))
            anew()
            cold.append(load(page, site + first))
            page.wait_for_timeout(2500)  # what is fetched when the page is idle counts too
            before = net.total()
            net.asked.clear()
            anew()
            warm.append(load(page, site + first))
            page.wait_for_timeout(2500)
            sizes.append((*before, *net.total()))
            page.context.close()
        requests, bytes_cold, _, bytes_warm = (statistics.median(column) for column in zip(*sizes, strict=True))
        yield f"bytes of a cold page{whose}", bytes_cold, "MB", 1.4
        yield f"requests of a cold page{whose}", requests, "", 25
        yield f"bytes of a warm page{whose}", 1000 * bytes_warm, "kB", 60
        yield f"cold page complete{whose}", statistics.median(cold), "ms", 1500
        yield f"warm page complete{whose}", statistics.median(warm), "ms", 900
        page = opened(browser)
        load(page, site + first)
        page.wait_for_selector("#records .ag-row")
        redrawn = statistics.median(changed(page, address, anew=anew) for address in narrowed(first))
        yield f"a filter changed, redrawn{whose}", redrawn, "ms", 250
        whole = statistics.median(changed(page, address, DRAWN, anew) for address in narrowed(first))
        yield f"  with the charts out of view{whose}", whole, "ms", None
        lists = [f"{first}&chi-so={card}" for card in CARDS[:TURNS]]
        listing = statistics.median(changed(page, address, LISTED) for address in lists)
        yield f"a click to its records{whose}", listing, "ms", 300
        browser.close()


def opened(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": 1600, "height": 1000}, locale="vi-VN").new_page()
    page.add_init_script(f"({WATCH})()")
    return page


def narrowed(first: str) -> Iterator[str]:
    """The page by one channel and by the other, in turns."""
    return (f"{first}&kenh={('online', 'direct')[turn % 2]}" for turn in range(TURNS))


def changed(page: Page, address: str, stands: str = IN_VIEW, anew: Callable[[], None] = lambda: None) -> float:
    """Milliseconds from a new address, taken as a click takes it, until its page is seen with all figures in view (or
    with all), or its list with its rows: the frame after that in which they stand, by the page's own clock.

    The page says its address when it is changed; a chart is redrawn in that same step, or says that it waits."""
    page.wait_for_timeout(400)
    anew()
    return float(page.evaluate(CHANGED.replace("STANDS", stands), address))


def forgetting(store: Store) -> Callable[[], None]:
    """What a delivery does to all that was computed before it: the data version grows."""

    def grow() -> None:
        with writing(store.engine) as connection:
            connection.execute(DATA_VERSION.update().values(version=DATA_VERSION.c.version + 1))

    return grow


@contextmanager
def served(found: Path) -> Iterator[tuple[str, int]]:
    """The address of a server over a configuration, and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "serve", "--config", str(found), "--port", str(port)],
        cwd=ROOT, env={**os.environ, "IOC_NOW": NOW.isoformat()}, stdout=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    site = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{site}/healthz").close()
                break
            except OSError:
                time.sleep(0.2)
        yield site, server.pid
    finally:
        os.killpg(server.pid, 15)
        server.wait(20)


def worker_mb(group: int) -> float:
    """Memory of the largest process of a group: the web worker."""
    found = [0]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if os.getpgid(int(status.parent.name)) == group:
                lines = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
                found.append(int(lines.get("VmRSS", "0 kB").split()[0]))
        except OSError:
            continue
    return max(found) / 1024


# -- the stores -------------------------------------------------------------------------


def one_commune(folder: Path) -> Path:
    found = config(folder, f"sqlite:///{folder / 'ioc.db'}", UNIT, [UNIT])
    opened = open_queries(found, {"IOC_NOW": NOW.isoformat()})
    deliver(opened.store, ROWS)
    furnish(opened.store, UNIT, NOW, opened.zone, opened.catalogue)
    opened.store.close()
    return found


def province(folder: Path, url: str, communes: int) -> Path:
    """What one commune has, delivered by the house, and copied in the database to the others, so that each row is
    one that the house could have written; then the rollups are counted."""
    codes = [f"{26275 + n}" for n in range(communes)]
    found = config(folder, url, UNIT, codes)
    opened = open_queries(found, {"IOC_NOW": NOW.isoformat()})
    deliver(opened.store, A_WEEK * 52 * 3)
    furnish(opened.store, UNIT, NOW, opened.zone, opened.catalogue)
    with opened.store.engine.begin() as connection:
        for dataset in DATASETS:
            copy(connection, TABLES[dataset.name], codes[1:])
            if dataset.daily_counts:
                rebuild_all(connection, dataset)
        connection.execute(DATA_VERSION.update().values(version=DATA_VERSION.c.version + 1))
    with opened.store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
        counted = (sa.select(sa.func.count()).select_from(TABLES[dataset.name]) for dataset in DATASETS)
        held = [f"{connection.execute(rows).scalar_one()} {d.name}" for d, rows in zip(DATASETS, counted, strict=True)]
    print(f"  {communes} communes: {', '.join(held)}", flush=True)
    opened.store.close()
    return found


def copy(connection: sa.Connection, table: sa.Table, codes: list[str]) -> None:
    """The rows of the one commune once more for each of the others."""
    names = [column.name for column in table.columns]
    copied = ", ".join("c.code" if name == "unit" else f"d.{name}" for name in names)
    connection.execute(
        sa.text(
            f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {copied} FROM {table.name} d"
            " CROSS JOIN unnest(CAST(:codes AS text[])) AS c(code) WHERE d.unit = :unit"
        ),
        {"codes": codes, "unit": UNIT},
    )


# -- the table --------------------------------------------------------------------------


def small() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        found = one_commune(Path(folder))
        queries = open_queries(found, {"IOC_NOW": NOW.isoformat()})
        yield pace()
        for panel in PANELS:
            yield f"data of {panel.id}, one commune", data_ms(queries, UNIT, panel.id), "ms", 5
        with served(found) as (site, pid):
            yield from in_browser(site, UNIT, "", forgetting(queries.store))
            yield "memory of the web worker", worker_mb(pid), "MB", 200
        queries.store.close()


def large(communes: int, *, browser: bool) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder, own_postgresql(memory="2GB") as server:
        began = time.monotonic()
        found = province(Path(folder), server.render_as_string(hide_password=False), communes)
        yield "making the province's store", time.monotonic() - began, "s", None
        yield from of_communes(found, communes, browser=browser)


def of_communes(found: Path, communes: int, *, browser: bool) -> Iterator[Row]:
    """What pages over the store of many communes cost: that of one of them, and that of all."""
    which = ((UNIT, f", one of {communes}", 15), (PROVINCE, f", all {communes}", 100))
    queries = open_queries(found, {"IOC_NOW": NOW.isoformat()})
    for unit, whose, most in which:
        yield pace()
        for panel in PANELS:
            yield f"data of {panel.id}{whose}", data_ms(queries, unit, panel.id), "ms", most
    if browser:
        with served(found) as (site, pid):
            for unit, whose, _ in which:
                yield from in_browser(site, unit, whose, forgetting(queries.store))
            yield f"memory of the web worker, {communes} communes", worker_mb(pid), "MB", 200
    queries.store.close()


def main() -> int:
    said = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    said.add_argument("--communes", type=int, default=130, metavar="N", help="of the province; 0: no province")
    said.add_argument("--no-browser", action="store_true", help="the data only")
    asked = said.parse_args()
    kept = True
    browser = not asked.no_browser
    parts = [small() if browser else data_only()]
    parts += [large(asked.communes, browser=browser)] if asked.communes else []
    for part in parts:
        for what, found, unit, most in part:
            well = most is None or found <= most
            promised = "" if most is None else f"(<= {most:g})"
            print(f"{'ok    ' if well else 'BROKEN'} {what:50}{found:10.2f} {unit:3} {promised}", flush=True)
            kept = kept and well
    return 0 if kept else 1


def data_only() -> Iterator[Row]:
    for row in small():
        if not row[0].startswith(("(pace", "data of")):
            return
        yield row


if __name__ == "__main__":
    sys.exit(main())
