"""From a card to the very records and home with them: every panel, in Vietnamese and in English.

One served commune and one browser for all: what is clicked, what the address says, what
Back, reload and the file give again.
"""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from every_figure import documents, dossiers, observations, petitions
from invented_commune import CONFIG, UNITS, ZONE, deliver
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from dashboard.app import build_server
from dashboard.open_queries import open_queries
from datasets.schema.dataset import Context

NOW = "2026-11-20T09:00:00+07:00"
MONTH = "202610"
DRILLS = (
    ("/dich-vu-cong", "ps_on_time_rate", "hamlet", "Thôn Đông"),
    ("/van-ban", "doc_backlog", "issuer", "UBND tỉnh"),
    ("/y-te", "hl_visits", "unit", "98001-1"),
    ("/giao-duc", "ed_classes", "unit", "98001-1"),
    ("/kinh-te-xa-hoi", "se_households", "unit", "98001-1"),
)
"""Panel, card, dimension and the member that is clicked."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the served commune in which everything has something to count."""
    folder = tmp_path_factory.mktemp("drill")
    (folder / "units.csv").write_text(UNITS, "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    queries = open_queries(folder / "config.yaml", {"IOC_NOW": NOW})
    context = Context(now=queries.clock(), time_zone=ZONE, calendar=queries.calendar)
    for name, rows in (("dossier", dossiers()), ("document", documents()), ("petition", petitions())):
        deliver(queries.store, context, "one_stop", name, list(rows))
    deliver(queries.store, context, "reports", "observation", list(observations(queries.catalogue)))
    server = make_server("127.0.0.1", 0, build_server(queries), threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    queries.store.close()


@pytest.fixture(scope="module")
def shared(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def desk(shared: Page) -> Iterator[Page]:
    """The page; it must end without console errors."""
    faults: list[str] = []

    def hear(message: object) -> None:
        faults.append(str(message))

    shared.on("pageerror", hear)
    yield shared
    shared.remove_listener("pageerror", hear)
    assert faults == []


def words(desk: Page) -> dict[str, str]:
    return {name: said[0] for name, said in parse_qs(urlsplit(desk.url).query).items()}


def drawn(desk: Page, path: str) -> None:
    """Wait until the page of the present address stands."""
    desk.wait_for_function(
        "path => location.pathname === path && document.querySelector('#window')?.dataset.address"
        " === location.pathname + location.search",
        arg=path,
    )


def count(desk: Page) -> int:
    return int(desk.locator("#records-count").get_attribute("data-of") or "-1")


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("panel", "indicator", "dimension", "member"), DRILLS)
def test_card_page_part_records_back_reload_and_file(desk, place, language, panel, indicator, dimension, member):
    tongue = "&ngon-ngu=en" if language == "en" else ""
    desk.goto(f"{place}{panel}?ky={MONTH}{tongue}")
    desk.locator(f'[data-indicator="{indicator}"] .card-name').first.click()
    drawn(desk, f"/chi-so/{indicator}")
    expect(desk.locator("#indicator-value")).not_to_have_attribute("data-value", "")
    before = desk.url

    part = desk.locator(f'[data-dimension="{dimension}"] [data-member="{member}"]')
    clicked = float(part.get_attribute("data-value") or "nan")
    part.locator("a").click()
    desk.wait_for_function("before => location.href !== before", arg=before)
    drawn(desk, f"/chi-so/{indicator}")
    assert float(desk.locator("#indicator-value").get_attribute("data-value") or "nan") == clicked
    if dimension != "unit":
        expect(desk.locator(".records .filter-chip")).to_contain_text(member)
    after, listed = desk.url, count(desk)
    assert listed > 0
    top = float(desk.locator('.component-box[data-part="numerator"]').get_attribute("data-count") or "nan")
    if indicator.startswith(("ps_", "doc_")):
        assert listed == top
    expect(desk.locator("#records .ag-center-cols-container .ag-row").first).to_be_visible()
    word = f"Hiển thị {listed} / {listed}" if language == "vi" else f"Showing {listed} / {listed}"
    expect(desk.locator("#records-count")).to_contain_text(word)

    desk.reload()
    drawn(desk, f"/chi-so/{indicator}")
    assert (desk.url, count(desk)) == (after, listed)
    desk.go_back()
    desk.wait_for_function("before => location.href === before", arg=before)
    drawn(desk, f"/chi-so/{indicator}")
    expect(desk.locator(".records .filter-chip")).to_have_count(0)
    desk.go_forward()
    desk.wait_for_function("after => location.href === after", arg=after)
    drawn(desk, f"/chi-so/{indicator}")

    with desk.expect_download() as given:
        desk.locator(".download-csv").click()
    content = Path(given.value.path()).read_bytes().decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(content), delimiter=";" if language == "vi" else ","))
    assert len(lines) == listed + 1
    name = given.value.suggested_filename
    assert name.startswith(("danh-sach-", "list-")) and ("minh-hoa" in name or "demonstration" in name)


def test_the_chip_s_cross_the_parts_and_the_search(desk, place):
    desk.goto(f"{place}/chi-so/ps_on_time_rate?ky={MONTH}&linh-vuc=khong-ghi")
    expect(desk.locator(".records .filter-chip")).to_contain_text("Không ghi")
    denominator = desk.locator('.component-box[data-part="denominator"]')
    wanted = int(denominator.get_attribute("data-count") or "-1")
    denominator.locator("a").click()
    expect(desk.locator("#records-count")).to_have_attribute("data-of", str(wanted))
    assert words(desk)["phan"] == "mau-so"
    desk.wait_for_function("() => document.querySelector('#records-card').getBoundingClientRect().top < 200")
    desk.locator(".records .filter-chip").first.click()
    desk.wait_for_function("() => !document.querySelector('.filter-chip')")
    drawn(desk, "/chi-so/ps_on_time_rate")
    assert "linh-vuc" not in words(desk)
    whole = count(desk)
    desk.locator("input#records-search, #records-search input").first.fill("Khai sinh")
    desk.wait_for_function("() => location.search.includes('tim=Khai%20sinh')")
    drawn(desk, "/chi-so/ps_on_time_rate")
    expect(desk.locator("#records-count")).to_have_text(re.compile(rf"^Hiển thị \d+ / {whole} bản ghi$"))
    shown = int(desk.locator("#records-count").get_attribute("data-count") or "-1")
    assert 0 < shown < whole


def test_a_month_of_the_history_leads_to_that_month(desk, place):
    desk.goto(f"{place}/chi-so/ps_received?ky={MONTH}")
    cell = desk.locator(".months td a").nth(8)  # September of the newest year
    number = cell.inner_text()
    cell.click()
    desk.wait_for_function("() => location.search.includes('ky=202609')")
    drawn(desk, "/chi-so/ps_received")
    expect(desk.locator("#indicator-value .card-number")).to_have_text(number)


def test_rows_behind_people_are_not_listed(desk, place):
    desk.goto(f"{place}/chi-so/hl_cases?ky={MONTH}")
    expect(desk.locator("#records-card")).to_be_visible()
    expect(desk.locator("#records")).to_have_count(0)
    expect(desk.locator(".download-csv")).to_have_count(0)
