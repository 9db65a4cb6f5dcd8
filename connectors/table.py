"""From the rows of a file to its records.

The header is found by its names; titles above it and what is no record below it (blank
rows, the header again, column numbers, totals, notes, signatures) are left out by rule
and counted. A row that may be a record is never left out: what is wrong with it is for
the quarantine to say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain, islice

from connectors.encodings import Damage
from connectors.header import HEADER_WITHIN, Names
from connectors.words import is_tail, is_total
from datasets.errors import SourceChanged
from datasets.vietnamese import clean, fold

Cells = Sequence[object]
MOST_CELLS = 1_000_000
"""Of one sheet: 50,000 rows of twenty columns, read within 10 s and 512 MB on a weak machine (failures.md F24)."""

_DAY = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{2,4}\b.*")


@dataclass(slots=True)
class Table:
    """Rows of one file or sheet: (line, cells), lines from 1.

    note      how the text was repaired, "" when it was not
    errors    lines that hold an error cell
    shift     days to add to bare serials in date columns (1904 workbooks)
    """

    rows: Iterable[tuple[int, Cells]]
    note: str = ""
    errors: frozenset[int] = frozenset()
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Columns:
    """What the field map says of the columns, for telling records from the rest.

    required   groups of names: each group fills one required field
    dates      names of date columns
    """

    names: Names
    required: tuple[tuple[str, ...], ...]
    dates: frozenset[str]


@dataclass(slots=True)
class Records:
    """Reads one table's records; counts what it leaves out.

    columns    the header's names, once `read` has begun
    titles     what stood above the header, a text per row
    left_out   kind of row -> how many: blank, header, numbers, total, note
    """

    said: Columns
    columns: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    left_out: Counter[str] = field(default_factory=Counter)

    def read(self, table: Table) -> Iterator[tuple[int, dict[str, object], str]]:
        """Yield (line, values by column name, fault): `fault` is a problem code, "" for none.

        Raises SourceChanged: no header, a column twice, old fonts, lost letters, dates
        that a spreadsheet swapped.
        """
        rows = iter(table.rows)
        first = list(islice(rows, HEADER_WITHIN))
        place = self.said.names.header_of([cells for _, cells in first])
        if place is None:
            raise SourceChanged("files.no_header")
        header = first[place][1]
        names = self._named(header)
        self.columns = tuple(name for name in names if name)
        if place:
            self.left_out["title"] += place
        self.titles = tuple(title for title in (_title(cells) for _, cells in first[:place]) if title)
        required = [[at for at, name in enumerate(names) if fold(name) in group] for group in self._groups(names)]
        dates = {at for at, name in enumerate(names) if name and fold(name) in self.said.dates}
        folded_header = [fold(name) for name in names]
        damage, swapped, tail = Damage(), _Swapped(), False
        for line, cells in chain(first[place + 1 :], rows):
            kind = self._kind(cells, folded_header, required, tail)
            if kind:
                self.left_out[kind] += 1
                tail = tail or kind == "tail"
                continue
            values = dict(zip(names, cells, strict=False))
            values.pop("", None)
            fault = "error_cell" if line in table.errors else ""
            for at in range(len(cells)):
                cell = cells[at]
                if at >= len(names) or not names[at]:
                    if cell in ("", None) or (isinstance(cell, str) and not clean(cell)):
                        continue
                    if at >= len(names):
                        fault = fault or "too_many_cells"
                    else:
                        values[f"({at + 1})"] = cell
                elif at in dates:
                    swapped.see(names[at], cell)
                    if table.shift and isinstance(cell, (int, float)):
                        values[names[at]] = cell + table.shift
                elif isinstance(cell, str):
                    damage.see(cell)
            yield line, values, fault
        swapped.judge()

    def _named(self, header: Cells) -> list[str]:
        names = [self.said.names.name(clean(cell)) if isinstance(cell, str) else "" for cell in header]
        while names and not names[-1]:
            names.pop()
        twice = Counter(fold(name) for name in names if name)
        for name in names:
            if name and twice[fold(name)] > 1:
                raise SourceChanged("files.column_twice", column=name)
        return names

    def _groups(self, names: Sequence[str]) -> list[frozenset[str]]:
        there = {fold(name) for name in names if name}
        groups = [frozenset(map(fold, group)) for group in self.said.required]
        return [group for group in groups if group & there]

    def _kind(self, cells: Cells, header: list[str], required: list[list[int]], tail: bool) -> str:
        """What a row is when it is no record; "" when it may be one."""
        texts = [clean(cell) if isinstance(cell, str) else cell for cell in cells]
        filled = [text for text in texts if text not in ("", None)]
        if not filled:
            return "blank"
        if len(filled) == 1 and len(header) > 1 and isinstance(filled[0], str) and is_tail(filled[0]):
            return "tail"  # the place and day above a signature stand under any column
        if all(any(at < len(texts) and texts[at] not in ("", None) for at in places) for places in required):
            folded = [fold(self.said.names.name(text)) if isinstance(text, str) else "" for text in texts]
            if folded[: len(header)] == header:
                return "header"
            return "numbers" if _numbers(filled) else ""
        words = [text for text in filled if isinstance(text, str)]
        if any(map(is_total, words[:2])):
            return "total"
        empty = sum(not any(at < len(texts) and texts[at] not in ("", None) for at in places) for places in required)
        if empty * 2 >= len(required) and (tail or any(map(is_tail, words))):
            return "tail"
        if len(set(map(str, filled))) == 1 and len(required) > 1 and isinstance(filled[0], str):
            return "note"
        return "numbers" if _numbers(filled) else ""


def _title(cells: Cells) -> str:
    """A row above the header as one text; a cell merged over several stands once."""
    said = []
    for cell in cells:
        whole = int(cell) if isinstance(cell, float) and cell.is_integer() else cell
        text = clean(str(whole)) if isinstance(whole, (str, int, float)) else ""
        if text and text not in said:
            said.append(text)
    return " ".join(said)


def _numbers(filled: list[object]) -> bool:
    """The row of column numbers under a header: 1 2 3, or (1) (2) (3)."""
    said = [str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell) for cell in filled]
    bare = [text.strip("()[] ") for text in said]
    return len(bare) > 2 and bare == [str(number) for number in range(1, len(bare) + 1)]


class _Swapped:
    """The mark of dates typed into a spreadsheet of another country (failures.md F15).

    There 05/11 became a date cell of 11 May and 13/11 stayed text: all date cells have
    days up to 12 and all texts days beyond. Such a column cannot be mended.
    """

    def __init__(self) -> None:
        self._seen: dict[str, Counter[str]] = {}

    def see(self, name: str, cell: object) -> None:
        if isinstance(cell, date):
            kind = "cell" if cell.day <= 12 else "late cell"
        elif isinstance(cell, str) and (found := _DAY.fullmatch(clean(cell))):
            kind = "text" if int(found[1]) > 12 else "early text"
        else:
            return
        self._seen.setdefault(name, Counter())[kind] += 1

    def judge(self) -> None:
        for name, seen in self._seen.items():
            if seen["cell"] and seen["text"] and not seen["late cell"] and not seen["early text"]:
                raise SourceChanged("files.swapped_dates", column=name)
