"""Files as people make them, the whole way from a folder into a store (failures.md F15-F25, F37)."""

from __future__ import annotations

import logging
import os
import resource
import socket
import time
import unicodedata
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from connectors.files import FilesConnector
from datasets.store import Counts, Verdict
from tests.connectors.fault_ground import NINE, Ground, prepare
from tests.connectors.one_stop_server import UNITS
from tests.connectors.test_files import ENCODED, HARMFUL, HEADER, VALUES, sheet_of, workbook

CONFIG = """\
centre: {name: "Thử", unit: "T01"}
units: units.csv
sources:
  forms:
    {dataset: observation, connector: files, map: observation_form, path: forms, expect: {max_quarantined_share: 0.5}}
  lists:
    {dataset: dossier, connector: files, map: list.yaml, path: lists, expect: {max_quarantined_share: 0.5}}
"""
LIST = """\
dataset: dossier
fields:
  unit: Mã đơn vị
  dossier_code: Mã hồ sơ
  channel: {from: Kênh, codes: {"Trực tiếp": direct, "Trực tuyến": online}}
  received_at:
    from: Ngày tiếp nhận
    type: datetime
    format: ["%d/%m/%Y", "%d/%m/%y", "ngày %d tháng %m năm %Y", "%H:%M %d/%m/%Y"]
  due_at: {from: Ngày hẹn trả, type: datetime}
  status: {from: Trạng thái, codes: {"Đang xử lý": processing}}
personal: [Chủ hồ sơ]
"""
NAMES = ["Mã đơn vị", "Mã hồ sơ", "Chủ hồ sơ", "Kênh", "Ngày tiếp nhận", "Ngày hẹn trả", "Trạng thái"]


@pytest.fixture
def ground(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "list.yaml").write_text(LIST, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    for name in ("forms", "lists"):
        (tmp_path / name).mkdir()
    made = prepare(str(tmp_path / "config.yaml"), sqlite_url, monkeypatch)
    yield made
    made.house.store.close()


def drop(ground: Ground, name: str, content: bytes, folder: str = "forms") -> Path:
    path = ground.house.settings.root / folder / name
    path.write_bytes(content)
    return path


def line(code: str, received: str, due: str, **changed: str) -> list[str]:
    said = dict(zip(NAMES, ["X0001", code, "Nguyễn Thị Riêng", "Trực tiếp", received, due, "Đang xử lý"], strict=True))
    return list((said | changed).values())


def csv(*lines: list[str], names: list[str] = NAMES) -> bytes:
    return "".join(";".join(cells) + "\r\n" for cells in [names, *lines]).encode()


def observations(ground: Ground) -> dict[tuple[str, str, str], float]:
    return {(row["element"], row["period"], row["category"]): row["value"] for row in ground.rows("observation")}


def dossiers(ground: Ground) -> dict[str, tuple[date, date]]:
    return {row["dossier_code"]: (row["received_on"], row["due_on"]) for row in ground.rows()}


@pytest.mark.parametrize("name", ENCODED)
def test_a_file_in_any_encoding_gives_the_same_rows_without_a_broken_letter(ground: Ground, name: str) -> None:
    drop(ground, "bieu.csv", ENCODED[name])
    assert ground.pull("forms").quarantined == 0
    rows = ground.rows("observation")
    assert sorted(row["value"] for row in rows) == sorted(VALUES)
    assert "nữ" in {row["category"] for row in rows}
    assert all(unicodedata.is_normalized("NFC", str(row["category"])) for row in rows)
    assert not any(mark in ground.everything() for mark in ("Ã", "\ufffd", "á»"))
    repaired = name in ("windows-1258", "utf-8 encoded twice")
    assert ("đã tự chuyển sang Unicode" in str(ground.line.note)) is repaired  # told with the run, not done in silence


def test_composed_decomposed_and_invisible_letters_are_one_unit_and_one_category(ground: Ground) -> None:
    lines = [
        ["X0001", "ed_pupils", "2024", "nữ", "10", "Lan"],
        ["\u200bX0001\u00a0", "ed_pupils", "2025", unicodedata.normalize("NFD", "nữ"), "11", "Lan"],
        ["\u202aX0001\u202c", "ed_pupils", "2026", " nữ\ufeff", "12", "Lan"],
    ]
    drop(ground, "bieu.csv", csv(*lines, names=HEADER))
    assert ground.pull("forms") == Counts(read=3, new=3)
    assert {(row["unit"], row["category"]) for row in ground.rows("observation")} == {("X0001", "nữ")}


def test_categories_and_units_that_differ_in_capitals_only_are_one_and_the_repair_is_told(ground: Ground) -> None:
    lines = [
        ["X0001", "ed_pupils", "2024", "Nữ", "10", "Lan"],
        ["x0001", "ed_pupils", "2025", "NỮ", "11", "Lan"],
        ["X0001", "ed_pupils", "2026", "nữ", "12", "Lan"],
    ]
    drop(ground, "bieu.csv", csv(*lines, names=HEADER))
    assert ground.pull("forms") == Counts(read=3, new=3)
    assert {(row["unit"], row["category"]) for row in ground.rows("observation")} == {("X0001", "Nữ")}
    assert "bieu.csv: Có 2 dòng chỉ khác cách viết hoa" in str(ground.line.note)
    drop(ground, "bieu2.csv", csv(*lines[:1], names=HEADER))
    assert ground.pull("forms") == Counts(read=1, unchanged=1)
    assert ground.line.note == "bieu2.csv"


def test_dates_in_every_local_shape_are_read_in_the_countrys_order_and_doubtful_ones_wait(ground: Ground) -> None:
    good = [
        line("H1", "05/11/2026", "12/11/2026"),
        line("H2", "5/11/26", "12/11/2026 17:00"),
        line("H3", "ngày 5 tháng 11 năm 2026", "2026-11-12"),
        line("H4", "08:30 05/11/2026", "12-11-2026"),
    ]
    bad = [
        line("H5", "11/25/2026", "12/11/2026"),
        line("H6", "31/02/2026", "12/11/2026"),
        line("H7", "mai", "12/11/2026"),
    ]
    drop(ground, "ds.csv", csv(*good, *bad), "lists")
    assert ground.pull("lists") == Counts(read=7, new=4, quarantined=3)
    assert set(dossiers(ground).values()) == {(date(2026, 11, 5), date(2026, 11, 12))}
    assert {line.record_key for line in ground.house.store.quarantine.list("lists")} == {
        "X0001/H5", "X0001/H6", "X0001/H7",
    }  # fmt: skip


def list_sheet(rows: list[list[object]], date_1904: bool = False) -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, NAMES)
        for place, cells in enumerate(rows, 1):
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    sheet.write_datetime(place, column, cell, day)
                else:
                    sheet.write(place, column, cell)

    return workbook(fill, {"date_1904": True} if date_1904 else None)


@pytest.mark.parametrize(("date_1904", "serial"), [(False, 46331), (True, 44869)])
def test_serials_of_both_epochs_are_the_same_day(ground: Ground, date_1904: bool, serial: int) -> None:
    typed = [*line("H1", "", "")]
    typed[4], typed[5] = datetime(2026, 11, 5), datetime(2026, 11, 12)  # type: ignore[call-overload]
    bare = [*line("H2", "", "")]
    bare[4], bare[5] = serial, datetime(2026, 11, 12)  # type: ignore[call-overload]
    drop(ground, "ds.xlsx", list_sheet([typed, bare], date_1904), "lists")
    assert ground.pull("lists") == Counts(read=2, new=2)
    assert set(dossiers(ground).values()) == {(date(2026, 11, 5), date(2026, 11, 12))}


def test_dates_a_foreign_spreadsheet_swapped_refuse_the_file(ground: Ground) -> None:
    swapped = [*line("H1", "", "")]
    swapped[4], swapped[5] = datetime(2026, 5, 11), datetime(2026, 12, 11)  # type: ignore[call-overload]
    text = line("H2", "13/11/2026", "20/11/2026")
    drop(ground, "ds.xlsx", list_sheet([swapped, text]), "lists")
    assert ground.fails("lists").key == "files.swapped_dates"
    assert ground.rows() == []


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([name for name in NAMES if name != "Ngày hẹn trả"], "Ngày hẹn trả"),
        (["Hạn trả" if name == "Ngày hẹn trả" else name for name in NAMES], "Ngày hẹn trả"),
        ([*NAMES, "NGÀY HẸN TRẢ"], "Ngày hẹn trả"),
    ],
)
def test_a_column_missing_renamed_or_doubled_refuses_the_file_and_is_named(
    ground: Ground, names: list[str], said: str
) -> None:
    cells = dict(zip(NAMES, line("H1", "05/11/2026", "12/11/2026"), strict=True))
    drop(ground, "ds.csv", csv([cells.get(name, "12/11/2026") for name in names], names=names), "lists")
    error = ground.fails("lists")
    assert said.casefold() in error.message("vi").casefold()
    assert ground.rows() == []
    assert list((ground.house.settings.root / "lists" / "refused").glob("*.csv"))


def test_values_under_the_wrong_header_are_set_aside_and_refuse_the_file(ground: Ground) -> None:
    lines = [line(f"H{n}", "Đang xử lý", "05/11/2026", **{"Trạng thái": "12/11/2026"}) for n in range(10)]
    drop(ground, "ds.csv", csv(*lines), "lists")
    assert ground.fails("lists").key == "error.too_many_quarantined"
    assert ground.rows() == []


def test_an_added_column_of_personal_data_is_named_and_never_kept(
    ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    names = [*NAMES, "Số CCCD"]
    good = [*line("H1", "05/11/2026", "12/11/2026"), "001090012345"]
    bad = [*line("H2", "hôm qua", "12/11/2026"), "001090054321"]
    drop(ground, "ds.csv", csv(good, bad, names=names), "lists")
    assert ground.pull("lists") == Counts(read=2, new=1, quarantined=1)
    assert "Số CCCD (2)" in str(ground.line.note)
    found = ground.everything() + caplog.text
    assert not any(value in found for value in ("001090012345", "001090054321", "Nguyễn Thị Riêng"))


def decorated(book: xlsxwriter.Workbook) -> None:
    """Title, merged header rows, a subtotal, a total and signatures; an old sheet hidden before it."""
    hidden = book.add_worksheet("Năm trước")
    hidden.write_row(0, 0, HEADER)
    hidden.write_row(1, 0, ["X0001", "ed_pupils", "2019", "", 999, "Lan"])
    hidden.hide()
    sheet = book.add_worksheet("Biểu")
    sheet.activate()
    sheet.merge_range(0, 0, 0, 5, "ỦY BAN NHÂN DÂN XÃ MỘT")
    sheet.merge_range(1, 0, 1, 5, "BIỂU SỐ LIỆU NĂM 2026")
    sheet.write_row(3, 0, HEADER)
    sheet.write_row(4, 0, ["X0001", "ed_pupils", "2025", "", 600, "Lan"])
    sheet.write_row(5, 0, ["X0001", "ed_pupils", "2026", "", 610, "Lan"])
    sheet.set_row(5, None, None, {"hidden": True})
    sheet.write_row(6, 0, ["Tổng cộng", "", "", "", 1210, ""])
    sheet.write(9, 4, "NGƯỜI LẬP BIỂU")
    sheet.write(10, 4, "(Ký, ghi rõ họ tên)")


def test_titles_totals_signatures_and_hidden_sheets_are_no_data_and_hidden_rows_are(ground: Ground) -> None:
    drop(ground, "bieu.xlsx", workbook(decorated))
    assert ground.pull("forms") == Counts(read=2, new=2)
    assert observations(ground) == {("ed_pupils", "2025", ""): 600.0, ("ed_pupils", "2026", ""): 610.0}


def test_a_formula_never_calculated_refuses_the_file_and_an_error_cell_sets_its_row_aside(ground: Ground) -> None:
    def unvalued(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["X0001", "ed_pupils", "2026"])
        sheet.write_formula(1, 4, "=2+3", None, "")

    def errors(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["X0001", "ed_pupils", "2026", "", 5, "Lan"])
        sheet.write_row(2, 0, ["X0001", "ed_pupils", "2025"])
        sheet.write_formula(2, 4, "=1/0", None, "#DIV/0!")

    drop(ground, "chua tinh.xlsx", workbook(unvalued))
    assert "công thức chưa tính" in ground.fails("forms").message("vi")
    drop(ground, "loi.xlsx", workbook(errors))
    assert ground.pull("forms") == Counts(read=2, new=1, quarantined=1)
    assert observations(ground) == {("ed_pupils", "2026", ""): 5.0}


@pytest.mark.parametrize("key", HARMFUL)
def test_a_harmful_file_is_refused_with_a_report_and_changes_nothing(
    ground: Ground, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(ground, "truoc.xlsx", sheet_of([["X0001", "ed_pupils", "2026", "", 610, "Lan"]]))
    ground.pull("forms")
    known = ground.rows("observation")
    drop(ground, "bieu.xlsx", HARMFUL[key])
    called: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *said, **more: called.append(said))
    monkeypatch.setattr(socket.socket, "connect", lambda *said: called.append(said))
    began, most_before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = ground.fails("forms")
    assert called == []
    assert time.monotonic() - began < 10
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most_before < 512_000  # kilobytes
    assert error.key == key or error.key.startswith("files.")
    assert ground.rows("observation") == known
    assert ground.status("forms").verdict == Verdict.REFUSED
    (report,) = (ground.house.settings.root / "forms" / "refused").glob("*.bao-cao.txt")
    assert report.read_text("utf-8-sig").startswith("TỆP BỊ TỪ CHỐI")


def test_a_file_still_being_copied_lock_files_and_empty_ones_are_left_alone(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = sheet_of([["X0001", "ed_pupils", "2026", "", 610, "Lan"]])
    path = drop(ground, "bieu.xlsx", whole[:500])
    drop(ground, "~$bieu.xlsx", b"x")
    empty = drop(ground, "moi.csv", b"")
    os.utime(empty, (NINE.timestamp(), NINE.timestamp()))

    def grow(seconds: float) -> None:
        path.write_bytes(whole[:1000])

    monkeypatch.setattr(FilesConnector.__init__, "__kwdefaults__", {"sleep": grow})
    assert ground.pull("forms") == Counts()
    assert ground.rows("observation") == []
    path.write_bytes(whole)
    monkeypatch.setattr(FilesConnector.__init__, "__kwdefaults__", {"sleep": lambda seconds: None})
    assert ground.pull("forms").new == 1
    assert {item.name for item in path.parent.iterdir() if item.is_file()} == {"~$bieu.xlsx", "moi.csv"}
    ground.later(hours=2)
    assert ground.fails("forms").key == "files.empty"


def test_an_old_file_dropped_again_is_passed_over_and_an_older_state_never_returns(ground: Ground) -> None:
    old = csv(["X0001", "ed_pupils", "2026", "", "600", "Lan"], names=HEADER)
    drop(ground, "1.csv", old)
    ground.pull("forms")
    drop(ground, "2.csv", csv(["X0001", "ed_pupils", "2026", "", "610", "Lan"], names=HEADER))
    ground.pull("forms")
    rows, version = ground.rows("observation"), ground.house.store.version()
    drop(ground, "1 (ban sao).csv", old)
    assert ground.pull("forms") == Counts()
    assert (ground.rows("observation"), ground.house.store.version()) == (rows, version)
    assert observations(ground) == {("ed_pupils", "2026", ""): 610.0}
