"""Which encoding a text file is in, found by the words that must be in it.

A file is decoded only into something whose column names are known (failures.md F19):
UTF-8 and UTF-16 with or without their mark, Windows-1258, and UTF-8 that some program
encoded twice. The old TCVN3 and VNI fonts and texts whose letters were lost as question
marks are refused: nothing in them can be trusted.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator

from datasets.errors import SourceChanged

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]")  # a letter lost inside a word: Nguy?n
# The places of Latin-1 in which TCVN3 (.VnTime) fonts draw Vietnamese letters, and Vietnamese has none.
_SIGNS = r"\u00a8-\u00aa\u00ac\u00ae\u00b5-\u00b9"
_LETTERS = r"\u00de\u00d7\u00df\u00e4-\u00e6\u00eb\u00ee-\u00f1\u00f6\u00f8\u00fb\u00fe\u00ff"
_OLD_FONT = re.compile(  # a sign or a foreign letter inside a word; a quotation mark only between two letters
    rf"[^\W\d_](?:[{_SIGNS}{_LETTERS}](?=[^\W\d_]|\b)|\u00ab(?=[^\W\d_]))|[{_SIGNS}][^\W\d_]"
)
_UNICODE = re.compile(r"[\u1ea0-\u1ef9]")  # letters such as U+1EF7, which neither old fonts nor Windows-1258 become
ENOUGH = 3
"""Cells with a sign of damage after which a file is not believed."""

Hits = Callable[[str], int]
"""How many known column names the best line of a text has."""


def decode(content: bytes, hits: Hits, declared: str | None = None) -> tuple[str, str]:
    """The text and the name of its encoding; "utf-8, twice" for a repaired one.

    Raises SourceChanged when no encoding gives known column names.
    """
    if declared:
        try:
            return content.decode(declared), declared
        except UnicodeDecodeError:
            raise SourceChanged("files.not_encoding", encoding=declared) from None
    for text, name in _readings(content):
        if hits(text):
            return text, name
    raise SourceChanged("files.unknown_encoding")


def _readings(content: bytes) -> Iterator[tuple[str, str]]:
    for mark, name in _MARKS:
        if content.startswith(mark):
            try:
                yield content.decode(name), name
            except UnicodeDecodeError:
                return
            return
    wide = _wide(content)
    for name in (wide,) if wide else ("utf-8", "cp1258"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        yield text, name
        if name == "utf-8" and (once := _encoded_twice(text)) is not None:
            yield once, "utf-8, twice"


def _wide(content: bytes) -> str | None:
    """UTF-16 without a mark shows in the zero bytes of its many ASCII signs."""
    sample = content[:2000]
    if len(sample) < 4 or len(content) % 2:
        return None
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if odd > len(sample) // 8 and even == 0:
        return "utf-16-le"
    if even > len(sample) // 8 and odd == 0:
        return "utf-16-be"
    return None


def _encoded_twice(text: str) -> str | None:
    """The text behind UTF-8 that was taken for Windows-1252 and encoded again; None for any other."""
    try:
        return b"".join(_byte(letter) for letter in text).decode("utf-8-sig")
    except UnicodeError:
        return None


def _byte(letter: str) -> bytes:
    """Windows-1252, whose five unused places programs fill with the control signs of Latin-1."""
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1")


class Damage:
    """Watches the cells of one file for letters that were lost or come from old fonts."""

    def __init__(self) -> None:
        self._lost = 0
        self._old = 0

    def see(self, cell: str) -> None:
        """Raises SourceChanged when the file has shown enough of it."""
        if "?" in cell and _LOST.search(cell):
            self._lost += 1
            if self._lost >= ENOUGH:
                raise SourceChanged("files.lost_letters")
        if not cell.isascii() and not _UNICODE.search(cell) and _OLD_FONT.search(cell):
            self._old += 1
            if self._old >= ENOUGH:
                raise SourceChanged("files.old_font")
