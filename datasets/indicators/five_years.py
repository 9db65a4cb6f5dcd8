"""The band of a week: what the same weeks of five years lead to expect, and where the alarm line lies.

A week is held against itself, the week before and the week after it in each of the five years before: at most 15
values. The mean is what is usual; two standard deviations above it is the alarm line.

Rule: QĐ 97/QĐ-PB as told in domain.md 4.2 (weekly count above the mean of the same period of five years plus 1 to 2
standard deviations). The neighbouring weeks are ours: five single weeks of a small commune are too few to lean on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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


def past_weeks(weeks: Sequence[Period]) -> tuple[tuple[Period, ...], ...]:
    """For each of the five years before, latest first, the weeks that the bands of `weeks` need, ascending."""
    found = []
    edge = (weeks[0], *weeks, weeks[-1])
    for year in range(1, YEARS + 1):
        moved = [_years_before(week, year) for week in edge]
        found.append(tuple(sorted({moved[0].previous(), *moved, moved[-1].next()})))
    return tuple(found)


def band(week: Period, known: Mapping[str, float]) -> Band | None:
    """The band of a week from the known counts by week id; None when fewer than three years are known."""
    values: list[float] = []
    years = 0
    for year in range(1, YEARS + 1):
        same = _years_before(week, year)
        of_year = [known[each.id] for each in (same.previous(), same, same.next()) if each.id in known]
        years += bool(of_year)
        values += of_year
    if years < FEWEST_YEARS or len(values) < 2:
        return None
    usual = mean(values)
    return Band(usual, usual + DEVIATIONS * stdev(values), years)


def _years_before(week: Period, years: int) -> Period:
    for _ in range(years):
        week = week.same_last_year()
    return week
