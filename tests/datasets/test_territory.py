"""Merged communes: whose rows count to which unit, and roll-ups that are exact at every level.

P ── A ── A1, A2                 until 30/6/2026
  ── B ── B1                     merged into A on 1/7/2026; hamlet B1 went to A with its code
  ── C ── C1                     C1 dissolved on 31/8/2026 without a successor
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from dossier_oracle import form
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.indicators.calculate import Calculator, Request
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.records import RecordRequest, records
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.schema.dataset import Context, Row
from datasets.store import Store
from datasets.units import OrgUnit, UnitTree
from datasets.units_territory import Boundaries, Territories
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
CATALOGUE = load_catalogue()
CALENDAR = WorkingCalendar()
BEFORE, AFTER = date(2026, 6, 30), date(2026, 7, 1)
JUNE, JULY, NOVEMBER = (Period.parse(month) for month in ("202606", "202607", "202611"))


def unit(
    code: str, level: str, parent: str | None, begin: date | None = None, end: date | None = None, to: str | None = None
) -> OrgUnit:
    return OrgUnit(code, f"Đơn vị {code}", level, parent, level, begin, end, to, None, None)


TREE = UnitTree(
    (
        unit("P", "province", None),
        unit("A", "commune", "P"),
        unit("A1", "hamlet", "A"),
        unit("A2", "hamlet", "A"),
        unit("B", "commune", "P", end=BEFORE, to="A"),
        unit("B1", "hamlet", "B", end=BEFORE, to="B1"),
        unit("B1", "hamlet", "A", begin=AFTER),
        unit("C", "commune", "P"),
        unit("C1", "hamlet", "C", end=date(2026, 8, 31)),
        unit("G", "group", "P"),
    )
)
CODES = ("P", "A", "A1", "A2", "B", "B1", "C", "C1")
PARENT = {"A": "P", "B": "P", "C": "P", "A1": "A", "A2": "A", "C1": "C"}


def home(code: str, day: date) -> str:
    """By hand, a second time: where a row of the code is counted on a day."""
    if code == "B" and day > BEFORE:
        return "A"
    return "C" if code == "C1" and day > date(2026, 8, 31) else code


def chain(code: str, day: date) -> list[str]:
    """The units a row of the code counts to on a day, from its home to the top."""
    found = [home(code, day)]
    while found[-1] != "P":
        found.append(PARENT.get(found[-1]) or ("A" if day > BEFORE else "B"))
    return found


def calculator(store: Store) -> Calculator:
    return Calculator(store, CATALOGUE, TREE, CALENDAR, ZONE, lambda: NOW)


def deliver(store: Store, dataset: str, rows: list[Row]) -> None:
    validator = Validator(BY_NAME[dataset], Context(NOW, ZONE, CALENDAR), "test", None)
    stored = [validator.check(row, str(i)) for i, row in enumerate(rows)]
    assert [row for row in stored if isinstance(row, list)] == []
    with store.delivery(BY_NAME[dataset], "test", store.ledger.begin("test", dataset)) as delivery:
        delivery.stage([row for row in stored if isinstance(row, tuple)])
        delivery.commit(read=len(rows), as_of=NOW)


def test_a_merged_commune_counts_to_its_successor_only_after_the_merger():
    territories = Territories(TREE)
    assert territories.on(BEFORE).home("B") == "B"
    assert territories.on(AFTER).home("B") == "A"
    assert set(territories.on(BEFORE).codes("A")) == {"A", "A1", "A2"}
    assert set(territories.on(AFTER).codes("A")) == {"A", "A1", "A2", "B", "B1"}
    assert [unit.code for unit in territories.on(BEFORE).children("P")] == ["A", "B", "C"]
    assert [unit.code for unit in territories.on(AFTER).children("P")] == ["A", "C"]


def test_a_part_that_ended_without_successor_goes_with_what_stood_above_it():
    assert Territories(TREE).on(date(2026, 9, 1)).home("C1") == "C"


def test_a_unit_that_stands_no_more_keeps_its_own_past():
    territories = Territories(TREE)
    assert set(territories.of("B", NOW.date()).codes("B")) == {"B", "B1"}


def test_a_group_of_communes_is_nobodys_part():
    assert "G" not in Territories(TREE).on(AFTER).codes("P")


@pytest.mark.parametrize("day", [BEFORE, AFTER, date(2026, 9, 1)])
def test_every_code_is_counted_once_below_the_top(day):
    territory = Territories(TREE).on(day)
    assert sorted(territory.codes("P")) == sorted(CODES)
    own = {code for code in CODES if home(code, day) == "P"}
    below = [code for child in territory.children("P") for code in territory.codes(child.code)]
    assert sorted([*below, *own]) == sorted(CODES)


FIRST = datetime(2026, 5, 4, 8, tzinfo=ZONE)


@st.composite
def dossiers(draw: st.DrawFn) -> Row:
    received = FIRST + timedelta(hours=draw(st.integers(0, 24 * 190)))
    end = min(received + timedelta(hours=draw(st.integers(0, 24 * 60))), NOW)
    done = draw(st.booleans())
    return {
        "unit": draw(st.sampled_from(CODES)),
        "channel": draw(st.sampled_from(["direct", "online"])),
        "status": "finished" if done else "processing",
        "received_at": min(received, end),
        "due_at": (received + timedelta(days=draw(st.integers(0, 40)))).date(),
        "finished_at": end if done else None,
    }


COUNTS = {
    "ps_received": "received",
    "ps_resolved": "resolved",
    "ps_resolved_late": "late",
    "ps_pending": "pending",
    "ps_pending_overdue": "pending_overdue",
    "ps_carried_over": "carried_over",
}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(dossiers(), min_size=1, max_size=14), boundaries=st.sampled_from(list(Boundaries)))
def test_roll_ups_are_exact_at_every_level_by_either_boundaries(store, rows, boundaries):
    with store.engine.begin() as connection:
        for name in ("dossier", "dossier_daily", "dossier_total"):
            connection.execute(sa.delete(store.tables[name]))
    deliver(store, "dossier", [row | {"dossier_code": f"D{i}"} for i, row in enumerate(rows)])
    found = {
        (value.indicator, value.unit, value.period): value
        for value in calculator(store).values(
            Request((*COUNTS, "ps_on_time_rate", "ps_median_working_days"), CODES, (JUNE, JULY, NOVEMBER),
                    boundaries=boundaries)
        )
    }  # fmt: skip
    for period in (JUNE, JULY, NOVEMBER):
        day = min(period.end - timedelta(days=1), NOW.date()) if boundaries is Boundaries.THEN else NOW.date()
        expected: dict[str, Counter[str]] = {}
        for code in CODES:
            stands = Territories(TREE).on(day).stands(code)
            mine = [row for row in rows if code in chain(str(row["unit"]), day)]
            if not stands:  # its own past, as it was
                mine = [row for row in rows if row["unit"] == code or (code == "B" and row["unit"] == "B1")]
            expected[code] = form(mine, period.start, period.end, NOW, "06a") if mine else Counter()
            for indicator, column in COUNTS.items():
                assert (found[indicator, code, period.id].value or 0) == expected[code][column], (indicator, code)
            rate = found["ps_on_time_rate", code, period.id].value
            resolved = expected[code]["resolved"]
            late = expected[code]["late"]
            assert rate == (pytest.approx(100 * (resolved - late) / resolved) if resolved else None)
        for indicator, column in COUNTS.items():
            children = [child.code for child in Territories(TREE).on(day).children("P")]
            own = form([row for row in rows if row["unit"] == "P"], period.start, period.end, NOW, "06a")[column]
            parts = sum(found[indicator, child, period.id].value or 0 for child in children)
            assert parts + own == (found[indicator, "P", period.id].value or 0), indicator


def test_asking_for_many_units_at_once_is_asking_for_each(store):
    rows = [
        {
            "unit": code, "dossier_code": f"{code}-{n}", "channel": "direct", "status": "finished",
            "received_at": FIRST + timedelta(days=9 * n), "due_at": (FIRST + timedelta(days=9 * n + 3)).date(),
            "finished_at": FIRST + timedelta(days=9 * n + n % 6),
        }
        for n in range(20)
        for code in CODES
    ]  # fmt: skip
    deliver(store, "dossier", rows)
    names = (*COUNTS, "ps_on_time_rate", "ps_median_working_days", "ps_online_rate")
    for boundaries in Boundaries:
        together = calculator(store).values(Request(names, CODES, (JUNE, JULY), boundaries=boundaries))
        alone = [
            value
            for name in names
            for code in CODES
            for value in calculator(store).values(Request((name,), (code,), (JUNE, JULY), boundaries=boundaries))
        ]
        assert together == alone


def test_many_units_cost_no_more_questions_than_two(sqlite_store):
    deliver(sqlite_store, "dossier", [
        {"unit": code, "dossier_code": code, "channel": "direct", "status": "processing", "received_at": FIRST}
        for code in CODES
    ])  # fmt: skip
    asked: list[str] = []
    sa.event.listen(sqlite_store.engine, "before_cursor_execute", lambda *event: asked.append(event[2]))
    mine = calculator(sqlite_store)
    names = ("ps_on_time_rate", "ps_pending_overdue")

    def questions(units: tuple[str, ...]) -> int:
        asked.clear()
        mine.values(Request(names, units, (JUNE, JULY)))
        return len(asked)

    assert questions(CODES) == questions(CODES[:2])


def test_by_unit_splits_a_unit_into_those_below_it_and_its_own(store):
    deliver(store, "dossier", [
        {"unit": code, "dossier_code": f"{code}{n}", "channel": "direct", "status": "processing",
         "received_at": datetime(2026, 6, 10, 8, tzinfo=ZONE)}
        for code, count in (("P", 1), ("A", 2), ("A1", 3), ("B", 4), ("B1", 5)) for n in range(count)
    ])  # fmt: skip
    for boundaries, expected in (
        (Boundaries.THEN, {"A": 5, "B": 9, "P": 1}),
        (Boundaries.NOW, {"A": 14, "P": 1}),
    ):
        values = calculator(store).values(Request(("ps_received",), ("P",), (JUNE,), by="unit", boundaries=boundaries))
        assert {value.by["unit"]: value.value for value in values} == expected


def observation(code: str, element: str, period: str, value: float) -> Row:
    return {"unit": code, "element": element, "period": period, "value": value}


def told(store: Store, indicator: str, code: str, period: Period, boundaries: Boundaries) -> float | None:
    (value,) = calculator(store).values(Request((indicator,), (code,), (period,), boundaries=boundaries))
    return value.value


def test_a_merged_communes_reports_are_added_to_its_successors_of_the_time_before(store):
    # A reports for itself in June, for the whole in November; B reported its last time in June
    rows = [("A", "2026W25", 10.0), ("B", "2026W25", 7.0), ("A", "2026W46", 21.0), ("C", "2026W25", 6.0)]
    deliver(store, "observation", [observation(code, "hl_cases", week, value) for code, week, value in rows])
    june, november = Period.parse("2026W25"), Period.parse("2026W46")
    assert told(store, "hl_cases", "A", june, Boundaries.THEN) == 10
    assert told(store, "hl_cases", "A", june, Boundaries.NOW) == 17
    assert told(store, "hl_cases", "A", november, Boundaries.NOW) == 21
    assert told(store, "hl_cases", "P", june, Boundaries.THEN) == 23
    assert told(store, "hl_cases", "P", june, Boundaries.NOW) == 23


def test_a_stock_told_after_the_merger_holds_what_was_taken_over(store):
    rows = [("A", "2025", 8000.0), ("B", "2025", 3000.0), ("A", "202609", 11500.0)]
    deliver(store, "observation", [observation(code, "se_population", year, value) for code, year, value in rows])
    assert told(store, "se_population", "A", Period.parse("202512"), Boundaries.THEN) == 8000
    assert told(store, "se_population", "A", Period.parse("202512"), Boundaries.NOW) == 11000
    assert told(store, "se_population", "A", NOVEMBER, Boundaries.NOW) == 11500
    assert told(store, "se_population", "B", NOVEMBER, Boundaries.NOW) == 3000


def test_hamlets_that_moved_are_not_counted_twice(store):
    rows = [("A1", "2026W25", 5.0), ("B1", "2026W25", 6.0), ("B", "2026W25", 9.0)]
    deliver(store, "observation", [observation(code, "hl_cases", week, value) for code, week, value in rows])
    week = Period.parse("2026W25")
    # B told 9 for itself with its hamlet in it; A told nothing, so its hamlets add up
    assert told(store, "hl_cases", "A", week, Boundaries.NOW) == 5 + 9
    assert told(store, "hl_cases", "P", week, Boundaries.THEN) == 5 + 9


def test_the_rows_behind_a_number_follow_the_same_boundaries(store):
    deliver(store, "dossier", [
        {"unit": code, "dossier_code": code, "channel": "direct", "status": "processing",
         "received_at": datetime(2026, 6, 10, 8, tzinfo=ZONE)}
        for code in ("A", "A1", "B", "B1")
    ])  # fmt: skip
    for boundaries, expected in ((Boundaries.THEN, ["A", "A1"]), (Boundaries.NOW, ["A", "A1", "B", "B1"])):
        page = records(calculator(store), RecordRequest("ps_received", "A", JUNE, boundaries=boundaries))
        assert sorted(str(row["dossier_code"]) for row in page.rows) == expected
        (value,) = calculator(store).values(Request(("ps_received",), ("A",), (JUNE,), boundaries=boundaries))
        assert value.value == page.total
