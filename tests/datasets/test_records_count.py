"""The list behind every number holds as many rows as the number says: every indicator, dimension, member and part.

For what is counted from rows the number of rows is the number; for a median or an average
it is the number of rows it is of. For what is reported it is the sum of the listed values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from every_figure import COMMUNE, MONTH, NOW, ZONE, documents, dossiers, observations, petitions

from datasets.indicators.calculate import Calculator, Request
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.daily import Series
from datasets.indicators.record_counts import place
from datasets.indicators.records import RecordRequest, each_record, records, row_counts
from datasets.indicators.value import Value
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.store import Store
from datasets.units import OrgUnit, UnitTree
from datasets.working_days import WorkingCalendar

CATALOGUE = load_catalogue()
ROWS = {"dossier": dossiers, "document": documents, "petition": petitions}


def unit(code: str, level: str, parent: str | None) -> OrgUnit:
    return OrgUnit(code, f"Đơn vị {code}", level, parent, level, None, None, None, None, None)


TREE = UnitTree(
    (
        unit("98", "province", None),
        unit(COMMUNE, "commune", "98"),
        unit("98002", "commune", "98"),
        *(unit(f"{COMMUNE}-{n}", "hamlet", COMMUNE) for n in (1, 2, 3)),
    )
)


@pytest.fixture
def calculator(store: Store, deliver) -> Calculator:
    for name, rows in ROWS.items():
        outcome = deliver(store, list(rows()), dataset=BY_NAME[name], source="sim")
        assert outcome.quarantined == 0, name
    deliver(store, list(observations(CATALOGUE)), dataset=BY_NAME["observation"], source="reports")
    return Calculator(store, CATALOGUE, TREE, WorkingCalendar(), ZONE, lambda: NOW)


def wanted(value: Value, kind: str, part: str) -> float:
    number = value.denominator if part == "denominator" or kind in ("median", "average") else value.numerator
    return number or 0


def one(calculator: Calculator, indicator: str, period: Period, rules: str, filters: Mapping[str, str]) -> Value:
    (value,) = calculator.values(Request((indicator,), (COMMUNE,), (period,), rules=rules, filters=filters))
    return value


@pytest.mark.parametrize("dataset", sorted(ROWS))
def test_as_many_rows_as_the_number_says(calculator: Calculator, dataset: str) -> None:
    checked = 0
    for definition in CATALOGUE.indicators.values():
        if definition.numerator.dataset != dataset:
            continue
        for rules in ("06a", "07a", "766") if dataset == "dossier" else ("06a",):
            numerator, denominator = definition.components(rules)
            parts = ("numerator", "denominator") if denominator is not None else ("numerator",)
            asked: list[tuple[dict[str, str], Value]] = [({}, one(calculator, definition.id, MONTH, rules, {}))]
            for dimension in definition.drill_by if rules == "06a" else ():
                split = Request((definition.id,), (COMMUNE,), (MONTH,), rules=rules, by=dimension)
                asked += [(dict(value.by or {}), value) for value in calculator.values(split)]
            for filters, value in asked:
                for part in parts:
                    request = RecordRequest(definition.id, COMMUNE, MONTH, part, rules, filters)
                    listed = sum(1 for _ in each_record(calculator, request))
                    said = row_counts(calculator, request).total
                    assert listed == said == wanted(value, numerator.kind, part), (
                        definition.id,
                        rules,
                        filters,
                        part,
                    )
                    checked += 1
    assert checked > 30


def test_a_part_asked_for_alone_is_what_the_breakdown_says_of_it(calculator: Calculator) -> None:
    for name in ("ps_received", "ps_pending_overdue", "ps_on_time_rate", "doc_backlog", "pt_received"):
        for dimension in CATALOGUE.indicators[name].drill_by:
            parts = calculator.values(Request((name,), (COMMUNE,), (MONTH,), by=dimension))
            required = {
                each.name for each in BY_NAME[CATALOGUE.indicators[name].numerator.dataset].fields if each.required
            }
            members = {(part.by or {})[dimension] for part in parts}
            assert ("" in members) == (dimension not in required), "some rows do not say what need not be said"
            for part in parts:
                alone = one(calculator, name, MONTH, "06a", part.by or {})
                assert (alone.value, alone.numerator, alone.denominator) == (
                    part.value,
                    part.numerator,
                    part.denominator,
                ), (name, part.by)


def test_the_listed_reports_add_up_to_the_number(calculator: Calculator) -> None:
    known = 0
    for definition in CATALOGUE.indicators.values():
        if definition.numerator.dataset != "observation":
            continue
        asked: list[dict[str, str]] = [{}]
        for dimension in definition.drill_by:
            split = Request((definition.id,), (COMMUNE,), (MONTH,), by=dimension)
            asked += [dict(value.by or {}) for value in calculator.values(split)]
        for filters in asked:
            value = one(calculator, definition.id, MONTH, "06a", filters)
            numbers = {"numerator": value.numerator, "denominator": value.denominator}
            for part in ("numerator", "denominator") if definition.denominator and not filters else ("numerator",):
                request = RecordRequest(definition.id, COMMUNE, MONTH, part, filters=filters, limit=None)
                page = records(calculator, request)
                assert page.total == len(page.rows)
                told = sum(float(str(row["value"])) for row in page.rows) if page.rows else None
                assert told == pytest.approx(numbers[part]), (definition.id, part, filters)
                known += bool(page.rows)
    assert known > 150


def test_pages_and_the_whole_list_hold_the_same_rows_once(calculator: Calculator, monkeypatch) -> None:
    request = RecordRequest("ps_received", COMMUNE, Period.parse("2026"))
    whole = [row["dossier_code"] for row in each_record(calculator, request)]
    assert len(set(whole)) == len(whole) == 160
    for most in (1_000, 10):  # sorted at once, and as a long list unit by unit
        monkeypatch.setattr("datasets.indicators.records.SORTED_AT_ONCE", most)
        for sort in (
            (),
            (("hamlet", True),),
            (("due_at", False),),
            (("received_at", True),),
            (("received_at", False),),
        ):
            pages = [
                records(
                    calculator, RecordRequest("ps_received", COMMUNE, request.period, sort=sort, offset=at, limit=7)
                )
                for at in range(0, 168, 7)
            ]
            found = [row for page in pages for row in page.rows]
            if sort and sort[0][0] != "hamlet":  # neither may be unknown here
                moments = [row[sort[0][0]] for row in found if row[sort[0][0]] is not None]
                assert moments == sorted(moments, reverse=not sort[0][1])
            assert {page.total for page in pages} == {160}
            assert {page.by_unit for page in pages} == {most == 10}
            assert sorted(str(row["dossier_code"]) for row in found) == sorted(map(str, whole))


def test_a_search_finds_the_words_whatever_their_case(calculator: Calculator) -> None:
    year = Period.parse("2026")
    found = {
        words: row_counts(calculator, RecordRequest("ps_received", COMMUNE, year, search=words)).total
        for words in ("d0001", "D0001", "khai sinh", "KHAI SINH", "%", "không có")
    }
    assert found["d0001"] == found["D0001"] == 1
    assert found["khai sinh"] == found["KHAI SINH"] > 10
    assert found["%"] == found["không có"] == 0


def test_the_day_a_row_number_lies_on_is_found_from_both_ends() -> None:
    """Days of 2, 0, 3 and 1 rows: rows 0-1, 2-4 and 5; from the end row 0 is the last day's only one."""
    first, second, third, last = (date(2026, 11, day) for day in (2, 3, 4, 5))
    counts = Series.of({first: 2, second: 0, third: 3, last: 1})
    assert [place(counts, row) for row in range(7)] == [
        (first, 0),
        (first, 1),
        (third, 0),
        (third, 1),
        (third, 2),
        (last, 0),
        (None, 6),
    ]
    assert [place(counts, row, ascending=False) for row in range(7)] == [
        (last, 0),
        (third, 0),
        (third, 1),
        (third, 2),
        (first, 0),
        (first, 1),
        (None, 6),
    ]
    assert place(Series.of({}), 0) == (None, 0)


def test_a_filter_that_no_daily_count_keeps_is_counted_from_the_rows_and_pages_by_day_as_well(
    calculator: Calculator, monkeypatch
) -> None:
    monkeypatch.setattr("datasets.indicators.records.SORTED_AT_ONCE", 10)
    for indicator in ("ps_received", "ps_on_time_rate", "ps_pending"):
        asked = RecordRequest(indicator, COMMUNE, Period.parse("2026"), filters={"hamlet": "Thôn Đông"})
        whole = [row["dossier_code"] for row in each_record(calculator, asked)]
        counts = row_counts(calculator, asked)
        assert counts.total == len(whole) > 10
        for at in (0, 3, 8, len(whole) - 1):
            rows = records(calculator, replace(asked, offset=at, limit=1), counts).rows
            assert [row["dossier_code"] for row in rows] == [whole[at]], (indicator, at)
