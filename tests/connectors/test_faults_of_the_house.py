"""Faults around a pull: a source that is down or slow, a process killed, a disk full, days off, a backfill.

failures.md F01, F02, F03, F13, F26, F28, F29, F32, F34, F35, F37, F40, F41, F42 and F43, the
whole way from a real server into a real store.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.house import House
from connectors.pull import Caller, pull
from connectors.scheduler import Scheduler
from datasets.errors import PullError, SourceUnavailable, StoreError
from datasets.periods import Period, PeriodType
from datasets.store import Counts, Verdict
from tests.connectors.fault_ground import NINE, Ground
from tests.connectors.one_stop_server import OneStop, dossier
from tests.connectors.scripted_server import Handler, Seen, serving

ROOT = Path(__file__).parents[2]


def test_a_source_that_is_switched_off_leaves_everything_and_is_caught_up_when_it_is_back(ground: Ground) -> None:
    here = OneStop()
    here.dossiers = [dossier(number) for number in range(1, 6)]
    ground.set_source(url=here.url, allow_hosts=[f"127.0.0.1:{here.port}"])
    ground.pull()
    here.close()
    ground.later(minutes=10)
    error = ground.fails()
    assert isinstance(error, SourceUnavailable)
    assert "Không kết nối được tới 127.0.0.1" in error.message("vi")
    assert ground.status().since == NINE + timedelta(minutes=10)
    back = OneStop(here.port)
    back.dossiers = [*here.dossiers, dossier(6)]
    ground.later(minutes=10)
    assert ground.pull().new == 1
    assert ground.status().since is None
    back.close()


def test_a_source_that_is_slow_to_answer_is_given_up_and_others_start_at_once(ground: Ground, system: OneStop) -> None:
    other = OneStop()
    other.dossiers = [dossier(number) for number in range(1, 4)]
    settings = ground.house.settings
    quick = settings.sources["one_stop"].model_copy(
        update={"name": "quick", "url": other.url, "allow_hosts": [f"127.0.0.1:{other.port}"]}
    )
    ground.set_source(retries=0)
    ground.hurry(read=0.8, total=0.8)
    sources = {"one_stop": ground.house.settings.sources["one_stop"], "quick": quick}
    house = House(
        settings.model_copy(update={"sources": sources}),
        ground.house.store,
        ground.house.units,
        ground.house.calendar,
        ground.house.clock,
        {"IOC_NOW": "the clock stands still, so each source runs once"},
    )
    system.page_seconds = 3.0
    ended: dict[str, float] = {}
    both = threading.Barrier(3)

    def timed(name: str, house: House, caller: Caller) -> None:
        began = time.monotonic()
        try:
            pull(name, house, caller)
        finally:
            ended[name] = time.monotonic() - began
            both.wait(10)

    scheduler = Scheduler(house, timed)
    scheduler.start()
    both.wait(10)
    assert scheduler.stop()
    assert ended["one_stop"] < 2.5
    assert ground.status("quick").verdict == Verdict.OK_CHANGED
    assert ground.status("one_stop").error_key == "pull.too_slow"
    lines = {line.source: line for line in ground.house.store.ledger.runs()}
    assert abs(lines["quick"].started_at - lines["one_stop"].started_at) < timedelta(seconds=1)
    other.close()


def test_a_source_that_drips_is_cut_at_the_total_deadline_and_nothing_is_published(ground: Ground) -> None:
    ground.pull()

    def drip(handler: Handler, seen: Seen) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(1000):
            handler.wfile.write(b" ")
            time.sleep(0.02)

    with serving(drip) as source:
        ground.set_source(url=source.url("/api"), allow_hosts=[source.host], retries=0)
        ground.hurry(read=5.0, total=0.4)
        began = time.monotonic()
        assert ground.fails().key == "pull.too_slow"
        assert time.monotonic() - began < 1.5
        assert len(source.seen) == 1


def test_rows_dated_beyond_tomorrow_are_set_aside_and_the_bookmark_is_never_in_the_future(
    any_ground: Ground, system: OneStop
) -> None:
    ground = any_ground
    ground.pull()
    system.dossiers.append(dossier(6, NgayCapNhat="20261120093000"))  # the source is half an hour ahead
    system.dossiers.append(dossier(7, NgayCapNhat="20261125080000"))  # this is no clock that runs ahead
    assert ground.pull() == Counts(read=7, new=1, unchanged=5, quarantined=1)
    (line,) = ground.house.store.quarantine.list("one_stop")
    assert line.problems[0]["code"] == "in_future"
    bookmark = datetime.fromisoformat(str(ground.status().bookmark))
    assert bookmark == NINE - timedelta(minutes=10)
    ground.now = NINE - timedelta(hours=2)  # our own clock jumps back
    ground.pull()
    bookmark = datetime.fromisoformat(str(ground.status().bookmark))
    assert bookmark <= ground.now
    ground.now = NINE + timedelta(hours=1)
    system.dossiers.append(dossier(8, NgayCapNhat="20261120094500"))
    ground.pull()
    assert "H99.01-261102-000008" in ground.held()


POINTS = {
    "after the fetch": ("connectors.intake.Intake.finish", ""),
    "after the rows were staged": ("datasets.store.delivery.Delivery.commit", ""),
    "in the transaction": ("datasets.store.merge.classify", ""),
    "before the commit": ("datasets.store.ledger.Ledger.end", ""),
    "after the commit": ("connectors.rest.RestConnector.settle", "published"),
}
KILLED = """
import os, signal, sys
from importlib import import_module
config, point = sys.argv[1:]
parts = point.split(".")
module = import_module(".".join(part for part in parts if part.islower()).removesuffix("." + parts[-1]))
owner = getattr(module, parts[-2]) if parts[-2][0].isupper() else module
from connectors.house import open_house
from connectors.pull import pull
house = open_house(config, os.environ)
setattr(owner, parts[-1], lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
pull("one_stop", house)
"""


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_a_pull_is_published_whole_or_not_at_all(
    ground: Ground, system: OneStop, point: str
) -> None:
    ground.pull()
    system.dossiers += [dossier(number) for number in range(6, 9)]
    before = ground.rows(), ground.status().bookmark
    where, published = POINTS[point]
    environ = {
        **os.environ,
        "IOC_STORE_URL": ground.house.environ["IOC_STORE_URL"],
        "IOC_NOW": "2026-11-20T09:00:00+07:00",
        "PYTHONPATH": str(ROOT),
    }
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(ground.house.settings.path), where],
        env=environ, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert died.returncode == -9, died.stderr.decode()
    if published:
        assert len(ground.held()) == 8
    else:
        assert (ground.rows(), ground.status().bookmark) == before
    ground.pull()
    assert len(ground.held()) == ground.counted() == 8
    assert ground.status().bookmark == "2026-11-02T01:00:08+00:00"


def test_a_full_disk_keeps_the_figures_readable_and_the_next_pull_after_it_brings_everything(
    ground: Ground, system: OneStop
) -> None:
    ground.pull()
    system.dossiers = [dossier(number) for number in range(1, 2001)]
    engine = ground.house.store.engine

    def limit(connection: object, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count = {pages + 4}")  # type: ignore[attr-defined]

    engine.dispose()
    sa.event.listen(engine, "connect", limit)
    error = ground.fails()
    assert error.key == "error.disk_full"
    assert "số liệu giữ nguyên" in error.message("vi")
    assert ground.counted() == 5
    sa.event.remove(engine, "connect", limit)
    engine.dispose()
    assert ground.pull().new == 1995
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_four_sources_and_a_reader_at_once_meet_no_locked_store(ground: Ground, system: OneStop) -> None:
    system.dossiers = [dossier(number) for number in range(1, 201)]
    source = ground.house.settings.sources["one_stop"]
    names = [f"one_stop_{number}" for number in range(4)]
    sources = {name: source.model_copy(update={"name": name}) for name in names}
    settings = ground.house.settings.model_copy(update={"sources": sources})
    house = House(
        settings,
        ground.house.store,
        ground.house.units,
        ground.house.calendar,
        ground.house.clock,
        ground.house.environ,
    )
    faults: list[Exception] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            try:
                ground.counted()
            except StoreError as error:
                faults.append(error)

    def work(name: str) -> None:
        try:
            for _ in range(2):
                pull(name, house)
        except (PullError, StoreError) as error:
            faults.append(error)

    reader = threading.Thread(target=read)
    reader.start()
    workers = [threading.Thread(target=work, args=[name]) for name in names]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    done.set()
    reader.join()
    assert faults == []
    assert ground.counted() == len(ground.rows()) == 800


def test_after_three_days_off_one_pull_catches_up_by_the_bookmark(any_ground: Ground, system: OneStop) -> None:
    ground = any_ground
    ground.pull()
    for day in range(3, 33):
        stamp = f"202611{day:02d}080000" if day <= 30 else f"202612{day - 30:02d}080000"
        system.dossiers += [dossier(day * 10 + place, NgayCapNhat=stamp, NgayTiepNhan=stamp) for place in range(5)]
    ground.now = datetime.fromisoformat("2026-12-03T09:00:00+07:00")
    system.asked.clear()
    assert ground.pull() == Counts(read=155, new=150, unchanged=5)
    assert len(system.asked) == 1
    assert len(ground.held()) == 155


def test_years_end_weeks_and_leap_seconds_are_the_same_in_any_zone_of_the_server(
    ground: Ground, system: OneStop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        ground.now = datetime.fromisoformat("2027-01-05T09:00:00+07:00")
        system.dossiers = [
            dossier(1, NgayTiepNhan="20261231235959", NgayCapNhat="20261231235959", NgayHenTra="20270104170000"),
            dossier(2, NgayTiepNhan="20270101000000", NgayCapNhat="20270101000000", NgayHenTra="20270104170000"),
            dossier(3, NgayTiepNhan="20270103235960", NgayCapNhat="20270103235959", NgayHenTra="20270104170000"),
            dossier(4, NgayTiepNhan="20270104000000", NgayCapNhat="20270104000000", NgayHenTra="20270104170000"),
        ]
        ground.pull()
        days = {row["dossier_code"][-1]: row["received_on"] for row in ground.rows()}
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [day.isoformat() for day in days.values()] == ["2026-12-31", "2027-01-01", "2027-01-03", "2027-01-04"]
    weeks = [Period.of(day, PeriodType.WEEK).id for day in days.values()]
    assert weeks == ["2026W53", "2026W53", "2026W53", "2027W1"]


def test_a_key_used_again_for_another_dossier_overwrites_nothing(any_ground: Ground, system: OneStop) -> None:
    ground = any_ground
    ground.pull()
    known = ground.rows()
    system.dossiers[0] |= {"MaTTHC": "1.001193", "NgayCapNhat": "20261119080000"}
    assert ground.pull() == Counts(read=5, unchanged=4, quarantined=1)
    assert ground.rows() == known
    (line,) = ground.house.store.quarantine.list("one_stop")
    assert line.problems == [{"field": "procedure_code", "code": "identity_changed", "value": "1.001193"}]


def test_a_huge_backfill_is_one_delivery_that_readers_do_not_wait_for(
    ground: Ground, system: OneStop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["connectors.pull"], "MANY", 4000)
    monkeypatch.setattr(sys.modules["connectors.pull"], "TOLD_EACH_SECONDS", 0.0)
    ground.pull()
    ground.set_source(paging=ground.house.settings.sources["one_stop"].paging.model_copy(update={"size": 1000}))  # type: ignore[union-attr]
    system.dossiers = [dossier(number) for number in range(1, 10_001)]
    waits: list[float] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            began = time.monotonic()
            seen = ground.counted()
            waits.append(time.monotonic() - began)
            assert seen in (5, 10_000)  # never half of it

    reader = threading.Thread(target=read)
    reader.start()
    told: list[int] = []
    kept: list[int] = []

    def progress(read: int) -> None:
        told.append(read)
        kept.append(ground.house.store.ledger.status("one_stop").reading)

    began = time.monotonic()
    counts = ground.pull(progress=progress)
    seconds = time.monotonic() - began
    done.set()
    reader.join()
    assert counts == Counts(read=10_000, new=9995, unchanged=5)
    assert told == sorted(told)
    assert (told[0], told[-1], len(told) >= 10) == (1000, 10_000, True)  # a word of progress at each page
    assert kept[:7] == [0, 0, 0, 0, 4000, 5000, 6000]  # and to the ledger, for the page, of a big one
    assert ground.house.store.ledger.status("one_stop").reading == 0
    assert max(waits) < seconds / 2
    assert ground.counted() == 10_000
