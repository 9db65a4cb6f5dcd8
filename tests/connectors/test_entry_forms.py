"""The forms of what has no system: written, filled in by Excel's own rules, handed in, taken once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from openpyxl.worksheet.worksheet import Worksheet

from connectors.__main__ import main
from connectors.house import House, open_house
from connectors.jobs import work_off
from datasets import uploads
from datasets.forms import TYPED, forms
from datasets.store.jobs import Job, Kind, State
from tests.connectors.one_stop_server import UNITS

CONFIG = """\
centre: {name: "Thử", unit: "T01"}
units: units.csv
sources: {}
"""
NOW = "2026-11-20T09:00:00+07:00"
LAN = "Nguyễn Thị Lan"
HEADER_ROW = 3
TYPED_LINES: dict[str, list[dict[str, object]]] = {
    "observation": [
        {"Mã đơn vị": "X0001", "Mã chỉ tiêu": "se_population", "Kỳ": "202610", "Giá trị": 12200,
         "Văn bản nguồn": "Báo cáo 12/BC-UBND"},
        {"Mã đơn vị": "X0002", "Mã chỉ tiêu": "se_population", "Kỳ": "10/2026", "Giá trị": "8.150"},
    ],
    "dossier": [
        {"Mã đơn vị": "X0001", "Mã hồ sơ": "H99.01-261102-0001", "Kênh tiếp nhận": "trực tuyến",
         "Ngày tiếp nhận": datetime(2026, 11, 2), "Ngày hẹn trả": datetime(2026, 11, 9),
         "Ngày kết thúc xử lý": datetime(2026, 11, 6), "Trạng thái": "đã xử lý xong"},
        {"Mã đơn vị": "X0001", "Mã hồ sơ": "H99.01-261103-0002", "Kênh tiếp nhận": "trực tiếp",
         "Ngày tiếp nhận": datetime(2026, 11, 3), "Trạng thái": "đang xử lý"},
    ],
    "document": [
        {"Mã đơn vị": "X0001", "Sổ văn bản": "văn bản đến", "Số đến/đi": "1201", "Số, ký hiệu": "415/SNV-CCHC",
         "Loại văn bản": "Công văn", "Cơ quan ban hành": "Sở Nội vụ", "Độ khẩn": "thượng khẩn",
         "Ngày văn bản": datetime(2026, 10, 30), "Ngày đến": datetime(2026, 11, 2),
         "Hạn xử lý": datetime(2026, 11, 9), "Ngày hoàn thành": datetime(2026, 11, 10),
         "Trạng thái": "đã hoàn thành", "Ký số tổ chức": "có", "Liên thông": "không"},
        {"Mã đơn vị": "X0002", "Sổ văn bản": "văn bản đi", "Số đến/đi": "301", "Ngày văn bản": datetime(2026, 11, 3),
         "Ngày hoàn thành": datetime(2026, 11, 3), "Trạng thái": "đã phát hành"},
    ],
    "petition": [
        {"Mã đơn vị": "X0001", "Mã phản ánh": "PA-0001", "Kênh tiếp nhận": "Zalo", "Lĩnh vực": "Môi trường",
         "Ngày gửi": datetime(2026, 11, 2), "Hạn xử lý": datetime(2026, 11, 9), "Ngày trả lời": datetime(2026, 11, 6),
         "Trạng thái": "đã trả lời", "Hài lòng": "có"},
        {"Mã đơn vị": "X0002", "Mã phản ánh": "PA-0002", "Ngày gửi": datetime(2026, 11, 3),
         "Trạng thái": "đang xử lý", "Phản ánh lại": "có"},
    ],
}  # fmt: skip
STORED: dict[str, tuple[tuple[str, ...], list[tuple[object, ...]]]] = {
    "observation": (
        ("unit", "period", "value", "source_document", "entered_by"),
        [("X0001", "202610", 12200.0, "Báo cáo 12/BC-UBND", LAN), ("X0002", "202610", 8150.0, None, LAN)],
    ),
    "dossier": (
        ("unit", "dossier_code", "channel", "status", "end_on", "timeliness"),
        [
            ("X0001", "H99.01-261102-0001", "online", "finished", date(2026, 11, 6), "early"),
            ("X0001", "H99.01-261103-0002", "direct", "processing", None, None),
        ],
    ),
    "document": (
        ("unit", "direction", "document_key", "urgency", "due_on", "end_on", "timeliness", "signed_organisation"),
        [
            ("X0001", "in", "2026/1201", "very_urgent", date(2026, 11, 9), date(2026, 11, 10), "late", True),
            ("X0002", "out", "2026/301", "normal", None, date(2026, 11, 3), "on_time", None),
        ],
    ),
    "petition": (
        ("unit", "petition_code", "channel", "category", "status", "timeliness", "satisfied", "repeated"),
        [
            ("X0001", "PA-0001", "zalo", "Môi trường", "answered", "early", True, None),
            ("X0002", "PA-0002", "other", None, "processing", None, None, True),
        ],
    ),
}


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    opened = open_house(str(tmp_path / "config.yaml"), {"IOC_STORE_URL": sqlite_url, "IOC_NOW": NOW})
    yield opened
    opened.store.close()


def blank_form(house: House, dataset: str) -> openpyxl.Workbook:
    """The form as the command writes it."""
    target = house.settings.root / f"{dataset}.xlsx"
    environ = {"IOC_CONFIG": str(house.settings.root / "config.yaml"), "IOC_NOW": NOW}
    assert main(["template", dataset, "-o", str(target)], environ) == 0
    return openpyxl.load_workbook(target)


def headers(sheet: Worksheet) -> dict[str, int]:
    return {str(cell.value): cell.column for cell in sheet[HEADER_ROW]}


def filled(house: House, dataset: str) -> bytes:
    """The form with the lines typed into it, each cell under its header."""
    book = blank_form(house, dataset)
    sheet = book.worksheets[0]
    columns = headers(sheet)
    for row, line in enumerate(TYPED_LINES[dataset], HEADER_ROW + 1):
        for header, value in line.items():
            sheet.cell(row, columns[header], value)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def asked(house: House, kind: Kind, dataset: str, content: bytes, by: str = LAN) -> Job:
    stored = uploads.keep(house.settings.root, "bieu.xlsx", content)
    payload = {"dataset": dataset, "stored": stored, "name": "bieu.xlsx"}
    job_id = house.store.jobs.ask(kind, TYPED, payload, asked_by=by, digest=uploads.digest_of(content))
    assert work_off(house) == 1
    job = house.store.jobs.get(job_id)
    assert job is not None
    assert job.state is State.DONE, job.result
    return job


def rows(house: House, dataset: str) -> list[tuple[object, ...]]:
    table, (columns, _) = house.store.tables[dataset], STORED[dataset]
    with house.store.engine.connect() as connection:
        found = connection.execute(sa.select(*(table.c[name] for name in columns)).order_by(*table.primary_key))
        return [tuple(row) for row in found]


@pytest.mark.parametrize("dataset", forms())
def test_a_form_filled_in_is_previewed_then_taken_signed_and_never_twice(house: House, dataset: str) -> None:
    content = filled(house, dataset)
    preview = asked(house, Kind.PREVIEW, dataset, content)
    counts = {name: count for name, count in preview.result["counts"].items() if count}
    assert (counts, preview.result["bad"], preview.result["unknown"]) == ({"read": 2, "new": 2}, [], [])
    assert rows(house, dataset) == []
    taken = asked(house, Kind.ACCEPT, dataset, content)
    assert taken.result["counts"]["new"] == 2
    assert rows(house, dataset) == STORED[dataset][1]
    assert (taken.asked_by, taken.asked_at) == (LAN, house.clock())
    (run,) = house.store.ledger.runs(TYPED)
    assert run.note is not None and LAN in run.note and "bieu.xlsx" in run.note
    version = house.store.version()
    again = asked(house, Kind.ACCEPT, dataset, content, by="Trần Văn Bình")
    assert again.result["repeated"]["by"] == LAN
    other = asked(house, Kind.ACCEPT, dataset, filled(house, dataset) + b"\0", by="Trần Văn Bình")
    assert {name: n for name, n in other.result["counts"].items() if n} == {"read": 2, "unchanged": 2}
    assert house.store.version() == version
    assert rows(house, dataset) == STORED[dataset][1]


@pytest.mark.parametrize("dataset", forms())
def test_a_forms_headers_are_locked_its_lists_are_short_and_its_example_fits_them(house: House, dataset: str) -> None:
    book = blank_form(house, dataset)
    sheet, lists, guide = book.worksheets
    form = forms()[dataset]
    assert sheet.protection.sheet
    assert list(headers(sheet)) == [column.header for column in form.columns]
    assert all(cell.protection.locked for cell in sheet[HEADER_ROW])
    assert not any(column.protection.locked for column in sheet.column_dimensions.values())
    assert sheet.freeze_panes == "A4"
    picked = {str(check.sqref).split(":")[0]: check for check in sheet.data_validations.dataValidation}
    for place, column in enumerate(form.columns, 1):
        letter = openpyxl.utils.get_column_letter(place)
        if column.words is not None:
            check = picked[f"{letter}{HEADER_ROW + 1}"]
            choices = [cell.value for cell in lists[letter][1:] if cell.value]
            assert (check.type, choices) == ("list", list(column.words))
            assert sheet.cell(HEADER_ROW - 1, place).value in choices
        yellow = sheet.cell(HEADER_ROW, place).fill.start_color.rgb == "FFFFE8B3"
        assert yellow == column.needed
    said = "\n".join(str(row[0].value) for row in guide.iter_rows() if row[0].value)
    assert "Nguồn số liệu" in said
    assert all(column.header in said for column in form.columns)


def test_an_example_of_a_form_is_itself_a_line_that_would_be_taken(house: House) -> None:
    """Whoever copies the grey line beneath the headers hands in something valid."""
    for dataset in forms():
        book = blank_form(house, dataset)
        sheet = book.worksheets[0]
        for cell in list(sheet[HEADER_ROW - 1]):
            sheet.cell(HEADER_ROW + 1, cell.column, cell.value)
        content = io.BytesIO()
        book.save(content)
        preview = asked(house, Kind.PREVIEW, dataset, content.getvalue())
        assert (preview.result["counts"]["new"], preview.result["bad"]) == (1, []), dataset


def test_what_somebody_adds_about_a_person_is_dropped_and_a_secret_document_is_refused(house: House) -> None:
    book = blank_form(house, "petition")
    sheet = book.worksheets[0]
    sheet.cell(HEADER_ROW, len(forms()["petition"].columns) + 1, "Họ tên")
    for header, value in TYPED_LINES["petition"][0].items():
        sheet.cell(HEADER_ROW + 1, headers(sheet)[header], value)
    sheet.cell(HEADER_ROW + 1, headers(sheet)["Họ tên"], "Lê Thị Kín Đáo")
    content = io.BytesIO()
    book.save(content)
    preview = asked(house, Kind.PREVIEW, "petition", content.getvalue())
    assert "Kín Đáo" not in str(preview.result)
    assert preview.result["counts"]["new"] == 1
    book = openpyxl.load_workbook(io.BytesIO(filled(house, "document")))
    sheet = book.worksheets[0]
    sheet.cell(HEADER_ROW, len(forms()["document"].columns) + 1, "Độ mật")
    sheet.cell(HEADER_ROW + 1, headers(sheet)["Độ mật"], "Tối mật")
    content = io.BytesIO()
    book.save(content)
    preview = asked(house, Kind.PREVIEW, "document", content.getvalue())
    assert [step["row"]["register_number"] for step in preview.result["rows"]] == ["301"]
