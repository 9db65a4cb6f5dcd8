"""The clock a process is handed."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from datasets.clock import clock_from, system_clock
from datasets.errors import UsageError

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def test_without_ioc_now_the_clock_is_the_systems_and_knows_its_zone():
    clock = clock_from({}, ZONE)
    assert clock is system_clock
    assert clock().utcoffset() == timedelta(0)


def test_ioc_now_makes_the_clock_stand_still():
    clock = clock_from({"IOC_NOW": "2026-11-20T09:00:00+07:00"}, ZONE)
    assert clock() == clock() == datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def test_ioc_now_without_an_offset_is_meant_in_the_centres_zone():
    assert clock_from({"IOC_NOW": "2026-11-20T09:00"}, ZONE)() == datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def test_an_empty_ioc_now_is_none():
    assert clock_from({"IOC_NOW": ""}, ZONE) is system_clock


@pytest.mark.parametrize("said", ["tomorrow", "20/11/2026", "2026-11-31T08:00"])
def test_an_ioc_now_that_is_no_moment_is_refused_with_an_example(said):
    with pytest.raises(UsageError) as refused:
        clock_from({"IOC_NOW": said}, ZONE)
    assert said in str(refused.value)
    assert "2026-11-21T08:00:00+07:00" in str(refused.value)
