"""The schools' exports in their true shape, whole way to the figures, and nobody kept (domain.md 5.1)."""

from __future__ import annotations

import io
import logging
import unicodedata
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
import xlsxwriter

from connectors.house import House, open_house
from connectors.pull import pull
from datasets.errors import SourceChanged
from tests.connectors.no_personal_values import nowhere_else
from tests.connectors.sheet_files import Rows, ods, xls

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
SENT = "sent_from"
PUPIL_HEADER = [
    "STT", "Mã định danh Bộ GD&ĐT", "Họ tên", "Ngày sinh", "Giới tính", "Dân tộc", "Trạng thái", "SĐT liên hệ",
    "Nơi sinh", "Tổ/thôn HKTT", "Tỉnh thành quê quán", "Phường/Xã quê quán", "Chỗ ở hiện nay", "Số CMND", "Ngày cấp",
    "Nơi cấp", "Tên cha", "Nghề nghiệp cha", "Năm sinh cha", "Tên mẹ", "Nghề nghiệp mẹ", "Năm sinh mẹ", "Lớp học",
    "Khối học", "Số định danh cá nhân",
]  # fmt: skip
PUPILS = [  # name, sex, state, class, grade, number
    ("Nguyễn Thị Bông Lan", "Nữ", "Đang học", "1A", "Khối 1", 1),
    ("Trần Văn Bắp Cải", "Nam", "Đang học", "1A", "Khối 1", 2),
    ("Lê Thị Cà Chua", "NỮ ", "Đang học", "2A", "khối 2", 3),
    ("Phạm Văn Đậu Phụ", "Nam", "Chuyển đi", "2A", "Khối 2", 4),
    ("Vũ Văn Gừng Tươi", "Nam", "Bỏ học", "5B", "Khối 5", 5),
    ("Hoàng Thị Hành Tây", "", "Đang học", "5B", "Khối 5", 6),
]
PEOPLE = [value for name, *_, number in PUPILS for value in (name, f"01090000{number:02}", f"0993070000{number:02}")]
PEOPLE += ["Cha Của Bông Lan", "Mẹ Của Bông Lan", "Thôn Rất Riêng Tư"]
MAPS = {
    "pupils": "school_pupils",
    "teachers": "school_teachers",
    "classes": "attendance_classes",
    "absent": "attendance_pupils",
    "reports": "school_report",
}
CLASS_HEADER = ["STT", "Ngày", "Mã trường", "Lớp", "Sĩ số", "Vắng có phép (P)", "Vắng không phép (K)", "Học sinh vắng"]
CLASSES: Rows = [
    [1, "16/11/2026", "99001-TH", "1A", 30, 2, 1, "Nguyễn Thị Bông Lan, Trần Văn Bắp Cải, Lê Thị Cà Chua"],
    [2, "16/11/2026", "99001-TH", "1B", "28", "-", "", ""],
    [3, "17/11/2026", "99001-TH", "1A", 30, 0, 4, "Phạm Văn Đậu Phụ, Vũ Văn Gừng Tươi, Hoàng Thị Hành Tây"],
    [4, "16/11/2026", "99001-CS", "6A", 40, 1, 0, "Nguyễn Thị Bông Lan"],
]


@pytest.fixture
def house(tmp_path: Path) -> House:
    (tmp_path / "units.csv").write_text(
        "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\n"
        "99,Tỉnh,province,,province,,,,,\n99001,Xã,commune,99,commune,,,,,\n"
        "99001-TH,TH,facility,99001,school,,,,,\n99001-CS,CS,facility,99001,school,,,,,\n",
        "utf-8",
    )
    sources = "".join(
        f"  {name}: {{dataset: observation, connector: files, map: {mapped}, path: inbox/{name}}}\n"
        for name, mapped in MAPS.items()
    )
    (tmp_path / "config.yaml").write_text(
        'centre: {name: Thử, unit: "99001"}\nunits: units.csv\nstore: {url: "sqlite:///data/ioc.db"}\n'
        f"sources:\n{sources}",
        "utf-8",
    )
    return open_house(tmp_path / "config.yaml", {"IOC_NOW": NOW.isoformat()})


def dropped(house: House, name: str, file: str, content: bytes) -> Path:
    path = house.settings.root / "inbox" / name / file
    sent_from = house.settings.root / SENT / name / file  # the sender's own copy; the centre keeps none
    for folder in (path.parent, sent_from.parent):
        folder.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    sent_from.write_bytes(content)
    return path


def figures(house: House) -> dict[tuple[str, str, str, str], float]:
    table = house.store.tables["observation"]
    columns = (table.c.unit, table.c.element, table.c.period, table.c.category, table.c.value)
    with house.store.engine.connect() as connection:
        return {row[:4]: row[4] for row in connection.execute(sa.select(*columns))}


def pupil_rows() -> Rows:
    return [
        [
            place, float(3600000000 + number), name, "01/05/2019", sex, "Kinh", state, f"01090000{number:02}",
            "Tỉnh Minh Hoạ", "Thôn Rất Riêng Tư", "Tỉnh Minh Hoạ", "Xã Minh Hoạ", "Thôn Rất Riêng Tư", "", "", "",
            "Cha Của Bông Lan", "Làm ruộng", 1985, "Mẹ Của Bông Lan", "Công nhân", 1987, school_class, grade,
            f"0993070000{number:02}",
        ]
        for place, (name, sex, state, school_class, grade, number) in enumerate(PUPILS, 1)
    ]  # fmt: skip


def workbook(titles: list[str], header: list[str], rows: Rows, notes: list[str]) -> bytes:
    """Merged titles, the header in row 4 whatever comes above, notes and signatures below."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("Sheet1")
        for line, title in enumerate(titles):
            sheet.merge_range(line, 0, line, len(header) - 1, title)
        sheet.write_row(3, 0, header)
        for line, row in enumerate(rows, 4):
            sheet.write_row(line, 0, row)
        for line, note in enumerate(notes, 5 + len(rows)):
            sheet.write_string(line, 0, note)
    return buffer.getvalue()


TITLES = ["TRƯỜNG TIỂU HỌC AN BÌNH ĐÔNG", "DANH SÁCH HỌC SINH NĂM HỌC 2026-2027", "Ngày xuất: 25/09/2026"]
NOTES = ["Ghi chú: danh sách có 6 học sinh", "Người lập biểu: Cha Của Bông Lan"]
TAUGHT = {
    "": 4, "lop=1": 2, "lop=2": 1, "lop=5": 1, "gioi=nam": 1, "gioi=nu": 2, "gioi=?": 1, "lop=1;gioi=nam": 1,
    "lop=1;gioi=nu": 1, "lop=2;gioi=nu": 1, "lop=5;gioi=?": 1,
}  # fmt: skip


def test_the_list_of_pupils_becomes_counts_by_grade_and_sex_and_nobody_is_kept(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    header = [unicodedata.normalize("NFD", name) for name in PUPIL_HEADER]
    dropped(house, "pupils", "hoc-sinh_99001-TH_202609.xlsx", workbook(TITLES, header, pupil_rows(), NOTES))
    assert pull("pupils", house).quarantined == 0
    found = figures(house)
    mine = {key[3]: value for key, value in found.items() if key[:3] == ("99001-TH", "ed_pupils", "202609")}
    assert {category: value for category, value in mine.items() if value} == TAUGHT
    assert mine["lop=3"] == 0, "a grade without pupils is 0 and not unknown"
    assert found["99001-TH", "ed_dropouts", "202609", ""] == 1
    root = house.settings.root
    house.store.engine.dispose()
    nowhere_else(PEOPLE, root, list((root / SENT / "pupils").iterdir()), caplog.text)
    (report,) = (root / "inbox/pupils/done").glob("*.bao-cao.txt")
    assert "Tệp không được giữ lại vì có thể nêu tên người" in report.read_text("utf-8-sig")


def test_what_nobody_expected_in_the_list_is_not_kept_either(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A new column with names in it, a row whose cells cannot be read, a file that is refused as a whole."""
    caplog.set_level(logging.DEBUG)
    rows = [[*row, "Ông Bà Của Bông Lan"] for row in pupil_rows()]
    dropped(
        house,
        "pupils",
        "hoc-sinh_99001-TH_202609.xlsx",
        workbook(TITLES, [*PUPIL_HEADER, "Người giám hộ"], rows, NOTES),
    )
    pull("pupils", house)
    dropped(house, "pupils", "hoc-sinh_202609.xlsx", workbook(TITLES, PUPIL_HEADER, pupil_rows(), NOTES))
    with pytest.raises(SourceChanged) as caught:
        pull("pupils", house)
    assert caught.value.key == "files.no_heading"
    root = house.settings.root
    house.store.engine.dispose()
    files = [*(root / SENT / "pupils").iterdir(), *(root / "inbox/pupils/refused").glob("*.xlsx")]
    nowhere_else([*PEOPLE, "Ông Bà Của Bông Lan"], root, files, caplog.text)


def test_only_teachers_who_work_are_counted_of_the_staff(house: House) -> None:
    header = [
        "STT",
        "UBND Xã",
        "Tên trường",
        "Mã định danh Bộ GD&ĐT",
        "Họ tên",
        "Ngày sinh",
        "Trạng thái",
        "Vị trí việc làm",
    ]
    said = [("Đang làm việc", "Giáo viên tiểu học")] * 3
    said += [("Đang làm việc", "Hiệu trưởng"), ("Nghỉ hưu", "Giáo viên tiểu học"), ("Đang làm việc", "Kế toán")]
    rows: Rows = [
        [place, "Xã", "TH", 3700000000 + place, f"Người Thứ {place}", "02/03/1984", state, post]
        for place, (state, post) in enumerate(said, 1)
    ]
    dropped(house, "teachers", "giao-vien_99001-TH_202609.xlsx", workbook(TITLES, header, rows, []))
    pull("teachers", house)
    assert figures(house) == {("99001-TH", "ed_teachers", "202609", ""): 3}


def sheet_of(kind: str) -> bytes:
    rows: Rows = [["BẢNG TỔNG HỢP ĐIỂM DANH"], [], [], CLASS_HEADER, *CLASSES]
    if kind == "xlsx":
        return workbook(["BẢNG TỔNG HỢP ĐIỂM DANH"], CLASS_HEADER, CLASSES, ["Người lập biểu", "Bông Lan"])
    return xls(rows) if kind == "xls" else ods(rows)


@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_the_classes_of_a_school_are_added_up_day_by_day(house: House, kind: str) -> None:
    dropped(house, "classes", f"diem-danh.{kind}", sheet_of(kind))
    assert pull("classes", house).quarantined == 0
    found = figures(house)
    monday = {key[1]: value for key, value in found.items() if key[0] == "99001-TH" and key[2] == "20261116"}
    assert monday == {
        "ed_pupils_expected": 58,
        "ed_pupils_present": 55,
        "ed_absent": 3,
        "ed_absent_excused": 2,
        "ed_absent_unexcused": 1,
    }
    assert found["99001-TH", "ed_pupils_present", "20261117", ""] == 26
    assert found["99001-CS", "ed_pupils_present", "20261116", ""] == 39
    assert len(found) == 15


def test_a_class_whose_numbers_cannot_be_is_set_aside_without_the_names_beside_it(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong: Rows = [
        [5, "17/11/2026", "99001-TH", "1B", "ba mươi", 0, 0, "Nguyễn Thị Bông Lan"],
        [6, "17/11/2026", "99001-TH", "1C", 30, 31, 0, "Trần Văn Bắp Cải"],
        [7, "17/11/2026", "99001-TH", "1D", 30, -1, 0, "Lê Thị Cà Chua"],
        [8, "17/11/2026", "99001-TH", "1E", "", 1, 0, "Phạm Văn Đậu Phụ"],
        [9, "31/11/2026", "99001-TH", "1A", 30, 1, 0, "Vũ Văn Gừng Tươi"],
        [10, "17/11/2026", "99001-ĐH", "K1", 30, 1, 0, "Hoàng Thị Hành Tây"],
    ]
    more: Rows = [[1, f"{day}/10/2026", "99001-TH", "1A", 30, 0, 0, ""] for day in range(12, 17)]
    dropped(house, "classes", "diem-danh.xlsx", workbook(["ĐIỂM DANH"], CLASS_HEADER, CLASSES * 5 + more + wrong, []))
    counts = pull("classes", house)
    codes = sorted(p["code"] for aside in house.store.quarantine.list("classes") for p in aside.problems)
    assert codes == ["not_a_period", "not_whole", "required", "too_small", "too_small", "unknown_unit"]
    assert counts.quarantined == 6, "rows, not the figures that a school nobody knows would have had"
    assert figures(house)["99001-TH", "ed_pupils_present", "20261117", ""] == 5 * 26
    root = house.settings.root
    house.store.engine.dispose()
    names = [name for name, *_ in PUPILS]
    nowhere_else(names, root, list((root / SENT / "classes").iterdir()), caplog.text)


def test_a_pupil_a_row_counts_the_same_and_an_unclear_code_is_neither_present_nor_absent(house: House) -> None:
    header = ["STT", "Ngày", "Mã trường", "Lớp", "Mã học sinh", "Họ tên", "Điểm danh"]
    codes = ["x", "Có mặt", "P", "p", "K", "VP", "x"]
    rows: Rows = [
        [place, "16/11/2026", "99001-CS", "6A", f"HS{place:06}", f"Em Thứ {place}", code]
        for place, code in enumerate(codes, 1)
    ]
    dropped(house, "absent", "diem-danh.xlsx", workbook(["ĐIỂM DANH"], header, rows, []))
    pull("absent", house)
    found = {(key[1], key[3]): value for key, value in figures(house).items()}
    assert found["ed_pupils_expected", ""] == 7
    assert found["ed_pupils_present", ""] == 3
    assert found["ed_absent", ""] == 3
    assert (found["ed_absent_excused", ""], found["ed_absent_unexcused", ""]) == (2, 1)
    assert found["ed_pupils_expected", "diem_danh=?"] == 1


def test_the_monthly_report_takes_its_month_from_the_title_and_reads_dong_with_dots(house: House) -> None:
    header = [
        "STT", "Mã trường", "Tên trường", "Đạt chuẩn quốc gia", "Học sinh lập học bạ số", "Học bạ số đã ký",
        "Học sinh dùng sổ liên lạc", "Đã có tài khoản sổ liên lạc", "Các khoản thu (đồng)",
        "Thu không dùng tiền mặt (đồng)", "Hiệu trưởng",
    ]  # fmt: skip
    rows: Rows = [
        [1, "99001-TH", "TH", 1, 540, 405, 540, 486, "80.000.000", "60.000.000", "Cha Của Bông Lan"],
        [2, "99001-CS", "CS", 0, "-", "-", 430, 344, "40.000.000", "30.500.000", "Mẹ Của Bông Lan"],
    ]
    titles = ["UBND XÃ", "BÁO CÁO TÌNH HÌNH CÁC TRƯỜNG Tháng 10 năm 2026"]
    dropped(house, "reports", "bao-cao.xlsx", workbook(titles, header, rows, ["Người lập biểu"]))
    assert pull("reports", house).quarantined == 0
    found = figures(house)
    assert {key[2] for key in found} == {"202610"}
    assert found["99001-TH", "ed_fees_cashless", "202610", ""] == 60_000_000
    assert found["99001-CS", "ed_national_standard_schools", "202610", ""] == 0
    assert ("99001-CS", "ed_transcripts_due", "202610", "") not in found
    assert len(found) == 7 + 5


@pytest.mark.parametrize("name", ["pupils", "classes"])
def test_the_same_file_again_changes_nothing(house: House, name: str) -> None:
    content = workbook(TITLES, PUPIL_HEADER, pupil_rows(), []) if name == "pupils" else sheet_of("xlsx")
    dropped(house, name, "hoc-sinh_99001-TH_202609.xlsx", content)
    first = pull(name, house)
    again = workbook([*TITLES[:2], "Ngày xuất: 26/09/2026"], PUPIL_HEADER, pupil_rows(), [])
    dropped(house, name, "lai_99001-TH_202609.xlsx", again if name == "pupils" else sheet_of("xls"))
    counts = pull(name, house)
    assert (counts.new, counts.changed, counts.unchanged) == (0, 0, first.new)
