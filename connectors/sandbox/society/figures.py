"""A commune's figures of a month: budget, living, counters.

The budget rises through the year to about its plan, with a dip in the month of Tết and a
rush in December; poor households fall slowly, counters grow. A function of the seed, the
commune and the month alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

Figures = dict[str, float]
WEIGHTS = (6.5, 5.5, 7.5, 8.0, 8.0, 9.0, 8.5, 8.0, 8.5, 9.0, 9.0, 12.5)
"""Share of a year's budget by month, in percent; Tết falls into January or February."""
CUMULATIVE = {"se_budget_revenue": "se_budget_revenue_month", "se_budget_expenditure": "se_budget_expenditure_month"}


@dataclass(frozen=True, slots=True)
class Temper:
    """How a commune fares. Money in million dong; shares 0-1 of plan or of households.

    reaches    how much of its plan it has by the year's end
    working    share of cameras and loudspeakers that work
    """

    people: int
    households: int
    budget: float
    reaches: float
    invests: float
    poor: float
    working: float
    payments: int


TEMPERS: Mapping[str, Temper] = {
    "99001": Temper(8074, 2436, 24_500, 1.04, 0.97, 0.019, 0.97, 260),
    "99002": Temper(14_200, 4180, 41_000, 0.91, 0.74, 0.034, 0.86, 310),
    "99003": Temper(9_650, 2890, 27_800, 1.08, 0.93, 0.027, 0.95, 240),
    "99004": Temper(7_300, 2105, 19_200, 0.97, 0.88, 0.041, 0.90, 120),
    "99005": Temper(6_100, 1790, 16_400, 0.99, 0.90, 0.046, 0.91, 90),
    "99006": Temper(4_350, 1290, 12_900, 1.02, 0.95, 0.052, 0.94, 60),
}


def figures(unit: str, month: date, seed: int, first: date) -> Figures:
    """All figures of the month that begins on `month`; `first` is the month the history begins with."""
    temper = TEMPERS[unit]
    random = Random(f"{seed} society {unit} {month:%Y%m}")
    passed = (month.year - first.year) * 12 + month.month - first.month
    found = _budget(unit, temper, month, seed)
    found["se_population"] = round(temper.people * (1 + 0.0006 * passed))
    found["se_households"] = round(temper.households * (1 + 0.0009 * passed))
    share = temper.poor * max(0.35, 1 - 0.016 * passed)
    found["se_poor_households"] = round(temper.households * share)
    found["se_near_poor_households"] = round(temper.households * share * 1.45)
    found["se_jobs_created"] = sum(_jobs(unit, temper, month.replace(month=n), seed) for n in range(1, month.month + 1))
    found["se_security_incidents"] = max(0, round(random.gauss(temper.people / 2600, 1.2)))
    cameras = 18 + temper.people // 400 + passed // 2
    speakers = 12 + temper.households // 90
    found["se_cameras"], found["se_cameras_working"] = cameras, _working(cameras, temper.working, random)
    found["se_loudspeakers"], found["se_loudspeakers_working"] = speakers, _working(speakers, temper.working, random)
    quiet = 0.6 if month.month == 2 else 1.0
    found["se_website_visits_month"] = round(temper.people * (0.16 + 0.006 * passed) * quiet * random.uniform(0.9, 1.1))
    found["se_sms_sent_month"] = round(
        temper.households * 0.7 * (1 + 0.4 * (month.month in (1, 9))) * random.uniform(0.8, 1.2)
    )
    payments = round(temper.payments * (0.3 + 0.055 * passed) * quiet * random.uniform(0.9, 1.1))
    found["se_epayments_month"] = payments
    found["se_epayment_value_month"] = round(payments * random.uniform(0.017, 0.026), 2)
    found["se_products_online"] = 4 + passed // 3 + temper.households // 900
    return found


def _budget(unit: str, temper: Temper, month: date, seed: int) -> Figures:
    growth = 1.07 ** (month.year - 2023)
    plan = round(temper.budget * growth, -2)
    spending = round(plan * 0.98, -2)
    investment = round(plan * 0.34, -2)
    found: Figures = {
        "se_budget_revenue_plan": plan,
        "se_budget_expenditure_plan": spending,
        "se_investment_plan": investment,
    }
    revenue = expenditure = invested = 0.0
    for number in range(1, month.month + 1):
        random = Random(f"{seed} budget {unit} {month.year} {number}")
        weight = WEIGHTS[number - 1] / 100 * random.uniform(0.9, 1.1)
        late = 0.5 + number / 12  # investment is paid late in the year
        now = round(plan * temper.reaches * weight, 1)
        spent = round(spending * temper.reaches * WEIGHTS[number - 1] / 100 * random.uniform(0.88, 1.08), 1)
        paid = round(investment * temper.invests * WEIGHTS[number - 1] / 100 * late, 1)
        revenue, expenditure, invested = revenue + now, expenditure + spent, invested + paid
        found["se_budget_revenue_month"], found["se_budget_expenditure_month"] = now, spent
    found["se_budget_revenue"] = round(revenue, 1)
    found["se_budget_expenditure"] = round(expenditure, 1)
    found["se_investment_disbursed"] = round(invested, 1)
    return found


def _jobs(unit: str, temper: Temper, month: date, seed: int) -> int:
    random = Random(f"{seed} jobs {unit} {month:%Y%m}")
    return round(temper.people / 1000 * random.uniform(0.6, 1.5) * (1.6 if month.month in (3, 6) else 1.0))


def _working(number: int, share: float, random: Random) -> int:
    return number - sum(random.random() > share for _ in range(number))
