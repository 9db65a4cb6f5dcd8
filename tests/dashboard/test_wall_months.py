"""A wall that is on for months: it does not grow, and it costs little to open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserType
from wall_soak import ARGUMENTS, soak
from wall_transfer import cold_and_warm

UPDATES, ROTATIONS = 200, 100  # the whole 10,000 and 5,000 are run by tests/bench_wall.py


@pytest.fixture
def collecting(browser_type: BrowserType, browser_type_launch_args: dict[str, object]) -> Iterator[Browser]:
    """A browser that tells its heap exactly."""
    browser = browser_type.launch(**{**browser_type_launch_args, "args": list(ARGUMENTS)})
    yield browser
    browser.close()


def test_hundreds_of_updates_leave_the_page_as_large_as_it_was(collecting: Browser):
    soaked = soak(collecting, UPDATES, ROTATIONS)
    assert (soaked.updates, soaked.rotations) == (UPDATES, ROTATIONS)
    assert soaked.errors == ()
    assert soaked.elements[0] == soaked.elements[1]
    assert soaked.listeners[1] <= soaked.listeners[0]
    assert soaked.grown < 2.5, "MB of heap after collection; the promise is 5 for twenty times as many"


def test_opening_the_wall_costs_little_and_next_to_nothing_again(browser: Browser, site: str):
    cold, warm = cold_and_warm(browser, f"{site}/man-hinh/")
    assert 100_000 < cold.sent < 900_000 and cold.requests >= 10
    assert 0 < warm.sent < 40_000
