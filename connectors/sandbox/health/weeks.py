"""Communicable diseases by week: what a station's people fell ill with.

Yearly rates and seasons are in words.yaml; the week of Tết, when few see a doctor, has a
fraction of its cases; two small outbreaks stand out: dengue in 99003 in the weeks before
the sandbox first started, hand, foot and mouth disease in 99002 half a year earlier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import exp
from random import Random

from connectors.sandbox.health.stations import WORDS, Station
from datasets.periods import Period, PeriodType
from datasets.working_days import WorkingCalendar

DISEASES: tuple[Mapping[str, object], ...] = tuple(WORDS["diseases"])
CODES = {str(disease["key"]): str(disease["code"]) for disease in DISEASES}
OUTBREAKS = {
    ("99003", "dengue"): (-7, (1, 3, 6, 10, 12, 9, 6)),
    ("99002", "hand_foot_mouth"): (-31, (2, 5, 8, 7, 4, 2)),
}
"""Commune and disease: weeks before the first start at which it begins, and its additional cases."""
HOLIDAY_CARE = 0.3
"""Share of its cases that a week without working days still sees."""


@dataclass(frozen=True, slots=True)
class Count:
    """Cases and deaths of one disease, station and week."""

    cases: int
    deaths: int


@dataclass(frozen=True)
class Weeks:
    """What happened, by station and week. `began`: the day the sandbox first started."""

    seed: int
    began: date
    calendar: WorkingCalendar

    @cached_property
    def _known(self) -> dict[tuple[str, str], dict[str, Count]]:
        return {}

    def week(self, station: Station, period: Period) -> dict[str, Count]:
        """The counts of each disease, none left out."""
        key = (station.code, period.id)
        if key not in self._known:
            self._known[key] = {str(said["key"]): self._count(station, said, period) for said in DISEASES}
        return self._known[key]

    def since_january(self, station: Station, period: Period) -> dict[str, Count]:
        """The same, added up over the weeks of the week's own (ISO) year."""
        year = period.id[:4]
        totals = {key: Count(0, 0) for key in CODES}
        week = period
        while week.id.startswith(year):
            for key, count in self.week(station, week).items():
                totals[key] = Count(totals[key].cases + count.cases, totals[key].deaths + count.deaths)
            week = week.previous()
        return totals

    def _count(self, station: Station, said: Mapping[str, object], period: Period) -> Count:
        key = str(said["key"])
        random = Random(f"{self.seed}/{station.code}/{key}/{period.id}")
        cases = poisson(self._expected(station, said, period), random) + self._outbreak(station, key, period)
        deadly = 1.0 if key == "rabies" else 0.0004
        return Count(cases, sum(random.random() < deadly for _ in range(cases)))

    def _expected(self, station: Station, said: Mapping[str, object], period: Period) -> float:
        yearly = float(str(said["yearly"])) * station.population / 1000
        peak = said["peak"]
        assert isinstance(peak, list)
        share, months = float(str(said["share"])), len(peak)
        in_season = (period.start + timedelta(days=3)).month in peak
        weekly = yearly / 52.2 * (share * 12 / months if in_season else (1 - share) * 12 / (12 - months))
        year = Random(f"{self.seed}/{said['key']}/{period.id[:4]}").uniform(0.75, 1.3)
        open_days = min(self.calendar.count(period.start, period.end) / 5, 1.0)
        return weekly * year * (HOLIDAY_CARE + (1 - HOLIDAY_CARE) * open_days)

    def _outbreak(self, station: Station, key: str, period: Period) -> int:
        begins, cases = OUTBREAKS.get((station.commune, key), (0, ()))
        first = Period.of(self.began + timedelta(weeks=begins), PeriodType.WEEK)
        place = (period.start - first.start).days // 7
        return cases[place] if 0 <= place < len(cases) else 0


def poisson(mean: float, random: Random) -> int:
    """A count with this mean, below 50 (Knuth's product of uniforms)."""
    limit, product, count = exp(-mean), random.random(), 0
    while product > limit:
        product *= random.random()
        count += 1
    return count
