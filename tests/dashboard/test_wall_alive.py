"""Who has fallen silent is told: a screen on its page and in /healthz, the briefings' process in /healthz."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dashboard.app import build_server
from dashboard.desk.render import render
from dashboard.health import health
from dashboard.open_queries import open_queries
from dashboard.screens import screens_of
from datasets.store.heartbeat import SCHEDULER, Heartbeats

BEAT = {"scene": "Tổng quan", "version": 7, "age": 3, "heap": 12.5, "width": 1920, "height": 1080, "build": "abc",
        "state": "ok"}  # fmt: skip


@pytest.fixture
def later(commune):
    """The invented commune some minutes after nine, opened by a clock of its own."""
    opened = []

    def open_at(minutes: int):
        hours, rest = divmod(9 * 60 + minutes, 60)
        opened.append(open_queries(commune, {"IOC_NOW": f"2026-11-20T{hours:02}:{rest:02}:00+07:00"}))
        return opened[-1]

    yield open_at
    for queries in opened:
        queries.store.close()


@pytest.fixture
def screen(queries, request):
    """A screen approved at nine that told of itself once."""
    screens = screens_of(queries)
    screens.ask(f"token of {request.node.name}", "HALL22")
    line = screens.approve("HALL22", name="Hội trường", unit="98001")
    screens.beats({line.id: (queries.now(), BEAT)})
    yield line
    screens.revoke(line.id)


@pytest.mark.parametrize(("minutes", "told"), [(10, False), (11, True)])
def test_a_screen_silent_for_ten_minutes_is_an_alert_on_its_page_among_the_alerts_and_in_healthz(
    later, screen, minutes, told
):
    queries = later(minutes)
    sentence = "Màn hình «Hội trường» im lặng từ 09:00 20/11/2026"
    for path in ("/man-hinh-quan-ly", "/canh-bao"):
        page = str(render(queries, path, ""))
        assert (sentence in page and "role='alert'" in page) is told, path
    answer = build_server(queries).test_client().get("/healthz").json
    assert (sentence in answer["warnings"]) is told
    assert answer["status"] == "ok", "a silent screen is no reason to call the house ill"


def test_a_screen_that_speaks_again_is_no_alert(later, screen):
    queries = later(11)
    screens_of(queries).beats({screen.id: (queries.now(), BEAT)})
    assert not [w for w in health(queries)[0]["warnings"] if "Hội trường" in w]


@pytest.fixture
def wrote(queries, monkeypatch):
    """Sets for how many minutes the briefings' process has been silent; the scheduler beats."""

    def set_silence(minutes):
        beats = {SCHEDULER: queries.now(), "briefings": queries.now() - timedelta(minutes=minutes)}
        monkeypatch.setattr(Heartbeats, "last", lambda self, name=SCHEDULER: beats[name])

    return set_silence


def test_a_briefings_process_silent_for_longer_than_five_minutes_makes_the_house_unwell(client, wrote):
    wrote(6)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (503, "failing")
    assert answer.json["briefings_seen"] == "2026-11-20T08:54:00+07:00"
    (said,) = answer.json["failures"]
    assert "báo cáo tuần im lặng từ 08:54 20/11/2026" in said and "python -m dashboard briefings" in said


def test_a_briefings_process_that_beats_is_well(client, wrote):
    wrote(2)
    assert client.get("/healthz").status_code == 200


def test_a_briefings_process_that_never_ran_is_not_silent(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["briefings_seen"]) == (200, None)
