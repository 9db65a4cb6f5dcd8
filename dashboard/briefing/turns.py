"""Which briefings are due: every turn of the schedule, and the week each one reports on."""

from __future__ import annotations

from collections.abc import Collection
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


def weeks_due(
    schedule: str, zone: ZoneInfo, made: Collection[Period], now: datetime, since: datetime | None = None
) -> list[Period]:
    """The weeks whose turn has come and that are not made, the oldest first.

    made    the weeks reported on; what comes after the first of them may not be missing
    since   when the job first stood: of the turns before it only the latest counts, for the past before
            the centre stood is nobody's missed meeting
    """
    turns: list[tuple[datetime, Period]] = []
    after = now - CAUGHT_UP
    for _ in range(MOST_TURNS):
        turn = next_run(schedule, zone, after)
        if turn is None or turn > now:
            break
        turns.append((turn, reported_week(turn.astimezone(zone))))
        after = turn + timedelta(seconds=1)
    first = min(made, default=None)
    due = {
        week
        for turn, week in turns
        if (since is not None and turn >= since) or (turn == turns[-1][0] if first is None else week > first)
    }
    return sorted(due - set(made))
