"""One computed figure, the same on every surface."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Status(StrEnum):
    """How a value stands against its thresholds; painted, never recomputed, by screens."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"
    NONE = "none"


class Value(NamedTuple):
    """An indicator for one unit and period under one rule set.

    value         in the indicator's unit (a percent is 0-100); None when not known
    numerator, denominator   the summed components; denominator None for plain counts
    by            None, or {dimension: member} for one part of a breakdown
    target        the target in force on the last day of the period the number is of, in the same unit
    as_of         moment of the youngest data of the least fresh source that feeds it
    sources       names of the sources whose rows it counts
    period_of_value   the period the number is of, where an older one stands in
                  (a population of 2025 shown for 2026W47); else the same as `period`
    """

    indicator: str
    unit: str
    period: str
    rules: str
    by: dict[str, str] | None
    value: float | None
    numerator: float | None
    denominator: float | None
    status: Status
    target: float | None
    as_of: datetime | None
    sources: tuple[str, ...]
    period_of_value: str
