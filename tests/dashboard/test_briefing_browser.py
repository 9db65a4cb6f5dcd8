"""The briefings page in a browser: read, add words, issue with newer figures, take home, send again, what changed."""

import threading
from datetime import datetime

import pytest
from invented_commune import CONFIG, UNITS, ZONE, deliver, dossier, fill
from playwright.sync_api import expect
from werkzeug.serving import make_server

from dashboard.app import build_server
from dashboard.open_queries import open_queries
from datasets.schema.dataset import Context

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=ZONE)
MAIL = "briefing: {mail: {host: 127.0.0.1, port: 9, from: ioc@xa.vn, to: [vp@xa.vn], tls: none}}\n"
WORDS = "Đã tổ chức tiêm vét tại hai thôn."


@pytest.fixture
def office(tmp_path):
    """The page's address, and a way to enter a late dossier of week 47."""
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG + MAIL, "utf-8")
    queries = open_queries(tmp_path / "config.yaml", {"IOC_NOW": NOW.isoformat()})
    fill(queries.store, queries.settings, queries.calendar, queries.clock)

    def enter(code):
        context = Context(now=NOW, time_zone=ZONE, calendar=queries.calendar)
        deliver(queries.store, context, "one_stop", "dossier", [dossier(f"{code}|Hộ tịch|Thôn Tây|direct|18|20|19")])

    server = make_server("127.0.0.1", 0, build_server(queries), threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/bao-cao-tuan?don-vi=98001&ky=", enter
    server.shutdown()
    server.server_close()
    queries.store.close()


def test_an_officer_reads_adds_words_issues_takes_home_sends_again_and_sees_what_changed(page, office):
    address, enter = office
    page.goto(f"{address}2026W47")
    paper, side = page.locator(".paper"), page.locator(".briefing-side")
    expect(paper).to_contain_text("tiếp nhận 6 hồ sơ thủ tục hành chính")
    expect(paper).to_contain_text("Phụ lục I")
    expect(side).to_contain_text("chưa lưu vào kho")
    expect(side.get_by_text("Chưa có bản nào")).to_be_visible()

    page.locator("#words-health").fill(WORDS)
    page.locator("button", has_text="Lưu lời văn").click()
    expect(paper.locator(".own-words")).to_have_text(WORDS)

    enter("L1")  # figures change; the words stay
    page.get_by_role("button", name="Lưu và phát hành").click()
    expect(side.get_by_text("Bản 1: phát hành").first).to_be_visible()
    expect(paper).to_contain_text("tiếp nhận 7 hồ sơ thủ tục hành chính")
    expect(paper.locator(".own-words")).to_have_text(WORDS)
    expect(page.locator("#words-health")).to_have_value(WORDS)

    for form in ("DOCX", "PDF", "PPTX", "XLSX"):
        with page.expect_download() as taken:
            side.get_by_role("link", name=form, exact=True).first.click()
        assert taken.value.suggested_filename == f"bao-cao-98001-2026W47.{form.lower()}"

    page.get_by_role("button", name="Gửi lại thư").click()
    expect(side.get_by_text("vp@xa.vn: chưa gửi")).to_be_visible()

    enter("L2")
    page.goto(f"{address}2026W47")
    expect(paper).to_contain_text("tiếp nhận 7 hồ sơ thủ tục hành chính")  # issued is frozen
    page.goto(f"{address}2026W48")
    expect(page.get_by_role("status")).to_contain_text("BÁO CÁO CHƯA ĐỦ SỐ LIỆU")  # the week has only begun
    expect(paper).to_contain_text("Số đã thay đổi kể từ báo cáo trước (tuần 47/2026)")
    changed = paper.get_by_role("row").filter(has_text="7 hồ sơ")
    expect(changed.first).to_contain_text("8 hồ sơ")
    expect(changed.first).to_contain_text("sau ngày báo cáo")
