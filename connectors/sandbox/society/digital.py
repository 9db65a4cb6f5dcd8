"""What a commune's office types by the month: work without paper, digital life, land and income.

A line is an element, a period, a part and a value. Counts, not rates, so that communes add up to a province;
each grows with the months that have passed. A function of the seed, the commune and the month alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

from connectors.sandbox.society.figures import TEMPERS, Temper

Line = tuple[str, str, str, float]
HAMLETS = 8
LAND = {"agricultural": 0.689, "non_agricultural": 0.282, "unused": 0.029}
ADULT = 0.76
"""Share of the people who are 15 or older."""


def lines(unit: str, month: date, seed: int, first: date) -> Iterator[Line]:
    """All lines of the month that begins on `month`; those of a year come with its first month."""
    temper, period = TEMPERS[unit], f"{month:%Y%m}"
    passed = (month.year - first.year) * 12 + month.month - first.month
    random = Random(f"{seed} digital {unit} {period}")
    for element, value in {
        **_office(temper, passed, random),
        **_people(temper, passed),
        **_services(temper, passed, random),
        "se_hamlets": HAMLETS,
        "se_hamlet_digital_teams": HAMLETS - max(0, 3 - passed // 6),
        "se_commune_digital_teams": 1,
    }.items():
        yield element, period, "", value
    if month.month == 1 or month == first:
        yield from _of_year(temper, month.year)


def _office(temper: Temper, passed: int, random: Random) -> dict[str, float]:
    """Accounts, certificates, work files, machines of the office."""
    staff = 18 + temper.people // 1000
    files = round((120 + temper.people / 80) * random.uniform(0.85, 1.15))
    online = min(0.96, 0.44 + 0.011 * passed) * (0.55 + 0.45 * temper.working)
    reports = 22 + random.randrange(4)
    return {
        "doc_work_files": files,
        "doc_work_files_online": round(files * online),
        "doc_accounts_issued": staff + 2,
        "doc_accounts_active": staff + 2 - sum(random.random() > temper.working for _ in range(staff)),
        "doc_certificates_needed": staff,
        "doc_certificates_issued": staff - max(0, 9 - passed // 4),
        "doc_certificates_expiring": random.randrange(0, 3 + round(30 * (1 - temper.working))),
        "doc_email_accounts_active": staff - sum(random.random() > temper.working for _ in range(staff)),
        "se_computers": staff + 4,
        "se_computers_antivirus": staff + 4 - sum(random.random() > temper.working for _ in range(staff)),
        "se_databases_needed": 9,
        "se_databases_connected": min(9, 3 + passed // 6),
        "se_reports_due": reports,
        "se_reports_on_time": reports - sum(random.random() > temper.working for _ in range(reports)),
        "se_video_meetings": 3 + random.randrange(5),
        "se_network_outages": sum(random.random() > temper.working for _ in range(6)),
        "se_ioc_visits": round((60 + 4 * passed) * random.uniform(0.8, 1.2)),
        "se_outward_feeds": 20 + random.randrange(4),
        "se_register_records": temper.people // 9 + 14 * passed,
        "se_training_classes": 1 + passed // 3,
        "se_officials_trained": min(staff, 6 + passed),
    }


def _people(temper: Temper, passed: int) -> dict[str, float]:
    """How many people and households live digitally; never falls."""
    adults = round(temper.people * ADULT)
    pace = 0.8 + 0.2 * temper.working

    def of(whole: float, begun: float, monthly: float) -> int:
        return round(whole * min(0.98, (begun + monthly * passed) * pace))

    return {
        "se_people_15": adults,
        "se_smartphone_people": of(adults, 0.58, 0.008),
        "se_bank_account_people": of(adults, 0.49, 0.010),
        "se_cashless_people": of(adults, 0.13, 0.009),
        "se_online_shoppers": of(adults, 0.11, 0.007),
        "se_fibre_households": of(temper.households, 0.52, 0.008),
        "se_digital_addresses": of(temper.households, 0.35, 0.018),
        "se_citizen_app_accounts": of(temper.people, 0.06, 0.006),
        "ps_vneid_accounts": of(adults, 0.40, 0.014),
        "se_ewallet_accounts": of(adults, 0.18, 0.008),
        "hl_medici_installs": of(temper.people, 0.05, 0.005),
        "hl_ask_doctor_members": of(temper.people, 0.04, 0.005),
        "se_sms_households": of(temper.households, 0.60, 0.006),
        "se_social_members": of(temper.people, 0.20, 0.007),
    }


def _services(temper: Temper, passed: int, random: Random) -> dict[str, float]:
    """Products, posts, bulletins, books of the month."""
    return {
        "se_ocop_products": 1 + passed // 12 + temper.people // 6000,
        "se_social_posts": 18 + random.randrange(14),
        "se_bulletins": 52 + random.randrange(10),
        "ed_library_visits": round(temper.people * 0.05 * random.uniform(0.8, 1.2)),
        "ed_preschool_classes_managed": 6 + temper.people // 3000,
    }


def _of_year(temper: Temper, year: int) -> Iterator[Line]:
    """Land of the year, and the income of the year before, as it is reckoned in January."""
    land = temper.people * 0.0986
    yield "se_land_area", str(year), "", round(land, 2)
    for part, share in LAND.items():
        yield "se_land_area", str(year), part, round(land * share, 2)
    mean = (49 + 3.4 * (year - 2023)) * (0.6 + 0.4 * temper.working)
    yield "se_income_total", str(year - 1), "", round(temper.people * mean)
    yield "se_income_people", str(year - 1), "", temper.people
