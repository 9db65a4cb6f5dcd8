"""The working calendar against days counted by hand on the calendars of 2025 and 2026."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.errors import ConfigError
from datasets.working_days import WorkingCalendar

PLAIN = WorkingCalendar()
DAYS = st.dates(date(2005, 1, 1), date(2045, 12, 31))


def walk(calendar, start, end):
    """Working days in [start, end), one day at a time."""
    return sum(calendar.is_working(start + timedelta(days=n)) for n in range((end - start).days))


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 11, 20), True),  # a Friday
        (date(2026, 11, 21), False),  # a Saturday
        (date(2026, 2, 16), False),  # New Year's Eve of the lunar year
        (date(2026, 2, 20), False),
        (date(2026, 2, 23), True),
        (date(2026, 4, 27), False),  # in lieu of Hùng Kings' day, a Sunday
        (date(2026, 4, 30), False),
        (date(2026, 8, 31), False),  # swapped ...
        (date(2026, 8, 22), True),  # ... with this Saturday
        (date(2026, 11, 24), False),  # Culture Day, from 2026 on
        (date(2025, 11, 24), True),
    ],
)
def test_weekends_holidays_days_in_lieu_and_swapped_saturdays(day, working):
    assert PLAIN.is_working(day) is working


def test_a_week_has_five_working_days_and_the_week_of_tet_none():
    assert PLAIN.count(date(2026, 11, 16), date(2026, 11, 23)) == 5
    assert PLAIN.count(date(2026, 2, 16), date(2026, 2, 23)) == 0


def test_the_end_of_a_count_is_not_counted_and_a_reversed_count_is_empty():
    assert PLAIN.count(date(2026, 11, 20), date(2026, 11, 20)) == 0
    assert PLAIN.count(date(2026, 11, 20), date(2026, 11, 21)) == 1
    assert PLAIN.count(date(2026, 11, 21), date(2026, 11, 20)) == 0


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (date(2026, 11, 20), date(2026, 11, 20), 0),
        (date(2026, 11, 20), date(2026, 11, 22), 0),  # Friday to Sunday
        (date(2026, 11, 20), date(2026, 11, 23), 1),  # Friday to Monday
        (date(2026, 11, 20), date(2026, 11, 25), 2),  # Tuesday 24 is Culture Day
        (date(2026, 11, 25), date(2026, 11, 20), -2),
        (date(2026, 2, 13), date(2026, 2, 23), 1),  # over Tết
    ],
)
def test_the_difference_counts_the_days_after_the_first_up_to_the_last(start, end, days):
    assert PLAIN.difference(start, end) == days


@pytest.mark.parametrize(
    ("day", "n", "result"),
    [
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 20), 2, date(2026, 11, 25)),
        (date(2026, 11, 25), -2, date(2026, 11, 20)),
        (date(2026, 11, 22), -1, date(2026, 11, 20)),
        (date(2026, 2, 13), 1, date(2026, 2, 23)),
        (date(2026, 8, 21), 1, date(2026, 8, 22)),  # the worked Saturday
    ],
)
def test_adding_working_days(day, n, result):
    assert PLAIN.add(day, n) == result


def test_exceptions_are_stronger_than_holidays_and_weekends():
    swapped = WorkingCalendar({date(2026, 1, 2): False, date(2026, 1, 10): True, date(2026, 4, 30): True})
    assert not swapped.is_working(date(2026, 1, 2))
    assert swapped.is_working(date(2026, 1, 10))
    assert swapped.is_working(date(2026, 4, 30))
    assert swapped.difference(date(2025, 12, 31), date(2026, 1, 10)) == 6  # 5-9 January and the Saturday


def test_saturdays_may_be_working_days_but_not_on_a_holiday():
    six_days = WorkingCalendar(saturdays=True)
    assert six_days.count(date(2026, 11, 16), date(2026, 11, 23)) == 6
    assert not six_days.is_working(date(2022, 4, 30))  # Liberation Day on a Saturday


@given(DAYS, st.integers(0, 400))
def test_counting_agrees_with_walking_day_by_day(start, length):
    end = start + timedelta(days=length)
    assert PLAIN.count(start, end) == walk(PLAIN, start, end)
    assert PLAIN.difference(start, end) == walk(PLAIN, start + timedelta(days=1), end + timedelta(days=1))
    assert PLAIN.difference(end, start) == -PLAIN.difference(start, end)


@given(DAYS, st.integers(1, 600))
def test_the_nth_working_day_after_a_day_is_n_working_days_away(day, n):
    later = PLAIN.add(day, n)
    assert PLAIN.is_working(later)
    assert PLAIN.difference(day, later) == n
    earlier = PLAIN.add(day, -n)
    assert PLAIN.is_working(earlier)
    assert PLAIN.count(earlier, day) == n


@given(DAYS, DAYS, DAYS)
def test_differences_add_up(a, b, c):
    assert PLAIN.difference(a, b) + PLAIN.difference(b, c) == PLAIN.difference(a, c)


def test_answers_stay_the_same_when_the_table_grows():
    calendar = WorkingCalendar()
    before = [calendar.difference(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=n)) for n in range(400)]
    calendar.is_working(date(1995, 6, 1))
    calendar.add(date(2090, 1, 1), 5)
    after = [calendar.difference(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=n)) for n in range(400)]
    assert after == before
    assert WorkingCalendar().difference(date(1995, 1, 1), date(2050, 1, 1)) == calendar.difference(
        date(1995, 1, 1), date(2050, 1, 1)
    )


def test_a_mistyped_century_is_answered_with_weekends_only():
    assert PLAIN.count(date(1066, 10, 15), date(1066, 10, 22)) == 5
    assert PLAIN.add(date(2226, 11, 21), 1).isoweekday() in range(1, 6)
    assert PLAIN.difference(date(2226, 11, 21), PLAIN.add(date(2226, 11, 21), 7)) == 7
    assert PLAIN.count(PLAIN.add(date(1066, 10, 15), -7), date(1066, 10, 15)) == 7
    assert PLAIN.difference(date.min, date.max) > 2_600_000


def test_a_difference_takes_microseconds_however_far_apart_the_days_are():
    PLAIN.difference(date(2010, 1, 1), date(2040, 1, 1))
    began = time.perf_counter()
    for _ in range(20_000):
        PLAIN.difference(date(2010, 1, 1), date(2040, 12, 31))
    assert time.perf_counter() - began < 2  # 100 microseconds each; a walk would take milliseconds


def test_exceptions_come_from_a_table(tmp_path):
    path = tmp_path / "calendar.csv"
    path.write_text("\ufeffdate,working,basis\n2026-01-02,0,Hoán đổi\n10/01/2026,1,Làm bù\n\n", "utf-8")
    calendar = WorkingCalendar.load(path)
    assert not calendar.is_working(date(2026, 1, 2))
    assert calendar.is_working(date(2026, 1, 10))


def test_every_fault_of_the_table_is_named_with_its_line(tmp_path):
    path = tmp_path / "calendar.csv"
    path.write_text("date,working,basis\n2026-02-30,0,x\n2026-01-02,yes,x\n2026-01-02,0,x\n2026-01-05,1\n", "utf-8")
    with pytest.raises(ConfigError) as refused:
        WorkingCalendar.load(path)
    assert [fault.line for fault in refused.value.faults] == [2, 3, 4, 5]


def test_a_table_with_wrong_columns_or_none_is_refused(tmp_path):
    path = tmp_path / "calendar.csv"
    path.write_text("day,working\n2026-01-02,0\n", "utf-8")
    with pytest.raises(ConfigError) as refused:
        WorkingCalendar.load(path, language="en")
    assert ["'date'" in str(refused.value), "'basis'" in str(refused.value), "'day'" in str(refused.value)] == [
        True
    ] * 3
    with pytest.raises(ConfigError):
        WorkingCalendar.load(tmp_path / "nowhere.csv")
