"""The days a figure is counted over, and the fair window to compare it with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from datasets.periods import Period
from datasets.working_days import WorkingCalendar

OFFICE_CLOSES = time(17, 0)
"""From this hour on a day counts as whole in comparisons of a running period."""


@dataclass(frozen=True, slots=True)
class Window:
    """Days [start, end). A whole period, or the part of one that is compared like for like."""

    id: str
    start: date
    end: date

    @classmethod
    def of(cls, period: Period) -> Window:
        return cls(period.id, period.start, period.end)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two windows of the same number of working days.

    `whole`, without `days`, when both are whole periods; a running period is cut after its last
    whole day, and the other after as many working days: `days`.
    """

    present: Window
    other: Window
    days: int | None = None

    @property
    def whole(self) -> bool:
        return self.days is None


def like_for_like(
    period: Period, other: Period, now: datetime, zone: ZoneInfo, calendar: WorkingCalendar
) -> Comparison | None:
    """The windows to compare `period` with `other`, or None when it has no whole working day yet.

    Rule: design.md 4 ("a running period is compared like for like: the same number of
    working days") and failures.md F42.
    """
    local = now.astimezone(zone)
    whole_until = local.date() + timedelta(days=1) if local.time() >= OFFICE_CLOSES else local.date()
    if whole_until >= period.end:
        return Comparison(Window.of(period), Window.of(other))
    days = calendar.count(period.start, whole_until) if whole_until > period.start else 0
    if days == 0:
        return None
    last = calendar.add(other.start - timedelta(days=1), days)
    end = min(last + timedelta(days=1), other.end)
    return Comparison(Window(period.id, period.start, whole_until), Window(other.id, other.start, end), days)
