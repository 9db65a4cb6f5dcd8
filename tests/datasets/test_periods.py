"""Period ids, their days, neighbours and parts; dates worked by hand from the calendar."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.errors import UsageError
from datasets.periods import Period, PeriodType

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
TYPES = st.sampled_from(list(PeriodType))
PERIODS = st.builds(Period.of, DAYS, TYPES)


@pytest.mark.parametrize(
    ("written", "kind", "start", "end"),
    [
        ("20261120", "day", date(2026, 11, 20), date(2026, 11, 21)),
        ("2026W47", "week", date(2026, 11, 16), date(2026, 11, 23)),
        ("202611", "month", date(2026, 11, 1), date(2026, 12, 1)),
        ("2026Q4", "quarter", date(2026, 10, 1), date(2027, 1, 1)),
        ("2026S2", "half_year", date(2026, 7, 1), date(2027, 1, 1)),
        ("2026", "year", date(2026, 1, 1), date(2027, 1, 1)),
        ("202402", "month", date(2024, 2, 1), date(2024, 3, 1)),
        ("2026W1", "week", date(2025, 12, 29), date(2026, 1, 5)),
        ("2026W53", "week", date(2026, 12, 28), date(2027, 1, 4)),
    ],
)
def test_an_id_says_its_type_its_first_day_and_the_day_after_its_last(written, kind, start, end):
    period = Period.parse(written)
    assert (period.id, period.type, period.start, period.end) == (written, kind, start, end)


def test_a_week_may_be_written_with_two_digits_and_is_one_and_the_same():
    assert Period.parse("2026W05") == Period.parse("2026W5")
    assert Period.parse("2026W05").id == "2026W5"


@pytest.mark.parametrize(
    "written",
    ["", "26", "2026-11", "202613", "20260230", "2025W53", "2026W0", "2026W54", "2026Q5", "2026S3", "2026Q", "2026w47",
     " 2026", "2026\n", "٢٠٢٦", "0000", "99991231", "9999"],
)  # fmt: skip
def test_anything_else_is_refused_with_a_sentence_that_shows_right_ids(written):
    with pytest.raises(UsageError) as refused:
        Period.parse(written)
    assert "2026W47" in str(refused.value)


@given(PERIODS)
def test_an_id_read_back_gives_the_same_period(period):
    assert Period.parse(period.id) == period


@given(DAYS, TYPES)
def test_the_period_of_a_day_holds_that_day(day, kind):
    period = Period.of(day, kind)
    assert period.contains(day)
    assert period.type is kind
    assert period.days == (period.end - period.start).days


@given(PERIODS)
def test_the_next_period_begins_where_this_one_ends(period):
    assert period.next().start == period.end
    assert period.next().previous() == period
    assert period.previous().end == period.start


@given(PERIODS, st.integers(0, 40))
def test_n_periods_back_is_one_back_n_times(period, n):
    step = period
    for _ in range(n):
        step = step.previous()
    assert period.previous(n) == step


@given(DAYS)
def test_weeks_run_monday_to_sunday_and_carry_the_number_of_the_iso_calendar(day):
    week = Period.of(day, PeriodType.WEEK)
    assert week.start.weekday() == 0
    assert week.days == 7
    thursday = week.start + timedelta(days=3)
    number = (thursday - date(thursday.year, 1, 1)).days // 7 + 1  # the n-th Thursday of its year
    assert week.id == f"{thursday.year}W{number}"


@pytest.mark.parametrize(
    ("written", "earlier"),
    [
        ("20261120", "20251120"),
        ("20240229", "20230228"),
        ("2026W47", "2025W47"),
        ("2026W1", "2025W1"),
        ("2026W53", "2025W52"),  # 2025 has 52 weeks
        ("202602", "202502"),
        ("2026Q1", "2025Q1"),
        ("2026S2", "2025S2"),
        ("2026", "2025"),
    ],
)
def test_the_same_period_a_year_earlier(written, earlier):
    assert Period.parse(written).same_last_year().id == earlier


def test_a_week_crosses_the_year_by_number():
    assert Period.parse("2026W53").next().id == "2027W1"
    assert Period.parse("2026W1").previous().id == "2025W52"


def ids(periods):
    return [period.id for period in periods]


def test_a_year_has_two_halves_four_quarters_and_twelve_months():
    year = Period.parse("2026")
    assert ids(year.children(PeriodType.HALF_YEAR)) == ["2026S1", "2026S2"]
    assert ids(year.children(PeriodType.QUARTER)) == ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]
    assert len(year.children(PeriodType.MONTH)) == 12
    assert len(year.children(PeriodType.DAY)) == 365


def test_weeks_belong_to_the_month_and_year_of_their_monday():
    # November 2026 begins on a Sunday; the Mondays are 2, 9, 16, 23, 30
    assert ids(Period.parse("202611").children(PeriodType.WEEK)) == [f"2026W{n}" for n in (45, 46, 47, 48, 49)]
    weeks = ids(Period.parse("2026").children(PeriodType.WEEK))
    assert (weeks[0], weeks[-1], len(weeks)) == ("2026W2", "2026W53", 52)  # 2026W1 begins in 2025


@given(PERIODS, TYPES)
def test_children_of_one_type_never_overlap_and_none_is_missed(period, kind):
    if list(PeriodType).index(kind) > list(PeriodType).index(period.type):
        with pytest.raises(ValueError, match="inside"):
            period.children(kind)
        return
    inside = period.children(kind)
    assert all(period.contains(child.start) for child in inside)
    assert all(one.end == other.start for one, other in pairwise(inside))
    assert not inside or not period.contains(inside[0].previous().start)
    assert not inside or not period.contains(inside[-1].next().start)


def test_periods_sort_by_their_first_day_and_never_by_their_text():
    # 2026W9 is 23/2-1/3, 2026W10 begins on 2/3; of those that begin on one day the shorter comes first
    written = ["2026W10", "2026W9", "202603", "2026", "2026Q1", "20260302"]
    assert ids(sorted(map(Period.parse, written))) == ["2026Q1", "2026", "2026W9", "202603", "20260302", "2026W10"]


@given(PERIODS, PERIODS)
def test_of_two_periods_exactly_one_is_before_the_other_or_they_are_the_same(one, other):
    assert [one < other, one == other, one > other].count(True) == 1
    assert (one <= other) == (not one > other)
    assert (one >= other) == (not one < other)


@pytest.mark.parametrize(
    ("written", "vietnamese", "english"),
    [
        ("20261120", "20/11/2026", "20/11/2026"),
        ("2026W47", "Tuần 47/2026", "Week 47/2026"),
        ("2026W1", "Tuần 1/2026", "Week 1/2026"),  # though it begins on 29/12/2025
        ("202611", "Tháng 11/2026", "November 2026"),
        ("2026Q4", "Quý IV/2026", "Q4 2026"),
        ("2026S1", "6 tháng đầu năm 2026", "First half of 2026"),
        ("2026S2", "6 tháng cuối năm 2026", "Second half of 2026"),
        ("2026", "Năm 2026", "2026"),
    ],
)
def test_a_period_in_words(written, vietnamese, english):
    assert Period.parse(written).label() == vietnamese
    assert Period.parse(written).label("en") == english
