"""When something is due: five-field cron lines, as crontab(5) reads them.

APScheduler 3 counts weekdays from Monday where cron counts from Sunday: "1-6" handed to
it as it stands would mean Tuesday to Sunday. The weekday field is turned into names here.
As in cron, when both the day of the month and the weekday are restricted, either one
makes a day fit.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


@lru_cache(maxsize=256)
def trigger(schedule: str, zone: ZoneInfo) -> BaseTrigger:
    """The trigger of one cron line in a zone. Raises ValueError for a line that is none."""
    fields = schedule.split()
    if len(fields) != 5:
        raise ValueError(schedule)
    minute, hour, day, month, weekday = fields
    names = "*" if weekday == "*" else ",".join(weekday_names(weekday))

    def cron(day: str, names: str) -> CronTrigger:
        return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=names, timezone=zone)

    return OrTrigger([cron(day, "*"), cron("*", names)]) if "*" not in (day, names) else cron(day, names)


def next_run(schedule: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first moment at or after `after` that the schedule names; None when there is none."""
    return _turns(schedule, zone).next(after)


STRETCHES_KEPT = 4
"""Of a schedule: those of now, of the last success and of the last attempt."""


class _Turns:
    """The runs of one schedule. Between a moment and the run that follows it all moments have the same next run:
    such stretches are remembered, for every page asks for the same few."""

    def __init__(self, schedule: str, zone: ZoneInfo) -> None:
        self._trigger, self._zone = trigger(schedule, zone), zone
        self._stretches: tuple[tuple[datetime, datetime, datetime], ...] = ()

    def next(self, after: datetime) -> datetime | None:
        begin = after.astimezone(UTC)  # in its own zone a moment is not told from that an hour later in autumn
        for since, until, run in self._stretches:
            if since <= begin <= until:
                return run
        found: datetime | None = self._trigger.get_next_fire_time(None, after.astimezone(self._zone))
        if found is not None:
            self._stretches = ((begin, found.astimezone(UTC), found), *self._stretches[: STRETCHES_KEPT - 1])
        return found


@lru_cache(maxsize=256)
def _turns(schedule: str, zone: ZoneInfo) -> _Turns:
    return _Turns(schedule, zone)


def weekday_names(field: str) -> list[str]:
    """The weekdays of a cron field (0 and 7 are Sunday; ranges, steps, names), Sunday first.

    Raises ValueError for anything else.
    """
    days: set[int] = set()
    for part in field.lower().split(","):
        span, slash, step = part.partition("/")
        first, dash, last = span.partition("-")
        if first == "*":
            low, high = 0, 6
        else:
            low = _weekday(first)
            high = _weekday(last) if dash else (6 if slash else low)
        if high < low:  # fri-mon, or 5-0
            high += 7
        days.update(number % 7 for number in range(low, high + 1, int(step) if slash else 1))
    return [_WEEKDAYS[number] for number in sorted(days)]


def _weekday(said: str) -> int:
    number = _WEEKDAYS.index(said) if said in _WEEKDAYS else int(said)
    if not 0 <= number <= 7:
        raise ValueError(said)
    return number
