"""Many screens cost what one costs: each painting is computed once, however many ask for it at a time."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from dashboard.open_queries import open_queries
from dashboard.panels import PANELS
from dashboard.wall.app import mount
from dashboard.wall.readings import HouseReader
from datasets.settings import Settings

SCREENS = 200


class Counting(HouseReader):
    """Counts the panels that are put together, slowly, so that others arrive meanwhile."""

    computed = 0

    def panel(self, *asked):
        self.computed += 1
        time.sleep(0.01)
        return super().panel(*asked)


@pytest.fixture
def opened(commune):
    queries = open_queries(commune, {"IOC_NOW": "2026-11-20T09:30:00+07:00"})
    yield queries
    queries.store.close()


def test_two_hundred_screens_that_ask_at_once_cost_one_painting_each_data_version(opened, monkeypatch):
    reader = Counting(opened)
    server = Flask("test", static_folder=None)
    settings: Settings = opened.settings
    app = mount(server, reader, settings, PANELS)
    start, asked_before = app.board.paintings, reader.computed
    version = opened.version()

    def poll(_: int) -> int:
        return server.test_client().get("/man-hinh/state").status_code

    for turn in range(3):  # three data versions; each time all screens ask at the same moment
        monkeypatch.setattr(type(opened.store), "version", lambda self, n=turn: version + n)
        with ThreadPoolExecutor(32) as pool:
            assert set(pool.map(poll, range(SCREENS))) == {200}
    paintings = app.board.paintings - start
    assert 2 <= paintings <= 3, "the first may be kept from the start"
    assert reader.computed - asked_before == paintings * len(PANELS)


def test_who_comes_while_an_answer_is_computed_waits_for_it(opened):
    computed, inside, go_on = [], threading.Event(), threading.Event()

    def compute() -> str:
        computed.append(1)
        inside.set()
        go_on.wait(10)
        return "answer"

    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(opened.answer, "slow", compute)
        inside.wait(10)
        others = [pool.submit(opened.answer, "slow", compute) for _ in range(7)]
        time.sleep(0.05)
        go_on.set()
        assert {job.result(10) for job in (first, *others)} == {"answer"}
    assert len(computed) == 1


def test_a_computation_that_fails_fails_for_who_asked_and_is_tried_anew(opened):
    def fail() -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        opened.answer("broken", fail)
    assert opened.answer("broken", lambda: "mended") == "mended"
