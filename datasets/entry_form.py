"""The Excel form people type figures into, made from its declaration (forms.yaml).

Sheets: the form (an example above the headers, where the reader does not look for
data; drop-down lists; checks on dates and numbers; headers that cannot be overwritten),
the lists with the names of their codes, and how to fill it in.
A filled form can be handed in on the sources page, or put into a folder source with
the form's map, as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from datasets.forms import FormColumn, forms
from datasets.indicators.catalogue import Catalogue
from datasets.messages import catalogue as messages
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.schema.dataset import FieldType
from datasets.settings import Settings
from datasets.units import UnitTree

HEADER_ROW = 2  # from 0: a title, the example, the headers
LAST_ROW = 5000
SAID_LENGTH = 250  # Excel's limit for the note beside a cell is 255
UNLOCKED = {"locked": False}
ALLOWED = {"format_cells": True, "format_columns": True, "format_rows": True, "sort": True, "autofilter": True}
"""What a person may do to the sheet although its headers are locked; there is no password."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the form. `choices` are what may be picked, None for free entry."""

    header: str
    kind: str
    required: bool
    example: str | float | date
    choices: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Named:
    """A code of the lists with its name and, for elements, unit of measure and periods."""

    code: str
    name: str
    measure: str = ""
    periods: str = ""


def write_form(
    target: Path | IO[bytes], dataset: str, settings: Settings, units: UnitTree, catalogue: Catalogue, today: date
) -> None:
    """Write the form of `dataset` (a key of `forms()`). Raises OSError when the file cannot be written."""
    form = forms()[dataset]
    language = settings.centre.language
    maker = _Columns(settings, units, catalogue, today)
    columns = [maker.column(declared) for declared in form.columns]
    named = {"unit": maker.named_units(), "element": maker.named_elements() if dataset == "observation" else []}
    book = xlsxwriter.Workbook(
        target if not isinstance(target, Path) else str(target),
        {"default_date_format": "dd/mm/yyyy", "strings_to_formulas": False, "in_memory": True},
    )
    entries = book.add_worksheet(text("connectors.form.sheet", language))
    lists = book.add_worksheet(text("connectors.form.lists", language))
    guide = book.add_worksheet(text("connectors.form.guide", language))
    _write_lists(book, lists, columns, named, language)
    _write_entries(book, entries, lists, columns, language)
    _write_guide(book, guide, dataset, columns, language)
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error


class _Columns:
    """Turns declared columns into columns of this centre, with its units, elements and examples."""

    def __init__(self, settings: Settings, units: UnitTree, catalogue: Catalogue, today: date) -> None:
        self._language = settings.centre.language
        below = [unit.code for unit in units.subtree(settings.centre.unit)] if settings.centre.unit in units else []
        self._codes = tuple(below) or tuple(sorted(units.codes))
        self._units = units
        self._elements = catalogue.elements
        self._today = today

    def column(self, declared: FormColumn) -> Column:
        field = declared.field
        choices = self._choices(declared)
        kind = field.type.value if field.type is not FieldType.TEXT or choices is None else "choice"
        return Column(declared.header, kind, declared.needed, self._example(declared, choices), choices)

    def named_units(self) -> list[Named]:
        found = ((code, self._units.find(code)) for code in self._codes)
        return [Named(code, unit.name if unit else "") for code, unit in found]

    def named_elements(self) -> list[Named]:
        words = messages(self._language)
        return [
            Named(
                element.id,
                element.name[self._language],
                words.get(f"unit.{element.unit}", element.unit),
                ", ".join(text(f"connectors.form.period.{kind}", self._language) for kind in element.periods),
            )
            for element in self._elements.values()
        ]

    def _choices(self, declared: FormColumn) -> tuple[str, ...] | None:
        if declared.field.type is FieldType.UNIT:
            return self._codes
        if declared.field.name == "element":
            return tuple(self._elements) or None
        return tuple(declared.words) if declared.words else None

    def _example(self, declared: FormColumn, choices: tuple[str, ...] | None) -> str | float | date:
        example = declared.example
        if declared.words and example is not None:
            return next((word for word, value in declared.words.items() if value == example), "")
        if choices:
            return choices[0]
        match declared.field.type:
            case FieldType.PERIOD:
                return self._example_period()
            case FieldType.DATE | FieldType.MOMENT:
                return self._today - timedelta(days=float(example or 0))
            case FieldType.INTEGER | FieldType.NUMBER:
                return float(example or 0)
            case _:
                said = f"connectors.form.example.{declared.field.name}"
                return text(said, self._language) if said in messages(self._language) else ""

    def _example_period(self) -> str:
        """The last whole period that the first element of the list is reported for."""
        kinds = next(iter(self._elements.values())).periods if self._elements else (PeriodType.MONTH,)
        return Period.of(self._today, PeriodType.MONTH if PeriodType.MONTH in kinds else kinds[-1]).previous().id


def _write_entries(book: Any, form: Any, lists: Any, columns: Sequence[Column], language: str) -> None:
    title = book.add_format({"italic": True, "font_color": "#666666"})
    example = book.add_format({"italic": True, "font_color": "#8A8A8A", "bg_color": "#F2F2F2"})
    day = book.add_format({"italic": True, "font_color": "#8A8A8A", "bg_color": "#F2F2F2", "num_format": "dd/mm/yyyy"})
    needed = book.add_format({"bold": True, "bg_color": "#FFE8B3", "border": 1, "text_wrap": True, "valign": "top"})
    free = book.add_format({"bold": True, "bg_color": "#E6EEF7", "border": 1, "text_wrap": True, "valign": "top"})
    as_text = book.add_format({"num_format": "@", **UNLOCKED})
    as_day = book.add_format({"num_format": "dd/mm/yyyy", **UNLOCKED})
    as_number = book.add_format(UNLOCKED)
    form.write_string(0, 0, text("connectors.form.title", language), title)
    for index, column in enumerate(columns):
        if isinstance(column.example, date):
            form.write_datetime(1, index, column.example, day)
        elif isinstance(column.example, str):
            form.write_string(1, index, column.example, example)
        else:
            form.write_number(1, index, column.example, example)
        form.write_string(HEADER_ROW, index, column.header, needed if column.required else free)
        cells = {"integer": as_number, "number": as_number, "date": as_day, "moment": as_day}.get(column.kind, as_text)
        form.set_column(index, index, max(14, len(column.header) + 2), cells)
        form.data_validation(HEADER_ROW + 1, index, LAST_ROW, index, _validation(column, index, lists, language))
    for index in range(1, len(columns)):
        form.write_blank(0, index, None, title)  # an empty cell takes its column's format: locked, like its row
    form.freeze_panes(HEADER_ROW + 1, 0)
    form.protect("", ALLOWED)
    form.activate()


def _validation(column: Column, index: int, lists: Any, language: str) -> dict[str, Any]:
    """What Excel lets into the column, and what it says when the cell is entered."""
    note = {"input_title": column.header[:32], "input_message": _kind(column, language)[:SAID_LENGTH]}
    wrong = {"error_title": column.header[:32], "error_message": _kind(column, language)[:SAID_LENGTH]}
    if column.choices:
        name = xl_col_to_name(index)
        source = f"='{lists.get_name()}'!${name}$2:${name}${len(column.choices) + 1}"
        return {"validate": "list", "source": source, **note, **wrong}
    if column.kind in ("date", "moment"):
        return {"validate": "date", "criteria": ">=", "value": date(1990, 1, 1), **note, **wrong}
    if column.kind in ("integer", "number"):
        return {"validate": "decimal", "criteria": "between", "minimum": -1e15, "maximum": 1e15, **note, **wrong}
    return {"validate": "any", **note}


def _kind(column: Column, language: str) -> str:
    kind = "choice" if column.choices and column.kind != "unit" else column.kind
    need = text("connectors.form.required", language) if column.required else text("connectors.form.optional", language)
    return f"{need} {text(f'connectors.form.kind.{kind}', language)}"


def _write_lists(
    book: Any, lists: Any, columns: Sequence[Column], named: dict[str, list[Named]], language: str
) -> None:
    """Under each header what may be picked; to the right the codes with their names.

    The headers stand in brackets, so that this sheet is never taken for the form.
    """
    bold = book.add_format({"bold": True})
    for index, column in enumerate(columns):
        lists.write_string(0, index, f"[{column.header}]", bold)
        for row, choice in enumerate(column.choices or (), 1):
            lists.write_string(row, index, choice)
    heads = {
        "unit": ("unit_code", "unit_name"),
        "element": ("element_code", "element_name", "element_unit", "element_periods"),
    }
    place = len(columns) + 1
    for what, codes in named.items():
        if not codes:
            continue
        for index, head in enumerate(heads[what], place):
            lists.write_string(0, index, f"[{text(f'connectors.form.{head}', language)}]", bold)
        for row, each in enumerate(codes, 1):
            for index, value in enumerate((each.code, each.name, each.measure, each.periods)[: len(heads[what])]):
                lists.write_string(row, place + index, value)
        place += len(heads[what]) + 1
    lists.set_column(0, place, 18)
    lists.freeze_panes(1, 0)
    lists.protect("", ALLOWED)


def _write_guide(book: Any, guide: Any, dataset: str, columns: Sequence[Column], language: str) -> None:
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    about, steps = text(f"connectors.form.about.{dataset}", language), text("connectors.form.steps", language)
    lines = [about, "", *steps.split("\n")]
    for row, line in enumerate(lines):
        guide.write_string(row, 0, line)
    start = len(lines) + 1
    guide.write_string(start, 0, text("connectors.form.columns", language), bold)
    for row, column in enumerate(columns, start + 1):
        shown = ", ".join(column.choices[:12]) + (", …" if len(column.choices) > 12 else "") if column.choices else ""
        guide.write_string(row, 0, column.header, wrap)
        guide.write_string(row, 1, _kind(column, language), wrap)
        guide.write_string(row, 2, shown, wrap)
    guide.set_column(0, 0, 28)
    guide.set_column(1, 2, 60)
    guide.protect("", ALLOWED)
