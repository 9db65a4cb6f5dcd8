"""The web's process sees that the scheduler has stopped; the scheduler cannot say so itself."""

from __future__ import annotations

from datetime import timedelta

import pytest


@pytest.fixture
def seen(queries, monkeypatch):
    """Sets for how many minutes the scheduler has been silent."""

    def set_silence(minutes):
        moment = queries.now() - timedelta(minutes=minutes)
        monkeypatch.setattr(type(queries), "scheduler_seen", lambda self: moment)

    return set_silence


def test_a_scheduler_silent_for_longer_than_five_minutes_makes_the_house_unwell(client, seen):
    seen(6)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"]) == (503, "failing")
    assert answer.json["scheduler_seen"] == "2026-11-20T08:54:00+07:00"
    (said,) = answer.json["failures"]
    assert "im lặng từ 08:54 20/11/2026" in said
    assert "python -m connectors run" in said


def test_a_scheduler_that_beats_is_well_and_its_silence_is_a_metric(client, seen):
    seen(2)
    assert client.get("/healthz").status_code == 200
    assert "ioc_scheduler_silence_seconds 120.0" in client.get("/metrics").get_data(as_text=True)


def test_where_no_scheduler_ever_ran_there_is_no_silence(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["scheduler_seen"]) == (200, None)
    assert "ioc_scheduler_silence_seconds" not in client.get("/metrics").get_data(as_text=True)
