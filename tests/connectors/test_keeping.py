"""What of a file remains once it was taken: plain figures may lie in done/, people and secrets may not."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from connectors.house import House, open_house
from connectors.old_files import forget_files
from connectors.pull import pull
from datasets.errors import BatchRejected, SourceChanged
from tests.connectors.test_files import HEADER, csv_text, sheet_of, workbook

UNITS = (
    "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\n"
    "99,Tỉnh,province,,province,,,,,\n99001,Xã Một,commune,99,commune,,,,,\n"
)
CONFIG = """\
centre: {{name: "Thử", unit: "99"}}
units: units.csv
sources:
  inbox: {{dataset: {dataset}, connector: files, map: {map}, path: inbox{more}}}
"""
ROW = ["99001", "se_population", "202610", "", 12000, "Lan"]
REGISTER = ["Mã đơn vị", "Loại văn bản", "Số đến", "Ngày đến", "Số, ký hiệu", "Ngày văn bản", "Tên loại", "Ghi chú"]
OPEN = ["12", "03/11/2026", "UBND tỉnh", "415/SNV", "02/11/2026", "Kế hoạch mở"]
HIDDEN = ["13", "04/11/2026", "Công an tỉnh", "7788/ANND", "03/11/2026", "Chuyên án Hoa Sữa"]


@pytest.fixture
def make(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., House]]:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    made: list[House] = []

    def house(name: str = "observation_form", dataset: str = "observation", more: str = "") -> House:
        (tmp_path / "units.csv").write_text(UNITS, "utf-8")
        (tmp_path / "config.yaml").write_text(CONFIG.format(map=name, dataset=dataset, more=more), "utf-8")
        (tmp_path / "inbox").mkdir()
        environ = {"IOC_STORE_URL": sqlite_url, "IOC_NOW": "2026-11-20T09:00:00+07:00"}
        made.append(open_house(str(tmp_path / "config.yaml"), environ))
        return made[-1]

    yield house
    for one in made:
        one.store.close()


def names(root: Path, folder: str) -> list[str]:
    return sorted(path.name for path in (root / "inbox" / folder).glob("[!.]*") if path.is_file())


def report(root: Path, folder: str = "done") -> str:
    (path,) = (root / "inbox" / folder).glob("*.bao-cao.txt")
    return path.read_text("utf-8-sig")


def everywhere(root: Path) -> bytes:
    """Every byte below the centre's folder, and what its zips and workbooks hold."""
    found = []
    for path in sorted(root.rglob("*")):
        if path.is_file():
            found.append(path.read_bytes())
            if zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    found += [archive.read(name) for name in archive.namelist()]
    return b"\n".join(found)


def two_sheets() -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        for name, rows in (("Biểu", [HEADER, ROW]), ("Danh bạ", [["Nguyễn Thị Hoa Sữa", "0912345678"]])):
            sheet = book.add_worksheet(name)
            for line, cells in enumerate(rows):
                sheet.write_row(line, 0, cells)

    return workbook(fill)


def commented() -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        for line, cells in enumerate([HEADER, ROW]):
            sheet.write_row(line, 0, cells)
        sheet.write_comment(1, 4, "hỏi chị Hoa Sữa")

    return workbook(fill)


def test_a_file_of_nothing_but_figures_that_are_read_lies_in_done(make: Callable[..., House], tmp_path: Path) -> None:
    house = make()
    for name, content in (("a.csv", csv_text([[str(cell) for cell in ROW]]).encode()), ("b.xlsx", sheet_of([ROW]))):
        (tmp_path / "inbox" / name).write_bytes(content)
    pull("inbox", house)
    assert names(tmp_path, "done") == ["2026-11-20-a.csv", "2026-11-20-b.xlsx"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (csv_text([[*map(str, ROW), "Hoa Sữa"]]).replace("Người nhập", "Người nhập;Chủ hộ").encode(), "có cột chưa ai"),
        (two_sheets(), "còn trang tính"),
        (commented(), "còn trang tính, hình ảnh hoặc chú thích"),
    ],
)
def test_what_nobody_reads_in_a_file_of_figures_lets_it_go(
    make: Callable[..., House], tmp_path: Path, content: bytes, why: str
) -> None:
    house = make()
    (tmp_path / "inbox" / "bieu.dat").write_bytes(content)
    assert pull("inbox", house).new == 1
    assert names(tmp_path, "done") == ["2026-11-20-bieu.dat.bao-cao.txt"]
    said = report(tmp_path)
    assert f"Tệp không được giữ lại vì {why}" in said
    digest = hashlib.sha256(content).hexdigest()
    assert f"Mã băm SHA-256 của tệp: {digest}" in said
    (line,) = (tmp_path / "inbox" / "done" / ".taken").read_text("utf-8").splitlines()
    assert json.loads(line) == {"sha256": digest, "name": "bieu.dat", "day": "2026-11-20"}
    assert "Hoa Sữa".encode() not in everywhere(tmp_path)
    (tmp_path / "inbox" / "bieu lan hai.dat").write_bytes(content)
    assert pull("inbox", house).read == 0  # known by its hash, though the file itself is gone
    assert names(tmp_path, "") == []


def register(*notes: str, title: str = "SỔ ĐĂNG KÝ VĂN BẢN ĐẾN") -> bytes:
    header = ["Số đến", "Ngày đến", "Tác giả", "Số, ký hiệu", "Ngày tháng", "Tên loại và trích yếu nội dung",
              "Đơn vị hoặc người nhận", "Ký nhận", "Ghi chú"]  # fmt: skip
    lines = [[*OPEN, "Văn phòng", "", ""], *([*HIDDEN, "Văn phòng", "", note] for note in notes)]

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write(0, 0, title)
        for line, cells in enumerate([header, *lines], 2):
            sheet.write_row(line, 0, cells)

    return workbook(fill)


@pytest.mark.parametrize("note", ["Mật", "TỐI MẬT", "Tuyệt mật", "(mật)", "Ma\u0323\u0302t"])
def test_a_register_with_secret_rows_is_taken_without_them_and_does_not_stay(
    make: Callable[..., House], tmp_path: Path, note: str
) -> None:
    house = make("so_van_ban_den", "document", ', constants: {unit: "99001"}')
    (tmp_path / "inbox" / "so.xlsx").write_bytes(register(note))
    assert pull("inbox", house).new == 1
    assert names(tmp_path, "done") == ["2026-11-20-so.xlsx.bao-cao.txt"]
    assert names(tmp_path, "refused") == []
    assert "Tệp không được giữ lại vì có văn bản mật" in report(tmp_path)
    assert "Đã từ chối 1 văn bản mật" in str(house.store.ledger.runs("inbox")[0].note)
    house.store.engine.dispose()
    for word in ("Hoa Sữa", "7788/ANND", "Công an tỉnh"):
        assert word.encode() not in everywhere(tmp_path)


def test_a_row_that_only_sounds_secret_is_not_refused(make: Callable[..., House], tmp_path: Path) -> None:
    house = make("so_van_ban_den", "document", ', constants: {unit: "99001"}')
    (tmp_path / "inbox" / "so.xlsx").write_bytes(register("Mặt trận", "đã mất"))
    assert pull("inbox", house).read == 3


def test_a_register_whose_title_says_secret_is_refused_whole_and_does_not_stay(
    make: Callable[..., House], tmp_path: Path
) -> None:
    house = make("so_van_ban_den", "document", ', constants: {unit: "99001"}')
    (tmp_path / "inbox" / "so.xlsx").write_bytes(register("", title="SỔ ĐĂNG KÝ VĂN BẢN MẬT ĐẾN"))
    with pytest.raises(SourceChanged) as caught:
        pull("inbox", house)
    assert caught.value.key == "files.secret"
    assert (names(tmp_path, "done"), names(tmp_path, "refused")) == ([], ["2026-11-20-so.xlsx.bao-cao.txt"])
    assert "Hoa Sữa".encode() not in everywhere(tmp_path)
    (tmp_path / "inbox" / "so.xlsx").write_bytes(register("", title="Sổ văn bản đến (không có văn bản mật)"))
    assert pull("inbox", house).new == 2


def test_a_refused_register_with_secret_rows_does_not_wait_in_refused(
    make: Callable[..., House], tmp_path: Path
) -> None:
    house = make("so_van_ban_den", "document", ', constants: {unit: "99001"}, expect: {min_rows: 50}')
    (tmp_path / "inbox" / "so.xlsx").write_bytes(register("Mật"))
    with pytest.raises(BatchRejected):
        pull("inbox", house)
    assert names(tmp_path, "refused") == ["2026-11-20-so.xlsx.bao-cao.txt"]
    assert "Hoa Sữa".encode() not in everywhere(tmp_path)


def test_a_register_without_secrets_does_not_stay_either_for_its_rows_may_name_people(
    make: Callable[..., House], tmp_path: Path
) -> None:
    house = make("so_van_ban_den", "document", ', constants: {unit: "99001"}')
    (tmp_path / "inbox" / "so.xlsx").write_bytes(register())
    assert pull("inbox", house).new == 1
    assert names(tmp_path, "done") == ["2026-11-20-so.xlsx.bao-cao.txt"]
    assert "có thể nêu tên người" in report(tmp_path)


def test_one_secret_file_in_a_zip_lets_the_zip_go_even_when_another_is_refused(
    make: Callable[..., House], tmp_path: Path
) -> None:
    house = make("so_van_ban_den", "document", ', constants: {unit: "99001"}')
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("so.xlsx", register("Mật"))
        archive.writestr("anh.jpg", b"\xff\xd8\xff")
    (tmp_path / "inbox" / "so.zip").write_bytes(buffer.getvalue())
    with pytest.raises(SourceChanged):
        pull("inbox", house)
    assert names(tmp_path, "refused") == ["2026-11-20-so.zip.bao-cao.txt"]
    assert "Hoa Sữa".encode() not in everywhere(tmp_path)


def test_refused_files_go_after_their_time_and_old_lists_of_people_at_once(
    make: Callable[..., House], tmp_path: Path
) -> None:
    house = make("school_pupils")
    for folder, name in (
        ("refused", "2026-08-01-cu.xlsx"),
        ("refused", "2026-08-01-cu.xlsx.bao-cao.txt"),
        ("refused", "2026-11-01-moi.xlsx"),
        ("refused", "khong phai cua ta.xlsx"),
        ("done", "2026-11-19-hoc-sinh.xlsx"),
        ("done", "2026-11-19-hoc-sinh.xlsx.bao-cao.txt"),
    ):
        (tmp_path / "inbox" / folder).mkdir(exist_ok=True)
        (tmp_path / "inbox" / folder / name).write_text("x", "utf-8")
    assert forget_files(house.settings, date(2026, 8, 22)) == 2
    assert names(tmp_path, "refused") == ["2026-08-01-cu.xlsx.bao-cao.txt", "2026-11-01-moi.xlsx",
                                          "khong phai cua ta.xlsx"]  # fmt: skip
    assert names(tmp_path, "done") == ["2026-11-19-hoc-sinh.xlsx.bao-cao.txt"]


def test_figures_in_done_are_nobodys_business_but_their_own_and_stay(
    make: Callable[..., House], tmp_path: Path
) -> None:
    house = make()
    (tmp_path / "inbox" / "done").mkdir()
    (tmp_path / "inbox" / "done" / "2020-01-01-bieu.csv").write_text("x", "utf-8")
    assert forget_files(house.settings, date(2026, 8, 22)) == 0
