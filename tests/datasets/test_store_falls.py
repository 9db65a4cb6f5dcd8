"""Cumulative figures never fall within their year without a note."""

from __future__ import annotations

import pytest

from datasets.schema import OBSERVATION
from datasets.schema.dataset import Context, Row
from datasets.store import Store
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar
from tests.conftest import NOW, VIETNAM

CUMULATIVE = frozenset({"se_budget_revenue"})


def deliver(store: Store, *rows: Row, source: str = "budget") -> tuple[int, int]:
    """(accepted, set aside) of one delivery."""
    validator = Validator(OBSERVATION, Context(NOW, VIETNAM, WorkingCalendar()), source, None)
    with store.delivery(OBSERVATION, source, store.ledger.begin(source, "observation")) as delivery:
        for number, row in enumerate(rows):
            checked = validator.check({"unit": "99001", "element": "se_budget_revenue", **row}, str(number))
            assert isinstance(checked, tuple), checked
            delivery.stage([checked])
        delivery.set_falls_aside(CUMULATIVE)
        outcome = delivery.commit(read=len(rows))
    return outcome.new + outcome.changed + outcome.unchanged, outcome.quarantined


def said(period: str, value: float, **more: object) -> Row:
    return {"period": period, "value": value, **more}


YEAR = [said(f"2026{month:02}", 100.0 * month) for month in range(1, 10)]


def test_a_rising_year_passes_and_the_new_year_begins_anew(store: Store) -> None:
    assert deliver(store, *YEAR, said("202512", 5000.0)) == (10, 0)


def test_a_fall_against_the_store_is_set_aside_with_its_reason(store: Store) -> None:
    deliver(store, *YEAR)
    assert deliver(store, said("202610", 850.0), said("202610", 1.0, element="se_x"), said("202611", 1200.0)) == (2, 1)
    (aside,) = store.quarantine.list("budget")
    assert [(p["field"], p["code"], p["value"]) for p in aside.problems] == [("value", "cumulative_fell", "850.0")]


def test_a_fall_inside_one_delivery_is_seen_too(store: Store) -> None:
    assert deliver(store, *YEAR, said("202610", 890.0)) == (9, 1)


def test_a_note_lets_a_correction_through(store: Store) -> None:
    deliver(store, *YEAR)
    assert deliver(store, said("202610", 850.0, note="Quyết toán lại khoản thu")) == (1, 0)


def test_the_same_month_may_be_corrected_but_not_below_the_one_before(store: Store) -> None:
    deliver(store, *YEAR)
    assert deliver(store, said("202609", 820.0), said("202601", 90.0), said("202602", 150.0)) == (3, 0)
    assert deliver(store, said("202609", 700.0), *(said("20261" + n, 2000.0) for n in "01")) == (2, 1)


def test_a_month_may_not_rise_above_a_later_one(store: Store) -> None:
    deliver(store, *YEAR)
    assert deliver(store, said("202605", 5000.0), said("202610", 1000.0)) == (1, 1)


def test_a_whole_corrected_year_is_judged_by_itself(store: Store) -> None:
    deliver(store, *YEAR)
    lower = [said(f"2026{month:02}", 10.0 * month) for month in range(1, 10)]
    assert deliver(store, *lower) == (9, 0)


@pytest.mark.parametrize("other", [{"unit": "99002"}, {"category": "a"}, {"element": "se_poor_households"}])
def test_series_are_kept_apart(store: Store, other: Row) -> None:
    deliver(store, *YEAR)
    assert deliver(store, said("202610", 1.0, **other)) == (1, 0)
