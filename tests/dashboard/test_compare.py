"""Units side by side, the tree, and who sees what; counted by hand in supervised_province.py."""

from __future__ import annotations

import io
import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from invented_commune import deliver
from openpyxl import load_workbook
from playwright.sync_api import Page, expect
from supervised_province import CONFIG, UNITS, ZONE, rows
from werkzeug.serving import make_server

from dashboard.app import build_server
from dashboard.desk import compare_page
from dashboard.desk.compare import comparison, peers_of
from dashboard.desk.compare_words import finding, peers_words, tone
from dashboard.desk.indicator_page_parts import parts
from dashboard.desk.records import record_list
from dashboard.desk.tree import steps_of
from dashboard.desk.visit import Visit, visit
from dashboard.directing import todos
from dashboard.open_queries import open_queries
from dashboard.panels import BY_ID
from dashboard.queries import Ask, Queries, Viewer
from datasets.errors import UsageError
from datasets.indicators.calculate import Request
from datasets.indicators.limits import Standing
from datasets.indicators.records import RecordRequest
from datasets.periods import Period
from datasets.schema.dataset import Context

NOW = "2026-11-20T09:00:00+07:00"
WEEK = Period.parse("2026W47")
SQUARES = {"97001": 0, "97002": 1, "97003": 2}


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("province")
    (folder / "units.csv").write_text(UNITS, "utf-8")
    config = folder / "config.yaml"
    config.write_text(CONFIG, "utf-8")
    opened = open_queries(config, {"IOC_NOW": NOW})
    deliver(opened.store, Context(opened.clock(), ZONE, opened.calendar), "one_stop", "dossier", rows())
    opened.store.checkpoint()
    opened.store.close()
    return config


@pytest.fixture(scope="module")
def supervising(province: Path) -> Iterator[Queries]:
    opened = open_queries(province, {"IOC_NOW": NOW})
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def office(supervising: Queries) -> Iterator[str]:
    """The address of the supervising office's desk."""
    server = make_server("127.0.0.1", 0, build_server(supervising), threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def at(queries: Queries, search: str, viewer: Viewer | None = None, path: str = "/so-sanh") -> Visit:
    return visit(queries, path, search, "week", viewer or Viewer())


def everything(component) -> str:
    """All that a drawn page says, its links included."""
    return json.dumps(component.to_plotly_json(), default=lambda each: each.to_plotly_json(), ensure_ascii=False)


def test_a_large_commune_is_told_apart_and_a_small_one_is_not_shamed(supervising):
    here = at(supervising, "?chi-so=ps_on_time_rate&ky=2026W47")
    found = comparison(here, "ps_on_time_rate")
    assert found.pooled == pytest.approx(100 * 175 / 210)  # not the mean of 97, 80 and 70
    assert [(row.name, row.standing) for row in found.rows] == [
        ("Xã Cần", Standing.FAR_BELOW),
        ("Xã Bé", Standing.WITHIN),
        ("Xã An", Standing.FAR_ABOVE),
    ]
    assert [tone(row, "higher") for row in found.rows] == ["bad", "none", "good"]


def test_the_finding_is_made_of_the_numbers_in_both_languages(supervising):
    here = at(supervising, "?chi-so=ps_on_time_rate&ky=2026W47")
    assert finding(here, comparison(here, "ps_on_time_rate")) == (
        "1/3 xã thấp hơn rõ so với mức chung 83,3%: Xã Cần (70%; 70/100). "
        "1/3 xã cao hơn rõ so với mức chung 83,3%: Xã An (97%; 97/100). 1 xã còn lại không khác biệt rõ."
    )
    english = at(supervising, "?chi-so=ps_on_time_rate&ky=2026W47&ngon-ngu=en")
    assert "1 of 3 communes clearly lower than the group's 83.3%: Xã Cần (70%; 70/100)." in finding(
        english, comparison(english, "ps_on_time_rate")
    )


def test_who_the_peers_are_is_said_in_words(supervising):
    assert peers_words(*_with_peers(supervising, "?don-vi=97&ky=2026W47")) == "3 xã trực thuộc Tỉnh Giám Sát"
    assert peers_words(*_with_peers(supervising, "?don-vi=97002")) == "3 xã cùng thuộc Tỉnh Giám Sát"
    assert peers_words(*_with_peers(supervising, "?don-vi=97002&nhom=cung-loai")) == "4 xã cùng loại"
    assert peers_words(*_with_peers(supervising, "?don-vi=97003&nhom=ben-duoi")) == "2 thôn trực thuộc Xã Cần"


def _with_peers(queries: Queries, search: str):
    here = at(queries, search)
    return here, peers_of(here, here.address.group)


def test_a_merged_commune_is_shown_by_the_boundaries_asked_for(supervising):
    now = comparison(at(supervising, "?ky=202609"), "ps_received")
    assert {row.name: row.value.value for row in now.rows} == {"Xã An": None, "Xã Bé": None, "Xã Cần": 25}
    then = comparison(at(supervising, "?ky=202609&dia-gioi=luc-do"), "ps_received")
    assert {row.name: row.value.value for row in then.rows if row.value.value} == {"Xã Cần": 20, "Xã Dứt": 5}
    assert "Xã Dứt" not in {row.name for row in comparison(at(supervising, "?dia-gioi=luc-do"), "ps_received").rows}


def test_a_panel_counts_by_the_boundaries_asked_for_and_so_do_its_records(supervising):
    panel = BY_ID["public_services"]
    for search, expected in (("?don-vi=97003&ky=202609", 25), ("?don-vi=97003&ky=202609&dia-gioi=luc-do", 20)):
        ask: Ask = at(supervising, search, path=panel.path).ask
        cards = {card.indicator: card for card in supervising.panel_data(panel, ask).cards}
        assert cards["ps_received"].value.value == expected
        request = RecordRequest("ps_received", "97003", Period.parse("202609"), boundaries=ask.boundaries)
        assert supervising.records(request).total == expected


def test_a_unit_of_communes_is_told_which_of_them_is_behind_and_a_commune_which_desk(supervising):
    def bars(unit: str, chart: str) -> tuple[str | None, str, dict[str, object]]:
        charts = supervising.panel_data(BY_ID["public_services"], Ask(unit, WEEK.id)).charts
        (found,) = (each for each in charts if each.id == chart)
        return found.by, found.title, dict(zip(found.keys, found.series[0].values, strict=True))

    assert bars("97", "overdue_by_handler") == ("unit", "Quá hạn theo đơn vị", {"97003": 12})
    assert bars("97", "received_by_hamlet")[2] == {"97001": 100, "97002": 10, "97003": 112}
    by, title, handlers = bars("97003", "overdue_by_handler")
    assert (by, title, sorted(handlers.values())) == ("handler", "Quá hạn theo người xử lý", [2, 10])


def test_bars_of_schools_are_said_to_be_of_units_where_these_are_communes(supervising):
    def title(unit: str) -> str:
        charts = supervising.panel_data(BY_ID["education"], Ask(unit, "202611")).charts
        return next(chart.title for chart in charts if chart.id == "pupils_by_school")

    assert (title("97"), title("97003")) == ("Học sinh theo đơn vị", "Học sinh theo trường")


def test_a_list_taken_home_is_counted_by_the_boundaries_on_the_page(supervising):
    client = build_server(supervising).test_client()
    for search, expected, said in (("", 25, "hiện nay"), ("&dia-gioi=luc-do", 20, "lúc đó")):
        here = at(supervising, f"?don-vi=97003&ky=202609{search}", path="/chi-so/ps_received")
        page = everything(record_list(here, "ps_received"))
        assert f'"data-of": "{expected}"' in page
        (link,) = re.findall(r'"href": "(/api/v1/records\.xlsx[^"]+)"', page)
        with client.get(link) as book:
            facts = dict(load_workbook(io.BytesIO(book.data))["Định nghĩa"].iter_rows(values_only=True))
        assert (facts["Số bản ghi"], facts["Giá trị chỉ số"], facts["Theo địa giới"]) == (expected, expected, said)


def test_a_ranking_and_its_paths_are_taken_home_as_tables(supervising):
    page = compare_page.page(at(supervising, "?chi-so=ps_on_time_rate&ky=2026W47"))
    ranking, paths = (
        json.loads(json.loads(f'"{told}"')) for told in re.findall(r'"data-twin": "(.+?[^\\])"', everything(page))
    )
    assert ranking["head"] == ["Xã", "Giá trị", "Tử số/mẫu số", "So với mức chung", "Kỳ trước"]
    assert ranking["rows"][0] == ["Xã Cần", "70%", "70/100", "Thấp hơn hẳn", ""]
    assert ranking["where"] == "3 xã trực thuộc Tỉnh Giám Sát · Tuần 47/2026 (đến 20/11)"
    assert ranking["demo"] == "SỐ LIỆU MINH HOẠ" and ranking["finding"].startswith("1/3 xã thấp hơn rõ")
    assert paths["head"][-1] == "T47" and paths["rows"][-1][0] == "Cả nhóm" and paths["rows"][-1][-1] == "83,3"


def test_an_indicators_page_shows_the_neighbours_where_hamlets_have_no_number_of_their_own(supervising):
    here = at(supervising, "?don-vi=97003&ky=2026W47", path="/chi-so/ps_received")
    by_unit, *_ = parts(here, supervising.definition("ps_received"))
    page = everything(by_unit)
    assert re.findall(r'"data-member": "(\d+)"', page) == ["97003", "97001", "97002"]
    assert re.findall(r'"data-value": "([\d.]+)"', page) == ["112", "100", "10"]
    assert '"href": "/so-sanh?don-vi=97003&ky=2026W47&chi-so=ps_received"' in page


def test_hamlets_are_compared_by_the_records_that_name_them(supervising):
    found = comparison(at(supervising, "?don-vi=97003&nhom=ben-duoi&ky=2026W47"), "ps_pending_overdue")
    assert {row.name: row.value.value for row in found.rows} == {"Thôn Cần Một": 12, "Thôn Cần Hai": 0}


def test_a_comparison_costs_as_many_questions_for_two_communes_as_for_three(supervising):
    asked: list[str] = []
    sa.event.listen(supervising.store.engine, "before_cursor_execute", lambda *event: asked.append(event[2]))

    def questions(search: str) -> int:
        here = at(supervising, search)
        supervising._answers.clear()  # whatever an earlier test asked
        asked.clear()
        comparison(here, "ps_on_time_rate")
        computed = len(asked)
        asked.clear()
        comparison(here, "ps_on_time_rate")
        again = [statement for statement in asked if statement != "BEGIN" and "data_version" not in statement]
        assert again == [], "kept for the next viewer"
        return computed

    three = questions("?don-vi=97&ky=2026W47")
    alone = questions("?don-vi=96001&nhom=cung-cap-tren&ky=2026W47")  # four communes of the kind, over two provinces
    assert three == alone


# -- who sees what -------------------------------------------------------------

BOUND = Viewer("An", unit="97001")


def test_a_viewer_bound_to_a_commune_gets_no_figure_of_another(supervising):
    assert supervising.values(Request(("ps_received",), ("97001",), (WEEK,)), BOUND)[0].value == 100
    for other in ("97003", "97", "96001"):
        with pytest.raises(UsageError):
            supervising.values(Request(("ps_received",), (other,), (WEEK,)), BOUND)
        with pytest.raises(UsageError):
            supervising.records(RecordRequest("ps_received", other, WEEK), BOUND)
        with pytest.raises(UsageError):
            supervising.panel_data(BY_ID["public_services"], Ask(other, "2026W47"), BOUND)
        with pytest.raises(UsageError):
            todos(supervising, other, "vi", BOUND)
        with pytest.raises(UsageError):
            supervising.silences(other, BOUND)
    assert {unit.code for unit in supervising.scope(BOUND)} == {"97001", "97001-1"}


def test_a_bound_viewers_pages_do_not_even_name_the_others(supervising):
    for search in ("?don-vi=97003&chi-so=ps_on_time_rate&ky=2026W47", "?don-vi=97", "?nhom=cung-loai"):
        here = at(supervising, search, BOUND)
        assert here.unit.code == "97001"
        said = everything(compare_page.page(here))
        assert "Xã An" in said
        assert [name for name in ("Xã Bé", "Xã Cần", "Xã Dứt", "Xã Ngoài") if name in said] == []


def test_who_took_over_a_commune_sees_its_past(supervising):
    request = Request(("ps_received",), ("97004",), (Period.parse("202609"),))
    assert supervising.values(request, Viewer("Cần", unit="97003"))[0].value == 5


# -- the breadcrumb ------------------------------------------------------------


def test_the_breadcrumb_goes_from_the_province_to_the_hamlet(supervising):
    here = at(supervising, "?don-vi=97003&thon=Th%C3%B4n C%E1%BA%A7n M%E1%BB%99t", path="/dich-vu-cong")
    steps = steps_of(here)
    assert [(step.name, step.here) for step in steps] == [
        ("Tỉnh Giám Sát", False), ("Xã Cần", False), ("Thôn Cần Một", True),
    ]  # fmt: skip
    assert [name for name, _, _ in steps[1].others] == ["Xã An", "Xã Bé", "Xã Cần"]
    hamlets = {name: parse_qs(urlsplit(href).query) for name, href, _ in steps[2].others}
    assert hamlets["Thôn Cần Hai"] == {"don-vi": ["97003"], "thon": ["Thôn Cần Hai"]}
    # hamlets report their own figures of health: there one goes down to the hamlet as a unit
    health = steps_of(at(supervising, "?don-vi=97003", path="/y-te"))
    assert parse_qs(urlsplit(health[2].others[1][1]).query) == {"don-vi": ["97003-2"]}


# -- maps ----------------------------------------------------------------------


def test_with_polygons_the_comparison_is_a_map_and_without_them_tiles(province, tmp_path):
    shapes = [
        {
            "type": "Feature",
            "properties": {"ma": code},
            "geometry": {"type": "Polygon", "coordinates": [[[x, 0], [x + 1, 0], [x + 1, 1], [x, 1], [x, 0]]]},
        }
        for code, x in SQUARES.items()
    ]
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "map.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": shapes}), "utf-8")
    config = tmp_path / "config.yaml"
    store = f"sqlite:///{province.parent / 'ioc.db'}"
    config.write_text(f"{CONFIG}\nmap: {{geojson: map.geojson, code: ma}}\n", "utf-8")
    opened = open_queries(config, {"IOC_NOW": NOW, "IOC_STORE_URL": store})
    try:
        said = everything(compare_page.page(at(opened, "?chi-so=ps_on_time_rate&ky=2026W47")))
    finally:
        opened.store.close()
    # three squares of a third of the width each; the worst in the tone of what is bad
    assert re.search(r'"className": "shape-link tone-bad"[^}]*"clipPath": "polygon\(66\.67% 100\.00%', said)
    assert "tile-place" not in said


def test_without_a_map_every_commune_is_a_tile(supervising):
    said = everything(compare_page.page(at(supervising, "?chi-so=ps_on_time_rate&ky=2026W47")))
    assert said.count("tile-place") == 3
    assert "shape-link" not in said


# -- in the browser --------------------------------------------------------------


@pytest.fixture
def desk(page: Page) -> Iterator[Page]:
    faults: list[str] = []
    outside: list[str] = []
    expect.set_options(timeout=15_000)
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda r: outside.append(r.url) if urlsplit(r.url).hostname not in ("127.0.0.1", None) else None)
    yield page
    assert faults == []
    assert outside == []


def words(desk: Page) -> dict[str, str]:
    return {name: said[0] for name, said in parse_qs(urlsplit(desk.url).query).items()}


def test_two_clicks_lead_from_the_province_to_the_field_behind_a_bad_figure(desk, office):
    desk.goto(f"{office}/?ky=2026W47")
    rows = desk.locator(".matrix tbody tr")
    expect(rows.first.locator("th")).to_have_text("Xã Cần")  # the worst stands first: which commune
    bad = rows.first.locator(".matrix-bad a").filter(has_text="12")
    bad.click()
    expect(desk.locator("#records-count")).to_have_attribute("data-count", "12")
    assert words(desk) == {"don-vi": "97003", "ky": "2026W47", "chi-so": "ps_pending_overdue"}
    bars = desk.locator(".chart-bars").first
    overdue = bars.locator(".trace.bars").nth(1).locator(".point path").first
    expect(overdue).to_be_visible()
    overdue.click(force=True)  # which field, and its very records
    expect(desk.locator("#records-count")).to_have_attribute("data-count", "9")
    assert words(desk)["linh-vuc"] == "Đất đai"
    desk.go_back()
    expect(desk.locator("#records-count")).to_have_attribute("data-count", "12")
    desk.go_back()
    expect(rows.first.locator("th")).to_have_text("Xã Cần")


def test_a_bar_of_the_province_leads_to_the_commune_and_its_very_records(desk, office):
    desk.goto(f"{office}/dich-vu-cong?ky=2026W47&kenh=online")
    bars = desk.locator(".chart-bars", has=desk.get_by_role("heading", name="Quá hạn theo đơn vị"))
    bars.scroll_into_view_if_needed()
    bars.locator(".trace.bars .point path").first.click(force=True)
    expect(desk.locator("#records-count")).to_have_attribute("data-count", "12")
    assert words(desk) == {"don-vi": "97003", "ky": "2026W47", "kenh": "online", "chi-so": "ps_pending_overdue"}


def test_siblings_are_one_click_away_also_without_a_mouse(desk, office):
    desk.goto(f"{office}/so-sanh?don-vi=97003&chi-so=ps_on_time_rate&ky=2026W47")
    menu = desk.locator(".crumb-menu").filter(has_text="Xã Bé").first
    menu.locator("summary").focus()
    desk.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Xã Bé")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="Xã Bé")).to_be_hidden()
    desk.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Xã Bé")).to_be_visible()
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.locator(".row-chosen th")).to_have_text("Xã Bé")
    assert words(desk)["don-vi"] == "97002"
    desk.go_back()
    expect(desk.locator(".row-chosen th")).to_have_text("Xã Cần")
    desk.get_by_role("link", name="lúc đó").click()
    expect(desk.locator(".parts .part-chosen").first).to_have_text("lúc đó")
    desk.reload()
    expect(desk.locator(".parts .part-chosen").first).to_have_text("lúc đó")
    assert words(desk)["dia-gioi"] == "luc-do"


@pytest.mark.parametrize("width", [390, 1366, 1920])
def test_the_comparison_fits_its_window(desk, office, width):
    desk.set_viewport_size({"width": width, "height": 900})
    for search in ("", "?chi-so=ps_on_time_rate&ky=2026W47", "?don-vi=97003&nhom=ben-duoi&chi-so=ps_pending_overdue"):
        desk.goto(f"{office}/so-sanh{search}")
        desk.wait_for_selector(".page-compare")
        assert desk.evaluate("document.documentElement.scrollWidth") <= width, search
