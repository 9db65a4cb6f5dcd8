"""Whether a source keeps its promise of bringing data.

    fresh   nothing is owed yet, or not for longer than the promise (`stale_after`)
    late    owed for longer than the promise
    stale   owed for longer than three times the promise
    never   no pull has ever succeeded

Data are owed from the first scheduled run after the last success. So the schedule says
when a source works: one that is asked from 06:00 to 19:50 is fresh all night, and one
that fails on Saturday's runs is late on Saturday.

Rules: design.md 4 "Freshness"; failures.md R3 (a badge first, a notice after three times).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from datasets.schedule import next_run

Freshness = Literal["fresh", "late", "stale", "never"]

STALE_AT = 3
"""How many promises long a silence makes a late source stale."""


def freshness(
    schedule: str | None,
    stale_after: timedelta,
    last_success: datetime | None,
    now: datetime,
    zone: ZoneInfo,
) -> Freshness:
    """How a source stands at `now`; both moments know their zone.

    schedule   its cron line in `zone`; None for a source pulled by hand only, whose
               promise counts from the last success itself
    """
    if last_success is None:
        return "never"
    owed = owed_since(schedule, last_success, zone)
    if owed is None or now - owed <= stale_after:
        return "fresh"
    return "late" if now - owed <= STALE_AT * stale_after else "stale"


def owed_since(schedule: str | None, last_success: datetime, zone: ZoneInfo) -> datetime | None:
    """The first scheduled moment after the last success; None when the schedule names no more."""
    if schedule is None:
        return last_success
    return next_run(schedule, zone, last_success + timedelta(microseconds=1))
