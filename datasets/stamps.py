"""Dates and moments as the text both databases take: 2026-11-20, 2026-11-20 02:00:00.000000.

A backfill writes some ten of them per row, and `isoformat` was a third of all the work
of checking a row (measured). Days and times of day come again and again, so their
texts are kept: at most some thousands of days, and 86,400 seconds.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final


class _Days(dict[date, str]):
    def __missing__(self, day: date) -> str:
        text = self[day] = day.isoformat()
        return text


class _Seconds(dict[int, str]):
    def __missing__(self, second: int) -> str:
        text = self[second] = f" {second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        return text


DAY_TEXT: Final = _Days()
"""The ISO text of a day: DAY_TEXT[day]. Only for days within reason, as it keeps them."""

_SECOND_TEXT: Final = _Seconds()


def utc_text(moment: datetime) -> str:
    """The text of an aware moment in UTC, to the microsecond."""
    offset = moment.utcoffset()
    assert offset is not None
    utc = moment - offset  # wall time in UTC; its tzinfo is not looked at any more
    text = DAY_TEXT[utc.date()] + _SECOND_TEXT[utc.hour * 3600 + utc.minute * 60 + utc.second]
    return f"{text}.{utc.microsecond:06}" if utc.microsecond else text + ".000000"
