"""Excel: the numbers themselves. Typed cells, native charts, one sheet for each panel, all rows of every list."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import xlsxwriter

from dashboard.briefing.model import Cell, Chart, Report, Section, Table
from dashboard.briefing.writers.plain import plain
from datasets.messages import text

FONT = "Times New Roman"
FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
KINDS = {"line": ("line", None), "column": ("column", None), "bar": ("bar", None), "stacked": ("bar", "stacked")}
ROLES = {"bad": "#B3261E", "attention": "#B26A00", "target": "#7F7F7F", "muted": "#9DB8D6"}
PALETTE = ("#1F4E79", "#9DB8D6", "#5B7F55", "#B08A3C")
CHART_ROWS = 17
WORDS_OVER = 4
LETTERS_OVER = 85
"""Running text is written over so many columns, and about so many letters fit on a line of them."""
LINE_POINTS = 16.5
PROVENANCE_WIDTHS = (26, 46, 10, 11, 24, 12, 12, 12, 8, 10, 20, 24)


def write(report: Report) -> bytes:
    """The report as .xlsx."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    made = report.made_at.astimezone(UTC).replace(tzinfo=None)  # told as of UTC
    book.set_properties({"title": plain(report.letterhead.summary), "author": plain(report.unit_name), "created": made})
    workbook = _Workbook(book, report)
    workbook.summary()
    for section in _panels(report.sections):
        workbook.panel(section)
    for annex in report.annexes:
        workbook.annex(annex)
    workbook.provenance()
    book.close()
    return out.getvalue()


def _panels(sections: tuple[Section, ...]) -> Iterator[Section]:
    for section in sections:
        if section.tables or section.charts:
            yield section
        yield from _panels(section.sections)


class _Workbook:
    """The workbook being written, with its few formats."""

    def __init__(self, book: Any, report: Report) -> None:
        self.book, self.report = book, report
        self.used: set[str] = set()
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def say(self, key: str, **params: object) -> str:
        return text(f"briefing.{key}", self.report.language, **params)

    def look(self, **how: object) -> Any:
        key = tuple(sorted(how.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format({"font_name": FONT, "font_size": 12, "valign": "top", **how})
        return self._formats[key]

    def sheet(self, name: str) -> Any:
        """A new sheet, its name made fit for Excel and unique."""
        fit = plain(name).translate(FORBIDDEN).strip()[:31].strip() or "-"
        while fit.lower() in self.used:
            fit = f"{fit[:26]} {len(self.used)}"
        self.used.add(fit.lower())
        sheet = self.book.add_worksheet(fit)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_landscape()
        sheet.hide_gridlines(2)
        return sheet

    # -- sheets ----------------------------------------------------------------------

    def summary(self) -> None:
        report = self.report
        sheet = self.sheet(self.say("xlsx.summary"))
        sheet.set_column(0, 0, 110)
        lines: list[tuple[str, dict[str, object]]] = [
            (plain(report.letterhead.body), {"bold": True}),
            (f"{report.letterhead.kind}: {plain(report.letterhead.summary)}", {"bold": True, "font_size": 14}),
            (" · ".join(filter(None, (report.letterhead.draft, report.demo))), {"bold": True}),
            *((plain(said), {"bold": True, "font_color": "#B3261E"}) for said in report.warnings),
            ("", {}),
            *((plain(sentence.text), {}) for sentence in report.highlights),
        ]
        for row, (said, how) in enumerate(lines):
            sheet.write_string(row, 0, said, self.look(text_wrap=True, **how))
            sheet.set_row(row, LINE_POINTS * max(1, math.ceil(len(said) / 105)) + 3)

    def panel(self, section: Section) -> None:
        sheet = self.sheet(section.heading.split(" ", 1)[-1])
        row = 0
        for table in section.tables:
            row = self.table(sheet, row, table) + 1
        for paragraph in section.paragraphs:
            self.words(sheet, row, plain(paragraph.text))
            row += 1
        row += 1
        for chart in section.charts:
            row = self.chart(sheet, row, chart) + 1

    def annex(self, annex: Section) -> None:
        sheet = self.sheet(self.say(f"sheet.{annex.id}"))
        row = 0
        for paragraph in annex.paragraphs:
            self.words(sheet, row, plain(paragraph.text))
            row += 1
        for table in annex.tables:
            row = self.table(sheet, row, table) + 1

    def provenance(self) -> None:
        """Every figure used: indicator, unit, period, parts of the fraction, rule set, sources and their age."""
        heads = (
            "indicator", "name", "unit", "period", "by", "value", "numerator", "denominator", "rules", "target",
            "as_of", "sources",
        )  # fmt: skip
        sheet = self.sheet(self.say("xlsx.provenance"))
        for column, (head, width) in enumerate(zip(heads, PROVENANCE_WIDTHS, strict=True)):
            sheet.write_string(0, column, self.say(f"xlsx.{head}"), self.look(bold=True, bg_color="#DCE6F1", border=1))
            sheet.set_column(column, column, width)
        for row, figure in enumerate(self.report.figures, start=1):
            texts = (figure.indicator, figure.name, figure.unit, figure.period, "; ".join((figure.by or {}).values()))
            for column, said in enumerate(texts):
                sheet.write_string(row, column, plain(said), self.look())
            for column, number in (
                (5, figure.value),
                (6, figure.numerator),
                (7, figure.denominator),
                (9, figure.target),
            ):
                if number is not None:
                    sheet.write_number(
                        row, column, number, self.look(num_format="#,##0.0###" if number % 1 else "#,##0")
                    )
            sheet.write_string(row, 8, figure.rules, self.look())
            if figure.as_of is not None:
                local = figure.as_of.astimezone(self.report.made_at.tzinfo).replace(tzinfo=None)
                sheet.write_datetime(row, 10, local, self.look(num_format="dd/mm/yyyy hh:mm"))
            sheet.write_string(row, 11, ", ".join(figure.sources), self.look())
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(self.report.figures)), len(heads) - 1)

    def words(self, sheet: Any, row: int, said: str) -> None:
        """Running text over the columns of a table."""
        sheet.merge_range(row, 0, row, WORDS_OVER - 1, said, self.look(text_wrap=True))
        sheet.set_row(row, LINE_POINTS * max(1, math.ceil(len(said) / LETTERS_OVER)))

    # -- parts -----------------------------------------------------------------------

    def table(self, sheet: Any, row: int, table: Table) -> int:
        """The whole table below its title; gives the first free row."""
        sheet.write_string(row, 0, plain(table.title), self.look(bold=True, font_size=13))
        head = row + 1
        for column, declared in enumerate(table.columns):
            sheet.set_column(column, column, max(7.0, declared.width * 0.85))
            how = self.look(bold=True, text_wrap=True, align="center", bg_color="#DCE6F1", border=1)
            sheet.write_string(head, column, plain(declared.title), how)
        widths = [max(7.0, column.width * 0.85) for column in table.columns]
        for place, cells in enumerate(table.rows, start=head + 1):
            lines = max(math.ceil(1.1 * len(cell.text) / width) for cell, width in zip(cells, widths, strict=True))
            sheet.set_row(place, LINE_POINTS * max(1, lines))
            for column, cell in enumerate(cells):
                self.cell(sheet, place, column, cell, table.columns[column].align)
        sheet.repeat_rows(head)
        if row == 0:
            sheet.freeze_panes(head + 1, 0)
        return head + 1 + len(table.rows)

    def cell(self, sheet: Any, row: int, column: int, cell: Cell, align: str) -> None:
        """A number as a number, a day as a day; a target keeps its sign in the format."""
        how: dict[str, object] = {"border": 1, "align": align, "text_wrap": True}
        if cell.tone == "bad":
            how["bold"] = True
        if cell.day is not None:
            on = date.fromisoformat(cell.day)
            sheet.write_datetime(row, column, _midnight(on), self.look(num_format="dd/mm/yyyy", **how))
        elif cell.number is not None:
            sign = f'"{cell.text[0]} "' if cell.text[:1] in "≥≤" else ""
            shape = f"{sign}#,##0{'.' + '0' * cell.decimals if cell.decimals else ''}"
            if cell.kind == "percent":
                sheet.write_number(row, column, cell.number / 100, self.look(num_format=f"{sign}0.0%", **how))
            else:
                sheet.write_number(row, column, cell.number, self.look(num_format=shape, **how))
        else:
            sheet.write_string(row, column, plain(cell.text), self.look(**how))

    def chart(self, sheet: Any, row: int, chart: Chart) -> int:
        """The chart's numbers, and the chart over them; gives the first free row."""
        sheet.write_string(row, 1, plain(chart.title), self.look(bold=True))
        sheet.write_string(row + 1, 1, plain(chart.finding), self.look(italic=True))
        head = row + 2
        for column, series in enumerate(chart.series, start=2):
            sheet.write_string(head, column, plain(series.name), self.look(bold=True, text_wrap=True, border=1))
        for place, category in enumerate(chart.categories, start=head + 1):
            sheet.write_string(place, 1, plain(category), self.look(border=1))
            for column, series in enumerate(chart.series, start=2):
                number = series.values[place - head - 1]
                if number is not None:
                    shape = "0.0" if chart.unit == "%" else "#,##0"
                    sheet.write_number(place, column, number, self.look(num_format=shape, border=1))
        kind, subtype = KINDS[chart.kind]
        made = self.book.add_chart({"type": kind, **({"subtype": subtype} if subtype else {})})
        last = head + len(chart.categories)
        name, normal = sheet.get_name(), 0
        for column, series in enumerate(chart.series, start=2):
            colour = ROLES.get(series.role)
            if colour is None:
                colour, normal = PALETTE[normal % len(PALETTE)], normal + 1
            drawn: dict[str, Any] = {
                "name": [name, head, column],
                "categories": [name, head + 1, 1, last, 1],
                "values": [name, head + 1, column, last, column],
                "gap": 60,
            }
            if chart.kind == "line":
                dashed = series.role == "target"
                drawn["line"] = {"color": colour, "width": 2.25, "dash_type": "dash" if dashed else "solid"}
            else:
                drawn["fill"] = {"color": colour}
            made.add_series(drawn)
        made.set_title({"name": plain(chart.title), "name_font": {"size": 12, "name": FONT}})
        made.set_legend({"position": "bottom"} if len(chart.series) > 1 else {"none": True})
        if chart.kind in ("bar", "stacked"):
            made.set_y_axis({"reverse": True})
        made.set_size({"width": 720, "height": 320})
        sheet.insert_chart(head, 3 + len(chart.series), made)
        return max(last, head + CHART_ROWS) + 1


def _midnight(on: date) -> Any:
    return datetime.combine(on, time())
