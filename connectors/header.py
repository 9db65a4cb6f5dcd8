"""Finding the header of a sheet by the names in it, not by its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from datasets.vietnamese import fold

_NUMBERS = re.compile(r"[0-9]+([/.-][0-9]+)*")

HEADER_WITHIN = 30
"""Rows within which a header must stand, titles and blank rows included."""


class Names:
    """The column names a field map knows. "#" in one stands for a number or a date:
    "Thực hiện tháng #" is the header "Thực hiện tháng 10/2026" as well.

    needed   known names that a row must have to be the header
    """

    def __init__(self, names: Iterable[str]) -> None:
        written = {fold(name): name for name in names}
        self._known = frozenset(written)
        self._numbered = {name: written[name] for name in written if "#" in name}
        self.needed = min(2, len(self._known))

    def known(self, cell: object) -> bool:
        return isinstance(cell, str) and fold(self.name(cell)) in self._known

    def name(self, cell: str) -> str:
        """The header as the map writes it where it has a number in it, else as it is."""
        if not self._numbered or fold(cell) in self._known:
            return cell
        return self._numbered.get(_NUMBERS.sub("#", fold(cell)), cell)

    def hits(self, cells: Sequence[object]) -> int:
        """How many different known names a row has."""
        return len({fold(self.name(cell)) for cell in cells if isinstance(cell, str) and cell and self.known(cell)})

    def header_of(self, rows: Sequence[Sequence[object]]) -> int | None:
        """Which of the first rows is the header: the one with most known names, the first of equals."""
        best, place = 0, None
        for number, cells in enumerate(rows):
            hits = self.hits(cells)
            if hits >= self.needed and hits > best:
                best, place = hits, number
        return place
