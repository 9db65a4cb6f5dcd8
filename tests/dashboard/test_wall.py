"""What the wall paints and tells, without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sample_panels as sample
from dash import html
from flask import Flask

from dashboard.panel import Change
from dashboard.wall import tree
from dashboard.wall.app import check_legible, mount
from dashboard.wall.bars import bars
from dashboard.wall.charts import wall_figure
from dashboard.wall.layouts import LANDSCAPE, PORTRAIT
from dashboard.wall.moments import short_moment
from dashboard.wall.tiles import Box
from dashboard.wall.type_sizes import Fitter, Screen, TypeScale
from datasets.indicators.value import Status

SCALE = TypeScale.of(Screen(55, 4))
PANELS = (sample.PUBLIC, sample.SOCIAL)


class House:
    """A wall over sample panels, asked over HTTP."""

    def __init__(self, *panels, **settings):
        self.reader = sample.Reader(*(panels or (sample.public_services(), sample.socio_economic())))
        server = Flask("test", static_folder=None)
        shown = [panel for panel in PANELS if panel.id in self.reader.panels]
        self.app = mount(server, self.reader, sample.settings(**settings), shown)
        self.client = server.test_client()

    def state(self, query: str = "") -> dict:
        return self.client.get(f"/man-hinh/state{query}").get_json()

    def page(self, query: str = "") -> str:
        return self.client.get(f"/man-hinh/{query}").get_data(as_text=True)


@pytest.fixture
def house() -> House:
    return House()


# -- polling ------------------------------------------------------------------------------


def test_a_poll_that_finds_nothing_new_gets_304_and_no_body(house):
    tag = house.state()["tag"]
    for answer in (
        house.client.get(f"/man-hinh/state?since={tag}"),
        house.client.get("/man-hinh/state", headers={"If-None-Match": f'"{tag}"'}),
    ):
        assert (answer.status_code, answer.data) == (304, b"")
        assert answer.headers["ETag"] == f'"{tag}"'


def test_a_changed_value_is_news_and_only_that_text_differs(house):
    before = house.state()
    house.reader.replace_card("public_services", 1, number="1.292")
    after = house.state(f"?since={before['tag']}")
    changed = {key for key in after["nodes"] if after["nodes"][key] != before["nodes"][key]}
    assert changed == {"public_services.ps_received.number"}
    assert after["nodes"]["public_services.ps_received.number"]["t"] == "1.292"
    assert after["shape"] == before["shape"]
    assert after["version"] == before["version"] + 1


def test_a_source_going_late_is_news_though_no_datum_changed(house):
    before = house.state()
    late = replace(sample.public_services(), sources=(sample.source("late", "Một cửa điện tử không trả lời từ 06:00"),))
    house.reader.panels["public_services"] = late
    house.reader.moment = sample.NOW.replace(minute=1)
    after = house.state(f"?since={before['tag']}")
    assert after["version"] == before["version"]
    assert before["nodes"]["public_services.band"]["t"] == ""
    said = "Một cửa điện tử: Một cửa điện tử không trả lời từ 06:00"
    assert after["nodes"]["public_services.band"]["t"] == said, "which source, since when and why, across the scene"
    assert after["nodes"]["public_services.ps_received.age"]["t"] == "Số liệu cũ, từ 08:15"
    assert after["nodes"]["public_services.ps_received"]["a"]["data-late"] == "1"
    assert after["shape"] == before["shape"], "a late source must not need a new page"


def test_one_missed_run_is_told_on_the_tiles_three_across_the_scene(house):
    for failures, in_band in ((1, False), (2, False), (3, True)):
        failing = replace(sample.source(sentence="Số liệu đến 08:15 20/11/2026. Lỗi 500 từ 08:30"), failures=failures)
        house.reader.panels["public_services"] = replace(sample.public_services(), sources=(failing,))
        house.reader.data_version += 1
        nodes = house.state()["nodes"]
        assert bool(nodes["public_services.band"]["t"]) is in_band
        told = "Số liệu cũ, từ 08:15" if in_band else "Số liệu đến 08:15 20/11/2026. Lỗi 500 từ 08:30"
        assert nodes["public_services.ps_received.age"]["t"] == told


def test_a_reason_too_long_for_a_tile_is_left_to_the_page_of_the_sources_and_nothing_becomes_illegible(house):
    reason = "Số liệu đến 08:15 20/11/2026. Bản xuất đổi tên cột bắt buộc: MaTTHC, NgayTiepNhan, NgayHenTra. " * 3
    failing = replace(sample.source(sentence=reason), failures=1)
    for panel, data in list(house.reader.panels.items()):
        house.reader.panels[panel] = replace(data, sources=(failing,))
    house.reader.data_version += 1
    nodes = house.state()["nodes"]
    assert nodes["public_services.ps_received.age"]["t"] == "Số liệu cũ, từ 08:15"
    assert nodes["public_services.ps_received"]["a"]["data-late"] == "1"
    check_legible(house.app.board, house.app.usual, Path(__file__), "vi")


def test_the_band_names_other_troubled_sources_while_there_is_room(house):
    def late(name: str, title: str, sentence: str, hour: int) -> object:
        source = replace(sample.source("stale", sentence), name=name, title=title)
        return replace(source, as_of=sample.AS_OF.replace(hour=hour))

    first = late("one_stop", "Một cửa điện tử", "Số liệu đến 06:15 20/11/2026. Lỗi 500", 6)
    others = [late(f"s{n}", f"Nguồn số {n}", "im", 7) for n in range(2)]
    data = sample.public_services()
    card = replace(data.cards[0], value=data.cards[0].value._replace(sources=("one_stop", "s0", "s1")))
    house.reader.panels["public_services"] = replace(data, cards=(card, *data.cards[1:]), sources=(*others, first))
    house.reader.data_version += 1
    said = house.state()["nodes"]["public_services.band"]["t"]
    assert said == (
        "Một cửa điện tử: Số liệu đến 06:15 20/11/2026. Lỗi 500; và Nguồn số 0 (đến 07:15), Nguồn số 1 (đến 07:15)"
    )


@pytest.mark.parametrize(("tiles", "rows"), [(1, (1,)), (3, (3,)), (4, (2, 2)), (5, (2, 3)), (6, (3, 3))])
def test_rows_of_tiles_have_no_hole(tiles, rows):
    assert LANDSCAPE.grid(tiles) == rows
    assert sum(PORTRAIT.grid(tiles)) == tiles and max(PORTRAIT.grid(tiles)) <= 2


def test_more_matters_than_rows_are_counted_in_the_heading(house):
    house.reader.todo = (*sample.extreme_todos(), *sample.TODOS)
    house.reader.data_version += 1
    assert house.state()["nodes"]["directing.period"]["t"] == "Hôm nay, 20/11/2026 · còn 3 việc khác"


def test_one_painting_serves_all_screens(house):
    start = house.app.board.paintings
    for _ in range(20):
        house.state()
    assert house.app.board.paintings - start <= 1
    house.reader.data_version += 1
    for _ in range(20):
        house.state()
    assert house.app.board.paintings - start <= 2


def test_the_page_without_slash_leads_to_the_wall(house):
    answer = house.client.get("/man-hinh?ngon-ngu=en")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/man-hinh/?ngon-ngu=en")


# -- the first paint ------------------------------------------------------------------------


def test_the_page_is_sent_painted_with_its_data(house):
    page = house.page()
    cover = page[page.index('id="first-paint"') : page.index("<noscript>")]
    assert "96,4" in cover and "Tỷ lệ giải quyết đúng hạn" in cover and "SỐ LIỆU MINH HOẠ" in cover
    assert "data-k" not in cover, "keys belong to the mounted tree only"


def test_the_ground_is_dark_before_any_stylesheet(house):
    page = house.page()
    assert page.index('<html lang="vi" style="background:#0B1220"') < page.index('rel="stylesheet"')


def test_only_what_the_wall_uses_is_loaded(house):
    scripts = re.findall(r'<script src="([^"]+)"', house.page())
    assert not [s for s in scripts if re.search(r"/dcc/|dash_table|mantine|ag_grid|polyfill|desk", s)]
    assert [s for s in scripts if "/wall.js" in s]
    assert "plotly" not in "".join(scripts), "run by wall.js after the first paint"


def test_the_page_and_the_mounted_tree_say_the_same(house):
    layout = house.client.get("/man-hinh/_dash-layout").get_json()
    said = json.dumps(layout, ensure_ascii=False)
    assert all(words in said for words in ("96,4", "1.291", "mục tiêu ≥ 98%", "đến 08:15"))


def test_english_is_for_the_asking_on_page_tree_and_poll(house):
    assert "DEMO DATA" in house.page("?ngon-ngu=en")
    told = house.client.get("/man-hinh/_dash-layout", headers={"Referer": "http://localhost/man-hinh/?ngon-ngu=en"})
    assert "DEMO DATA" in told.get_data(as_text=True)
    ages = house.state("?ngon-ngu=en")["nodes"]["public_services.ps_received.age"]
    assert ages["t"] == "to 08:15"


def test_without_demo_there_is_no_banner():
    assert "MINH HOẠ" not in House(demo=False).page()


def test_before_the_first_pull_a_sentence_stands_there():
    bare = sample.public_services()
    cards = tuple(replace(c, value=c.value._replace(value=None), number="không đủ số liệu") for c in bare.cards)
    house = House(replace(bare, cards=cards, charts=()))
    assert "Màn hình tự hiện số liệu" in house.page()


def test_a_panel_without_data_has_no_scene():
    social = replace(sample.socio_economic(), cards=(), charts=())
    page = House(sample.public_services(), social).page()
    assert "Dịch vụ công" in page and "Kinh tế - xã hội" not in page


# -- tiles -------------------------------------------------------------------------------------


def nodes(*panels) -> dict:
    return House(*panels).state()["nodes"]


def test_a_tile_says_label_number_unit_change_status_target_and_age():
    told = nodes(sample.public_services())
    tile = {
        key.rsplit(".", 1)[1]: node
        for key, node in told.items()
        if key.startswith("public_services.ps_pending_overdue.")
    }
    assert {slot: node["t"] for slot, node in tile.items() if "t" in node} == {
        "label": "Hồ sơ quá hạn",
        "number": "23",
        "unit": "hồ sơ",
        "change": "6 hồ sơ",
        "status": "Vượt ngưỡng",
        "target": "mục tiêu ≤ 15 hồ sơ",
        "age": "đến 08:15",
    }
    assert tile["change"]["a"] == {"data-way": "up", "data-tone": "bad"}
    assert told["public_services.ps_pending_overdue"]["a"]["data-status"] == "bad"


def test_an_unknown_value_says_so_and_claims_no_status_change_or_unit():
    data = sample.public_services()
    card = data.cards[4]
    unknown = replace(
        card, value=card.value._replace(value=None, status=Status.NONE), number="không đủ số liệu", status_word=""
    )
    told = nodes(replace(data, cards=(*data.cards[:4], unknown, data.cards[5])))
    key = "public_services.ps_pending_overdue"
    assert told[f"{key}.number"]["t"] == "không đủ số liệu"
    assert told[key]["a"]["data-status"] == "none"
    assert [told[f"{key}.{slot}"]["t"] for slot in ("unit", "change", "status")] == ["", "", ""]


def test_an_older_figure_says_of_when_it_is():
    assert nodes(sample.socio_economic())["socio_economic.se_internet.age"]["t"] == "Năm 2023"


def test_a_change_without_arrow_has_no_shape():
    told = nodes(sample.public_services())["public_services.ps_pending.change"]
    assert told["t"] == "không đổi" and told["a"] == {"data-way": "", "data-tone": "none"}


def words(data) -> dict[str, str]:
    told = nodes(data)
    return {slot: told[f"public_services.{slot}"]["t"] for slot in ("title", "centre", "period", "foot")}


def test_the_scene_says_when_against_what_counted_how_and_from_where():
    assert words(sample.public_services()) == {
        "title": "Dịch vụ công",
        "centre": sample.CENTRE,
        "period": "Tuần 47/2026 (đến 20/11), so với cùng 4 ngày làm việc đầu tuần 46/2026",
        "foot": "Cách tính: Biểu II.06a/VPCP/KSTT · Nguồn: Một cửa điện tử",
    }


def test_the_rules_outrank_the_names_of_sources():
    data = sample.public_services()
    rules = "Biểu II.06a/VPCP/KSTT kèm theo Thông tư 01/2020/TT-VPCP, sửa đổi năm 2025"
    long = replace(sample.source(), title="Hệ thống thông tin giải quyết thủ tục hành chính của tỉnh")
    cards = tuple(replace(card, rules=rules) for card in data.cards)
    assert words(replace(data, cards=cards, sources=(long,)))["foot"] == f"Cách tính: {rules} · 1 nguồn số liệu"


def test_changes_against_different_periods_are_not_summed_up_in_one_sentence():
    data = sample.public_services()
    other = replace(data.cards[1], change=Change("▲ 1%", None, "so với tháng 10"))
    told = words(replace(data, cards=(data.cards[0], other, *data.cards[2:])))
    assert told["period"] == "Tuần 47/2026 (đến 20/11)"
    assert "so với" not in told["foot"].lower()


def test_numbers_shrink_before_they_are_cut():
    told = nodes(sample.extreme(sample.public_services()))
    sizes = [int(node["s"]["fontSize"][:-2]) for key, node in told.items() if key.endswith(".number")]
    assert min(sizes) >= SCALE.floor and max(sizes) > 100


def test_what_cannot_be_read_together_becomes_two_scenes():
    layout = House(sample.extreme(sample.public_services())).page()
    assert layout.count('class="scene"') == 3, "what calls for direction, the tiles, the charts"
    assert House(sample.public_services()).page().count('class="scene"') == 2


# -- charts ---------------------------------------------------------------------------------------


def test_a_trend_keeps_its_last_label_and_drops_what_would_collide():
    data = sample.public_services().charts[0]
    narrow = wall_figure(data, Box(500, 300), 27, "vi")["layout"]["xaxis"]["ticktext"]
    wide = wall_figure(data, Box(1800, 300), 27, "vi")["layout"]["xaxis"]["ticktext"]
    assert wide == list(sample.WEEKS)
    assert narrow[-1] == "T47" and 2 <= len(narrow) < 12


def test_a_low_trend_has_fewer_gridlines_so_that_their_numbers_do_not_collide():
    data = sample.public_services().charts[0]
    lines = [wall_figure(data, Box(900, height), 27, "vi")["layout"]["yaxis"]["nticks"] for height in (120, 240, 500)]
    assert lines == [2, 3, 4]


def test_the_last_value_of_a_line_near_the_axis_stands_beside_its_point():
    """Beneath it stand the names of the axis."""
    data = sample.public_services().charts[0]

    def places(last: float) -> list[str]:
        low = replace(data, series=tuple(replace(s, values=(*s.values[:-1], last)) for s in data.series))
        found = wall_figure(low, Box(900, 300), 27, "vi")["data"]
        return sorted(trace["textposition"] for trace in found if "text" in trace.get("mode", ""))

    assert places(8.0) == ["middle right", "top center"]
    assert places(1100.0) == ["bottom center", "top center"]


def test_a_finding_too_long_for_two_lines_keeps_its_first_sentences(house):
    data = sample.public_services()
    first = "Tuần 47/2026: 6 ca, cao hơn trung bình cùng kỳ 5 năm (5,9) nhưng chưa vượt ngưỡng cảnh báo là 11,5 ca."
    long = replace(data.charts[0], finding=f"{first} Trong 10 tuần gần đây có 1 tuần vượt ngưỡng cảnh báo nói trên.")
    house.reader.panels["public_services"] = replace(data, charts=(long, data.charts[1]))
    house.reader.data_version += 1
    assert house.state()["nodes"]["public_services.received_resolved.finding"]["t"] == first


def test_a_trend_is_fixed_in_size_and_answers_to_no_pointer():
    figure = wall_figure(sample.public_services().charts[0], Box(900, 300), 27, "vi")
    assert (figure["layout"]["width"], figure["layout"]["height"], figure["layout"]["hovermode"]) == (900, 300, False)
    assert {trace["hoverinfo"] for trace in figure["data"]} == {"skip"}
    assert figure["layout"]["separators"] == ",."


def shares(data, height=600.0) -> list[list[float]]:
    state = tree.state(bars("k", data, Box(1200, height), Fitter(SCALE), 27, "vi"))
    found: dict[int, list[float]] = {}
    for key, node in state.items():
        segment = re.fullmatch(r"k\.row(\d)\.lane\d\.\d", key)
        share = re.search(r"\* ([\d.]+)\)", node.get("s", {}).get("width", ""))
        if segment and share:
            found.setdefault(int(segment[1]), []).append(float(share[1]))
    return [found[row] for row in sorted(found)]


def test_stacked_bars_share_one_scale():
    # largest sum 132 + 4 = 136; Đất đai 61 + 11
    lengths = shares(sample.public_services().charts[1])
    assert lengths[0] == [pytest.approx(132 / 136, abs=1e-4), pytest.approx(4 / 136, abs=1e-4)]
    assert lengths[2] == [pytest.approx(61 / 136, abs=1e-4), pytest.approx(11 / 136, abs=1e-4)]


def test_pairs_of_percents_share_the_scale_to_one_hundred():
    assert shares(sample.socio_economic().charts[0])[0] == [0.7, 0.95]


def test_pairs_of_other_units_have_each_its_own_scale():
    data = replace(sample.socio_economic().charts[0], unit="")
    assert shares(data)[0] == [pytest.approx(70 / 95, abs=1e-4), 1.0]


def test_members_without_room_are_counted_not_cut():
    state = tree.state(bars("k", sample.public_services().charts[1], Box(1200, 150), Fitter(SCALE), 27, "vi"))
    shown = [key for key, node in state.items() if re.fullmatch(r"k\.row\d", key) and not node["a"]["data-off"]]
    assert state["k.more"]["t"] == f"và {7 - len(shown)} mục khác"
    assert 1 <= len(shown) < 7


# -- the tree ----------------------------------------------------------------------------------------


def test_markup_in_a_name_stays_text():
    assert tree.to_html(html.Div("<b>Thôn & xóm</b>", className="label")) == (
        '<div class="label">&lt;b&gt;Thôn &amp; xóm&lt;/b&gt;</div>'
    )


def test_shape_forgets_texts_and_remembers_places():
    def painted(words: str, cls: str = "label") -> tree.Component:
        return tree.box("tile", tree.leaf(cls, "k", words, 30))

    assert tree.shape(painted("một")) == tree.shape(painted("hai"))
    assert tree.shape(painted("một")) != tree.shape(painted("một", "unit"))


def test_two_nodes_with_one_key_are_refused():
    twice: Callable[[], tree.Component] = lambda: tree.leaf("label", "k", "một")  # noqa: E731
    with pytest.raises(ValueError, match="share the key k"):
        tree.state(tree.box("tile", twice(), twice()))


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (sample.AS_OF, "08:15"),
        (sample.AS_OF.replace(day=19), "08:15 19/11"),
        (sample.AS_OF.replace(day=19, hour=0, minute=0), "19/11"),
        (sample.AS_OF.replace(year=2025), "20/11/2025"),
    ],
)
def test_moments_are_as_short_as_stays_clear(moment, said):
    assert short_moment(moment, sample.NOW, sample.ZONE) == said
