"""The stations' reports as xlsx, as clerks fill them in.

Letterhead and titles merged above, the header in two rows with merged cells, column
numbers under it, notes and signatures below. A careless clerk's forms hold numbers as
text, decomposed letters, stray spaces, a line nobody knows, a word for a number.
"""

from __future__ import annotations

import io
import unicodedata
from datetime import timedelta
from random import Random

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from connectors.sandbox.health.months import Figures
from connectors.sandbox.health.stations import WORDS, Station
from connectors.sandbox.health.weeks import Count
from datasets.periods import Period
from datasets.vietnamese import day

SAID: dict[str, str] = WORDS["forms"]
HEADER_ROW = 7
Line = list[str | int]


class _Form:
    """A sheet being filled in. `careless`: who fills it in badly; None for nobody."""

    def __init__(self, station: Station, title: str, period: str, columns: int, careless: Random | None) -> None:
        self.careless = careless
        self._content = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._content, {"in_memory": True})
        self.sheet: Worksheet = self._book.add_worksheet("Bao cao")
        self.bold: Format = self._book.add_format({"bold": True, "align": "center", "border": 1, "text_wrap": True})
        heading = self._book.add_format({"bold": True, "align": "center"})
        half, last = columns // 2, columns - 1
        self.sheet.merge_range(0, 0, 0, half - 1, SAID["district"], heading)
        self.sheet.merge_range(0, half, 0, last, SAID["republic"], heading)
        self.sheet.merge_range(1, half, 1, last, SAID["motto"], heading)
        self.sheet.merge_range(3, 0, 3, last, title, heading)
        self.sheet.merge_range(4, 0, 4, last, period, heading)
        self.sheet.merge_range(5, 0, 5, last, SAID["station"].format(name=station.name, code=station.code))
        self._last = last

    def write(self, row: int, cells: Line) -> None:
        for place, cell in enumerate(cells):
            if isinstance(cell, int):
                self._number(row, place, cell)
            elif cell:
                self.sheet.write_string(row, place, self._text(cell))

    def close(self, row: int) -> bytes:
        """Notes and signatures below the table; answers the file."""
        self.sheet.merge_range(row + 1, 0, row + 1, self._last, SAID["invented"])
        self.sheet.merge_range(row + 2, 0, row + 2, self._last, f"(*) {SAID['late']}")
        self.sheet.write_string(row + 4, 1, SAID["signed"])
        self.sheet.write_string(row + 4, self._last, SAID["head"])
        self._book.close()
        return self._content.getvalue()

    def _number(self, row: int, place: int, number: int) -> None:
        careless = self.careless
        if careless is None or careless.random() > 0.25:
            self.sheet.write_number(row, place, number)
        else:  # as text, with the points of a letter
            self.sheet.write_string(row, place, f" {number:,}".replace(",", ".") + "\u00a0")

    def _text(self, text: str) -> str:
        careless = self.careless
        if careless is None or careless.random() > 0.4:
            return text
        return unicodedata.normalize("NFD", f" {text}  ")


def weekly_form(
    station: Station, period: Period, week: dict[str, Count], year: dict[str, Count], careless: Random | None
) -> bytes:
    """The weekly table of communicable diseases (domain.md 4.2)."""
    written = SAID["weekly_period"].format(
        week=int(period.id[5:]), year=period.id[:4], first=day(period.start), last=day(period.end - timedelta(days=1))
    )
    form = _Form(station, SAID["weekly_title"], written, 7, careless)
    for place, name in ((0, "number"), (1, "disease"), (6, "note")):
        form.sheet.merge_range(HEADER_ROW - 1, place, HEADER_ROW, place, SAID[name], form.bold)
    form.sheet.merge_range(HEADER_ROW - 1, 2, HEADER_ROW - 1, 3, SAID["in_week"], form.bold)
    form.sheet.merge_range(HEADER_ROW - 1, 4, HEADER_ROW - 1, 5, SAID["since_january"], form.bold)
    for place, name in ((2, "cases"), (3, "deaths"), (4, "cases_year"), (5, "deaths_year")):
        form.sheet.write_string(HEADER_ROW, place, SAID[name], form.bold)
    form.write(HEADER_ROW + 1, [f"({number})" for number in range(1, 8)])
    row = HEADER_ROW + 2
    for number, said in enumerate(WORDS["diseases"], 1):
        now, sofar = week[said["key"]], year[said["key"]]
        form.write(row, [number, said["name"], now.cases, now.deaths, sofar.cases, sofar.deaths])
        row += 1
    if careless is not None:
        form.write(row, [len(week) + 1, SAID["unknown_disease"], 1, 0, 1, 0])
        form.sheet.write_string(HEADER_ROW + 4, 4, SAID["not_a_number"])
        row += 1
    sums = [
        sum(values)
        for counts in (week, year)
        for values in zip(*((c.cases, c.deaths) for c in counts.values()), strict=True)
    ]
    form.write(row, ["", SAID["sum"], *sums])
    return form.close(row)


def monthly_form(station: Station, period: Period, figures: Figures, sofar: Figures, careless: Random | None) -> bytes:
    """The monthly activity table. `sofar`: the flows added up since January."""
    form = _Form(station, SAID["monthly_title"], _month(period), 6, careless)
    names = ("number", "indicator", "measure", "month", "since_january", "note")
    for place, name in enumerate(names):
        form.sheet.write_string(HEADER_ROW, place, SAID[name], form.bold)
    form.write(HEADER_ROW + 1, [f"({number})" for number in range(1, 7)])
    row, number = HEADER_ROW + 2, 0
    for said in WORDS["monthly"]:
        if "head" in said:
            form.write(row, ["", said["head"]])
        else:
            number += 1
            key = (said["element"], "")
            form.write(row, [number, said["name"], said["unit"], figures[key], sofar.get(key, "")])
        row += 1
    for said in WORDS["staff"]:
        form.write(row, ["", f"- {said['name']}", SAID["people"], figures["hl_staff", said["key"]]])
        row += 1
    if careless is not None:
        form.write(row, [number + 1, SAID["unknown_line"], SAID["visits"], 12])
        row += 1
    return form.close(row)


def immunisation_form(station: Station, period: Period, figures: Figures, careless: Random | None) -> bytes:
    """The immunisation table, cumulative since January."""
    form = _Form(station, SAID["immunisation_title"], _month(period), 6, careless)
    names = ("number", "vaccine", "target", "doses", "total", "rate")
    for place, name in enumerate(names):
        form.sheet.write_string(HEADER_ROW, place, SAID[name], form.bold)
    form.write(HEADER_ROW + 1, [f"({number})" for number in range(1, 7)])
    row, infants = HEADER_ROW + 2, figures["hl_infants", ""]
    for number, said in enumerate(WORDS["vaccines"], 1):
        total = figures["hl_doses_year", said["key"]]
        given = figures["hl_doses", said["key"]]
        form.write(row, [number, said["name"], infants, given, total, _percent(total, infants)])
        row += 1
    form.write(row, ["", SAID["all_doses"], "", figures["hl_doses", ""], figures["hl_doses_year", ""]])
    fully = figures["hl_fully_immunised", ""]
    form.write(row + 1, ["", SAID["fully"], infants, "", fully, _percent(fully, infants)])
    return form.close(row + 1)


def _month(period: Period) -> str:
    return SAID["monthly_period"].format(month=period.start.month, year=period.start.year)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}".replace(".", ",")
