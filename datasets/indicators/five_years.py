"""The band of a week: what the same weeks of five years lead to expect, and where the alarm line lies.

A week is held against itself, the week before and the week after it in each of the five years before: at most 15
values. The mean is what is usual; two standard deviations above it is the alarm line.

Rule: QĐ 97/QĐ-PB as told in domain.md 4.2 (weekly count above the mean of the same period of five years plus 1 to 2
standard deviations). The neighbouring weeks are ours: five single weeks of a small commune are too few to lean on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isqrt
from statistics import mean, stdev

from datasets.periods import Period

YEARS = 5
FEWEST_YEARS = 3
DEVIATIONS = 2.0


@dataclass(frozen=True, slots=True)
class Band:
    """Mean and alarm line of a week, and of how many years they are."""

    usual: float
    alarm: float
    years: int


@lru_cache(maxsize=64)
def past_weeks(weeks: tuple[Period, ...]) -> tuple[tuple[Period, ...], ...]:
    """For each of the five years before, latest first, the weeks that the bands of `weeks` need, ascending."""
    found = []
    edge = (weeks[0], *weeks, weeks[-1])
    for year in range(YEARS):
        moved = [_years_before(week)[year] for week in edge]
        found.append(tuple(sorted({moved[0].previous(), *moved, moved[-1].next()})))
    return tuple(found)


def band(week: Period, known: Mapping[str, float]) -> Band | None:
    """The band of a week from the known counts by week id; None when fewer than three years are known."""
    values: list[float] = []
    years = 0
    for names in _same_weeks(week):
        of_year = [known[name] for name in names if name in known]
        years += bool(of_year)
        values += of_year
    if years < FEWEST_YEARS or len(values) < 2:
        return None
    usual = mean(values)
    return Band(usual, usual + DEVIATIONS * _spread(values), years)


@lru_cache(maxsize=1024)
def _years_before(week: Period) -> tuple[Period, ...]:
    """The same week of each of the five years before, latest first."""
    found = [week]
    for _ in range(YEARS):
        found.append(found[-1].same_last_year())
    return tuple(found[1:])


@lru_cache(maxsize=1024)
def _same_weeks(week: Period) -> tuple[tuple[str, str, str], ...]:
    """By year, latest first, the ids of the same week and of those beside it."""
    return tuple((same.previous().id, same.id, same.next().id) for same in _years_before(week))


def _spread(values: Sequence[float]) -> float:
    """`statistics.stdev` to the last bit, without the fractions that cost most of a band: counts are whole."""
    whole = [int(value) for value in values]
    if whole != values:
        return stdev(values)
    count, total = len(whole), sum(whole)
    top, bottom = count * sum(value * value for value in whole) - total * total, count * (count - 1)
    bits = max(0, bottom.bit_length() - top.bit_length() + ENOUGH_BITS) // 2
    root = isqrt((top << 2 * bits) // bottom)
    return (root | (root * root * bottom != top << 2 * bits)) / (1 << bits)


ENOUGH_BITS = 112
"""Of a square: twice those of a float, and some, with the last one odd where the root goes on."""
