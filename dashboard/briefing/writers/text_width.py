"""How wide a line of print is, measured on the open face that has Times New Roman's widths."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

PRINT_FONTS = Path(__file__).parents[3] / "assets" / "fonts" / "print"
_MM_PER_POINT = 25.4 / 72
_SCALE = 20


@lru_cache(maxsize=8)
def _face(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(PRINT_FONTS / name, size)


@lru_cache(maxsize=4096)
def text_width_mm(said: str, size: float, *, bold: bool = False) -> float:
    """Width in millimetres of a line of Times at `size` points."""
    name = "LiberationSerif-Bold.ttf" if bold else "LiberationSerif-Regular.ttf"
    return float(_face(name, int(size * _SCALE)).getlength(said)) / _SCALE * _MM_PER_POINT
