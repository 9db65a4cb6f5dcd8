"""A list as text that Excel opens by a double click: UTF-8 with BOM, the separator of the reader's country.

A Vietnamese Excel takes ";" between cells, for "," begins the decimals. Dates are
dd/mm/yyyy. A text that a spreadsheet would take for a formula gets an apostrophe first.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime

from dashboard.exports.record_file import RecordFile
from dashboard.record_words import Plain
from datasets.messages import text

BOM = "\ufeff"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
CHUNK_ROWS = 500


def csv_chunks(file: RecordFile) -> Iterator[bytes]:
    """The file piece by piece; only one piece is ever held."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=text("export.csv.separator", file.language), lineterminator="\r\n")
    comma = text("export.csv.decimal", file.language)
    out.write(BOM)
    writer.writerow([harmless(column.heading) for column in file.columns])
    for number, row in enumerate(file.rows, start=1):
        writer.writerow([cell(value, comma) for value in row])
        if number % CHUNK_ROWS == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def harmless(said: str) -> str:
    """The text, unable to be a formula."""
    return f"'{said}" if said.startswith(FORMULA) else said


def cell(value: Plain, comma: str) -> str:
    """One value as text; unknown is empty."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, int | float):
        return repr(value).replace(".", comma) if value % 1 else str(int(value))
    return harmless(value)
