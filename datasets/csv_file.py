"""Reading the house's own CSV tables (units, calendar): text only, faults with their line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from datasets.errors import Fault
from datasets.messages import text
from datasets.vietnamese import clean


def read_table(
    path: Path, columns: tuple[str, ...], faults: list[Fault], language: str
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, row) for each row of a UTF-8 CSV with exactly these columns, in any order.

    Every cell is cleaned text, "" when empty; lines count from 1, the header included.
    Blank lines are skipped. What is wrong with the file or a row's length goes to `faults`.
    """

    def fault(line: int, key: str, /, **params: object) -> None:
        faults.append(Fault(path, line, text(key, language, **params)))

    try:
        content = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return fault(0, "csv.missing")
    except OSError as error:
        return fault(0, "csv.unreadable", reason=error.strerror or error)
    except UnicodeDecodeError:
        return fault(0, "csv.not_utf8")
    reader = csv.reader(content.splitlines(keepends=True))
    try:
        header = [clean(name).casefold() for name in next(reader, [])]
        for name in (name for name in columns if name not in header):
            fault(1, "csv.column_missing", column=name)
        for name in (name for name in header if name not in columns):
            fault(1, "csv.column_unknown", column=name)
        if sorted(header) != sorted(columns):
            return None
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                fault(reader.line_num, "csv.row_length", expected=len(header), found=len(cells))
                continue
            yield reader.line_num, dict(zip(header, map(clean, cells), strict=True))
    except csv.Error as error:
        fault(reader.line_num, "csv.syntax", reason=error)
    return None
