"""Workbooks that are no .xlsx: .xls of Excel 97 to 2003, and .ods of LibreOffice.

Looked over first, as .xlsx is (failures.md F24): passwords and macros are refused, and in an
.ods the repetitions that a few bytes can ask for, and document types.
"""

from __future__ import annotations

import io
import zipfile
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

from connectors.archive import DAMAGED, checked_archive, parse_part
from connectors.header import HEADER_WITHIN, Names
from connectors.table import MOST_CELLS, Cells, Table
from datasets.errors import SourceChanged
from datasets.vietnamese import fold

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_CONTENT = "content.xml"
_ENCRYPTED, _MACROS = (name.encode("utf-16-le") for name in ("EncryptedPackage", "_VBA_PROJECT"))
"""Streams of the older Excel's files, as their directory writes them."""


def read_xls(content: bytes, names: Names, sheet: str | None) -> Table:
    """The rows of an Excel 97-2003 workbook. Raises SourceChanged, saying why, for anything else in that wrapping."""
    if _ENCRYPTED in content:
        raise SourceChanged("files.password")
    if _MACROS in content:
        raise SourceChanged("files.macro")
    return _read(content, names, sheet, "files.old_excel")


def is_ods(content: bytes) -> bool:
    """Whether a zip says at its very beginning, as it must, that it is an OpenDocument sheet."""
    return ODS in content[:200]


def read_ods(content: bytes, names: Names, sheet: str | None) -> Table:
    """The rows of an OpenDocument sheet. Raises SourceChanged, saying why, for anything unsafe or damaged."""
    archive = checked_archive(content, "files.bad_workbook")
    if "META-INF/manifest.xml" in archive.namelist() and b"encryption-data" in _part(archive, "META-INF/manifest.xml"):
        raise SourceChanged("files.password")
    if any(name.startswith(("Basic/", "Scripts/")) for name in archive.namelist()):
        raise SourceChanged("files.macro")
    _look_over(archive)
    return _read(content, names, sheet, "files.bad_workbook")


def _read(content: bytes, names: Names, sheet: str | None, unreadable: str) -> Table:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            visible = [meta.name for meta in workbook.sheets_metadata if meta.visible is SheetVisibleEnum.Visible]
            wanted = [name for name in visible if sheet is None or fold(name) == fold(sheet)]
            if not wanted:
                raise SourceChanged("files.no_sheet", sheet=sheet or "-", known=", ".join(visible))
            for name in wanted:
                found = workbook.get_sheet_by_name(name)
                if found.total_height * found.total_width > MOST_CELLS:
                    raise SourceChanged("files.too_many_cells")
                first = found.start[0] if found.start else 0
                rows: list[tuple[int, Cells]] = list(enumerate(found.to_python(skip_empty_area=True), first + 1))
                if names.header_of([cells for _, cells in rows[:HEADER_WITHIN]]) is not None or name == wanted[-1]:
                    return Table(rows)
    except CalamineError:
        raise SourceChanged(unreadable) from None
    raise AssertionError("unreachable")


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except DAMAGED:
        raise SourceChanged("files.bad_workbook") from None


class _Extent:
    """How large the sheets will be once repetitions are unrolled; what is empty to the right and below is free."""

    def __init__(self) -> None:
        self._rows = self._width = self._at = self._filled_to = self._times = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        match tag.rpartition(":")[2]:
            case "table":
                self._rows = self._width = 0
            case "table-row":
                self._at = self._filled_to = 0
                self._times = _times(attributes, "number-rows-repeated")
            case "table-cell" | "covered-table-cell":
                self._at += _times(attributes, "number-columns-repeated")
                if any(name.rpartition(":")[2] == "value-type" for name in attributes):
                    self._filled_to = self._at

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "table-row":
            self._rows += self._times
            self._width = max(self._width, self._filled_to)
            if self._filled_to and self._rows * self._width > MOST_CELLS:
                raise SourceChanged("files.too_many_cells")


def _times(attributes: dict[str, str], wanted: str) -> int:
    said = next((value for name, value in attributes.items() if name.rpartition(":")[2] == wanted), "1")
    if not said.isdecimal() or len(said) > 9:
        raise SourceChanged("files.bad_workbook")
    return int(said)


def _look_over(archive: zipfile.ZipFile) -> None:
    seen = _Extent()
    parser = expat.ParserCreate()
    parser.StartElementHandler = seen.start
    parser.EndElementHandler = seen.end
    parse_part(archive, _CONTENT, parser)
