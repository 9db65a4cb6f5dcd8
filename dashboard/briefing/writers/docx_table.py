"""A table of the model as WordprocessingML, written at once: hundreds of cells made one by one take a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from docx.oxml import parse_xml

from dashboard.briefing.model import Column, Table
from dashboard.briefing.writers.plain import plain

NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
DXA_PER_MM = 56.7
CELL_MARGIN_MM = 1.2
KEPT_WHOLE = 6
"""A table of at most so many rows is not broken over pages."""
HEAD_STYLE, CELL_STYLE = "BC Đầu bảng", "BC Bảng"


def table_element(table: Table, width_mm: float) -> Any:
    """The `w:tbl` of the rows on paper: the head repeated, no row broken, widths on the grid and on every cell.

    LibreOffice takes the widths from the grid, Word from the cells.
    """
    whole = sum(column.width for column in table.columns)
    widths = [round(width_mm * DXA_PER_MM * column.width / whole) for column in table.columns]
    rows = table.on_paper
    kept = len(rows) <= KEPT_WHOLE
    lines = [_head(table.columns, widths)]
    for place, row in enumerate(rows, start=1):
        follows = place < len(rows) and (kept or place == 1)
        cells = (
            _cell(cell.text, width, CELL_STYLE, column.align, bold=cell.tone == "bad", follows=follows)
            for cell, column, width in zip(row, table.columns, widths, strict=True)
        )
        lines.append(f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{''.join(cells)}</w:tr>")
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    margin = round(CELL_MARGIN_MM * DXA_PER_MM)
    return parse_xml(
        f'<w:tbl xmlns:w="{NAMESPACE}"><w:tblPr><w:tblStyle w:val="TableGrid"/>'
        f'<w:tblW w:type="dxa" w:w="{sum(widths)}"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/>'
        f'<w:tblCellMar><w:left w:w="{margin}" w:type="dxa"/><w:right w:w="{margin}" w:type="dxa"/></w:tblCellMar>'
        f'<w:tblLook w:val="0420" w:firstRow="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{"".join(lines)}</w:tbl>'
    )


def _head(columns: Sequence[Column], widths: Sequence[int]) -> str:
    cells = (
        _cell(column.title, width, HEAD_STYLE, "", bold=False, follows=True)
        for column, width in zip(columns, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{''.join(cells)}</w:tr>"


def _cell(said: str, width: int, style: str, align: str, *, bold: bool, follows: bool) -> str:
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style.replace(" ", "")}"/>{"<w:keepNext/>" if follows else ""}'
        f"{f'<w:jc w:val={chr(34)}{align}{chr(34)}/>' if align else ''}</w:pPr>"
        f"<w:r>{'<w:rPr><w:b/></w:rPr>' if bold else ''}"
        f'<w:t xml:space="preserve">{escape(plain(said))}</w:t></w:r></w:p></w:tc>'
    )
