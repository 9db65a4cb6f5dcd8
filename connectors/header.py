"""Finding the header of a sheet by the names in it, not by its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from datasets.vietnamese import fold

HEADER_WITHIN = 30
"""Rows within which a header must stand, titles and blank rows included."""


class Names:
    """The column names a field map knows.

    needed   known names that a row must have to be the header
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._known = frozenset(fold(name) for name in names)
        self.needed = min(2, len(self._known))

    def known(self, cell: object) -> bool:
        return isinstance(cell, str) and fold(cell) in self._known

    def hits(self, cells: Sequence[object]) -> int:
        """How many different known names a row has."""
        return len({fold(cell) for cell in cells if isinstance(cell, str) and cell and fold(cell) in self._known})

    def header_of(self, rows: Sequence[Sequence[object]]) -> int | None:
        """Which of the first rows is the header: the one with most known names, the first of equals."""
        best, place = 0, None
        for number, cells in enumerate(rows):
            hits = self.hits(cells)
            if hits >= self.needed and hits > best:
                best, place = hits, number
        return place
