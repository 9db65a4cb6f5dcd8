"""Incremental pulls beside a full reload of the same source: nothing missing, nothing stale, nothing double.

The source lives on between pulls: dossiers arrive, are finished, corrected and dated
back; it gives them in any order and some of them twice, and some pulls break off.
Whatever lies within the lookback is there after the next pull; whatever lies beyond it,
after the next reconciling one.
"""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from datasets.errors import OpsError
from tests.connectors.fault_ground import NINE, Ground, ground_on
from tests.connectors.one_stop_server import OneStop, dossier

LOOKBACK = timedelta(hours=1)
FAR = timedelta(days=20)
STAMP = "%Y%m%d%H%M%S"


class LivingSource:
    """Changes what the one-stop holds, as told by chance, at the ground's present moment."""

    def __init__(self, system: OneStop, ground: Ground, chance: random.Random) -> None:
        self.system, self.ground, self.chance = system, ground, chance
        self.held: dict[str, dict[str, object]] = {str(record["MaHoSo"]): record for record in system.dossiers}
        system.dossiers = []
        self.number = len(self.held)
        self.show()

    def stamp(self, most_late: timedelta) -> str:
        """A moment of change: now, or entered late by up to `most_late`."""
        late = most_late * self.chance.random() if self.chance.random() < 0.4 else timedelta(0)
        return f"{self.ground.now - late:{STAMP}}"

    def live_on(self, most_late: timedelta) -> None:
        for _ in range(self.chance.randint(0, 6)):
            self.number += 1
            stamp = self.stamp(most_late)
            record = dossier(self.number, NgayTiepNhan=stamp, NgayCapNhat=stamp)
            self.held[str(record["MaHoSo"])] = record
        for code in self.chance.sample(sorted(self.held), min(len(self.held), 4)):
            stamp = self.stamp(most_late)
            before = self.held[code]
            if stamp <= str(before["NgayCapNhat"]):
                continue  # a source never dates a change before the one it follows
            step = self.chance.choice(["finish", "reopen", "correct"])
            change: dict[str, object] = {"NgayCapNhat": stamp}
            if step == "finish":
                change |= {"TrangThaiHoSo": "9", "NgayKetThucXuLy": stamp}
            elif step == "reopen":
                change |= {"TrangThaiHoSo": "4", "NgayKetThucXuLy": ""}
            else:
                change |= {"NgayHenTra": f"2026121{self.chance.randint(0, 9)}170000", "TenLinhVuc": "Đất đai"}
            self.held[code] = {**before, **change}
        self.show()

    def show(self) -> None:
        """What the source gives now: some rows twice, some old versions beside the new ones."""
        rows = list(self.held.values())
        again = self.chance.sample(rows, min(len(rows), 3))
        old = [
            record
            for record in self.system.dossiers
            if self.chance.random() < 0.1
            and str(record["NgayCapNhat"]) < str(self.held[str(record["MaHoSo"])]["NgayCapNhat"])
        ]
        self.system.dossiers = [*rows, *again, *old]
        self.chance.shuffle(self.system.dossiers)


def plain(ground: Ground) -> list[dict[str, Any]]:
    """The rows without what tells how they came."""
    ours = ("first_seen_at", "changed_at", "pull_id")
    return [{name: value for name, value in row.items() if name not in ours} for row in ground.rows()]


def daily(ground: Ground) -> list[dict[str, Any]]:
    return ground.rows("dossier_daily")


def reloaded(
    system: OneStop, folder: Path, url: str, monkeypatch: pytest.MonkeyPatch, like: Ground
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What a fresh store holds after reading the same source once."""
    dossiers = system.dossiers
    folder.mkdir()
    fresh = ground_on(system, folder, url, monkeypatch, dossiers=0)
    system.dossiers = dossiers
    fresh.now = like.now
    fresh.pull()
    found = plain(fresh), daily(fresh)
    fresh.house.store.close()
    return found


def run(system: OneStop, ground: Ground, seed: int, most_late: timedelta) -> None:
    """Ten rounds of life and pulls, some of which break off at their second page."""
    chance = random.Random(seed)
    source = LivingSource(system, ground, chance)
    ground.set_source(retries=0)
    for _ in range(10):
        ground.later(minutes=chance.choice([5, 10, 30]))
        source.live_on(most_late)
        breaks = chance.random() < 0.2

        def answer(page: int, breaks: bool = breaks) -> None:
            system.status = 500 if breaks and page == 2 else 200

        system.before_page = answer
        try:
            ground.pull()
        except OpsError:
            assert breaks
    system.before_page = lambda page: None
    system.status = 200


def test_within_the_lookback_incremental_pulls_end_where_a_full_reload_does(
    system: OneStop, tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    ground = ground_on(system, tmp_path, store_url, monkeypatch, dossiers=0, size=20)
    request.addfinalizer(ground.house.store.close)
    for seed in range(3 if store_url.startswith("sqlite") else 1):
        with ground.house.store.engine.begin() as connection:
            for table in (
                "dossier",
                "dossier_daily",
                "dossier_total",
                "source_state",
                "pull",
                "change_log",
                "quarantine",
            ):
                connection.exec_driver_sql(f"DELETE FROM {table}")
        ground.now = NINE
        system.dossiers = [dossier(number) for number in range(1, 31)]
        run(system, ground, seed, LOOKBACK * 0.9)
        ground.pull()
        url = f"sqlite:///{tmp_path / f'reload-{seed}.db'}"
        rows, counts = reloaded(system, tmp_path / f"reload-{seed}", url, monkeypatch, ground)
        assert plain(ground) == rows
        assert daily(ground) == counts
        assert len(ground.held()) == len({str(record["MaHoSo"]) for record in system.dossiers})


def test_beyond_the_lookback_a_reconciling_pull_finds_what_was_missed_and_says_how_much(
    system: OneStop, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    ground = ground_on(system, tmp_path, sqlite_url, monkeypatch, dossiers=30, size=20)
    request.addfinalizer(ground.house.store.close)
    run(system, ground, 20261120, FAR)
    ground.pull()
    rows, counts = reloaded(system, tmp_path / "reload", f"sqlite:///{tmp_path / 'reload.db'}", monkeypatch, ground)
    held = {row["dossier_code"]: row for row in plain(ground)}
    missing = [row for row in rows if row["dossier_code"] not in held]
    stale = [row for row in rows if row["dossier_code"] in held and held[row["dossier_code"]] != row]
    assert missing  # else this test would prove nothing
    assert stale
    ground.pull(reconcile=True)
    assert plain(ground) == rows
    assert daily(ground) == counts
    found = ground.line.reconciled
    assert found is not None
    assert (found.missing, found.stale, found.vanished) == (len(missing), len(stale), 0)
    assert sum(sum(day.values()) for day in found.days.values()) == len(missing) + len(stale)
