"""The whole way of a dossier: a real HTTP server, a real store, and everything between them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from connectors import pull as pull_page
from connectors.house import House, open_house
from connectors.pull import Caller, pull
from connectors.replay import replay
from datasets.errors import BatchRejected, PullError, SourceChanged, SourceUnavailable, StoreError, UsageError
from datasets.store import Counts, Drift, Verdict
from tests.connectors.one_stop_server import OneStop, dossier, write_config

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
SOURCE = "one_stop"


class Clock:
    """Stands still until it is set."""

    def __init__(self) -> None:
        self.now = NINE

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Commune:
    """A house, its one-stop system, and short questions about what the store holds."""

    house: House
    system: OneStop
    clock: Clock
    folder: Path

    def pull(self) -> Counts:
        return pull(SOURCE, self.house)

    def rows(self) -> list[tuple[object, ...]]:
        with self.house.store.engine.connect() as connection:
            return [
                tuple(row) for row in connection.execute(sa.text("SELECT * FROM dossier ORDER BY unit, dossier_code"))
            ]

    def everything(self) -> str:
        """Every value of every table, as one text."""
        with self.house.store.engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
            return "\n".join(str(list(connection.execute(sa.text(f"SELECT * FROM {table}")))) for table in tables)

    @property
    def status(self):
        return self.house.store.ledger.status(SOURCE)

    @property
    def version(self) -> int:
        return self.house.store.version()


@pytest.fixture
def commune(tmp_path: Path, store_url: str, system: OneStop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commune]:
    yield from _commune(tmp_path, store_url, system, monkeypatch)


@pytest.fixture
def small_commune(
    tmp_path: Path, sqlite_url: str, system: OneStop, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Commune]:
    """The same on SQLite only, where the database is not the subject."""
    yield from _commune(tmp_path, sqlite_url, system, monkeypatch)


def _commune(tmp_path: Path, url: str, system: OneStop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Commune]:
    clock = Clock()
    monkeypatch.setattr("datasets.grounds.clock_from", lambda environ, zone: clock)
    monkeypatch.setattr("connectors.http_client.time.sleep", lambda seconds: None)
    system.dossiers = [dossier(number) for number in range(1, 6)]
    house = open_house(write_config(tmp_path, "sqlite:///data/ioc.db", system.url), {"IOC_STORE_URL": url})
    yield Commune(house, system, clock, tmp_path)
    house.store.close()


def test_a_first_pull_brings_every_dossier_and_sets_the_bookmark_to_the_latest_change(commune: Commune):
    assert commune.pull() == Counts(read=5, new=5)
    assert len(commune.rows()) == 5
    assert commune.status.verdict == Verdict.OK_CHANGED
    assert commune.status.bookmark == "2026-11-02T01:00:05+00:00"  # 08:00:05 in Hà Nội
    assert commune.status.as_of == NINE


def test_a_second_identical_pull_writes_nothing_and_leaves_the_data_version_alone(commune: Commune):
    commune.pull()
    before, version = commune.rows(), commune.version
    assert commune.pull() == Counts(read=5, unchanged=5)
    assert commune.rows() == before
    assert commune.version == version
    assert commune.status.verdict == Verdict.OK_UNCHANGED


def test_the_next_pull_asks_from_the_bookmark_less_the_lookback(commune: Commune):
    commune.pull()
    commune.system.asked.clear()
    commune.pull()
    assert commune.system.asked[0] == "20261102070005"  # one hour before 08:00:05


def test_only_what_changed_is_written(commune: Commune):
    commune.pull()
    commune.system.dossiers[2] |= {
        "TrangThaiHoSo": "9",
        "NgayKetThucXuLy": "20261104100000",
        "NgayCapNhat": "20261104100000",
    }
    commune.system.dossiers.append(dossier(6))
    assert commune.pull() == Counts(read=6, new=1, changed=1, unchanged=4)
    assert commune.status.bookmark == "2026-11-04T03:00:00+00:00"


def test_a_broken_row_is_quarantined_with_its_reason_and_the_others_come_in(commune: Commune):
    commune.system.dossiers[1] |= {"TrangThaiHoSo": "77"}
    commune.system.dossiers[3] |= {"MaDonVi": "X9999"}
    assert commune.pull() == Counts(read=5, new=3, quarantined=2)
    assert commune.status.verdict == Verdict.PARTIAL
    aside = {line.record_key: line.problems for line in commune.house.store.quarantine.list(SOURCE)}
    assert aside == {
        "X0001/H99.01-261102-000002": [{"field": "status", "code": "unknown_code", "value": "77"}],
        "X9999/H99.01-261102-000004": [{"field": "unit", "code": "unknown_unit", "value": "X9999"}],
    }


def test_a_mended_record_settles_its_line_in_the_quarantine(commune: Commune):
    commune.system.dossiers[1] |= {"TrangThaiHoSo": "77"}
    commune.pull()
    commune.system.dossiers[1] |= {"TrangThaiHoSo": "4"}
    assert commune.pull() == Counts(read=5, new=1, unchanged=4)
    assert commune.house.store.quarantine.count(SOURCE) == 0


def test_a_batch_with_more_bad_records_than_agreed_changes_nothing(commune: Commune):
    commune.pull()
    before, version, bookmark = commune.rows(), commune.version, commune.status.bookmark
    for record in commune.system.dossiers[:3]:
        record |= {"NgayTiepNhan": "hôm qua", "NgayCapNhat": "20261118080000"}
    commune.system.dossiers[3] |= {"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20261103080000"}
    commune.clock.now = NINE.replace(hour=10)
    with pytest.raises(BatchRejected) as refused:
        commune.pull()
    assert refused.value.key == "error.too_many_quarantined"
    assert (commune.rows(), commune.version, commune.status.bookmark) == (before, version, bookmark)
    assert commune.status.verdict == Verdict.REFUSED
    assert commune.status.as_of == NINE


def test_a_renamed_column_refuses_the_batch_and_is_named(commune: Commune):
    commune.pull()
    before = commune.rows()
    for record in commune.system.dossiers:
        record["HanTra"] = record.pop("NgayHenTra")
    with pytest.raises(SourceChanged) as changed:
        commune.pull()
    assert "NgayHenTra" in changed.value.message()
    assert commune.rows() == before
    assert commune.status.error_params == {"columns": "NgayHenTra", "come": "HanTra"}
    assert commune.status.drift == (Drift("missing_column", "NgayHenTra"),)


def test_an_unknown_column_is_noted_by_name_and_its_values_are_never_kept(commune: Commune):
    for record in commune.system.dossiers:
        record["SoTaiKhoan"] = "9704366812345678"
    commune.pull()
    (line,) = commune.house.store.ledger.runs(SOURCE)
    assert line.note is not None
    assert "SoTaiKhoan (5)" in line.note
    assert "9704366812345678" not in commune.everything()


def test_personal_data_reach_neither_the_store_nor_the_log(commune: Commune, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    commune.system.dossiers[0] |= {"TrangThaiHoSo": "77"}  # quarantined, with what is kept for a replay
    commune.pull()
    found = commune.everything() + caplog.text
    assert "Riêng Tư" not in found
    assert "0912345678" not in found


def test_a_source_that_answers_500_leaves_the_data_as_they_were_with_their_age_and_the_reason(commune: Commune):
    commune.pull()
    before, version = commune.rows(), commune.version
    commune.system.status = 500
    for minute in (10, 20):
        commune.clock.now = NINE.replace(minute=minute)
        with pytest.raises(SourceUnavailable):
            commune.pull()
    assert (commune.rows(), commune.version) == (before, version)
    status = commune.status
    assert (status.verdict, status.as_of, status.last_success) == (Verdict.FAILED, NINE, NINE)
    assert status.since == NINE.replace(minute=10)
    assert status.error_key
    commune.system.status = 200
    commune.clock.now = NINE.replace(minute=30)
    assert commune.pull() == Counts(read=5, unchanged=5)
    assert commune.status.since is None


def test_a_page_that_fails_half_way_publishes_nothing_of_the_pages_before_it(commune: Commune):
    commune.system.dossiers = [dossier(number) for number in range(1, 121)]  # three pages of 50

    def break_after_the_first(page: int) -> None:
        commune.system.status = 500 if page > 1 else 200

    commune.system.before_page = break_after_the_first
    with pytest.raises(SourceUnavailable):
        commune.pull()
    assert commune.rows() == []
    assert commune.status.bookmark is None


def test_a_dossier_dated_in_the_future_does_not_move_the_bookmark_past_ten_minutes_ago(commune: Commune):
    commune.system.dossiers[4] |= {"NgayCapNhat": "20261120160000"}  # seven hours ahead of our clock
    commune.pull()
    assert commune.status.bookmark == "2026-11-20T01:50:00+00:00"  # 08:50, ten minutes before the pull


def test_a_pull_that_died_is_marked_when_the_next_one_begins(small_commune: Commune):
    small_commune.house.store.ledger.begin(SOURCE, "dossier")
    small_commune.pull()
    assert [line.verdict for line in small_commune.house.store.ledger.runs(SOURCE)] == [
        Verdict.OK_CHANGED,
        Verdict.FAILED,
    ]


def test_two_pulls_of_one_source_do_not_meet(commune: Commune):
    with commune.house.store.lease(f"source-{SOURCE}"), pytest.raises(StoreError) as busy:
        commune.pull()
    assert busy.value.key == "connectors.pull_running"
    assert commune.house.store.ledger.runs(SOURCE) == []


def test_a_source_can_be_pulled_again_at_once(commune: Commune):
    for _ in range(40):
        with commune.house.store.lease(f"source-{SOURCE}"):
            pass


def test_a_pull_asked_to_stop_gives_up_between_two_pages_and_writes_nothing(small_commune: Commune):
    with pytest.raises(PullError) as stopped:
        pull(SOURCE, small_commune.house, Caller(stop=lambda: True))
    assert stopped.value.key == "connectors.stopped"
    assert small_commune.rows() == []


def test_a_fault_of_ours_is_in_the_ledger_and_its_words_are_not_in_the_log(
    small_commune: Commune, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def stumble(*_: object) -> object:
        raise ValueError(str(small_commune.system.dossiers[0]["ChuHoSo"]))

    monkeypatch.setattr(pull_page.Intake, "take", stumble)
    with pytest.raises(PullError) as fault:
        small_commune.pull()
    assert fault.value.key == "error.unexpected"
    assert small_commune.status.error_params == {"kind": "ValueError"}
    assert "stumble" in caplog.text
    assert "Riêng Tư" not in caplog.text


def test_an_unknown_source_is_wrong_use_and_the_known_ones_are_named(small_commune: Commune):
    with pytest.raises(UsageError) as unknown:
        pull("mot_cua", small_commune.house)
    assert "one_stop" in unknown.value.message()


def test_a_replay_takes_in_what_a_mended_map_can_read_and_leaves_the_rest(commune: Commune):
    commune.system.dossiers[0] |= {"TrangThaiHoSo": "12"}
    commune.system.dossiers[1] |= {"TrangThaiHoSo": "77"}
    commune.pull()
    bookmark, as_of = commune.status.bookmark, commune.status.as_of
    field_map = commune.folder / "one_stop_map.yaml"
    field_map.write_text(
        field_map.read_text("utf-8").replace('"9": finished', '"9": finished, "12": processing'), "utf-8"
    )
    commune.clock.now = NINE.replace(hour=11)
    assert replay(SOURCE, commune.house, Caller()) == Counts(read=2, new=1, quarantined=1)
    assert len(commune.rows()) == 4
    (left,) = commune.house.store.quarantine.list(SOURCE)
    assert left.record_key == "X0001/H99.01-261102-000002"
    assert (commune.status.bookmark, commune.status.as_of) == (bookmark, as_of)


def test_a_replay_of_records_that_are_still_bad_writes_nothing(small_commune: Commune):
    small_commune.system.dossiers[0] |= {"TrangThaiHoSo": "12"}
    small_commune.pull()
    version = small_commune.version
    assert replay(SOURCE, small_commune.house, Caller()) == Counts(read=1, quarantined=1)
    assert small_commune.version == version
