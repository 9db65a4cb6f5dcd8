"""Registers of documents as clerks export them, through the whole way: file, map, validation, store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.house import House, open_house
from connectors.pull import pull
from connectors.secrecy import is_secret
from datasets.store import Counts

FIXTURES = Path(__file__).parent / "fixtures"
NOBODYS_BUSINESS = ("Riêng", "Ký Tên", "0912 345 678", "Văn Thư", "01/MAT-CAT", "Công an tỉnh", "hết trang")
UNITS = """code,name,level,parent,kind,valid_from,valid_to,successor,population,households
99,Tỉnh,province,,province,,,,,
99001,Xã Mẫu,commune,99,commune,,,,,
"""
CONFIG = """
centre: {{name: "Thử", unit: "99001", demo: true}}
units: units.csv
store: {{url: "sqlite:///ioc.db"}}
sources:
  register:
    dataset: document
    connector: files
    map: {map}
    path: inbox
    {more}
"""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)


def opened(folder: Path, name: str, more: str = "") -> House:
    (folder / "units.csv").write_text(UNITS, "utf-8")
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(map=name, more=more), "utf-8")
    (folder / "inbox").mkdir()
    shutil.copy(FIXTURES / f"{name}.xlsx", folder / "inbox")
    return open_house(config, {"IOC_NOW": "2026-11-20T09:00:00+07:00"})


def rows(house: House, *columns: str) -> list[tuple[object, ...]]:
    table = house.store.tables["document"]
    with house.store.engine.connect() as connection:
        asked = sa.select(*(table.c[name] for name in columns)).order_by(table.c.direction, table.c.document_key)
        return [tuple(row) for row in connection.execute(asked)]


def everything(house: House) -> str:
    """All values of all tables, and every file the house wrote but the register itself."""
    with house.store.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        said = [str(connection.execute(sa.text(f"SELECT * FROM {table}")).all()) for table in tables]
    written = (path for path in house.settings.root.rglob("*.txt"))
    return "\n".join([*said, *(path.read_text("utf-8", errors="replace") for path in written)])


@pytest.fixture
def incoming(tmp_path: Path) -> Iterator[House]:
    house = opened(tmp_path, "so_van_ban_den", 'constants: {unit: "99001"}')
    yield house
    house.store.close()


def test_the_register_of_incoming_documents_is_read_between_its_titles_and_its_signatures(incoming: House) -> None:
    assert pull("register", incoming) == Counts(read=3, new=3)
    assert rows(incoming, "document_key", "issuer", "number_notation", "status", "due_on", "end_on", "timeliness") == [
        ("2026/1201", "Sở Nội vụ", "415/SNV-CCHC", "done", _day(9), _day(6), "early"),
        ("2026/1202", "UBND tỉnh", "77/KH-UBND", "processing", None, None, None),
        ("2026/1203", "Sở Y tế", "912/SYT-NVY", "accepted", _day(10), None, None),
    ]


def test_the_same_register_again_changes_nothing(incoming: House, tmp_path: Path) -> None:
    pull("register", incoming)
    version = incoming.store.version()
    content = (FIXTURES / "so_van_ban_den.xlsx").read_bytes()
    (tmp_path / "inbox" / "again.xlsx").write_bytes(content)
    assert pull("register", incoming) == Counts()
    assert incoming.store.version() == version


def test_an_outgoing_document_is_done_on_the_day_it_was_issued(tmp_path: Path) -> None:
    house = opened(tmp_path, "so_van_ban_di", 'constants: {unit: "99001"}')
    assert pull("register", house) == Counts(read=2, new=2)
    columns = ("document_key", "direction", "status", "received_on", "end_on", "signed_organisation", "via_interlink")
    assert rows(house, *columns) == [
        ("2026/125/QĐ-UBND", "out", "done", _day(3), _day(3), True, True),
        ("2026/126/BC-UBND", "out", "done", _day(4), _day(4), False, False),
    ]
    assert not any(word in everything(house) for word in NOBODYS_BUSINESS)
    house.store.close()


def test_a_secret_line_of_an_export_is_refused_and_counted_and_nothing_of_it_is_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house = opened(tmp_path, "ioffice_export")
    caplog.set_level("DEBUG")
    assert pull("register", house) == Counts(read=3, new=3)
    with house.store.engine.connect() as connection:
        note = connection.execute(sa.select(sa.text("note")).select_from(sa.text("pull"))).scalar_one()
    assert note.startswith("ioffice_export.xlsx: Đã từ chối 1 văn bản mật")
    assert house.store.quarantine.count("register") == 0
    assert not any(word in everything(house) + caplog.text for word in NOBODYS_BUSINESS)
    house.store.close()


def test_the_export_of_a_document_system_says_urgency_state_handler_and_signature(tmp_path: Path) -> None:
    house = opened(tmp_path, "ioffice_export")
    pull("register", house)
    columns = ("document_key", "urgency", "status", "handler", "due_on", "signed_organisation", "signed_person")
    assert rows(house, *columns) == [
        ("2026/1201", "urgent", "done", "CB01-02", _day(9), True, True),
        ("2026/1202", "express", "assigned", None, None, True, False),
        ("2026/301", "normal", "done", None, None, True, True),
    ]
    house.store.close()


def test_no_personal_value_of_a_register_gets_in(incoming: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    pull("register", incoming)
    assert not any(word in everything(incoming) + caplog.text for word in NOBODYS_BUSINESS)


def test_a_mark_of_secrecy_refuses_whatever_it_says_but_not_secret() -> None:
    for said in ("Mật", "TỐI MẬT", "Tuyệt  mật", "1", 2, True, "x", "không rõ"):
        assert is_secret({"Độ mật": said}), said
    for said in ("", None, "Thường", "không", "Không mật", "0", 0, False, "  "):
        assert not is_secret({"Mức độ mật": said}), said
    assert not is_secret({"Độ khẩn": "Khẩn", "Bảo mật thông tin cho": "x"})


def _day(number: int) -> object:
    return date(2026, 11, number)
