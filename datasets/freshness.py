"""Whether a source keeps its promise of bringing data.

    fresh   the last good pull is younger than the promise (`stale_after`)
    late    older than that
    stale   older than three times that
    never   no pull has ever succeeded

A promise shorter than a day runs in office hours only, so that nothing is late on a
Monday morning because the office was closed; a longer one runs by the calendar.

Rules: design.md 4 "Freshness"; failures.md R3 (a badge first, a notice after three times).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from datasets.working_days import WorkingCalendar

Freshness = Literal["fresh", "late", "stale", "never"]

OFFICE_OPENS, OFFICE_CLOSES = time(7), time(17)
STALE_AT = 3
"""How many promises long a silence makes a late source stale."""


def freshness(
    last_success: datetime | None,
    stale_after: timedelta,
    now: datetime,
    calendar: WorkingCalendar,
    zone: ZoneInfo,
) -> Freshness:
    """How a source stands at `now`; both moments know their zone."""
    if last_success is None:
        return "never"
    age = now - last_success if stale_after >= timedelta(days=1) else office_time(last_success, now, calendar, zone)
    if age <= stale_after:
        return "fresh"
    return "late" if age <= STALE_AT * stale_after else "stale"


def office_time(since: datetime, until: datetime, calendar: WorkingCalendar, zone: ZoneInfo) -> timedelta:
    """Time between two moments on working days from 07:00 to 17:00; zero when `until` comes first."""
    begin, end = since.astimezone(zone), until.astimezone(zone)
    if end <= begin:
        return timedelta(0)
    if begin.date() == end.date():
        return _open_until(end, calendar) - _open_until(begin, calendar)
    between = calendar.count(begin.date() + timedelta(days=1), end.date())
    first = _whole(begin.date(), calendar) - _open_until(begin, calendar)
    return first + between * _hours(OFFICE_OPENS, OFFICE_CLOSES) + _open_until(end, calendar)


def _open_until(moment: datetime, calendar: WorkingCalendar) -> timedelta:
    """Office time of the moment's day up to the moment."""
    if not calendar.is_working(moment.date()):
        return timedelta(0)
    return _hours(OFFICE_OPENS, min(max(moment.time(), OFFICE_OPENS), OFFICE_CLOSES))


def _whole(day: date, calendar: WorkingCalendar) -> timedelta:
    return _hours(OFFICE_OPENS, OFFICE_CLOSES) if calendar.is_working(day) else timedelta(0)


def _hours(start: time, end: time) -> timedelta:
    return datetime.combine(date.min, end) - datetime.combine(date.min, start)
