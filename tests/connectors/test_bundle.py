"""A zip of files handed in as one: every good file counts, a bad one is named, a false zip is refused."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.bundle import MOST_MEMBERS, written_name
from connectors.house import House, open_house
from connectors.pull import pull
from datasets.errors import SourceChanged, StoreError
from datasets.store import Counts, Verdict
from tests.connectors.one_stop_server import UNITS
from tests.connectors.sheet_files import ods, xls
from tests.connectors.test_files import sheet_of

CONFIG = """\
centre: {name: "Thử", unit: "T01"}
units: units.csv
sources:
  inbox: {dataset: observation, connector: files, map: observation_form, path: inbox, pattern: "%s",
          max_bytes: 2000000, expect: {max_quarantined_share: 0.5}}
"""
HEADER = ["Mã đơn vị", "Chỉ tiêu", "Kỳ", "Phân tổ", "Giá trị", "Người nhập"]


def csv_of(*rows: tuple[str, str, float]) -> bytes:
    """Population of some units and months."""
    lines = [",".join(HEADER), *(f"{unit},se_population,{month},,{value:g}," for unit, month, value in rows)]
    return "\r\n".join(lines).encode()


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def named(raw: bytes, content: bytes, *, flag: int = 0, extra: bytes = b"", encrypted: bool = False) -> bytes:
    """A zip of one stored file, its name as these very bytes: what other archivers write."""
    bits, check = flag | encrypted, zlib.crc32(content)
    sizes = (len(content), len(content))
    local = struct.pack("<4s5H3L2H", b"PK\3\4", 20, bits, 0, 0, 33, check, *sizes, len(raw), len(extra))
    central = struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 20, 20, bits, 0, 0, 33, check, *sizes, len(raw), len(extra), 0, 0, 0, 0, 0
    )
    body, index = local + raw + extra + content, central + raw + extra
    return body + index + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(index), len(body), 0)


def opened(root: Path, store_url: str, pattern: str = "*") -> House:
    (root / "units.csv").write_text(UNITS, "utf-8")
    (root / "config.yaml").write_text(CONFIG % pattern, "utf-8")
    (root / "inbox").mkdir()
    return open_house(str(root / "config.yaml"), {"IOC_STORE_URL": store_url, "IOC_NOW": "2026-11-20T09:00:00+07:00"})


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    house = opened(tmp_path, sqlite_url)
    yield house
    house.store.close()


def values(house: House) -> dict[tuple[str, str], float]:
    table = house.store.tables["observation"]
    with house.store.engine.connect() as connection:
        return {row[:2]: row[2] for row in connection.execute(sa.select(table.c.unit, table.c.period, table.c.value))}


def lying_in(root: Path, folder: str) -> list[str]:
    path = root / "inbox" / folder
    return sorted(item.name for item in path.iterdir() if item.is_file()) if path.is_dir() else []


def report(root: Path, folder: str) -> str:
    (path,) = (root / "inbox" / folder).glob("*.bao-cao.txt")
    return path.read_text("utf-8-sig")


GOOD = {
    "tháng 8/a.csv": csv_of(("X0001", "202608", 11_000)),
    "b.xlsx": sheet_of([["X0001", "se_population", "202609", "", 12_000, ""]]),
    "c.xls": xls([HEADER, ["X0002", "se_population", "202608", "", 9_000, ""]]),
    "d.ods": ods([HEADER, ["X0002", "se_population", "202609", "", 9_100, ""]]),
}
BROUGHT = {("X0001", "202608"): 11_000, ("X0001", "202609"): 12_000, ("X0002", "202608"): 9_000,
           ("X0002", "202609"): 9_100}  # fmt: skip


def test_json_lines_in_a_zip_are_read_line_by_line_and_a_cut_one_takes_no_good_one_down(
    house: House, tmp_path: Path
) -> None:
    line = '{"unit": "X0001", "element": "se_population", "period": "%s", "value": %d}\n'
    content = packed(
        {
            "2026/a.jsonl": ("\ufeff" + line % ("202608", 11_000) + "[1]\n" + line % ("202609", 12_000)).encode(),
            "b.ndjson": (line % ("202601", 1)).encode() + b'{"unit": "X0001", "ele',
            "c.csv": csv_of(("X0002", "202608", 9_000)),
        }
    )
    (tmp_path / "inbox" / "goi.zip").write_bytes(content)
    with pytest.raises(SourceChanged) as cut:
        pull("inbox", house)
    assert cut.value.key == "files.cut_line"
    assert values(house) == {("X0001", "202608"): 11_000, ("X0001", "202609"): 12_000, ("X0002", "202608"): 9_000}
    lines = {line.note: (line.read, line.new, line.quarantined) for line in house.store.ledger.runs("inbox")}
    assert lines == {"goi.zip/2026/a.jsonl": (3, 2, 1), "goi.zip/b.ndjson": (0, 0, 0), "goi.zip/c.csv": (1, 1, 0)}
    assert "b.ndjson" in report(tmp_path, "refused")
    with zipfile.ZipFile(tmp_path / "inbox" / "moi.zip", "w") as mended:
        mended.writestr("b.ndjson", line % ("202601", 10_000))
    assert pull("inbox", house) == Counts(read=1, new=1)


def test_each_file_of_a_zip_is_read_like_a_file_and_the_zip_is_taken_once(house: House, tmp_path: Path) -> None:
    system = {"__MACOSX/._a.csv": b"x", "Thumbs.db": b"x", "tháng 8/.DS_Store": b"x", "trống/": b""}
    content = packed({**GOOD, **system})
    (tmp_path / "inbox" / "goi.zip").write_bytes(content)
    assert pull("inbox", house) == Counts(read=4, new=4)
    assert values(house) == BROUGHT
    assert lying_in(tmp_path, "") == []
    assert lying_in(tmp_path, "done") == [".taken", "2026-11-20-goi.zip.bao-cao.txt"]
    said = report(tmp_path, "done")
    assert "Tệp không được giữ lại vì còn trang tính, hình ảnh" in said  # nobody looks into an .xls for them
    assert said.startswith("TỆP ZIP: NHẬN 4 TỆP, TỪ CHỐI 0 TỆP")
    assert "Đã bỏ qua 3 tệp của hệ điều hành." in said
    version = house.store.version()
    (tmp_path / "inbox" / "goi lan hai.zip").write_bytes(content)
    assert pull("inbox", house) == Counts()
    assert (values(house), house.store.version(), lying_in(tmp_path, "")) == (BROUGHT, version, [])


def test_a_bad_file_in_a_zip_is_named_and_takes_no_good_one_down(house: House, tmp_path: Path) -> None:
    members = {
        "1 tot.csv": csv_of(("X0001", "202610", 12_345)),
        "2 thieu cot.csv": b"Ma don vi,Chi tieu\r\nX0001,se_population\r\n",
        "3 anh.jpg": b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4,
        "4 long nhau.zip": packed({"x.csv": csv_of(("X0001", "202609", 1))}),
        "5 sai nhieu.csv": csv_of(("X9998", "202610", 1), ("X9999", "202610", 2)),
        "6 to.csv": "\r\n".join(str(number * 7919 % 100_003) for number in range(330_000)).encode(),
        "7 rong.csv": b"",
        "8 tot.csv": csv_of(("X0002", "202610", 9_876), ("X9997", "202610", 3)),
    }
    (tmp_path / "inbox" / "goi.zip").write_bytes(packed(members))
    with pytest.raises(SourceChanged):
        pull("inbox", house)
    assert values(house) == {("X0001", "202610"): 12_345, ("X0002", "202610"): 9_876}
    runs = house.store.ledger.runs("inbox")
    assert [run.verdict for run in reversed(runs)] == [
        Verdict.OK_CHANGED, *[Verdict.REFUSED] * 6, Verdict.PARTIAL
    ]  # fmt: skip
    assert [str(run.note).partition(":")[0] for run in reversed(runs)] == [f"goi.zip/{name}" for name in members]
    (aside,) = [line for line in house.store.quarantine.list("inbox") if "X9997" in line.record_key]
    assert aside.row_id == "tệp goi.zip/8 tot.csv dòng 3"
    assert lying_in(tmp_path, "") == []
    said = report(tmp_path, "refused")
    assert said.startswith("TỆP ZIP: NHẬN 2 TỆP, TỪ CHỐI 6 TỆP")
    for name in members:
        assert f"Tệp: goi.zip/{name}\n" in said
    assert "là tệp nén nằm trong tệp zip" in said
    assert "lớn hơn 2 MB" in said
    assert "goi.zip/8 tot.csv dòng 3: cột «Mã đơn vị»" in said

    mended = {**members, "2 thieu cot.csv": csv_of(("X0001", "202609", 12_000))}
    for name in [name for name in mended if name[0] in "34567"]:
        del mended[name]
    (tmp_path / "inbox" / "goi.zip").write_bytes(packed(mended))
    assert pull("inbox", house) == Counts(read=1, new=1)
    assert len(values(house)) == 3
    assert report(tmp_path, "done").startswith("TỆP ZIP: NHẬN 1 TỆP, TỪ CHỐI 0 TỆP, 2 TỆP ĐÃ NHẬN TRƯỚC ĐÂY")
    assert "2026-11-20-goi.zip" in lying_in(tmp_path, "done")  # plain figures, so it may lie there


def linked() -> bytes:
    entry = zipfile.ZipInfo("ra ngoai.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    return buffer.getvalue()


ONE = csv_of(("X0001", "202610", 1))
FALSE = {
    "up": (packed({"../../a.csv": ONE}), "files.zip.unsafe"),
    "up the Windows way": (packed({"..\\..\\a.csv": ONE}), "files.zip.unsafe"),
    "absolute": (packed({"/etc/a.csv": ONE}), "files.zip.unsafe"),
    "a drive": (packed({"C:\\a.csv": ONE}), "files.zip.unsafe"),
    "up, in the other name": (
        named(b"a.csv", ONE, extra=struct.pack("<HHBL", 0x7075, 5 + 8, 1, 0) + b"../a.csv"),
        "files.zip.unsafe",
    ),
    "cut": (packed({"a.csv": ONE})[:-30], "files.zip.unsafe"),
    "no zip at all": (b"xin chao", "files.zip.unsafe"),
    "a link": (linked(), "files.link"),
    "a password": (named(b"a.csv", ONE, encrypted=True), "files.password"),
    "a bomb": (packed({"a.csv": ONE + b"0" * 30_000_000}), "files.bomb"),
    "too many": (packed({f"{number}.csv": b"" for number in range(MOST_MEMBERS + 1)}), "files.zip.too_many"),
    "far too many": (packed({f"{number}.csv": b"" for number in range(2001)}), "files.bomb"),
    "nothing": (packed({"thu muc/": b"", "Thumbs.db": b"x"}), "files.zip.empty"),
    "larger than allowed": (packed({"a.csv": bytes(2_000_001)}, zipfile.ZIP_STORED), "files.too_large"),
}


@pytest.mark.parametrize("kind", FALSE)
def test_a_harmful_or_false_zip_is_refused_as_a_whole_before_it_is_unpacked(
    house: House, tmp_path: Path, kind: str
) -> None:
    content, key = FALSE[kind]
    (tmp_path / "inbox" / "goi.zip").write_bytes(content)
    with pytest.raises(SourceChanged) as caught:
        pull("inbox", house)
    assert caught.value.key == key
    assert values(house) == {}
    assert lying_in(tmp_path, "") == []
    assert report(tmp_path, "refused").startswith("TỆP BỊ TỪ CHỐI, CHƯA GHI GÌ")
    assert not (tmp_path / "a.csv").exists()


def test_a_part_that_is_damaged_is_refused_alone(house: House, tmp_path: Path) -> None:
    content = packed({"a.csv": ONE, "b.csv": csv_of(("X0002", "202610", 2))}, zipfile.ZIP_STORED)
    (tmp_path / "inbox" / "goi.zip").write_bytes(content.replace(b"202610,,1", b"202610,,7"))  # its sum is wrong now
    with pytest.raises(SourceChanged) as caught:
        pull("inbox", house)
    assert caught.value.key == "files.zip.damaged_member"
    assert values(house) == {("X0002", "202610"): 2}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (named("biểu tháng.csv".encode(), ONE, flag=0x800), "biểu tháng.csv"),
        (named("biểu tháng.csv".encode(), ONE), "biểu tháng.csv"),
        (named("bi\u0065\u0302\u0309u.csv".encode(), ONE), "biểu.csv"),
        (named("résumé.csv".encode("cp437"), ONE), "résumé.csv"),
        (
            named(b"bi_u.csv", ONE, extra=struct.pack("<HHBL", 0x7075, 5 + 10, 1, 0) + "biểu.csv".encode()),
            "biểu.csv",
        ),
        (named(b"thang 10\\bieu.csv", ONE), "thang 10/bieu.csv"),
    ],
)
def test_names_in_any_encoding_are_said_as_they_were_meant(
    house: House, tmp_path: Path, content: bytes, name: str
) -> None:
    (tmp_path / "inbox" / "goi.zip").write_bytes(content)
    assert pull("inbox", house).new == 1
    assert house.store.ledger.runs("inbox")[0].note == f"goi.zip/{name}"


def test_a_name_that_says_it_is_utf_8_is_not_read_twice() -> None:
    entry = zipfile.ZipInfo("Ã©.csv")
    entry.flag_bits = 0x800
    assert written_name(entry) == "Ã©.csv"


def test_a_workbook_called_zip_is_a_workbook(house: House, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "bieu.zip").write_bytes(GOOD["b.xlsx"])
    assert pull("inbox", house).new == 1
    assert house.store.ledger.runs("inbox")[0].note == "bieu.zip"


def test_a_zip_is_wanted_when_it_is_called_as_a_wanted_file_is(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    house = opened(tmp_path, sqlite_url, "ngan-sach*.xlsx")
    for name in ("ngan-sach thang 10.zip", "kinh-te.zip"):
        (tmp_path / "inbox" / name).write_bytes(packed({"b.csv": csv_of(("X0001", "202610", 5))}))
    assert pull("inbox", house).new == 1
    assert lying_in(tmp_path, "") == ["kinh-te.zip"]
    house.store.close()


def test_a_fault_of_the_house_in_mid_zip_leaves_it_and_the_next_pull_brings_the_rest(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inbox" / "goi.zip").write_bytes(packed(GOOD))
    commit, done = house.store.delivery, []

    def failing(*arguments: object) -> object:
        done.append(1)
        if len(done) == 3:
            raise StoreError("error.disk_full")
        return commit(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(type(house.store), "delivery", lambda store, *rest: failing(*rest))
    with pytest.raises(StoreError):
        pull("inbox", house)
    assert (len(values(house)), lying_in(tmp_path, "")) == (2, ["goi.zip"])
    assert pull("inbox", house) == Counts(read=2, new=2)
    assert values(house) == BROUGHT
    assert report(tmp_path, "done").startswith("TỆP ZIP: NHẬN 4 TỆP")


def test_a_process_that_died_in_mid_zip_is_caught_up_without_counting_twice(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "inbox" / "goi.zip").write_bytes(packed(GOOD))
    with monkeypatch.context() as patched:
        patched.setattr("connectors.pull.MOST_DELIVERIES", 2)
        assert pull("inbox", house).new == 2
    monkeypatch.setattr("connectors.files._BUNDLES", {})  # another process
    assert pull("inbox", house) == Counts(read=2, new=2)
    assert values(house) == BROUGHT
    assert "NHẬN 2 TỆP, TỪ CHỐI 0 TỆP, 2 TỆP ĐÃ NHẬN TRƯỚC ĐÂY" in report(tmp_path, "done")
