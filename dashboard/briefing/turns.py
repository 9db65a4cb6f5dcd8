"""Which briefings are due: every turn of the schedule, and the week each one reports on."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from datasets.periods import Period, PeriodType
from datasets.schedule import next_run

EARLY_DAYS = 3
"""On Monday to Wednesday the week before is reported on, later in the week the week itself."""
CAUGHT_UP = timedelta(weeks=8)
"""How far back turns that were missed are made up for."""
MOST_TURNS = 200


def reported_week(turn: datetime) -> Period:
    """The week that a turn of the schedule reports on."""
    week = Period.of(turn.date(), PeriodType.WEEK)
    return week.previous() if turn.isoweekday() <= EARLY_DAYS else week


def weeks_due(schedule: str, zone: ZoneInfo, last: Period | None, now: datetime) -> list[Period]:
    """The weeks whose turn has come, the oldest first.

    last   the week last reported on; None at the first start, when only the latest turn
           counts: the past before the centre stood is nobody's missed meeting
    """
    found: dict[str, Period] = {}
    after = now - CAUGHT_UP
    for _ in range(MOST_TURNS):
        turn = next_run(schedule, zone, after)
        if turn is None or turn > now:
            break
        week = reported_week(turn.astimezone(zone))
        if last is None or week > last:
            found[week.id] = week
        after = turn + timedelta(seconds=1)
    weeks = sorted(found.values())
    return weeks[-1:] if last is None else weeks
