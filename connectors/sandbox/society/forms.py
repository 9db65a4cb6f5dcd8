"""The monthly forms as workbooks in the centre's inbox, as people make them: merged titles,
numbers as text with decimal commas, notes, signatures.

A file is dropped once by its name: one that lies in the inbox, among the done or among the
refused is not dropped again. Months long past come in one list; the forms themselves are
those of the last RECENT months.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter
import yaml

from connectors.sandbox.one_stop.people import full_name
from connectors.sandbox.society.digital import lines
from connectors.sandbox.society.figures import TEMPERS, Figures, figures
from datasets.vietnamese import number

WORDS = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
MONTHS, RECENT, SILENT_MONTHS = 36, 6, 3
HANDED_IN_ON = 5  # day of the month after
SILENT, DIRTY = "99004", "99005"


class Forms:
    """All forms of a simulated province.

    names   commune code -> name
    first_start   when the sandbox was first started: 36 months before it the history begins
    """

    def __init__(self, names: Mapping[str, str], seed: int, first_start: datetime) -> None:
        self._names, self._seed = names, seed
        self._last_at_start = _handed_in(first_start.date())
        self._first = _shifted(self._last_at_start, -(MONTHS - 1))
        self._silent = _shifted(self._last_at_start, -SILENT_MONTHS)

    def drop(self, inbox: Path, today: date) -> int:
        """Drop what has been handed in by `today` and was not dropped before; how many files."""
        known = {path.name for path in inbox.rglob("*")} if inbox.is_dir() else set()
        inbox.mkdir(parents=True, exist_ok=True)
        dropped = 0
        for name, write in self._files(_handed_in(today)):
            if not any(name.rpartition(".")[0] in other for other in known):
                _whole(inbox / name, write)
                dropped += 1
        return dropped

    def _files(self, last: date) -> Iterator[tuple[str, Callable[[Path], None]]]:
        begin = _shifted(self._last_at_start, -(RECENT - 1))
        past = [month for month in _months(self._first, last) if month < begin]
        words = WORDS["history"]
        yield f"{words['file']}_{past[0]:%Y%m}-{past[-1]:%Y%m}.csv", partial(self._history, months=past)
        for month in _months(begin, last):
            yield f"{WORDS['counters']['file']}_{month:%Y%m}.xlsx", partial(self._counters, month=month)
            yield f"{WORDS['digital']['file']}_{month:%Y%m}.csv", partial(self._digital, month=month)
            for unit in self._units(month):
                for form in ("budget", "living"):
                    name = f"{WORDS[form]['file']}_{unit}_{month:%Y%m}.xlsx"
                    yield name, partial(self._form, form=form, unit=unit, month=month)

    def _units(self, month: date) -> list[str]:
        return [unit for unit in TEMPERS if unit != SILENT or month <= self._silent]

    def figures(self, unit: str, month: date) -> Figures:
        """What a commune really has in a month, mistakes left out."""
        return figures(unit, month, self._seed, self._first)

    def _history(self, path: Path, months: Sequence[date]) -> None:
        with _table(path) as put:
            for month in months:
                for unit in self._units(month):
                    for element, value in self.figures(unit, month).items():
                        put(unit, element, f"{month:%Y%m}", "", value)
                    for element, period, part, value in lines(unit, month, self._seed, self._first):
                        put(unit, element, period, part, value)

    def _digital(self, path: Path, month: date) -> None:
        with _table(path) as put:
            for unit in self._units(month):
                for element, period, part, value in lines(unit, month, self._seed, self._first):
                    put(unit, element, period, part, value)

    def _form(self, path: Path, form: str, unit: str, month: date) -> None:
        words, values = WORDS[form], self.figures(unit, month)
        random = Random(f"{self._seed} form {form} {unit} {month}")
        mistaken = unit == DIRTY and random.random() < 0.7
        with _Sheet(path) as sheet:
            width = len(words["header"])
            sheet.title(f"{words['titles'][0]} {self._names.get(unit, unit).upper()}", width)
            sheet.title(words["titles"][1], width)
            sheet.title(WORDS["period"].format(month=month.month, year=month.year), width)
            sheet.row([])
            sheet.header([cell.format(month=month.month) for cell in words["header"]])
            sheet.row([f"({place})" for place in range(1, width + 1)])
            for line in words["lines"]:
                cells: list[Any] = [_said(values[cell]) if cell in values else cell for cell in line]
                cells[1] = "  " * (not line[0].isalpha()) + cells[1]
                plan, total = values.get(line[3]), values.get(line[5])
                if plan and total:
                    cells.append(number(total / plan * 100, 1))
                sheet.row(cells)
            if mistaken:
                spoilt = WORDS["mistakes"]
                value = number(random.uniform(10, 90), 1)
                sheet.row(["", spoilt["line"], spoilt["measure"], "", spoilt["number"].format(value=value), value])
            self._foot(sheet, month, random)

    def _counters(self, path: Path, month: date) -> None:
        words = WORDS["counters"]
        random = Random(f"{self._seed} counters {month}")
        totals: Figures = {}
        with _Sheet(path) as sheet:
            for title in words["titles"]:
                sheet.title(title, len(words["header"]))
            sheet.title(WORDS["period"].format(month=month.month, year=month.year), len(words["header"]))
            sheet.row([])
            sheet.header([name for name, _ in words["header"]])
            for place, unit in enumerate(self._units(month), 1):
                values: dict[str, object] = dict(self.figures(unit, month))
                for name, value in self.figures(unit, month).items():
                    totals[name] = totals.get(name, 0) + value
                if unit == DIRTY and random.random() < 0.5:
                    values["se_cameras_working"] = WORDS["mistakes"]["number"].format(
                        value=values["se_cameras_working"]
                    )
                values |= {"": place, "unit": unit, "name": self._names.get(unit, unit)}
                sheet.row([_said(values[key]) if key.startswith("se_") else values[key] for _, key in words["header"]])
            sheet.row([words["total"], "", "", *(_said(totals[key]) for _, key in words["header"][3:])])
            self._foot(sheet, month, random)

    def _foot(self, sheet: _Sheet, month: date, random: Random) -> None:
        day = _shifted(month, 1).replace(day=HANDED_IN_ON)
        sheet.row([])
        for note in WORDS["notes"]:
            sheet.row([note])
        sheet.row(["", "", "", "", WORDS["place"].format(day=f"{day:%d}", month=f"{day:%m}", year=day.year)])
        sheet.row(["", WORDS["signatures"][0], "", "", WORDS["signatures"][1]])
        sheet.row(["", full_name(random), "", "", full_name(random)])


@contextmanager
def _table(path: Path) -> Iterator[Callable[[str, str, str, str, float], None]]:
    """The entry form as CSV; what it gives writes a line: unit, element, period, part, value."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";", lineterminator="\r\n")
        rows.writerow(WORDS["history"]["header"])

        def put(unit: str, element: str, period: str, part: str, value: float) -> None:
            said = number(value, 0 if value == int(value) else 2)
            rows.writerow([unit, element, period, part, said, WORDS["entered_by"]])

        yield put


class _Sheet:
    """One worksheet written from the top; `with` closes the file."""

    def __init__(self, path: Path) -> None:
        self._book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
        self._book.set_properties({"created": datetime(2026, 1, 1)})
        self._sheet: Any = self._book.add_worksheet()
        self._bold = self._book.add_format({"bold": True, "align": "center", "text_wrap": True, "border": 1})
        self._line = 0

    def __enter__(self) -> _Sheet:
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()

    def title(self, text: str, width: int) -> None:
        self._sheet.merge_range(self._line, 0, self._line, width - 1, text, self._bold)
        self._line += 1

    def header(self, names: Sequence[str]) -> None:
        self._sheet.write_row(self._line, 0, names, self._bold)
        self._line += 1

    def row(self, cells: Sequence[object]) -> None:
        self._sheet.write_row(self._line, 0, cells)
        self._line += 1


def _said(value: object) -> object:
    """As people type it: whole numbers as numbers, others as text with a decimal comma."""
    if isinstance(value, float) and value != int(value):
        return number(value, 2 if value < 100 else 1)
    return value


def _whole(target: Path, write: Callable[[Path], None]) -> None:
    part = target.with_name(f".{target.name}.tmp")
    write(part)
    part.replace(target)


def _handed_in(day: date) -> date:
    """The last month whose forms are in by a day."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1) if day.day >= HANDED_IN_ON else _shifted(last.replace(day=1), -1)


def _shifted(month: date, months: int) -> date:
    place = month.year * 12 + month.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = _shifted(first, 1)
