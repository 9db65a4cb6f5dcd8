"""Word and PowerPoint as another office program lays them out: LibreOffice prints both, pdftotext reads the print."""

import io
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from test_briefing_words import house

from dashboard.briefing.compose import compose
from dashboard.briefing.model import Cell
from dashboard.briefing.writers import WRITERS
from dashboard.briefing.writers.plain import plain

FOOT = "DỰ THẢO · SỐ LIỆU MINH HOẠ"
LONG_LIST = 90


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The invented commune's week, its list of overdue dossiers long enough for three pages."""
    queries = house(tmp_path_factory.mktemp("office"))
    made = compose(queries, "98001", "2026W47")
    queries.store.close()
    annex = made.annexes[0]
    (table,) = annex.tables
    rows = tuple((Cell(str(n), "number", n), Cell(f"H98.{n:05}"), *table.rows[0][2:]) for n in range(1, LONG_LIST + 1))
    longer = replace(annex, tables=(replace(table, rows=rows, shown=None),))
    return replace(made, annexes=(longer, *made.annexes[1:]))


@pytest.fixture(scope="module")
def prints(report, tmp_path_factory) -> dict[str, list[str]]:
    """The pages of each paper as text."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.fail("LibreOffice is needed: sh deploy/test_tools.sh")
    folder: Path = tmp_path_factory.mktemp("prints")
    (folder / "giay.docx").write_bytes(WRITERS["docx"](report))
    (folder / "chieu.pptx").write_bytes(WRITERS["pptx"](report))
    asked = [program, "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", "pdf"]
    subprocess.run(
        [*asked, "--outdir", str(folder), str(folder / "giay.docx"), str(folder / "chieu.pptx")],
        check=True, capture_output=True, timeout=240,
    )  # fmt: skip
    return {name: pages(folder / f"{name}.pdf") for name in ("giay", "chieu")}


def pages(path: Path) -> list[str]:
    read = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True)
    return read.stdout.decode().split("\f")[:-1]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def bare(text: str) -> str:
    """Without any space: a reader of print sees gaps in words that were spread over a line."""
    return re.sub(r"\s+", "", text)


def sections(report):
    for section in report.sections:
        for inner in (section, *section.sections):
            yield inner
            yield from inner.sections


def test_every_sentence_and_every_figure_is_on_the_printed_paper(report, prints):
    whole = bare(" ".join(re.sub(r"^\s*\d+\s*\n", "", page).replace(FOOT, " ") for page in prints["giay"]))
    for section in sections(report):
        for paragraph in section.paragraphs:
            assert bare(plain(paragraph.text)) in whole
    for figure in report.figures:
        if figure.value is not None and figure.by is None:
            assert bare(figure.said) in whole


def test_headings_and_names_of_tables_are_bound_to_what_follows(report, prints):
    """Of headings the paper itself is asked: LibreOffice 7.4 leaves one at the foot of a page, whatever it is told,
    when one line and no more would fit below it."""
    headings = [squeezed(section.heading) for section in sections(report)]
    paper = Document(io.BytesIO(WRITERS["docx"](report)))
    bound = [squeezed(line.text) for line in paper.paragraphs if line.style.paragraph_format.keep_with_next]
    assert [heading for heading in headings if heading not in bound] == []
    for page in prints["giay"]:
        lines = [squeezed(line).strip() for line in page.splitlines() if line.strip() and FOOT not in line]
        assert not re.match(r"(Bảng|Phụ lục) [\dIVX]+", lines[-1])


def test_a_long_table_repeats_its_head_on_every_page(prints):
    with_rows = [page for page in prints["giay"] if re.search(r"H98\.\d{5}", page)]
    assert len(with_rows) >= 3
    assert all("Mã hồ sơ" in page for page in with_rows)
    assert len(set(re.findall(r"H98\.\d{5}", " ".join(with_rows)))) == LONG_LIST


def test_pages_of_an_annex_are_numbered_from_one(prints):
    """The first page of the text and of each annex shows no number; the second shows 2."""
    starts = [place for place, page in enumerate(prints["giay"]) if re.search(r"^\s*Phụ lục I\s*$", page, re.MULTILINE)]
    assert len(starts) == 1
    first, second = prints["giay"][starts[0]], prints["giay"][starts[0] + 1]
    assert not re.match(r"\s*\d+\s*\n", first) and re.match(r"\s*2\s*\n", second)


def test_charts_are_drawn_on_paper_and_slides(prints):
    for name in ("giay", "chieu"):
        whole = " ".join(prints[name])
        assert "T47" in whole  # the last week on an axis
        assert "Hồ sơ tiếp nhận trong kỳ" in whole  # a legend or a row of a table


def test_every_slide_is_printed_and_says_the_highlights(report, prints):
    assert 6 <= len(prints["chieu"]) <= 10
    whole = bare(" ".join(prints["chieu"]))
    for sentence in report.highlights[:3]:
        assert bare(plain(sentence.text)) in whole
