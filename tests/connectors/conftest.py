"""The ground on which faults are tried, as fixtures: the small one-stop and a house that pulls from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.fault_ground import Ground, ground_on
from tests.connectors.one_stop_server import OneStop


@pytest.fixture
def system() -> Iterator[OneStop]:
    server = OneStop()
    yield server
    server.close()


@pytest.fixture
def ground(system: OneStop, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """On SQLite only, where the database is not the subject."""
    made = ground_on(system, tmp_path, sqlite_url, monkeypatch)
    yield made
    made.house.store.close()


@pytest.fixture
def any_ground(system: OneStop, tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """On both databases."""
    made = ground_on(system, tmp_path, store_url, monkeypatch)
    yield made
    made.house.store.close()
