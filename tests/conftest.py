"""Fixtures for all rooms: a store on both databases, a standing clock, the working calendar."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import settings as hypothesis_settings

from datasets.clock import Clock
from datasets.schema import DOSSIER
from datasets.schema.dataset import Context, Dataset, Row
from datasets.store import Outcome, Store, open_store
from datasets.validate import Validator, record_key
from datasets.working_days import WorkingCalendar
from tests.own_postgresql import administer, own_postgresql

# the same cases each run, and no time limit on a slow machine
hypothesis_settings.register_profile("house", derandomize=True, deadline=None)
hypothesis_settings.load_profile("house")

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=VIETNAM)  # a Friday
_numbers = itertools.count(1)


@pytest.fixture
def zone() -> ZoneInfo:
    return VIETNAM


@pytest.fixture
def clock() -> Clock:
    """Stands at 09:00 on Friday 20/11/2026."""
    return lambda: NOW


@pytest.fixture(scope="session")
def calendar() -> WorkingCalendar:
    return WorkingCalendar()


LONG = (
    *("test_wall_chaos", "test_wall_comeback", "test_briefing_killed", "test_same_figure", "test_wall_months"),
    *("test_nobody_of_the_sandbox", "test_wall_source_to_wall", "test_desk_everyone", "test_drill_browser"),
    *("test_records_count", "test_crash", "test_nobody_is_kept"),
)
"""Files that take half a minute and more: begun first, so that no worker is left alone with one at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[sa.URL]:
    """A PostgreSQL server of the test run's own; fails when it cannot start."""
    with own_postgresql(forgetful=True) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: sa.URL) -> str:
    """The name of a database with our empty tables, to copy for each test."""
    name = "ioc_template"
    administer(postgresql_server, f"CREATE DATABASE {name}")
    open_store(_text(postgresql_server.set(database=name)), lambda: NOW).close()
    return name


@pytest.fixture
def empty_postgresql(postgresql_server: sa.URL) -> Iterator[str]:
    """The address of a new database without any table."""
    yield from _database(postgresql_server, "template1")


@pytest.fixture
def postgresql_url(postgresql_server: sa.URL, postgresql_template: str) -> Iterator[str]:
    """The address of a new database with our tables, empty."""
    yield from _database(postgresql_server, postgresql_template)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with our empty tables, to copy for each test."""
    file = tmp_path_factory.mktemp("template") / "ioc.db"
    store = open_store(f"sqlite:///{file}", lambda: NOW)
    store.checkpoint()
    store.close()
    return file


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    file = tmp_path / "ioc.db"
    shutil.copy(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh store, on one database and then on the other."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def store(store_url: str, clock: Clock) -> Iterator[Store]:
    """A fresh store; the test runs on SQLite and on PostgreSQL."""
    opened = open_store(store_url, clock)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(sqlite_url: str, clock: Clock) -> Iterator[Store]:
    """A fresh store on SQLite only, for tests whose subject is not the database."""
    opened = open_store(sqlite_url, clock)
    yield opened
    opened.close()


class Deliver(Protocol):
    def __call__(
        self,
        store: Store,
        rows: Sequence[Row],
        *,
        dataset: Dataset = DOSSIER,
        source: str = "one_stop",
        now: datetime = NOW,
        **commit: Any,
    ) -> Outcome: ...


@pytest.fixture
def deliver(calendar: WorkingCalendar) -> Deliver:
    """One whole pull of canonical rows: validated, set aside where wrong, committed."""

    def run(
        store: Store,
        rows: Sequence[Row],
        *,
        dataset: Dataset = DOSSIER,
        source: str = "one_stop",
        now: datetime = NOW,
        **commit: Any,
    ) -> Outcome:
        validator = Validator(dataset, Context(now, VIETNAM, calendar), source, None)
        with store.delivery(dataset, source, store.ledger.begin(source, dataset.name)) as delivery:
            for number, row in enumerate(rows, start=1):
                checked = validator.check(row, f"row {number}")
                if isinstance(checked, tuple):
                    delivery.stage([checked])
                else:
                    delivery.quarantine([(f"row {number}", record_key(dataset, row), checked)], [row])
            return delivery.commit(**{"read": len(rows), "as_of": now, **commit})

    return run


def _database(server: sa.URL, template: str) -> Iterator[str]:
    name = f"ioc_{next(_numbers)}"
    administer(server, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _text(server.set(database=name))
    finally:
        administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _text(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)
