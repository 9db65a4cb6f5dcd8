"""How large a letter must be to be read from where people sit, and whether a text then fits.

A letter is read when its capital fills 10 minutes of arc (the floor) and read with ease
at 16 (comfortable): ergonomics of displays, ISO 9241-303. From the screen's diagonal and
the distance that gives pixels of the 1920 x 1080 design canvas, whatever the panel's real
resolution: the canvas is zoomed to the panel.

Texts are measured here with the letter widths of Be Vietnam Pro, so that a scene that
cannot keep the floor is found at start, before anybody looks at it.
"""

from __future__ import annotations

import csv
import math
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

FLOOR_MINUTES = 10
COMFORTABLE_MINUTES = 16
CAPITAL_EM = 0.7
SMALLEST_PX = 24  # never below this, however near people sit
CANVAS = (1920, 1080)

_UNKNOWN = 100.0  # a letter not in the table is taken as wide


@dataclass(frozen=True, slots=True)
class Screen:
    """A 16:9 panel and how far away it is read."""

    diagonal_inch: float
    distance_m: float

    def pixels(self, minutes: float) -> float:
        """Type size, in design pixels, whose capitals fill `minutes` of arc."""
        pixel_mm = self.diagonal_inch * 25.4 * 9 / math.hypot(16, 9) / CANVAS[1]
        capital_mm = self.distance_m * 1000 * math.tan(math.radians(minutes / 60))
        return capital_mm / CAPITAL_EM / pixel_mm


@dataclass(frozen=True, slots=True)
class TypeScale:
    """Type sizes of one screen in design pixels.

    floor  the least any text may have; note  texts that explain; label  names and titles;
    title  the scene's name; clock  the time. Numbers take what room their tile has.
    """

    floor: int
    note: int
    label: int
    title: int
    clock: int

    @classmethod
    def of(cls, screen: Screen) -> TypeScale:
        floor = max(SMALLEST_PX, math.ceil(screen.pixels(FLOOR_MINUTES)))
        comfortable = math.ceil(screen.pixels(COMFORTABLE_MINUTES))
        return cls(
            floor=floor,
            note=max(26, floor),
            label=max(34, min(comfortable, 44), floor),
            title=max(44, min(comfortable, 54), floor),
            clock=max(62, floor),
        )


@dataclass(slots=True)
class Fitter:
    """Chooses type sizes; what does not fit even at the floor is noted in `faults` by name."""

    scale: TypeScale
    faults: list[str] = field(default_factory=list)

    def fit(self, name: str, text: str, width: float, want: int, lines: int = 1, weight: int = 500) -> int:
        """The largest size from `want` down to the floor at which `text` takes at most `lines` lines."""
        want = max(want, self.scale.floor)
        for px in range(want, self.scale.floor - 1, -1):
            if lines_of(text, px, width, weight) <= lines:
                return px
        self.faults.append(name)
        return self.scale.floor


@lru_cache(maxsize=8192)
def _ems(text: str, weight: int) -> float:
    widths = _letter_widths()[weight]
    return sum(widths.get(letter) or widths.get(_base(letter), _UNKNOWN) for letter in text) / 100


@cache
def _letter_widths() -> dict[int, dict[str, float]]:
    """Hundredths of an em by weight and letter, measured in the browser (letter_widths.csv)."""
    with Path(__file__).with_name("letter_widths.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {weight: {row["letter"]: float(row[str(weight)]) for row in rows} for weight in (500, 700)}


def _base(letter: str) -> str:
    """The letter under its marks: diacritics do not widen it, but ơ and ư are letters of their own."""
    marks = unicodedata.normalize("NFD", letter)
    horn = "\u031b" in marks
    return {"o": "ơ", "O": "Ơ", "u": "ư", "U": "Ư"}.get(marks[0], marks[0]) if horn else marks[0]


def width_of(text: str, px: float, weight: int = 500) -> float:
    """Width of one line of `text`, in design pixels, 2 % on the safe side."""
    return _ems(text, weight) * px * 1.02


def lines_of(text: str, px: float, width: float, weight: int = 500) -> float:
    """How many lines the text takes when broken at spaces; infinite when one word is too wide."""
    lines, used, space = 1, 0.0, width_of(" ", px, weight)
    for word in text.split():
        word_width = width_of(word, px, weight)
        if word_width > width:
            return math.inf
        if used and used + space + word_width > width:
            lines, used = lines + 1, word_width
        else:
            used += (space if used else 0) + word_width
    return lines
