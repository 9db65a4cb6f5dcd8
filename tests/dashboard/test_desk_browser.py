"""The desk in a browser: the address is the state, a click leads to the very records."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from english import left_in_vietnamese
from invented_commune import DOSSIERS, UNITS
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

DRAWN = "() => [...document.querySelectorAll('.js-plotly-plot')].filter(g => g.querySelector('.main-svg')).length"


@pytest.fixture
def desk(page: Page, site: str) -> Iterator[Page]:
    """A page that must end without console errors and without asking another machine."""
    faults: list[str] = []
    outside: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda r: outside.append(r.url) if urlsplit(r.url).hostname not in ("127.0.0.1", None) else None)
    yield page
    assert faults == []
    assert outside == []


def opened(desk: Page, site: str, address: str) -> Page:
    desk.goto(site + address)
    desk.wait_for_selector(".page")
    return desk


def words(desk: Page) -> dict[str, str]:
    return {name: said[0] for name, said in parse_qs(urlsplit(desk.url).query).items()}


def listed(desk: Page) -> list[str]:
    """The dossier codes in the grid, once it holds as many rows as the badge says."""
    count = int(desk.locator("#records-count").get_attribute("data-count") or "-1")
    rows = desk.locator("#records .ag-pinned-left-cols-container .ag-row [col-id=dossier_code]")
    expect(rows).to_have_text([re.compile(r"[AB]\d")] * count)
    return sorted(rows.all_text_contents())


def test_a_copied_link_restores_the_page(desk, site):
    opened(
        desk,
        site,
        "/dich-vu-cong?ky=2026W46&linh-vuc=H%E1%BB%99%20t%E1%BB%8Bch&chi-so=ps_received&so-sanh=muc-tieu&quy-tac=766",
    )
    expect(desk.locator(".subtitle")).to_have_text("Xã Bình Minh · Tuần 46/2026")
    for place in (".page-chips", ".records"):
        expect(desk.locator(f"{place} .filter-chip")).to_have_text("Lĩnh vực: Hộ tịch×")
    expect(desk.locator("#records-count")).to_have_text("Hiển thị 1 / 1 bản ghi")
    assert listed(desk) == ["B1"]
    desk.reload()
    assert listed(desk) == ["B1"]


def test_a_click_on_a_bar_lists_exactly_what_was_clicked(desk, site):
    opened(desk, site, "/dich-vu-cong")
    bars = desk.locator(".chart-bars").first
    expect(bars.locator(".point path").first).to_be_visible()
    # fields in order: Đất đai (1 in time, 2 overdue), Chứng thực (1, 0); the second series is the overdue part
    overdue = bars.locator(".trace.bars").nth(1).locator(".point path").first
    overdue.click(force=True)
    expect(desk.locator("#records-count")).to_have_text("Hiển thị 2 / 2 bản ghi")
    assert words(desk)["linh-vuc"] == "Đất đai"
    assert words(desk)["chi-so"] == "ps_pending_overdue"
    assert listed(desk) == ["A5", "B2"]
    desk.locator(".page-chips .filter-chip").click()
    desk.wait_for_function("() => !document.querySelector('.filter-chip')")
    assert "linh-vuc" not in words(desk)


def test_a_filter_changes_the_page_in_place(desk, site):
    opened(desk, site, "/dich-vu-cong")
    bars = desk.locator(".chart-bars").first
    expect(bars.locator(".point path").first).to_be_visible()
    desk.locator("#records .ag-row").first.wait_for()
    desk.locator(".crumb-menu summary").first.click()
    stand = "['.graph', '.card', '#records', '.picture'].flatMap(one => [...document.querySelectorAll(one)])"
    desk.evaluate(f"() => {{ {stand}.forEach(part => part.dataset.stood = 'before'); }}")
    drawn = bars.locator(".main-svg").first.inner_html()
    picture = bars.locator(".picture")
    picture.focus()
    picture.press("ArrowDown")
    picture.press("Enter")
    expect(desk.locator("#records-card .filter-chip")).to_contain_text("Đất đai")
    assert desk.evaluate(f"() => {stand}.filter(part => part.dataset.stood !== 'before').length") == 0
    assert bars.locator(".main-svg").first.inner_html() != drawn
    expect(picture).to_be_focused()
    expect(desk.locator(".crumb-menu[open]")).to_have_count(0)
    assert len(listed(desk)) == int(desk.locator("#records-count").get_attribute("data-count") or "-1")


def test_a_chart_that_cannot_be_drawn_leaves_its_own_place_empty_only(page, site):
    opened(page, site, "/dich-vu-cong")
    expect(page.locator(".chart-bars .point path").first).to_be_visible()
    expect(page.locator(".graph[aria-busy]")).to_have_count(0)
    page.evaluate(
        "() => { const react = Plotly.react; let well = false;"
        " Plotly.react = (...all) => { if (well) return react(...all); well = true; throw new Error('cannot'); }; }"
    )
    empty = page.locator(".picture:not(:has(.graph))")
    page.locator('a.step[title="Kỳ trước"]').click()
    expect(page.locator(".subtitle")).to_contain_text("Tuần 46/2026")
    expect(empty).to_have_count(1)
    page.go_back()
    expect(page.locator(".subtitle")).to_contain_text("Tuần 47/2026")
    expect(empty).to_have_count(0)


def test_a_chart_out_of_view_is_hidden_until_it_is_drawn_anew(desk, site):
    """No old picture stands under a new filter: it comes when it is looked at, at the latest on paper or in a file."""
    desk.add_init_script("window.requestAnimationFrame = () => 0")  # the next frame never comes
    desk.set_viewport_size({"width": 1366, "height": 500})
    opened(desk, site, "/dich-vu-cong")
    waiting, last = desk.locator(".graph[aria-busy]"), desk.locator(".graph").last
    assert waiting.count() == desk.locator(".graph").count() > 3
    paper = "dispatchEvent(new Event('beforeprint'))"
    desk.evaluate(paper)
    assert waiting.count() == 0
    assert desk.evaluate(DRAWN) == desk.locator(".graph").count()
    shown = last.locator(".main-svg").first.inner_html()
    desk.locator('a.step[title="Kỳ trước"]').click()
    expect(desk.locator(".subtitle")).to_contain_text("Tuần 46/2026")
    before = waiting.count()
    assert before > 1
    assert set(waiting.evaluate_all("all => all.map(one => getComputedStyle(one).opacity)")) == {"0"}
    assert last.locator(".main-svg").first.inner_html() == shown
    last.scroll_into_view_if_needed()
    expect(last).not_to_have_attribute("aria-busy", "true")
    assert last.locator(".main-svg").first.inner_html() != shown
    assert 0 < waiting.count() < before
    desk.evaluate(paper)
    assert waiting.count() == 0


def test_a_picker_shows_what_back_went_back_to(desk, site):
    opened(desk, site, "/dich-vu-cong")
    rules = desk.get_by_label("Cách tính (quy tắc)")
    usual = rules.input_value()
    rules.select_option("766")
    expect(desk.locator(".card-foot").first).to_contain_text("766")
    desk.go_back()
    expect(rules).to_have_value(usual)


def test_a_click_on_a_card_opens_its_page_with_its_records(desk, site):
    opened(desk, site, "/dich-vu-cong")
    desk.locator('[data-indicator="ps_received"] .card-name').click()
    expect(desk.locator("#indicator-value")).to_have_attribute("data-value", "6")
    assert urlsplit(desk.url).path == "/chi-so/ps_received"
    assert listed(desk) == ["A1", "A2", "A3", "A4", "A5", "A6"]


def test_a_rate_has_two_lists(desk, site):
    opened(desk, site, "/dich-vu-cong?chi-so=ps_on_time_rate")
    assert listed(desk) == ["A1", "A2"]
    desk.get_by_text("Mẫu số", exact=True).click()
    expect(desk.locator("#records-count")).to_have_text("Hiển thị 3 / 3 bản ghi")
    assert listed(desk) == ["A1", "A2", "A3"]


def test_back_undoes_the_last_choice(desk, site):
    opened(desk, site, "/dich-vu-cong")
    expect(desk.locator(".subtitle")).to_contain_text("Tuần 47/2026")
    desk.locator('a.step[title="Kỳ trước"]').click()
    expect(desk.locator(".subtitle")).to_contain_text("Tuần 46/2026")
    desk.get_by_role("link", name="Nguồn số liệu").click()
    expect(desk.locator("h2")).to_have_text("Nguồn số liệu")
    desk.go_back()
    expect(desk.locator(".subtitle")).to_contain_text("Tuần 46/2026")
    desk.go_back()
    expect(desk.locator(".subtitle")).to_contain_text("Tuần 47/2026")


def test_the_pickers_write_the_address(desk, site):
    opened(desk, site, "/dich-vu-cong?thon=Th%C3%B4n%20%C4%90%C3%B4ng")
    desk.get_by_label("Cách tính (quy tắc)").select_option("766")
    expect(desk.locator(".card-foot").first).to_contain_text("766")
    assert words(desk)["quy-tac"] == "766"
    desk.get_by_label("Đơn vị", exact=True).select_option(label="Xã Hoàng Hôn")
    expect(desk.locator(".absent")).to_contain_text("Chưa có số liệu của Xã Hoàng Hôn")
    assert words(desk)["don-vi"] == "98002"
    assert "thon" not in words(desk)


def test_a_commune_without_data_shows_the_way_to_those_that_have_some(desk, site):
    opened(desk, site, "/kinh-te-xa-hoi")
    desk.get_by_role("link", name="Xã Thí Điểm").click()
    expect(desk.locator(".card").first).to_contain_text("55,25")
    expect(desk.locator(".card").first).to_contain_text("Năm 2022")


def test_every_page_says_that_the_data_are_invented(desk, site):
    for address in (
        "/",
        "/dich-vu-cong",
        "/van-ban",
        "/nguon-so-lieu",
        "/canh-bao",
        "/bao-cao-tuan",
        "/chi-so/ps_received",
    ):
        opened(desk, site, address)
        expect(desk.locator(".demo")).to_have_text("SỐ LIỆU MINH HOẠ")
    desk.goto(f"{site}/dang-nhap")
    expect(desk.locator(".demo")).to_have_text("SỐ LIỆU MINH HOẠ")


def names_of_the_commune() -> set[str]:
    """What its places and procedures, and those who answer for them, are called."""
    names = {name for line in UNITS.splitlines() for name in line.split(",")}
    names |= {part for line in DOSSIERS.splitlines() for part in line.split("|")}
    names |= {f"Thủ tục {name}" for name in names}
    return names | {"Trung tâm điều hành xã Bình Minh", "Tiếng Việt", "Bộ phận Một cửa", "Bình Minh"}


def test_in_english_only_names_are_left_in_vietnamese(desk, site):
    names = names_of_the_commune()
    for address in (
        "/",
        "/dich-vu-cong",
        "/kinh-te-xa-hoi",
        "/van-ban?don-vi=TD-1",
        "/y-te",
        "/nguon-so-lieu",
        "/canh-bao",
        "/bao-cao-tuan",
        "/so-sanh?chi-so=ps_on_time_rate",
        "/chi-so/ps_on_time_rate",
        "/chi-so/ps_satisfied_rate",
        "/chi-so/hl_cases",
    ):
        opened(desk, site, address + ("&" if "?" in address else "?") + "ngon-ngu=en")
        assert left_in_vietnamese(desk.locator("body").inner_text(), names) == [], address


def test_a_list_taken_home_in_english_defines_its_figure_in_english(client):
    asked = "/api/v1/records.xlsx?indicator=ps_on_time_rate&period=2026W47&language=en"
    with client.get(asked) as answered:
        definitions = load_workbook(io.BytesIO(answered.data)).worksheets[1]
    said = "\n".join(str(cell) for line in definitions.iter_rows(values_only=True) for cell in line)
    assert "Circular 01/2020/TT-VPCP" in said
    assert left_in_vietnamese(said, names_of_the_commune()) == []


def test_nothing_is_cut_off_or_wider_than_the_window(desk, site):
    for address in ("/", "/dich-vu-cong", "/van-ban?don-vi=TD-1", "/nguon-so-lieu", "/chi-so/ps_on_time_rate"):
        opened(desk, site, address)
        assert desk.evaluate("document.documentElement.scrollWidth") <= 1366, unquote(address)
        cut = "e => e.scrollWidth > e.clientWidth + 1"
        assert desk.locator(".card-figure").evaluate_all(f"all => all.filter({cut}).map(e => e.textContent)") == []


def test_charts_are_drawn_with_the_first_answer(desk, site):
    again: list[int] = []
    desk.on("response", lambda r: again.append(r.status) if "_dash-update-component" in r.url else None)
    opened(desk, site, "/dich-vu-cong")
    drawn = desk.locator(".graph").count()
    assert drawn >= 4
    desk.wait_for_function(f"() => ({DRAWN})() === {drawn}")
    desk.wait_for_timeout(200)
    assert set(again) <= {204}  # asked whether the page stands, and it does
