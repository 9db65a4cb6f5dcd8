"""Text that every format can hold: no control characters, no halves of characters (failures.md F45)."""

from __future__ import annotations

import re

from datasets.vietnamese import clean

_NO_CHARACTER = re.compile("[\ufffe\uffff\ufdd0-\ufdef]")
_LONG_WORD = re.compile(r"(\S{60})(?=\S)")


def plain(text: str) -> str:
    """The text as people see it, fit for XML; a word too long for any line may break after 60 letters."""
    return _LONG_WORD.sub("\\1\u200b", _NO_CHARACTER.sub("", clean(text)))
