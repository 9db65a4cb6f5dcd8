"""Word: the official form (NĐ 30/2020/NĐ-CP, Phụ lục I), with real styles and native charts."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from pptx import Presentation

from dashboard.briefing.model import Chart, Report, Section, Table
from dashboard.briefing.writers.docx_styles import TEXT_WIDTH_MM, template
from dashboard.briefing.writers.docx_table import table_element
from dashboard.briefing.writers.native_chart import insert_in_word
from dashboard.briefing.writers.plain import plain
from dashboard.briefing.writers.text_width import text_width_mm
from datasets.messages import text

HEAD_LEFT_MM = 66
HEADINGS = {1: "Heading 1", 2: "Heading 2", 3: "Heading 3"}


def write(report: Report) -> bytes:
    """The report as .docx."""
    document: WordDocument = Document(io.BytesIO(template(report.language)))
    _properties(document, report)
    paper = _Paper(document, report)
    paper.letterhead()
    paper.title()
    paper.warnings()
    paper.body(paper.document, report.opening.text)
    for section in report.sections:
        paper.section(section)
    paper.closing()
    paper.signature()
    paper.page_numbers()
    paper.annexes()
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _properties(document: WordDocument, report: Report) -> None:
    core = document.core_properties
    core.title = plain(f"{report.letterhead.kind}. {report.letterhead.summary}")
    core.author = plain(report.unit_name)
    core.subject, core.comments = "", ""
    core.language = report.language
    core.created = core.modified = report.made_at.astimezone(UTC).replace(tzinfo=None)  # told as of UTC


@dataclass(slots=True)
class _Paper:
    """The document being written; tables and charts are numbered as they come. `scratch`: where charts are made."""

    document: WordDocument
    report: Report
    tables: int = 0
    charts: int = 0
    scratch: Any = field(default_factory=Presentation)

    def say(self, key: str, **params: object) -> str:
        return text(f"briefing.{key}", self.report.language, **params)

    def body(self, holder: Any, said: str, style: str = "BC Nội dung") -> Any:
        return _styled(holder.add_paragraph(plain(said)), style)

    # -- head ------------------------------------------------------------------------

    def letterhead(self) -> None:
        head = self.report.letterhead
        right_mm = TEXT_WIDTH_MM - HEAD_LEFT_MM
        table = _bare_table(self.document, 2, (HEAD_LEFT_MM, right_mm))
        left, right = table.rows[0].cells
        _first(left, head.superior, "BC Cơ quan")
        self.body(left, head.body, "BC Cơ quan")
        _rule(left, HEAD_LEFT_MM, HEAD_LEFT_MM * 0.4)
        _first(right, head.motto[0], "BC Quốc hiệu")
        self.body(right, head.motto[1], "BC Tiêu ngữ")
        _rule(right, right_mm, text_width_mm(head.motto[1], 13, bold=True))
        left, right = table.rows[1].cells
        _styled(left.paragraphs[0], "BC Số ký hiệu")
        left.paragraphs[0].add_run(head.number)  # our own words, whose spaces leave room for the number
        for mark in filter(None, (head.draft, self.report.demo)):
            self.body(left, mark, "BC Dự thảo")
        _first(right, head.place_and_date, "BC Địa danh")

    def title(self) -> None:
        head = self.report.letterhead
        self.body(self.document, head.kind, "BC Tên loại")
        self.body(self.document, head.summary, "BC Trích yếu")
        _rule(self.document, TEXT_WIDTH_MM, TEXT_WIDTH_MM * 0.35, after=10)

    def warnings(self) -> None:
        """Said before anything else, in a box: these figures are not all there."""
        if self.report.complete:
            return
        for said in (f"{self.say('incomplete')}.", *self.report.warnings):
            paragraph = self.body(self.document, said, "BC Cảnh báo")
            _border(paragraph, ("top", "left", "bottom", "right"))

    # -- body ------------------------------------------------------------------------

    def section(self, section: Section) -> None:
        self.body(self.document, section.heading, HEADINGS[section.level])
        for paragraph in section.paragraphs:
            mark = "- " if paragraph.style == "item" else ""
            self.body(self.document, f"{mark}{paragraph.text}")
        for words in section.own_words:
            self.body(self.document, words)
        for _ in range(section.lines if not section.own_words else 0):
            _styled(self.document.add_paragraph("\t"), "BC Dòng trống")
        for table in section.paper_tables:
            self.table(table)
        for chart in section.charts:
            self.chart(chart)
        for each in section.sections:
            self.section(each)

    def table(self, table: Table, *, named: bool = True) -> None:
        if named:
            self.tables += 1
            self.body(self.document, self.say("table.name", number=self.tables, title=table.title), "Caption")
        self.document.element.body.sectPr.addprevious(table_element(table, TEXT_WIDTH_MM))
        notes = [table.note] if table.note else []
        if table.left_out:
            notes.append(self.say("table.left_out", count=table.left_out))
        for note in notes:
            self.body(self.document, note, "BC Ghi chú")
        if not notes:
            self.body(self.document, "", "BC Ghi chú").paragraph_format.space_after = Pt(0)

    def chart(self, chart: Chart) -> None:
        self.charts += 1
        paragraph = _styled(self.document.add_paragraph(), "BC Hình")
        height = 62 if chart.kind in ("line", "column") else 18 + 7 * max(4, len(chart.categories))
        insert_in_word(self.document, paragraph, chart, (TEXT_WIDTH_MM - 5, height), self.charts, self.scratch)
        self.body(self.document, self.say("chart.name", number=self.charts, title=chart.title), "BC Tên hình")
        self.body(self.document, chart.finding, "BC Ghi chú").alignment = WD_ALIGN_PARAGRAPH.CENTER

    # -- foot ------------------------------------------------------------------------

    def closing(self) -> None:
        if self.report.closing:
            line = self.body(self.document, self.report.closing)
            line.paragraph_format.keep_with_next = True  # never a signature alone on a page

    def signature(self) -> None:
        head = self.report.letterhead
        table = _bare_table(self.document, 1, (TEXT_WIDTH_MM / 2, TEXT_WIDTH_MM / 2))
        _row_flag(table.rows[0], "w:cantSplit")
        left, right = table.rows[0].cells
        _first(left, head.recipients_title, "BC Nơi nhận")
        for line in head.recipients:
            self.body(left, line, "BC Danh sách nơi nhận")
        _first(right, head.signature[0], "BC Chữ ký")
        for line in (*head.signature[1:], "", "", "", ""):
            self.body(right, line, "BC Chữ ký")

    def annexes(self) -> None:
        """Each from a page of its own, its pages numbered from 1 (NĐ 30/2020/NĐ-CP, Phụ lục I, III.1)."""
        for annex in self.report.annexes:
            start = OxmlElement("w:pgNumType")
            start.set(qn("w:start"), "1")
            section = self.document.add_section(WD_SECTION.NEW_PAGE)
            columns = section._sectPr.find(qn("w:cols"))
            columns.addprevious(start)
            self.body(self.document, annex.heading, "BC Phụ lục")
            for table in annex.tables[:1]:
                self.body(self.document, table.title.upper(), "BC Tên phụ lục")
            line = _styled(self.document.add_paragraph(), "BC Chỉ dẫn")
            line.add_run(self.report.letterhead.annex_of)  # our own words, whose spaces leave room for number and day
            for paragraph in annex.paragraphs:
                self.body(self.document, paragraph.text).paragraph_format.keep_with_next = True
            for table in annex.tables:
                self.table(table, named=False)

    def page_numbers(self) -> None:
        """Arabic, centred in the top margin, from page 2; what the paper is, in small print below."""
        section = self.document.sections[0]
        number = _styled(section.header.paragraphs[0], "BC Số trang")
        _field(number, "PAGE")
        marks = [self.report.letterhead.draft, self.report.demo]
        foot = " · ".join(filter(None, marks))
        for footer in (section.footer, section.first_page_footer):
            _styled(footer.paragraphs[0], "BC Chân trang").add_run(plain(foot))
        _styled(section.first_page_header.paragraphs[0], "BC Số trang")


def _first(cell: Any, said: str, style: str) -> Any:
    """A cell's first paragraph, which is there already."""
    paragraph = _styled(cell.paragraphs[0], style)
    paragraph.add_run(plain(said))
    return paragraph


def _styled(paragraph: Any, style: str) -> Any:
    """The style by its id: python-docx looks through all styles for a name, half the time of a long report."""
    paragraph._p.style = style.replace(" ", "")
    return paragraph


def _bare_table(document: WordDocument, rows: int, widths: Iterable[float]) -> Any:
    sizes = tuple(widths)
    table = document.add_table(rows=rows, cols=len(sizes))
    table.autofit, table.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    _cell_margins(table, 0)
    _fix_grid(table, sizes)
    return table


def _cell_margins(table: Any, mm: float) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(round(mm * 56.7)))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    properties.insert(len(properties) if look is None else properties.index(look), margins)


def _fix_grid(table: Any, widths: Iterable[float]) -> None:
    """Widths on the grid and on every cell: LibreOffice reads the one, Word the other."""
    for column, mm in zip(table.columns, widths, strict=True):
        column.width = Mm(mm)
        for cell in column.cells:
            cell.width = Mm(mm)


def _rule(holder: Any, width_mm: float, length_mm: float, after: float = 0) -> None:
    """A line of that length in the middle of a cell or of the page."""
    paragraph = _styled(holder.add_paragraph(), "BC Đường kẻ")
    side = Mm(max(0.0, (width_mm - length_mm) / 2))
    shape = paragraph.paragraph_format
    shape.left_indent = shape.right_indent = side
    shape.space_after = Pt(after)
    _border(paragraph, ("top",))


def _border(paragraph: Any, sides: Iterable[str]) -> None:
    borders = OxmlElement("w:pBdr")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for name, value in (
            ("val", "single"),
            ("sz", "6"),
            ("space", "1" if side == "top" else "4"),
            ("color", "000000"),
        ):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties = paragraph._p.get_or_add_pPr()
    after = [qn(f"w:{name}") for name in ("shd", "tabs", "spacing", "ind", "jc", "outlineLvl", "rPr")]
    place = next((i for i, child in enumerate(properties) if child.tag in after), len(properties))
    properties.insert(place, borders)


def _row_flag(row: Any, name: str) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _field(paragraph: Any, code: str) -> None:
    for kind, said in (("begin", None), (None, code), ("end", None)):
        run = paragraph.add_run()._r
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = said
        run.append(mark)
