"""What has been reported by a moment, by DHIS2's codes.

A week's report is due on the Tuesday after it, a month's on the fifth of the next. Some
come late, one in thirty is corrected some weeks later, a silent station's do not come.
The server shows a report's figures once they are approved, some weeks later; until then
they are in the station's own form (drop.py), so that no figure has two sources at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random

from connectors.sandbox.health.months import Months
from connectors.sandbox.health.stations import WORDS, Station, stations
from connectors.sandbox.health.weeks import CODES, Weeks
from datasets.periods import Period, PeriodType
from datasets.working_days import WorkingCalendar

WEEKLY, MONTHLY = "BC_BTN_TUAN", "BC_TYT_THANG"
CASES, DEATHS = "BTN_MAC", "BTN_TUVONG"
DEFAULT, BY_KIND = "default", "_LOAI"
"""The combo of what is not split; what the elements that are split end with."""
WEEKS_OF_HISTORY, MONTHS_OF_HISTORY = 262, 37
SILENT_WEEKS = 6
CORRECTED = 0.03
APPROVED_AFTER = {PeriodType.WEEK: timedelta(days=28), PeriodType.MONTH: timedelta(days=35)}

ELEMENTS = {str(said["element"]): str(said["code"]) for said in WORDS["monthly"] if "element" in said} | {
    "hl_infants": "TC_DOITUONG",
    "hl_fully_immunised": "TC_DAYDU",
    "hl_doses": "TC_MUI",
    "hl_doses_year": "TC_MUI_LK",
}
COMBOS = {str(said["key"]): str(said["code"]) for group in ("staff", "vaccines") for said in WORDS[group]}


@dataclass(frozen=True, slots=True)
class Figure:
    """One data value, as entered."""

    element: str
    combo: str
    period: str
    unit: str
    value: int
    updated: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """One station's report of one period. `sent` None: it has not come."""

    station: Station
    period: Period
    due: datetime
    sent: datetime | None

    @property
    def on_time(self) -> bool:
        return self.sent is not None and self.sent <= self.due

    @property
    def approved(self) -> datetime:
        """From when on the server shows its figures."""
        return datetime.combine(self.period.end + APPROVED_AFTER[self.period.type], time(8, 0))


class HealthSystem:
    """All stations, all periods. Moments are naive, of the centre's zone."""

    def __init__(self, seed: int, started: Sequence[datetime], calendar: WorkingCalendar, units: Path | None) -> None:
        self.seed, self.began = seed, started[0].date()
        self.stations = stations(units)
        self.weeks = Weeks(seed, self.began, calendar)
        self.months = Months(seed, self.began, calendar)
        self.first_week = Period.of(self.began - timedelta(weeks=WEEKS_OF_HISTORY), PeriodType.WEEK)
        self.first_month = Period.of(self.began - timedelta(days=round(MONTHS_OF_HISTORY * 30.44)), PeriodType.MONTH)

    def below(self, unit: str) -> list[Station]:
        """The stations of a unit: a station's own code, a commune's, or the start of one."""
        return [station for station in self.stations.values() if unit in (station.code, station.commune, "99")]

    def report(self, station: Station, period: Period, now: datetime) -> Report | None:
        """The report of a period of the history; None before the history and while the period runs."""
        weekly = period.type is PeriodType.WEEK
        if period.start < (self.first_week if weekly else self.first_month).start or period.end > now.date():
            return None
        due = datetime.combine(period.end + timedelta(days=1 if weekly else 4), time(17, 0))
        random = Random(f"{self.seed}/{station.code}/{period.id}/report")
        late = random.random() >= station.punctual
        sent = due - timedelta(hours=random.randint(2, 8), minutes=random.randint(0, 59))
        if late:
            sent = due + timedelta(days=random.randint(1, 5), hours=random.randint(-8, -1))
        silent = station.silent and period.end > self.began - timedelta(weeks=SILENT_WEEKS)
        return Report(station, period, due, None if silent or sent > now else sent)

    def reports(self, kind: PeriodType, now: datetime) -> Iterator[Report]:
        """Every report that should be there by now, oldest first."""
        period = self.first_week if kind is PeriodType.WEEK else self.first_month
        while period.end <= now.date():
            for station in self.stations.values():
                report = self.report(station, period, now)
                if report is not None:
                    yield report
            period = period.next()

    def figures(self, station: Station, period: Period, now: datetime) -> list[Figure]:
        """The approved values of a report as they stand now; none when it has not come."""
        report = self.report(station, period, now)
        if report is None or report.sent is None or now < report.approved:
            return []
        if period.type is PeriodType.WEEK:
            return list(self._weekly(report, now))
        return [
            Figure(
                ELEMENTS[element] + (BY_KIND if category else ""),
                COMBOS.get(category, DEFAULT),
                period.id,
                station.code,
                value,
                report.approved,
            )
            for (element, category), value in self.months.month(station, period).items()
        ]

    def _weekly(self, report: Report, now: datetime) -> Iterator[Figure]:
        counts = self.weeks.week(report.station, report.period)
        missed, corrected = self._missed(report)
        pending = missed is not None and now < corrected
        cases = {key: count.cases - (pending and key == missed) for key, count in counts.items()}
        for key, count in counts.items():
            moment = corrected if key == missed and not pending else report.approved
            place = (report.period.id, report.station.code)
            yield Figure(CASES, CODES[key], *place, cases[key], moment)
            yield Figure(DEATHS, CODES[key], *place, count.deaths, moment)

    def _missed(self, report: Report) -> tuple[str | None, datetime]:
        """The disease of which one case was found late, if any, and when the report was corrected."""
        random = Random(f"{self.seed}/{report.station.code}/{report.period.id}/corrected")
        corrected = report.approved + timedelta(days=random.randint(3, 20))
        if random.random() >= CORRECTED:
            return None, corrected
        counts = self.weeks.week(report.station, report.period)
        found = [key for key, count in counts.items() if count.cases > 0]
        return (random.choice(found) if found else None), corrected
