"""Among peers: places and limits counted by hand; a small commune is neither ranked nor shamed."""

import io
from datetime import datetime

import pytest
from invented_commune import CONFIG, ZONE, deliver, dossier
from pptx import Presentation

from dashboard.briefing.compose import compose
from dashboard.briefing.writers import WRITERS
from dashboard.open_queries import open_queries
from datasets.schema.dataset import Context

RESULTS = {"98001": (40, 40), "98002": (38, 40), "98003": (20, 40), "98004": (38, 40), "98005": (1, 3)}
"""Commune -> on time, of how many resolved in week 47."""
HEAD = "code,name,level,parent,kind,valid_from,valid_to,successor,population,households"
UNITS = [HEAD, "98,Tỉnh Bình Minh,province,,demo_province,,,,,"] + [
    f"{code},Xã Số {code[-1]} (demo),commune,98,demo_commune,,,,8000,2000" for code in RESULTS
]


@pytest.fixture(scope="module")
def queries(tmp_path_factory):
    folder = tmp_path_factory.mktemp("peers")
    (folder / "units.csv").write_text("\n".join(UNITS) + "\n", "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    opened = open_queries(folder / "config.yaml", {"IOC_NOW": "2026-11-23T06:30:00+07:00"})
    rows = []
    for unit, (good, whole) in RESULTS.items():
        for number in range(whole):
            line = f"{unit}-{number}|Hộ tịch||online|16|18|{17 if number < good else 19}"
            rows.append(dossier(line) | {"unit": unit})
    context = Context(now=datetime(2026, 11, 23, 6, tzinfo=ZONE), time_zone=ZONE, calendar=opened.calendar)
    deliver(opened.store, context, "one_stop", "dossier", rows)
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def province(queries):
    return compose(queries, "98", "2026W47")


def part(report, name):
    inside = [inner for section in report.sections for inner in (section, *section.sections)]
    return next(section for section in inside if section.id == name)


def test_the_ranking_gives_equals_the_same_place_and_the_small_none(province):
    (table,) = part(province, "communes").tables
    assert [(row[0].text, row[1].text, row[4].text) for row in table.rows] == [
        ("1", "Xã Số 1", "100,0"), ("2", "Xã Số 2", "95,0"), ("2", "Xã Số 4", "95,0"), ("4", "Xã Số 3", "50,0"),
        ("–", "Xã Số 5", "33,3"),
    ]  # fmt: skip


def test_only_a_rate_beyond_chance_is_named_as_needing_help(province):
    told = part(province, "faults").paragraphs[-1].text
    # 136 of 160 is 85 %: of 40 dossiers chance leaves at least 29 on time in 39 cases of 40; 20 is far below, 38 is not
    assert told == (
        "Trong 4 xã, phường đủ số liệu để xếp hạng, 1 đơn vị cần được hỗ trợ vì tỷ lệ giải quyết đúng hạn thấp hơn "
        "hẳn mặt bằng chung: Xã Số 3 (50%, trễ 20 trong 40 hồ sơ)."
    )
    assert "Xã Số 5" not in told


def test_a_commune_reads_its_place_and_shares_it_with_its_equal(queries):
    first = part(compose(queries, "98001", "2026W47"), "faults").paragraphs[-1].text
    assert first.endswith("đơn vị xếp thứ 1 trong 4 xã, phường của tỉnh đủ số liệu để xếp hạng.")
    second = part(compose(queries, "98004", "2026W47"), "faults").paragraphs[-1].text
    assert "đơn vị đồng hạng thứ 2 trong 4 xã, phường" in second


def test_a_commune_with_three_dossiers_is_told_no_place(queries):
    told = " ".join(p.text for p in part(compose(queries, "98005", "2026W47"), "faults").paragraphs)
    assert "xếp thứ" not in told and "đồng hạng" not in told


def test_every_file_of_the_supervising_unit_can_be_made(province):
    for form in WRITERS:
        assert len(WRITERS[form](province)) > 5_000


def inner(section):
    return [each for below in section.sections for each in (below, *inner(below))]


def test_the_meeting_of_the_supervising_unit_sees_the_ranking_and_its_fields_in_their_order(province):
    deck = Presentation(io.BytesIO(WRITERS["pptx"](province)))
    titles = [slide.shapes.title.text for slide in deck.slides if slide.shapes.title is not None]
    assert part(province, "communes").heading in titles
    headings = [each.heading for section in province.sections for each in (section, *inner(section))]
    in_order = [heading for heading in dict.fromkeys(headings) if heading in titles]
    assert [title for title in titles if title in headings] == in_order and len(deck.slides) <= 10
