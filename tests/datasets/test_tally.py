"""Rows that are read once for a whole page tell the same as rows read for one number, however they are grouped.

That each number is right is the business of test_calculate.py.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from every_figure import COMMUNE, NOW, ZONE, documents, dossiers, petitions

from datasets.indicators import scope_plan, tally, tally_statement
from datasets.indicators.calculate import Calculator, Request
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.value import Value
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.units import OrgUnit, UnitTree
from datasets.working_days import WorkingCalendar

CATALOGUE = load_catalogue()
ROWS = {"dossier": dossiers, "document": documents, "petition": petitions}
NOW_ON = ("2026W47", "202611", "202609")
PAST = ("2026W41", "202609")


@pytest.fixture
def calculator(store, deliver) -> Calculator:
    for name, rows in ROWS.items():
        deliver(store, list(rows()), dataset=BY_NAME[name])
    units = UnitTree((OrgUnit(COMMUNE, "Xã", "commune", None, "commune", None, None, None, None, None),))
    return Calculator(store, CATALOGUE, units, WorkingCalendar(), ZONE, lambda: NOW)


def page(names: tuple[str, ...]) -> list[Request]:
    """Everything that is counted from rows, whole and in every breakdown, as on a page that has it all."""
    periods = tuple(map(Period.parse, names))
    counted = [each for each in CATALOGUE.indicators.values() if each.numerator.dataset != "observation"]
    found = [Request(tuple(each.id for each in counted), (COMMUNE,), periods)]
    for by in sorted({by for each in counted for by in each.drill_by}):
        found.append(Request(tuple(each.id for each in counted if by in each.drill_by), (COMMUNE,), periods, by=by))
    return found


def everything(calculator: Calculator, names: tuple[str, ...]) -> list[list[Value]]:
    tally_statement.question_of.cache_clear()  # what is kept was made for the settings of the test before
    calculator.planner.plan.cache_clear()
    return calculator.answers(page(names))


@pytest.mark.parametrize("names", [NOW_ON, PAST])
def test_a_page_tells_what_its_parts_tell_alone_and_however_the_rows_are_grouped(calculator, monkeypatch, names):
    together = everything(calculator, names)
    assert sum(value.value is not None for values in together for value in values) > 300
    assert [calculator.values(request) for request in page(names)] == together
    monkeypatch.setattr(tally_statement, "MOST_BITS", 2)
    assert everything(calculator, names) == together, "many masks"
    for units, days in ((9, 0), (9, 999), (0, 31)):
        monkeypatch.setattr(tally, "FEW_UNITS", units)
        monkeypatch.setattr(scope_plan, "FEW_UNITS", units)  # of many, PostgreSQL is asked two things at a time
        monkeypatch.setattr(tally, "FEW_ROWS", timedelta(days=days))
        monkeypatch.setattr(tally, "FEW_CELLS", timedelta(days=10 * days))
        assert everything(calculator, names) == together, f"rows of {units} units and {days} days one by one"
    monkeypatch.undo()
    tally_statement.question_of.cache_clear()


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_what_ended_in_a_period_is_told_by_the_index_alone(calculator: Calculator) -> None:
    """A province's month is some 200,000 rows: reading each of them took ten times as long."""
    names = ("ps_median_working_days", "ps_satisfaction", "ps_satisfied_rate", "doc_median_days")
    asked: list[str] = []
    engine = calculator.store.pages
    sa.event.listen(engine, "checkout", lambda connection, *_: connection.set_trace_callback(asked.append))
    assert all(each.value for each in calculator.values(Request(names, (COMMUNE,), (Period.parse("202610"),))))
    with engine.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}").all() for each in asked if "SELECT" in each]
    led = [step for plan in plans for *_, step in plan if "_end " in step]
    assert {step.split()[1] for step in led} == {"dossier", "document"}
    assert all("USING COVERING INDEX" in step for step in led), led
