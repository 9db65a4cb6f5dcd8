"""What need not be computed for privacy: periods of which no unit, or more than one, has a small number."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from dashboard.privacy import is_small
from datasets.indicators.calculate import Calculator, Request
from datasets.indicators.catalogue import load_catalogue
from datasets.periods import Period, PeriodType
from datasets.schema import BY_NAME
from datasets.schema.dataset import Context
from datasets.store import Store
from datasets.units import OrgUnit, UnitTree
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, tzinfo=ZONE)
CATALOGUE = load_catalogue()
MINIMUM = 5
CATEGORY = "dengue"
COMMUNES = ("99001", "99002", "99003", "99004")
SENSITIVE = tuple(
    d.id
    for d in CATALOGUE.indicators.values()
    if d.sensitive and d.numerator.dataset == "observation" and d.id[:2] in ("ed", "hl")
)


def unit(code: str, level: str, parent: str | None, ends: date | None = None, successor: str | None = None) -> OrgUnit:
    return OrgUnit(code, code, level, parent, level, None, ends, successor, None, None)


def tree(merged: bool) -> UnitTree:
    """A province whose first commune tells by its hamlets; the last was taken over by the one before, or not."""
    gone = (date(2026, 8, 31), "99003") if merged else (None, None)
    return UnitTree(
        (
            unit("99", "province", None),
            *(unit(code, "commune", "99") for code in COMMUNES[:3]),
            unit("99004", "commune", "99", *gone),
            *(unit(f"99001-{n}", "hamlet", "99001") for n in (1, 2)),
        )
    )


def tell(store: Store, chance: random.Random) -> None:
    """Numbers of some months and weeks of some elements, small and large, of communes or of hamlets."""
    dataset = BY_NAME["observation"]
    validator = Validator(dataset, Context(NOW, ZONE, WorkingCalendar()), "test", None)
    components = [c for name in SENSITIVE for c in CATALOGUE.indicators[name].components("") if c is not None]
    rows = []
    for element in sorted({str(component.element) for component in components}):
        kinds = [k for k in (PeriodType.MONTH, PeriodType.WEEK) if k in CATALOGUE.elements[element].periods]
        for code in ("99001-1", "99001-2", *COMMUNES[1:]):
            for kind in kinds:
                for n in range(6):
                    if chance.random() < 0.6:
                        period = Period.of(NOW.date(), kind).previous(n)
                        for category in ("", CATEGORY):
                            value = chance.choice((0, 1, 2, 4, 5, 30, 80, 300))
                            said = {"unit": code, "element": element, "period": period.id, "value": value}
                            rows.append(validator.check(said | {"category": category}, "1"))
    with store.delivery(dataset, "test", store.ledger.begin("test", "observation")) as delivery:
        delivery.stage([row for row in rows if isinstance(row, tuple)])
        delivery.commit(read=len(rows), as_of=NOW)


@pytest.mark.parametrize("seed", range(6))
def test_where_one_unit_alone_has_a_small_cell_its_neighbours_are_computed(store: Store, seed: int) -> None:
    tell(store, random.Random(seed))
    calculator = Calculator(store, CATALOGUE, tree(merged=seed % 2 == 1), WorkingCalendar(), ZONE, lambda: NOW)
    months = tuple(Period.parse("202611").previous(n) for n in range(6))
    weeks = tuple(Period.parse("2026W47").previous(n) for n in range(4))
    whole = Request(SENSITIVE, COMMUNES, (*months, *weeks))
    requests = [whole, replace(whole, filters={"category": CATEGORY})]
    for request, parts in zip(requests, calculator.where_lone(requests, MINIMUM), strict=True):
        small: dict[tuple[str, str], int] = {}
        for value in calculator.values(request):
            small[value.indicator, value.period] = small.get((value.indicator, value.period), 0) + is_small(
                value, MINIMUM
            )
        looked_at = {(name, period.id) for part in parts for name in part.indicators for period in part.periods}
        assert {place for place, units in small.items() if units == 1} <= looked_at
        assert len(looked_at) < len(small), "and not everywhere"
        assert all((part.units, part.filters) == (COMMUNES, request.filters) for part in parts)
    assert calculator.where_lone(requests[:1], MINIMUM) == calculator.where_lone(requests, MINIMUM)[:1]
