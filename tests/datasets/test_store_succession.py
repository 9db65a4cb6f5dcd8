"""A number stands until a newer one of its series begins: found by the write, equal to looking for the newest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from datasets.periods import Period
from datasets.schema import OBSERVATION
from datasets.schema.dataset import Context, Row
from datasets.store import Store
from datasets.store.tables import STANDS_STILL, TABLES
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar
from tests.conftest import NOW, VIETNAM

TABLE = TABLES["observation"]
PERIODS = (
    "2025",
    "2025Q4",
    "202510",
    "202511",
    "2025W45",
    "2025W46",
    "20251112",
    "202512",
    "202601",
    "2026Q1",
    "202602",
)


def deliver(store: Store, rows: list[Row], withdrawn: tuple[str, ...] = ()) -> None:
    validator = Validator(OBSERVATION, Context(NOW, VIETNAM, WorkingCalendar()), "reports", None)
    with store.delivery(OBSERVATION, "reports", store.ledger.begin("reports", "observation")) as delivery:
        for number, row in enumerate(rows):
            checked = validator.check({"unit": "99001", "element": "se_population", "value": 7.0, **row}, str(number))
            assert isinstance(checked, tuple), checked
            delivery.stage([checked])
        delivery.withdraw(withdrawn)
        delivery.commit(read=len(rows))


def held(store: Store) -> dict[tuple[str, str, str], tuple[date, date]]:
    """By unit, period and category the first day and the last on which an observation stands, taken back or not."""
    key = (TABLE.c.unit, TABLE.c.period, TABLE.c.category)
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(*key, TABLE.c.period_start, TABLE.c.superseded_on).order_by(*key)).all()
    return {(unit, period, category): (start, until) for unit, period, category, start, until in rows}


def newest(there: set[tuple[str, str, str]], unit: str, day: date) -> Iterator[tuple[str, str, str]]:
    """The oracle: of what began before a day, all of the period that ends last, and began last of those."""
    begun = [(one, Period.parse(one[1])) for one in there if one[0] == unit and Period.parse(one[1]).start < day]
    latest = max(((period.end, period.start) for _, period in begun), default=None)
    return (one for one, period in begun if (period.end, period.start) == latest)


@pytest.mark.parametrize("seed", range(12))
def test_what_stands_on_a_day_is_the_newest_that_had_begun_whatever_came_in_which_order(
    store: Store, seed: int
) -> None:
    chance = random.Random(seed)
    there: set[tuple[str, str, str]] = set()
    for _ in range(4):
        given = {(u, p, c) for u in "12" for p in PERIODS for c in ("", "a") if chance.random() < 0.25}
        gone = {one for one in there - given if chance.random() < 0.2}
        rows = [{"unit": f"9900{u}", "period": p, "category": c, "value": chance.random()} for u, p, c in sorted(given)]
        deliver(store, rows, tuple(f"9900{u}/se_population/{p}/{c}" for u, p, c in sorted(gone)))
        there = there - gone | given
        stands = held(store)
        for unit in "12":
            for day in (date(2025, 9, 1) + timedelta(days=7 * n) for n in range(40)):
                found = {(u[-1], p, c) for (u, p, c), (a, b) in stands.items() if u[-1] == unit and a < day <= b}
                assert found == set(newest(there, unit, day)), (unit, day)


def test_the_newest_of_all_stands_still(store: Store) -> None:
    deliver(store, [{"period": "202601"}, {"period": "202602"}])
    assert [until for _, until in held(store).values()] == [date(2026, 2, 1), STANDS_STILL]


def test_a_number_taken_back_stands_on_no_day_and_the_one_before_it_stands_again(store: Store) -> None:
    deliver(store, [{"period": "202601"}, {"period": "202602"}])
    deliver(store, [], ("99001/se_population/202602/",))
    (_, before), (start, until) = held(store).values()
    assert (before, until) == (STANDS_STILL, start)
    deliver(store, [{"period": "202602"}])
    assert [until for _, until in held(store).values()] == [date(2026, 2, 1), STANDS_STILL]
