"""Drift: a new column is told, a missing one refuses the delivery, a new code sets its records aside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.drift import HIDDEN, DriftWatch
from datasets.store import Counts, Drift, Verdict
from datasets.validate import Problem
from tests.connectors.fault_ground import Ground, ground_on
from tests.connectors.one_stop_server import OneStop


@pytest.fixture
def ground(system: OneStop, tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    made = ground_on(system, tmp_path, store_url, monkeypatch, dossiers=20)
    yield made
    made.house.store.close()


def test_an_export_that_only_grows_keeps_coming_in_and_the_new_columns_are_told(
    ground: Ground, system: OneStop
) -> None:
    for record in system.dossiers[:7]:
        record |= {"MaSoThue": "0101234567", "DanhSachCon": [{"HoTen": "Nguyễn Thị Bé"}]}
    assert ground.pull() == Counts(read=20, new=20)
    assert ground.status().verdict == Verdict.OK_CHANGED
    assert ground.status().drift == (
        Drift("new_column", "MaSoThue", count=7),
        Drift("new_column", "DanhSachCon", count=7),
    )
    assert ground.line.note == "Có 2 cột lạ đã bỏ qua: MaSoThue (7), DanhSachCon (7)."
    assert "0101234567" not in ground.everything()
    assert "Nguyễn Thị Bé" not in ground.everything()


def test_a_missing_column_refuses_the_delivery_and_both_sides_of_the_header_are_shown(
    ground: Ground, system: OneStop
) -> None:
    ground.pull()
    for record in system.dossiers:
        record["HanTraKetQua"] = record.pop("NgayHenTra")
    error = ground.fails()
    assert "thiếu NgayHenTra" in error.message("vi")
    assert "HanTraKetQua" in error.message("vi")
    assert "HanTraKetQua" in error.message("en")
    assert ground.status().verdict == Verdict.REFUSED
    assert ground.status().drift[0] == Drift("missing_column", "NgayHenTra")


def test_new_codes_are_counted_by_field_with_a_sample_and_their_records_wait(ground: Ground, system: OneStop) -> None:
    for place, code in enumerate(["11", "11", "12", "Chờ ký số"]):
        system.dossiers[place] |= {"TrangThaiHoSo": code}
    system.dossiers[4] |= {"MaDonVi": "X0077"}
    assert ground.pull() == Counts(read=20, new=15, quarantined=5)
    assert ground.status().verdict == Verdict.PARTIAL
    assert ground.status().drift == (
        Drift("new_code", "TrangThaiHoSo", "status", 4, {"11": 2, "12": 1, "Chờ ký số": 1}),
        Drift("new_code", "MaDonVi", "unit", 1, {"X0077": 1}),
    )
    assert ground.line.note is not None
    assert "Mã mới chưa biết ở cột TrangThaiHoSo: «11» (2), «12» (1), «Chờ ký số» (1); 4 bản ghi" in ground.line.note


def test_a_delivery_refused_for_its_many_new_codes_still_tells_them(ground: Ground, system: OneStop) -> None:
    for record in system.dossiers:
        record |= {"TrangThaiHoSo": "11"}
    assert ground.fails().key == "error.too_many_quarantined"
    assert ground.status().drift == (Drift("new_code", "TrangThaiHoSo", "status", 20, {"11": 20}),)


@pytest.mark.parametrize(
    "value",
    ["0912345678", "0912 345 678", "001090001234", "a@b.vn", "Số nhà 12, thôn An Bình, xã An Bình Đông, tỉnh Thử"],
)
def test_what_may_be_a_persons_is_no_sample_of_a_code(value: str) -> None:
    watch = DriftWatch()
    watch.note([Problem("status", "unknown_code", value, "trang 1, bản ghi 1")])
    assert watch.found() == (Drift("new_code", "status", "status", 1, {HIDDEN: 1}),)


def test_of_very_many_new_codes_a_few_are_told_and_all_counted() -> None:
    watch = DriftWatch()
    watch.note(Problem("status", "unknown_code", f"M{number}", "") for number in range(100))
    watch.note([Problem("status", "unknown_code", "M7", ""), Problem("due_at", "not_a_moment", "mai", "")])
    (found,) = watch.found()
    assert (found.count, len(found.codes)) == (101, 5)
    assert next(iter(found.codes)) == "M7"
