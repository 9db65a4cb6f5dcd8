"""The health stations' forms, from the file a clerk drops to the values the screens show."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa
import xlsxwriter

from connectors.house import House, open_house
from connectors.pull import pull
from datasets.errors import SourceChanged
from datasets.store import Counts

NOW = "2026-11-20T09:00:00+07:00"
UNITS = """\
code,name,level,parent,kind,valid_from,valid_to,successor,population,households
99,Tỉnh,province,,province,,,,,
99001,Xã Một,commune,99,commune,,,,8000,2400
99001-TYT,Trạm Y tế Một,facility,99001,health_station,,,,,
"""
CONFIG = """\
centre: {{name: Thử, unit: "99001", time_zone: Asia/Ho_Chi_Minh}}
units: units.csv
sources:
  forms:
    dataset: observation
    connector: files
    map: {map}
    path: inbox
    expect: {{max_quarantined_share: 0.5}}
"""
Cells = Sequence[str | int | float | None]
Open = Callable[[str], House]


@pytest.fixture
def opened(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a centre whose folder is read by the named map."""
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "inbox").mkdir()
    houses: list[House] = []

    def make(name: str) -> House:
        (tmp_path / "config.yaml").write_text(CONFIG.format(map=name), "utf-8")
        houses.append(open_house(str(tmp_path / "config.yaml"), {"IOC_STORE_URL": sqlite_url, "IOC_NOW": NOW}))
        return houses[0]

    yield make
    for house in houses:
        house.store.close()


def form(path: Path, rows: dict[int, Cells], merged: Sequence[tuple[int, int, int, int, str]] = ()) -> None:
    """A sheet with rows at their places (from 0) and merged cells (first row, column, last row, column, text)."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    sheet = book.add_worksheet("Biểu")
    for first_row, first_column, last_row, last_column, said in merged:
        sheet.merge_range(first_row, first_column, last_row, last_column, said)
    for row, cells in rows.items():
        for column, cell in enumerate(cells):
            if cell is not None:
                sheet.write(row, column, cell)
    book.close()
    path.write_bytes(content.getvalue())


def stored(house: House) -> dict[tuple[str, str, str], float]:
    """(element, category, period) -> value, all of the one station."""
    with house.store.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT unit, element, category, period, value FROM observation")).all()
    assert {row[0] for row in rows} <= {"99001-TYT"}
    return {(row[1], row[2], row[3]): row[4] for row in rows}


def reasons(house: House) -> set[tuple[str, str, str]]:
    return {
        (problem["field"], problem["code"], problem["value"])
        for entry in house.store.quarantine.list("forms")
        for problem in entry.problems
    }


WEEK_TITLES = [
    (0, 0, 0, 2, "TRUNG TÂM Y TẾ KHU VỰC"),
    (0, 3, 0, 6, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    (2, 0, 2, 6, "BÁO CÁO BỆNH TRUYỀN NHIỄM"),
    (3, 0, 3, 6, "Tuần 46 năm 2026 (từ ngày 09/11/2026 đến ngày 15/11/2026)"),
    (5, 0, 6, 0, "TT"),
    (5, 1, 6, 1, "Bệnh"),
    (5, 2, 5, 3, "Trong tuần"),
    (5, 4, 5, 5, "Lũy kế từ đầu năm"),
    (5, 6, 6, 6, "Ghi chú"),
]
WEEK_HEADER: Cells = [None, None, "Mắc trong tuần", "Tử vong trong tuần", "Mắc lũy kế", "Tử vong lũy kế"]
WEEK = {
    6: WEEK_HEADER,
    7: ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"],
    8: [1, "Sốt xuất huyết Dengue", 6, 0, 31, 0],
    9: [2, " " + unicodedata.normalize("NFD", "Tay chân miệng") + "\u00a0", "3", "-", " 1.024", 0],
    10: [3, "Thuỷ đậu", 0, 0, 12, 0],
    11: [None, "Tổng cộng", 9, 0, 1067, 0],
    13: [None, "Ghi chú: ca xác định muộn được cộng vào tuần báo cáo"],
    15: [None, "Người lập báo cáo", None, None, "Trưởng trạm"],
    16: [None, "(Ký, ghi rõ họ tên)"],
    17: [None, "Nguyễn Thị Riêng Tư"],
}


def test_the_weekly_table_gives_each_disease_the_total_and_the_sums_since_january(opened: Open, tmp_path: Path) -> None:
    form(tmp_path / "inbox" / "BC-BTN-99001-TYT-tuan-46-2026.xlsx", WEEK, WEEK_TITLES)
    house = opened("disease_weekly")
    assert pull("forms", house) == Counts(read=15, new=15)
    found = stored(house)
    week = "2026W46"
    assert {key[1]: value for key, value in found.items() if key[0] == "hl_cases"} == {
        "dengue": 6, "hand_foot_mouth": 3, "chickenpox": 0, "": 9
    }  # fmt: skip
    assert found["hl_cases_year", "hand_foot_mouth", week] == 1024
    assert ("hl_deaths_disease", "hand_foot_mouth", week) not in found  # "-" says nothing
    assert {key[2] for key in found} == {week}


def test_names_under_the_table_are_stored_nowhere(opened: Open, tmp_path: Path) -> None:
    form(tmp_path / "inbox" / "BC-BTN-99001-TYT-tuan-46-2026.xlsx", WEEK, WEEK_TITLES)
    house = opened("disease_weekly")
    pull("forms", house)
    house.store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".xlsx")
    assert "Riêng Tư".encode() not in kept


def test_a_disease_nobody_declared_and_a_word_for_a_number_are_set_aside(opened: Open, tmp_path: Path) -> None:
    rows = WEEK | {10: [3, "Sốt lạ", 1, 0, 1, 0], 9: [2, "Tay chân miệng", "ba", 0, 5, 0]}
    form(tmp_path / "inbox" / "99001-TYT-tuan-46-2026.xlsx", rows, WEEK_TITLES)
    house = opened("disease_weekly")
    assert pull("forms", house).quarantined == 5
    assert reasons(house) == {("category", "unknown_code", "Sốt lạ"), ("value", "not_a_number", "ba")}


def test_the_week_in_the_title_and_in_the_file_name_must_agree(opened: Open, tmp_path: Path) -> None:
    form(tmp_path / "inbox" / "99001-TYT-tuan-45-2026.xlsx", WEEK, WEEK_TITLES)
    house = opened("disease_weekly")
    with pytest.raises(SourceChanged) as caught:
        pull("forms", house)
    assert caught.value.key == "files.headings_disagree"
    assert stored(house) == {}


def test_the_same_week_sent_again_corrected_changes_only_what_changed(opened: Open, tmp_path: Path) -> None:
    house = opened("disease_weekly")
    form(tmp_path / "inbox" / "99001-TYT-tuan-46-2026.xlsx", WEEK, WEEK_TITLES)
    pull("forms", house)
    corrected = WEEK | {8: [1, "Sốt xuất huyết Dengue", 7, 0, 32, 0], 11: [None, "Tổng cộng", 10, 0, 1068, 0]}
    form(tmp_path / "inbox" / "99001-TYT-tuan-46-2026-sua.xlsx", corrected, WEEK_TITLES)
    assert pull("forms", house) == Counts(read=15, changed=4, unchanged=11)
    assert stored(house)["hl_cases", "dengue", "2026W46"] == 7


MONTH_TITLES = [
    (0, 0, 0, 2, "TRUNG TÂM Y TẾ KHU VỰC"),
    (2, 0, 2, 5, "BÁO CÁO HOẠT ĐỘNG TRẠM Y TẾ"),
    (3, 0, 3, 5, "Tháng 10 năm 2026"),
    (4, 0, 4, 5, "Trạm Y tế Một – Mã đơn vị: 99001-TYT"),
]
MONTH = {
    6: ["TT", "Chỉ số", "Đơn vị tính", "Thực hiện trong tháng", "Lũy kế từ đầu năm", "Ghi chú"],
    7: [1, 2, 3, 4, 5, 6],
    8: ["I", "KHÁM CHỮA BỆNH"],
    9: ["1", "1. Tổng số lượt khám bệnh", "lượt", "1.012", 8120],
    10: ["2", "Trong đó: khám BHYT:", "lượt", 810, 6500],
    11: ["II", "BÀ MẸ, TRẺ EM"],
    12: ["3", "Tổng số phụ nữ đẻ", "người", 10, 91],
    13: ["4", unicodedata.normalize("NFD", "Số phụ nữ đẻ được khám thai ≥ 4 lần"), "người", 8.0, 80],
    14: ["5", "Số trẻ đẻ nhẹ cân dưới 2.500 g", "trẻ", 1, 4],
    15: ["6", "Tổng số nhân lực", "người", 7],
    16: [None, "- Bác sĩ", "người", 1],
    17: ["7", "Số lượt khám ngoài giờ", "lượt", 12],
    19: [None, "Người lập báo cáo", None, None, "Trưởng trạm"],
}


def test_the_monthly_table_is_read_by_line_and_an_unknown_line_is_asked_about(opened: Open, tmp_path: Path) -> None:
    form(tmp_path / "inbox" / "bao-cao-thang.xlsx", MONTH, MONTH_TITLES)
    house = opened("station_monthly")
    assert pull("forms", house) == Counts(read=7, new=6, quarantined=1)
    assert stored(house) == {
        ("hl_visits", "", "202610"): 1012,
        ("hl_visits_insured", "", "202610"): 810,
        ("hl_deliveries", "", "202610"): 10,
        ("hl_antenatal_4", "", "202610"): 8,
        ("hl_staff", "", "202610"): 7,
        ("hl_staff", "doctor", "202610"): 1,
    }


def test_the_immunisation_table_gives_doses_and_the_children_fully_immunised(opened: Open, tmp_path: Path) -> None:
    titles = [*MONTH_TITLES[:1], (2, 0, 2, 5, "BÁO CÁO TIÊM CHỦNG MỞ RỘNG THÁNG 10 NĂM 2026"), MONTH_TITLES[3]]
    rows: dict[int, Cells] = {
        6: ["TT", "Loại vắc xin", "Đối tượng năm", "Trong tháng", "Lũy kế", "Tỷ lệ %"],
        7: [1, "BCG", 116, 9, 95, "81,9"],
        8: [2, "DPT-VGB-Hib mũi 3", 116, 10, 93, "80,2"],
        9: [None, "Tổng số mũi tiêm", None, 19, 188],
        10: [None, "Trẻ dưới 1 tuổi tiêm chủng đầy đủ", 116, None, 92, "79,3"],
    }
    form(tmp_path / "inbox" / "tiem-chung.xlsx", rows, titles)
    house = opened("immunisation")
    assert pull("forms", house).quarantined == 0
    found = stored(house)
    assert (found["hl_infants", "", "202610"], found["hl_fully_immunised", "", "202610"]) == (116, 92)
    assert (found["hl_doses", "bcg", "202610"], found["hl_doses_year", "", "202610"]) == (9, 188)
