"""The colours and the type face, once, for desk, wall and charts.

Contrast ratios (against `surface`) and the distances between the status colours under
simulated colour blindness were measured; status is always told by colour, shape and word.
"""

from __future__ import annotations

from dataclasses import dataclass

from datasets.indicators.value import Status

FONT = "Be Vietnam Pro, system-ui, sans-serif"


@dataclass(frozen=True, slots=True)
class Tokens:
    """One colour scheme. Names say the use, not the hue."""

    ground: str
    surface: str
    raised: str
    border: str
    grid: str
    text: str
    text_2: str  # notes
    text_3: str  # footers only
    data: str  # the one strong blue
    base: str  # data that are as they should be
    good: str
    watch: str
    bad: str
    neutral: str
    extra: str  # a further series; not beside `data`

    def status(self, status: Status) -> str:
        return {Status.GOOD: self.good, Status.WATCH: self.watch, Status.BAD: self.bad}.get(status, self.neutral)


DARK = Tokens(
    ground="#0B1220",
    surface="#121C30",
    raised="#1A2740",
    border="rgba(148,163,184,.16)",
    grid="rgba(148,163,184,.22)",
    text="#EAF0FA",
    text_2="#A9B8D0",
    text_3="#8396B3",
    data="#4C9AFF",
    base="#466BA8",
    good="#2EC4B6",
    watch="#FFB547",
    bad="#FF6B5E",
    neutral="#8FA3BF",
    extra="#B79CFF",
)

LIGHT = Tokens(
    ground="#F6F8FB",
    surface="#FFFFFF",
    raised="#EEF2F8",
    border="#D9E0EA",
    grid="#D9E0EA",
    text="#0F172A",
    text_2="#475569",
    text_3="#64748B",
    data="#1F6FD1",
    base="#7FA6DA",
    good="#0B7A70",
    watch="#9A5B00",
    bad="#C2321F",
    neutral="#64748B",
    extra="#6D4FC4",
)

SHAPE = {Status.GOOD: "●", Status.WATCH: "▲", Status.BAD: "■", Status.NONE: ""}
"""The shape that goes with a status colour, so that colour is never alone."""
