"""The wall through trouble: at no moment blank, an error page, or old without saying so.

The oracle is apart from the wall: figures change all the while at the source of this test,
which notes when each was overtaken; each frame looked at must hold figures, and say that
nobody answers whenever what it shows was overtaken longer ago than the promise allows.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from flask import Response, request
from invented_commune import CONFIG, UNITS, fill
from playwright.sync_api import Browser, BrowserContext, Page, expect
from wall_station import PERIOD, READY, Station
from werkzeug.serving import make_server

from dashboard.app import build_server
from dashboard.open_queries import open_queries
from dashboard.screens import screens_of
from dashboard.wall.gate import COOKIE
from datasets.errors import StoreError

FRAME = """() => { const wall = [...document.querySelectorAll('.wall')].pop();
    const numbers = wall ? [...wall.querySelectorAll('.scene[data-on="1"] .number')].filter(n => n.textContent) : [];
    const counter = wall && wall.querySelector('[data-k="public_services.ps_received.number"]');
    return {state: wall ? wall.dataset.state : 'none', numbers: numbers.length, letters: document.body.innerText.length,
            counter: counter ? +counter.textContent : 0, title: document.title}; }"""
TROUBLES = ("stopped", "error", "garbage", "portal", "empty", "slow", "minute", "key")
LONG = 3.0  # as 60 s are to a period of 15 s, and longer than the page waits for an answer
LATEST = 3 * PERIOD + 4  # three periods, and what two busy cores need; so old may a figure be in silence
TROUBLED = 6.5  # seconds of each trouble


class Source:
    """A figure that grows by one several times a second, and when each was overtaken."""

    def __init__(self, station: Station) -> None:
        self.station, self.overtaken = station, {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for number in count(1):
            self.station.reader.replace_card("public_services", 1, number=str(number))
            if self._stop.wait(0.2):
                return
            self.overtaken[number] = time.monotonic()

    def age(self, number: int) -> float:
        """For how long there has been a newer figure than this one."""
        return time.monotonic() - self.overtaken.get(number, time.monotonic())

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@pytest.fixture
def station() -> Iterator[Station]:
    station = Station()
    yield station
    station.stop()


def watch(page: Page, seconds: float, judge: Callable[[dict], None]) -> list[str]:
    """Look at the page again and again; the states it was in."""
    states, over = [], time.monotonic() + seconds
    while time.monotonic() < over:
        frame = page.evaluate(FRAME)
        assert frame["numbers"] >= 1 and frame["letters"] > 100 and frame["title"] == "Màn hình điều hành", frame
        judge(frame)
        states.append(frame["state"])
        page.wait_for_timeout(250)
    return states


def caught_up(page: Page, source: Source) -> None:
    """Wait until the page shows what the source says now."""
    over = time.monotonic() + 10
    while source.age(page.evaluate(FRAME)["counter"]) > 1:
        assert time.monotonic() < over, "who answers again brings the newest figures with the answer"
        page.wait_for_timeout(50)


def test_no_frame_is_blank_or_an_error_page_or_old_in_silence(page: Page, station: Station):
    mood, bodies = {"now": ""}, {"garbage": '{"tag": 1, "nodes": []}', "portal": "<html>Đăng nhập mạng</html>"}

    @station.server.before_request
    def misbehave() -> Response | None:
        if mood["now"] in ("", "key") or not request.path.endswith("/state"):
            return None
        if mood["now"] in ("slow", "minute"):
            time.sleep(1.2 if mood["now"] == "slow" else LONG)
            return None
        return Response(bodies.get(mood["now"], ""), status=500 if mood["now"] == "error" else 200)

    source = Source(station)
    try:
        page.goto(station.url)
        page.wait_for_selector(READY, state="attached")
        caught_up(page, source)

        def honest(frame: dict) -> None:
            assert frame["state"] == "gone" or source.age(frame["counter"]) < LATEST, (mood, frame)

        for trouble in TROUBLES:
            mood["now"] = trouble
            if trouble == "stopped":
                station.stop()
            if trouble == "key":  # nobody is signed in on a wall: another key of the sessions is nothing to it
                station.server.secret_key = "another"
            states = watch(page, TROUBLED, honest)
            if trouble != "slow":  # three periods long, and then it answers: it may be told or not
                assert ("gone" in states) == (trouble != "key"), (trouble, states)
            mood["now"] = ""
            if trouble == "stopped":
                station.start()
            page.wait_for_function(
                "() => [...document.querySelectorAll('.wall')].pop().dataset.state === 'ok'", timeout=30000
            )
            caught_up(page, source)
    finally:
        source.stop()


# -- over the whole server and its store ------------------------------------------------------------------


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[str, Path, object]]:
    """The whole server over a store of its own: its address, the store's file, the queries."""
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG + "wall: {open_on_loopback: false}\n", "utf-8")
    queries = open_queries(tmp_path / "config.yaml", {"IOC_NOW": "2026-11-20T09:00:00+07:00"})
    fill(queries.store, queries.settings, queries.calendar, queries.clock)
    server = make_server("127.0.0.1", 0, build_server(queries), threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", next(tmp_path.glob("*.db")), queries
    server.shutdown()
    server.server_close()
    queries.store.close()


def test_a_locked_store_and_other_keys_leave_the_board_as_it_is(context: BrowserContext, house):
    site, file, queries = house
    page = context.new_page()
    page.goto(f"{site}/man-hinh/")
    code = page.locator("#screen-code").inner_text()
    screens = screens_of(queries)
    line = screens.approve(code, name="Phòng họp", unit="98001")
    page.wait_for_selector(READY, state="attached", timeout=30000)
    poll = "() => window.dispatchEvent(new Event('online'))"

    def never_gone(frame: dict) -> None:
        assert frame["state"] == "ok", frame

    lock = sqlite3.connect(file, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
        for _ in range(4):
            page.evaluate(poll)
            watch(page, 1, never_gone)
    finally:
        lock.execute("ROLLBACK")
        lock.close()
    (cookie,) = (c for c in context.cookies(f"{site}/man-hinh/") if c["name"] == COOKIE)
    screens.rotate(line, cookie["value"], "f" * 64)  # its answer is lost: the former token is all the screen has
    page.evaluate(poll)
    watch(page, 1, never_gone)
    page.reload()
    page.wait_for_selector(READY, state="attached")
    watch(page, 1, never_gone)


def test_a_store_that_cannot_be_read_is_a_silence_told_and_not_an_error_page(
    context: BrowserContext, house, monkeypatch
):
    site, _, queries = house
    page = context.new_page()
    page.clock.install()
    page.goto(f"{site}/man-hinh/")
    screens_of(queries).approve(page.locator("#screen-code").inner_text(), name="Phòng họp", unit="98001")
    page.clock.run_for(6000)
    page.wait_for_selector(READY, state="attached", timeout=30000)
    page.keyboard.press(" ")

    def locked(self: object) -> int:
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as broken:
        broken.setattr(type(queries.store), "version", locked)
        for _ in range(5):
            page.clock.run_for(16000)
            watch(page, 0.5, lambda frame: None)
        assert page.evaluate(FRAME)["state"] == "gone"
        assert re.match(
            r"Máy chủ không trả lời từ 09:\d\d", page.locator("#react-entry-point .gone-since").inner_text()
        )
    for _ in range(3):
        page.clock.run_for(10000)
        page.wait_for_timeout(300)
    assert page.evaluate(FRAME)["state"] == "ok", "within thirty seconds of its return"


def test_a_screen_switched_on_while_the_store_cannot_be_read_says_so_and_shows_the_board_by_itself(
    browser: Browser, house, monkeypatch
):
    """Without what a service worker keeps: as on a new screen, or over plain http."""
    site, _, queries = house
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, service_workers="block")
    page = context.new_page()
    page.clock.install()
    try:
        page.goto(f"{site}/man-hinh/")
        screens_of(queries).approve(page.locator("#screen-code").inner_text(), name="Phòng họp", unit="98001")
        monkeypatch.setattr("dashboard.wall.gate.REMEMBERED", 0)
        for problem in (sqlite3.OperationalError("database is locked"), StoreError("error.store_locked")):
            with monkeypatch.context() as broken:
                broken.setattr(type(queries.store), "version", _raising(problem))
                answer = page.goto(f"{site}/man-hinh/")
                assert answer is not None and answer.status == 503
                assert "default-src 'self'" in answer.headers["content-security-policy"]
                expect(page.locator("#trouble")).to_have_text("Máy chủ chưa đọc được số liệu")
                page.clock.run_for(9000)
                expect(page.locator("#trouble")).to_be_visible()
            for _ in range(6):
                page.clock.run_for(2000)
                page.wait_for_timeout(200)
            page.wait_for_selector(READY, state="attached", timeout=20000)
    finally:
        context.close()


def _raising(problem: Exception) -> Callable[[object], int]:
    def version(self: object) -> int:
        raise problem

    return version


def test_a_revoked_screen_shows_a_code_and_keeps_nothing_of_its_board(context: BrowserContext, house, monkeypatch):
    site, _, queries = house
    monkeypatch.setattr("dashboard.wall.gate.REMEMBERED", 0)
    page = context.new_page()
    page.goto(f"{site}/man-hinh/")
    first = page.locator("#screen-code").inner_text()
    line = screens_of(queries).approve(first, name="Phòng họp", unit="98001")
    page.wait_for_selector(READY, state="attached", timeout=30000)
    screens_of(queries).revoke(line.id)
    page.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(page.locator("#screen-code")).not_to_have_text(first, timeout=15000)
    assert page.locator(".wall").count() == 0
    assert page.evaluate("[localStorage.getItem('wall-state'), localStorage.getItem('wall-good')]") == [None, None]
    assert page.evaluate("async () => (await caches.keys()).length") == 0
