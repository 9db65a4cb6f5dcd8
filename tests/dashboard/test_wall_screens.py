"""Screens as devices: a code, an approval, a token; and what each says of itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count

import pytest
import sample_panels as sample
from flask import Flask

from dashboard.screens import wanted_scenes
from dashboard.wall.app import PATH, mount
from dashboard.wall.beats import Beat, Beats
from dashboard.wall.gate import COOKIE, Gate
from dashboard.wall.profile import usual_profile
from datasets.clock import Clock
from datasets.errors import StoreError, UsageError
from datasets.store import Store
from datasets.store.screens import Screens, ScreenState, hashed

PANELS = (sample.PUBLIC, sample.SOCIAL)
BEAT = {"scene": "Dịch vụ công", "version": 7, "age": 3, "heap": 12.5, "width": 1920, "height": 1080, "build": "abc",
        "state": "ok"}  # fmt: skip


class Hall:
    """A wall behind its gate, with clocks that the test turns."""

    def __init__(self, store: Store, **settings: object) -> None:
        self.now = datetime(2026, 11, 20, 9, tzinfo=sample.ZONE)
        self.seconds = 0.0
        numbers = count(1)
        self.screens = Screens(store.engine, lambda: self.now)
        self.reader = sample.Reader(sample.public_services(), sample.socio_economic())
        said = sample.settings(**settings)
        gate = Gate(
            self.screens, usual_profile(said, PANELS), said, lambda: self.now,
            random=lambda size: sha256(str(next(numbers)).encode()).digest()[:size], tick=lambda: self.seconds,
        )  # fmt: skip
        self.beats = Beats(self.screens, lambda: self.now, tick=lambda: self.seconds)
        self.server = Flask("test", static_folder=None)
        self.app = mount(self.server, self.reader, said, PANELS, gate=gate, beats=self.beats)

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)
        self.seconds += timedelta(**span).total_seconds()

    def browser(self):
        return self.server.test_client()

    def code(self, browser) -> str:
        page = browser.get(PATH)
        assert page.status_code == 401
        text = page.get_data(as_text=True)
        return text[text.index('id="screen-code">') + 17 :][:6]

    def approved(self, **how: object):
        browser = self.browser()
        self.screens.approve(self.code(browser), name="Phòng họp", unit="90001", **how)
        self.pass_time(seconds=11)
        return browser


@pytest.fixture
def hall(store: Store) -> Hall:
    return Hall(store, open_on_loopback=False)


def test_an_unknown_screen_shows_a_code_and_no_figure(hall):
    browser = hall.browser()
    page = browser.get(PATH).get_data(as_text=True)
    assert "96,4" not in page
    code = hall.code(browser)
    assert len(code) == 6 and hall.code(browser) == code, "the same until it is approved"
    for path in ("state", "_dash-layout"):
        answer = browser.get(PATH + path)
        assert answer.status_code == 401 and answer.get_json() == {"code": code}
    assert browser.post(f"{PATH}beat", json=BEAT).status_code == 401
    assert hall.browser().get(f"{PATH}state").get_json() == {"code": None}, "who only asks is given nothing to keep"


def test_an_approved_screen_shows_its_scenes_and_goes_on_for_good(hall):
    browser = hall.approved(scenes=(("socio_economic", 40.0),))
    page = browser.get(PATH)
    assert page.status_code == 200
    assert 'data-k="public_services"' not in page.get_data(as_text=True)
    assert set(browser.get(f"{PATH}state").get_json()["nodes"]) >= {"socio_economic"}
    hall.pass_time(days=29)
    assert browser.get(f"{PATH}state").status_code == 200
    cookie = browser.get_cookie(COOKIE, path=PATH)
    assert cookie.http_only and cookie.path == PATH and cookie.max_age > 300 * 86400


def test_only_a_hash_of_the_token_is_kept(hall):
    browser = hall.approved()
    token = browser.get_cookie(COOKIE, path=PATH).value
    (line,) = hall.screens.all()
    assert len(token) == 64 and line.token_hash == hashed(token) != token


def test_a_revoked_screen_shows_a_code_again(hall):
    browser = hall.approved()
    assert browser.get(f"{PATH}state").status_code == 200
    hall.screens.revoke(hall.screens.all()[0].id)
    hall.pass_time(seconds=11)
    assert browser.get(f"{PATH}state").status_code == 401
    assert len(hall.code(browser)) == 6
    with pytest.raises(UsageError):
        hall.screens.revoke(hall.screens.all()[0].id)


def test_a_token_is_exchanged_after_a_month_and_a_lost_answer_does_no_harm(hall):
    browser, lost = hall.approved(), hall.browser()
    first = browser.get_cookie(COOKIE, path=PATH).value
    lost.set_cookie(COOKIE, first, path=PATH)
    hall.pass_time(days=31)
    assert browser.get(PATH).status_code == 200
    second = browser.get_cookie(COOKIE, path=PATH).value
    assert second != first
    hall.pass_time(seconds=11)
    assert lost.get(f"{PATH}state").status_code == 200, "the answer with the new token may have been lost"
    assert browser.get(f"{PATH}state").status_code == 200
    hall.pass_time(seconds=11)
    assert lost.get(f"{PATH}state").status_code == 401, "the new one was seen: the former is good no more"


def test_a_store_that_is_busy_sends_no_screen_away(hall, monkeypatch):
    """Exchanging a token writes; that it cannot be written now is no reason for an error or a code."""
    browser = hall.approved()
    token = browser.get_cookie(COOKIE, path=PATH).value
    hall.pass_time(days=31)

    def busy(*_: object) -> None:
        raise StoreError("error.store_locked")

    with monkeypatch.context() as locked:
        locked.setattr(hall.screens, "rotate", busy)
        assert browser.get(PATH).status_code == 200
        assert browser.get_cookie(COOKIE, path=PATH).value == token
    assert browser.get(PATH).status_code == 200
    assert browser.get_cookie(COOKIE, path=PATH).value != token
    with monkeypatch.context() as locked:
        locked.setattr(hall.screens, "rotated", busy)
        hall.pass_time(seconds=11)
        assert browser.get(f"{PATH}state").status_code == 200


def test_a_code_lasts_a_day(hall):
    browser = hall.browser()
    code = hall.code(browser)
    hall.pass_time(hours=25)
    with pytest.raises(UsageError):
        hall.screens.approve(code, name="x", unit="90001")
    assert hall.code(browser) != code


def test_many_unknown_browsers_do_not_fill_the_store(hall):
    for _ in range(60):
        hall.browser().get(PATH)
    assert len(hall.screens.all(ScreenState.WAITING)) == 50


def test_this_machine_needs_no_approval_while_the_server_listens_here_only(store):
    assert Hall(store).browser().get(PATH).status_code == 200
    for asked in ({"REMOTE_ADDR": "192.168.1.9"}, {"HTTP_X_FORWARDED_FOR": "192.168.1.9"}, {"HTTP_HOST": "evil.vn"}):
        assert Hall(store).browser().get(PATH, environ_overrides=asked).status_code == 401, asked
    assert Hall(store, host="0.0.0.0").browser().get(PATH).status_code == 401
    assert Hall(store, open_on_loopback=False).browser().get(PATH).status_code == 401


def test_a_screens_unit_and_sizes_are_its_own(hall):
    browser = hall.approved(diagonal=85.0, distance=3.0)
    hall.screens.approve(hall.code(other := hall.browser()), name="Xã bạn", unit="90002")
    hall.pass_time(seconds=11)
    assert "font-size:24px" in browser.get(PATH).get_data(as_text=True)
    page = other.get(PATH).get_data(as_text=True)
    assert "Đơn vị 90002" in page and sample.CENTRE not in page


def test_beats_tell_what_each_screen_shows_and_silence_is_seen(hall):
    browser = hall.approved()
    assert browser.post(f"{PATH}beat", json=BEAT).status_code == 204
    (line,) = hall.screens.all()
    assert line.beat["scene"] == "Dịch vụ công" and line.beat_at == hall.now
    assert not line.silent(hall.now + timedelta(minutes=10))
    assert line.silent(hall.now + timedelta(minutes=10, seconds=1))


def test_beats_are_written_together(hall):
    browser = hall.approved()
    browser.post(f"{PATH}beat", json=BEAT)
    hall.pass_time(seconds=5)
    browser.post(f"{PATH}beat", json={**BEAT, "scene": "Tổng quan"})
    assert hall.screens.all()[0].beat["scene"] == "Dịch vụ công"
    hall.beats.write()
    assert hall.screens.all()[0].beat["scene"] == "Tổng quan"


@pytest.mark.parametrize("said", [{}, [], {**BEAT, "width": "wide"}, {**BEAT, "version": None}, "text"])
def test_what_is_no_beat_is_refused(hall, said):
    assert hall.approved().post(f"{PATH}beat", json=said).status_code == 400
    assert Beat.of(said) is None


def test_a_form_of_another_site_is_no_beat(hall):
    assert hall.approved().post(f"{PATH}beat", data={"scene": "x"}).status_code == 400


def test_scenes_are_named_with_or_without_their_seconds(clock: Clock):
    assert wanted_scenes("directing, public_services:40") == (("directing", 25.0), ("public_services", 40.0))
    for said in ("unknown", "overview:2", "overview:x"):
        with pytest.raises(UsageError):
            wanted_scenes(said)
