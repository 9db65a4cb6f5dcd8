"""The sources page in a browser: a clerk sees what is wrong, hands a form in, and has records tried again.

The side that writes runs as in the scheduler: a thread that works off what the page asks.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import openpyxl
import pytest
import sqlalchemy as sa
import xlsxwriter
from invented_commune import UNITS
from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook
from werkzeug.serving import make_server

from connectors.house import House, open_house
from connectors.jobs import work_off
from connectors.pull import pull
from dashboard.app import build_server
from dashboard.desk.pages import sources
from dashboard.desk.visit import visit
from dashboard.open_queries import open_queries
from dashboard.queries import Queries
from datasets.errors import SourceChanged, SourceUnavailable
from datasets.forms import TYPED, forms
from datasets.store.jobs import Kind
from tests.connectors.one_stop_server import FIELD_MAP, OneStop, dossier

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CONFIG = """
centre: {{name: "Xã Bình Minh", unit: "98001"}}
units: units.csv
store: {{url: "sqlite:///ioc.db"}}
sources:
  one_stop:
    title: {{vi: Một cửa điện tử, en: One-stop system}}
    dataset: dossier
    connector: rest
    map: one_stop_map.yaml
    url: {url}
    records: data.items
    retries: 0
    schedule: "*/10 * * * *"
    stale_after: 2h
    expect: {{max_quarantined_share: 0.5}}
    contact: Bộ phận Một cửa
  reports:
    title: {{vi: Báo cáo của thôn, en: Reports of the hamlets}}
    dataset: observation
    connector: files
    map: observation_form
    path: inbox
    stale_after: 40d
    contact: Văn phòng
"""
HEADER = "Mã đơn vị,Chỉ tiêu,Kỳ,Giá trị\n"
ROOM_FOR_A_FIRST_PULL = """counts => {
  const said = [...counts.querySelectorAll('dd')];
  const old = said.map(one => one.textContent);
  ['105.609', '105.609', '0', '49.237', '1.261', '1.261'].forEach((text, place) => said[place].textContent = text);
  const wide = said.filter(one => one.scrollWidth > one.clientWidth || one.parentElement.scrollWidth >
    one.parentElement.clientWidth).map(one => one.textContent);
  if (counts.scrollWidth > counts.clientWidth) wide.push('all');
  said.forEach((one, place) => one.textContent = old[place]);
  return wide;
}"""


@dataclass
class Centre:
    """A commune with a one-stop system and a folder, its server, and the hands of a clock."""

    folder: Path
    house: House
    queries: Queries
    system: OneStop
    address: str
    now: datetime

    def later(self, **time: int) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    system = OneStop()
    system.dossiers = [dossier(number) | {"MaDonVi": "98001"} for number in range(1, 6)]
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG.format(url=system.url), "utf-8")
    (tmp_path / "one_stop_map.yaml").write_text(FIELD_MAP, "utf-8")
    (tmp_path / "inbox").mkdir()
    house = open_house(tmp_path / "config.yaml", {})
    queries = open_queries(tmp_path / "config.yaml", {})
    server = make_server("127.0.0.1", 0, build_server(queries), threaded=True)
    made = Centre(
        tmp_path, house, queries, system, f"http://127.0.0.1:{server.server_port}",
        datetime(2026, 11, 20, 9, 0, tzinfo=ZONE),
    )  # fmt: skip
    clock = lambda: made.now  # noqa: E731 - the one clock of both sides
    made.house = House(house.settings, house.store, house.units, house.calendar, clock, {"IOC_NOW": "moves by hand"})
    for store in (house.store, queries.store):
        store.clock = clock
        for part in (store.ledger, store.jobs, store.heartbeats):
            part._clock = clock
    queries.clock = clock
    queries.calculator._clock = clock
    ended = threading.Event()

    def hands() -> None:
        while not ended.wait(0.1):
            if made.house.store.jobs.waiting():
                work_off(made.house)

    threads = [threading.Thread(target=hands, daemon=True)]
    threads.append(threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True))
    for thread in threads:
        thread.start()
    yield made
    ended.set()
    server.shutdown()
    server.server_close()
    for thread in threads:
        thread.join(5)
    house.store.close()
    queries.store.close()
    system.close()


@pytest.fixture
def desk(page: Page) -> Iterator[Page]:
    """A page that must end without console errors and without asking another machine."""
    faults: list[str] = []
    outside: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("request", lambda r: outside.append(r.url) if urlsplit(r.url).hostname not in ("127.0.0.1", None) else None)
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)  # a busy machine draws slowly; what is expected passes at once when it is there
    yield page
    assert faults == []
    assert outside == []


def opened(desk: Page, centre: Centre, search: str = "", path: str = "/nguon-so-lieu") -> Page:
    desk.goto(centre.address + path + search)
    desk.wait_for_selector(".page")
    return desk


def form(rows: list[list[object]]) -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    sheet = book.add_worksheet("Nhập liệu")
    sheet.write_row(0, 0, [column.header for column in forms()["observation"].columns])
    for number, row in enumerate(rows, 1):
        sheet.write_row(number, 0, row)
    book.close()
    return target.getvalue()


def hand_in(desk: Page, content: bytes, name: str, who: str = "Nguyễn Thị Lan") -> None:
    desk.locator("#typed-who").fill(who)
    desk.locator("#typed-file input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def typed_figures(centre: Centre) -> list[tuple[object, ...]]:
    table = centre.house.store.tables["observation"]
    asked = sa.select(table.c.unit, table.c.value, table.c.entered_by).where(table.c.source == TYPED)
    with centre.house.store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(asked.order_by(table.c.unit))]


def test_each_source_says_how_it_stands_what_to_do_and_whom_to_call(desk: Page, centre: Centre) -> None:
    centre.system.dossiers[0] |= {"MaDonVi": "X9999"}
    pull("one_stop", centre.house)
    opened(desk, centre)
    one_stop = desk.locator("#source-one_stop")
    expect(one_stop).to_have_attribute("data-verdict", "partial")
    expect(one_stop.locator(".source-verdict")).to_contain_text("▲")
    expect(one_stop.locator(".source-verdict")).to_contain_text("Có bản ghi bị giữ lại")
    expect(one_stop.locator(".source-moments")).to_contain_text("09:00 20/11/2026")
    expect(one_stop.locator(".source-counts dd")).to_have_text(["5", "4", "0", "0", "1", "1"])
    assert one_stop.locator(".source-counts").evaluate(ROOM_FOR_A_FIRST_PULL) == []
    expect(one_stop.locator(".source-todo")).to_contain_text("Bộ phận Một cửa")
    expect(one_stop.locator(".strip-day")).to_have_count(30)
    expect(one_stop.locator(".strip-day").last).to_have_text("▲")
    expect(one_stop.locator(".strip-day").last).to_have_attribute(
        "title", "20/11/2026 ▲ có lần hỏng hoặc có bản ghi bị giữ: 1 lần Có bản ghi bị giữ lại"
    )
    expect(desk.locator("#source-reports")).to_have_attribute("data-verdict", "never")


def test_a_source_that_fails_is_a_badge_at_first_and_a_notice_after_three_runs(desk: Page, centre: Centre) -> None:
    pull("one_stop", centre.house)
    centre.system.status = 500
    centre.later(minutes=10)
    with pytest.raises(SourceUnavailable):
        pull("one_stop", centre.house)
    opened(desk, centre, path="/dich-vu-cong")
    expect(desk.locator(".freshness .dot-watch")).to_be_visible()
    expect(desk.locator(".freshness")).to_contain_text("Số liệu đến 09:00 20/11/2026")
    expect(desk.locator(".freshness")).to_contain_text("Từ 09:10 20/11/2026")
    expect(desk.locator(".notice")).to_have_count(0)
    for _ in range(2):
        centre.later(minutes=10)
        with pytest.raises(SourceUnavailable):
            pull("one_stop", centre.house)
    opened(desk, centre, path="/dich-vu-cong")
    notice = desk.locator(".notice")
    expect(notice).to_contain_text("Một cửa điện tử")
    expect(notice).to_contain_text("Số liệu đến 09:00 20/11/2026. Từ 09:10 20/11/2026:")
    assert notice.bounding_box()["width"] > 1000
    expect(desk.locator('[data-indicator="ps_received"] .card-number')).not_to_have_text("Không đủ số liệu")
    opened(desk, centre)
    source = desk.locator("#source-one_stop")
    expect(source).to_have_attribute("data-tone", "bad")
    expect(source.locator(".source-todo")).to_contain_text("Gọi Bộ phận Một cửa: nguồn hỏng từ 09:10 20/11/2026")


def test_a_scheduler_that_died_is_told_by_the_page_of_another_process(desk: Page, centre: Centre) -> None:
    centre.house.store.heartbeats.beat()
    centre.later(minutes=6)
    expect(opened(desk, centre).get_by_role("alert")).to_contain_text("Bộ lập lịch im lặng từ 09:00 20/11/2026")
    centre.house.store.heartbeats.beat()
    expect(opened(desk, centre).get_by_role("alert").filter(has_text="im lặng")).to_have_count(0)


def test_how_far_a_backfill_has_got_is_told_with_a_bar_while_it_is_under_way(desk: Page, centre: Centre) -> None:
    ledger = centre.house.store.ledger
    backfill = ledger.begin("one_stop", "dossier")
    under_way = opened(desk, centre).locator("#source-one_stop .running")
    expect(under_way).to_have_text("· đang lấy…")
    ledger.progress(backfill, 12_000)
    expect(under_way).to_have_text("· đang lấy, đã đọc 12.000 bản ghi ")
    expect(under_way.get_by_role("progressbar")).to_be_visible()
    ledger.idle(backfill)
    assert ledger.status("one_stop").reading == 0
    expect(under_way).to_have_count(0)


def test_an_open_panel_learns_of_a_failing_source_though_no_datum_changed(centre: Centre) -> None:
    from dashboard.desk.render import stamp

    pull("one_stop", centre.house)
    before = stamp(centre.queries, "/dich-vu-cong")
    centre.system.status = 500
    with pytest.raises(SourceUnavailable):
        pull("one_stop", centre.house)
    assert stamp(centre.queries, "/dich-vu-cong") != before


def test_the_wall_says_since_when_and_why_a_source_is_silent(desk: Page, centre: Centre) -> None:
    pull("one_stop", centre.house)
    centre.system.status = 500
    centre.later(minutes=10)
    with pytest.raises(SourceUnavailable):
        pull("one_stop", centre.house)
    opened_wall = desk.goto(centre.address + "/man-hinh/")
    assert opened_wall is not None
    expect(desk.locator("body")).to_contain_text("Từ 09:10 20/11/2026")


def test_the_set_aside_are_listed_filtered_downloaded_and_tried_again(desk: Page, centre: Centre) -> None:
    centre.system.dossiers[0] |= {"MaDonVi": "98003"}
    centre.system.dossiers[1] |= {"TrangThaiHoSo": "77"}
    pull("one_stop", centre.house)
    opened(desk, centre, "?nguon=one_stop")
    expect(desk.locator("#quarantine-count")).to_have_text("2")
    assert desk.locator(".run-said").first.bounding_box()["width"] > 200, "what each run says can be read"
    desk.locator(".kind", has_text="đơn vị").first.click()
    expect(desk.locator("#quarantine-count")).to_have_text("1")
    with desk.expect_download() as downloaded:
        desk.locator(".download", has_text="CSV").click()
    content = Path(downloaded.value.path()).read_text("utf-8-sig")
    assert "98003" in content and "77" not in content.split("\n")[1].split(",")
    with (centre.folder / "units.csv").open("a", encoding="utf-8") as units:
        units.write("98003,Xã Mới,commune,98,demo_commune,,,,1,1\n")
    centre.house = open_house(centre.folder / "config.yaml", {})
    desk.get_by_role("button", name="Kiểm tra lại").click()
    expect(desk.locator(".request[data-state=done]")).to_contain_text("mới 1")
    expect(desk.locator("#quarantine-count")).to_have_text("0")
    job = centre.queries.store.jobs.latest(Kind.REPLAY)[0]
    assert job.result["counts"]["new"] == 1
    centre.house.store.close()


def test_a_refused_delivery_is_tried_again_on_the_page_without_asking_its_source(desk: Page, centre: Centre) -> None:
    for raw in centre.system.dossiers:
        raw["MaThuTuc"] = raw.pop("MaTTHC")
    with pytest.raises(SourceChanged):
        pull("one_stop", centre.house)
    centre.system.status = 500
    field_map = centre.folder / "one_stop_map.yaml"
    field_map.write_text(FIELD_MAP.replace("MaTTHC", "[MaTTHC, MaThuTuc]"), "utf-8")
    opened(desk, centre, "?nguon=one_stop")
    desk.get_by_role("button", name="Kiểm tra lại").click()
    expect(desk.locator(".request[data-state=done]")).to_contain_text("mới 5")


def test_a_form_is_downloaded_filled_previewed_taken_and_never_twice(desk: Page, centre: Centre) -> None:
    opened(desk, centre, "?nguon=typed")
    with desk.expect_download() as downloaded:
        desk.locator(".form-link").first.click()
    headers = CalamineWorkbook.from_path(downloaded.value.path()).get_sheet_by_index(0).to_python()[2]
    assert headers[0] == "Mã đơn vị"
    content = form(
        [
            ["98001", "se_population", "202610", None, 8000],
            ["98002", "se_population", "202610", None, 6000],
            ["98009", "se_population", "202610", None, 1],
        ]
    )
    hand_in(desk, content, "dân số tháng 10.xlsx")
    expect(desk.locator("#looked-at [data-fate=new]")).to_have_attribute("data-count", "2")
    expect(desk.locator("#looked-at [data-fate=quarantined]")).to_have_attribute("data-count", "1")
    expect(desk.locator("#looked-at")).to_contain_text("tệp dân số tháng 10.xlsx dòng 4")
    expect(desk.locator("#looked-at")).to_contain_text("Xã Bình Minh (98001)")
    assert typed_figures(centre) == []
    desk.reload()
    expect(desk.locator("#looked-at [data-fate=new]")).to_have_attribute("data-count", "2")
    desk.get_by_role("button", name="Nhận 2 số liệu").click()
    expect(desk.locator("#looked-at .notice-good")).to_contain_text("mới 2")
    assert typed_figures(centre) == [("98001", 8000, "Nguyễn Thị Lan"), ("98002", 6000, "Nguyễn Thị Lan")]
    expect(desk.locator("#typed-history")).to_contain_text("Nguyễn Thị Lan")
    hand_in(desk, content, "lần nữa.xlsx", "Trần Văn Bình")
    expect(desk.locator("#looked-at .notice-calm")).to_contain_text("Tệp này đã nhận lúc 09:00 20/11/2026")
    expect(desk.get_by_role("button", name="Nhận")).to_have_count(0)
    assert len(typed_figures(centre)) == 2


def test_a_file_without_a_name_or_of_another_kind_is_refused_with_a_sentence(desk: Page, centre: Centre) -> None:
    opened(desk, centre, "?nguon=typed")
    hand_in(desk, form([]), "a.xlsx", who="")
    expect(desk.locator("#request-fault")).to_contain_text("Ghi họ tên người gửi")
    hand_in(desk, b"MZ", "a.csv")
    expect(desk.locator("#looked-at .notice-bad")).to_contain_text("Tệp bị từ chối")
    assert typed_figures(centre) == []


def test_what_is_typed_stays_while_the_page_below_moves(desk: Page, centre: Centre) -> None:
    opened(desk, centre, "?nguon=typed")
    desk.locator("#typed-who").fill("Nguyễn Thị")
    stamp = desk.locator("#sources-live").get_attribute("data-stamp")
    (centre.folder / "inbox" / "a.csv").write_text(HEADER + "98001,se_population,202609,7900\n", "utf-8")
    pull("reports", centre.house)
    desk.wait_for_function("stamp => document.querySelector('#sources-live').dataset.stamp !== stamp", arg=stamp)
    expect(desk.locator("#typed-who")).to_have_value("Nguyễn Thị")


def test_nothing_can_be_asked_of_a_source_or_a_form_that_is_not_there(centre: Centre) -> None:
    client = build_server(centre.queries).test_client()
    for path in ("/nguon-so-lieu/nobody/cach-ly.csv", "/nguon-so-lieu/bieu-mau/nothing.xlsx"):
        assert client.get(path).status_code == 404


def test_a_request_that_ends_while_its_page_is_drawn_is_seen_at_the_next_look(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = centre.queries.store.jobs
    waiting = jobs.ask(Kind.REPLAY, "one_stop")

    def drawn_meanwhile_done(_: object) -> list[None]:
        jobs.done(waiting, {})
        return []

    monkeypatch.setattr(sources, "live", drawn_meanwhile_done)
    told = sources.page(visit(centre.queries, "/nguon-so-lieu", "")).to_plotly_json()["props"]["children"]
    (live,) = [part for part in told if part is not None and getattr(part, "id", "") == "sources-live"]
    assert getattr(live, "data-stamp") != centre.queries.activity()


def test_a_book_of_petitions_goes_in_by_its_form_and_its_kind_is_chosen_first(desk: Page, centre: Centre) -> None:
    opened(desk, centre, "?nguon=typed")
    expect(desk.locator(".form-link")).to_have_text(
        ["Chỉ tiêu theo kỳ", "Hồ sơ thủ tục", "Văn bản", "Phản ánh, kiến nghị"]
    )
    with desk.expect_download() as downloaded:
        desk.locator(".form-link", has_text="Phản ánh").click()
    book = openpyxl.load_workbook(io.BytesIO(Path(downloaded.value.path()).read_bytes()))
    sheet = book.worksheets[0]
    columns = {cell.value: cell.column for cell in sheet[3]}
    for row, code in enumerate(("PA-0001", "PA-0002"), 4):
        line = {
            "Mã đơn vị": "98001",
            "Mã phản ánh": code,
            "Ngày gửi": datetime(2026, 11, 2),
            "Trạng thái": "đang xử lý",
        }
        for header, value in line.items():
            sheet.cell(row, columns[header], value)
    filled = io.BytesIO()
    book.save(filled)
    desk.locator("#typed-dataset").get_by_text("Phản ánh, kiến nghị").click()
    hand_in(desk, filled.getvalue(), "sổ phản ánh.xlsx")
    expect(desk.locator("#looked-at [data-fate=new]")).to_have_attribute("data-count", "2")
    expect(desk.locator("#looked-at")).to_contain_text("đang xử lý")
    desk.get_by_role("button", name="Nhận 2 số liệu").click()
    expect(desk.locator("#looked-at .notice-good")).to_contain_text("mới 2")
    expect(desk.locator("#typed-history")).to_contain_text("Phản ánh, kiến nghị")
    table = centre.house.store.tables["petition"]
    with centre.house.store.engine.connect() as connection:
        kept = connection.execute(
            sa.select(table.c.petition_code, table.c.source).order_by(table.c.petition_code)
        ).all()
    assert [tuple(row) for row in kept] == [("PA-0001", TYPED), ("PA-0002", TYPED)]
