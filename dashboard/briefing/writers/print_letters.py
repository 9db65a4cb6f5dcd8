"""Which letters the print fonts have, read from the fonts' own tables (OpenType `cmap`, format 4)."""

from __future__ import annotations

import struct
from functools import cache
from itertools import groupby
from pathlib import Path

from dashboard.briefing.writers.text_width import PRINT_FONTS

_WINDOWS_UNICODE = (3, 1)


@cache
def printable() -> frozenset[int]:
    """Code points that every face has, so that bold and italic text can be printed too."""
    faces = [_letters(path) for path in sorted(PRINT_FONTS.glob("*.ttf"))]
    return frozenset.intersection(*faces)


def character_class() -> str:
    """The printable letters as the inside of a regular expression's [...]."""
    ranges = []
    for _, run in groupby(enumerate(sorted(printable())), lambda pair: pair[1] - pair[0]):
        codes = [code for _, code in run]
        ranges.append(f"\\U{codes[0]:08x}-\\U{codes[-1]:08x}")
    return "".join(ranges)


def _letters(font: Path) -> frozenset[int]:
    """The code points of the Basic Multilingual Plane that a font has a shape for."""
    file = font.read_bytes()
    tables = struct.unpack_from(">H", file, 4)[0]
    cmap = next(
        struct.unpack_from(">I", file, 12 + 16 * i + 8)[0]
        for i in range(tables)
        if file[12 + 16 * i : 16 + 16 * i] == b"cmap"
    )
    for i in range(struct.unpack_from(">H", file, cmap + 2)[0]):
        platform, encoding, offset = struct.unpack_from(">HHI", file, cmap + 4 + 8 * i)
        if (platform, encoding) == _WINDOWS_UNICODE:
            return _format_4(file, cmap + offset)
    return frozenset()


def _format_4(file: bytes, at: int) -> frozenset[int]:
    """Segments of code points; a glyph number of 0 means that there is no shape."""
    count = struct.unpack_from(">H", file, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", file, at + 14)
    starts = struct.unpack_from(f">{count}H", file, at + 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", file, at + 16 + 4 * count)
    offsets_at = at + 16 + 6 * count
    offsets = struct.unpack_from(f">{count}H", file, offsets_at)
    found = set()
    for i in range(count):
        for code in range(starts[i], min(ends[i], 0xFFFE) + 1):
            glyph = code
            if offsets[i]:
                place = offsets_at + 2 * i + offsets[i] + 2 * (code - starts[i])
                glyph = struct.unpack_from(">H", file, place)[0]
                if glyph == 0:
                    continue
            if (glyph + deltas[i]) & 0xFFFF:
                found.add(code)
    return frozenset(found)
