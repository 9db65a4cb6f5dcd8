"""Pulling a folder: one delivery per file, a bad file beside good ones, nothing at all."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import xlsxwriter

from connectors.files import FilesConnector
from connectors.house import House, open_house
from connectors.pull import Caller, pull
from connectors.replay import replay
from datasets.errors import SourceChanged
from datasets.store import Counts, Verdict
from tests.connectors.one_stop_server import UNITS

CONFIG = """\
centre: {name: "Thử", unit: "T01"}
units: units.csv
sources:
  inbox:
    dataset: observation
    connector: files
    map: observation_form
    path: inbox
    schedule: "*/5 * * * *"
    expect: {max_quarantined_share: 0.5}
"""
HEADER = "Mã đơn vị,Chỉ tiêu,Kỳ,Giá trị\n"


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "inbox").mkdir()
    environ = {"IOC_STORE_URL": sqlite_url, "IOC_NOW": "2026-11-20T09:00:00+07:00"}
    opened = open_house(str(tmp_path / "config.yaml"), environ)
    yield opened
    opened.store.close()


def values(house: House) -> list[tuple[str, str, float]]:
    with house.store.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT unit, period, value FROM observation ORDER BY unit, period"))
        return [tuple(row) for row in found]


def test_each_file_is_a_delivery_of_its_own_and_a_bad_one_does_not_take_the_others_down(house: House, tmp_path: Path):
    inbox = tmp_path / "inbox"
    (inbox / "1.csv").write_text(HEADER + "X0001,se_population,202610,12000\n", "utf-8")
    (inbox / "2.csv").write_text("Mã đơn vị,Chỉ tiêu,Giá trị\nX0001,se_population,12\n", "utf-8")
    (inbox / "3.csv").write_text(HEADER + "X0002,se_population,202610,9000\nX9999,se_population,202610,1\n", "utf-8")
    with pytest.raises(SourceChanged):
        pull("inbox", house)
    assert values(house) == [("X0001", "202610", 12000.0), ("X0002", "202610", 9000.0)]
    runs = house.store.ledger.runs("inbox")
    assert [run.verdict for run in runs] == [Verdict.PARTIAL, Verdict.REFUSED, Verdict.OK_CHANGED]  # the latest first
    assert [path.name for path in inbox.glob("*.csv")] == []
    assert [path.name for path in (inbox / "refused").glob("*.csv")] == ["2026-11-20-2.csv"]


def test_an_empty_folder_does_not_confirm_what_is_known(house: House, tmp_path: Path):
    (tmp_path / "inbox" / "1.csv").write_text(HEADER + "X0001,se_population,202610,12000\n", "utf-8")
    assert pull("inbox", house) == Counts(read=1, new=1)
    known = house.store.ledger.status("inbox").as_of
    later = replace(house, clock=lambda: datetime.fromisoformat("2026-11-20T09:00:00+07:00") + timedelta(days=3))
    assert pull("inbox", later) == Counts()
    status = house.store.ledger.status("inbox")
    assert (status.verdict, status.as_of) == (Verdict.EMPTY_EXPECTED, known)


def test_a_replayed_line_of_a_sheet_keeps_its_typed_cells(house: House, tmp_path: Path):
    """A date cell quarantined for its unit comes back as the date it was."""
    book = xlsxwriter.Workbook(str(tmp_path / "inbox" / "form.xlsx"))
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet.write_row(0, 0, ["Mã đơn vị", "Chỉ tiêu", "Kỳ", "Giá trị", "Ngày nhập"])
    for line, unit in ((1, "X0001"), (2, "X0003")):
        sheet.write_row(line, 0, [unit, "se_population", "202610", 5000])
        sheet.write_datetime(line, 4, datetime(2026, 11, 12), day)
    book.close()
    assert pull("inbox", house) == Counts(read=2, new=1, quarantined=1)
    with (tmp_path / "units.csv").open("a", encoding="utf-8") as units:
        units.write("X0003,Xã Ba,commune,T01,commune,,,,5000,1200\n")
    mended = open_house(str(tmp_path / "config.yaml"), {**house.environ})
    assert replay("inbox", mended, Caller()) == Counts(read=1, new=1)
    mended.store.close()
    with house.store.engine.connect() as connection:
        stamps = set(connection.scalars(sa.text("SELECT updated_at FROM observation")))
    assert len(stamps) == 1  # both lines say the same day


def test_one_wait_serves_the_whole_folder(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two looks a second apart tell that a file is whole; nine files do not take nine seconds."""
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        time.sleep(seconds)

    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.1)
    monkeypatch.setattr(FilesConnector.__init__, "__kwdefaults__", {"sleep": sleep})
    for month in range(1, 10):
        (tmp_path / "inbox" / f"{month}.csv").write_text(HEADER + f"X0001,se_population,20260{month},12000\n", "utf-8")
    (tmp_path / "inbox" / "dang chep.csv").touch()  # empty: its copying may have just begun
    assert pull("inbox", house).new == 9
    assert waits == [0.1]
    assert [path.name for path in (tmp_path / "inbox").glob("*.csv")] == ["dang chep.csv"]
    (tmp_path / "inbox" / "10.csv").write_text(HEADER + "X0001,se_population,202610,12000\n", "utf-8")
    assert pull("inbox", house).new == 1, "the empty one that waits hides no other"
    assert len(waits) == 2
