"""How fast each connector is, from the source to the commit: `python tests/bench_connectors.py`.

    --only NAME ...      of rest csv xlsx jsonl edxml dhis2 oneroster sql
    --scale SHARE        of the usual number of rows, for a quick look
    --profile            beside each line what took the time inside the process

Every source is pulled by a process of its own, on SQLite and on PostgreSQL, web sources
from a server process that has its answers ready. Beside it "bare": the rows that were
stored, put straight into an empty table with its indexes (executemany, COPY), the floor
no pull can go below. For `oneroster` bare puts in the lines of the roster, since only
counts are stored. Memory is the largest and, for `jsonl`, what it still grew by after
the first quarter.

Bars: 1,000,000 JSON lines at 30,000 rows/s below 250 MB and flat; dossiers over REST at
5,000 rows/s below 250 MB, and nothing written when they come again. Exit code 1 when
one is missed.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

import sqlalchemy as sa

from tests.connectors import bulk_sources
from tests.own_postgresql import new_database, own_postgresql

COUNTS = {
    "rest": 100_000, "csv": 50_000, "xlsx": 50_000, "edxml": 30_000, "dhis2": 100_000, "oneroster": 50_000,
    "sql": 100_000, "jsonl": 1_000_000,
}  # fmt: skip
WEB = ("rest", "edxml", "dhis2")
BARS = {"rest": 5_000, "jsonl": 30_000}
MOST_MEGABYTES = 250
FLAT_MEGABYTES = 40
CHUNK = 5_000


def serve(name: str, count: int) -> None:
    """Answer pages until killed; the port is the first line said."""
    answer = bulk_sources.answers(name, count)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = answer(parse_qs(urlsplit(self.path).query))
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.wfile.write(head.encode() + body)

        def log_message(self, *said: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


def megabytes(what: str) -> float:
    """VmHWM (the most there ever was) or VmRSS (now) of this process."""
    said = Path("/proc/self/status").read_text()
    return int(said.split(f"{what}:")[1].split()[0]) / 1024


def pull_once(config: str, count: int, *, profile: bool) -> None:
    """Pull in this process and say what it took, as JSON."""
    import connectors.inbox
    from connectors.house import open_house
    from connectors.pull import Caller, pull

    connectors.inbox.LOOK_AGAIN_SECONDS = 0.0  # the second that a folder is watched is no work
    house = open_house(config, os.environ)
    version = house.store.version()
    marks: list[tuple[int, float]] = []

    def progress(read: int) -> None:
        if not marks or read - marks[-1][0] >= max(count // 20, 1):
            marks.append((read, megabytes("VmRSS")))

    watch = cProfile.Profile()
    began, busy = time.perf_counter(), time.process_time()
    if profile:
        watch.enable()
    counts = pull("bulk", house, Caller(progress=progress))
    watch.disable()
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    if profile:
        pstats.Stats(watch, stream=sys.stderr).sort_stats("tottime").print_stats(30)
    late = [mark for read, mark in marks if read > count / 4] or [0.0]
    said = {"read": counts.read, "new": counts.new, "unchanged": counts.unchanged, "seconds": seconds, "busy": busy}
    said |= {"most": megabytes("VmHWM"), "grew": late[-1] - late[0], "versions": house.store.version() - version}
    print(json.dumps(said))
    house.store.close()


def bare_once(config: str, name: str, count: int) -> None:
    """Put what was stored into an empty store of the same tables, and say the seconds."""
    import sqlalchemy as sa

    from connectors.house import open_house
    from datasets.store import open_store
    from datasets.store.staging import fill

    house = open_house(config, os.environ)
    with closing(open_store(os.environ["BARE_URL"], house.clock)) as other, house.store.engine.connect() as source:
        dataset = house.settings.sources["bulk"].dataset
        columns = [column.name for column in house.store.tables[dataset].columns]
        with other.engine.connect() as connection, connection.begin() as transaction:
            if name == "oneroster":
                lines = [tuple(line.values()) for line in bulk_sources.roster_lines(count)]
                columns, dataset = [f"c{at}" for at in range(len(lines[0]))], "lines"
                connection.exec_driver_sql(f"CREATE TABLE lines ({', '.join(f'{c} TEXT' for c in columns)})")
                chunks: Iterator[list[tuple[object, ...]]] = iter(
                    [lines[at : at + CHUNK] for at in range(0, len(lines), CHUNK)]
                )
            else:
                found = source.execution_options(stream_results=True).execute(
                    sa.text(f"SELECT {', '.join(columns)} FROM {dataset}")
                )
                chunks = ([tuple(row) for row in part] for part in found.partitions(CHUNK))
            seconds = 0.0
            rows = 0
            for chunk in chunks:
                began = time.perf_counter()
                fill(connection, dataset, columns, chunk)
                seconds += time.perf_counter() - began
                rows += len(chunk)
            began = time.perf_counter()
            transaction.commit()
            seconds += time.perf_counter() - began
    print(json.dumps({"rows": rows, "seconds": seconds}))
    house.store.close()


def child(environ: dict[str, str], *arguments: str) -> dict[str, float]:
    ran = subprocess.run(
        [sys.executable, __file__, *arguments], env={**os.environ, **environ}, stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(ran.stdout)
    return found


@contextmanager
def served(name: str, count: int) -> Iterator[str]:
    """The address of the source's server; none for a source without."""
    if name not in WEB:
        yield ""
        return
    command = [sys.executable, __file__, "--serve", name, "--count", str(count)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(server.stdout.readline())}"
    finally:
        server.kill()
        server.wait()


def measure(name: str, count: int, server: sa.URL, *, profile: bool) -> bool:
    """Both stores, a line each. Whether every bar was reached."""
    reached = True
    for store in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="ioc-bench-") as place, served(name, count) as url:
            folder = Path(place)
            child({}, "--make", name, "--count", str(count), "--folder", place, "--url", url)
            main, bare = (
                f"sqlite:///{folder}/{part}.db" if store == "sqlite" else new_database(server, f"{part}_{name}")
                for part in ("main", "bare")
            )
            environ = {"IOC_STORE_URL": main, "BARE_URL": bare, "KEY": "khoá", "IOC_NOW": "2026-11-20T09:00:00+07:00"}
            pull = ("--pull", str(folder / "config.yaml"), "--count", str(count))
            first = child(environ, *pull, *(["--profile"] if profile else []))
            floor = child(environ, "--bare", str(folder / "config.yaml"), "--name", name, "--count", str(count))
            reached &= report(name, store, count, first, floor)
            if name == "rest":
                reached &= again(count, child(environ, *pull))
    return reached


def report(name: str, store: str, count: int, first: dict[str, float], floor: dict[str, float]) -> bool:
    rate, bare = count / first["seconds"], floor["rows"] / max(floor["seconds"], 1e-9)
    bar = BARS.get(name)
    line = f"{name:10} {store:11} {count:9,} rows {first['seconds']:7.2f} s {rate:9,.0f} rows/s"
    line += f"  CPU {first['busy']:6.2f} s  bare {bare:9,.0f} rows/s  ratio {rate / bare:5.2f}"
    line += f"  most {first['most']:4.0f} MB" + (f", grew {first['grew']:+.0f} MB" if name == "jsonl" else "")
    whole = name == "oneroster" or first["new"] == count
    well = whole and (bar is None or (rate >= bar and first["most"] <= MOST_MEGABYTES))
    well = well and (name != "jsonl" or first["grew"] <= FLAT_MEGABYTES)
    print(line + (f"  bar {bar:,} rows/s, {MOST_MEGABYTES} MB: {'reached' if well else 'MISSED'}" if bar else ""))
    return well


def again(count: int, second: dict[str, float]) -> bool:
    well = second["unchanged"] == count and second["versions"] == 0
    print(f"{'':22} the same again: {count / second['seconds']:,.0f} rows/s, {second['versions']:.0f} versions")
    return well


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", nargs="+", choices=COUNTS, default=list(COUNTS))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--profile", action="store_true")
    for inner in ("--serve", "--make", "--pull", "--bare", "--folder", "--url", "--name"):
        parser.add_argument(inner, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.serve:
        serve(said.serve, said.count)
    elif said.make:
        bulk_sources.made(said.make, said.count, Path(said.folder), said.url)
        print("{}")
    elif said.pull:
        pull_once(said.pull, said.count, profile=said.profile)
    elif said.bare:
        bare_once(said.bare, said.name, said.count)
    else:
        print("from the source to the commit, each in a process of its own")
        with own_postgresql() as server:
            counts = {name: max(int(COUNTS[name] * said.scale), 100) for name in said.only}
            met = [measure(name, count, server, profile=said.profile) for name, count in counts.items()]
        return 0 if all(met) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
