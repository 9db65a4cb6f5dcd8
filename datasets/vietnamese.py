"""Vietnamese text, numbers and dates: how they are cleaned, compared and written.

Sheets arrive with composed and decomposed letters, no-break spaces and invisible
marks; `clean` makes them one, `fold` goes further for matching headers and codes.
Numbers follow Vietnamese usage: a point groups thousands, a comma begins decimals.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import isfinite
from zoneinfo import ZoneInfo

ABSENT = "—"

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"  # control characters; databases refuse some of them
    "\u00ad"  # soft hyphen
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction marks
    "\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff"  # zero-width marks
    "\ud800-\udfff"  # halves of a character, from broken JSON
    "]+"
)
_TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền hỏi ngã sắc nặng
_ALPHABET = {letter: place for place, letter in enumerate("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")}
_GROUPED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+")
_GROUPED_EN = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_DIGITS = re.compile(r"[0-9]+")
_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def clean(text: str) -> str:
    """The text as people see it: NFC, no invisible marks, single spaces, none at the ends."""
    if not text.isprintable():  # all marks, and spaces other than the plain one
        text = _INVISIBLE.sub("", text)
    if not (text.isascii() or unicodedata.is_normalized("NFC", text)):
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The text for matching: cleaned, case-folded, without diacritics, đ as d."""
    letters = unicodedata.normalize("NFD", clean(text).casefold().replace("đ", "d"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@lru_cache(maxsize=4096)
def caseless(text: str) -> str:
    """The text for telling categories and codes apart: cleaned, capitals as small letters; diacritics count."""
    return unicodedata.normalize("NFC", clean(text).casefold())


@lru_cache(maxsize=4096)
def sort_key(text: str) -> tuple[tuple[tuple[int, ...], tuple[int, ...], str], ...]:
    """Key of Vietnamese alphabetical order: word by word, letters first, then tones.

    Letters run a ă â b c d đ e ê … o ô ơ … u ư … y; tones run ngang huyền hỏi ngã sắc
    nặng (TCVN 6909's customary dictionary order). Digits come before letters, and runs
    of digits count as numbers: "Thôn 2" before "Thôn 10".
    """
    return tuple(_word_key(word) for word in clean(text).split(" "))


def _word_key(word: str) -> tuple[tuple[int, ...], tuple[int, ...], str]:
    letters: list[int] = []
    tones: list[int] = []
    bare = ""
    for mark in unicodedata.normalize("NFD", word.casefold()):
        if mark in _TONES:
            tones.append(_TONES[mark])
        else:
            bare += mark
    for token in re.findall(r"[0-9]+|[^0-9]", unicodedata.normalize("NFC", bare)):
        if _DIGITS.fullmatch(token):
            letters += [0, int(token)]
        elif token in _ALPHABET:
            letters.append(1000 + _ALPHABET[token])
        else:
            letters.append(2000 + ord(token) if token.isalpha() else 1)
    return tuple(letters), tuple(tones), word


def number(x: float | None, decimals: int | None = None, language: str = "vi") -> str:
    """A number as people write it: "1.234,5" (vi) or "1,234.5" (en); None gives "—".

    `decimals` None shows none for whole numbers and one otherwise. Halves round away
    from zero, as in official reports. A true minus sign is not used: "-3".
    """
    if x is None:
        return ABSENT
    if type(x) is int and not decimals:
        return f"{x:,}".replace(",", ".") if language == "vi" else f"{x:,}"
    if not isfinite(x):
        return ABSENT
    if decimals is None:
        decimals = 0 if x == int(x) else 1
    last_digits = abs(x) * 10**decimals
    if last_digits < _EXACT and abs(last_digits % 1 - 0.5) > _NEAR_A_HALF:
        written = f"{x if last_digits > 0.5 else 0:,.{decimals}f}"
    else:
        rounded = Decimal(repr(x)).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
        written = f"{rounded if rounded else abs(rounded):,.{decimals}f}"
    return written.translate(_SWAP) if language == "vi" else written


_SWAP = str.maketrans({",": ".", ".": ","})
_EXACT, _NEAR_A_HALF = 1e12, 1e-3
"""Below and away from a half binary and decimal fractions are rounded alike; decimals take five times as long."""


def day(value: date) -> str:
    """dd/mm/yyyy, in both languages."""
    return f"{value:%d/%m}/{value.year:04}"


def moment(value: datetime, zone: ZoneInfo) -> str:
    """ "08:15 20/11/2026" in the given zone. `value` must know its own zone."""
    if value.tzinfo is None:
        raise ValueError("a moment needs a zone")
    local = value.astimezone(zone)
    return f"{local:%H:%M} {day(local)}"


def parse_number(text: str) -> float:
    """The number a person typed into a Vietnamese sheet. Raises ValueError when it is none.

    | written             | read     | rule |
    |---------------------|----------|------|
    | 1.234,5   1234,5    | 1234.5   | comma begins decimals, points group thousands |
    | 1.234   12.345.678  | 1234 …   | points before every group of exactly three digits |
    | 12.5   0.123  1234.567 | 12.5 … | one point that cannot group: decimal |
    | 1,234.5   1,234,567 | 1234.5 … | English: both marks with the point last, or several commas |
    | 1,234               | 1.234    | one comma is always decimal |
    | 1 234 567           | 1234567  | spaces (no-break too) are dropped |

    A point groups when exactly three digits follow it and one to three, not a lone 0,
    come before. A leading + or - is taken. Percent signs, units and anything else are refused:
    the field map says what they mean.
    """
    said = "".join(clean(text).split())
    sign = -1.0 if said[:1] in ("-", "\u2212") else 1.0
    bare = said[1:] if said[:1] in ("-", "+", "\u2212") else said
    return sign * float(_plain(bare, text))


def _plain(said: str, text: str) -> str:
    """Digits with at most one decimal point."""
    points, commas = said.count("."), said.count(",")
    if points and commas and said.rindex(".") > said.rindex(","):
        whole, _, decimals = said.rpartition(".")
        if points == 1 and _GROUPED_EN.fullmatch(whole) and _DIGITS.fullmatch(decimals):
            return f"{whole.replace(',', '')}.{decimals}"
    elif commas > 1:
        if not points and _GROUPED_EN.fullmatch(said):
            return said.replace(",", "")
    elif commas == 1:
        whole, _, decimals = said.partition(",")
        if (_DIGITS.fullmatch(whole) or _GROUPED.fullmatch(whole)) and _DIGITS.fullmatch(decimals):
            return f"{whole.replace('.', '')}.{decimals}"
    elif points:
        if _GROUPED.fullmatch(said) and not said.startswith("0"):
            return said.replace(".", "")
        whole, _, decimals = said.partition(".")
        if points == 1 and _DIGITS.fullmatch(whole) and _DIGITS.fullmatch(decimals):
            return said
    elif _DIGITS.fullmatch(said):
        return said
    raise ValueError(f"not a number: {text!r}")


def parse_day(text: str) -> date:
    """The day of "20/11/2026" (also "1/7/2025") or "2026-11-20". Raises ValueError otherwise."""
    found = _DAY.fullmatch(text)
    if found:
        return date(int(found[3]), int(found[2]), int(found[1]))
    if len(text) != 10:
        raise ValueError(f"not a day: {text!r}")
    return date.fromisoformat(text)
