"""Figures reported by stations: weeks in months, categories below a commune, a target that grows with the year."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from datasets.indicators.calculate import Calculator, Request
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.status import target_on
from datasets.indicators.value import Value
from datasets.indicators.window import Window
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.schema.dataset import Context
from datasets.store import Store
from datasets.units import OrgUnit, UnitTree
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
CATALOGUE = load_catalogue()


def unit(code: str, level: str, parent: str | None) -> OrgUnit:
    return OrgUnit(code, f"Đơn vị {code}", level, parent, level, None, None, None, None, None)


TREE = UnitTree(
    (
        unit("99", "province", None),
        *(unit(commune, "commune", "99") for commune in ("99001", "99002")),
        *(unit(f"{commune}-TYT", "facility", commune) for commune in ("99001", "99002")),
    )
)


def values(store: Store, rows: list[tuple[str, str, str, float]], request: Request) -> list[Value]:
    """Answers a request over observations of hl_cases: (unit, period, category, value)."""
    dataset = BY_NAME["observation"]
    validator = Validator(dataset, Context(NOW, ZONE, WorkingCalendar()), "test", None)
    names = ("unit", "period", "category", "value")
    stored = [validator.check({"element": "hl_cases", **dict(zip(names, row, strict=True))}, "1") for row in rows]
    with store.delivery(dataset, "test", store.ledger.begin("test", "observation")) as delivery:
        delivery.stage([row for row in stored if isinstance(row, tuple)])
        delivery.commit(read=len(rows), as_of=NOW)
    return Calculator(store, CATALOGUE, TREE, WorkingCalendar(), ZONE, lambda: NOW).values(request)


def test_a_week_over_the_edge_of_a_month_counts_in_the_month_of_its_thursday(store: Store) -> None:
    """Week 40 begins on 28 September, its Thursday is 1 October; week 44 on 26 October, its Thursday is the 29th."""
    weeks = [("99001-TYT", f"2026W{week}", "", 10.0**place) for place, week in enumerate(range(39, 46))]
    months = tuple(Period.parse(text) for text in ("202609", "202610", "202611", "2026Q4", "2026"))
    found = [value.value for value in values(store, weeks, Request(("hl_cases",), ("99001",), months))]
    assert found == [1, 111110, 1000000, 1111110, 1111111]


def test_a_part_of_a_month_takes_only_whole_weeks(store: Store) -> None:
    weeks = [("99001-TYT", "2026W40", "", 1.0), ("99001-TYT", "2026W41", "", 2.0), ("99001-TYT", "2026W42", "", 4.0)]
    part = Window("202610", date(2026, 10, 1), date(2026, 10, 14))  # week 42 begins on the 12th
    (found,) = values(store, weeks, Request(("hl_cases",), ("99001",), (part,)))
    assert found.value == 2


def test_diseases_of_a_commune_are_those_of_its_station_and_of_a_province_their_sum(store: Store) -> None:
    rows = [
        ("99001-TYT", "2026W46", "", 9.0),
        ("99001-TYT", "2026W46", "dengue", 6.0),
        ("99001-TYT", "2026W46", "influenza", 3.0),
        ("99002-TYT", "2026W46", "dengue", 5.0),
    ]
    asked = Request(("hl_cases",), ("99001", "99"), (Period.parse("2026W46"),), by="category")
    found = {(value.unit, (value.by or {})["category"]): value.value for value in values(store, rows, asked)}
    assert found == {
        ("99001", "dengue"): 6, ("99001", "influenza"): 3, ("99", "dengue"): 11, ("99", "influenza"): 3
    }  # fmt: skip


@pytest.mark.parametrize(
    ("period", "line"),
    [("202601", 100 / 12), ("202610", 1000 / 12), ("2026W46", 1100 / 12), ("2026Q2", 50), ("2026", 100)],
)
def test_the_line_of_full_immunisation_grows_by_a_twelfth_a_month(period: str, line: float) -> None:
    target = target_on(CATALOGUE.indicators["hl_full_immunisation_rate"], Period.parse(period).end)
    assert target is not None and target.value == pytest.approx(line)


def test_health_counts_of_people_are_sensitive_and_diseases_above_all() -> None:
    names = "hl_cases hl_cases_year hl_deaths hl_deaths_disease hl_antenatal_4_rate hl_underweight_rate"
    assert all(CATALOGUE.indicators[name].sensitive for name in names.split())


def test_research_targets_say_that_nobody_has_compared_them_with_the_law() -> None:
    found = [
        target for definition in CATALOGUE.for_panel("health") for target in definition.targets if not target.by_month
    ]
    assert found and all("chưa đối chiếu văn bản" in target.basis["vi"] and target.group for target in found)
