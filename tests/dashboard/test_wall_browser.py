"""The wall in a browser: it fits, turns, updates in place, and never lies about a silent server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import sample_panels as sample
from playwright.sync_api import Browser, Page, expect
from wall_measures import misfits
from wall_station import READY, Station

from dashboard.wall.type_sizes import Screen, TypeScale

SMALL = """floor => [...document.querySelectorAll('.wall *')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
    .map(e => [parseFloat(getComputedStyle(e).fontSize), e.className.baseVal ?? e.className, e.textContent])
    .filter(([px, name]) => px < floor - 0.01)"""
ZOOMED = "want => Math.abs(getComputedStyle(document.documentElement).getPropertyValue('--zoom') - want) < 0.001"


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    """No service worker but where a test is about it: it would hide requests from the test's hooks."""
    return {**browser_context_args, "service_workers": "block"}


@pytest.fixture
def station() -> Iterator[Station]:
    station = Station()
    yield station
    station.stop()


def opened(page: Page, station: Station, query: str = "") -> Page:
    page.goto(station.url + query)
    page.wait_for_selector(READY, state="attached")
    return page


def number(page: Page, tile: str) -> object:
    return page.locator(f'[data-k="{tile}.number"]')


# -- fit and legibility ------------------------------------------------------------------------


SIZES = ((1280, 720), (1366, 768), (1920, 1080), (3840, 2160))
UPRIGHT = ((1080, 1920), (2160, 3840), (720, 1280))
USUAL = (sample.public_services(), sample.socio_economic())
LATE = sample.source("stale", "Một cửa điện tử không trả lời từ 06:00 (lỗi 500), số liệu đến 08:15 ngày 19/11/2026")
NEAR_ZERO = replace(
    USUAL[0],
    charts=(
        replace(
            USUAL[0].charts[0],
            series=tuple(replace(s, values=(*s.values[:-1], 8 + i)) for i, s in enumerate(USUAL[0].charts[0].series)),
        ),
        USUAL[0].charts[1],
    ),
)
"""A Monday morning: both lines of the week that has begun end just above the axis."""
CASES = {
    "usual": USUAL,
    "longest names and largest numbers": tuple(map(sample.extreme, USUAL)),
    "late": tuple(replace(data, sources=(LATE,)) for data in USUAL),
    "near zero": (NEAR_ZERO, USUAL[1]),
    "no charts": tuple(replace(data, charts=()) for data in USUAL),
}


@pytest.mark.parametrize("canvas", ["landscape", "portrait"])
@pytest.mark.parametrize("case", CASES)
def test_everything_fits_at_each_size(page: Page, case, canvas):
    matters = sample.TODOS if case == "usual" else sample.extreme_todos()
    station = Station(*CASES[case], todos=matters)
    sizes, height_of = (SIZES, 1080) if canvas == "landscape" else (UPRIGHT, 1920)
    try:
        page.set_viewport_size({"width": sizes[0][0], "height": sizes[0][1]})
        opened(page, station)
        assert page.locator(".wall").last.get_attribute("data-layout") == canvas
        for width, height in sizes:
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_function(ZOOMED, arg=height / height_of)
            assert misfits(page) == [], (width, height)
            page_size = "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
            assert page.evaluate(page_size) == [width, height]
            edges = page.evaluate(
                "(r => [r.left, r.top, r.right, r.bottom])(document.querySelector('.wall').getBoundingClientRect())"
            )
            assert edges == pytest.approx([0, 0, width, height], abs=1.5)
    finally:
        station.stop()


@pytest.mark.parametrize(("diagonal", "distance"), [(55, 4), (75, 5), (43, 3)])
def test_no_text_is_painted_below_the_floor_of_its_screen(page: Page, diagonal, distance):
    station = Station(diagonal=diagonal, distance=distance)
    try:
        page.set_viewport_size({"width": 1920, "height": 1080})
        opened(page, station)
        assert page.evaluate(SMALL, TypeScale.of(Screen(diagonal, distance)).floor) == []
        assert misfits(page) == []
    finally:
        station.stop()


# -- the first paint ---------------------------------------------------------------------------


def test_the_figures_are_there_without_any_script(browser: Browser, station: Station):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1920, "height": 1080})
    try:
        page = context.new_page()
        page.goto(station.url)
        expect(page.get_by_text("96,4")).to_be_visible()
        expect(page.get_by_text("SỐ LIỆU MINH HOẠ")).to_be_visible()
    finally:
        context.close()


def test_a_whole_life_without_error_or_outside_request(page: Page, station: Station):
    errors: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    opened(page, station)
    page.keyboard.press("ArrowRight")
    station.reader.replace_card("public_services", 1, number="1.292")
    expect(number(page, "public_services.ps_received")).to_have_text("1.292")
    assert errors == []
    assert {urlsplit(url).hostname for url in asked} == {"127.0.0.1"}
    assert not [url for url in asked if re.search(r"dcc|mantine|ag_grid|desk|plotly\.min", url)]
    assert page.locator("#first-paint").count() == 0
    assert page.locator(".js-plotly-plot .main-svg").count() > 0
    assert page.evaluate("getComputedStyle(document.querySelector('.tile')).cursor") == "none"


def test_another_language_is_mounted_as_asked(page: Page, station: Station):
    opened(page, station, "?ngon-ngu=en")
    expect(page.locator(".date").last).to_contain_text("Friday, 20/11/2026 · Week 47")
    expect(page.locator('[data-k="public_services.ps_received.age"]')).to_have_text("to 08:15")


# -- scenes ------------------------------------------------------------------------------------


SHOWN = """want => JSON.stringify([...document.querySelectorAll('.scene')]
    .filter(s => !s.firstElementChild.dataset.skip)
    .map(s => s.dataset.on + getComputedStyle(s).visibility)) === JSON.stringify(want)"""


def wait_until_shown(page: Page, scenes: list[str]) -> None:
    """The scenes that are not skipped, in the page's order: which is on, which can be seen."""
    page.wait_for_function(SHOWN, arg=scenes, timeout=8000)


def test_scenes_take_turns_each_for_its_own_time(page: Page):
    station = Station(scenes=(("public_services", 0.6), ("socio_economic", 1.8)))
    try:
        opened(page, station)
        turns = page.evaluate("""() => new Promise(done => {
            const wall = document.querySelector('.wall'), times = [];
            new MutationObserver(() => {
                times.push([wall.dataset.scene, performance.now()]);
                if (times.length === 3) done(times);
            }).observe(wall, {attributeFilter: ['data-scene']}); })""")
        stayed = {turns[i][0]: (turns[i + 1][1] - turns[i][1]) / 1000 for i in range(2)}
        assert stayed["0"] == pytest.approx(0.6, abs=0.5) and stayed["1"] == pytest.approx(1.8, abs=0.5)
    finally:
        station.stop()


def test_arrow_keys_turn_and_space_holds(page: Page, station: Station):
    opened(page, station)
    wait_until_shown(page, ["1visible", "hidden"])
    page.keyboard.press("ArrowRight")
    wait_until_shown(page, ["hidden", "1visible"])
    page.keyboard.press("ArrowLeft")
    wait_until_shown(page, ["1visible", "hidden"])
    page.keyboard.press(" ")
    expect(page.locator(".paused")).to_be_visible()
    page.keyboard.press(" ")
    expect(page.locator(".paused")).to_be_hidden()


def test_a_held_scene_stays(page: Page):
    station = Station(scenes=(("public_services", 0.8), ("socio_economic", 0.8)))
    try:
        opened(page, station)
        page.keyboard.press(" ")
        held = page.locator(".wall").get_attribute("data-scene")
        page.wait_for_timeout(1500)
        assert page.locator(".wall").get_attribute("data-scene") == held
    finally:
        station.stop()


# -- updates -----------------------------------------------------------------------------------


def test_news_is_put_in_place_and_the_page_does_not_grow(page: Page, station: Station):
    opened(page, station)
    page.evaluate("window.kept = document.querySelector('[data-k=\"public_services.ps_received.number\"]')")
    page.evaluate("window.plot = document.querySelector('.js-plotly-plot')")
    count = page.evaluate("document.querySelectorAll('*').length")
    data = sample.public_services()
    for turn in range(1, 6):
        trend = replace(data.charts[0], series=(replace(data.charts[0].series[0], values=(*range(11), 100.0 + turn)),))
        station.reader.panels["public_services"] = replace(data, charts=(trend, data.charts[1]))
        station.reader.replace_card("public_services", 1, number=f"{turn}.000")
        expect(number(page, "public_services.ps_received")).to_have_text(f"{turn}.000")
        expect(page.locator(".js-plotly-plot")).to_contain_text(str(100 + turn))
    one_line = page.evaluate("document.querySelectorAll('*').length")
    assert one_line <= count
    station.reader.replace_card("public_services", 1, number="9.000")
    expect(number(page, "public_services.ps_received")).to_have_text("9.000")
    assert page.evaluate("document.querySelectorAll('*').length") == one_line
    assert page.evaluate("window.kept.isConnected && window.plot.isConnected")


def test_a_member_that_comes_or_goes_needs_no_new_page(page: Page, station: Station):
    opened(page, station)
    page.evaluate("window.same = true")
    data = sample.public_services()
    bars = data.charts[1]
    fewer = replace(
        bars, categories=bars.categories[:3], keys=bars.keys[:3],
        series=tuple(replace(s, values=s.values[:3]) for s in bars.series),
    )  # fmt: skip
    rows = page.locator("[data-k=public_services] .row:visible")
    expect(rows).to_have_count(7)
    station.reader.panels["public_services"] = replace(data, charts=(data.charts[0], fewer))
    station.reader.data_version += 1
    expect(rows).to_have_count(3)
    assert page.evaluate("window.same")


def test_a_new_build_is_taken_at_a_change_of_scene(page: Page, station: Station):
    opened(page, station)
    page.evaluate("window.old = true")
    station.app.board.build = "another"
    station.reader.replace_card("public_services", 1, number="1.500")
    expect(number(page, "public_services.ps_received")).to_have_text("1.500")
    assert page.evaluate("window.old")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "window.old === undefined && document.querySelector(\"#react-entry-point .wall[data-ready='1']\")"
    )
    assert page.locator(".wall").get_attribute("data-build") == "another"


def test_a_panel_that_gets_its_first_data_appears_by_itself(page: Page):
    late_comer = sample.socio_economic()
    station = Station(sample.public_services(), replace(late_comer, cards=(), charts=()))
    try:
        opened(page, station)
        assert page.locator(".scene").count() == 2
        old = page.locator(".wall").get_attribute("data-tag")
        station.reader.panels["socio_economic"] = late_comer
        station.reader.data_version += 1
        page.wait_for_function("old => document.querySelector('.wall').dataset.tag !== old", arg=old)
        page.keyboard.press("ArrowRight")
        expect(page.locator("#react-entry-point .scene")).to_have_count(3, timeout=20000)
    finally:
        station.stop()


# -- a silent server ---------------------------------------------------------------------------


def test_when_the_server_is_gone_the_frame_says_since_when_and_the_figures_stay_until_it_is_back(
    page: Page, station: Station
):
    opened(page, station)
    station.stop()
    gone = page.locator(".gone-since")
    expect(gone).to_have_text(re.compile(r"^Máy chủ không trả lời từ \d\d:\d\d$"), timeout=8000)
    expect(gone).to_be_visible()
    expect(number(page, "public_services.ps_on_time_rate")).to_be_visible()
    expect(number(page, "public_services.ps_on_time_rate")).to_have_text("96,4")
    station.reader.replace_card("public_services", 0, number="96,5")
    page.wait_for_timeout(500)
    station.start()
    expect(number(page, "public_services.ps_on_time_rate")).to_have_text("96,5", timeout=8000)
    expect(gone).to_be_hidden()


@pytest.mark.parametrize("answer", ["garbage", "error", "silence"])
def test_a_wrong_answer_is_no_answer(page: Page, station: Station, answer):
    opened(page, station)

    def reply(route):
        if answer == "garbage":
            route.fulfill(status=200, content_type="application/json", body='{"tag": "x"}')
        elif answer == "error":
            route.fulfill(status=500, body="<html>")
        # silence: neither answered nor refused

    page.route("**/man-hinh/state*", reply)
    page.wait_for_function("document.querySelector('.wall').dataset.state === 'gone'", timeout=8000)
    expect(number(page, "public_services.ps_received")).to_have_text("1.291")
    page.unroute("**/man-hinh/state*")
    if answer != "silence":
        page.wait_for_function("document.querySelector('.wall').dataset.state === 'ok'", timeout=8000)


def test_a_new_page_is_not_loaded_while_the_server_is_gone(page: Page, station: Station):
    opened(page, station)
    page.evaluate("window.old = true")
    station.app.board.build = "another"
    station.reader.replace_card("public_services", 1, number="1.500")
    expect(number(page, "public_services.ps_received")).to_have_text("1.500")
    station.stop()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(700)
    assert page.evaluate("window.old")
    expect(page.locator('[data-k="socio_economic.se_population.number"]')).to_be_visible()


def test_the_clock_is_the_servers_whatever_the_screens_own(browser: Browser, station: Station):
    context = browser.new_context(timezone_id="America/New_York", viewport={"width": 1920, "height": 1080})
    try:
        page = opened(context.new_page(), station)
        expect(page.locator(".clock")).to_have_text(re.compile(r"^09:0[01]$"))
        expect(page.locator(".date")).to_have_text("Thứ Sáu, 20/11/2026 · Tuần 47")
    finally:
        context.close()
