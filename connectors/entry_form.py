"""The Excel form people type figures into, made from the schema and its field map.

Sheets: the form (an example above the headers, where the reader does not look for
data; drop-down lists; checks on dates and numbers), the lists, and how to fill it in.
What a form asks for is what its map reads, so a filled form can be put into a folder
source with that map as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from connectors.field_map import MAPS
from connectors.map_file import FieldSpec, read_map
from datasets.indicators.catalogue import Catalogue
from datasets.messages import catalogue as messages
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.schema.dataset import FieldType
from datasets.settings import Settings
from datasets.units import UnitTree

FORMS = {"observation": "observation_form", "dossier": "one_stop_list"}
"""The map that reads each dataset's form."""

HEADER_ROW = 2  # from 0: a title, the example, the headers
LAST_ROW = 5000
EXAMPLE_CODES = {"channel": "online", "status": "returned", "paid_online": True, "apology_sent": False}
EXAMPLE_DAYS_AGO = {"received_at": 10, "due_at": 3, "finished_at": 4, "returned_at": 3}
EXAMPLE_NUMBERS = {"value": 1250, "fee_amount": 8000, "satisfaction": 5}
SAID_LENGTH = 250  # Excel's limit for the note beside a cell is 255


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the form. `choices` are what may be picked, None for free entry."""

    header: str
    kind: str
    required: bool
    example: str | float | date
    choices: tuple[str, ...] | None


def write_form(
    path: Path, dataset: str, settings: Settings, units: UnitTree, catalogue: Catalogue, today: date
) -> None:
    """Write the form of `dataset` to `path`. Raises OSError when the file cannot be written."""
    file = read_map(MAPS / f"{FORMS[dataset]}.yaml")
    maker = _Columns(settings, units, catalogue, today)
    columns = [maker.column(spec) for spec in file.fields if spec.sources]
    language = settings.centre.language
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy", "strings_to_formulas": False})
    form = book.add_worksheet(text("connectors.form.sheet", language))
    lists = book.add_worksheet(text("connectors.form.lists", language))
    guide = book.add_worksheet(text("connectors.form.guide", language))
    _write_entries(book, form, lists, columns, language)
    _write_lists(book, lists, columns, units, catalogue, dataset, language)
    _write_guide(book, guide, columns, language)
    try:
        book.close()
    except xlsxwriter.exceptions.FileCreateError as error:
        raise OSError(str(error)) from error


class _Columns:
    """Turns the fields of a map into columns, with examples of this centre."""

    def __init__(self, settings: Settings, units: UnitTree, catalogue: Catalogue, today: date) -> None:
        self._language = settings.centre.language
        below = [unit.code for unit in units.subtree(settings.centre.unit)] if settings.centre.unit in units else []
        self._units = tuple(below) or tuple(sorted(units.codes))
        self._elements = catalogue.elements
        self._today = today

    def column(self, spec: FieldSpec) -> Column:
        """The column that fills one field."""
        field = spec.field
        choices = self._choices(spec)
        kind = field.type.value if field.type is not FieldType.TEXT or choices is None else "choice"
        return Column(spec.sources[0], kind, field.required, self._example(spec, choices), choices)

    def _choices(self, spec: FieldSpec) -> tuple[str, ...] | None:
        if spec.field.type is FieldType.UNIT:
            return self._units
        if spec.field.name == "element":
            return tuple(self._elements) or None
        if spec.codes is not None:
            first: dict[object, str] = {}
            for code, value in spec.codes.items():
                first.setdefault(value, code)
            return tuple(first.values())
        return None

    def _example(self, spec: FieldSpec, choices: tuple[str, ...] | None) -> str | float | date:
        name = spec.field.name
        if spec.codes is not None and name in EXAMPLE_CODES:
            return next((code for code, value in spec.codes.items() if value == EXAMPLE_CODES[name]), "")
        if choices:
            return choices[0]
        match spec.field.type:
            case FieldType.PERIOD:
                return self._example_period()
            case FieldType.DATE | FieldType.MOMENT:
                return self._today - timedelta(days=EXAMPLE_DAYS_AGO.get(name, 0))
            case FieldType.INTEGER | FieldType.NUMBER:
                return EXAMPLE_NUMBERS.get(name, 0)
            case _:
                said = f"connectors.form.example.{name}"
                return text(said, self._language) if said in messages(self._language) else ""

    def _example_period(self) -> str:
        """The last whole period that the first element of the list is reported for."""
        kinds = next(iter(self._elements.values())).periods if self._elements else (PeriodType.MONTH,)
        return Period.of(self._today, PeriodType.MONTH if PeriodType.MONTH in kinds else kinds[-1]).previous().id


def _write_entries(book: Any, form: Any, lists: Any, columns: list[Column], language: str) -> None:
    title = book.add_format({"italic": True, "font_color": "#666666"})
    example = book.add_format({"italic": True, "font_color": "#8A8A8A", "bg_color": "#F2F2F2"})
    day = book.add_format({"italic": True, "font_color": "#8A8A8A", "bg_color": "#F2F2F2", "num_format": "dd/mm/yyyy"})
    needed = book.add_format({"bold": True, "bg_color": "#FFE8B3", "border": 1, "text_wrap": True, "valign": "top"})
    free = book.add_format({"bold": True, "bg_color": "#E6EEF7", "border": 1, "text_wrap": True, "valign": "top"})
    as_text = book.add_format({"num_format": "@"})
    as_day = book.add_format({"num_format": "dd/mm/yyyy"})
    form.write_string(0, 0, text("connectors.form.title", language), title)
    for index, column in enumerate(columns):
        if isinstance(column.example, date):
            form.write_datetime(1, index, column.example, day)
        elif isinstance(column.example, str):
            form.write_string(1, index, column.example, example)
        else:
            form.write_number(1, index, column.example, example)
        form.write_string(HEADER_ROW, index, column.header, needed if column.required else free)
        cells = {"integer": None, "number": None, "date": as_day, "moment": as_day}.get(column.kind, as_text)
        form.set_column(index, index, max(14, len(column.header) + 2), cells)
        form.data_validation(HEADER_ROW + 1, index, LAST_ROW, index, _validation(column, index, lists, language))
    form.freeze_panes(HEADER_ROW + 1, 0)
    form.activate()


def _validation(column: Column, index: int, lists: Any, language: str) -> dict[str, Any]:
    """What Excel lets into the column, and what it says when the cell is entered."""
    note = {"input_title": column.header[:32], "input_message": _kind(column, language)[:SAID_LENGTH]}
    wrong = {"error_title": column.header[:32], "error_message": _kind(column, language)[:SAID_LENGTH]}
    if column.choices:
        name = xlsxwriter.utility.xl_col_to_name(index)
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
    book: Any, lists: Any, columns: list[Column], units: UnitTree, catalogue: Catalogue, dataset: str, language: str
) -> None:
    """Under each header what may be picked; to the right the names of units and elements.

    The headers stand in brackets, so that this sheet is never taken for the form.
    """
    bold = book.add_format({"bold": True})
    for index, column in enumerate(columns):
        lists.write_string(0, index, f"[{column.header}]", bold)
        for row, choice in enumerate(column.choices or (), 1):
            lists.write_string(row, index, choice)
    start = len(columns) + 1
    heads = ("unit_code", "unit_name", "element_code", "element_name", "element_unit", "element_periods")
    for index, head in enumerate(heads if dataset == "observation" else heads[:2], start):
        lists.write_string(0, index, f"[{text(f'connectors.form.{head}', language)}]", bold)
    codes = next((column.choices for column in columns if column.kind == "unit" and column.choices), ())
    for row, code in enumerate(codes, 1):
        unit = units.find(code)
        lists.write_string(row, start, code)
        lists.write_string(row, start + 1, unit.name if unit else "")
    words = messages(language)
    if dataset == "observation":
        for row, element in enumerate(catalogue.elements.values(), 1):
            measure = words.get(f"unit.{element.unit}", element.unit)
            periods = ", ".join(text(f"connectors.form.period.{kind}", language) for kind in element.periods)
            for place, value in enumerate((element.id, element.name[language], measure, periods), start + 2):
                lists.write_string(row, place, value)
    lists.set_column(0, start + 5, 18)


def _write_guide(book: Any, guide: Any, columns: list[Column], language: str) -> None:
    bold = book.add_format({"bold": True})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    lines = text("connectors.form.steps", language).split("\n")
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
    guide.set_column(1, 1, 60)
    guide.set_column(2, 2, 60)
