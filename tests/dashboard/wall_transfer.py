"""What a screen fetches to show the wall, and how soon it is painted: bytes on the wire, seconds from the start."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, Page
from wall_station import READY

DRAWN = """() => { const wall = document.querySelector("#react-entry-point .wall[data-ready='1']");
    return wall && [...wall.querySelectorAll('[data-figure]')].every(node => node.querySelector('.main-svg')); }"""
PAINTED = """() => { const seen = performance.getEntriesByName('first-contentful-paint');
    return seen.length ? seen[0].startTime / 1000 : 0; }"""


@dataclass(frozen=True, slots=True)
class Load:
    """One opening of the wall.

    sent             bytes from the server, headers included; what the browser's cache held costs none
    painted, drawn   seconds from the navigation to the first contentful paint, and until all charts stand
    """

    sent: int
    requests: int
    painted: float
    drawn: float


def cold_and_warm(browser: Browser, address: str) -> tuple[Load, Load]:
    """The wall opened in a fresh browser, and once more in the same."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, service_workers="block")
    try:
        return _load(context.new_page(), address), _load(context.new_page(), address)
    finally:
        context.close()


def _load(page: Page, address: str) -> Load:
    session = page.context.new_cdp_session(page)
    sent: dict[str, int] = {}
    session.on("Network.loadingFinished", lambda e: sent.__setitem__(e["requestId"], int(e["encodedDataLength"])))
    session.send("Network.enable")
    page.goto(address)
    page.wait_for_selector(READY, state="attached", timeout=30000)
    page.wait_for_function(DRAWN, timeout=30000)
    drawn = page.evaluate("performance.now() / 1000")
    page.wait_for_timeout(1500)  # the first poll belongs to it
    painted = page.evaluate(PAINTED)
    page.close()
    return Load(sum(sent.values()), len(sent), painted, drawn)
