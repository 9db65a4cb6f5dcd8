"""Workbooks (.xlsx): looked over before they are opened, then read by python-calamine.

The look-over (failures.md F22-F24) refuses bombs, macros, passwords and document types,
and finds what the reader would pass over in silence: error cells, formulas without a
value, workbooks that count days from 1904.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from functools import cache
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from connectors.archive import checked_archive, parse_part
from connectors.header import HEADER_WITHIN, Names
from connectors.table import MOST_CELLS, Cells, Table
from datasets.errors import SourceChanged
from datasets.vietnamese import fold

DAYS_FROM_1900_TO_1904 = 1462

_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


@dataclass(slots=True)
class _Look:
    """What the look-over found in one sheet."""

    last_row: int = 0
    last_column: int = 0
    errors: set[int] = field(default_factory=set)
    unvalued: int = 0  # the first row that has a formula without a value


def read_workbook(content: bytes, names: Names, sheet: str | None) -> Table:
    """The rows of the named sheet, or of the first visible one that has the header.

    Raises SourceChanged, saying why, for anything that is no plain workbook.
    """
    archive = _checked_workbook(content)
    parts, from_1904 = _parts(archive)
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            visible = [meta.name for meta in workbook.sheets_metadata if meta.visible is SheetVisibleEnum.Visible]
            wanted = [name for name in visible if sheet is None or fold(name) == fold(sheet)]
            if not wanted:
                raise SourceChanged("files.no_sheet", sheet=sheet or "-", known=", ".join(visible))
            for name in wanted:
                look = _look_over(archive, parts.get(name, ""))
                found = workbook.get_sheet_by_name(name)
                rows = _filled_down(found)
                if names.header_of([cells for _, cells in rows[:HEADER_WITHIN]]) is None and name != wanted[-1]:
                    continue
                if look.unvalued:
                    raise SourceChanged("files.formula_without_value", row=look.unvalued)
                shift = DAYS_FROM_1900_TO_1904 if from_1904 else 0
                return Table(rows, errors=frozenset(look.errors), shift=shift)
    except CalamineError:
        raise SourceChanged("files.bad_workbook") from None
    raise AssertionError("unreachable")


def _filled_down(sheet: CalamineSheet) -> list[tuple[int, Cells]]:
    """All rows from the first on; a cell merged over rows stands in each of them."""
    start = sheet.start
    if start is None:
        return []
    left = start[1]
    rows: list[list[object]] = [list(cells) for cells in sheet.iter_rows()]
    width = len(rows[0]) if rows else 0
    for (top, first), (bottom, last) in sheet.merged_cell_ranges or ():
        column = first - left
        if first != last or not 0 <= column < width or top >= len(rows):
            continue
        for row in range(top + 1, min(bottom + 1, len(rows))):
            rows[row][column] = rows[top][column]
    return list(enumerate(rows, 1))


def _checked_workbook(content: bytes) -> zipfile.ZipFile:
    """The file as an archive that is safe to unpack and holds a workbook."""
    archive = checked_archive(content, "files.bad_workbook")
    if "xl/workbook.xml" not in archive.namelist():
        raise SourceChanged("files.bad_workbook")
    return archive


def _parts(archive: zipfile.ZipFile) -> tuple[dict[str, str], bool]:
    """The part of each sheet by the sheet's name, and whether days count from 1904."""
    sheets: dict[str, str] = {}
    targets: dict[str, str] = {}
    from_1904 = False

    def workbook(tag: str, attributes: dict[str, str]) -> None:
        nonlocal from_1904
        match tag.rpartition(":")[2]:
            case "sheet":
                relation = next((value for name, value in attributes.items() if name.endswith(":id")), "")
                sheets[attributes.get("name", "")] = relation
            case "workbookPr":
                from_1904 = attributes.get("date1904", "0") in ("1", "true")

    def relations(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship":
            target = attributes.get("Target", "")
            joined = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            targets[attributes.get("Id", "")] = posixpath.normpath(joined)

    for part, handler in (("xl/workbook.xml", workbook), ("xl/_rels/workbook.xml.rels", relations)):
        parser = expat.ParserCreate()
        parser.StartElementHandler = handler
        parse_part(archive, part, parser)
    return {name: targets.get(relation, "") for name, relation in sheets.items()}, from_1904


def _look_over(archive: zipfile.ZipFile, part: str) -> _Look:
    """Walk one sheet's cells without keeping them; only where a formula stands, also see what it gave."""
    look = _Look()
    row = count = 0
    formula = valued = inside = texts = False
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal row, count, formula, valued, inside, texts
        if ":" in tag:
            tag = tag.rpartition(":")[2]
        if tag == "c":
            count += 1
            formula = valued = False
            kind = attributes.get("t")
            texts = kind == "str"
            if found := _PLACE.fullmatch(attributes.get("r", "")):
                row = int(found[2])
                look.last_column = max(look.last_column, _column(found[1]))
            if kind == "e":
                look.errors.add(row)
        elif tag in ("v", "t"):
            inside = True
            valued = valued or texts or not formula  # a formula that gave an empty text, or stands after its value
        elif tag == "f":
            formula, inside = True, False
            parser.EndElementHandler = end
            parser.CharacterDataHandler = text
        elif tag == "row":
            said = attributes.get("r", "")
            row = int(said) if said.isdecimal() else row + 1
            look.last_row = max(look.last_row, row)
            if look.last_row * max(look.last_column, 1) > MOST_CELLS * 4 or count > MOST_CELLS:
                raise SourceChanged("files.too_many_cells")

    def end(tag: str) -> None:
        nonlocal inside
        tag = tag.rpartition(":")[2]
        if tag in ("v", "t"):
            inside = False
        elif tag == "c":
            if not valued and not look.unvalued:
                look.unvalued = row
            parser.EndElementHandler = parser.CharacterDataHandler = None

    def text(_: str) -> None:
        nonlocal valued
        if inside:
            valued = True

    parser.StartElementHandler = start
    parse_part(archive, part, parser)
    if look.last_row * max(look.last_column, 1) > MOST_CELLS:
        raise SourceChanged("files.too_many_cells")
    return look


@cache
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
