"""Months of a wall in a minute: the page's own script puts thousands of made-up states in place.

Its polls are answered in the page itself, with answers prepared beforehand, so that only the
page's work is left: reading the answer, changing nodes, redrawing charts, turning scenes. The
first updates go the whole way, over HTTP from the server's board to the page.
"""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Browser, CDPSession, Page, expect
from wall_station import READY, Station

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--js-flags=--expose-gc", "--enable-precise-memory-info")
PREPARED, AT_ONCE = 20, 20
CHURN = """async ({updates, rotations, prepared, at_once}) => {
    const wall = [...document.querySelectorAll('.wall')].pop(), real = window.fetch, now = wall.dataset.now;
    const first = await (await real('state')).text();
    const bodies = Array.from({length: prepared}, (_, turn) => {
        const news = JSON.parse(first);
        news.tag = 'soak' + turn;
        for (const [key, node] of Object.entries(news.nodes)) {
            if (key.endsWith('.number')) node.t = String(1000 + turn);
            if (node.a && node.a['data-figure'] && turn >= prepared / 2)
                node.a['data-figure'] = node.a['data-figure'].replace(/"y": ?\\[[-\\d.]+/, '"y":[' + (turn + 1));
        }
        return JSON.stringify(news);
    });
    let sent = 0, turned = 0;
    window.fetch = url => String(url).startsWith('state')
        ? Promise.resolve({status: 200, ok: true, headers: new Headers({'Wall-Now': now}),
                           text: () => Promise.resolve(bodies[sent++ % prepared])})
        : real(url);
    new MutationObserver(found => { turned += found.length; }).observe(wall, {attributeFilter: ['data-scene']});
    for (let i = 0; i < Math.max(updates, rotations); i++) {
        if (i < rotations) document.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight'}));
        if (i < updates) window.dispatchEvent(new Event('online'));
        if (i % at_once === 0) await new Promise(done => setTimeout(done, 0));
    }
    await new Promise(done => setTimeout(done, 200));
    window.fetch = real;
    const shown = [...wall.querySelectorAll('.number')].map(n => n.textContent).filter(t => +t >= 1000);
    return {sent, turned, tag: wall.dataset.tag, shown: new Set(shown).size}; }"""


@dataclass(frozen=True, slots=True)
class Soaked:
    """What a soak found. Heap in MB after collection; elements and listeners before and after; errors of the page."""

    updates: int
    rotations: int
    grown: float
    elements: tuple[int, int]
    listeners: tuple[int, int]
    errors: tuple[str, ...]

    @property
    def steady(self) -> bool:
        return self.elements[0] == self.elements[1] and self.listeners[1] <= self.listeners[0]


def soak(browser: Browser, updates: int, rotations: int, whole_way: int = 20) -> Soaked:
    """Churn one page and measure it before and after. `browser` was started with ARGUMENTS."""
    station, errors = Station(), []
    context = browser.new_context(viewport={"width": 1920, "height": 1080}, service_workers="block")
    try:
        page = context.new_page()
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: errors.append(str(e)))
        page.goto(station.url)
        page.wait_for_selector(READY, state="attached")
        for turn in range(whole_way):
            station.reader.replace_card("public_services", 1, number=f"{turn}.500")
            page.evaluate("window.dispatchEvent(new Event('online'))")
            expect(page.locator('[data-k="public_services.ps_received.number"]')).to_have_text(f"{turn}.500")
        session = context.new_cdp_session(page)
        session.send("Performance.enable")
        churn(page, 200, 100)
        before = _counted(session, page)
        done = churn(page, updates, rotations)
        after = _counted(session, page)
    finally:
        context.close()
        station.stop()
    return Soaked(
        updates=done["sent"],
        rotations=done["turned"],
        grown=(after["JSHeapUsedSize"] - before["JSHeapUsedSize"]) / 1e6,
        elements=(int(before["All"]), int(after["All"])),
        listeners=(int(before["JSEventListeners"]), int(after["JSEventListeners"])),
        errors=tuple(errors),
    )


def churn(page: Page, updates: int, rotations: int) -> dict[str, int]:
    asked = {"updates": updates, "rotations": rotations, "prepared": PREPARED, "at_once": AT_ONCE}
    done: dict[str, int] = page.evaluate(CHURN, asked)
    return done


def _counted(session: CDPSession, page: Page) -> dict[str, float]:
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    found = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    return {**found, "All": page.evaluate("document.querySelectorAll('*').length")}
