"""Where a command writes and what it knows of its surroundings."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from datasets.messages import text


@dataclass(slots=True)
class Terminal:
    """Standard output and error, the environment, and the language of the person reading."""

    environ: Mapping[str, str]
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    language: str = "vi"

    def text(self, key: str, **params: object) -> str:
        return text(key, self.language, **params)

    def say(self, line: str) -> None:
        print(line, file=self.out, flush=True)

    def warn(self, line: str) -> None:
        print(line, file=self.err, flush=True)

    def progress(self, line: str) -> None:
        """Show passing work on a terminal; nothing in a pipe. An empty line wipes it."""
        if self.err.isatty():
            self.err.write(f"\r\x1b[2K{line}")
            self.err.flush()

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns aligned by what is seen, not by how it is encoded."""
        widths = [max(_width(row[i]) for row in (headers, *rows)) for i in range(len(headers))]
        for row in (headers, *rows):
            cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
            self.say("  ".join(cells).rstrip())


def _width(cell: str) -> int:
    return sum(1 for character in cell if not unicodedata.combining(character))
