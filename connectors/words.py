"""The words of words.yaml, as tests on a text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from datasets.vietnamese import fold


@cache
def _words() -> dict[str, tuple[str, ...]]:
    said = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    return {kind: (words,) if isinstance(words, str) else tuple(words) for kind, words in said.items()}


@cache
def _beginning(kind: str, *, folded: bool) -> re.Pattern[str]:
    words = "|".join(re.escape(fold(word) if folded else word) for word in _words()[kind])
    return re.compile(rf"(?:{words})(?!\w)")


@cache
def _place_and_day() -> re.Pattern[str]:
    return re.compile(_words()["place_and_day"][0])


def is_total(cell: str) -> bool:
    """Whether a cell's text begins a row of totals."""
    text = cell.casefold()
    return bool(_beginning("total", folded=False).match(text)) and not any(map(text.startswith, _words()["not_total"]))


def is_tail(cell: str) -> bool:
    """Whether a cell's text is of the lines below a table: place and day, signatures, notes."""
    text = fold(cell)
    return bool(_beginning("tail", folded=True).match(text) or _place_and_day().fullmatch(text))


def is_login(page: str) -> bool:
    """Whether a web page asks who one is."""
    text = page.casefold()
    return any(word in text for word in _words()["login"])


def is_level(cell: str) -> bool:
    """Whether a cell says nothing but how secret something is."""
    return len(cell) < 40 and _plain(cell) in _words()["secret_level"]


def is_secret_title(titles: Iterable[str]) -> bool:
    """Whether what stands above a table says that all of it is secret."""
    return any(_titled_secret(_plain(title)) for title in titles)


def _titled_secret(title: str) -> bool:
    words = _words()
    found = any(phrase in title for phrase in words["secret_title"]) or title in words["secret_level"]
    return found and not any(word in title for word in words["not_secret"])


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip(" .()").lower()
