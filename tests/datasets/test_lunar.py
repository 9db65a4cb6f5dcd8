"""The Vietnamese lunar calendar against dates that are known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from datasets.lunar import LunarDate, lunar_date

TET = {  # first day of the lunar year in Vietnam; where China's differs it is said
    1968: (1968, 1, 29),  # China 30/1
    1969: (1969, 2, 16),  # China 17/2
    1985: (1985, 1, 21),  # China 20/2
    2007: (2007, 2, 17),  # China 18/2
    2015: (2015, 2, 19),
    2020: (2020, 1, 25),
    2023: (2023, 1, 22),
    2024: (2024, 2, 10),
    2025: (2025, 1, 29),
    2026: (2026, 2, 17),
    2027: (2027, 2, 6),
    2030: (2030, 2, 2),  # China 3/2
    2033: (2033, 1, 31),
}


@pytest.mark.parametrize("year", TET)
def test_the_year_begins_on_the_known_day(year: int) -> None:
    first = date(*TET[year])
    assert lunar_date(first) == LunarDate(1, 1, year, False)
    assert lunar_date(first - timedelta(days=1)).year == year - 1
    assert lunar_date(first - timedelta(days=1)).month == 12


@pytest.mark.parametrize(
    ("solar", "lunar"),
    [
        (date(2026, 11, 20), LunarDate(12, 10, 2026, False)),
        (date(2023, 3, 22), LunarDate(1, 2, 2023, True)),  # leap February of Quý Mão
        (date(2023, 4, 19), LunarDate(29, 2, 2023, True)),
        (date(2020, 5, 23), LunarDate(1, 4, 2020, True)),  # leap April of Canh Tý
        (date(2025, 7, 25), LunarDate(1, 6, 2025, True)),  # leap June of Ất Tỵ
        (date(2024, 4, 18), LunarDate(10, 3, 2024, False)),  # Hùng kings' day, a public holiday
        (date(2025, 4, 7), LunarDate(10, 3, 2025, False)),
        (date(2026, 4, 26), LunarDate(10, 3, 2026, False)),
        (date(2025, 12, 31), LunarDate(12, 11, 2025, False)),
    ],
)
def test_known_days(solar: date, lunar: LunarDate) -> None:
    assert lunar_date(solar) == lunar


def test_every_day_follows_the_one_before() -> None:
    """A century without a gap: the next day of the month, or the first of the next one."""
    last = lunar_date(date(1970, 1, 1))
    for offset in range(1, 36525):
        now = lunar_date(date(1970, 1, 1) + timedelta(days=offset))
        if now.day != 1:
            assert (now.day, now.month, now.year, now.leap) == (last.day + 1, last.month, last.year, last.leap)
        else:
            assert last.day in (29, 30)
            assert now.leap or (now.month == last.month % 12 + 1)
            assert now.year == last.year + (now.month == 1 and not now.leap)
        last = now


def test_the_year_has_its_name() -> None:
    assert (lunar_date(date(2026, 11, 20)).stem, lunar_date(date(2026, 11, 20)).branch) == (2, 6)  # Bính Ngọ
    assert (lunar_date(date(2024, 2, 10)).stem, lunar_date(date(2024, 2, 10)).branch) == (0, 4)  # Giáp Thìn
