"""What the store does when the machine does not: locked, gone, damaged, killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from datasets.clock import Clock
from datasets.errors import StoreError
from datasets.schema import DOSSIER
from datasets.schema.dataset import Context, Row
from datasets.store import Outcome, Store, delivery, engine, open_store
from datasets.store.conditions import conditions
from datasets.store.tables import METADATA
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
ROOT = Path(__file__).parents[2]
Deliver = Callable[..., Outcome]


def dossiers(count: int, **fields: object) -> list[Row]:
    return [
        {
            "unit": "26275",
            "dossier_code": f"H{number}",
            "channel": "direct",
            "received_at": NOW - timedelta(days=3),
            "status": "processing",
            **fields,
        }
        for number in range(count)
    ]


@contextmanager
def write_lock(url: str) -> Iterator[None]:
    """Another process in the middle of a write."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


PROCESS = """
import os, signal, sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo
from datasets.schema import DOSSIER
from datasets.schema.dataset import Context
from datasets.store import delivery, ledger, open_store
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar

url, point, then = sys.argv[1:]
zone = ZoneInfo("Asia/Ho_Chi_Minh")
now = datetime(2026, 11, 20, 9, 0, tzinfo=zone)
def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
def wait(*arguments, **named):
    print("publishing", flush=True)
    sys.stdin.readline()
    return really(*arguments, **named)
module, name = point.split(".")
target = {"merge": delivery.merge, "rollup": delivery.rollup, "aside": delivery.aside, "ledger": ledger.Ledger}[module]
store = open_store(url, lambda: now)
pull_id = store.ledger.begin("one_stop")
validator = Validator(DOSSIER, Context(now, zone, WorkingCalendar()), "one_stop", None)
row = {"unit": "26275", "channel": "online", "received_at": now - timedelta(days=3), "status": "processing"}
with store.delivery(DOSSIER, "one_stop", pull_id) as d:
    d.stage([validator.check({**row, "dossier_code": f"H{n}"}, "") for n in range(50)])
    really = getattr(target, name)
    setattr(target, name, globals()[then])
    d.commit(read=50, bookmark="new")
"""


@contextmanager
def publishing(url: str) -> Iterator[Callable[[], None]]:
    """Another process in the middle of publishing 50 dossiers, until it is told to go on."""
    run = subprocess.Popen(
        [sys.executable, "-c", PROCESS, url, "merge.insert_new", "wait"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdin is not None
    assert run.stdout is not None
    with run:
        assert run.stdout.readline() == "publishing\n"
        yield lambda: print("", file=run.stdin, flush=True)


def test_while_another_process_writes_readers_read_and_staging_goes_on(
    sqlite_url: str, clock: Clock, deliver: Deliver
) -> None:
    with closing(open_store(sqlite_url, clock)) as store:
        deliver(store, dossiers(2))
        pull_id = store.ledger.begin("one_stop")
        with write_lock(sqlite_url):
            assert store.version() == 1
            with store.delivery(DOSSIER, "one_stop", pull_id) as delivery:
                delivery.stage([])
            assert store.ledger.status("one_stop").running


def test_what_a_delivery_writes_is_worked_out_before_it_takes_the_write_lock(
    sqlite_url: str, clock: Clock, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out: list[str] = []

    def another_writes_at(module: object, name: str) -> None:
        really = getattr(module, name)

        def step(*arguments: object) -> object:
            found = really(*arguments)
            with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), timeout=0)) as other:
                other.execute("INSERT OR REPLACE INTO heartbeat VALUES ('other', '2026-11-20')")
                other.commit()
            worked_out.append(name)
            return found

        monkeypatch.setattr(module, name, step)

    another_writes_at(delivery.merge, "drop_duplicates")
    another_writes_at(delivery.merge, "classify")
    another_writes_at(delivery.rollup, "prepare")
    with closing(open_store(sqlite_url, clock)) as store:
        assert deliver(store, dossiers(2)).new == 2
    assert worked_out == ["drop_duplicates", "classify", "prepare"]


def test_a_form_accepted_while_another_process_publishes_waits_for_its_turn_and_succeeds(
    store_url: str, clock: Clock, calendar: WorkingCalendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_SECONDS", 0)  # who waits for the lock and not for its turn fails at once
    validator = Validator(DOSSIER, Context(NOW, ZONE, calendar), "one_stop", None)
    outcomes: list[Outcome] = []

    def accept() -> None:
        with store.delivery(DOSSIER, "one_stop", pull_id) as form:
            form.stage([row for row in map(validator.check, dossiers(1), [""]) if isinstance(row, tuple)])
            outcomes.append(form.commit(read=1))

    with closing(open_store(store_url, clock)) as store:
        pull_id = store.ledger.begin("one_stop")
        with publishing(store_url) as go_on:
            form = threading.Thread(target=accept)
            form.start()
            while form.is_alive() and not delivery._IN_LINE.locked():
                time.sleep(0.01)
            time.sleep(0.2)
            assert (outcomes, store.version()) == ([], 0)
            go_on()
            form.join()
        assert [(outcome.changed, outcome.version) for outcome in outcomes] == [(1, 2)]
        with store.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT sum(received) FROM dossier_daily").scalar() == 50


def test_a_short_write_outwaits_the_busy_time_out_while_a_delivery_is_written(
    sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_SECONDS", 0)
    with closing(open_store(sqlite_url, clock)) as store, ExitStack() as other:
        other.enter_context(write_lock(sqlite_url))
        sa.event.listen(store.engine, "handle_error", lambda context: other.close())
        store.heartbeats.beat()
        assert store.heartbeats.last() == NOW


def test_folding_the_log_waits_for_no_reader_and_the_next_time_does_the_rest(
    sqlite_url: str, clock: Clock, deliver: Deliver
) -> None:
    log = Path(f"{sqlite_url.removeprefix('sqlite:///')}-wal")
    with closing(open_store(sqlite_url, clock)) as store:
        deliver(store, dossiers(2))
        with store.engine.connect() as reader:
            assert reader.exec_driver_sql("SELECT count(*) FROM dossier").scalar() == 2
            deliver(store, dossiers(3))
            store.checkpoint()
            assert log.stat().st_size > 0
            assert reader.exec_driver_sql("SELECT count(*) FROM dossier").scalar() == 2
        store.checkpoint()
        assert log.stat().st_size == 0
        with store.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == engine.BUSY_TIMEOUT_SECONDS * 1000


def test_a_write_lock_that_never_goes_is_said_in_a_sentence(
    sqlite_url: str, clock: Clock, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_SECONDS", 0)
    with closing(open_store(sqlite_url, clock)) as store, write_lock(sqlite_url):
        with pytest.raises(StoreError) as locked:
            store.ledger.begin("one_stop")
        assert locked.value.key == "error.store_locked"


def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "ioc.db").write_text("Kính gửi Ủy ban nhân dân xã " * 50, "utf-8")
    with pytest.raises(StoreError) as damaged:
        open_store(f"sqlite:///{tmp_path}/ioc.db", clock)
    assert damaged.value.key == "error.store_unusable"


def test_a_server_that_is_not_there_is_said_in_a_sentence(clock: Clock, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as gone:
        open_store(f"postgresql://ioc@/ioc?host={tmp_path}", clock)
    assert gone.value.key == "error.store_unreachable"


@pytest.mark.parametrize(
    ("said", "key"),
    [
        (sqlite3.OperationalError("database or disk is full"), "error.disk_full"),
        (sqlite3.OperationalError("database is locked"), "error.store_locked"),
        (sqlite3.OperationalError("unable to open database file"), "error.store_unreachable"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "error.store_unusable"),
    ],
)
def test_what_sqlite_says_becomes_a_sentence(said: sqlite3.Error, key: str) -> None:
    known = engine.explanation(said)
    assert known is not None
    assert known.key == key


def test_a_fault_of_the_program_is_not_explained_away(store: Store) -> None:
    with store.engine.connect() as connection, pytest.raises(sa.exc.DBAPIError):
        connection.exec_driver_sql("SELECT no_such_column FROM dossier")


def test_a_full_disk_leaves_everything_as_it_was_and_it_recovers_by_itself(
    sqlite_store: Store, deliver: Deliver
) -> None:
    deliver(sqlite_store, dossiers(1))
    with sqlite_store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")  # of this pooled connection
    with pytest.raises(StoreError) as full:
        deliver(sqlite_store, dossiers(3000))
    assert full.value.key == "error.disk_full"
    assert sqlite_store.version() == 1
    with sqlite_store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        assert connection.exec_driver_sql("SELECT count(*) FROM dossier").scalar() == 1
    assert deliver(sqlite_store, dossiers(3000)).new == 2999


def test_a_server_that_closed_every_connection_is_found_again(
    postgresql_url: str, clock: Clock, deliver: Deliver
) -> None:
    with closing(open_store(postgresql_url, clock)) as store:
        deliver(store, dossiers(1))
        other = sa.create_engine(postgresql_url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with other.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        assert store.version() == 1
        assert deliver(store, dossiers(2)).new == 1


@pytest.mark.parametrize(
    "point",
    ["merge.classify", "merge.note_changes", "rollup.prepare", "merge.update_changed", "rollup.publish", "ledger.end"],
)
def test_a_process_killed_in_the_middle_of_a_delivery_leaves_no_half_of_it(
    store_url: str, clock: Clock, deliver: Deliver, point: str
) -> None:
    with closing(open_store(store_url, clock)) as store:
        deliver(store, dossiers(5), bookmark="old")
        run = subprocess.run(
            [sys.executable, "-c", PROCESS, store_url, point, "die"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=120,
            check=False,
        )
        assert run.returncode == -signal.SIGKILL
        assert store.version() == 1
        assert store.ledger.bookmark("one_stop") == "old"
        with store.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM dossier").scalar() == 5
            assert connection.exec_driver_sql("SELECT sum(received) FROM dossier_daily").scalar() == 5
        assert store.ledger.interrupted("one_stop") == 1
        assert deliver(store, dossiers(50, channel="online"), bookmark="new").changed == 5


def test_conditions_know_one_many_unknown_and_bounds(store: Store, deliver: Deliver) -> None:
    fees = (None, 0.0, 5.0, 10.0)
    deliver(store, [{**row, "fee_amount": fee} for row, fee in zip(dossiers(4), fees, strict=True)])
    dossier = METADATA.tables["dossier"]

    def found(wanted: object) -> list[object]:
        asked = sa.select(dossier.c.fee_amount).where(*conditions(dossier, {"fee_amount": wanted}))
        with store.engine.connect() as connection:
            return sorted(connection.scalars(asked), key=lambda fee: (fee is not None, fee or 0))

    assert found(5) == [5]
    assert found([5, 10]) == [5, 10]
    assert found([None, 10]) == [None, 10]
    assert found(None) == [None]
    assert found({"above": 0}) == [5, 10]
    assert found({"min": 0, "max": 5}) == [0, 5]
    for wrong in ({"over": 1}, {}):
        with pytest.raises(ValueError, match="bounds"):
            found(wrong)
    with pytest.raises(ValueError, match="no column"):
        conditions(dossier, {"fee": 1})
