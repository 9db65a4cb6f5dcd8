"""Small .xls and .ods files for tests, written byte by byte: nothing that writes them is at hand."""

from __future__ import annotations

import io
import struct
import zipfile
from xml.sax.saxutils import escape

Rows = list[list[object]]
SECTOR = 512


def xls(rows: Rows, extra: bytes = b"") -> bytes:
    """An Excel 97 workbook (BIFF8 in an OLE container) with one sheet "Sheet1" of texts and numbers."""
    cells = b""
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if isinstance(value, (int, float)):
                cells += _record(0x0203, struct.pack("<HHHd", row, column, 15, float(value)))
            elif value:
                text = str(value)
                cells += _record(
                    0x0204, struct.pack("<HHHHB", row, column, 15, len(text), 1) + text.encode("utf-16-le")
                )
    sheet = _bof(0x10) + cells + _record(0x0A, b"")
    name = struct.pack("<BB", 6, 0) + b"Sheet1"
    globals_length = len(_bof(5)) + len(_record(0x85, struct.pack("<IH", 0, 0) + name)) + 4
    book = _bof(5) + _record(0x85, struct.pack("<IH", globals_length, 0) + name) + _record(0x0A, b"") + sheet
    return _ole(book + extra)


def ods(rows: Rows, head: str = "", tail: str = "") -> bytes:
    """An OpenDocument sheet; `head` and `tail` are XML put before and after the rows."""
    body = "".join(
        "<table:table-row>" + "".join(_ods_cell(value) for value in values) + "</table:table-row>" for values in rows
    )
    names = "".join(
        f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
        for prefix in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<office:document-content{names}><office:body>'
        f'<office:spreadsheet><table:table table:name="Sheet1">{body}{tail}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = "application/vnd.oasis.opendocument.spreadsheet"
        archive.writestr("mimetype", kind, compress_type=zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return buffer.getvalue()


def _ods_cell(value: object) -> str:
    if isinstance(value, (int, float)):
        typed = f'office:value-type="float" office:value="{value}"'
        return f"<table:table-cell {typed}><text:p>{value}</text:p></table:table-cell>"
    if not value:
        return "<table:table-cell/>"
    return f'<table:table-cell office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 1996, 0, 6))


def _ole(stream: bytes) -> bytes:
    """A compound file with the stream "Workbook", large enough not to be a mini stream."""
    stream = stream.ljust(max(4096, -(-len(stream) // SECTOR) * SECTOR), b"\0")
    count = len(stream) // SECTOR
    end, free, fat_mark = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    fat_sectors = -(-(count + 3) // 128)
    chain = [index + 1 for index in range(count - 1)] + [end]  # the stream: sectors 0 to count-1
    chain += [end] + [fat_mark] * fat_sectors  # directory, then the FAT itself
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(fat_sectors * SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors, count, 0, 4096, end, 0, end, 0)
    difat = [count + 1 + index for index in range(fat_sectors)] + [free] * (109 - fat_sectors)
    header += struct.pack("<109I", *difat)
    directory = (
        _entry("Root Entry", 5, 1, end, 0) + _entry("Workbook", 2, free, 0, len(stream)) + _entry("", 0, free, 0, 0) * 2
    )
    return header + stream + directory + fat


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le") if name else b""
    none = 0xFFFFFFFF
    return text.ljust(64, b"\0") + struct.pack(
        "<HBBIII16xI8x8xIQ", len(text), kind, 1, none, none, child, 0, start, size
    )
