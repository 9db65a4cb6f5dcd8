"""Period ids of DHIS2 and the calendar behind them.

    20261120   day          2026Q4   quarter
    2026W47    ISO week     2026S2   half-year
    202611     month        2026     year

Weeks run Monday to Sunday and belong to the year that holds their Thursday, so 2026W1
begins on 29/12/2025 and 2026 has 53 weeks. A one-digit week may be written 2026W05;
its id is 2026W5, as DHIS2 writes it. Ids are never compared as text: periods are
ordered by their start, and the shorter comes first where two begin on one day.

Source: DHIS2 developer guide, "Date and period format".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from datasets.errors import UsageError
from datasets.messages import text


class PeriodType(StrEnum):
    """From the shortest to the longest."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


_TYPES = tuple(PeriodType)
_MONTHS = {PeriodType.MONTH: 1, PeriodType.QUARTER: 3, PeriodType.HALF_YEAR: 6, PeriodType.YEAR: 12}
_ID = re.compile(
    r"(?P<year>[0-9]{4})(?:(?P<month>[0-9]{2})(?P<day>[0-9]{2})?"
    r"|W(?P<week>[0-9]{1,2})|Q(?P<quarter>[1-4])|S(?P<half>[12]))?"
)


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of whole days: [start, end), `end` exclusive."""

    id: str
    type: PeriodType
    start: date
    end: date

    def __hash__(self) -> int:
        return hash(self.id)  # it says all the rest; periods are keys everywhere

    @classmethod
    def parse(cls, text: str) -> Period:
        """The period of an id. Raises UsageError for anything that is no period id."""
        return _parse(text)

    @classmethod
    def of(cls, day: date, period_type: PeriodType) -> Period:
        """The period of that type that holds the day; of a datetime, its own calendar day counts."""
        return _of(date(day.year, day.month, day.day), period_type)

    def previous(self, n: int = 1) -> Period:
        """The period of the same type `n` before this one; a negative `n` looks ahead."""
        if self.type in _MONTHS:
            return Period.of(_add_months(self.start, -n * _MONTHS[self.type]), self.type)
        step = 7 if self.type is PeriodType.WEEK else 1
        return Period.of(self.start - timedelta(days=n * step), self.type)

    def next(self) -> Period:
        return self.previous(-1)

    def same_last_year(self) -> Period:
        """The same period a year earlier.

        A week keeps its ISO number; week 53 becomes 52 where last year has none.
        29 February becomes 28 February.
        """
        if self.type in _MONTHS:
            return Period.of(_add_months(self.start, -12), self.type)
        if self.type is PeriodType.DAY:
            return Period.of(_add_months(self.start, -12), PeriodType.DAY)
        year, week, _ = self.start.isocalendar()
        try:
            monday = date.fromisocalendar(year - 1, week, 1)
        except ValueError:
            monday = date.fromisocalendar(year - 1, 52, 1)
        return Period.of(monday, PeriodType.WEEK)

    def children(self, period_type: PeriodType) -> tuple[Period, ...]:
        """The periods of a shorter type (or its own) that begin inside this one, in order.

        A week belongs to the month its Monday is in. Raises ValueError for a longer type.
        """
        if _TYPES.index(period_type) > _TYPES.index(self.type):
            raise ValueError(f"a {self.type} has no {period_type} inside")
        child = Period.of(self.start, period_type)
        if child.start < self.start:
            child = child.next()
        found = []
        while child.start < self.end:
            found.append(child)
            child = child.next()
        return tuple(found)

    def contains(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        """Calendar days, e.g. 30 for November."""
        return (self.end - self.start).days

    def label(self, language: str = "vi") -> str:
        """The period in words: "Tuần 47/2026", "Quý IV/2026", "20/11/2026"."""
        return _label(self, language)

    def inside(self, language: str = "vi") -> str:
        """The period inside a sentence: "tuần 47/2026", "ngày 20/11/2026"; English names keep their capitals."""
        if self.type is PeriodType.DAY:
            return text("period.day", language, day=self.label(language))
        said = self.label(language)
        return said[:1].lower() + said[1:] if language == "vi" else said

    def __lt__(self, other: Period) -> bool:
        return (self.start, self.end) < (other.start, other.end)

    def __le__(self, other: Period) -> bool:
        return (self.start, self.end) <= (other.start, other.end)

    def __gt__(self, other: Period) -> bool:
        return (self.start, self.end) > (other.start, other.end)

    def __ge__(self, other: Period) -> bool:
        return (self.start, self.end) >= (other.start, other.end)


def _add_months(day: date, months: int) -> date:
    """The same day of another month; a day that month lacks becomes its 28th (29 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year, month + 1, 28)


@lru_cache(maxsize=8192)
def _parse(said: str) -> Period:
    found = _ID.fullmatch(said)
    if found is None:
        raise UsageError("error.period", value=said)
    year = int(found["year"])
    try:
        if found["week"]:
            return _of(date.fromisocalendar(year, int(found["week"]), 1), PeriodType.WEEK)
        if found["day"]:
            return _of(date(year, int(found["month"]), int(found["day"])), PeriodType.DAY)
        if found["month"]:
            return _of(date(year, int(found["month"]), 1), PeriodType.MONTH)
        if found["quarter"]:
            return _of(date(year, int(found["quarter"]) * 3 - 2, 1), PeriodType.QUARTER)
        if found["half"]:
            return _of(date(year, int(found["half"]) * 6 - 5, 1), PeriodType.HALF_YEAR)
        return _of(date(year, 1, 1), PeriodType.YEAR)
    except (ValueError, OverflowError):  # no such day, month or week; or past the year 9999
        raise UsageError("error.period", value=said) from None


@lru_cache(maxsize=8192)
def _of(day: date, period_type: PeriodType) -> Period:
    year, month = day.year, day.month
    if period_type is PeriodType.DAY:
        return Period(f"{year:04}{month:02}{day.day:02}", period_type, day, day + timedelta(days=1))
    if period_type is PeriodType.WEEK:
        iso = day.isocalendar()
        monday = day - timedelta(days=iso.weekday - 1)
        return Period(f"{iso.year:04}W{iso.week}", period_type, monday, monday + timedelta(days=7))
    months = _MONTHS[period_type]
    part = (month - 1) // months  # 0 for the first month, quarter, half of the year
    start = date(year, part * months + 1, 1)
    suffix = {
        PeriodType.MONTH: f"{part + 1:02}",
        PeriodType.QUARTER: f"Q{part + 1}",
        PeriodType.HALF_YEAR: f"S{part + 1}",
        PeriodType.YEAR: "",
    }[period_type]
    return Period(f"{year:04}{suffix}", period_type, start, _add_months(start, months))


@lru_cache(maxsize=8192)
def _label(period: Period, language: str) -> str:
    year, month = period.start.year, period.start.month
    match period.type:
        case PeriodType.DAY:
            return f"{period.start:%d/%m/%Y}"
        case PeriodType.WEEK:
            iso = period.start.isocalendar()
            return text("period.week", language, week=iso.week, year=iso.year)
        case PeriodType.MONTH:
            return text(f"period.month.{month}", language, year=year)
        case PeriodType.QUARTER:
            return text(f"period.quarter.{(month + 2) // 3}", language, year=year)
        case PeriodType.HALF_YEAR:
            return text(f"period.half.{1 if month == 1 else 2}", language, year=year)
        case PeriodType.YEAR:
            return text("period.year", language, year=year)
