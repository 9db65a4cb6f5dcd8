"""Tables that are not one observation per row: wide rows, lines, headings, rows that are counted."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
import xlsxwriter

from connectors.field_map import FieldMap
from connectors.house import House, open_house
from connectors.pull import Caller, pull
from connectors.replay import replay
from datasets.errors import ConfigError, SourceChanged

NOW = "2026-11-20T09:00:00+07:00"
UNITS = (
    "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\n"
    "99,Tỉnh,province,,province,,,,,\n99001,Xã Một,commune,99,commune,,,,,\n99002,Xã Hai,commune,99,commune,,,,,\n"
)

BUDGET = """dataset: observation
fields:
  entered_by: {from: "Người nhập", optional: true}
lines:
  from: ["Chỉ tiêu", "Nội dung"]
  columns:
    plan: "Kế hoạch năm"
    month: ["Thực hiện tháng", "Thực hiện tháng #"]
    total: {from: ["Lũy kế", "Lũy kế # tháng"], optional: true}
  codes:
    "Tổng thu ngân sách": {plan: se_plan, month: se_month, total: se_total}
    "Thu chuyển nguồn": null
    "Camera trường học": {month: se_cameras/school}
  measure: {from: "Đơn vị tính", codes: {"triệu đồng": 1, "tỷ đồng": 1000, "chiếc": 1}}
title:
  period: {pattern: 'tháng (?P<month>\\d+) năm (?P<year>\\d{4})'}
file_name:
  period: {pattern: '_(?P<year>\\d{4})(?P<month>\\d{2})'}
  unit: {pattern: '_(?P<value>99\\d{3})_'}
blank: ["-"]
ignore: ["STT"]
"""
HEADER = ["STT", "Chỉ tiêu", "Đơn vị tính", "Kế hoạch năm", "Thực hiện tháng 10", "Lũy kế 10 tháng"]


class Centre:
    """A centre with one folder, real pulls into a real store."""

    def __init__(self, root: Path, field_map: str) -> None:
        self.root = root
        (root / "units.csv").write_text(UNITS, "utf-8")
        self.write_map(field_map)
        (root / "config.yaml").write_text(
            'centre: {name: Thử, unit: "99001", time_zone: Asia/Ho_Chi_Minh}\nunits: units.csv\n'
            "store: {url: 'sqlite:///ioc.db'}\nsources:\n"
            "  forms: {dataset: observation, connector: files, map: map.yaml, path: inbox,\n"
            "    expect: {max_quarantined_share: 0.5}}\n",
            "utf-8",
        )
        self.house: House = open_house(root / "config.yaml", {"IOC_NOW": NOW})
        (root / "inbox").mkdir()

    def write_map(self, content: str) -> None:
        (self.root / "map.yaml").write_text(content, "utf-8")

    def drop(self, name: str, rows: Sequence[Sequence[object]]) -> None:
        content = io.BytesIO()
        book = xlsxwriter.Workbook(content, {"default_date_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
        book.close()
        (self.root / "inbox" / name).write_bytes(content.getvalue())

    def pull(self) -> tuple[int, int]:
        counts = pull("forms", self.house)
        return counts.read, counts.quarantined

    def stored(self) -> set[tuple[str, str, str, str, float]]:
        c = self.house.store.tables["observation"].c
        with self.house.store.engine.connect() as connection:
            found = connection.execute(sa.select(c.unit, c.element, c.period, c.category, c.value))
            return {tuple(row) for row in found}  # type: ignore[misc]

    def set_aside(self) -> list[tuple[str, str, str]]:
        return [
            (problem["field"], problem["code"], problem["value"])
            for aside in self.house.store.quarantine.list("forms")
            for problem in aside.problems
        ]


def budget(*lines: Sequence[object], title: str = "Tháng 10 năm 2026") -> list[Sequence[object]]:
    return [
        ["ỦY BAN NHÂN DÂN XÃ MỘT"],
        ["BÁO CÁO THU CHI NGÂN SÁCH"],
        ["", title],
        [],
        HEADER,
        [1, 2, 3, 4, 5, 6],
        *lines,
        ["", "Người lập biểu", "", "", "TM. UBND XÃ"],
        ["", "Nguyễn Mẫu", "", "", "Trần Thử"],
    ]


def test_a_line_per_indicator_gives_an_observation_per_cell(tmp_path: Path) -> None:
    centre = Centre(tmp_path, BUDGET)
    centre.drop(
        "thu_99001_.xlsx",
        budget(
            ["A", "PHẦN THU", "", "", "", ""],
            ["I", "1. Tổng thu ngân sách:", "Triệu đồng", "12.000", "1.050,5", 9800.25],
            ["II", "- Thu chuyển nguồn", "triệu đồng", "", "30", "30"],
            ["III", "Camera trường học", "chiếc", "-", 4, ""],
        ),
    )
    assert centre.pull() == (4, 0)
    assert centre.stored() == {
        ("99001", "se_plan", "202610", "", 12000.0),
        ("99001", "se_month", "202610", "", 1050.5),
        ("99001", "se_total", "202610", "", 9800.25),
        ("99001", "se_cameras", "202610", "school", 4.0),
    }


def test_values_in_another_measure_are_converted_and_an_unknown_measure_is_set_aside(tmp_path: Path) -> None:
    centre = Centre(tmp_path, BUDGET)
    centre.drop("thu_99001_.xlsx", budget(["I", "Tổng thu ngân sách", "tỷ đồng", "12", "1,0505", "9,8"]))
    centre.pull()
    assert ("99001", "se_month", "202610", "", 1050.5) in centre.stored()
    rows = budget(["I", "Tổng thu ngân sách", "USD", 1, 2, 3], ["II", "Camera trường học", "chiếc", "", 1, ""])
    centre.drop("thu_99002_.xlsx", rows)
    assert centre.pull() == (2, 1)
    assert centre.set_aside() == [("element", "unknown_code", "tong thu ngan sach [USD]")]


def test_an_unknown_line_is_quarantined_and_comes_right_when_the_map_knows_it(tmp_path: Path) -> None:
    centre = Centre(tmp_path, BUDGET)
    lines = [["I", "Tổng thu ngân sách", "triệu đồng", 1, 2, 3], ["II", "Thu phạt", "triệu đồng", 10, 20, 30]]
    centre.drop("thu_99001_.xlsx", budget(*lines))
    assert centre.pull() == (4, 1)
    assert centre.set_aside() == [("element", "unknown_code", "thu phat")]
    centre.write_map(BUDGET.replace('    "Thu chuyển nguồn": null', '    "Thu phạt": {total: se_fines}'))
    assert replay("forms", centre.house, Caller()).new == 1
    assert ("99001", "se_fines", "202610", "", 30.0) in centre.stored()
    assert centre.set_aside() == []


def test_a_period_is_taken_from_the_files_name_where_the_title_is_silent(tmp_path: Path) -> None:
    centre = Centre(tmp_path, BUDGET)
    line = ["I", "Tổng thu ngân sách", "triệu đồng", 1, 2, 3]
    centre.drop("thu_99002_202609.xlsx", budget(line, title="Biểu số 1"))
    centre.pull()
    assert {row[:3] for row in centre.stored()} == {
        ("99002", name, "202609") for name in ("se_plan", "se_month", "se_total")
    }


@pytest.mark.parametrize(
    ("name", "title", "key"),
    [
        ("thu_99001_202609.xlsx", "Tháng 10 năm 2026", "files.headings_disagree"),
        ("thu_99001_.xlsx", "Tháng mười", "files.no_heading"),
        ("thu_99001_.xlsx", "Tháng 13 năm 2026", "files.no_heading"),
        ("thu.xlsx", "Tháng 10 năm 2026", "files.no_heading"),
    ],
)
def test_a_file_without_a_sure_period_and_unit_is_refused(tmp_path: Path, name: str, title: str, key: str) -> None:
    centre = Centre(tmp_path, BUDGET)
    centre.drop(name, budget(["I", "Tổng thu ngân sách", "triệu đồng", 1, 2, 3], title=title))
    with pytest.raises(SourceChanged) as caught:
        centre.pull()
    assert caught.value.key == key
    assert centre.stored() == set()


def test_a_column_that_is_gone_refuses_the_file_unless_it_is_optional(tmp_path: Path) -> None:
    centre = Centre(tmp_path, BUDGET)
    rows = [list(row) for row in budget(["I", "Tổng thu ngân sách", "triệu đồng", 1, 2, 3])]
    centre.drop("thu_99001_.xlsx", [row[:5] for row in rows])
    assert centre.pull() == (2, 0)
    centre.drop("thu_99002_.xlsx", [row[:4] + row[5:] for row in rows])
    with pytest.raises(SourceChanged) as caught:
        centre.pull()
    assert caught.value.key == "connectors.columns_gone"
    assert "Thực hiện tháng" in caught.value.message("vi")


DISEASES = """dataset: observation
fields:
  unit: "Mã đơn vị"
  category: {from: "Bệnh", codes: {"Sốt xuất huyết": dengue, "Tay chân miệng": hfmd, "Tổng": null}, missing: ""}
values:
  hl_cases: "Mắc trong tuần"
  hl_deaths: {from: "Tử vong", optional: true}
title:
  period: {pattern: 'tuần (?P<week>\\d+) năm (?P<year>\\d+)'}
"""


def test_one_row_gives_an_observation_for_each_of_its_value_columns(tmp_path: Path) -> None:
    centre = Centre(tmp_path, DISEASES)
    head = [
        ["Bảng bệnh truyền nhiễm"],
        ["Tuần", 45.0, "năm", 2026.0],
        ["Mã đơn vị", "Bệnh", "Mắc trong tuần", "Tử vong"],
    ]
    centre.drop("benh.xlsx", [*head, ["99001", "Sốt xuất huyết", 3, 0], ["99001", "Tay chân miệng", "7", ""]])
    assert centre.pull() == (3, 0)
    assert centre.stored() == {
        ("99001", "hl_cases", "2026W45", "dengue", 3.0),
        ("99001", "hl_deaths", "2026W45", "dengue", 0.0),
        ("99001", "hl_cases", "2026W45", "hfmd", 7.0),
    }


def test_a_cell_that_is_no_number_is_set_aside_alone_and_replayed_without_its_title(tmp_path: Path) -> None:
    centre = Centre(tmp_path, DISEASES)
    head = [["Tuần 45 năm 2026"], [], ["Mã đơn vị", "Bệnh", "Mắc trong tuần", "Tử vong"]]
    centre.drop("benh.xlsx", [*head, ["99001", "Sốt xuất huyết", "ba", 0], ["99001", "Tay chân miệng", 7, 0]])
    assert centre.pull() == (4, 1)
    assert centre.set_aside() == [("value", "not_a_number", "ba")]
    (aside,) = centre.house.store.quarantine.list("forms")
    assert "«Mắc trong tuần»" in aside.row_id


PUPILS = """dataset: observation
fields:
  unit: "Mã trường"
  period: {from: "Ngày", type: day}
count:
  each: ["Mã định danh", "Họ tên"]
  dimensions:
    lop: {from: "Khối", codes: {"Khối 6": "6", "6": "6", "7": "7"}}
    gioi: {from: "Giới tính", codes: {"Nam": nam, "Nữ": nu}}
    dan: {from: "Thôn"}
  elements:
    ed_pupils: {by: [[lop], [lop, gioi]], where: {"Trạng thái": ["Đang học"]}}
    ed_listed: {by: [dan]}
  known: {"Trạng thái": ["Chuyển trường"]}
personal: ["Họ tên", "Mã định danh", "Ngày sinh"]
"""
PUPIL_HEADER = ["STT", "Họ tên", "Mã định danh", "Mã trường", "Ngày", "Khối", "Giới tính", "Trạng thái", "Thôn"]


def test_people_are_counted_at_the_door_and_none_of_them_is_stored(tmp_path: Path) -> None:
    centre = Centre(tmp_path, PUPILS)
    day = date(2026, 9, 5)
    rows = [
        [1, "Nguyễn Văn Mẫu", "0123456789", "99001", day, "Khối 6", "Nam", "Đang học", "Đông"],
        [2, "Trần Thị Thử", "0123456788", "99001", "05/09/2026", "6", "Nữ", "đang học", "Đông"],
        [3, "Lê Văn Ví", "0123456787", "99001", day, "7", "Nam", "Chuyển trường", "Tây"],
        [4, "Phạm Dụ", "0123456786", "99001", day, "7", "?", "Đang học", ""],
        [5, "", "", "99001", day, "", "", "", ""],
        [6, "Hồ Không Ngày", "0123456785", "99001", "hôm qua", "6", "Nam", "Đang học", ""],
    ]
    centre.drop("hs.xlsx", [["DANH SÁCH HỌC SINH"], PUPIL_HEADER, *rows])
    assert centre.pull() == (13, 1)
    values = {(element, category): value for _, element, _, category, value in centre.stored()}
    assert {row[:1] + row[2:3] for row in centre.stored()} == {("99001", "20260905")}
    assert values == {
        ("ed_pupils", ""): 3.0,
        ("ed_pupils", "lop=6"): 2.0,
        ("ed_pupils", "lop=7"): 1.0,
        ("ed_pupils", "lop=6;gioi=nam"): 1.0,
        ("ed_pupils", "lop=6;gioi=nu"): 1.0,
        ("ed_pupils", "lop=7;gioi=nam"): 0.0,
        ("ed_pupils", "lop=7;gioi=nu"): 0.0,
        ("ed_pupils", "lop=7;gioi=?"): 1.0,
        ("ed_listed", ""): 4.0,
        ("ed_listed", "dan=Đông"): 2.0,
        ("ed_listed", "dan=Tây"): 1.0,
        ("ed_listed", "dan=?"): 1.0,
    }
    content = (tmp_path / "ioc.db").read_bytes()
    centre.house.store.checkpoint()
    content += (tmp_path / "ioc.db").read_bytes()
    for personal in ("Mẫu", "Trần Thị", "0123456789", "0123456785", "Hồ Không", "hôm qua"):
        assert personal.encode() not in content


def test_rows_counted_under_two_spellings_of_a_member_are_added_together(tmp_path: Path) -> None:
    centre = Centre(tmp_path, PUPILS)
    for day, hamlets in (("05/09/2026", ["Thôn Đông", "THÔN ĐÔNG", "thôn đông", "Tây"]), ("06/09/2026", ["THÔN ĐÔNG"])):
        rows = [
            [place, f"Em Thứ {place}", f"01234567{place:02}", "99001", day, "6", "Nam", "Đang học", hamlet]
            for place, hamlet in enumerate(hamlets, 1)
        ]
        centre.drop(f"hs{day[:2]}.xlsx", [["DANH SÁCH HỌC SINH"], PUPIL_HEADER, *rows])
        centre.pull()
    listed = {(period, category): value for _, element, period, category, value in centre.stored() if "li" in element}
    assert listed == {
        ("20260905", ""): 4.0, ("20260905", "dan=Thôn Đông"): 3.0, ("20260905", "dan=Tây"): 1.0,
        ("20260906", ""): 1.0, ("20260906", "dan=Thôn Đông"): 1.0,
    }  # fmt: skip
    notes = [str(line.note) for line in centre.house.store.ledger.runs("forms") if line.new]
    assert "Có 2 dòng chỉ khác cách viết hoa" in notes[1]
    assert "Có 1 dòng chỉ khác cách viết hoa" in notes[0]


def test_a_state_nobody_told_us_of_is_set_aside_and_told_and_never_left_uncounted_in_silence(tmp_path: Path) -> None:
    centre = Centre(tmp_path, PUPILS)
    day = date(2026, 9, 5)
    states = [*["Đang học"] * 3, "ĐANG HỌC ", "Chuyển trường", "Học tạm", "", None, *["Đang học"] * 2]
    rows = [
        [place, f"Em Thứ {place}", f"01234567{place:02}", "99001", day, "6", "Nam", state, "Đông"]
        for place, state in enumerate(states, 1)
    ]
    centre.drop("hs.xlsx", [["DANH SÁCH HỌC SINH"], PUPIL_HEADER, *rows])
    assert centre.pull()[1] == 3  # one in a new state, two of whom none is said
    values = {(element, category): value for _, element, _, category, value in centre.stored()}
    assert (values["ed_pupils", ""], values["ed_listed", ""]) == (6.0, 7.0)
    assert centre.set_aside() == [("Trạng thái", "unknown_code", "")] * 3
    (drift,) = [found for found in centre.house.store.ledger.status("forms").drift if found.kind == "new_code"]
    assert (drift.column, drift.count, drift.codes) == ("Trạng thái", 3, {"…": 3})
    rows_aside = {line.row_id for line in centre.house.store.quarantine.list("forms")}
    assert rows_aside == {f"tệp hs.xlsx dòng {line}" for line in (8, 9, 10)}


BOTH = """dataset: observation
fields: {unit: "Mã trường", period: {from: "Ngày", type: day}}
count:
  each: "Họ tên"
  elements:
    ed_teachers: {where: {"Trạng thái": ["Đang làm"], "Vị trí": ["Giáo viên"]}}
    ed_heads: {where: {"Trạng thái": ["Đang làm"], "Vị trí": ["Hiệu trưởng"]}}
  known: {"Trạng thái": ["Nghỉ hưu"], "Vị trí": ["Bảo vệ"]}
personal: ["Họ tên"]
"""


@pytest.mark.parametrize(
    ("state", "post", "fate"),
    [
        ("Đang làm", "Giáo viên", "teacher"),
        ("Đang làm", "Hiệu trưởng", "head"),
        ("Đang làm", "Bảo vệ", "neither"),
        ("Nghỉ hưu", "Giáo viên", "neither"),
        ("Nghỉ hưu", "Trợ giảng", "neither"),  # whatever a trợ giảng is, this one is no longer there
        ("Biệt phái", "Bảo vệ", "neither"),
        ("Đang làm", "Trợ giảng", "Vị trí"),
        ("Biệt phái", "Giáo viên", "Trạng thái"),
        ("Biệt phái", "Trợ giảng", "Trạng thái"),
    ],
)
def test_an_unknown_text_matters_only_where_it_decides(tmp_path: Path, state: str, post: str, fate: str) -> None:
    centre = Centre(tmp_path, BOTH)
    header = ["Mã trường", "Ngày", "Họ tên", "Trạng thái", "Vị trí"]
    sure = [["99001", date(2026, 9, 5), f"Cô Thứ {place}", "Nghỉ hưu", "Bảo vệ"] for place in range(9)]
    centre.drop("gv.xlsx", [header, *sure, ["99001", date(2026, 9, 5), "Cô Mới", state, post]])
    centre.pull()
    values = {element: value for _, element, _, _, value in centre.stored()}
    assert values == {"ed_teachers": float(fate == "teacher"), "ed_heads": float(fate == "head")}
    assert [field for field, _, _ in centre.set_aside()] == ([fate] if fate[0] in "VT" else [])


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("dataset: dossier\nvalues: {a: b}\n", 2, "observation only"),
        ("dataset: observation\nvalues: {a: b}\nlines: {from: x, columns: {c: d}, codes: {}}\n", 3, "only one"),
        ("dataset: observation\nlines: {columns: {c: d}, codes: {}}\n", 2, "«from»"),
        ("dataset: observation\nlines:\n  from: x\n  columns: {c: d}\n  codes: {L: {e: f}}\n", 5, "«e»"),
        ("dataset: observation\nlines:\n  from: x\n  columns: {c: d, g: h}\n  codes: {L: f}\n", 5, "c, g"),
        ("dataset: observation\ntitle:\n  period: {pattern: '('}\n", 3, "not valid"),
        ("dataset: observation\ntitle:\n  period: {pattern: '(?P<month>x)'}\n", 3, "year"),
        ("dataset: observation\nfields:\n  value: V\nvalues: {a: b}\n", 3, "value"),
        ("dataset: observation\ncount:\n  each: x\n  elements: {a: {by: [lop]}}\n", 4, "«lop»"),
        ("dataset: observation\ncount:\n  each: x\n  elements: {a: {}}\n  known: {b: [c]}\n", 5, "«b»"),
    ],
)
def test_every_fault_of_a_wide_map_has_its_line(tmp_path: Path, content: str, line: int, said: str) -> None:
    path = tmp_path / "map.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(ConfigError) as caught:
        FieldMap.load(path, "en")
    assert any(fault.line == line and said in fault.message for fault in caught.value.faults), caught.value.faults
