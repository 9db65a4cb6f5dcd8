"""Delimited text files (CSV and its kin): delimiter found by reading, rows with their lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice

from connectors.encodings import Hits, decode
from connectors.header import HEADER_WITHIN, Names
from connectors.table import Cells, Table
from datasets.errors import SourceChanged

DELIMITERS = (",", ";", "\t", "|")


def read_delimited(content: bytes, names: Names, *, delimiter: str | None, encoding: str | None) -> Table:
    """The rows of a text file. Raises SourceChanged when it cannot be read."""
    candidates = (delimiter,) if delimiter else DELIMITERS

    def best(text: str) -> tuple[int, int, str]:
        """(known names in the best row, its width, delimiter), the most first."""
        found = []
        for rank, candidate in enumerate(candidates):
            try:
                rows = [cells for _, cells in islice(_rows(text, candidate), HEADER_WITHIN)]
            except SourceChanged:
                continue
            hits, width = max(((names.hits(cells), len(cells)) for cells in rows), default=(0, 0))
            found.append((hits, width, -rank, candidate))
        if not found:
            return 0, 0, candidates[0]
        hits, width, _, candidate = max(found)
        return hits, width, candidate

    enough: Hits = lambda text: best(text)[0] >= names.needed  # noqa: E731
    text, name = decode(content, enough, encoding)
    _, _, chosen = best(text)
    return Table(_rows(text, chosen), note=name if name in ("cp1258", "utf-8, twice") else "")


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, Cells]]:
    """(line where the row begins, cells). Raises SourceChanged for what is no delimited text."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise SourceChanged("files.csv_syntax", line=reader.line_num) from None
        yield line, cells
        line = reader.line_num + 1
