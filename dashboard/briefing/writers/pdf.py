"""PDF: the same form for reading and archiving. PDF/A-2a: tagged, text extractable, fonts embedded.

Typst draws it from report.typ beside this file; the report goes in as JSON, never as
markup, so no text of a source can become an instruction. Fonts are the house's own
(Liberation Serif has the widths of Times New Roman); a warning of the typesetter is an
error here, for it would be a missing font or letter.
"""

from __future__ import annotations

import json
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


def write(report: Report) -> bytes:
    """The report as .pdf. Raises OpsError when the typesetter complains."""
    made, warnings = typst.compile_with_warnings(
        TEMPLATE,
        root=TEMPLATE.parent,
        font_paths=_fonts(),
        sys_inputs={"report": json.dumps(_prepared(report), ensure_ascii=False)},
        pdf_standards="a-2a",
    )
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
    said["letterhead"]["number"] = report.letterhead.number.replace(" ", "\u00a0")
    for unused in ("figures", "highlights", "revisions"):
        said.pop(unused)
    return said


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
        tables = [self.table(table, named=named) for table in section.tables]
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
        shown = table.rows[: table.shown] if table.shown is not None else table.rows
        left_out = len(table.rows) - len(shown)
        return {
            "name": name,
            "columns": [{"title": plain(c.title), "width": c.width, "align": c.align} for c in table.columns],
            "rows": [[{"text": plain(cell.text), "bad": cell.tone == "bad"} for cell in row] for row in shown],
            "note": self.say("table.left_out", count=left_out) if left_out else table.note,
        }
