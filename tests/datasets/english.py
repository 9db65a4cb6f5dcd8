"""What may stay Vietnamese in an English text: names, and the numbers of legal texts."""

from __future__ import annotations

import re
from collections.abc import Iterable

VIETNAMESE = re.compile(r"[ăâđêôơưà-ãè-êìíò-õùúýạ-ỹ]", re.IGNORECASE)
LEGAL_NUMBER = re.compile(r"\d+/(?:\d{4}/)?(?:QĐ|NĐ|TT|KH)-[A-ZĐ]+")
"""766/QĐ-TTg, 30/2020/NĐ-CP, 28/2020/TT-BGDĐT, 213/KH-BGDĐT."""
PLACES_CITED = ("Yên Hòa", "Yên Mô", "Như Cố", "Chợ Mới", "Bắc Kạn", "Lâm Đồng", "Nghệ An", "Ninh Bình")
"""Places whose reports and resolutions the catalogue cites."""


def left_in_vietnamese(said: str, names: Iterable[str]) -> list[str]:
    """The lines that hold Vietnamese letters beside the names, also in capitals, and the numbers of legal texts."""
    said = LEGAL_NUMBER.sub("", said)
    every = {name for name in (*names, *PLACES_CITED) if VIETNAMESE.search(name)}
    for name in sorted(every, key=len, reverse=True):
        said = said.replace(name, "").replace(name.upper(), "")
    return [line for line in said.splitlines() if VIETNAMESE.search(line)]
