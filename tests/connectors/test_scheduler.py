"""The scheduler on a real store, with pulls that only note that they ran."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors import scheduler as scheduler_page
from connectors.house import House
from connectors.pull import Caller
from connectors.scheduler import Scheduler, first_turns
from datasets.clock import system_clock
from datasets.errors import PullError, SourceRefused, SourceUnavailable, StoreError
from datasets.settings import load_settings
from datasets.store import open_store
from datasets.units import UnitTree
from datasets.working_days import WorkingCalendar
from tests.connectors.one_stop_server import UNITS

SOURCE_BLOCK = """\
  {name}:
    dataset: dossier
    connector: rest
    map: one_stop_dvcqg
    url: http://127.0.0.1:9/api
    schedule: "{schedule}"
    stale_after: 2h
"""
FOLDER_BLOCK = """\
  {name}:
    dataset: observation
    connector: files
    map: observation_form
    path: inbox/{name}
    schedule: "{schedule}"
"""
NEVER = "0 0 29 2 *"  # once in four years: nothing fires by itself while a test runs
ROOT = Path(__file__).parents[2]


class Noted:
    """Stands for `pull`: remembers who ran, and does what it is told."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.ran: Counter[str] = Counter()
        self.does: dict[str, Callable[[Caller], None]] = {}
        self.changed = threading.Condition()

    def __call__(self, name: str, house: House, caller: Caller) -> None:
        house.store.ledger.begin(name, "dossier")
        try:
            self.does.get(name, lambda caller: None)(caller)
        finally:
            with self.changed:
                self.ran[name] += 1
                self.changed.notify_all()

    def wait_for(self, count: int) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.ran.total() >= count, timeout=10)


def config(folder: Path, sources: dict[str, str], block: str = SOURCE_BLOCK, folders: tuple[str, ...] = ()) -> Path:
    (folder / "units.csv").write_text(UNITS, "utf-8")
    blocks = "".join(block.format(name=name, schedule=schedule) for name, schedule in sources.items())
    blocks += "".join(FOLDER_BLOCK.format(name=name, schedule=NEVER) for name in folders)
    path = folder / "config.yaml"
    path.write_text(f'centre: {{name: "Thử", unit: "T01"}}\nunits: units.csv\nsources:\n{blocks}', "utf-8")
    return path


@pytest.fixture(autouse=True)
def first_readings_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is not about the first start does not wait for its order."""
    monkeypatch.setattr("connectors.scheduler.FIRST_READINGS_APART", timedelta(0))


@pytest.fixture
def make_house(tmp_path: Path, sqlite_url: str) -> Iterator[Callable[..., House]]:
    """A house with the given sources and schedules; by the real clock unless told otherwise."""
    opened: list[House] = []

    def make(
        sources: dict[str, str],
        environ: dict[str, str] | None = None,
        block: str = SOURCE_BLOCK,
        folders: tuple[str, ...] = (),
    ) -> House:
        settings = load_settings(config(tmp_path, sources, block, folders), {"IOC_STORE_URL": sqlite_url})
        store = open_store(sqlite_url, system_clock)
        house = House(settings, store, UnitTree.load(settings.units), WorkingCalendar(), system_clock, environ or {})
        opened.append(house)
        return house

    yield make
    for house in opened:
        house.store.close()


def test_at_the_very_first_start_every_source_is_pulled_services_one_after_another(
    make_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connectors.scheduler.FIRST_READINGS_APART", timedelta(seconds=0.3))
    house = make_house({"one": NEVER, "two": NEVER, "three": NEVER})
    noted = Noted(house)
    scheduler = Scheduler(house, noted)
    scheduler.start()
    assert noted.wait_for(3)
    assert scheduler.stop()
    assert list(noted.ran) == ["one", "two", "three"]


def test_a_service_never_read_yet_keeps_no_folder_waiting(
    make_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("connectors.scheduler.FIRST_READINGS_APART", timedelta(seconds=1))
    monkeypatch.setattr("connectors.scheduler.FOLDERS_AT_ONCE", 1)
    house = make_house({"one_stop": NEVER, "documents": NEVER}, folders=("living", "attendance"))
    noted = Noted(house)
    scheduler = Scheduler(house, noted)
    scheduler.start()
    assert noted.wait_for(4)
    assert scheduler.stop()
    assert list(noted.ran)[-1] == "documents"
    assert [name for name in noted.ran if name in ("living", "attendance")] == ["living", "attendance"]


def test_of_the_demonstration_the_one_stop_comes_first_and_slow_services_do_not_hold_up_folders():
    order = first_turns(load_settings(ROOT / "config.yaml", {}).sources)
    assert order[0] == "one_stop"
    for folder in ("pilot_facts", "budget", "civil_register"):
        for service in ("one_stop_neighbours", "documents", "health_dhis2", "oneroster"):
            assert order.index(folder) < order.index(service)


def test_a_run_missed_while_the_machine_was_off_is_made_up_once_and_others_wait(make_house: Callable[..., House]):
    house = make_house({"missed": "*/5 * * * *", "not_due": NEVER})
    house.store.ledger._clock = lambda: datetime.now(UTC) - timedelta(days=3)
    for name in ("missed", "not_due"):
        house.store.ledger.begin(name, "dossier")
    house.store.ledger._clock = system_clock
    noted = Noted(house)
    scheduler = Scheduler(house, noted)
    scheduler.start()
    assert noted.wait_for(1)
    time.sleep(0.3)
    assert scheduler.stop()
    assert noted.ran == {"missed": 1}


def test_a_run_lost_at_shutdown_is_made_up_at_the_next_start(make_house: Callable[..., House]):
    house = make_house({"one": "* * * * *"})
    noted = Noted(house)
    ending = Scheduler(house, noted)
    ending.stop()
    ending.run_one("one")  # fires while the process is ending
    assert noted.ran == {}
    starting = Scheduler(house, noted)
    starting.start()
    assert noted.wait_for(1)
    starting.stop()


def test_one_source_that_always_fails_does_not_disturb_the_others(make_house: Callable[..., House]):
    house = make_house({"bad": NEVER, "good": NEVER, "fine": NEVER})
    noted = Noted(house)

    def fail(caller: Caller) -> None:
        raise ZeroDivisionError

    noted.does["bad"] = fail
    scheduler = Scheduler(house, noted)
    scheduler.start()
    assert noted.wait_for(3)
    assert scheduler.stop()
    assert noted.ran == {"bad": 1, "good": 1, "fine": 1}


@pytest.mark.parametrize(
    ("error", "rests"),
    [
        (PullError("error.unexpected", kind="KeyError"), True),
        (SourceRefused("pull.refused"), True),
        (SourceUnavailable("pull.refused"), False),
    ],
    ids=["a fault of ours", "credentials refused", "source down"],
)
def test_a_source_that_only_a_person_can_mend_rests_for_an_hour(
    make_house: Callable[..., House], error: PullError, rests: bool
):
    house = make_house({"one": "*/2 * * * *"})
    noted = Noted(house)

    def fail(caller: Caller) -> None:
        raise error

    noted.does["one"] = fail
    scheduler = Scheduler(house, noted)
    scheduler.start()
    assert noted.wait_for(1)
    time.sleep(0.2)
    following = scheduler.next_run("one")
    scheduler.stop()
    assert following is not None
    assert (following - datetime.now(UTC) >= timedelta(minutes=59)) is rests


def test_at_most_four_folders_are_read_at_once(make_house: Callable[..., House]):
    house = make_house({f"source_{letter}": NEVER for letter in "abcdefg"}, block=FOLDER_BLOCK)
    noted = Noted(house)
    running: list[int] = []
    together: list[int] = []
    lock = threading.Lock()

    def work(caller: Caller) -> None:
        with lock:
            running.append(1)
            together.append(len(running))
        time.sleep(0.1)
        with lock:
            running.pop()

    noted.does = dict.fromkeys(house.settings.sources, work)
    scheduler = Scheduler(house, noted)
    scheduler.start()
    assert noted.wait_for(7)
    assert scheduler.stop()
    assert max(together) == 4


def test_systems_that_do_not_answer_keep_neither_folders_nor_other_systems_waiting(make_house: Callable[..., House]):
    dead = [f"dead_{number}" for number in range(8)]
    house = make_house(dict.fromkeys([*dead, "alive"], NEVER), block=SOURCE_BLOCK, folders=("folder",))
    noted = Noted(house)
    answered = threading.Event()

    def wait(caller: Caller) -> None:
        answered.wait(10)

    noted.does = dict.fromkeys(dead, wait)
    scheduler = Scheduler(house, noted)
    began = time.monotonic()
    scheduler.start()
    assert noted.wait_for(2)
    assert time.monotonic() - began < 3  # those eight wait for ten
    assert noted.ran == {"alive": 1, "folder": 1}
    answered.set()
    assert noted.wait_for(10)
    assert scheduler.stop()


def test_stopping_lets_a_short_pull_finish(make_house: Callable[..., House]):
    house = make_house({"one": NEVER})
    noted = Noted(house)
    begun = threading.Event()

    def work(caller: Caller) -> None:
        begun.set()
        time.sleep(0.3)

    noted.does["one"] = work
    scheduler = Scheduler(house, noted)
    scheduler.start()
    assert begun.wait(5)
    assert scheduler.stop()
    assert noted.ran == {"one": 1}


def test_stopping_asks_a_long_pull_to_give_up(make_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(scheduler_page, "TIME_TO_FINISH", 0.1)
    house = make_house({"one": NEVER})
    noted = Noted(house)
    begun = threading.Event()

    def work(caller: Caller) -> None:
        begun.set()
        while not caller.stop():
            time.sleep(0.01)

    noted.does["one"] = work
    scheduler = Scheduler(house, noted)
    scheduler.start()
    assert begun.wait(5)
    assert scheduler.stop()


def test_with_a_standing_clock_each_source_runs_once_and_then_all_is_quiet(make_house: Callable[..., House]):
    house = make_house({"one": "* * * * *", "two": "* * * * *"}, {"IOC_NOW": "2026-11-20T09:00:00+07:00"})
    house = replace(house, clock=lambda: datetime(2026, 11, 20, 2, tzinfo=UTC))
    noted = Noted(house)
    scheduler = Scheduler(house, noted)
    scheduler.start()
    assert noted.wait_for(2)
    assert (scheduler.next_run("one"), scheduler.next_run("two")) == (None, None)
    assert scheduler.stop()


def test_a_second_scheduler_on_the_same_store_refuses_to_start(make_house: Callable[..., House]):
    house = make_house({"one": NEVER})
    with house.store.lease("scheduler"), pytest.raises(StoreError) as taken:
        scheduler_page.run(house)
    assert taken.value.key == "connectors.scheduler_running"


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_the_process_ends_cleanly_on_a_signal_within_ten_seconds(tmp_path: Path, sqlite_url: str, signum: int):
    path = config(tmp_path, {"one": NEVER})
    environ = {**os.environ, "IOC_STORE_URL": sqlite_url}
    command = [sys.executable, "-m", "connectors", "run", "--config", str(path)]
    process = subprocess.Popen(command, cwd=ROOT, env=environ, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "scheduler started" in line:
            break
    assert os.getpriority(os.PRIO_PROCESS, process.pid) >= 5  # the pages come first
    asked = time.monotonic()
    process.send_signal(signum)
    _, said = process.communicate(timeout=20)
    assert time.monotonic() - asked < 10
    assert process.returncode == 0
    assert "Traceback" not in said
