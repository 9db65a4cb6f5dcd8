"""The band of a week, worked by hand."""

from __future__ import annotations

import random
from statistics import mean, stdev

import pytest

from datasets.indicators.five_years import band, past_weeks
from datasets.periods import Period

WEEK = Period.parse("2026W20")


def test_the_band_is_the_mean_and_two_standard_deviations_above_it() -> None:
    """Three years of three weeks, 2 4 6 each: mean 4; squares 3 x (4 + 0 + 4) = 24 over 8 is 3, its root 1.7320508."""
    known = {
        f"{year}W{week}": float(cases) for year in (2025, 2024, 2023) for week, cases in ((19, 2), (20, 4), (21, 6))
    }
    found = band(WEEK, known)
    assert found is not None
    assert (found.usual, found.years) == (4, 3)
    assert found.alarm == pytest.approx(4 + 2 * 1.7320508)


def test_the_alarm_line_is_that_of_the_standard_library_to_the_last_bit() -> None:
    dice = random.Random(4)
    names = [f"{year}W{week}" for year in range(2021, 2026) for week in (19, 20, 21)]
    for most in (1, 3, 40, 10**6, 10**12):
        for cases in ([float(dice.randint(0, most)) for _ in names] for _ in range(200)):
            found = band(WEEK, dict(zip(names, cases, strict=True)))
            assert found is not None
            assert (found.usual, found.alarm) == (mean(cases), mean(cases) + 2 * stdev(cases))
    told = {name: 0.5 * place for place, name in enumerate(names)}
    found = band(WEEK, told)
    assert found is not None
    assert found.alarm == mean(told.values()) + 2 * stdev(told.values())


def test_two_years_are_too_few_for_a_band() -> None:
    assert band(WEEK, {f"{year}W20": 5.0 for year in (2025, 2024)}) is None


def test_years_nobody_reported_do_not_count_as_years_without_cases() -> None:
    known = {f"{year}W20": 6.0 for year in (2025, 2023, 2021)}
    found = band(WEEK, known)
    assert found is not None
    assert (found.usual, found.alarm, found.years) == (6, 6, 3)


def test_a_year_is_asked_for_its_own_weeks_and_no_others() -> None:
    weeks = (WEEK, WEEK.next())
    asked = past_weeks(weeks)
    assert [tuple(week.id for week in year) for year in asked[:2]] == [
        ("2025W19", "2025W20", "2025W21", "2025W22"),
        ("2024W19", "2024W20", "2024W21", "2024W22"),
    ]
    assert len(asked) == 5
