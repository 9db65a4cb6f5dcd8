"""What a source answered is kept until its delivery is settled: encrypted, dated, hashed; a replay asks nobody."""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from connectors import raw_answers
from connectors.connector import Batch, RawRecord
from connectors.house import House
from connectors.housekeeping import Housekeeping
from connectors.pull import Caller
from connectors.raw_answers import FOLDER, RawAnswers
from connectors.registry import CONNECTORS
from connectors.replay import replay
from connectors.sealed import SealedWriter, Unreadable, read_sealed
from datasets.errors import BatchRejected, OpsError
from datasets.settings import load_settings
from datasets.store import Counts
from tests.connectors.fault_ground import NINE, Ground
from tests.connectors.no_personal_values import nowhere_else
from tests.connectors.one_stop_server import OneStop, dossier

PEOPLE = ["Nguyễn Thị Riêng Tư", "0912345678", "Ủy ban Kín Đáo"]
KEY = b"k" * 32


def lying(ground: Ground) -> list[str]:
    """Endings of what is kept of the source."""
    return sorted(path.suffix for path in (ground.house.settings.root / FOLDER / "one_stop").glob("*"))


def mend(ground: Ground, old: str, new: str) -> None:
    path = ground.house.settings.root / "one_stop_map.yaml"
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def renamed(system: OneStop) -> None:
    """The source calls a column otherwise from today on."""
    for raw in system.dossiers:
        raw["MaThuTuc"] = raw.pop("MaTTHC")


def test_a_delivery_without_fault_leaves_nothing_behind(ground: Ground) -> None:
    assert ground.pull().new == 5
    assert lying(ground) == []


def test_a_refused_delivery_is_kept_whole_and_replayed_as_it_came_without_asking_the_source(
    ground: Ground, system: OneStop
) -> None:
    ground.set_source(paging=ground.house.settings.sources["one_stop"].paging.model_copy(update={"size": 2}))
    renamed(system)
    assert ground.fails().key == "connectors.columns_renamed"  # on the first of three pages
    assert lying(ground) == [".refused"]
    asked = len(system.asked)
    system.status = 500
    ground.later(hours=3)
    mend(ground, "procedure_code: MaTTHC", "procedure_code: [MaTTHC, MaThuTuc]")
    assert replay("one_stop", ground.house, Caller()) == Counts(read=5, new=5)
    assert len(system.asked) == asked
    assert lying(ground) == []
    assert ground.status().as_of == NINE  # when it was fetched
    assert ground.status().bookmark < NINE.isoformat()
    ground.balances()


def test_a_delivery_with_too_many_bad_records_is_kept_and_refused_again_until_it_is_mended(
    ground: Ground, system: OneStop
) -> None:
    for raw in system.dossiers[:4]:
        raw["TrangThaiHoSo"] = "77"
    assert ground.fails().key == "error.too_many_quarantined"
    kept = lying(ground)
    assert kept == [".refused"]
    with pytest.raises(OpsError) as caught:
        replay("one_stop", ground.house, Caller())
    assert caught.value.key == "error.too_many_quarantined"
    assert lying(ground) == kept
    mend(ground, '"10": returned', '"10": returned, "77": processing')
    replay("one_stop", ground.house, Caller())
    assert len(ground.held()) == 5
    assert lying(ground) == []


def test_a_delivery_published_later_settles_the_refused_one_before_it(ground: Ground, system: OneStop) -> None:
    whole = [dict(raw) for raw in system.dossiers]
    renamed(system)
    ground.fails()
    system.dossiers = whole
    assert ground.pull().new == 5
    assert lying(ground) == []


def test_of_a_published_delivery_only_the_records_set_aside_are_kept_and_also_what_the_map_did_not_read(
    ground: Ground, system: OneStop
) -> None:
    system.dossiers[0] |= {"TrangThaiHoSo": "77", "TrangThaiMoi": "4"}
    assert ground.pull() == Counts(read=5, new=4, quarantined=1)
    assert lying(ground) == [".aside"]
    system.status = 500
    mend(ground, "status: {from: TrangThaiHoSo", "status: {from: [TrangThaiMoi, TrangThaiHoSo]")
    assert replay("one_stop", ground.house, Caller()) == Counts(read=1, new=1)
    assert lying(ground) == []


def test_the_same_bad_record_in_every_pull_is_kept_once(ground: Ground, system: OneStop) -> None:
    system.dossiers[0]["TrangThaiHoSo"] = "77"
    for _ in range(3):
        ground.pull()
        ground.later(minutes=10)
    assert lying(ground) == [".aside"]
    system.dossiers[0]["TrangThaiHoSo"] = "4"
    ground.pull()
    assert lying(ground) == []


def test_half_a_delivery_is_not_kept(ground: Ground, system: OneStop, monkeypatch: pytest.MonkeyPatch) -> None:
    ground.set_source(paging=ground.house.settings.sources["one_stop"].paging.model_copy(update={"size": 2}))
    renamed(system)

    def breaks(page: int) -> None:
        system.status = 500 if page > 1 else 200

    system.before_page = breaks
    assert ground.fails().key == "connectors.columns_renamed"
    assert lying(ground) == []


def test_nobody_can_be_read_in_what_is_kept_nor_anywhere_else(
    ground: Ground, system: OneStop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    system.dossiers[0] |= {"TrangThaiHoSo": "77", "NguoiLa": "Ủy ban Kín Đáo"}
    ground.pull()
    system.dossiers.append(dossier(9))
    renamed(system)
    ground.fails()
    assert lying(ground) == [".aside", ".refused"]
    source = tmp_path / "source.json"
    source.write_text(str(system.dossiers), "utf-8")
    nowhere_else(PEOPLE, ground.house.settings.root, [source], caplog.text, fewest=3)
    for path in (ground.house.settings.root / FOLDER).rglob("*"):
        assert path.is_dir() or path.stat().st_mode & 0o077 == 0  # to their owner only


def test_a_secret_document_is_never_kept(ground: Ground) -> None:
    documents = ground.house.settings.sources["one_stop"].model_copy(update={"dataset": "document"})
    answers = RawAnswers(ground.house.settings, documents)
    connector = CONNECTORS["rest"](documents, ground.house.settings, ground.house.clock)
    batch = Batch([RawRecord("1", {"DoMat": "Mật"}), RawRecord("2", {"DoMat": "Thường"})], None)
    with suppress(BatchRejected), answers.keeping(1, NINE, connector, reconcile=False) as keeping:
        list(keeping.through(iter([batch])))
        raise BatchRejected("error.count_balance")
    kept = answers.delivery()
    assert kept is not None
    assert [[record.row_id for record in batch.records] for batch in kept.fetch(None)] == [["2"]]


def test_what_was_changed_cut_or_put_elsewhere_is_not_read(tmp_path: Path) -> None:
    def written(name: str) -> Path:
        writer = SealedWriter(tmp_path / f"{name}.part", KEY, name)
        for value in ("một", {"hai": 2}):
            writer.write(value)
        writer.finish(tmp_path / name)
        return tmp_path / name

    path = written("a")
    assert list(read_sealed(path, KEY, "a")) == ["một", {"hai": 2}]
    content = path.read_bytes()
    flipped = bytearray(content)
    flipped[40] ^= 1
    for other in (bytes(flipped), content[:-1], content[: len(content) // 2], b"", content + b"x"):
        path.write_bytes(other)
        with pytest.raises(Unreadable):
            list(read_sealed(path, KEY, "a"))
    path.write_bytes(content)
    for key, name in ((b"x" * 32, "a"), (KEY, "b")):
        with pytest.raises(Unreadable):
            list(read_sealed(path, key, name))


def test_a_key_of_the_configuration_is_used_and_without_it_nothing_is_read(
    ground: Ground, system: OneStop, tmp_path: Path
) -> None:
    config = ground.house.settings.path
    config.write_text(config.read_text("utf-8") + 'privacy: {raw_key: "env:IOC_RAW_KEY"}\n', "utf-8")
    said = load_settings(config, {"IOC_RAW_KEY": "một khoá dài"}).privacy
    ground.house = with_privacy(ground.house, said)
    renamed(system)
    ground.fails()
    assert [path.name for path in (ground.house.settings.root / FOLDER).glob("*")] == ["one_stop"]  # no key of its own
    other = load_settings(config, {"IOC_RAW_KEY": "khoá khác"}).privacy
    with pytest.raises(OpsError) as caught:
        replay("one_stop", with_privacy(ground.house, other), Caller())
    assert caught.value.key == "connectors.raw_unreadable"


def test_what_is_kept_is_forgotten_after_its_time(ground: Ground, system: OneStop) -> None:
    system.dossiers[0]["TrangThaiHoSo"] = "77"
    ground.pull()
    renamed(system)
    ground.fails()
    ground.later(days=89)
    Housekeeping(ground.house).forget()
    assert lying(ground) == [".aside", ".refused"]
    ground.later(days=2)
    Housekeeping(ground.house).forget()
    assert lying(ground) == []


def test_no_room_for_what_is_kept_fails_no_pull(
    ground: Ground, system: OneStop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(raw_answers, "MOST_BYTES", 100)
    system.dossiers[0]["TrangThaiHoSo"] = "77"
    assert ground.pull() == Counts(read=5, new=4, quarantined=1)
    assert lying(ground) == []
    assert re.search("raw source=one_stop is not kept", caplog.text)
    shutil.rmtree(ground.house.settings.root / FOLDER)
    (ground.house.settings.root / FOLDER).write_text("a file where the folder should be")
    ground.later(minutes=10)
    assert ground.pull().quarantined == 1


def test_what_a_dead_process_left_half_written_goes_with_the_next_pull(ground: Ground) -> None:
    folder = ground.house.settings.root / FOLDER / "one_stop"
    folder.mkdir(parents=True)
    (folder / "20261119T010000Z-1.refused.part").write_bytes(b"half")
    ground.pull()
    assert lying(ground) == []


def with_privacy(house: House, privacy: object) -> House:
    return replace(house, settings=house.settings.model_copy(update={"privacy": privacy}))
