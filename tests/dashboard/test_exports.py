"""A list as a file: nothing runs, nothing is lost, nothing is held that need not be."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from dashboard.dimensions import DIMENSIONS
from dashboard.exports.csv_writer import csv_chunks
from dashboard.exports.record_file import RecordFile, record_file
from dashboard.exports.xlsx_writer import write_xlsx
from dashboard.record_words import Column, Plain
from datasets.errors import UsageError
from datasets.indicators.records import RecordRequest
from datasets.periods import Period

WEEK = Period.parse("2026W47")
COLUMNS = (
    Column("dossier_code", "Mã", "text", 100),
    Column("received_at", "Nhận", "moment", 100),
    Column("due_at", "Hẹn", "day", 100),
    Column("value", "Giá trị", "number", 100),
)


def file(rows: Iterator[tuple[Plain, ...]], total: int = 1, language: str = "vi") -> RecordFile:
    return RecordFile(
        name="danh-sach",
        title="Hồ sơ",
        demo="SỐ LIỆU MINH HOẠ",
        lines=("Xã", "Không lọc"),
        columns=COLUMNS,
        rows=rows,
        total=total,
        facts=(("Chỉ số", "=1+1"), ("Giá trị", 12.5)),
        language=language,
        made_at=datetime(2026, 11, 20, 9),
    )


def cells(written: bytes, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig")), delimiter=separator))


ROW: tuple[Plain, ...] = ("Đất; đai", datetime(2026, 11, 16, 8, 5), date(2026, 11, 18), 1234.5)


def test_a_vietnamese_excel_reads_the_text_as_it_is_meant():
    written = b"".join(csv_chunks(file(iter([ROW]))))
    assert written.startswith(b"\xef\xbb\xbf")
    assert cells(written, ";") == [
        ["Mã", "Nhận", "Hẹn", "Giá trị"],
        ["Đất; đai", "16/11/2026 08:05", "18/11/2026", "1234,5"],
    ]
    english = b"".join(csv_chunks(file(iter([ROW]), language="en")))
    assert cells(english, ",")[1][3] == "1234.5"


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_is_a_formula(begins):
    said = f"{begins}cmd|' /C calc'!A1"
    row: tuple[Plain, ...] = (said, None, None, -3)
    assert cells(b"".join(csv_chunks(file(iter([row])))), ";")[1] == [f"'{said}", "", "", "-3"]
    target = io.BytesIO()
    write_xlsx(file(iter([row])), target)
    book = load_workbook(target)
    sheet = book.worksheets[0]
    (found,) = [cell for line in sheet.iter_rows() for cell in line if "calc" in str(cell.value)]
    assert found.data_type == "s"
    assert found.quotePrefix or found.value == "cmd|' /C calc'!A1", "marked as text, or its invisible beginning is gone"
    assert book.worksheets[1]["B1"].data_type == "s"


def test_cells_of_a_workbook_have_types_and_vietnamese_formats():
    target = io.BytesIO()
    write_xlsx(file(iter([ROW])), target)
    sheet = load_workbook(target).worksheets[0]
    code, received, due, value = list(sheet.iter_rows())[-1]
    assert (code.value, received.value, value.value) == ("Đất; đai", datetime(2026, 11, 16, 8, 5), 1234.5)
    assert due.value == datetime(2026, 11, 18)
    assert (received.number_format, due.number_format) == ("dd/mm/yyyy hh:mm", "dd/mm/yyyy")
    assert value.number_format == "#,##0.0###"
    assert "SỐ LIỆU MINH HOẠ" in {sheet["A2"].value} and "SỐ LIỆU MINH HOẠ" in sheet.oddHeader.right.text


def test_a_file_says_what_it_holds_how_it_was_counted_and_how_it_was_narrowed(queries):
    request = RecordRequest("ps_on_time_rate", "98001", WEEK, filters={"hamlet": "Thôn Đông", "procedure_field": ""})
    found = record_file(queries, request, "vi")
    facts = dict(found.facts)
    assert found.name == "danh-sach-ps_on_time_rate-98001-2026W47-so-lieu-minh-hoa"
    assert "Lọc: Địa bàn là Thôn Đông; Lĩnh vực là Không ghi" in found.lines
    assert "06a" in str(facts["Quy tắc đếm"]) and "09:00 20/11/2026" in str(facts["Nguồn, thời điểm số liệu"])
    assert facts["Số bản ghi"] == found.total == len(list(found.rows)) == 0
    whole = record_file(queries, RecordRequest("ps_on_time_rate", "98001", WEEK, part="denominator"), "en")
    assert (whole.total, dict(whole.facts)["Numerator"], dict(whole.facts)["Denominator"]) == (3, 2, 3)


def test_people_s_rows_do_not_leave(queries, client):
    with pytest.raises(UsageError):
        record_file(queries, RecordRequest("hl_cases", "98001", WEEK), "vi")
    for kind in ("xlsx", "csv"):
        assert client.get(f"/api/v1/records.{kind}?indicator=hl_cases&period=2026W47").status_code == 400
        assert client.get(f"/api/v1/records.{kind}?indicator=ps_received&period=2026W47&unit=0").status_code == 400


def test_the_addresses_give_the_rows_of_the_question(client):
    asked = "indicator=ps_received&period=2026W47&procedure_field=Hộ tịch"
    text = client.get(f"/api/v1/records.csv?{asked}")
    assert text.headers["Content-Disposition"].startswith('attachment; filename="danh-sach-ps_received-98001-2026W47')
    assert sorted(line[0] for line in cells(text.data, ";")[1:]) == ["A1", "A2", "A3"]
    book = client.get(f"/api/v1/records.xlsx?{asked}&search=A2")
    sheet = load_workbook(io.BytesIO(book.data)).worksheets[0]
    assert [row[0].value for row in list(sheet.iter_rows())[-1:]] == ["A2"]
    book.close()


def test_a_long_list_needs_no_more_memory_than_a_short_one(tmp_path):
    def rows(count: int) -> Iterator[tuple[Plain, ...]]:
        for number in range(count):
            yield (f"H{number:09}", datetime(2026, 11, 16, 8), date(2026, 11, 18), number)

    def peak(count: int) -> float:
        tracemalloc.start()
        with (tmp_path / f"{count}.xlsx").open("wb") as target:
            write_xlsx(file(rows(count), count), target)
        for _ in csv_chunks(file(rows(count), count)):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most / 1e6

    assert peak(8_000) < peak(1_000) + 2


def test_every_dimension_has_a_word_and_the_script_knows_it(queries):
    used = {name for definition in queries.catalogue.indicators.values() for name in definition.drill_by}
    assert used <= set(DIMENSIONS.values())
    script = (Path(__file__).parents[2] / "assets/js/desk.js").read_text("utf-8")
    listed = script[script.index("FILTERS = [") : script.index("];", script.index("FILTERS = ["))]
    assert [word for word in DIMENSIONS if f'"{word}"' not in listed] == []
