"""Dates and moments as the text both databases take: 2026-11-20, 2026-11-20 02:00:00.000000.

A backfill writes some ten of them per row, and `isoformat` was a third of all the work
of checking a row (measured). Days and times of day come again and again, so their
texts are kept: at most some thousands of days, and 86,400 seconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import Final


class _Days(dict[date, str]):
    def __missing__(self, day: date) -> str:
        text = self[day] = day.isoformat()
        return text


class _Seconds(dict[int, str]):
    def __missing__(self, second: int) -> str:
        text = self[second] = f" {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        return text


class _Minutes(dict[int, str]):
    def __missing__(self, second: int) -> str:
        text = self[second] = f":{second // 60:02}:{second % 60:02}.000000"
        return text


DAY_TEXT: Final = _Days()
"""The ISO text of a day: DAY_TEXT[day]. Only for days within reason, as it keeps them."""

_SECOND_TEXT: Final = _Seconds()
_MINUTE_TEXT: Final = _Minutes()


def utc_text(moment: datetime) -> str:
    """The text of an aware moment in UTC, to the microsecond."""
    offset = moment.utcoffset()
    assert offset is not None
    utc = moment - offset  # wall time in UTC; its tzinfo is not looked at any more
    text = DAY_TEXT[utc.date()] + _SECOND_TEXT[utc.hour * 3600 + utc.minute * 60 + utc.second]
    return f"{text}.{utc.microsecond:06}" if utc.microsecond else text + ".000000"


def utc_texts(moments: Iterable[datetime | None]) -> list[str | None]:
    """The text of each aware moment in UTC, to the microsecond; None stays None."""
    found: list[str | None] = []
    zone, hours = None, _HOURS[None]
    for moment in moments:
        if moment is None:
            found.append(None)
            continue
        if moment.tzinfo is not zone:
            zone, hours = moment.tzinfo, _HOURS[moment.tzinfo]
        hour = hours[moment.toordinal() * 24 + moment.hour]
        if hour and not moment.fold and not moment.microsecond:
            found.append(hour + _MINUTE_TEXT[moment.minute * 60 + moment.second])
        else:
            found.append(utc_text(moment))
    return found


class _Hours(dict[int, str]):
    """ "2026-11-20 02" by hours since the year 1 in the zone; "" where its clock shifts or is not whole hours off."""

    def __init__(self, zone: tzinfo | None) -> None:
        self._zone = zone

    def __missing__(self, hour: int) -> str:
        start = datetime.fromordinal(hour // 24).replace(hour=hour % 24, tzinfo=self._zone)
        first, last = utc_text(start), utc_text(start.replace(minute=59, second=59))
        text = self[hour] = first[:13] if first[13:19] == ":00:00" and first[:13] == last[:13] else ""
        return text


class _Zones(dict["tzinfo | None", _Hours]):
    def __missing__(self, zone: tzinfo | None) -> _Hours:
        hours = self[zone] = _Hours(zone)
        return hours


_HOURS: Final = _Zones()
