"""Text that every format can hold and print: the one door for text of sources into a file (failures.md F45).

No control characters, no halves of characters, no letter that the print fonts lack: an
emoji or a letter of a far script becomes its plain form where it has one ("①" is 1),
else one empty box, so that a reader sees that something stood there.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from dashboard.briefing.writers.print_letters import character_class
from datasets.vietnamese import clean

BOX = "□"
LONGEST = 60
"""Letters of a word before it may break, where nobody says how wide its place is."""
BREAK = "\u200b"
_MARKS = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0000-\U000e007f]")
"""Marks that only change how the letter before them looks."""
_BOXES = re.compile(f"{BOX}(?: ?{BOX})+")


def plain(text: str, longest: int = LONGEST) -> str:
    """The text as people see it, fit for XML and print; a word may break after `longest` letters."""
    said = clean(text)
    if not said.isascii():
        said = _printable(said)
    return _long_word(longest).sub(rf"\1{BREAK}", said) if len(said) > longest else said


def _printable(said: str) -> str:
    found = _strange().sub(lambda match: _plain_form(match[0]), _MARKS.sub("", said))
    return clean(_BOXES.sub(BOX, found)) if BOX in found else found


def _plain_form(letter: str) -> str:
    """The letters that mean the same and can be printed; a box when there are none."""
    form = "".join(each for each in unicodedata.normalize("NFKC", letter) if not _strange().match(each))
    return form or ("" if unicodedata.combining(letter) else BOX)


@cache
def _strange() -> re.Pattern[str]:
    return re.compile(f"[^{character_class()}]")


@cache
def _long_word(longest: int) -> re.Pattern[str]:
    return re.compile(rf"(\S{{{longest}}})(?=\S)")
