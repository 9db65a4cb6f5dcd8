"""A station's monthly report and its immunisation table.

Stocks (people insured, under care, records in use) grow slowly over the years; flows
(visits, births) follow the month's working days, so that Tết shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from random import Random

from connectors.sandbox.health.stations import WORDS, Station
from connectors.sandbox.health.weeks import poisson
from datasets.periods import Period, PeriodType
from datasets.working_days import WorkingCalendar

VACCINES = tuple(str(said["key"]) for said in WORDS["vaccines"])
STAFF = {"doctor": 1, "assistant": 2, "nurse": 2, "midwife": 1, "pharmacist": 1}
GROWTH_MONTHS = 60
"""Over so many months what was new then came to what it is now."""

Figures = dict[tuple[str, str], int]
"""(element, category) -> value; category "" is the whole."""


@dataclass(frozen=True)
class Months:
    """What happened, by station and month. `began`: the day the sandbox first started."""

    seed: int
    began: date
    calendar: WorkingCalendar

    @cached_property
    def _known(self) -> dict[tuple[str, str], Figures]:
        return {}

    def month(self, station: Station, period: Period) -> Figures:
        """Everything a station reports of a month."""
        key = (station.code, period.id)
        if key not in self._known:
            self._known[key] = self._report(station, period) | self._immunisation(station, period)
        return self._known[key]

    def _report(self, station: Station, period: Period) -> Figures:
        random = Random(f"{self.seed}/{station.code}/{period.id}")
        people, grown = station.population, self._grown(period)
        busy = self.calendar.count(period.start, period.end) / 21.5

        def near(value: float, spread: float = 0.01) -> int:
            return round(value * random.uniform(1 - spread, 1 + spread))

        visits = near(people * 0.105 * busy * (1.12 if period.start.month in (11, 12, 1, 3) else 1.0), 0.06)
        births = self._births(station, period)
        deliveries = births + (random.random() < 0.03)
        weighed = near(people * 0.075, 0.02)
        hypertension, diabetes = round(people * 0.14), round(people * 0.04)
        created = near(people * min(0.70 + 0.27 * grown, 0.99), 0.002)
        figures = {
            "hl_population": people,
            "hl_insured_people": near(people * (0.86 + 0.07 * grown), 0.003),
            "hl_health_records_created": created,
            "hl_health_records_in_use": min(near(people * station.records * (0.25 + 0.75 * grown), 0.01), created),
            "hl_visits": visits,
            "hl_visits_insured": near(visits * (0.72 + 0.12 * grown), 0.02),
            "hl_telehealth_sessions": poisson(2 + 14 * grown * station.records, random),
            "hl_deliveries": deliveries,
            "hl_antenatal_4": sum(random.random() < 0.78 + 0.12 * grown for _ in range(deliveries)),
            "hl_births": births,
            "hl_children_weighed": weighed,
            "hl_children_underweight": near(weighed * (0.105 - 0.025 * grown), 0.05),
            "hl_hypertension_estimated": hypertension,
            "hl_hypertension_managed": near(hypertension * (0.38 + 0.24 * grown), 0.02),
            "hl_diabetes_estimated": diabetes,
            "hl_diabetes_managed": near(diabetes * (0.33 + 0.26 * grown), 0.03),
            "hl_deaths": poisson(people * 0.0062 / 12, random),
            "hl_staff": sum(STAFF.values()),
        }
        return {(element, ""): value for element, value in figures.items()} | {
            ("hl_staff", kind): number for kind, number in STAFF.items()
        }

    def _immunisation(self, station: Station, period: Period) -> Figures:
        """Of the year's infants each month a twelfth falls due; February (Tết) is caught up in March."""
        infants = self._infants(station, period.start.year)
        january = Period.of(date(period.start.year, 1, 1), PeriodType.MONTH)
        doses = dict.fromkeys(VACCINES, 0)
        given, fully, month = doses, 0, january
        while month.start <= period.start:
            random = Random(f"{self.seed}/{station.code}/{month.id}/vaccines")
            due = infants / 12 * {2: 0.6, 3: 1.4}.get(month.start.month, 1.0)
            given = {key: round(due * station.immunised * random.uniform(0.96, 1.06)) for key in VACCINES}
            doses = {key: doses[key] + given[key] for key in VACCINES}
            fully += min(given.values())
            month = month.next()
        figures = {("hl_infants", ""): infants, ("hl_fully_immunised", ""): min(fully, infants)}
        for element, parts in (("hl_doses", given), ("hl_doses_year", doses)):
            figures |= {(element, key): value for key, value in parts.items()} | {(element, ""): sum(parts.values())}
        return figures

    def _infants(self, station: Station, year: int) -> int:
        return round(station.population * 0.0142 * Random(f"{self.seed}/{station.code}/{year}").uniform(0.95, 1.05))

    def _births(self, station: Station, period: Period) -> int:
        return poisson(station.population * 0.0142 / 12, Random(f"{self.seed}/{station.code}/{period.id}/births"))

    def _grown(self, period: Period) -> float:
        """0 five years before the first start, 1 at it."""
        months = (self.began.year - period.start.year) * 12 + self.began.month - period.start.month
        return min(max(1 - months / GROWTH_MONTHS, 0.0), 1.1)
