"""Whether a source keeps its promise: in office hours, over a night, a weekend, and never."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from datasets.freshness import freshness, owed_since

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICE = "*/10 6-19 * * 1-6"
TWO_HOURS = timedelta(hours=2)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)  # 20/11/2026 is a Friday


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (at(20, 9), "fresh"),
        (at(20, 10, 10), "fresh"),  # owed since 08:10, for exactly two hours
        (at(20, 10, 11), "late"),
        (at(20, 14, 10), "late"),  # for exactly six hours
        (at(20, 14, 11), "stale"),
    ],
)
def test_silence_after_eight_o_clock_is_counted_from_the_run_of_ten_past(now, verdict):
    assert freshness(OFFICE, TWO_HOURS, at(20, 8, 3), now, ZONE) == verdict


def test_a_source_that_is_not_asked_at_night_is_fresh_at_night():
    assert freshness(OFFICE, TWO_HOURS, at(19, 19, 50), at(20, 5, 59), ZONE) == "fresh"


def test_the_morning_after_counts_from_the_first_run_of_the_day():
    assert freshness(OFFICE, TWO_HOURS, at(19, 19, 51), at(20, 8), ZONE) == "fresh"
    assert freshness(OFFICE, TWO_HOURS, at(19, 19, 51), at(20, 8, 1), ZONE) == "late"


def test_a_sunday_without_runs_is_not_counted():
    assert freshness(OFFICE, TWO_HOURS, at(21, 19, 55), at(22, 23), ZONE) == "fresh"


def test_runs_that_fail_on_a_saturday_make_it_late_on_saturday():
    assert freshness(OFFICE, TWO_HOURS, at(20, 19, 55), at(21, 9), ZONE) == "late"


def test_a_success_on_the_very_minute_of_a_run_owes_the_next_run():
    assert owed_since(OFFICE, at(20, 8), ZONE) == at(20, 8, 10)


def test_a_source_pulled_by_hand_counts_from_its_last_success():
    assert freshness(None, timedelta(days=7), at(13, 9), at(20, 9), ZONE) == "fresh"
    assert freshness(None, timedelta(days=7), at(13, 9), at(20, 10), ZONE) == "late"


def test_a_source_that_never_succeeded_is_neither_late_nor_stale():
    assert freshness(OFFICE, TWO_HOURS, None, at(20, 9), ZONE) == "never"


def test_moments_of_another_zone_mean_the_same():
    last = datetime(2026, 11, 20, 1, 3, tzinfo=UTC)  # 08:03 in Vietnam
    assert freshness(OFFICE, TWO_HOURS, last, datetime(2026, 11, 20, 3, 11, tzinfo=UTC), ZONE) == "late"


def test_a_last_success_in_the_future_is_fresh():
    assert freshness(OFFICE, TWO_HOURS, at(21, 9), at(20, 9), ZONE) == "fresh"
