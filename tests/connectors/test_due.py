from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.scheduler import is_due
from datasets.schedule import next_run, trigger, weekday_names

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_one_to_six_means_monday_to_saturday_as_in_cron():
    assert weekday_names("1-6") == ["mon", "tue", "wed", "thu", "fri", "sat"]


def test_zero_and_seven_are_both_sunday():
    assert weekday_names("0") == weekday_names("7") == ["sun"]


def test_a_weekday_range_may_pass_over_the_end_of_the_week():
    assert weekday_names("fri-mon") == ["sun", "mon", "fri", "sat"]


def test_weekday_steps_and_lists():
    assert weekday_names("*/2") == ["sun", "tue", "thu", "sat"]
    assert weekday_names("1,3") == ["mon", "wed"]


def test_a_working_week_schedule_sleeps_from_saturday_evening_to_monday_morning():
    saturday_evening = local("2026-11-21T19:50:01")
    assert next_run("*/10 6-19 * * 1-6", ZONE, saturday_evening) == local("2026-11-23T06:00:00")


def test_a_day_of_the_month_and_a_weekday_fit_either_way_as_in_cron():
    assert next_run("0 7 1 * 1", ZONE, local("2026-11-24T00:00:00")) == local("2026-11-30T07:00:00")
    assert next_run("0 7 1 * 1", ZONE, local("2026-11-30T08:00:00")) == local("2026-12-01T07:00:00")


@pytest.mark.parametrize("bad", ["* * * *", "61 * * * *", "* * * * 8", "* * * * mor", "hourly"])
def test_a_line_that_is_no_schedule_is_refused(bad):
    with pytest.raises(ValueError):
        trigger(bad, ZONE)


def test_a_source_never_tried_is_due():
    assert is_due("0 3 * * *", ZONE, None, local("2026-11-20T09:00:00"))


def test_a_source_is_due_when_its_schedule_fired_since_the_last_attempt():
    assert is_due("0 * * * *", ZONE, local("2026-11-20T06:00:02"), local("2026-11-20T07:00:00"))
    assert not is_due("0 * * * *", ZONE, local("2026-11-20T06:00:02"), local("2026-11-20T06:59:59"))
