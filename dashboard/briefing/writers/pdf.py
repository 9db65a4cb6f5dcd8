"""PDF: the same form for reading and archiving. PDF/A-2a: tagged, text extractable, fonts embedded.

Typst draws it from report.typ beside this file; the report goes in as JSON, never as
markup, so no text of a source can become an instruction. Fonts are the house's own
(Liberation Serif has the widths of Times New Roman); a warning of the typesetter is an
error here, for it would be a missing font or letter.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import typst

from dashboard.briefing.model import Report, Section, Table, as_json
from dashboard.briefing.writers.plain import plain
from dashboard.briefing.writers.svg_chart import svg
from dashboard.briefing.writers.text_width import PRINT_FONTS, text_width_mm
from datasets.errors import OpsError
from datasets.messages import text

TEMPLATE = Path(__file__).with_name("report.typ")
TEXT_WIDTH_MM, CELL_INSET_MM, CELL_POINTS = 160.0, 1.4, 12.0
"""As in the template."""
SHORT_WORD = 6
"""Letters that fit any column."""


def fitted(said: str, room_mm: float, *, bold: bool = True) -> str:
    """The text of a cell, its words broken where one alone is wider than the column."""
    text_ = plain(said)
    widest = max((word for word in text_.split() if len(word) > SHORT_WORD), key=len, default="")
    width = text_width_mm(widest, CELL_POINTS, bold=bold) if widest else 0.0
    return plain(said, max(1, int(len(widest) * room_mm / width) - 1)) if width > room_mm else text_


def write(report: Report) -> bytes:
    """The report as .pdf. Raises OpsError when the typesetter complains."""
    try:
        made, warnings = typst.compile_with_warnings(
            TEMPLATE,
            root=TEMPLATE.parent,
            font_paths=_fonts(),
            sys_inputs={"report": json.dumps(_prepared(report), ensure_ascii=False)},
            pdf_standards="a-2a",
        )
    except typst.TypstError as error:
        raise OpsError("briefing.typesetter", problem=str(error)) from error
    if warnings:
        raise OpsError("briefing.typesetter", problem="; ".join(str(warning) for warning in warnings))
    return bytes(made)


@cache
def _fonts() -> Any:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[PRINT_FONTS])


def _prepared(report: Report) -> dict[str, Any]:
    """The model with what a page needs beside it: names of tables and charts, drawn charts, measured rules."""
    said: dict[str, Any] = _cleaned(json.loads(as_json(report)))
    names = _Names(report)
    said["sections"] = [names.section(section) for section in report.sections]
    said["annexes"] = [names.section(annex, named=False) for annex in report.annexes]
    said["opening"] = plain(report.opening.text)
    said["incomplete"] = "" if report.complete else names.say("incomplete")
    said["motto_mm"] = text_width_mm(report.letterhead.motto[1], 13, bold=True)
    said["foot"] = " · ".join(filter(None, (report.letterhead.draft, report.demo)))
    said["date"] = [report.made_at.year, report.made_at.month, report.made_at.day]
    for blanks in ("number", "annex_of"):  # our own words, whose spaces leave room for writing
        said["letterhead"][blanks] = re.sub(" {2,}", _no_break, getattr(report.letterhead, blanks))
    for unused in ("figures", "highlights", "revisions"):
        said.pop(unused)
    return said


def _no_break(spaces: re.Match[str]) -> str:
    return "\u00a0" * len(spaces[0])


def _cleaned(said: Any) -> Any:
    if isinstance(said, str):
        return plain(said)
    if isinstance(said, list):
        return [_cleaned(each) for each in said]
    return {key: _cleaned(each) for key, each in said.items()} if isinstance(said, dict) else said


class _Names:
    """Numbers tables and charts in the order they stand."""

    def __init__(self, report: Report) -> None:
        self.report, self.tables, self.charts = report, 0, 0

    def say(self, key: str, **params: object) -> str:
        return text(f"briefing.{key}", self.report.language, **params)

    def section(self, section: Section, *, named: bool = True) -> dict[str, Any]:
        charts = []
        tables = [self.table(table, named=named) for table in section.paper_tables]
        for chart in section.charts:
            self.charts += 1
            charts.append(
                {
                    "name": plain(self.say("chart.name", number=self.charts, title=chart.title)),
                    "finding": plain(chart.finding),
                    "svg": svg(chart, self.report.language),
                }
            )
        return {
            "id": section.id,
            "heading": plain(section.heading),
            "level": section.level,
            "paragraphs": [plain(("- " if p.style == "item" else "") + p.text) for p in section.paragraphs],
            "words": [plain(words) for words in section.own_words],
            "lines": 0 if section.own_words else section.lines,
            "tables": tables,
            "charts": charts,
            "sections": [self.section(each) for each in section.sections],
        }

    def table(self, table: Table, *, named: bool) -> dict[str, Any]:
        name = ""
        if named:
            self.tables += 1
            name = plain(self.say("table.name", number=self.tables, title=table.title))
        whole = sum(column.width for column in table.columns)
        rooms = [TEXT_WIDTH_MM * column.width / whole - 2 * CELL_INSET_MM for column in table.columns]
        return {
            "name": name,
            "columns": [{"title": plain(c.title), "width": c.width, "align": c.align} for c in table.columns],
            "rows": [
                [
                    {"text": fitted(cell.text, room, bold=cell.tone == "bad"), "bad": cell.tone == "bad"}
                    for cell, room in zip(row, rooms, strict=True)
                ]
                for row in table.on_paper
            ],
            "title": plain(table.title).upper(),
            "note": " ".join(
                filter(None, (table.note, self.say("table.left_out", count=table.left_out) if table.left_out else ""))
            ),
        }
