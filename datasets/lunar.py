"""The Vietnamese lunar date of a day, in the country's own zone (UTC+7).

Hồ Ngọc Đức's algorithm (https://www.informatik.uni-leipzig.de/~duc/amlich/), after Jean
Meeus, Astronomical Algorithms (1998): a month begins on the day of the new moon, month 11
holds the winter solstice, and a year with 13 months between two solstices doubles the
first month without a principal term. The zone matters: Tết 2007 and 2030 fall a day
before China's, Tết 1985 a month. Right for days from 1968 on, when the zone became +7.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

ZONE = 7.0 / 24
EPOCH_1900 = 2415021.076998695  # Julian day of the new moon k = 0
SYNODIC = 29.530588853
ORDINAL_TO_JULIAN = 1721425
STEMS, BRANCHES = 10, 12


@dataclass(frozen=True, slots=True)
class LunarDate:
    """A lunar day. `year` is the solar year its first month begins in; `leap` marks the doubled month."""

    day: int
    month: int
    year: int
    leap: bool

    @property
    def stem(self) -> int:
        """Index of the year's heavenly stem, 0 for Giáp."""
        return (self.year + 6) % STEMS

    @property
    def branch(self) -> int:
        """Index of the year's earthly branch, 0 for Tý."""
        return (self.year + 8) % BRANCHES


def lunar_date(day: date) -> LunarDate:
    """The lunar date of a solar one."""
    number = day.toordinal() + ORDINAL_TO_JULIAN
    k = math.floor((number - EPOCH_1900) / SYNODIC) + 1
    while (begin := _new_moon_day(k)) > number:
        k -= 1
    before, after, year = _month_11(day.year), _month_11(day.year), day.year
    if before >= begin:
        before = _month_11(day.year - 1)
    else:
        year += 1
        after = _month_11(day.year + 1)
    months = (begin - before) // 29
    leap, month = False, months + 11
    if after - before > 365:
        leap_months = _leap_offset(before)
        if months >= leap_months:
            month = months + 10
            leap = months == leap_months
    if month > 12:
        month -= 12
    if month >= 11 and months < 4:
        year -= 1
    return LunarDate(number - begin + 1, month, year, leap)


@lru_cache(maxsize=256)
def _new_moon_day(k: int) -> int:
    """Julian day number, in the zone, of the k-th new moon since 1900."""
    return math.floor(_new_moon(k) + 0.5 + ZONE)


def _new_moon(k: int) -> float:
    """Julian day (UT) of the k-th new moon since 1900-01-01; Meeus, chapter 49 in its short form."""
    t = k / 1236.85
    t2, t3, rad = t * t, t * t * t, math.pi / 180
    mean = 2415020.75933 + 29.53058868 * k + 0.0001178 * t2 - 0.000000155 * t3
    mean += 0.00033 * math.sin((166.56 + 132.87 * t - 0.009173 * t2) * rad)
    sun = (359.2242 + 29.10535608 * k - 0.0000333 * t2 - 0.00000347 * t3) * rad
    moon = (306.0253 + 385.81691806 * k + 0.0107306 * t2 + 0.00001236 * t3) * rad
    node = (21.2964 + 390.67050646 * k - 0.0016528 * t2 - 0.00000239 * t3) * rad
    shift = (0.1734 - 0.000393 * t) * math.sin(sun) + 0.0021 * math.sin(2 * sun)
    shift += -0.4068 * math.sin(moon) + 0.0161 * math.sin(2 * moon) - 0.0004 * math.sin(3 * moon)
    shift += 0.0104 * math.sin(2 * node) - 0.0051 * math.sin(sun + moon) - 0.0074 * math.sin(sun - moon)
    shift += 0.0004 * math.sin(2 * node + sun) - 0.0004 * math.sin(2 * node - sun)
    shift += -0.0006 * math.sin(2 * node + moon) + 0.0010 * math.sin(2 * node - moon)
    shift += 0.0005 * math.sin(2 * moon + sun)
    if t < -11:
        delta = 0.001 + 0.000839 * t + 0.0002261 * t2 - 0.00000845 * t3 - 0.000000081 * t * t3
    else:
        delta = -0.000278 + 0.000265 * t + 0.000262 * t2
    return mean + shift - delta


def _sun_sector(day_number: int) -> int:
    """In which of the twelve 30-degree sectors the sun stands at the day's midnight in the zone."""
    t = (day_number - 0.5 - ZONE - 2451545.0) / 36525
    t2, rad = t * t, math.pi / 180
    m = (357.52910 + 35999.05030 * t - 0.0001559 * t2 - 0.00000048 * t * t2) * rad
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t2
    longitude += (1.914600 - 0.004817 * t - 0.000014 * t2) * math.sin(m)
    longitude += (0.019993 - 0.000101 * t) * math.sin(2 * m) + 0.000290 * math.sin(3 * m)
    return int(longitude % 360 / 30)


@lru_cache(maxsize=64)
def _month_11(year: int) -> int:
    """Day number of the first day of lunar month 11, which holds the winter solstice of the year."""
    number = date(year, 12, 31).toordinal() + ORDINAL_TO_JULIAN
    k = math.floor((number - 2415021) / SYNODIC)
    begin = _new_moon_day(k)
    return _new_moon_day(k - 1) if _sun_sector(begin) >= 9 else begin


def _leap_offset(month_11: int) -> int:
    """How many months after month 11 the leap month is: the first that stays within one sector."""
    k = math.floor((month_11 - EPOCH_1900) / SYNODIC + 0.5)
    sector = _sun_sector(_new_moon_day(k + 1))
    for index in range(2, 15):
        last, sector = sector, _sun_sector(_new_moon_day(k + index))
        if sector == last:
            return index - 1
    return 13
