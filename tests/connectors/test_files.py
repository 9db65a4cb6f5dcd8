"""A folder that people drop files into: what is taken, what waits, what is refused and how it is said."""

from __future__ import annotations

import io
import os
import struct
import unicodedata
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter

from connectors.connector import RawRecord
from connectors.field_map import FieldMap
from connectors.files import FilesConnector
from connectors.inbox import Inbox
from datasets.errors import BatchRejected, PullError, SourceChanged, SourceUnavailable, StoreError
from datasets.settings import FilesSource, load_settings
from datasets.validate import Problem
from tests.connectors.read_through import Reading, read_through

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
FIXTURES = Path(__file__).parent / "fixtures"
HEADER = ["Mã đơn vị", "Chỉ tiêu", "Kỳ", "Phân tổ", "Giá trị", "Người nhập"]
ROWS = [["X0001", "ed_pupils", "2026", "", "1.234,5", "Lan"], ["X0001", "ed_pupils", "2025", "nữ", "610", "Lan"]]
VALUES = [1234.5, 610.0]


@dataclass(slots=True)
class Counted:
    read: int
    quarantined: int = 0


class House:
    """A configuration with one folder, and the pulls from it."""

    def __init__(self, root: Path, map_name: str = "observation_form", more: str = "") -> None:
        self.root, self.inbox = root, root / "inbox"
        dataset = "dossier" if map_name.startswith("one_stop") else "observation"
        (root / "units.csv").write_text(
            "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\n"
            "T01,Tỉnh,province,,province,,,,,\n",
            "utf-8",
        )
        (root / "config.yaml").write_text(
            f'centre: {{name: Thử, unit: "T01", time_zone: Asia/Ho_Chi_Minh}}\nunits: units.csv\nsources:\n  forms:\n'
            f"    {{dataset: {dataset}, connector: files, map: {map_name}, path: inbox{more}}}\n",
            "utf-8",
        )
        self.settings = load_settings(root / "config.yaml", {})
        source = self.settings.sources["forms"]
        assert isinstance(source, FilesSource)
        self.source = source
        self.map = FieldMap.find(map_name, root)
        self.inbox.mkdir()
        self.while_waiting: Callable[[], object] = lambda: None

    def wait(self, seconds: float) -> None:
        self.while_waiting()

    def drop(self, name: str, content: bytes) -> Path:
        path = self.inbox / name
        path.write_bytes(content)
        return path

    def connector(self) -> FilesConnector:
        return FilesConnector(self.source, self.settings, lambda: NOW, self.map, sleep=self.wait)

    def pull(self, problems: list[Problem] | None = None) -> list[RawRecord]:
        """One delivery, committed."""
        connector = self.connector()
        records = [record for batch in connector.fetch(None) for record in batch.records]
        connector.settle(Counted(len(records), len(problems or [])), problems or [])
        return records

    def refused(self) -> PullError:
        """One delivery that the connector itself refuses, and the refusal settled."""
        connector = self.connector()
        with pytest.raises(PullError) as caught:
            list(connector.fetch(None))
        connector.settle(caught.value)
        return caught.value

    def rows(self) -> list[dict[str, object]]:
        mapper = self.map.bind(self.map.dataset, None, ZONE)
        rows = [mapper.map(record) for record in self.pull()]
        assert all(isinstance(row, dict) for row in rows), rows
        return rows  # type: ignore[return-value]

    def lying_in(self, folder: str = "") -> list[str]:
        path = self.inbox / folder
        return sorted(item.name for item in path.iterdir() if item.is_file()) if path.is_dir() else []

    def report(self, folder: str) -> str:
        (path,) = (self.inbox / folder).glob("*.bao-cao.txt")
        return path.read_text("utf-8-sig")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def csv_text(rows: list[list[str]], delimiter: str = ";") -> str:
    return "".join(delimiter.join(cells) + "\r\n" for cells in [HEADER, *rows])


def windows_1258(text: str) -> bytes:
    """As Vietnamese Windows writes it: base letters with their tone marks behind."""
    content = b""
    for letter in text:
        marks = [mark for mark in unicodedata.normalize("NFD", letter) if mark in "\u0300\u0301\u0303\u0309\u0323"]
        bare = "".join(mark for mark in unicodedata.normalize("NFD", letter) if mark not in marks)
        content += (unicodedata.normalize("NFC", bare) + "".join(marks)).encode("cp1258")
    return content


def workbook(fill: Callable[[xlsxwriter.Workbook], None], options: dict[str, object] | None = None) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, options or {}) as book:
        fill(book)
    return buffer.getvalue()


def sheet_of(rows: list[list[object]], at: int = 0) -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        for place, cells in enumerate([HEADER, *rows]):
            sheet.write_row(at + place, 0, cells)

    return workbook(fill)


TEXT = csv_text(ROWS)
ENCODED = {
    "utf-8": TEXT.encode(),
    "utf-8 with its mark": TEXT.encode("utf-8-sig"),
    "utf-8 decomposed": unicodedata.normalize("NFD", TEXT).encode(),
    "utf-8 encoded twice": "".join(
        bytes([byte]).decode("cp1252" if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else "latin-1")
        for byte in TEXT.encode()
    ).encode(),
    "utf-16": TEXT.encode("utf-16"),
    "utf-16 little-endian without a mark": TEXT.encode("utf-16-le"),
    "utf-16 big-endian without a mark": TEXT.encode("utf-16-be"),
    "windows-1258": windows_1258(TEXT),
}


@pytest.mark.parametrize("name", ENCODED)
def test_a_csv_is_read_in_every_encoding_that_clerks_use(house: House, name: str) -> None:
    house.drop("bieu.csv", ENCODED[name])
    rows = house.rows()
    assert [row["value"] for row in rows] == VALUES
    assert rows[1]["category"] == "nữ"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_reading(house: House, delimiter: str) -> None:
    rows = [[f'"{cell}"' if "," in cell else cell for cell in cells] for cells in ROWS]
    house.drop("bieu.csv", csv_text(rows, delimiter).encode())
    assert [row["value"] for row in house.rows()] == VALUES


def test_an_encoding_that_gives_no_known_word_is_refused(house: House) -> None:
    house.drop("bieu.csv", "M· ®¬n vÞ;ChØ tiªu;Kú;Ph©n tæ;Gi¸ trÞ\r\nX1;a;2026;;1\r\n".encode("latin-1"))
    error = house.refused()
    assert isinstance(error, SourceChanged)
    assert "không đọc được bảng mã" in error.message("vi")


def test_letters_lost_as_question_marks_are_never_stored(house: House) -> None:
    rows = [["X0001", "ed_pupils", str(year), "Th?n ??ng", "1", "Nguy?n V?n B?y"] for year in range(2020, 2026)]
    house.drop("bieu.csv", csv_text(rows).encode())
    assert house.refused().key == "files.lost_letters"


def test_old_fonts_are_never_stored(house: House) -> None:
    rows = [["X0001", "ed_pupils", str(year), "NguyÔn V¨n", "1", "Lan"] for year in range(2020, 2026)]
    house.drop("bieu.csv", csv_text(rows).encode())
    assert house.refused().key == "files.old_font"


def test_titles_totals_numbers_notes_and_signatures_are_left_out_and_counted(tmp_path: Path) -> None:
    house = House(tmp_path, "one_stop_list")
    house.drop("danh sach.csv", (FIXTURES / "one_stop_list.csv").read_bytes())
    records = house.pull()
    assert [record.values["Mã hồ sơ"] for record in records] == ["H99.1-261102-0001", "H99.1-261103-0002"]
    assert records[1].row_id == "tệp danh sach.csv dòng 9"
    assert "Đã bỏ qua 10 dòng" in house.report("done")  # 4 above, 1 of numbers, 1 heading, 1 total, 3 at the end


def test_a_row_that_may_be_a_record_is_never_left_out(house: House) -> None:
    half = [["X0001", "ed_pupils", "", "", "5", ""], ["", "", "2026", "Tổng hợp", "7", ""]]
    house.drop("bieu.csv", csv_text([*ROWS, *half]).encode())
    assert len(house.pull()) == 4


def test_the_list_export_of_a_one_stop_system_conforms(tmp_path: Path) -> None:
    house = House(tmp_path, "one_stop_list")
    house.drop("danh sach.csv", (FIXTURES / "one_stop_list.csv").read_bytes())
    rows = read_through(Reading(house.connector, house.map, NOW, ZONE, rows=2))
    stored = dict(zip(house.map.dataset.columns, rows[1], strict=True))
    assert stored["procedure_name"] == "Đăng ký kết hôn"
    assert (stored["due_on"], stored["returned_at"]) == ("2026-11-10", None)
    assert "Mẫu" not in repr(rows)


def test_the_observation_form_conforms_as_a_workbook(house: House) -> None:
    house.drop("bieu.xlsx", sheet_of([["X0001", "ed_pupils", 2026, "", 610, "Lan"]]))
    (row,) = read_through(Reading(house.connector, house.map, NOW, ZONE, rows=1))
    stored = dict(zip(house.map.dataset.columns, row, strict=True))
    assert (stored["period"], stored["value"]) == ("2026", 610.0)


def test_the_header_of_a_workbook_is_found_below_its_titles(house: House) -> None:
    house.drop("bieu.xlsx", sheet_of([["X0001", "ed_pupils", "2026", "", 610, "Lan"]], at=7))
    (record,) = house.pull()
    assert record.row_id == "tệp bieu.xlsx dòng 9"


def test_typed_cells_merged_units_and_hidden_sheets(house: House) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        hidden = book.add_worksheet("Cũ")
        hidden.write_row(0, 0, HEADER)
        hidden.write_row(1, 0, ["X0009", "ed_pupils", "2020", "", 1])
        hidden.hide()
        sheet = book.add_worksheet("Biểu")
        sheet.activate()
        sheet.write_row(0, 0, [*HEADER, "Ngày nhập"])
        sheet.merge_range(1, 0, 2, 0, "X0001")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for row in (1, 2):
            sheet.write_row(row, 1, ["ed_pupils", 2024 + row, "", 10.5 * row, "Lan"])
            sheet.write_datetime(row, 6, datetime(2026, 11, 20), day)

    house.drop("bieu.xlsx", workbook(fill))
    rows = house.rows()
    assert [(row["unit"], row["period"], row["value"]) for row in rows] == [
        ("X0001", "2025", 10.5),
        ("X0001", "2026", 21.0),
    ]
    assert rows[0]["updated_at"] == date(2026, 11, 20)


def test_a_workbook_that_counts_from_1904_is_not_four_years_off(house: House) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADER, "Ngày nhập"])
        for row in (1, 2):
            sheet.write_row(row, 0, ["X0001", "ed_pupils", 2024 + row, "", 1, "Lan"])
        sheet.write_datetime(1, 6, datetime(2026, 11, 20), book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write(2, 6, 44884)  # 20/11/2026 without a date format: 46346 less the 1462 days

    house.drop("bieu.xlsx", workbook(fill, {"date_1904": True}))
    assert [row["updated_at"] for row in house.rows()] == [date(2026, 11, 20)] * 2


def test_a_row_with_an_error_cell_is_set_aside_and_a_formula_never_calculated_refuses_the_file(house: House) -> None:
    def errors(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["X0001", "ed_pupils", "2026", "", 5, "Lan"])
        sheet.write_row(2, 0, ["X0001", "ed_pupils", "2025"])
        sheet.write_formula(2, 4, "=1/0", None, "#DIV/0!")

    house.drop("loi.xlsx", workbook(errors))
    assert [record.fault for record in house.pull()] == ["", "error_cell"]

    def unvalued(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["X0001", "ed_pupils", "2026"])
        sheet.write_formula(1, 4, "=2+3", None, "")

    house.drop("chua tinh.xlsx", workbook(unvalued))
    assert "công thức chưa tính ở dòng 2" in house.refused().message("vi")


def test_a_row_with_a_stray_delimiter_is_set_aside(house: House) -> None:
    house.drop("bieu.csv", csv_text([ROWS[0], [*ROWS[1], "thừa"]]).encode())
    assert [record.fault for record in house.pull()] == ["", "too_many_cells"]


def test_a_column_that_is_there_twice_refuses_the_file(house: House) -> None:
    house.drop("bieu.csv", "Mã đơn vị;Chỉ tiêu;Kỳ;Giá trị;GIÁ TRỊ\r\nX1;a;2026;1;2\r\n".encode())
    assert house.refused().params == {"column": "Giá trị"}


def test_dates_that_a_spreadsheet_swapped_refuse_the_file(house: House) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADER, "Ngày nhập"])
        day = book.add_format({"num_format": "mm/dd/yyyy"})
        for row in (1, 2):
            sheet.write_row(row, 0, ["X0001", "ed_pupils", 2024 + row, "", 1, "Lan"])
        sheet.write_datetime(1, 6, datetime(2026, 5, 11), day)  # typed 05/11/2026, meant the fifth of November
        sheet.write_string(2, 6, "13/11/2026")

    house.drop("bieu.xlsx", workbook(fill))
    assert house.refused().key == "files.swapped_dates"


def zipped(entries: dict[str, bytes], base: bytes | None = None) -> bytes:
    """A workbook's parts with some replaced or added."""
    old = zipfile.ZipFile(io.BytesIO(base or sheet_of([["X0001", "ed_pupils", "2026", "", 1, ""]])))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in entries:
                new.writestr(name, old.read(name))
        for name, content in entries.items():
            new.writestr(name, content)
    return buffer.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
FAR = (
    b'<worksheet><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
    b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
)
ENTITY = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet><sheetData/></worksheet>'
HARMFUL = {
    "files.bomb": zipped({"xl/media/x.bin": b"0" * 30_000_000}),
    "files.too_many_cells": zipped({SHEET: FAR}),
    "files.document_type": zipped({SHEET: ENTITY}),
    "files.macro": zipped({"xl/vbaProject.bin": b"1"}),
    "files.bad_workbook": zipped({"../../etc/x": b"1"}),
    "files.web_page": b"<html><table><tr><td>M\xc3\xa3</td></tr></table></html>",
    "files.old_excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
}


@pytest.mark.parametrize("key", HARMFUL)
def test_a_harmful_or_false_workbook_is_refused_before_it_is_opened(house: House, key: str) -> None:
    house.drop("bieu.xlsx", HARMFUL[key])
    assert house.refused().key == key
    assert house.lying_in() == []
    assert house.report("refused").startswith("TỆP BỊ TỪ CHỐI, CHƯA GHI GÌ")


@pytest.mark.parametrize("content", [b"PK\x03\x04", sheet_of([])[:-40], zipped({"xl/workbook.xml": b"<a"})])
def test_a_damaged_workbook_is_refused(house: House, content: bytes) -> None:
    house.drop("bieu.xlsx", content)
    assert house.refused().key == "files.bad_workbook"


def test_too_many_entries_and_too_many_bytes_are_refused(tmp_path: Path) -> None:
    house = House(tmp_path, more=", max_bytes: 3000000")
    house.drop("bieu.xlsx", zipped({f"x/{number}": b"" for number in range(2001)}))
    assert house.refused().key == "files.bomb"
    listed = b"".join(struct.pack("<4s42s", b"PK\1\2", b"") for _ in range(30_000))
    house.drop("thu muc.zip", listed + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 30_000, 30_000, len(listed), 0, 0))
    assert house.refused().key == "files.bomb"
    house.drop("lon.csv", b"x" * 3_000_001)
    assert house.refused().key == "files.too_large"


def test_files_are_taken_one_by_one_oldest_first(house: House) -> None:
    for age, name in enumerate(("moi.csv", "cu.csv")):
        path = house.drop(name, csv_text([["X0001", "ed_pupils", "2026", "", str(age), ""]]).encode())
        os.utime(path, (1_000_000 - age, 1_000_000 - age))
    first = house.connector()
    assert [record.values["Giá trị"] for batch in first.fetch(None) for record in batch.records] == ["1"]
    assert first.more
    first.settle(Counted(1))
    assert house.lying_in() == ["moi.csv"]
    second = house.connector()
    assert [record.values["Giá trị"] for batch in second.fetch(None) for record in batch.records] == ["0"]
    assert not second.more


def test_a_taken_file_moves_to_done_with_its_day_and_no_report_when_all_is_well(house: House) -> None:
    house.drop("biểu.csv", TEXT.encode())
    house.pull()
    assert house.lying_in() == []
    assert house.lying_in("done") == [".taken", "2026-11-20-biểu.csv"]


def test_the_same_content_dropped_again_is_passed_over_under_any_name(house: House) -> None:
    house.drop("bieu.csv", TEXT.encode())
    assert len(house.pull()) == 2
    house.drop("bieu lan hai.csv", TEXT.encode())
    assert house.pull() == []
    assert house.lying_in() == []
    assert "đã nhận ngày 20/11/2026 (tệp bieu.csv)" in house.report("done")


def test_a_crash_between_commit_and_move_reads_the_file_once_more_and_loses_nothing(house: House) -> None:
    house.drop("bieu.csv", TEXT.encode())
    list(house.connector().fetch(None))  # committed, and killed before it settled
    assert len(house.pull()) == 2
    assert house.lying_in() == []


def test_a_torn_last_line_of_the_memory_hurts_neither_what_was_nor_what_comes(house: House) -> None:
    house.drop("a.csv", TEXT.encode())
    house.pull()
    with (house.inbox / "done" / ".taken").open("ab") as file:
        file.write(b'{"sha256": "abc')
    house.drop("b.csv", csv_text(ROWS[:1]).encode())
    assert len(house.pull()) == 1
    for name, content in (("a2.csv", TEXT.encode()), ("b2.csv", csv_text(ROWS[:1]).encode())):
        house.drop(name, content)
        assert house.pull() == []


def test_a_file_that_still_grows_waits_and_one_that_grows_while_read_is_not_committed(house: House) -> None:
    path = house.drop("bieu.csv", TEXT.encode())
    house.while_waiting = lambda: path.write_bytes(TEXT.encode() + b"\r\n")
    assert list(house.connector().fetch(None)) == []
    house.while_waiting = lambda: None
    connector = house.connector()
    fetching = connector.fetch(None)
    waiting = house.connector()._inbox.steady(lambda seconds: None)
    assert [file.path for file in waiting] == [path]
    rows = [["X0001", "ed_pupils", str(1900 + number), "", "1", ""] for number in range(1001)]
    path.write_bytes(csv_text(rows).encode())
    next(fetching)
    path.write_bytes(csv_text(rows * 2).encode())
    with pytest.raises(SourceUnavailable) as caught:
        list(fetching)
    connector.settle(caught.value)
    assert house.lying_in() == ["bieu.csv"]


def test_lock_files_hidden_files_reports_and_other_patterns_are_not_touched(tmp_path: Path) -> None:
    house = House(tmp_path, more=', pattern: "*.csv"')
    for name in ("~$bieu.csv", ".bieu.csv", "bieu.csv.part", "bieu.csv.bao-cao.txt", "bieu.xlsx"):
        house.drop(name, TEXT.encode())
    (house.inbox / "thu muc.csv").mkdir()
    assert list(house.connector().fetch(None)) == []


def test_an_empty_file_waits_an_hour_and_is_then_refused(house: House) -> None:
    path = house.drop("bieu.csv", b"")
    os.utime(path, (NOW.timestamp() - 60, NOW.timestamp() - 60))
    assert list(house.connector().fetch(None)) == []
    os.utime(path, (NOW.timestamp() - 3601, NOW.timestamp() - 3601))
    assert house.refused().key == "files.empty"


def test_a_header_without_rows_is_refused(house: House) -> None:
    house.drop("bieu.csv", csv_text([]).encode())
    assert house.refused().key == "files.no_rows"


def test_a_link_out_of_the_folder_is_refused_and_what_it_leads_to_is_not_touched(house: House) -> None:
    outside = house.root / "mat.csv"
    outside.write_bytes(TEXT.encode())
    (house.inbox / "bieu.csv").symlink_to(outside)
    assert house.refused().key == "files.link"
    assert outside.read_bytes() == TEXT.encode()
    assert house.lying_in() == []


def test_a_folder_elsewhere_that_is_gone_is_said_and_our_own_is_made(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.inbox.rmdir()
    assert list(house.connector().fetch(None)) == []
    assert house.inbox.is_dir()
    away = house.source.model_copy(update={"path": Path("/khong/co")})
    connector = FilesConnector(away, house.settings, lambda: NOW, house.map, sleep=lambda seconds: None)
    with pytest.raises(SourceUnavailable) as caught:
        list(connector.fetch(None))
    assert caught.value.key == "files.no_folder"


def test_a_rejected_batch_refuses_the_file_with_its_problems_and_what_to_do(house: House) -> None:
    house.drop("bieu.csv", TEXT.encode())
    connector = house.connector()
    list(connector.fetch(None))
    problems = [
        Problem("value", "not_a_number", "nhiều", "tệp bieu.csv dòng 2"),
        Problem("entered_by", "too_long", "Nguyễn Thị Lan", "tệp bieu.csv dòng 3"),
        Problem("", "error_cell", "", "tệp bieu.csv dòng 4"),
    ]
    connector.settle(BatchRejected("error.too_many_quarantined", quarantined=2, read=2, limit="20"), problems)
    report = house.report("refused")
    assert "tệp bieu.csv dòng 2: cột «Giá trị», giá trị «nhiều»: không phải là số" in report
    assert "dòng 3: cột «Người nhập», giá trị «…»" in report  # free text may name a person
    assert "dòng 4: dòng có ô công thức bị lỗi" in report
    assert f"thả lại vào thư mục {house.inbox}" in report
    assert house.lying_in("refused") == ["2026-11-20-bieu.csv", "2026-11-20-bieu.csv.bao-cao.txt"]


def test_a_refused_content_may_be_dropped_again(house: House) -> None:
    house.drop("bieu.csv", TEXT.encode())
    connector = house.connector()
    list(connector.fetch(None))
    connector.settle(BatchRejected("error.too_few_rows", read=2, minimum=9))
    house.drop("bieu.csv", TEXT.encode())
    assert len(house.pull()) == 2


@pytest.mark.parametrize(
    "error",
    [
        StoreError("error.lease_taken"),
        SourceUnavailable("pull.no_connection", host="x"),
        PullError("connectors.stopped"),
    ],
)
def test_a_fault_of_the_house_leaves_the_file_where_it_is(house: House, error: PullError) -> None:
    house.drop("bieu.csv", TEXT.encode())
    connector = house.connector()
    list(connector.fetch(None))
    connector.settle(error)
    assert house.lying_in() == ["bieu.csv"]
    assert len(house.pull()) == 2


def test_files_of_one_name_on_one_day_lie_side_by_side(house: House) -> None:
    for number in range(3):
        house.drop("bieu.csv", csv_text([["X0001", "ed_pupils", "2026", "", str(number), ""]]).encode())
        house.pull()
    assert house.lying_in("done") == [".taken", "2026-11-20-bieu-2.csv", "2026-11-20-bieu-3.csv", "2026-11-20-bieu.csv"]


def test_a_large_file_comes_in_stretches(house: House) -> None:
    rows = [["X0001", "ed_pupils", str(number), "", "1", ""] for number in range(2500)]
    house.drop("bieu.csv", csv_text(rows).encode())
    assert [len(batch.records) for batch in house.connector().fetch(None)] == [1000, 1000, 500]


def test_folders_looked_into_by_several_threads_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    for number in range(8):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "a.csv").write_text("x", "utf-8")

    def look(number: int) -> int:
        folder, looks = tmp_path / str(number), 0
        for turn in range(150):
            (folder / f"{turn}.csv").write_text("x", "utf-8")
            looks += len(Inbox(folder, "*", folder / "done", folder / "refused").steady(lambda seconds: None))
            (folder / f"{turn}.csv").unlink()
        return looks

    with ThreadPoolExecutor(8) as pool:
        assert all(looks >= 150 for looks in pool.map(look, range(8)))
