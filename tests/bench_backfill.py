"""What pages cost while years of dossiers are filled in: `python tests/bench_backfill.py [rows]`.

One commune of 30,000 dossiers on SQLite, its desk and wall served. A visitor asks for a page, waits, asks for the
next: panels under filter after filter (computed anew), panels as they stand (kept), lists of records, the sources,
the wall's state. First with nothing else going on; then while `connectors pull`, in a process of its own, takes in a
file of 300,000 more dossiers (failures.md F41). Nothing that the server keeps is thrown away but by the data version.

Bars: p95 of the pages during the backfill at most 1.5 times the one before; 2,000 rows/s from the file to the
commit. Exit code 1 when one is missed. Times mean something on an idle machine only.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests/dashboard")]

from bench_desk import UNIT, config, served  # noqa: E402
from bench_ingest import FIELDS, NOW, deliver, records  # noqa: E402

from datasets.store import open_store  # noqa: E402

ROWS_BEFORE = 30_000
PAGES_BEFORE = 240
THINKING_SECONDS = 0.1
MOST_TIMES = 1.5
LEAST_RATE = 2_000


def questions() -> Iterator[tuple[str, str]]:
    """(address, the page it is asked from) without end; each filter comes once in a few hundred."""
    weeks = [f"2026W{number:02}" for number in range(10, 47)]
    for week, field in itertools.cycle(itertools.product(weeks, FIELDS)):
        yield "/_dash-layout", f"/dich-vu-cong?ky={week}&linh-vuc={quote(field)}"
        yield "/man-hinh/state", "/man-hinh/"
        yield "/_dash-layout", "/"
        yield f"/api/v1/records?indicator=ps_received&period={week}&unit={UNIT}&limit=50", "/"
        yield "/_dash-layout", "/nguon-so-lieu"
        yield f"/api/v1/values?period={week}&indicator=ps_pending_overdue&by=procedure_field", "/"


def visit(site: str, asked: Iterator[tuple[str, str]], going: Callable[[], bool] = lambda: True) -> list[float]:
    """Milliseconds of each page."""
    found: list[float] = []
    for address, referer in asked:
        if not going():
            break
        request = urllib.request.Request(site + address, headers={"Referer": site + referer})
        began = time.perf_counter()
        with urllib.request.urlopen(request) as answer:
            answer.read()
        found.append(1000 * (time.perf_counter() - began))
        time.sleep(THINKING_SECONDS)
    return found


def written(count: int, file: Path) -> None:
    with file.open("w", encoding="utf-8") as out:
        for page in records(count, code="H02"):
            for record in page:
                out.write(json.dumps(record.values, ensure_ascii=False) + "\n")


def told(label: str, found: list[float]) -> float:
    cuts = statistics.quantiles(found, n=100, method="inclusive")
    print(f"{label:28} {len(found):5} pages  p50 {cuts[49]:6.1f} ms  p95 {cuts[94]:6.1f} ms  most {max(found):6.1f} ms")
    return cuts[94]


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300_000
    with tempfile.TemporaryDirectory(prefix="ioc-bench-") as place:
        folder = Path(place)
        found = config(folder, f"sqlite:///{folder / 'ioc.db'}", UNIT, [UNIT])
        found.write_text(found.read_text("utf-8").replace("path: inbox", "path: inbox, max_bytes: 9000000000"), "utf-8")
        with closing(open_store(f"sqlite:///{folder / 'ioc.db'}", lambda: NOW)) as store:
            deliver(store, ROWS_BEFORE)
        (folder / "inbox").mkdir()
        written(count, folder / "inbox" / "years.jsonl")
        with served(found) as (site, _):
            asked = questions()
            visit(site, itertools.islice(asked, 30))
            before = visit(site, itertools.islice(asked, PAGES_BEFORE))
            began = time.monotonic()
            pull = subprocess.Popen(
                [sys.executable, "-m", "connectors", "pull", "one_stop", "--config", str(found)],
                cwd=ROOT, env={**os.environ, "IOC_NOW": NOW.isoformat()}, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            during = visit(site, asked, lambda: pull.poll() is None)
            seconds = time.monotonic() - began
            said = pull.communicate()[0].strip()
    usual, now = told("before", before), told("during the backfill", during)
    times, rate = now / usual, count / seconds
    well = f"new={count} " in said and times <= MOST_TIMES and rate >= LEAST_RATE
    print(said)
    print(f"p95 {times:.2f} times the one before (at most {MOST_TIMES}), {rate:,.0f} rows/s (at least {LEAST_RATE:,})")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
