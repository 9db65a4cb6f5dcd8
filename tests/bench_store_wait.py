"""How long others wait to write while a huge delivery goes in: `python tests/bench_store_wait.py [rows ...]`.

SQLite, one writer at a time (failures.md F29). A process of its own delivers 50,000 dossiers (four years of a
middling commune), then 300,000, to an empty store, then the same dossiers changed, then as many more. Meanwhile a
write of each kind is due ten times a second: beats of screens, requests of pages, ledger lines of another source,
each from this process, and the heartbeat from a thread of the delivering one. A wait counts from the moment the
write was due, so that a writer who is held up once answers for all that became due meanwhile. Beside it, a form of
three figures is accepted each second: it waits for its turn among the deliveries, which is no wait of a page.

Bars: waits p99 <= 1 s for deliveries of up to 50,000 rows; no error whatever the size: the write lock is held as long
as the bare writing takes, since a delivery is published whole or not at all. Exit code 1 when one is missed.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from datasets.errors import OpsError
from datasets.schema import OBSERVATION
from datasets.schema.dataset import Context
from datasets.store import Store, open_store
from datasets.store.jobs import Kind
from datasets.store.screens import Screens
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar
from tests.bench_ingest import NOW, ZONE, deliver

EACH_SECONDS = 0.1
MOST_SECONDS = 1.0
BAR_ROWS = 50_000
ROWS = (BAR_ROWS, 300_000)
TURNS = ("first", "changed", "more")


@dataclass
class Waits:
    """A writer that is due every so often, until told to stop."""

    name: str
    write: Callable[[int], object]
    each: float = EACH_SECONDS
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def run(self, done: threading.Event) -> None:
        began, number = time.monotonic(), 0
        while not done.is_set():
            due = began + number * self.each
            if done.wait(max(due - time.monotonic(), 0)):
                return
            try:
                self.write(number)
            except OpsError as error:
                self.errors.append(error.key)
            self.seconds.append(time.monotonic() - due)
            number += 1

    def told(self) -> dict[str, object]:
        return {"name": self.name, "seconds": self.seconds, "errors": self.errors}


def beside(waits: list[Waits], work: Callable[[], object]) -> None:
    """Do the work while the writers write, each on a thread."""
    done = threading.Event()
    threads = [threading.Thread(target=each.run, args=[done]) for each in waits]
    for thread in threads:
        thread.start()
    try:
        work()
    finally:
        done.set()
        for thread in threads:
            thread.join()


def deliver_here(url: str, turn: str, count: int) -> None:
    """The delivering process: what it took, and how long its own heartbeat waited, as JSON."""
    with closing(open_store(url, lambda: NOW)) as store:
        heartbeat = Waits("heartbeat", lambda _: store.heartbeats.beat())
        found: dict[str, object] = {}

        def work() -> None:
            outcome, seconds = deliver(store, count, **HOW[turn])
            found.update(new=outcome.new, changed=outcome.changed, whole=sum(seconds.values()), **seconds)

        beside([heartbeat], work)
        print(json.dumps({"delivery": found, "waits": heartbeat.told()}))


HOW: dict[str, dict[str, str]] = {"first": {}, "changed": {"status": "3"}, "more": {"code": "H02"}}


def writers(store: Store) -> list[Waits]:
    screens = Screens(store.engine, store.clock)
    at = datetime.now(ZONE)

    taken: list[int] = []

    def request(number: int) -> None:
        """Asked, claimed, done: a write each."""
        if number % 3 == 0:
            store.jobs.ask(Kind.REPLAY, f"source_{number}")
        elif number % 3 == 1:
            taken.extend(job.id for job in [store.jobs.claim()] if job)
        elif taken:
            store.jobs.done(taken.pop(), {})

    def accept(number: int) -> None:
        validator = Validator(OBSERVATION, Context(NOW, ZONE, WorkingCalendar()), "typed", None)
        rows = [
            validator.check({"unit": "26275", "element": f"e{place}", "period": "202610", "value": float(number)}, "")
            for place in range(3)
        ]
        with store.delivery(OBSERVATION, "typed", store.ledger.begin("typed", "observation")) as delivery:
            delivery.stage([row for row in rows if isinstance(row, tuple)])
            delivery.commit(read=len(rows))

    return [
        Waits("beats of screens", lambda number: screens.beats({0: (at, {"number": number})})),
        Waits("requests of pages", request),
        Waits("another's ledger", lambda _: store.ledger.idle(store.ledger.begin("other"))),
        Waits("a form accepted", accept, each=1.0),
    ]


def measure(count: int) -> bool:
    well = True
    with tempfile.TemporaryDirectory(prefix="ioc-bench-") as folder:
        url = f"sqlite:///{folder}/ioc.db"
        with closing(open_store(url, lambda: NOW)) as store:
            for turn in TURNS:
                told: dict[str, dict[str, object]] = {}

                def delivering(turn: str = turn, told: dict[str, dict[str, object]] = told) -> None:
                    command = [sys.executable, __file__, "--deliver", url, turn, str(count)]
                    told.update(json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout))

                waits = writers(store)
                beside(waits, delivering)
                well &= report(turn, count, told, waits)
    return well


def report(turn: str, count: int, told: dict[str, dict[str, object]], waits: list[Waits]) -> bool:
    steps = {name: value for name, value in told["delivery"].items() if isinstance(value, float)}
    said = ", ".join(f"{name} {seconds:.2f}" for name, seconds in steps.items())
    print(f"{count:,} rows, {turn}: new {told['delivery']['new']}, changed {told['delivery']['changed']} ({said})")
    well = True
    for each in [Waits(**{"write": print, **told["waits"]}), *waits]:  # type: ignore[arg-type]
        cuts = statistics.quantiles(each.seconds or [0.0, 0.0], n=100, method="inclusive")
        bar = count <= BAR_ROWS and each.each == EACH_SECONDS
        good = not each.errors and (cuts[98] <= MOST_SECONDS or not bar)
        well &= good
        line = f"  {each.name:18} {len(each.seconds):5} writes  wait p50 {1000 * cuts[49]:5.0f} ms"
        line += f"  p99 {1000 * cuts[98]:5.0f} ms  most {1000 * max(each.seconds, default=0):5.0f} ms"
        print(f"{line}  errors {len(each.errors)} {'' if good else 'MISSED ' + ' '.join(sorted(set(each.errors)))}")
    return well


if __name__ == "__main__":
    if sys.argv[1:2] == ["--deliver"]:
        deliver_here(sys.argv[2], sys.argv[3], int(sys.argv[4]))
        sys.exit()
    met = [measure(int(said)) for said in sys.argv[1:] or ROWS]
    sys.exit(0 if all(met) else 1)
