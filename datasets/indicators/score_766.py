"""The points of QĐ 766/QĐ-TTg that a commune's own feed lets us count: "điểm tự tính x / y điểm tính được".

Each line has its points; a ratio R in percent gives them all from the threshold T on, below it R x points / T, and
without a threshold R x points / 100. A line whose ratio is not known is not counted, on either side. What only the
national portal knows is named in FROM_PORTAL and never guessed.

Rules: domain.md 2.2 (points as of 08/10/2026, formulas of the 766 sheet); without a threshold the score is our
reading. Of 5.4 the feed knows the overdue and the low marks, not the petitions about a dossier. The two lines about
results (4.1, 4.2) are over the dossiers finished or returned, for the feed has no list of procedures with a result.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from datasets.indicators.value import Value


@dataclass(frozen=True, slots=True)
class Line:
    """One scored line: its number in the decision, its points, its threshold in percent."""

    id: str
    points: float
    indicator: str
    threshold: float | None = None


ON_TIME, DISLIKED = "ps_on_time_rate", "ps_disliked"
LINES = (
    Line("2.1", 20, ON_TIME),
    Line("3", 12, "ps_full_service_rate"),
    Line("3.6", 6, "ps_paid_online_rate"),
    Line("4.1", 6, "ps_result_digital_rate"),
    Line("4.2", 4, "ps_digitised_rate", 80),
    Line("4.3", 2, "ps_data_reused_rate", 80),
    Line("4.5b", 2, "ps_citizen_data_rate"),
    Line("5.4", 6, DISLIKED, 90),
)
FROM_PORTAL = {
    "1.1": 6, "1.2": 4, "1.3": 2, "1.4": 6, "3.5": 2, "3.5b": 2, "4.2b": 2, "4.4": 4, "4.5a": 2, "5.2": 6, "5.3": 6,
}  # fmt: skip
"""Lines that the feed cannot tell, with their points."""
RULES = "766"
NEEDED = tuple(dict.fromkeys(line.indicator for line in LINES))


@dataclass(frozen=True, slots=True)
class Points:
    """What a line got. `missed` rows of `rows` did not count for it: the cause of what was lost."""

    line: Line
    ratio: float
    won: float
    missed: float
    rows: float

    @property
    def lost(self) -> float:
        return self.line.points - self.won


def score(values: Mapping[str, Value]) -> tuple[Points, ...]:
    """The lines that can be counted, from the values under rule set 766 of the indicators in NEEDED."""
    found = []
    for line in LINES:
        value = values[line.indicator]
        top, bottom = value.numerator, value.denominator
        if line.indicator == DISLIKED:
            on_time = values[ON_TIME]
            bottom = on_time.denominator
            top = None if on_time.numerator is None else max(on_time.numerator - (value.value or 0), 0)
        if top is None or not bottom:
            continue
        ratio = 100 * top / bottom
        share = ratio / line.threshold if line.threshold else ratio / 100
        found.append(Points(line, ratio, line.points * min(share, 1.0), bottom - top, bottom))
    return tuple(found)
