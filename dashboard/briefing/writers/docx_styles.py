"""Word styles of the official form: A4, margins, Times New Roman, sizes (NĐ 30/2020/NĐ-CP, Phụ lục I; domain.md 9.1).

Every paragraph of a report takes one of these, so that the office changes a look once.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import Any

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING, WD_TAB_LEADER
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

FONT = "Times New Roman"
MARGINS_MM = {"top": 20, "bottom": 20, "left": 30, "right": 20}
TEXT_WIDTH_MM = 210 - MARGINS_MM["left"] - MARGINS_MM["right"]
FIRST_LINE_MM = 12.7
LEFT, CENTER, JUSTIFY = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.JUSTIFY


@dataclass(frozen=True, slots=True)
class Style:
    """One paragraph style; sizes and spaces in points."""

    name: str
    size: float
    bold: bool = False
    italic: bool = False
    align: Any = LEFT
    first_line: float = 0
    before: float = 0
    after: float = 0
    line: float = 1.0
    keep: bool = False
    outline: int | None = None


STYLES = (
    Style("Heading 1", 14, bold=True, first_line=FIRST_LINE_MM, before=6, after=6, keep=True, outline=0),
    Style("Heading 2", 14, bold=True, first_line=FIRST_LINE_MM, before=6, after=6, keep=True, outline=1),
    Style("Heading 3", 14, bold=True, italic=True, first_line=FIRST_LINE_MM, before=6, after=6, keep=True, outline=2),
    Style("Caption", 13, bold=True, align=CENTER, before=6, after=3, keep=True),
    Style("BC Quốc hiệu", 12, bold=True, align=CENTER),
    Style("BC Tiêu ngữ", 13, bold=True, align=CENTER),
    Style("BC Cơ quan", 12, bold=True, align=CENTER),
    Style("BC Đường kẻ", 2, align=CENTER, before=4),
    Style("BC Số ký hiệu", 13, align=CENTER, before=4),
    Style("BC Địa danh", 13, italic=True, align=CENTER, before=4),
    Style("BC Dự thảo", 13, bold=True, align=CENTER, before=4),
    Style("BC Tên loại", 14, bold=True, align=CENTER, before=14, keep=True),
    Style("BC Trích yếu", 14, bold=True, align=CENTER, keep=True),
    Style("BC Nội dung", 14, align=JUSTIFY, first_line=FIRST_LINE_MM, after=6, line=1.1),
    Style("BC Cảnh báo", 13, bold=True, align=JUSTIFY, before=3, after=3),
    Style("BC Dòng trống", 14, after=6),
    Style("BC Bảng", 12, before=1, after=1),
    Style("BC Đầu bảng", 12, bold=True, align=CENTER, before=2, after=2, keep=True),
    Style("BC Ghi chú", 12, italic=True, align=JUSTIFY, after=6),
    Style("BC Hình", 12, align=CENTER, before=6, keep=True),
    Style("BC Tên hình", 13, bold=True, align=CENTER, after=2, keep=True),
    Style("BC Nơi nhận", 12, bold=True, italic=True),
    Style("BC Danh sách nơi nhận", 11),
    Style("BC Chữ ký", 14, bold=True, align=CENTER),
    Style("BC Phụ lục", 14, bold=True, align=CENTER, keep=True, outline=0),
    Style("BC Tên phụ lục", 14, bold=True, align=CENTER, keep=True),
    Style("BC Chỉ dẫn", 14, italic=True, align=CENTER, after=8, keep=True),
    Style("BC Số trang", 14, align=CENTER),
    Style("BC Chân trang", 10, italic=True, align=CENTER),
)


@cache
def template(language: str) -> bytes:
    """An empty document with page and styles set, as .docx."""
    document = docx.Document()
    prepare(document, language)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def prepare(document: Document, language: str) -> None:
    """Page and styles. Nothing of the writer's own template is left to chance."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for side, mm in MARGINS_MM.items():
        setattr(section, f"{side}_margin", Mm(mm))
    section.header_distance, section.footer_distance = Mm(10), Mm(10)
    section.different_first_page_header_footer = True
    normal = document.styles["Normal"]
    _font(normal, 14, language)
    normal.paragraph_format.space_after = Pt(0)
    for style in STYLES:
        _make(document, style, language)
    tab = document.styles["BC Dòng trống"].paragraph_format.tab_stops
    tab.add_tab_stop(Mm(TEXT_WIDTH_MM), leader=WD_TAB_LEADER.DOTS)


def _make(document: Document, style: Style, language: str) -> None:
    known = {each.name for each in document.styles}
    made: Any = (
        document.styles[style.name]
        if style.name in known
        else document.styles.add_style(style.name, WD_STYLE_TYPE.PARAGRAPH)
    )
    made.base_style = document.styles["Normal"]
    made.quick_style, made.hidden = True, False
    _font(made, style.size, language)
    made.font.bold, made.font.italic = style.bold, style.italic
    shape = made.paragraph_format
    shape.alignment, shape.keep_with_next = style.align, style.keep
    shape.first_line_indent = Mm(style.first_line)
    shape.space_before, shape.space_after = Pt(style.before), Pt(style.after)
    shape.line_spacing_rule = WD_LINE_SPACING.MULTIPLE
    shape.line_spacing = style.line
    shape.widow_control = True
    if style.outline is not None:
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(style.outline))
        properties = made.element.get_or_add_pPr()
        for old in properties.findall(qn("w:outlineLvl")):
            properties.remove(old)
        properties.append(level)


def _font(style: Any, size: float, language: str) -> None:
    """Every kind of letter in one face: Word keeps four names per style."""
    style.font.name, style.font.size = FONT, Pt(size)
    style.font.color.rgb = RGBColor(0, 0, 0)
    properties = style.element.get_or_add_rPr()
    fonts = properties.get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    for name in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{name}"), FONT)
    for old in properties.findall(qn("w:lang")):
        properties.remove(old)
    lang = OxmlElement("w:lang")
    lang.set(qn("w:val"), "vi-VN" if language == "vi" else "en-GB")
    properties.append(lang)
