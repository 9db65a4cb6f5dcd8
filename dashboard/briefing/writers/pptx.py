"""PowerPoint for the meeting: six to ten slides, one message each, native charts, Times New Roman as the paper."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Emu, Mm, Pt

from dashboard.briefing.model import Report, Section, Table
from dashboard.briefing.writers.native_chart import add_chart
from dashboard.briefing.writers.plain import plain
from dashboard.briefing.writers.text_width import text_width_mm
from datasets.messages import text

FONT = "Times New Roman"
WIDTH_MM, HEIGHT_MM, EDGE_MM, TOP_MM = 338.67, 190.5, 16.0, 36.0
INK, BLUE, RED, GREY = (RGBColor.from_string(code) for code in ("1A1A1A", "1F4E79", "B3261E", "595959"))
MOST_SLIDES = 10
LINES = 6
"""Lines of text on a slide; the rest is in the paper."""
ROWS = 8
SIZES = (28.0, 26.0, 24.0, 22.0, 20.0, 18.0, 16.0)
TITLE_SIZES = (30.0, 28.0, 26.0, 24.0)
"""Of the report's summary on the cover: the largest that keeps it on one line."""
TEXT_HEIGHT_MM = HEIGHT_MM - TOP_MM - 20
LINE_HEIGHT = 1.22
GAP_POINTS = 8.0
BLANK = 6


def write(report: Report) -> bytes:
    """The report as .pptx, 16:9."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = Mm(WIDTH_MM), Mm(HEIGHT_MM)
    core = deck.core_properties
    core.title, core.author = plain(report.letterhead.summary), plain(report.unit_name)
    core.created = core.modified = report.made_at.astimezone(UTC).replace(tzinfo=None)  # told as of UTC
    _Deck(deck, report).write()
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


class _Deck:
    def __init__(self, deck: Any, report: Report) -> None:
        self.deck, self.report, self.count = deck, report, 0

    def say(self, key: str, **params: object) -> str:
        return text(f"briefing.{key}", self.report.language, **params)

    def write(self) -> None:
        self.cover()
        report = self.report
        said = [sentence.text for sentence in report.highlights] or [self.say("no_figures_short")]
        self.words(self.say("pptx.highlights"), [*report.warnings, *said], warned=len(report.warnings))
        panels = list(_with_figures(report.sections))
        closing = 3  # shortcomings, tasks, sources
        room = MOST_SLIDES - self.count - closing - any(s.id == "communes" for s in report.sections[0].sections)
        told = [section for section in panels if section.charts][:room]
        told += [section for section in panels if section not in told and section.tables][: max(0, room - len(told))]
        for section in (each for each in panels if each in told):
            if section.charts:
                self.panel(section)
            else:
                self.grid(section.heading, section.tables[0])
        by_id = {section.id: section for section in report.sections}
        communes = next((s for s in by_id["results"].sections if s.id == "communes"), None)
        if communes is not None and self.count < MOST_SLIDES - closing:
            self.grid(communes.heading, communes.tables[0])
        faults = [p.text for part in by_id["shortcomings"].sections for p in part.paragraphs]
        self.words(by_id["shortcomings"].heading, faults)
        tasks = [p.text for p in by_id["tasks"].paragraphs]
        self.words(by_id["tasks"].heading, [*tasks, *by_id["tasks"].own_words])
        overdue = next((a for a in report.annexes if a.id.startswith("overdue") and a.tables), None)
        if overdue is not None and self.count < MOST_SLIDES - 1:
            self.grid(overdue.tables[0].title, overdue.tables[0])
        sources = next(a for a in report.annexes if a.id == "sources")
        self.grid(sources.tables[0].title, sources.tables[0])

    # -- slides ------------------------------------------------------------------------

    def slide(self, title: str) -> Any:
        slide = self.deck.slides.add_slide(self.deck.slide_layouts[5])
        self.count += 1
        holder = slide.shapes.title
        holder.left, holder.top = Mm(EDGE_MM), Mm(8)
        holder.width, holder.height = Mm(WIDTH_MM - 2 * EDGE_MM), Mm(22)
        frame = holder.text_frame
        frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
        _write(frame.paragraphs[0], title, 28, bold=True, colour=BLUE)
        line = slide.shapes.add_shape(1, Mm(EDGE_MM), Mm(31), Mm(WIDTH_MM - 2 * EDGE_MM), Emu(19050))
        line.fill.solid()
        line.fill.fore_color.rgb = BLUE
        line.line.fill.background()
        report = self.report
        foot = " · ".join(filter(None, (report.unit_name, report.period_name, report.letterhead.draft, report.demo)))
        self.box(slide, f"{foot} · {self.count}", (EDGE_MM, HEIGHT_MM - 12, WIDTH_MM - 2 * EDGE_MM, 8), 12, colour=GREY)
        return slide

    def box(self, slide: Any, said: str, place: tuple[float, float, float, float], size: float, **how: Any) -> None:
        frame = slide.shapes.add_textbox(*(Mm(side) for side in place)).text_frame
        frame.word_wrap = True
        _write(frame.paragraphs[0], said, size, **how)

    def cover(self) -> None:
        head = self.report.letterhead
        slide = self.deck.slides.add_slide(self.deck.slide_layouts[BLANK])
        self.count += 1
        middle: dict[str, Any] = {"align": PP_ALIGN.CENTER}
        full = WIDTH_MM - 2 * EDGE_MM
        self.box(slide, f"{head.superior} {head.body}", (EDGE_MM, 22, full, 14), 24, bold=True, **middle)
        self.box(slide, head.kind, (EDGE_MM, 58, full, 18), 40, bold=True, colour=BLUE, **middle)
        fits = (each for each in TITLE_SIZES if text_width_mm(plain(head.summary), each, bold=True) < full - 8)
        size = next(fits, TITLE_SIZES[0])
        self.box(slide, head.summary, (EDGE_MM, 80, full, 30), size, bold=True, **middle)
        self.box(slide, head.place_and_date, (EDGE_MM, 126, full, 12), 20, italic=True, **middle)
        marks = " · ".join(filter(None, (head.draft, self.report.demo)))
        if marks:
            self.box(slide, marks, (EDGE_MM, 146, full, 12), 20, bold=True, **middle)
        if not self.report.complete:
            self.box(slide, self.say("incomplete"), (EDGE_MM, 160, full, 12), 20, bold=True, colour=RED, **middle)

    def words(self, title: str, lines: Sequence[str], warned: int = 0) -> None:
        """Text only, as large as it fits; what does not fit at the smallest size is left to the paper, and counted."""
        slide = self.slide(title)
        shown = list(lines)[: LINES + warned]
        rest = self._rest(len(lines) - len(shown))
        size = next((each for each in SIZES if _height([*shown, *rest], each) <= TEXT_HEIGHT_MM), SIZES[-1])
        while len(shown) > 1 and _height([*shown, *rest], size) > TEXT_HEIGHT_MM:
            shown.pop()
            rest = self._rest(len(lines) - len(shown))
        box = slide.shapes.add_textbox(Mm(EDGE_MM), Mm(TOP_MM), Mm(WIDTH_MM - 2 * EDGE_MM), Mm(HEIGHT_MM - TOP_MM - 16))
        frame = box.text_frame
        frame.word_wrap = True
        for place, said in enumerate(shown):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.space_after = Pt(GAP_POINTS)
            _write(paragraph, f"- {said}", size, bold=place < warned, colour=RED if place < warned else INK)
        for said in rest:
            _write(frame.add_paragraph(), said, size, italic=True, colour=GREY)

    def _rest(self, count: int) -> list[str]:
        """How many lines are not on the slide; nothing when all are."""
        said = {0: [], 1: [self.say("pptx.more.one", count=count)]}
        return said.get(count, [self.say("pptx.more", count=count)])

    def panel(self, section: Section) -> None:
        """What is to be seen as the text, the chart large beside the figures."""
        chart = section.charts[0]
        slide = self.slide(section.heading)
        full = WIDTH_MM - 2 * EDGE_MM
        self.box(slide, f"{chart.title}. {chart.finding}", (EDGE_MM, TOP_MM - 2, full, 14), 18, italic=True)
        left = full * 0.52
        place = tuple(int(mm * 36000) for mm in (EDGE_MM, TOP_MM + 14, left, HEIGHT_MM - TOP_MM - 32))
        add_chart(slide, chart, place, FONT, 14)  # type: ignore[arg-type]
        if section.tables:
            self.cells(
                slide,
                section.tables[0],
                (EDGE_MM + left + 4, TOP_MM + 14, full - left - 4),
                columns=(1, 3, 4, len(section.tables[0].columns) - 1),
            )

    def grid(self, title: str, table: Table) -> None:
        slide = self.slide(title)
        self.cells(slide, table, (EDGE_MM, TOP_MM, WIDTH_MM - 2 * EDGE_MM), columns=range(len(table.columns)))

    def cells(self, slide: Any, table: Table, place: tuple[float, float, float], columns: Sequence[int]) -> None:
        """The first rows of a table, some of its columns."""
        left, top, width = place
        rows = table.rows[:ROWS]
        frame = slide.shapes.add_table(
            len(rows) + 1, len(columns), Mm(left), Mm(top), Mm(width), Mm(9 * (len(rows) + 1))
        )
        made = frame.table
        shares = [table.columns[i].width for i in columns]
        for place_, (index, share) in enumerate(zip(columns, shares, strict=True)):
            made.columns[place_].width = Mm(width * share / sum(shares))
            self._cell(made.cell(0, place_), table.columns[index].title, bold=True, align=PP_ALIGN.CENTER, head=True)
            for row, cells in enumerate(rows, start=1):
                cell = cells[index]
                align = {"left": PP_ALIGN.LEFT, "center": PP_ALIGN.CENTER, "right": PP_ALIGN.RIGHT}
                self._cell(
                    made.cell(row, place_),
                    cell.text,
                    bold=cell.tone == "bad",
                    align=align[table.columns[index].align],
                )
        left_out = len(table.rows) - len(rows)
        if left_out > 0:
            said = self.say("table.left_out", count=left_out)
            self.box(slide, said, (left, HEIGHT_MM - 22, width, 8), 12, italic=True, colour=GREY)

    @staticmethod
    def _cell(cell: Any, said: str, *, bold: bool, align: Any, head: bool = False) -> None:
        cell.margin_left = cell.margin_right = Mm(1.5)
        cell.margin_top = cell.margin_bottom = Mm(0.8)
        cell.vertical_anchor = MSO_ANCHOR.MIDDLE
        cell.fill.solid()
        cell.fill.fore_color.rgb = BLUE if head else RGBColor.from_string("FFFFFF")
        paragraph = cell.text_frame.paragraphs[0]
        colour = RGBColor.from_string("FFFFFF") if head else INK
        _write(paragraph, said, 13, bold=bold, align=align, colour=colour)


def _height(lines: Sequence[str], size: float) -> float:
    """Millimetres that lines of text take on a slide, set in bold to be on the safe side."""
    room = (WIDTH_MM - 2 * EDGE_MM - 6) * 0.97
    rows = sum(math.ceil(text_width_mm(f"- {plain(said)}", size, bold=True) / room) for said in lines)
    return (rows * size * LINE_HEIGHT + len(lines) * GAP_POINTS) * 25.4 / 72


def _with_figures(sections: Sequence[Section]) -> Iterator[Section]:
    for section in sections:
        if section.panel is not None and (section.charts or section.tables):
            yield section
        yield from _with_figures(section.sections)


def _write(
    paragraph: Any,
    said: str,
    size: float,
    *,
    bold: bool = False,
    italic: bool = False,
    colour: RGBColor = INK,
    align: Any = PP_ALIGN.LEFT,
) -> None:
    run = paragraph.add_run()
    run.text = plain(said)
    paragraph.alignment = align
    run.font.name, run.font.size, run.font.bold, run.font.italic = FONT, Pt(size), bold, italic
    run.font.color.rgb = colour
