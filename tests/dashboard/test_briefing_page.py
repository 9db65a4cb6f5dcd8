"""The briefings page: shown, words kept, issued, downloaded; posts only from our own page."""

import io
import zipfile

import pytest
from invented_commune import CONFIG, UNITS, fill

from dashboard.app import build_server
from dashboard.desk.render import render
from dashboard.open_queries import open_queries

WEEK = "don-vi=98001&ky=2026W47"
OURS = {"Origin": "http://localhost"}


@pytest.fixture
def house(tmp_path):
    """A commune of its own, for these tests write."""
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    queries = open_queries(tmp_path / "config.yaml", {"IOC_NOW": "2026-11-23T06:30:00+07:00"})
    fill(queries.store, queries.settings, queries.calendar, queries.clock)
    yield queries
    queries.store.close()


@pytest.fixture
def visitor(house):
    return build_server(house).test_client()


def shown(house):
    return str(render(house, "/bao-cao-tuan", f"?{WEEK}").to_plotly_json())


def test_without_a_period_the_last_whole_week_is_shown(house):
    assert "tuần 47/2026" in str(render(house, "/bao-cao-tuan", "").to_plotly_json())


def test_words_typed_for_a_section_are_kept_and_shown(house, visitor):
    typed = {"health": "Tổ chức tiêm vét.\nKhông có dịch.", "security": ""}
    answer = visitor.post(f"/bao-cao-tuan/luu?{WEEK}", data=typed, headers=OURS)
    assert answer.status_code == 303
    assert house.store.briefings.words("98001", "2026W47") == {"health": ("Tổ chức tiêm vét.", "Không có dịch.")}
    assert "Tổ chức tiêm vét." in shown(house)


def test_an_issued_briefing_is_kept_with_its_words_and_can_be_downloaded(house, visitor):
    visitor.post(f"/bao-cao-tuan/phat-hanh?{WEEK}", data={"proposals": "Bổ sung một máy quét."}, headers=OURS)
    kept = house.store.briefings.latest("98001", "2026W47")
    assert (kept.edition, kept.state.value, kept.intact) == (1, "issued", True)
    for form in ("docx", "pptx", "xlsx", "pdf"):
        answer = visitor.get(f"/bao-cao-tuan/tep/98001/2026W47.{form}?ban=1")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"].endswith(f'bao-cao-98001-2026W47.{form}"')
        if form == "docx":
            text = zipfile.ZipFile(io.BytesIO(answer.data)).read("word/document.xml").decode()
            assert "Bổ sung một máy quét." in text


def test_the_mark_of_a_draft_goes_from_page_and_files_when_the_paper_is_issued(house, visitor):
    def word_says():
        answer = visitor.get("/bao-cao-tuan/tep/98001/2026W47.docx")
        return zipfile.ZipFile(io.BytesIO(answer.data)).read("word/document.xml").decode()

    assert "DỰ THẢO" in shown(house) and "DỰ THẢO" in word_says()
    visitor.post(f"/bao-cao-tuan/phat-hanh?{WEEK}", headers=OURS)
    assert "DỰ THẢO" not in shown(house) and "DỰ THẢO" not in word_says()
    assert "SỐ LIỆU MINH HOẠ" in word_says()


@pytest.mark.parametrize("origin", [{}, {"Origin": "http://elsewhere.example"}])
def test_a_post_from_another_page_is_refused(visitor, house, origin):
    assert visitor.post(f"/bao-cao-tuan/phat-hanh?{WEEK}", headers=origin).status_code == 403
    assert house.store.briefings.latest("98001", "2026W47") is None


@pytest.mark.parametrize("address", ["98001/2026W47.doc", "1/2026W47.pdf", "98001/2026W60.pdf", "98001/2026W49.pdf"])
def test_a_file_that_cannot_be_is_404(visitor, address):
    assert visitor.get(f"/bao-cao-tuan/tep/{address}").status_code == 404
