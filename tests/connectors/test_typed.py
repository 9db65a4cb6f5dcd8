"""Forms handed in on a page: looked at first, taken once, signed, and never half."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import xlsxwriter

from connectors.field_map import FieldMap
from connectors.house import House, open_house
from connectors.jobs import work_off
from datasets import uploads
from datasets.entry_form import write_form
from datasets.errors import UsageError
from datasets.forms import TYPED, forms
from datasets.indicators.catalogue import load_catalogue
from datasets.store import Verdict
from datasets.store.jobs import Job, Kind, State
from tests.connectors.one_stop_server import UNITS

CONFIG = """\
centre: {name: "Thử", unit: "T01"}
units: units.csv
sources: {}
"""
HEADER = "Mã đơn vị,Mã chỉ tiêu,Kỳ,Phân tổ,Giá trị,Người nhập,Ngày nhập\n"
LAN = "Nguyễn Thị Lan"


@pytest.fixture
def house(tmp_path: Path, store_url: str) -> Iterator[House]:
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    environ = {"IOC_STORE_URL": store_url, "IOC_NOW": "2026-11-20T09:00:00+07:00"}
    opened = open_house(str(tmp_path / "config.yaml"), environ)
    yield opened
    opened.store.close()


def hand_in(house: House, content: bytes | str, name: str = "so-lieu.csv", by: str = LAN) -> Job:
    """Hand a file in for a preview, as the page does, and give the answered request."""
    content = content.encode() if isinstance(content, str) else content
    stored = uploads.keep(house.settings.root, name, content)
    payload = {"dataset": "observation", "stored": stored, "name": name}
    asked = house.store.jobs.ask(Kind.PREVIEW, TYPED, payload, asked_by=by, digest=uploads.digest_of(content))
    return answered(house, asked)


def take(house: House, preview: Job) -> Job:
    asked = house.store.jobs.ask(Kind.ACCEPT, TYPED, preview.payload, asked_by=preview.asked_by, digest=preview.digest)
    return answered(house, asked)


def answered(house: House, asked: int) -> Job:
    assert work_off(house) == 1
    job = house.store.jobs.get(asked)
    assert job is not None
    return job


def figures(house: House) -> list[tuple[object, ...]]:
    table = house.store.tables["observation"]
    asked = sa.select(table.c.unit, table.c.element, table.c.period, table.c.value, table.c.source, table.c.entered_by)
    with house.store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(asked.order_by(table.c.unit, table.c.period))]


def counted(job: Job) -> dict[str, int]:
    assert job.state is State.DONE, job.result
    return {name: count for name, count in job.result["counts"].items() if count}


def test_a_preview_says_what_will_be_new_changed_and_refused_and_writes_nothing(house: House) -> None:
    take(house, hand_in(house, HEADER + "X0001,se_population,202609,,12000,,\n"))
    before = figures(house)
    preview = hand_in(
        house,
        HEADER + "X0001,se_population,202609,,12100,,\nX0001,se_population,202610,,12200,,\n"
        "X0009,se_population,202610,,5,,\n",
        "thang-10.csv",
    )
    assert counted(preview) == {"read": 3, "new": 1, "changed": 1, "quarantined": 1}
    changed, new = preview.result["rows"]
    assert (changed["was"]["value"], changed["row"]["value"]) == (12000, 12100)
    assert (new["was"], new["row"]["period"], new["row"]["value"]) == (None, "202610", 12200)
    (bad,) = preview.result["bad"]
    assert bad["at"] == "tệp thang-10.csv dòng 4"
    assert bad["problems"] == [{"field": "unit", "code": "unknown_unit", "value": "X0009"}]
    assert preview.result["refused"] is None
    assert figures(house) == before
    assert house.store.quarantine.count(TYPED) == 0
    assert len(house.store.ledger.runs(TYPED)) == 1


def test_what_is_taken_is_what_the_preview_said_with_who_and_when(house: House) -> None:
    preview = hand_in(
        house, HEADER + "X0001,se_population,202610,,12200,,\nX0002,se_population,202610,,800,Trần Văn Bình,\n"
    )
    taken = take(house, preview)
    assert counted(taken) == counted(preview) == {"read": 2, "new": 2}
    assert figures(house) == [
        ("X0001", "se_population", "202610", 12200, TYPED, LAN),
        ("X0002", "se_population", "202610", 800, TYPED, "Trần Văn Bình"),
    ]
    (line,) = house.store.ledger.runs(TYPED)
    assert (line.verdict, line.new, line.dataset) == (Verdict.OK_CHANGED, 2, "observation")
    assert line.note is not None and LAN in line.note and "so-lieu.csv" in line.note
    with house.store.engine.connect() as connection:
        moments = set(connection.scalars(sa.select(house.store.tables["observation"].c.updated_at)))
    assert moments == {house.clock()}
    assert list((house.settings.root / uploads.FOLDER).iterdir()) == []


def test_the_same_file_twice_changes_nothing_and_says_when_it_was_taken(house: House) -> None:
    content = HEADER + "X0001,se_population,202610,,12200,,\n"
    take(house, hand_in(house, content, "lan-1.csv"))
    version = house.store.version()
    again = hand_in(house, content, "lan-2.csv", by="Người Khác")
    before = again.result["repeated"]
    assert (before["by"], before["name"]) == (LAN, "lan-1.csv")
    assert datetime.fromisoformat(before["at"]) == house.clock()
    assert take(house, again).result["repeated"]["name"] == "lan-1.csv"
    assert house.store.version() == version
    assert figures(house) == [("X0001", "se_population", "202610", 12200, TYPED, LAN)]


def test_the_same_figures_in_another_file_are_unchanged_and_keep_their_signature(house: House) -> None:
    take(house, hand_in(house, HEADER + "X0001,se_population,202610,,12200,,\n"))
    version = house.store.version()
    preview = hand_in(house, HEADER + "X0001,se_population,202610,,12200.0,,\n", by="Trần Văn Bình")
    assert counted(preview) == {"read": 1, "unchanged": 1}
    assert counted(take(house, preview)) == {"read": 1, "unchanged": 1}
    assert house.store.version() == version
    assert figures(house) == [("X0001", "se_population", "202610", 12200, TYPED, LAN)]


def test_a_corrected_figure_carries_the_name_of_who_corrected_it_and_the_old_value_is_kept(house: House) -> None:
    take(house, hand_in(house, HEADER + "X0001,se_population,202610,,12200,,\n"))
    take(house, hand_in(house, HEADER + "X0001,se_population,202610,,12300,,\n", by="Trần Văn Bình"))
    assert figures(house) == [("X0001", "se_population", "202610", 12300, TYPED, "Trần Văn Bình")]
    with house.store.engine.connect() as connection:
        log = connection.execute(sa.text("SELECT field, old_value, new_value FROM change_log")).all()
    assert [(name, float(old), float(new)) for name, old, new in log] == [("value", 12200, 12300)]


def test_rows_that_are_refused_wait_in_quarantine_until_the_corrected_file_comes(house: House) -> None:
    good = "X0001,se_population,202610,,12200,,\nX0001,se_population,202609,,12100,,\n"
    taken = take(house, hand_in(house, HEADER + good + "X0002,se_population,tháng,,800,,\n"))
    assert counted(taken) == {"read": 3, "new": 2, "quarantined": 1}
    assert house.store.quarantine.count(TYPED) == 1
    take(house, hand_in(house, HEADER + "X0002,se_population,202610,,800,,\n"))
    assert len(figures(house)) == 3


def test_a_file_of_mostly_bad_rows_is_announced_as_refused_and_writes_no_figure(house: House) -> None:
    preview = hand_in(
        house,
        HEADER + "X0001,se_population,202610,,12200,,\nX8,se_population,202610,,1,,\nX9,se_population,202610,,1,,\n",
    )
    assert preview.result["refused"]["error_key"] == "error.too_many_quarantined"
    refused = take(house, preview)
    assert (refused.state, refused.result["error_key"]) == (State.FAILED, "error.too_many_quarantined")
    assert figures(house) == []


@pytest.mark.parametrize(
    ("content", "name", "key"),
    [
        (b"<html><table></table></html>", "a.csv", "files.web_page"),
        (b"PK\x03\x04nothing", "a.xlsx", "files.bad_workbook"),
        (HEADER.encode(), "a.csv", "files.no_rows"),
        ("Họ tên,Ngày sinh\nA,B\n".encode(), "a.csv", "files.unknown_encoding"),
    ],
)
def test_what_is_no_form_is_refused_with_its_reason(house: House, content: bytes, name: str, key: str) -> None:
    job = hand_in(house, content, name)
    assert (job.state, job.result["error_key"]) == (State.FAILED, key)


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("a.exe", b"x", "jobs.not_a_sheet"),
        ("a", b"x", "jobs.not_a_sheet"),
        ("a.csv", b"", "files.empty"),
        ("a.csv", b"x" * (uploads.MOST_BYTES + 1), "files.too_large"),
    ],
)
def test_what_is_no_sheet_or_too_large_is_not_even_kept(tmp_path: Path, name: str, content: bytes, key: str) -> None:
    with pytest.raises(UsageError) as refused:
        uploads.keep(tmp_path, name, content)
    assert refused.value.key == key
    assert list(tmp_path.iterdir()) == []


def test_a_files_name_never_becomes_a_path(tmp_path: Path) -> None:
    stored = uploads.keep(tmp_path, "../../etc/passwd.csv", b"x")
    assert uploads.path_of(tmp_path, stored).parent == tmp_path / uploads.FOLDER
    assert uploads.shown_name("C:\\Users\\lan\\số liệu\u202e.csv") == "số liệu.csv"
    for foreign in ("../config.yaml", "a.csv", stored + "/x", ""):
        with pytest.raises(UsageError):
            uploads.path_of(tmp_path, foreign)


def test_a_file_that_nobody_took_is_swept_away_after_a_day_and_then_says_so(house: House) -> None:
    preview = hand_in(house, HEADER + "X0001,se_population,202610,,12200,,\n")
    path = uploads.path_of(house.settings.root, preview.payload["stored"])
    assert uploads.sweep(house.settings.root, house.clock() - timedelta(days=3650)) == 0
    assert path.exists()
    assert uploads.sweep(house.settings.root, house.clock() + timedelta(days=3650)) == 1
    gone = take(house, preview)
    assert gone.result["error_key"] == "jobs.file_gone"


def filled(rows: Sequence[Sequence[object]]) -> bytes:
    """The observation form as Excel saves it; its owner lets a formula say the unit's name beside it."""
    form, target = forms()["observation"], io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet("Nhập liệu")
    sheet.write_string(0, 0, "Dòng xám ngay dưới là ví dụ")
    sheet.write_row(1, 0, ["X0001", "se_population", "202610", "", 1250])
    sheet.write_row(2, 0, [*(column.header for column in form.columns), "Tên đơn vị"])
    for number, row in enumerate(rows):
        sheet.write_row(3 + number, 0, row)
        sheet.write_formula(3 + number, len(form.columns), "=1", None, "Xã Một")
    book.close()
    return target.getvalue()


def test_a_form_filled_in_excel_is_read_and_a_column_for_the_eye_is_passed_over(house: House) -> None:
    preview = hand_in(house, filled([["X0001", "se_population", "202610", None, 12200]]), "bieu.xlsx")
    assert counted(preview) == {"read": 1, "new": 1}
    assert preview.result["unknown"] == []
    assert preview.result["rows"][0]["row"]["value"] == 12200


@pytest.mark.parametrize("dataset", forms())
def test_every_header_and_word_of_a_form_is_read_by_its_map_as_what_it_means(house: House, dataset: str) -> None:
    form = forms()[dataset]
    file = FieldMap.find(form.map, house.settings.root).file
    specs = {spec.field.name: spec for spec in file.fields}
    for column in form.columns:
        spec = specs[column.field.name]
        assert column.header in spec.sources
        assert {word: (spec.codes or {}).get(word) for word in column.words or {}} == (column.words or {})
    needed = {name for name, spec in specs.items() if spec.field.required}
    assert needed <= {column.field.name for column in form.columns}


@pytest.mark.parametrize("dataset", forms())
def test_an_empty_form_handed_in_as_it_is_has_no_rows_and_changes_nothing(house: House, dataset: str) -> None:
    target = io.BytesIO()
    write_form(target, dataset, house.settings, house.units, load_catalogue(), house.clock().date())
    stored = uploads.keep(house.settings.root, "bieu.xlsx", target.getvalue())
    asked = house.store.jobs.ask(Kind.PREVIEW, TYPED, {"dataset": dataset, "stored": stored, "name": "bieu.xlsx"})
    assert answered(house, asked).result["error_key"] == "files.no_rows"


def test_a_cumulative_figure_that_falls_is_announced_as_refused_and_passes_with_a_note(house: House) -> None:
    element = sorted(load_catalogue().cumulative)[0]
    take(house, hand_in(house, HEADER + f"X0001,{element},202609,,90,,\n"))
    head = "Mã đơn vị,Mã chỉ tiêu,Kỳ,Phân tổ,Giá trị,Lý do điều chỉnh\n"
    fell = hand_in(house, head + f"X0001,{element},202610,,80,\nX0002,se_population,202610,,1,\n")
    assert counted(fell) == {"read": 2, "new": 1, "quarantined": 1}
    assert fell.result["bad"][0]["problems"][0]["code"] == "cumulative_fell"
    noted = hand_in(house, head + f"X0001,{element},202610,,80,đếm trùng tháng trước\n")
    assert counted(noted) == {"read": 1, "new": 1}


def test_a_request_for_a_file_that_another_process_has_taken_meanwhile_is_not_taken_twice(house: House) -> None:
    preview = hand_in(house, HEADER + "X0001,se_population,202610,,12200,,\n")
    first = take(house, preview)
    second = take(house, replace(preview, asked_by="Người Khác"))
    assert first.result["counts"]["new"] == 1
    assert second.result["repeated"]["by"] == LAN
