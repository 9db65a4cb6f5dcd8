"""Cron lines as crontab(5) reads them; 20/11/2026 is a Friday."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from datasets.schedule import next_run, trigger, weekday_names

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("schedule", "after", "next_one"),
    [
        ("*/10 6-19 * * 1-6", at(20, 8, 3), at(20, 8, 10)),
        ("*/10 6-19 * * 1-6", at(20, 8, 10), at(20, 8, 10)),
        ("*/10 6-19 * * 1-6", at(20, 19, 51), at(21, 6)),  # Saturday is 6
        ("*/10 6-19 * * 1-6", at(21, 19, 51), at(23, 6)),  # never on Sunday
        ("30 6 * * 1", at(20, 8), at(23, 6, 30)),  # Monday is 1
        ("0 9 * * 0", at(20, 8), at(22, 9)),
        ("0 9 * * 7", at(20, 8), at(22, 9)),
        ("0 9 * * fri-mon", at(21, 10), at(22, 9)),
        ("0 9 21 * 2", at(20, 8), at(21, 9)),  # the 21st or a Tuesday: either will do
        ("0 9 30 * 2", at(20, 8), at(24, 9)),
    ],
)
def test_the_next_run(schedule, after, next_one):
    assert next_run(schedule, ZONE, after) == next_one


def test_the_zone_is_the_centres_wherever_the_moment_comes_from():
    assert next_run("0 9 * * *", ZONE, datetime(2026, 11, 20, 1, 30, tzinfo=UTC)) == at(20, 9)


def test_a_day_that_never_comes_has_no_run():
    assert next_run("0 0 31 2 *", ZONE, at(20, 8)) is None


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("1-5", ["mon", "tue", "wed", "thu", "fri"]),
        ("*/2", ["sun", "tue", "thu", "sat"]),
        ("5-7", ["sun", "fri", "sat"]),
        ("sat,MON", ["mon", "sat"]),
    ],
)
def test_weekdays_count_from_sunday_as_cron_does(field, names):
    assert weekday_names(field) == names


@pytest.mark.parametrize(
    "schedule", ["", "* * * *", "* * * * * *", "60 * * * *", "* * * * 8", "* * * * */x", "a b c d e"]
)
def test_what_is_no_cron_line_is_refused(schedule):
    with pytest.raises(ValueError):
        next_run(schedule, ZONE, at(20, 8))


def test_the_next_run_does_not_hang_on_what_was_asked_before():
    schedule, hours = "*/10 6-19 * * 1-6", range(72)
    forwards = [next_run(schedule, ZONE, at(20, 0) + timedelta(hours=hour)) for hour in hours]
    backwards = [next_run(schedule, ZONE, at(20, 0) + timedelta(hours=hour)) for hour in reversed(hours)]
    alone = [trigger(schedule, ZONE).get_next_fire_time(None, at(20, 0) + timedelta(hours=hour)) for hour in hours]
    assert forwards == alone
    assert backwards == alone[::-1]


def test_the_next_run_where_the_clock_is_put_back_is_never_in_the_past():
    berlin = ZoneInfo("Europe/Berlin")
    summer = datetime(2026, 10, 25, 0, 40, tzinfo=UTC)
    winter = summer + timedelta(minutes=40)
    first, second = (next_run("45 * * * *", berlin, asked) for asked in (summer, winter))
    assert first is not None
    assert second is not None
    assert (first.astimezone(UTC), second.astimezone(UTC) >= winter) == (summer + timedelta(minutes=5), True)
