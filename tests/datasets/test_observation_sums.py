"""A unit above many others: added up by the store, or unit by unit, its numbers are the same."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from datasets.indicators import observation_values
from datasets.indicators.calculate import Calculator, Request
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.window import Window
from datasets.periods import Period, PeriodType
from datasets.schema import BY_NAME
from datasets.schema.dataset import Context, Row
from datasets.store import Store
from datasets.units import OrgUnit, UnitTree
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar
from tests.conftest import NOW, VIETNAM

CATALOGUE, CALENDAR = load_catalogue(), WorkingCalendar()
COMMUNES = tuple(f"990{n:02}" for n in range(1, 6))
HAMLETS = tuple(f"{commune}-T{n}" for commune in COMMUNES for n in (1, 2))
FIRST = date(2025, 9, 1)
WINDOWS = (
    *(Period.parse(said) for said in ("2025", "2025Q4", "202512", "2026", "2026S1", "202603", "202604", "2026W15")),
    *(Period.parse(said) for said in ("20260408", "202701", "2024")),
    Window("202604", date(2026, 4, 1), date(2026, 4, 10)),
)


def unit(code: str, level: str, parent: str | None) -> OrgUnit:
    return OrgUnit(code, code, level, parent, level, None, None, None, None, None)


TREE = UnitTree(
    (
        unit("99", "province", None),
        *(unit(code, "commune", "99") for code in COMMUNES),
        *(unit(code, "hamlet", code.partition("-")[0]) for code in HAMLETS),
    )
)


def told(chance: random.Random, element: str, types: tuple[PeriodType, ...], categories: tuple[str, ...]) -> list[Row]:
    """What some units of one depth, or of any, told of an element: one now and then comes late or not at all."""
    depth = chance.choice((("99",), COMMUNES, COMMUNES, COMMUNES, HAMLETS, ("99", *COMMUNES, *HAMLETS)))
    rows: list[Row] = []
    for code in depth:
        for kind in types if chance.random() < 0.3 else types[:1]:
            period = Period.of(FIRST + timedelta(days=chance.choice((0, 0, 0, 100, 200))), kind)
            while period.start < date(2026, 5, 1):
                if chance.random() < (0.1 if kind is PeriodType.DAY else 0.8):
                    one = {"unit": code, "element": element, "period": period.id}
                    some = (category for category in ("", *categories) if chance.random() < 0.9)
                    rows += [{**one, "category": category, "value": float(chance.randint(0, 90))} for category in some]
                period = period.next()
    return rows


def deliver(store: Store, source: str, rows: list[Row]) -> None:
    validator = Validator(BY_NAME["observation"], Context(NOW, VIETNAM, CALENDAR), source, None)
    with store.delivery(BY_NAME["observation"], source, store.ledger.begin(source, "observation")) as delivery:
        checked = [validator.check(row, str(number)) for number, row in enumerate(rows)]
        delivery.stage([row for row in checked if isinstance(row, tuple)])
        delivery.commit(read=len(rows), as_of=NOW)


@pytest.mark.parametrize("seed", range(4))
def test_added_up_by_the_store_or_unit_by_unit_the_numbers_are_the_same(
    store: Store, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = random.Random(seed)
    indicators = [
        definition.id for definition in CATALOGUE.indicators.values() if definition.numerator.dataset == "observation"
    ]
    asked = tuple(chance.sample(sorted(indicators), 25))
    components = (c for name in asked for c in CATALOGUE.indicators[name].components("06a") if c is not None)
    elements = [CATALOGUE.elements[name] for name in dict.fromkeys(str(c.element) for c in components)]
    by_source: dict[str, list[Row]] = {"a": [], "b": []}
    for element in elements:
        categories = tuple(sorted(element.categories)[:2])
        types = tuple(chance.sample(element.periods, len(element.periods)))
        for row in told(chance, element.id, types, categories):
            by_source["a" if str(row["unit"]) < "99004" else "b"].append(row)
    for source, rows in by_source.items():
        deliver(store, source, rows)
    calculator = Calculator(store, CATALOGUE, TREE, CALENDAR, VIETNAM, lambda: NOW)
    requests = (
        Request(asked, ("99",), WINDOWS),
        Request(asked, ("99001",), WINDOWS[:3]),
        Request(asked[:3], ("99",), WINDOWS[2:3], by="unit"),
    )
    one_by_one = calculator.answers(requests)
    monkeypatch.setattr(observation_values, "MANY", 0)
    assert calculator.answers(requests) == one_by_one
    assert sum(value.value is not None for values in one_by_one for value in values) > 50
