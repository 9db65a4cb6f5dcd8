"""A list as a workbook: typed cells in Vietnamese formats, and a sheet that says what they are.

Rows go to disk as they come (xlsxwriter's constant memory), so that a long list needs no
more memory than a short one. No cell is ever a formula or a link.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import IO, Any

import xlsxwriter

from dashboard.exports.record_file import RecordFile
from dashboard.record_words import Column, Plain
from datasets.messages import text
from datasets.vietnamese import clean

FONT = "Times New Roman"
SHEET_ROWS = 1_000_000
"""Rows of one sheet; Excel holds 1,048,576. A longer list goes on in the next."""
LONGEST_CELL = 32_000
HEAD_COLOUR = "#DCE6F1"
PX_OF_CHARACTER = 7.5
FACT_WIDTHS = (26, 110)
MARGIN = 0.4


def write_xlsx(file: RecordFile, target: IO[bytes]) -> None:
    """The whole workbook into `target`."""
    options = {
        "constant_memory": True,
        "in_memory": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "dd/mm/yyyy",
    }
    book = xlsxwriter.Workbook(target, options)
    _Writer(book, file).all()
    book.close()


class _Writer:
    def __init__(self, book: Any, file: RecordFile) -> None:
        self.book, self.file = book, file
        self.plain = self._look()
        self.quoted = self._look(quote_prefix=True)
        self.bold = self._look(bold=True)
        self.title = self._look(bold=True, font_size=14)
        self.demo = self._look(bold=True, font_color="#9A5B00")
        self.head = self._look(bold=True, bg_color=HEAD_COLOUR, border=1, text_wrap=True, valign="vcenter")
        self.whole = self._look(num_format="#,##0")
        self.parts = self._look(num_format="#,##0.0###")
        self.day = self._look(num_format="dd/mm/yyyy", align="left")
        self.moment = self._look(num_format="dd/mm/yyyy hh:mm", align="left")
        self.wrapped = self._look(text_wrap=True, valign="top")
        self.label = self._look(bold=True, valign="top")

    def _look(self, **how: object) -> Any:
        return self.book.add_format({"font_name": FONT, "font_size": 12, **how})

    def all(self) -> None:
        file = self.file
        self.book.set_properties({"title": file.title, "comments": file.demo})
        sheet, at, part = self._list_sheet(1), 0, 1
        row = self._heading(sheet)
        for values in file.rows:
            if at == SHEET_ROWS:
                part += 1
                sheet, at = self._list_sheet(part), 0
                row = self._heading(sheet)
            for column, value in enumerate(values):
                self.cell(sheet, row + at, column, value)
            at += 1
        sheet.autofilter(row - 1, 0, max(row - 1, row + at - 1), len(file.columns) - 1)
        self._definitions()

    def _list_sheet(self, part: int) -> Any:
        name = text("export.sheet.list", self.file.language)
        return self._paper(name if part == 1 else f"{name} {part}")

    def _paper(self, name: str) -> Any:
        sheet = self.book.add_worksheet(name)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(MARGIN, MARGIN, 0.6, 0.6)
        if self.file.demo:
            sheet.set_header(f"&R&B{self.file.demo}")
        sheet.set_footer(f"&L{self.file.name}&R&P/&N")
        return sheet

    def _heading(self, sheet: Any) -> int:
        """Title, lines and the head of the table; the first row of records."""
        file = self.file
        for column, declared in enumerate(file.columns):
            sheet.set_column(column, column, _width(declared))
        sheet.write_string(0, 0, clean(file.title), self.title)
        row = 1
        if file.demo:
            sheet.write_string(row, 0, file.demo, self.demo)
            row += 1
        for line in filter(None, file.lines):
            sheet.write_string(row, 0, clean(line), self.plain)
            row += 1
        row += 1
        for column, declared in enumerate(file.columns):
            sheet.write_string(row, column, declared.heading, self.head)
        sheet.freeze_panes(row + 1, 1)
        sheet.repeat_rows(row)
        return row + 1

    def cell(self, sheet: Any, row: int, column: int, value: Plain) -> None:
        """A number as a number, a day as a day; text as text whatever it begins with."""
        if value is None or value == "":
            return
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, value, self.moment)
        elif isinstance(value, date):
            sheet.write_datetime(row, column, datetime.combine(value, time()), self.day)
        elif isinstance(value, int | float):
            sheet.write_number(row, column, value, self.parts if value % 1 else self.whole)
        else:
            said = clean(value)[:LONGEST_CELL]
            sheet.write_string(row, column, said, self.plain if said[:1].isalnum() else self.quoted)

    def _definitions(self) -> None:
        """What the number means, how and when it was counted."""
        sheet = self._paper(text("export.sheet.definitions", self.file.language))
        for column, width in enumerate(FACT_WIDTHS):
            sheet.set_column(column, column, width)
        for row, (label, fact) in enumerate(self.file.facts):
            sheet.write_string(row, 0, label, self.label)
            if isinstance(fact, str):
                sheet.write_string(row, 1, clean(fact), self.wrapped)
            else:
                shape = "#,##0.0###" if fact % 1 else "#,##0"
                sheet.write_number(row, 1, fact, self._look(num_format=shape, align="left"))


def _width(column: Column) -> float:
    return round(max(column.width / PX_OF_CHARACTER, len(column.heading) * 1.1 + 2), 1)
