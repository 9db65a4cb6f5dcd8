"""The wall comes back by itself: after a power cut, with a wrong clock, at night, with a new build."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from wall_station import READY, Station

KEPT = """async () => { const store = await caches.open('wall-1');
    const names = (await store.keys()).map(r => new URL(r.url).pathname);
    return ['/man-hinh/', '/man-hinh/_dash-layout', '/man-hinh/_dash-dependencies', '/man-hinh/assets/wall.js',
            '/assets/js/plotly-cartesian.min.js'].every(name => names.includes(name)); }"""


@pytest.fixture
def station() -> Iterator[Station]:
    station = Station()
    yield station
    station.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that keeps what the wall's service worker stores."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, service_workers="allow")
    yield context
    context.close()


def kept(page: Page, station: Station) -> None:
    """The wall open, and all of it in the browser's own storage."""
    page.goto(station.url)
    page.wait_for_selector(READY, state="attached")
    for _ in range(100):
        if page.evaluate(KEPT):
            return
        page.wait_for_timeout(200)
    pytest.fail("the service worker kept nothing")


def test_after_a_power_cut_the_last_board_is_painted_again_and_says_that_it_is_old(
    context: BrowserContext, station: Station
):
    page = context.new_page()
    kept(page, station)
    station.reader.replace_card("public_services", 1, number="1.777")
    expect(page.locator('[data-k="public_services.ps_received.number"]')).to_have_text("1.777")
    page.close()
    station.stop()
    page = context.new_page()
    page.goto(station.url)
    page.wait_for_selector(READY, state="attached")
    expect(page.locator('[data-k="public_services.ps_received.number"]')).to_have_text("1.777")
    said = page.locator("#react-entry-point .gone-since")
    expect(said).to_be_visible()
    expect(said).to_have_text(re.compile(r"^Máy chủ chưa trả lời · bảng đã lưu lúc \d\d:\d\d"))
    station.reader.replace_card("public_services", 1, number="1.888")
    station.start()
    expect(page.locator('[data-k="public_services.ps_received.number"]')).to_have_text("1.888", timeout=30000)
    expect(said).to_be_hidden()


def test_the_kept_board_says_that_it_is_old_before_any_script_of_it_runs(context: BrowserContext, station: Station):
    page = context.new_page()
    kept(page, station)
    page.close()
    station.stop()
    page = context.new_page()
    page.route("**/wall.js*", lambda route: route.abort())
    page.goto(station.url, wait_until="commit")
    expect(page.locator("#first-paint .gone-since").first).to_have_text(re.compile("bảng đã lưu lúc 09:00 20/11"))


def test_a_wrong_clock_of_the_screen_changes_nothing(page: Page, station: Station):
    page.add_init_script("const was = Date.now; Date.now = () => was() + 5 * 365 * 864e5;")
    page.goto(station.url)
    page.wait_for_selector(READY, state="attached")
    expect(page.locator("#react-entry-point .clock")).to_have_text(re.compile(r"^09:0\d$"))
    expect(page.locator("#react-entry-point .date")).to_have_text("Thứ Sáu, 20/11/2026 · Tuần 47")
    expect(page.locator("#react-entry-point .lunar")).to_have_text("Âm lịch 12/10 Bính Ngọ")


def step(page: Page, seconds: int) -> None:
    """Let the page's clock run on, its timers fire and its polls be answered."""
    page.clock.fast_forward(seconds * 1000)
    page.wait_for_timeout(120)


def test_a_new_build_is_taken_within_five_minutes_though_no_scene_changes(page: Page, station: Station):
    page.clock.install()
    page.goto(station.url)
    page.wait_for_selector(READY, state="attached")
    page.keyboard.press(" ")
    page.evaluate("window.old = true")
    for _ in range(12):
        step(page, 30)
    assert page.evaluate("window.old"), "six minutes without a new build: the page stays"
    station.app.board.build = "another"
    station.reader.replace_card("public_services", 1, number="1.500")
    expect(page.locator('[data-k="public_services.ps_received.number"]')).to_have_text("1.500")
    for _ in range(9):
        step(page, 30)
    assert page.evaluate("window.old"), "held, and not yet five minutes: the page stays"
    for _ in range(4):
        step(page, 10)
    page.wait_for_function("() => window.old === undefined && document.querySelector('.wall[data-build=another]')")


def test_a_network_that_is_away_for_a_night_is_told_with_its_day_and_forgotten_within_thirty_seconds(
    page: Page, station: Station
):
    page.clock.install()
    page.goto(station.url)
    page.wait_for_selector(READY, state="attached")
    station.stop()
    gone = page.locator("#react-entry-point .gone-since")
    for _ in range(16):
        step(page, 60 * 60)
    expect(gone).to_have_text(re.compile(r"^Máy chủ không trả lời từ 09:0\d 20/11$"))
    expect(page.locator('[data-k="public_services.ps_received.number"]')).to_have_text("1.291")
    expect(page.locator("#react-entry-point .date")).to_have_text("Thứ Bảy, 21/11/2026 · Tuần 47")
    expect(page.locator("#react-entry-point .lunar")).to_have_text("Âm lịch 13/10 Bính Ngọ")
    station.reader.moment = station.reader.moment.replace(day=21, hour=1)
    station.reader.replace_card("public_services", 1, number="1.500")
    station.start()
    for _ in range(6):
        step(page, 5)
    expect(page.locator('[data-k="public_services.ps_received.number"]')).to_have_text("1.500")
    expect(gone).to_be_hidden()


def test_the_page_is_loaded_anew_each_night_at_a_change_of_scene(page: Page, station: Station):
    page.add_init_script("Math.random = () => 0.5;")  # ten minutes after three
    page.goto(station.url)
    page.wait_for_selector(READY, state="attached")
    page.evaluate("window.old = true")

    def at(clock: str) -> None:
        hour, minute = map(int, clock.split(":"))
        station.reader.moment = station.reader.moment.replace(day=21, hour=hour, minute=minute)
        expect(page.locator("#react-entry-point .clock")).to_have_text(clock)
        page.wait_for_timeout(1200)
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(600)

    at("03:05")
    assert page.evaluate("window.old")
    at("03:12")
    page.wait_for_function("() => window.old === undefined")
    page.wait_for_selector(READY, state="attached")
    page.evaluate("window.old = true")
    at("09:00")
    assert page.evaluate("window.old"), "once a night"


def test_a_matter_that_turns_red_brings_its_scene_first_and_keeps_it_longer(page: Page):
    import sample_panels as sample

    station = Station(scenes=(("public_services", 20), ("directing", 10)))
    try:
        page.goto(station.url)
        page.wait_for_selector(READY, state="attached")
        scene = page.locator("#react-entry-point [data-k=directing]")
        assert scene.get_attribute("data-skip") == "1", "nothing calls for direction: no turn"
        assert page.locator("#react-entry-point .mark:visible").count() == 0
        station.reader.todo = sample.TODOS
        station.reader.data_version += 1
        expect(page.locator('[data-k="directing.todo0.count"]')).to_have_text("23")
        assert (scene.get_attribute("data-rank"), scene.get_attribute("data-seconds")) == ("0", "15")
        page.keyboard.press("ArrowRight")
        expect(page.locator("#react-entry-point .mark:visible")).to_have_count(2)
        expect(page.get_by_text("Hồ sơ một cửa quá hạn").last).to_be_visible()
    finally:
        station.stop()


def test_dark_hours_dim_or_blank_the_screen_and_a_key_wakes_it(page: Page):
    station = Station(dim="08:00-10:00")
    try:
        page.goto(station.url)
        page.wait_for_selector(READY, state="attached")
        assert page.locator(".wall").last.get_attribute("data-light") == "dim"
    finally:
        station.stop()
    station = Station(blank="08:00-10:00")
    try:
        page.goto(station.url)
        page.wait_for_selector(READY, state="attached")
        assert page.locator(".wall").last.get_attribute("data-light") == "blank"
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => [...document.querySelectorAll('.wall')].pop().dataset.light === ''", timeout=5000)
    finally:
        station.stop()
