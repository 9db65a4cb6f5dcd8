"""Whether a source keeps its promise, on a Friday, over a weekend, and never."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from datasets.freshness import freshness, office_time
from datasets.working_days import WorkingCalendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CALENDAR = WorkingCalendar()
TWO_HOURS = timedelta(hours=2)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)  # 20/11/2026 is a Friday


@pytest.mark.parametrize(
    ("last", "verdict"),
    [(at(20, 13, 30), "fresh"), (at(20, 13), "fresh"), (at(20, 12), "late"), (at(20, 8), "stale"), (None, "never")],
)
def test_a_short_promise_is_kept_late_or_broken_by_office_hours(last, verdict):
    assert freshness(last, TWO_HOURS, at(20, 15), CALENDAR, ZONE) == verdict


def test_a_source_last_heard_on_friday_evening_is_fresh_on_monday_morning():
    assert freshness(at(20, 16, 50), TWO_HOURS, at(23, 8), CALENDAR, ZONE) == "fresh"


def test_the_same_silence_is_late_by_monday_noon():
    assert freshness(at(20, 16, 50), TWO_HOURS, at(23, 12), CALENDAR, ZONE) == "late"


def test_a_promise_of_days_runs_by_the_calendar():
    assert freshness(at(13, 9), timedelta(days=7), at(20, 8), CALENDAR, ZONE) == "fresh"
    assert freshness(at(13, 9), timedelta(days=7), at(20, 10), CALENDAR, ZONE) == "late"


def test_office_time_between_two_evenings_is_one_office_day():
    assert office_time(at(19, 20), at(20, 20), CALENDAR, ZONE) == timedelta(hours=10)


def test_office_time_never_runs_backwards():
    assert office_time(at(20, 12), at(20, 9), CALENDAR, ZONE) == timedelta(0)
