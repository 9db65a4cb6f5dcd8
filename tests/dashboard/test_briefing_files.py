"""The files, opened with other readers than those that wrote them, and laid out by NĐ 30/2020/NĐ-CP."""

import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace

import openpyxl
import pikepdf
import pytest
from docx import Document
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph as WordParagraph
from pptx import Presentation
from test_briefing_words import house

from dashboard.briefing.compose import compose
from dashboard.briefing.files import made, put
from dashboard.briefing.model import Chart, ChartSeries, Paragraph, Sentence
from dashboard.briefing.writers import WRITERS
from dashboard.briefing.writers.pdf import fitted
from dashboard.briefing.writers.plain import plain
from dashboard.briefing.writers.svg_chart import nice_top, svg

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    queries = house(tmp_path_factory.mktemp("files"))
    found = compose(queries, "98001", "2026W47", words={"proposals": ("Bổ sung một máy quét.",)})
    queries.store.close()
    return found


@pytest.fixture(scope="module")
def word(report):
    return Document(io.BytesIO(WRITERS["docx"](report)))


def styled(document, name):
    return [p for p in every_paragraph(document) if p.style.name == name]


def every_paragraph(document):
    for paragraph in document.element.body.iter(f"{W}p"):
        yield WordParagraph(paragraph, document)


def pdf_text(content):
    """As pdftotext would: every text operator's letters, by the fonts' ToUnicode maps."""
    path = shutil.which("pdftotext")
    if path is None:
        pytest.fail("pdftotext is needed: apt-get install poppler-utils")
    return subprocess.run([path, "-", "-"], input=content, capture_output=True, check=True).stdout.decode()


def squeezed(text):
    return re.sub(r"\s+", " ", text)


# -- Word, point by point (domain.md 9.1) --------------------------------------------------


def test_the_page_is_a4_with_the_margins_of_the_form(word):
    section = word.sections[0]
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    assert 20 <= section.top_margin.mm <= 25 and 20 <= section.bottom_margin.mm <= 25
    assert 30 <= section.left_margin.mm <= 35 and 15 <= section.right_margin.mm <= 20.1


def test_every_style_in_use_is_black_times_new_roman(word):
    used = {p.style.name for p in every_paragraph(word)}
    assert used - {"Normal"} >= {"BC Quốc hiệu", "BC Tiêu ngữ", "BC Nội dung", "BC Bảng", "Heading 1"}
    for name in used:
        style = word.styles[name]
        assert style.font.name == "Times New Roman" and str(style.font.color.rgb) == "000000", name
        fonts = style.element.rPr.rFonts
        assert {fonts.get(f"{W}{kind}") for kind in ("ascii", "hAnsi", "cs", "eastAsia")} == {"Times New Roman"}


@pytest.mark.parametrize(
    ("style", "sizes", "bold", "italic", "text"),
    [
        ("BC Quốc hiệu", (12, 13), True, False, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("BC Tiêu ngữ", (13, 14), True, False, "Độc lập - Tự do - Hạnh phúc"),
        ("BC Cơ quan", (12, 13), True, False, "ỦY BAN NHÂN DÂN"),
        ("BC Số ký hiệu", (13, 13), False, False, "Số:          /BC-UBND"),
        ("BC Địa danh", (13, 14), False, True, "Bình Minh, ngày 23 tháng 11 năm 2026"),
        ("BC Tên loại", (13, 14), True, False, "BÁO CÁO"),
        ("BC Trích yếu", (13, 14), True, False, "Kết quả công tác tuần 47/2026 và nhiệm vụ trọng tâm tuần 48/2026"),
        ("BC Chữ ký", (13, 14), True, False, "TM. ỦY BAN NHÂN DÂN"),
        ("BC Nơi nhận", (12, 12), True, True, "Nơi nhận:"),
        ("BC Danh sách nơi nhận", (11, 11), False, False, "- Thường trực Đảng ủy, HĐND xã;"),
    ],
)
def test_each_element_has_its_size_and_style(word, style, sizes, bold, italic, text):
    found = styled(word, style)
    assert found[0].text == text
    font = word.styles[style].font
    assert sizes[0] <= font.size.pt <= sizes[1]
    assert (bool(font.bold), bool(font.italic)) == (bold, italic)


def test_the_elements_stand_in_the_order_of_the_form(word):
    order = [p.style.name for p in every_paragraph(word)]
    wanted = [
        "BC Cơ quan", "BC Quốc hiệu", "BC Tiêu ngữ", "BC Số ký hiệu", "BC Địa danh", "BC Tên loại", "BC Trích yếu",
        "BC Nội dung", "Heading 1", "BC Nơi nhận", "BC Chữ ký", "BC Phụ lục",
    ]  # fmt: skip
    places = [order.index(name) for name in wanted]
    assert places == sorted(places)


def test_the_body_is_justified_indented_and_spaced_as_the_form_asks(word):
    shape = word.styles["BC Nội dung"].paragraph_format
    assert 13 <= word.styles["BC Nội dung"].font.size.pt <= 14
    assert Mm(10) <= shape.first_line_indent <= Mm(12.8)
    assert shape.space_after >= Pt(6) and 1 <= shape.line_spacing <= 1.5
    assert str(shape.alignment).startswith("JUSTIFY")


def test_page_numbers_are_centred_in_the_top_margin_from_page_two(word):
    section = word.sections[0]
    assert section.different_first_page_header_footer
    assert "PAGE" in "".join(e.text or "" for e in section.header._element.iter(f"{W}instrText"))
    assert not list(section.first_page_header._element.iter(f"{W}instrText"))
    style = section.header.paragraphs[0].style
    assert str(style.paragraph_format.alignment).startswith("CENTER") and 13 <= style.font.size.pt <= 14


def test_headings_are_numbered_and_kept_with_what_follows(word):
    headings = [p.text for p in every_paragraph(word) if p.style.name == "Heading 1"]
    assert [heading.split(".")[0] for heading in headings] == ["I", "II", "III", "IV"]
    for name in ("Heading 1", "Heading 2", "Heading 3", "Caption", "BC Phụ lục"):
        assert word.styles[name].paragraph_format.keep_with_next


def test_number_and_signature_are_left_blank_and_draft_and_demonstration_are_said(word):
    assert [p.text for p in styled(word, "BC Chữ ký")] == ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "", "", "", ""]
    assert [p.text for p in styled(word, "BC Dự thảo")] == ["DỰ THẢO", "SỐ LIỆU MINH HOẠ"]
    section = word.sections[0]
    assert section.footer.paragraphs[0].text == "DỰ THẢO · SỐ LIỆU MINH HOẠ"


def everything_said(form, content):
    """All the text of a file, whatever its form."""
    if form == "pdf":
        return pdf_text(content)
    archive = zipfile.ZipFile(io.BytesIO(content))
    return " ".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml"))


@pytest.mark.parametrize("form", list(WRITERS))
@pytest.mark.parametrize("demo", ["SỐ LIỆU MINH HOẠ", ""])
def test_the_mark_of_a_draft_stands_on_drafts_only_and_the_demonstration_s_on_both(report, form, demo):
    draft = replace(report, demo=demo)
    issued = replace(draft, letterhead=replace(report.letterhead, draft=""))
    assert "DỰ THẢO" in everything_said(form, WRITERS[form](draft))
    said = everything_said(form, WRITERS[form](issued))
    assert "DỰ THẢO" not in said
    assert ("SỐ LIỆU MINH HOẠ" in said) == bool(demo)


def test_what_was_issued_leaves_number_and_signature_blank_too(report):
    issued = replace(report, letterhead=replace(report.letterhead, draft=""))
    document = Document(io.BytesIO(WRITERS["docx"](issued)))
    assert [p.text for p in styled(document, "BC Số ký hiệu")] == ["Số:          /BC-UBND"]
    assert [p.text for p in styled(document, "BC Chữ ký")] == ["TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH", "", "", "", ""]


def test_table_heads_repeat_and_rows_do_not_break(word):
    data = [t for t in word.tables if t.style is not None and t.style.name == "Table Grid"]
    assert len(data) >= 4
    for table in data:
        assert table.rows[0]._tr.trPr.find(f"{W}tblHeader") is not None
        assert all(row._tr.trPr.find(f"{W}cantSplit") is not None for row in table.rows)


@pytest.mark.parametrize(
    ("language", "count", "more"),
    [
        ("vi", 6, ""), ("vi", 7, "Còn 1 việc, xem trong báo cáo."), ("vi", 9, "Còn 3 việc, xem trong báo cáo."),
        ("en", 7, "1 more item is in the report."), ("en", 9, "3 more items are in the report."),
    ],
)  # fmt: skip
def test_a_slide_says_how_many_lines_the_paper_has_more(report, language, count, more):
    lines = tuple(Paragraph((Sentence(f"Việc thứ {n}."),), "item") for n in range(1, count + 1))
    sections = tuple(replace(s, paragraphs=lines) if s.id == "tasks" else s for s in report.sections)
    deck = Presentation(io.BytesIO(WRITERS["pptx"](replace(report, language=language, sections=sections))))
    (said,) = (
        [p.text for p in shape.text_frame.paragraphs]
        for slide in deck.slides
        for shape in slide.shapes
        if shape.has_text_frame and "Việc thứ 1." in shape.text_frame.text
    )
    assert said[:6] == [f"- Việc thứ {n}." for n in range(1, 7)]
    assert said[6:] == ([more] if more else [])


def test_charts_in_word_are_native_with_their_numbers_in_a_workbook(report):
    archive = zipfile.ZipFile(io.BytesIO(WRITERS["docx"](report)))
    charts = [name for name in archive.namelist() if re.fullmatch(r"word/charts/chart\d+\.xml", name)]
    books = [name for name in archive.namelist() if name.startswith("word/embeddings/")]
    assert len(charts) == len(books) >= 2
    sheets = [openpyxl.load_workbook(io.BytesIO(archive.read(book))).active for book in books]
    # weeks 45 to 47, for nothing is known before; received in week 47
    assert any((sheet.max_row, sheet.cell(4, 2).value) == (4, 6) for sheet in sheets)


def test_the_office_s_words_are_in_every_paper(report):
    assert "Bổ sung một máy quét." in pdf_text(WRITERS["pdf"](report))
    archive = zipfile.ZipFile(io.BytesIO(WRITERS["docx"](report)))
    assert "Bổ sung một máy quét." in archive.read("word/document.xml").decode()


# -- the other readers -----------------------------------------------------------------------


def test_the_pdf_is_archivable_tagged_and_has_its_fonts(report):
    with pikepdf.open(io.BytesIO(WRITERS["pdf"](report))) as book:
        with book.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "A")
        assert bool(book.Root.MarkInfo.Marked) and "/StructTreeRoot" in book.Root
        assert str(book.Root.Lang) == "vi" and book.Root.OutputIntents is not None
        assert not book.is_encrypted
        fonts = [o for o in book.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
        assert fonts and all("/FontFile2" in font or "/FontFile3" in font for font in fonts)
        assert all("LiberationSerif" in str(font.FontName) for font in fonts)


def test_every_sentence_is_in_the_pdf_letter_by_letter(report):
    pages = pdf_text(WRITERS["pdf"](report)).replace("DỰ THẢO · SỐ LIỆU MINH HOẠ", "")
    text = squeezed(re.sub(r"\f\s*\d+\s", " ", pages))  # without feet and page numbers
    for section in report.sections:
        for inner in (section, *section.sections):
            for paragraph in inner.paragraphs:
                assert squeezed(plain(paragraph.text)) in text


def test_the_workbook_has_typed_cells_with_formats(report):
    book = openpyxl.load_workbook(io.BytesIO(WRITERS["xlsx"](report)))
    sheet = book["Giải quyết thủ tục hành chính"]
    rows = {sheet.cell(row, 2).value: sheet.cell(row, 4) for row in range(3, 13)}
    rate = rows["Tỷ lệ giải quyết đúng hạn và trước hạn"]
    assert rate.value == pytest.approx(2 / 3) and rate.number_format == "0.0%"
    assert rows["Hồ sơ tiếp nhận trong kỳ"].value == 6
    assert len(sheet._charts) == 2
    overdue = next(sheet for sheet in book if sheet.title.startswith("Hồ sơ quá hạn"))
    assert overdue.cell(3, 2).value == "B2"
    assert overdue.cell(3, 5).value.date().isoformat() == "2026-11-16" and overdue.cell(3, 5).is_date
    provenance = book["Xuất xứ số liệu"]
    told = {provenance.cell(row, 1).value: provenance.cell(row, 6).value for row in range(2, provenance.max_row + 1)}
    assert told["ps_received"] == 6


def test_the_deck_is_wide_short_and_its_charts_are_native(report):
    deck = Presentation(io.BytesIO(WRITERS["pptx"](report)))
    assert round(deck.slide_width / deck.slide_height, 2) == 1.78
    assert 6 <= len(deck.slides) <= 10
    charts = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert any(shape.chart.plots[0].series[0].values[-1] == 6 for shape in charts)
    text = " ".join(s.text_frame.text for slide in deck.slides for s in slide.shapes if s.has_text_frame)
    assert "tiếp nhận 6 hồ sơ" in text


def test_the_same_numbers_stand_in_all_four(report):
    files = made(report, WRITERS)
    text = squeezed(pdf_text(files["bao-cao-98001-2026W47.pdf"]))
    word = zipfile.ZipFile(io.BytesIO(files["bao-cao-98001-2026W47.docx"])).read("word/document.xml").decode()
    book = openpyxl.load_workbook(io.BytesIO(files["bao-cao-98001-2026W47.xlsx"]))
    cells = [cell.value for row in book["Xuất xứ số liệu"].iter_rows() for cell in row]
    for figure in report.figures:
        if figure.by is None and figure.value is not None:
            assert any(value == pytest.approx(figure.value) for value in cells if isinstance(value, int | float))
            assert figure.said in text and figure.said in word, figure


HOSTILE = "a & b <c> \x0b \x00 #set page() $x$ [link] *đậm* 😀 " + "dài" * 200


def test_text_that_would_break_a_format_does_not(report):
    hostile = replace(report, highlights=(Sentence(HOSTILE),), opening=Paragraph((Sentence(HOSTILE),)))
    for form in ("docx", "xlsx", "pptx"):
        assert WRITERS[form](hostile)
    text = pdf_text(WRITERS["pdf"](hostile))
    assert "a & b <c>" in squeezed(text) and "#set page() $x$ [link] *đậm* □" in squeezed(text)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("Khen 👍🏽😀 cán bộ", "Khen □ cán bộ"),
        ("Hồ sơ ① 𝐀", "Hồ sơ 1 A"),
        ("Ô\u0309n đi\u0323nh", "Ổn định"),  # marks apart from their letters
        ("中文 và ខ្មែរ", "□ và □"),
        ("a\x00\ud800b\x0bc", "ab c"),
        ("₫ ≥ ≤ … – “đúng” №", "₫ ≥ ≤ … – “đúng” №"),
    ],
)
def test_letters_that_the_print_fonts_lack_become_plain_ones_or_a_box(written, printed):
    assert plain(written) == printed


def test_a_word_wider_than_its_column_is_broken_and_a_code_is_not():
    assert fitted("H99.01.01-261015-0021", 43) == "H99.01.01-261015-0021"
    broken = fitted("Đ" * 50, 20).split("\u200b")
    assert "".join(broken) == "Đ" * 50 and max(map(len, broken)) <= 5  # 20 mm hold five such letters of 12 points


def test_strange_text_in_every_cell_and_chart_stops_no_file(report):
    def spoilt(section):
        tables = tuple(
            replace(t, rows=tuple(tuple(replace(c, text=HOSTILE) for c in row) for row in t.rows))
            for t in section.tables
        )
        charts = tuple(replace(c, categories=tuple(f"{HOSTILE} {n}" for n in c.categories)) for c in section.charts)
        return replace(
            section, tables=tables, charts=charts, heading=HOSTILE, own_words=(HOSTILE,),
            sections=tuple(spoilt(inner) for inner in section.sections),
        )  # fmt: skip

    spoilt_report = replace(
        report, sections=tuple(map(spoilt, report.sections)), annexes=tuple(map(spoilt, report.annexes))
    )
    for form in WRITERS:
        assert len(WRITERS[form](spoilt_report)) > 5_000


def test_each_annex_has_number_name_and_whose_it_is_as_the_form_asks(word):
    numbers = [p.text for p in styled(word, "BC Phụ lục")]
    assert numbers == ["Phụ lục I", "Phụ lục II", "Phụ lục III", "Phụ lục IV"]
    names = [p.text for p in styled(word, "BC Tên phụ lục")]
    assert len(names) == len(numbers) and all(name == name.upper() for name in names)
    assert {p.text for p in styled(word, "BC Chỉ dẫn")} == {
        "(Kèm theo Báo cáo số          /BC-UBND ngày      tháng      năm 2026 của Ủy ban nhân dân xã Bình Minh)"
    }
    for style, bold, italic in (
        ("BC Phụ lục", True, False), ("BC Tên phụ lục", True, False), ("BC Chỉ dẫn", False, True),
    ):  # fmt: skip
        font = word.styles[style].font
        assert 13 <= font.size.pt <= 14 and (bool(font.bold), bool(font.italic)) == (bold, italic)
        assert str(word.styles[style].paragraph_format.alignment).startswith("CENTER")
    starts = [section._sectPr.find(f"{W}pgNumType") for section in word.sections]
    assert len(starts) == 1 + len(numbers) and all(start.get(f"{W}start") == "1" for start in starts[1:])


def test_the_text_ends_with_the_closing_line_and_its_mark(word):
    texts = [p.text for p in styled(word, "BC Nội dung")]
    assert sum(text.endswith("của Ủy ban nhân dân xã Bình Minh./.") for text in texts) == 1


def test_files_are_put_in_place_whole(report, tmp_path):
    (path,) = put(tmp_path / "new", report, ["xlsx"])
    assert [each.name for each in path.parent.iterdir()] == ["bao-cao-98001-2026W47.xlsx"]


@pytest.mark.parametrize(("highest", "end", "step"), [(238, 250, 50), (9, 10, 2), (100, 100, 20), (0, 1, 1), (3, 3, 1)])
def test_an_axis_ends_on_a_round_number(highest, end, step):
    assert nice_top(highest) == (end, step)


def test_pages_of_an_annex_are_numbered_anew_in_the_pdf(report):
    """Its first page shows no number, as the first page of the text."""
    pages = [page.strip() for page in pdf_text(WRITERS["pdf"](report)).split("\f")]
    starts = [page for page in pages if re.match(r"Phụ lục [IVX]+\s", page)]
    assert len(starts) == len(report.annexes)


def test_names_under_a_chart_do_not_run_into_one_another():
    days = tuple(f"{day:02}/11" for day in range(1, 31))
    chart = Chart("days", "line", "Theo ngày", "", "%", days, (ChartSeries("Ngày", (97.0,) * 30),))
    drawn = svg(chart, "vi")
    shown = [day for day in days if f">{day}<" in drawn]
    assert 5 < len(shown) < 20 and shown[-1] == "30/11"
