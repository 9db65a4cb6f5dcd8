"""The scheduler's other work: signs of life that other processes see, a short log, forgetting, and room on the disk."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.__main__ import main
from connectors.housekeeping import Housekeeping
from connectors.scheduler import Scheduler, reconciling
from datasets.errors import StoreError
from datasets.settings import Reconcile
from datasets.store import Counts, Store
from datasets.store.heartbeat import silent
from datasets.store.room import GIGABYTE, needed, refuse_when_full
from tests.connectors.fault_ground import NINE, Ground
from tests.connectors.one_stop_server import OneStop


def status(ground: Ground, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    environ = {**ground.house.environ, "IOC_NOW": ground.now.isoformat()}
    assert main(["status", *words, "--config", str(ground.house.settings.path)], environ) == 0
    return capsys.readouterr().out


def test_a_heartbeat_is_the_moment_of_the_last_beat(store: Store) -> None:
    assert store.heartbeats.last() is None
    store.heartbeats.beat()
    store.heartbeats.beat()
    assert store.heartbeats.last() == NINE
    assert store.heartbeats.last("briefings") is None


def test_silence_begins_after_five_minutes_and_who_was_never_there_is_not_silent() -> None:
    assert not silent(None, NINE)
    assert not silent(NINE, NINE + timedelta(minutes=5))
    assert silent(NINE, NINE + timedelta(minutes=5, seconds=1))
    assert not silent(NINE, NINE - timedelta(days=1))  # a clock that was ahead


def test_a_scheduler_that_died_is_seen_by_the_process_that_looks(
    ground: Ground, capsys: pytest.CaptureFixture[str]
) -> None:
    scheduler = Scheduler(ground.house, lambda name, house, caller: None)
    scheduler.start()
    scheduler.stop()  # and beats no more
    ground.later(minutes=4)
    assert "im lặng" not in status(ground, capsys)
    ground.later(minutes=2)
    assert "Bộ lập lịch im lặng từ 09:00 20/11/2026" in status(ground, capsys)
    (line,) = json.loads(status(ground, capsys, "--format", "json"))
    assert (line["scheduler_silent"], line["scheduler_last_seen"]) == (True, "2026-11-20T09:00:00+07:00")


def test_the_scheduler_beats_and_keeps_house_beside_its_pulls(ground: Ground) -> None:
    ground.set_source(reconcile=Reconcile(schedule="0 2 * * 0"))
    scheduler = Scheduler(ground.house, lambda name, house, caller: None)
    scheduler.start()
    jobs = {job.id for job in scheduler._jobs.get_jobs()}
    scheduler.stop()
    assert {"house:heartbeat", "house:checkpoint", "house:forget", reconciling("one_stop")} <= jobs
    assert ground.house.store.heartbeats.last() == NINE


def test_a_reconciling_pull_missed_while_the_machine_was_off_is_made_up_once(ground: Ground) -> None:
    ground.set_source(reconcile=Reconcile(schedule="0 2 * * 0"))
    seen: list[bool] = []
    ground.pull()
    Scheduler(ground.house, lambda name, house, caller: seen.append(caller.reconcile)).reconcile_one("one_stop")
    assert seen == [True]

    def owed() -> bool:
        scheduler = Scheduler(ground.house, lambda name, house, caller: None)
        scheduler._jobs.start(paused=True)
        scheduler._add_reconciling("one_stop", Reconcile(schedule="0 2 * * 0"), ground.now)
        planned = scheduler.next_run(reconciling("one_stop"))
        scheduler.stop()
        return planned == ground.now

    assert not owed()  # nothing is owed before the first turn
    ground.pull(reconcile=True)
    assert not owed()
    ground.later(days=9)
    assert owed()


def test_what_was_kept_of_records_set_aside_is_forgotten_after_ninety_days_and_the_reason_stays(
    ground: Ground, system: OneStop
) -> None:
    system.dossiers[0] |= {"TrangThaiHoSo": "77"}
    ground.pull()
    chores = Housekeeping(ground.house)
    ground.later(days=89)
    chores.forget()
    (line,) = ground.house.store.quarantine.list("one_stop")
    assert line.payload is not None
    ground.later(days=2)
    chores.forget()
    (line,) = ground.house.store.quarantine.list("one_stop")
    assert line.payload is None
    assert line.problems


def test_the_hourly_checkpoint_folds_the_log_into_the_database(ground: Ground) -> None:
    ground.pull()
    log = Path(f"{ground.house.store.engine.url.database}-wal")
    assert log.stat().st_size > 0
    Housekeeping(ground.house).checkpoint()
    assert log.stat().st_size == 0


def test_a_chore_that_fails_is_logged_and_hurts_nobody(ground: Ground, caplog: pytest.LogCaptureFixture) -> None:
    def full() -> None:
        raise StoreError("error.disk_full")

    Housekeeping(ground.house)._kept("checkpoint", full)
    assert "chore=checkpoint error=error.disk_full" in caplog.text


@pytest.mark.parametrize(
    ("total_gb", "least_gb"),
    [(4, 1.0), (32, 3.2), (100, 10.0), (4000, 20.0)],
)
def test_a_tenth_of_the_disk_or_a_gigabyte_must_be_free_but_never_more_than_twenty(
    total_gb: int, least_gb: float
) -> None:
    assert needed(total_gb * GIGABYTE, 0.1, 1.0) == pytest.approx(least_gb * GIGABYTE)


def test_loading_pauses_before_the_disk_is_full_and_goes_on_by_itself(
    ground: Ground, system: OneStop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground.pull()
    free = [900_000_000]
    monkeypatch.setattr(
        "connectors.pull.refuse_when_full",
        lambda file, share, least: refuse_when_full(
            file, share, least, usage=lambda path: (8 * GIGABYTE, 8 * GIGABYTE - free[0], free[0])
        ),
    )
    system.asked.clear()
    error = ground.fails()
    assert error.key == "error.disk_low"
    assert "còn 0.9 GB, cần ít nhất 1.0 GB" in error.message("vi")
    assert system.asked == []  # the source is not even asked
    free[0] = 3 * GIGABYTE
    assert ground.pull() == Counts(read=5, unchanged=5)


def test_a_database_on_a_server_has_no_disk_of_ours() -> None:
    refuse_when_full(None, 1.0, 1e9)


def test_a_heartbeat_takes_no_time_worth_speaking_of(ground: Ground) -> None:
    began = time.monotonic()
    for _ in range(20):
        ground.house.store.heartbeats.beat()
    assert time.monotonic() - began < 5
