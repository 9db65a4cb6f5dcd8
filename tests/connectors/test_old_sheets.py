"""Workbooks that are no .xlsx: read like any other, and refused like any other when they are unsafe."""

from __future__ import annotations

import pytest

from connectors.header import Names
from connectors.old_sheets import is_ods, read_ods, read_xls
from datasets.errors import SourceChanged
from tests.connectors.sheet_files import Rows, ods, xls

NAMES = Names(["Mã trường", "Ngày", "Sĩ số"])
ROWS: Rows = [
    ["BẢNG ĐIỂM DANH", "", ""],
    ["", "", ""],
    ["Mã trường", "Ngày", "Sĩ số"],
    ["99001-TH", "16/11/2026", 35],
    ["99001-CS", "16/11/2026", 41],
]
BOMB = (
    '<table:table-row table:number-rows-repeated="1000000">'
    '<table:table-cell table:number-columns-repeated="900" office:value-type="string"/></table:table-row>'
)
GAP = '<table:table-row table:number-rows-repeated="999999"><table:table-cell/></table:table-row>'
FILLED = (
    '<table:table-row><table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    "</table:table-row>"
)


def rows_of(content: bytes, read: object) -> list[tuple[int, list[object]]]:
    table = read(content, NAMES, None)  # type: ignore[operator]
    return [(line, list(cells)) for line, cells in table.rows if any(cells)]


def test_an_xls_of_excel_97_gives_the_rows_it_shows() -> None:
    assert rows_of(xls(ROWS), read_xls) == [
        (1, ["BẢNG ĐIỂM DANH", "", ""]),
        (3, ["Mã trường", "Ngày", "Sĩ số"]),
        (4, ["99001-TH", "16/11/2026", 35.0]),
        (5, ["99001-CS", "16/11/2026", 41.0]),
    ]


def test_an_ods_gives_the_rows_it_shows_and_empty_rows_without_end_below_are_nothing() -> None:
    content = ods(
        ROWS,
        tail=(
            '<table:table-row table:number-rows-repeated="1048571">'
            '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        ),
    )
    assert is_ods(content)
    assert [line for line, _ in rows_of(content, read_ods)] == [1, 3, 4, 5]


@pytest.mark.parametrize("tail", [BOMB, GAP * 3 + FILLED])
def test_an_ods_that_unrolls_into_millions_of_cells_is_refused_before_it_is_unrolled(tail: str) -> None:
    with pytest.raises(SourceChanged) as refused:
        read_ods(ods(ROWS, tail=tail), NAMES, None)
    assert refused.value.key == "files.too_many_cells"


def test_an_ods_with_a_document_type_is_refused() -> None:
    with pytest.raises(SourceChanged) as refused:
        read_ods(ods(ROWS, head="<!DOCTYPE x>"), NAMES, None)
    assert refused.value.key == "files.document_type"


@pytest.mark.parametrize(("mark", "key"), [("EncryptedPackage", "files.password"), ("_VBA_PROJECT", "files.macro")])
def test_an_xls_with_a_password_or_macros_is_refused(mark: str, key: str) -> None:
    with pytest.raises(SourceChanged) as refused:
        read_xls(xls(ROWS, extra=mark.encode("utf-16-le")), NAMES, None)
    assert refused.value.key == key


@pytest.mark.parametrize("cut", [9, 600, 3000])
def test_a_damaged_xls_is_refused_in_words(cut: int) -> None:
    with pytest.raises(SourceChanged) as refused:
        read_xls(xls(ROWS)[:cut], NAMES, None)
    assert refused.value.key == "files.old_excel"
