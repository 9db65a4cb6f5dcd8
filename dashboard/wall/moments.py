"""Moments as the wall says them: as short as stays clear."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo


def short_moment(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """ "08:15" today, "08:15 19/11" this year, "19/11/2025" before; midnight says only its day."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    if local.year != today.year:
        return f"{local:%d/%m/%Y}"
    if local.time() == time(0):
        return f"{local:%d/%m}"
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local:%H:%M} {local:%d/%m}"
