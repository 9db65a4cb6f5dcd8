"""kill -9 in the middle of pulls, again and again: nothing lost, nothing double, the bookmark right."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.bookmark import parse_bookmark
from connectors.house import House, open_house
from connectors.pull import Caller, pull
from datasets.store import Verdict
from tests.connectors.one_stop_server import OneStop, dossier, write_config

NURSERY = Path(__file__).with_name("pull_nursery.py")
FIRST = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)  # 08:00 in Hà Nội
NEW_IN_A_ROUND, CHANGED_IN_A_ROUND = 40, 15


class Source:
    """A one-stop system where, every round, dossiers arrive and others are finished."""

    def __init__(self, system: OneStop, chance: random.Random) -> None:
        self.system, self._chance = system, chance
        self.round = 0

    def live_on(self) -> None:
        self.round += 1
        stamp = self._stamp(self.round)
        known = self.system.dossiers
        open_ones = [record for record in known if record["TrangThaiHoSo"] == "4"]
        for record in self._chance.sample(open_ones, min(len(open_ones), CHANGED_IN_A_ROUND)):
            record |= {"TrangThaiHoSo": "9", "NgayKetThucXuLy": stamp, "NgayCapNhat": stamp}
        first = len(known) + 1
        arrived = [dossier(number, NgayCapNhat=stamp) for number in range(first, first + NEW_IN_A_ROUND)]
        self.system.dossiers = [*known, *arrived]

    @staticmethod
    def _stamp(round_number: int) -> str:
        return f"{(FIRST + timedelta(hours=7, minutes=10 * round_number)):%Y%m%d%H%M%S}"

    def expected(self, until: datetime | None = None) -> dict[str, str]:
        """Code -> status of the dossiers that last changed at or before `until`."""
        words = {"4": "processing", "9": "finished"}
        limit = None if until is None else f"{until + timedelta(hours=7):%Y%m%d%H%M%S}"
        return {
            str(record["MaHoSo"]): words[str(record["TrangThaiHoSo"])]
            for record in self.system.dossiers
            if limit is None or str(record["NgayCapNhat"]) <= limit
        }


def held(house: House) -> list[tuple[str, str]]:
    with house.store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text("SELECT dossier_code, status FROM dossier"))]


@pytest.mark.parametrize(("database", "kills"), [("sqlite", 50), ("postgresql", 12)])
def test_killed_at_random_moments_no_dossier_is_lost_or_doubled_and_the_bookmark_is_right(
    tmp_path: Path, request: pytest.FixtureRequest, database: str, kills: int
):
    chance = random.Random(20261120)
    system = OneStop()
    system.page_seconds = 0.01
    source = Source(system, chance)
    environ = {
        **os.environ,
        "IOC_STORE_URL": request.getfixturevalue(f"{database}_url"),
        "IOC_NOW": "2026-11-20T09:00:00+07:00",
    }
    config = write_config(tmp_path, "sqlite:///data/ioc.db", system.url)
    house = open_house(config, environ)
    nursery = subprocess.Popen(
        [sys.executable, str(NURSERY), config],
        env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
    )  # fmt: skip
    assert nursery.stdin is not None
    assert nursery.stdout is not None
    try:
        for _ in range(kills):
            source.live_on()
            nursery.stdin.write("bear\n")
            born = int(nursery.stdout.readline())
            time.sleep(chance.uniform(0.0, 0.3))
            os.kill(born, signal.SIGKILL)
            assert nursery.stdout.readline() == "dead\n"
            bookmark = parse_bookmark(house.store.ledger.bookmark("one_stop"))
            rows = dict(held(house))
            if bookmark is None:
                assert rows == {}
            else:
                published = source.expected(bookmark)
                assert {code: rows.get(code) for code in published} == published
    finally:
        nursery.stdin.close()
        nursery.wait(timeout=20)
        nursery.stdout.close()

    pull("one_stop", house, Caller(patience_seconds=10))
    rows_at_the_end = held(house)
    assert len(rows_at_the_end) == len(source.system.dossiers) == kills * NEW_IN_A_ROUND
    assert dict(rows_at_the_end) == source.expected()
    assert parse_bookmark(house.store.ledger.bookmark("one_stop")) == FIRST + timedelta(minutes=10 * kills)
    with house.store.engine.connect() as connection:
        rolled_up = connection.scalar(sa.text("SELECT SUM(received) FROM dossier_daily"))
    assert rolled_up == len(rows_at_the_end)
    cut_short = [line for line in house.store.ledger.runs("one_stop") if line.error_key == "error.interrupted"]
    assert len(cut_short) > kills // 3  # else the kills did not hit what they were aimed at
    assert {line.verdict for line in cut_short} == {Verdict.FAILED}
    house.store.close()
    system.close()
