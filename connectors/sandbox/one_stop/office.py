"""Office hours as one straight axis, so that 'two working hours later' is an addition.

An office day is 07:30-11:30 and 13:30-17:00: 27,000 seconds. Position 0 is the opening
of the first working day known; evenings, weekends and holidays take no room.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from datasets.working_days import WorkingCalendar

OPENS, NOON, AFTERNOON, CLOSES = 27000, 41400, 48600, 61200  # seconds of the day
MORNING = NOON - OPENS
OFFICE_DAY = MORNING + CLOSES - AFTERNOON
CUT_OFF = 54000 - AFTERNOON + MORNING  # 15:00: what comes later counts from the next day
_YEARS_AHEAD = 8


class Office:
    """The office days from a year before `begins` to eight years after it."""

    def __init__(self, calendar: WorkingCalendar, begins: date) -> None:
        first = date(begins.year - 1, 1, 1)
        last = date(begins.year + _YEARS_AHEAD, 12, 31)
        self._first = first.toordinal()
        self._midnights: list[datetime] = []
        self._rank: list[int] = []
        self._open: list[bool] = []
        for ordinal in range(self._first, last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            works = calendar.is_working(day)
            self._rank.append(len(self._midnights))
            self._open.append(works)
            if works:
                self._midnights.append(datetime.combine(day, time()))
        self.festivals = {year: _festival(calendar, year) for year in range(first.year, last.year + 1)}

    def works(self, day: date) -> bool:
        return self._open[day.toordinal() - self._first]

    def rank(self, day: date) -> int:
        """Number of the first working day not before `day`."""
        return self._rank[day.toordinal() - self._first]

    def position(self, moment: datetime) -> int:
        """Where a moment lies on the axis; closed hours lie at the next opening."""
        place = moment.toordinal() - self._first
        rank = self._rank[place]
        if not self._open[place]:
            return rank * OFFICE_DAY
        second = moment.hour * 3600 + moment.minute * 60 + moment.second
        if second < NOON:
            return rank * OFFICE_DAY + max(second - OPENS, 0)
        return rank * OFFICE_DAY + min(max(second - AFTERNOON, 0) + MORNING, OFFICE_DAY)

    def moment(self, position: int) -> datetime:
        """The moment of a position: its inverse inside office hours."""
        rank, second = divmod(position, OFFICE_DAY)
        return self._midnights[rank] + timedelta(
            seconds=OPENS + second if second < MORNING else AFTERNOON + second - MORNING
        )

    def closing(self, rank: int) -> datetime:
        """17:00 of the working day of that number."""
        return self._midnights[rank] + timedelta(seconds=CLOSES)


def _festival(calendar: WorkingCalendar, year: int) -> tuple[date, date]:
    """First and last day of the Tết holiday: the longest run of days off around the lunar New Year."""
    best: tuple[date, date] = (date(year, 1, 25), date(year, 1, 24))
    day, run = date(year, 1, 15), 0
    while day <= date(year, 3, 5):
        run = 0 if calendar.is_working(day) else run + 1
        if run > (best[1] - best[0]).days + 1:
            best = (day - timedelta(days=run - 1), day)
        day += timedelta(days=1)
    return best
