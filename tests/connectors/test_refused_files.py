"""A refused file among good ones stays in the source's line until it comes again, by name and with what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.__main__ import main
from connectors.house import House, open_house
from connectors.pull import pull
from dashboard.desk.pages import source as source_page
from dashboard.desk.visit import visit
from dashboard.open_queries import open_queries
from datasets.errors import SourceChanged
from datasets.standing import Standing, standings
from tests.connectors.one_stop_server import UNITS

CONFIG = """\
centre: {name: "Thử", unit: "T01"}
units: units.csv
sources:
  inbox: {title: {vi: Báo cáo của thôn}, dataset: observation, connector: files, map: observation_form, path: inbox,
          schedule: "*/5 * * * *", contact: Văn phòng, expect: {max_quarantined_share: 0.5}}
"""
ENVIRON = {"IOC_NOW": "2026-11-20T09:00:00+07:00"}
HEADER = "Mã đơn vị,Chỉ tiêu,Kỳ,Giá trị\n"
GOOD = HEADER + "X0001,se_population,202610,12000\n"
BAD = "Mã đơn vị,Chỉ tiêu,Giá trị\nX0001,se_population,12\n"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "inbox").mkdir()
    opened = open_house(tmp_path / "config.yaml", ENVIRON)
    yield opened
    opened.store.close()


def dropped(house: House, **files: str) -> None:
    for name, content in files.items():
        (house.settings.root / "inbox" / f"{name}.csv").write_text(content, "utf-8")


def standing(house: House, days: int = 0) -> Standing:
    (found,) = standings(house.store, house.settings, house.clock() + timedelta(days=days), "vi")
    return found


def test_the_sources_line_names_the_refused_file_though_later_ones_and_later_runs_are_good(house: House) -> None:
    dropped(house, a=BAD, b=GOOD)
    with pytest.raises(SourceChanged):
        pull("inbox", house)
    for _ in range(2):  # the next run finds nothing, and the one after it a good file
        now = standing(house)
        assert (now.verdict, now.verdict_word) == ("partial", "source.verdict.file_refused")
        assert now.notices[0].startswith("Tệp «a.csv» bị từ chối lúc 09:00 20/11/2026: ")
        assert "Kỳ" in now.notices[0], "the reason: this column is missing"
        assert "nhờ Văn phòng xuất lại" in now.todo and "đúng tên cũ" in now.todo
        pull("inbox", house)
        dropped(house, c=GOOD.replace("12000", "12001"))
    assert standing(house, days=15).refused == ()


def test_a_file_of_the_same_name_that_is_taken_settles_it_and_another_does_not(house: House) -> None:
    dropped(house, a=BAD, b=BAD.replace("12", "13"))
    with pytest.raises(SourceChanged):
        pull("inbox", house)
    assert [file.name for file in standing(house).refused] == ["b.csv", "a.csv"]
    assert standing(house).verdict == "refused"
    assert sum("Tệp" in said for said in standing(house).notices) == 2
    dropped(house, a=GOOD)
    pull("inbox", house)
    assert [file.name for file in standing(house).refused] == ["b.csv"]
    dropped(house, b=GOOD.replace("202610", "202609"))
    pull("inbox", house)
    now = standing(house)
    assert (now.refused, now.verdict, now.notices) == ((), "ok_changed", ())
    dropped(house, b=BAD.replace("12", "14"))
    with pytest.raises(SourceChanged):
        pull("inbox", house)
    assert [file.name for file in standing(house).refused] == ["b.csv"], "refused anew"


def test_the_command_and_the_page_say_it_too(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    dropped(house, a=BAD, b="Mã đơn vị,Chỉ tiêu,Kỳ,Giá trị,Cột lạ\nX0001,se_population,202610,12000,x\n")
    with pytest.raises(SourceChanged):
        pull("inbox", house)
    config = str(house.settings.root / "config.yaml")
    for form in ("table", "json"):
        assert main(["status", "--config", config, "--format", form], ENVIRON) == 0
    table, _, told = capsys.readouterr().out.partition("[\n")
    assert "Có tệp bị từ chối" in table and "a.csv" in table and "Sửa tệp bị từ chối" in table
    (line,) = json.loads("[" + told)
    assert (line["verdict"], line["refused_files"]) == (
        "partial",
        [{"file": "a.csv", "at": "2026-11-20T09:00:00+07:00"}],
    )
    queries = open_queries(house.settings.root / "config.yaml", ENVIRON)
    said = str(source_page.live(visit(queries, "/nguon-so-lieu", "?nguon=inbox"), "inbox"))
    queries.store.close()
    assert "Có tệp bị từ chối" in said and "Tệp «a.csv» bị từ chối" in said
    assert "Cột lạ" in said and "Div('b.csv')" in said, "a run that drifted names its file as well"
