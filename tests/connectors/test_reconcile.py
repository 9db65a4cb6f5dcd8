"""Late, corrected, vanished and returning records; a delivery that shrank waits for a person (F36, F38, F39)."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from connectors.__main__ import main
from datasets.standing import Standing, standings
from datasets.standing import reconciled_sentence as sentence
from datasets.store import Confirmed, Counts, Verdict
from datasets.store.tables import CHANGE_LOG
from tests.connectors.fault_ground import NINE, Ground
from tests.connectors.one_stop_server import OneStop, dossier

DROPPED = "H99.01-261102-000002"
PERSON = Confirmed("lan", "đã hỏi bộ phận một cửa")


def standing(ground: Ground) -> Standing:
    made = ground.house
    (found,) = standings(made.store, made.settings, ground.now, "vi")
    return found


def vanished(ground: Ground) -> list[str]:
    return [row["dossier_code"] for row in ground.rows() if row["vanished_at"] is not None]


def history(ground: Ground, field: str) -> list[tuple[str | None, str | None]]:
    with ground.house.store.engine.connect() as connection:
        asked = sa.select(CHANGE_LOG.c.old_value, CHANGE_LOG.c.new_value).where(CHANGE_LOG.c.field == field)
        return [tuple(row) for row in connection.execute(asked.order_by(CHANGE_LOG.c.id))]


def without(system: OneStop, *codes: str) -> list[dict[str, object]]:
    return [record for record in system.dossiers if record["MaHoSo"] not in codes]


def test_a_record_dated_back_beyond_the_lookback_is_missed_until_the_sources_are_reconciled(
    any_ground: Ground, system: OneStop
) -> None:
    ground = any_ground
    system.dossiers.append(dossier(6, NgayCapNhat="20261119080000"))
    ground.pull()
    system.dossiers[0] |= {"TrangThaiHoSo": "9", "NgayKetThucXuLy": "20261104090000", "NgayCapNhat": "20261104090000"}
    system.dossiers.append(dossier(7))
    assert ground.pull() == Counts(read=1, unchanged=1)
    assert ground.pull(reconcile=True) == Counts(read=7, new=1, changed=1, unchanged=5)
    found = ground.line.reconciled
    assert found is not None
    assert (found.held, found.missing, found.stale, found.vanished) == (6, 1, 1, 0)
    assert found.since == "2026-10-16T09:00:00+07:00"  # 35 days
    assert found.days == {"2026-11-02": {"missing": 1, "stale": 1}}
    assert "1 bị thiếu đã bổ sung, 1 cũ đã sửa" in sentence(found, "vi")
    assert ground.status().bookmark == "2026-11-19T01:00:00+00:00"


def test_a_record_the_source_drops_is_marked_and_stays_counted(any_ground: Ground, system: OneStop) -> None:
    ground = any_ground
    ground.pull()
    system.dossiers = without(system, DROPPED)
    ground.pull()
    assert vanished(ground) == []  # an ordinary pull cannot know
    ground.later(days=1)
    version = ground.house.store.version()
    assert ground.pull(reconcile=True) == Counts(read=4, unchanged=4)
    assert vanished(ground) == [DROPPED]
    assert ground.counted() == 5
    assert standing(ground).vanished == 1
    assert ground.house.store.version() == version + 1
    assert history(ground, "vanished_at") == [(None, "2026-11-21T09:00:00+07:00")]
    rows = ground.rows()
    ground.later(days=7)
    ground.pull(reconcile=True)
    assert ground.rows() == rows  # since when it is gone does not move
    assert ground.line.reconciled is not None
    assert ground.line.reconciled.differences == 0


def test_a_vanished_record_that_comes_back_loses_its_mark_and_its_history_is_kept(
    any_ground: Ground, system: OneStop
) -> None:
    ground = any_ground
    ground.pull()
    everything = system.dossiers
    system.dossiers = without(system, DROPPED)
    ground.pull(reconcile=True)
    system.dossiers = everything
    version = ground.house.store.version()
    assert ground.pull() == Counts(read=5, unchanged=5)
    assert vanished(ground) == []
    assert ground.house.store.version() == version + 1
    (went, came) = history(ground, "vanished_at")
    assert went[0] is None
    assert came[0] is not None
    assert came[1] is None


def test_withdrawn_and_taken_up_again_is_counted_right_at_each_step(ground: Ground, system: OneStop) -> None:
    field_map = ground.house.settings.root / "one_stop_map.yaml"
    field_map.write_text(field_map.read_text("utf-8").replace('"9": finished', '"7": withdrawn, "9": finished'))
    ground.pull()
    steps = (("7", "20261110080000"), ("4", "20261111080000"), ("9", "20261112080000"))
    seen = []
    for status, moment in steps:
        ended = "" if status == "4" else moment
        system.dossiers[1] |= {"TrangThaiHoSo": status, "NgayCapNhat": moment, "NgayKetThucXuLy": ended}
        ground.pull()
        seen.append((ground.held()[DROPPED], sum(row["maybe_open"] for row in ground.rows()), ground.counted()))
    assert seen == [("withdrawn", 4, 5), ("processing", 5, 5), ("finished", 4, 5)]
    assert [new for _, new in history(ground, "status")] == ["withdrawn", "processing", "finished"]


def test_a_record_set_aside_is_not_taken_for_one_that_vanished(any_ground: Ground, system: OneStop) -> None:
    ground = any_ground
    ground.pull()
    system.dossiers[1] |= {"TrangThaiHoSo": "77"}
    ground.pull(reconcile=True)
    assert vanished(ground) == []


def test_while_a_record_without_a_key_is_set_aside_nothing_is_marked(ground: Ground, system: OneStop) -> None:
    ground.pull()
    system.dossiers = [*without(system, DROPPED), dossier(9, MaHoSo="")]
    ground.pull(reconcile=True)
    assert vanished(ground) == []
    found = ground.line.reconciled
    assert found is not None
    assert found.unsure == 1
    assert "chưa đánh dấu" in sentence(found, "vi")


def test_what_lies_before_the_stretch_is_left_alone(ground: Ground, system: OneStop) -> None:
    system.dossiers.append(dossier(8, NgayTiepNhan="20260801080000", NgayCapNhat="20260801080000"))
    ground.pull()
    system.dossiers.pop()
    ground.pull(reconcile=True)
    assert vanished(ground) == []


def test_another_source_with_the_same_codes_is_left_alone(ground: Ground, system: OneStop) -> None:
    ground.pull()
    with ground.house.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE dossier SET source = 'other' WHERE dossier_code LIKE '%01'")
    ground.pull(reconcile=True)
    assert vanished(ground) == []


def test_more_than_half_gone_is_held_for_a_person_who_confirms_with_a_reason(
    any_ground: Ground, system: OneStop
) -> None:
    ground = any_ground
    ground.pull()
    system.dossiers = system.dossiers[:2]
    error = ground.fails(reconcile=True)
    assert error.key == "error.mass_shrink"
    assert error.params == {"held": "5", "left": "2"}
    assert "--accept-shrink" in error.message()
    assert vanished(ground) == []
    ground.pull(reconcile=True, confirmed=PERSON)
    assert len(vanished(ground)) == 3
    assert ground.counted() == 5
    assert ground.line.confirmed == PERSON
    assert ground.line.note == "lan xác nhận nhận lô ít bất thường: đã hỏi bộ phận một cửa"


def test_a_source_that_gives_everything_each_time_is_held_when_less_than_half_is_left(
    ground: Ground, system: OneStop
) -> None:
    ground.set_source(cursor=None)
    ground.pull()
    everything = system.dossiers
    for left in ([], everything[:2]):
        system.dossiers = left
        assert ground.fails().key == "error.mass_shrink"
    system.dossiers = everything[:3]
    assert ground.pull() == Counts(read=3, unchanged=3)
    system.dossiers = everything[:1]
    assert ground.fails().params == {"held": "3", "left": "1"}
    ground.pull(confirmed=PERSON)
    assert ground.pull() == Counts(read=1, unchanged=1)  # one is now the usual number


def test_a_snapshot_is_reconciled_with_all_we_hold(ground: Ground, system: OneStop) -> None:
    ground.set_source(cursor=None)
    ground.pull()
    system.dossiers = without(system, DROPPED)
    ground.pull(reconcile=True)
    assert vanished(ground) == [DROPPED]


def test_nothing_where_something_usually_comes_moves_no_bookmark_until_a_person_confirms(
    ground: Ground, system: OneStop
) -> None:
    for week in range(4):
        system.dossiers = [dossier(week * 10 + n, NgayCapNhat=f"{ground.now:%Y%m%d}080000") for n in range(5)]
        ground.pull()
        ground.later(days=7)
    as_of, bookmark = ground.status().as_of, ground.status().bookmark
    system.dossiers = []
    ground.pull()
    assert ground.status().verdict == Verdict.EMPTY_SUSPECT
    assert (ground.status().as_of, ground.status().bookmark) == (as_of, bookmark)
    ground.pull(confirmed=PERSON)
    assert ground.status().verdict == Verdict.EMPTY_EXPECTED
    assert ground.status().as_of == ground.now


def test_a_reconciling_pull_is_not_taken_for_a_usual_one(ground: Ground, system: OneStop) -> None:
    ground.pull()
    for _ in range(4):
        ground.pull(reconcile=True)
    with ground.house.store.engine.connect() as connection:
        assert ground.house.store.ledger.usual(connection, "one_stop", NINE) is None
    assert ground.house.store.ledger.last_reconciled("one_stop") == NINE


def run(ground: Ground, *words: str) -> int:
    environ = {**ground.house.environ, "IOC_NOW": ground.now.isoformat(), "USER": "lan", "SUDO_USER": "lan"}
    return main([*words, "--config", str(ground.house.settings.path)], environ)


def test_the_commands_reconcile_confirm_and_tell_what_vanished(
    ground: Ground, system: OneStop, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ground, "pull") == 0
    system.dossiers = system.dossiers[:2]
    assert run(ground, "pull", "one_stop", "--reconcile") == 1
    assert "từ 5 bản ghi chỉ còn 2" in capsys.readouterr().err
    assert run(ground, "pull", "one_stop", "--reconcile", "--accept-shrink", "  chuyển xã  khác ") == 0
    assert "3 không còn ở nguồn" in capsys.readouterr().out
    assert ground.line.confirmed == Confirmed("lan", "chuyển xã khác")
    assert run(ground, "status") == 0
    assert "3 bản ghi đã rút khỏi nguồn" in capsys.readouterr().out
    assert run(ground, "status", "--format", "json") == 0
    (line,) = json.loads(capsys.readouterr().out)
    assert (line["vanished"], line["reconciled"]["vanished"], line["reconciled"]["held"]) == (3, 3, 5)


@pytest.mark.parametrize("words", [("--accept-shrink", "vì thế"), ("one_stop", "--accept-shrink", " ")])
def test_a_confirmation_is_for_one_named_source_and_has_a_reason(
    ground: Ground, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(ground, "pull", *words) == 2
    assert "đúng một nguồn và một lý do" in capsys.readouterr().err
    assert ground.rows() == []
