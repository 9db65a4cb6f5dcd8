"""Funnel limits: how far a unit may lie from its group by chance alone.

A small unit's rate swings more than a large one's; a plain ranking shames the small. Around
the group's own pooled rate each unit gets the limits between which 95 % (and 99.8 %) of units
of its size would lie if nothing were different; only outside them is a difference told.

Proportions: the exact binomial distribution of the unit's denominator; from LARGE on its
Wilson approximation. Counts: the exact Poisson distribution around what the unit would have by
its size. Rule: Spiegelhalter, Funnel plots for comparing institutional performance, Stat Med
2005;24:1185-1202; the two levels are his.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from math import exp, lgamma, log, sqrt

USUAL, FAR = 0.95, 0.998
_Z = {USUAL: 1.959964, FAR: 3.090232}
LARGE = 5_000
"""From this denominator, or this expected count, on the approximation is as good as exact."""


class Standing(StrEnum):
    """A value against its limits."""

    WITHIN = "within"  # no clear difference
    ABOVE = "above"  # beyond 95 %
    BELOW = "below"
    FAR_ABOVE = "far_above"  # beyond 99.8 %
    FAR_BELOW = "far_below"


@dataclass(frozen=True, slots=True)
class Limits:
    """Inclusive bounds, in the value's own unit: shares 0-1, or counts."""

    low: float
    high: float
    far_low: float
    far_high: float

    def standing(self, value: float) -> Standing:
        slack = 1e-9  # a share is a quotient
        if value < self.far_low - slack:
            return Standing.FAR_BELOW
        if value > self.far_high + slack:
            return Standing.FAR_ABOVE
        if value < self.low - slack:
            return Standing.BELOW
        return Standing.ABOVE if value > self.high + slack else Standing.WITHIN


def of_share(pooled: float, rows: int) -> Limits | None:
    """Limits of a unit's share when `rows` are counted in it; None without rows.

    pooled   the group's share, 0-1
    """
    if rows <= 0 or not 0 <= pooled <= 1:
        return None
    bounds = [_share_bounds(pooled, rows, level) for level in (USUAL, FAR)]
    return Limits(*bounds[0], *bounds[1])


def of_count(expected: float) -> Limits | None:
    """Limits of a unit's count when by its size it would have `expected`; None below 0."""
    if expected < 0:
        return None
    bounds = [_count_bounds(expected, level) for level in (USUAL, FAR)]
    return Limits(*bounds[0], *bounds[1])


def _share_bounds(pooled: float, rows: int, level: float) -> tuple[float, float]:
    if pooled in (0.0, 1.0):
        return pooled, pooled
    if rows >= LARGE:
        z = _Z[level]
        middle = (pooled + z * z / (2 * rows)) / (1 + z * z / rows)
        half = z / (1 + z * z / rows) * sqrt(pooled * (1 - pooled) / rows + z * z / (4 * rows * rows))
        return max(middle - half, 0.0), min(middle + half, 1.0)
    tail = (1 - level) / 2
    whole = lgamma(rows + 1)
    yes, no = log(pooled), log(1 - pooled)
    low, passed = None, 0.0
    for hits in range(rows + 1):
        passed += exp(whole - lgamma(hits + 1) - lgamma(rows - hits + 1) + hits * yes + (rows - hits) * no)
        if low is None and passed >= tail:
            low = hits
        if passed >= 1 - tail:
            return (low or 0) / rows, hits / rows
    return (low or 0) / rows, 1.0


def _count_bounds(expected: float, level: float) -> tuple[float, float]:
    if expected == 0:
        return 0.0, 0.0
    if expected >= LARGE:
        half = _Z[level] * sqrt(expected)
        return expected - half, expected + half
    tail = (1 - level) / 2
    low, passed, count = None, 0.0, 0
    while True:
        passed += exp(count * log(expected) - expected - lgamma(count + 1))
        if low is None and passed >= tail:
            low = count
        if passed >= 1 - tail:
            return float(low or 0), float(count)
        count += 1
