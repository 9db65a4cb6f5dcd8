from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from dossier_oracle import form
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.errors import UsageError
from datasets.indicators.calculate import Calculator, Request
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.example import complete_rows
from datasets.indicators.records import RecordRequest, records
from datasets.indicators.rules import BY_ID
from datasets.indicators.value import Value
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.schema.dataset import Context, Row
from datasets.schema.dossier import CHANNELS, STATUSES
from datasets.store import Store, open_store
from datasets.units import OrgUnit, UnitTree
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar
from tests.own_postgresql import new_database

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
CATALOGUE = load_catalogue()
CALENDAR = WorkingCalendar()


def unit(code: str, level: str, parent: str | None) -> OrgUnit:
    return OrgUnit(code, f"Đơn vị {code}", level, parent, level, None, None, None, None, None)


TREE = UnitTree(
    (
        unit("99", "province", None),
        *(unit(commune, "commune", "99") for commune in ("99001", "99002")),
        *(unit(f"99001-{hamlet}", "hamlet", "99001") for hamlet in ("T01", "T02")),
        *(unit(f"99001-{school}", "facility", "99001") for school in ("MN", "TH", "CS")),
    )
)


def calculator(store: Store, now: datetime = NOW) -> Calculator:
    return Calculator(store, CATALOGUE, TREE, CALENDAR, ZONE, lambda: now)


def deliver(store: Store, dataset: str, rows: Sequence[Row], now: datetime = NOW, source: str = "test") -> None:
    validator = Validator(BY_NAME[dataset], Context(now, ZONE, CALENDAR), source, None)
    stored = [validator.check(row, str(i)) for i, row in enumerate(rows)]
    assert [row for row in stored if isinstance(row, list)] == []
    with store.delivery(BY_NAME[dataset], source, store.ledger.begin(source, dataset)) as delivery:
        delivery.stage([row for row in stored if isinstance(row, tuple)])
        delivery.commit(read=len(rows), as_of=now)


def empty(store: Store) -> None:
    with store.engine.begin() as connection:
        for name in store.tables:
            connection.execute(sa.delete(store.tables[name]))


def one(values: list[Value]) -> Value:
    assert len(values) == 1
    return values[0]


def ask(
    store: Store, indicator: str, period: str, now: datetime = NOW, unit: str = "99001", rules: str = "06a"
) -> Value:
    return one(calculator(store, now).values(Request((indicator,), (unit,), (Period.parse(period),), rules)))


# -- the worked examples of the catalogue ------------------------------------------


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def common_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One store for hundreds of examples, each of which empties it first."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('examples') / 'ioc.db'}"
    else:
        url = new_database(request.getfixturevalue("postgresql_server"), "ioc_examples")
    store = open_store(url, lambda: NOW)
    yield store
    store.close()


@pytest.mark.parametrize("indicator", sorted(CATALOGUE.indicators))
def test_every_worked_example_is_computed_as_its_author_worked_it(common_store: Store, indicator: str) -> None:
    store, definition = common_store, CATALOGUE.indicators[indicator]
    example = definition.example
    empty(store)
    deliver(store, definition.numerator.dataset, complete_rows(definition), example.as_of)
    value = ask(store, indicator, example.period, example.as_of, rules=example.rules)
    for part, expected in example.expect.items():
        assert getattr(value, part) == (None if expected is None else pytest.approx(expected)), part


# -- dossiers against the oracle that walks the rows day by day ---------------------

FIRST = datetime(2026, 11, 1, tzinfo=ZONE)
moments = st.integers(0, 24 * 4 * 19).map(lambda quarter: FIRST + timedelta(minutes=15 * quarter))


@st.composite
def dossiers(draw: st.DrawFn) -> Row:
    received = draw(moments)
    end = received + timedelta(hours=draw(st.integers(0, 200)))
    status = draw(st.sampled_from(STATUSES))
    due = draw(st.none() | st.integers(-24, 200).map(lambda hours: received + timedelta(hours=hours)))
    ended = status in ("finished", "returned", "refused", "withdrawn", "stopped", "awaiting_supplement")
    end = min(end, NOW)
    received = min(received, end)
    return {
        "unit": draw(st.sampled_from(["99001", "99002"])),
        "channel": draw(st.sampled_from(CHANNELS)),
        "status": status,
        "received_at": received,
        "due_at": due.date() if due and draw(st.booleans()) else due,
        "finished_at": end if ended and draw(st.booleans()) else None,
        "returned_at": end if status in ("finished", "returned") else None,
        "updated_at": end if ended else None,
        "procedure_field": draw(st.sampled_from(["Hộ tịch", "Đất đai", None])),
        "hamlet": draw(st.sampled_from(["Thôn 1", None])),
        "supplement_requests": draw(st.sampled_from([None, 1, 2])),
        "paused_seconds": draw(st.sampled_from([None, 3600, 90_000])),
    }


PERIODS = ["20261105", "2026W45", "2026W46", "2026W47", "202611", "20261120"]
COLUMNS = {
    "ps_in_hand": "in_hand",
    "ps_received": "received",
    "ps_received_online": "received_online",
    "ps_received_direct": "received_direct",
    "ps_received_postal": "received_postal",
    "ps_carried_over": "carried_over",
    "ps_resolved": "resolved",
    "ps_resolved_early": "early",
    "ps_resolved_on_time": "on_time",
    "ps_resolved_late": "late",
    "ps_pending": "pending",
    "ps_pending_in_time": "pending_in_time",
    "ps_pending_overdue": "pending_overdue",
}
OWN_COLUMNS = {"ps_refused": "refused", "ps_withdrawn": "withdrawn", "ps_stopped": "stopped"}
"""Of form 07a; under 06a and 766 these stand in other columns."""


@given(rows=st.lists(dossiers(), min_size=1, max_size=14), rules=st.sampled_from(["06a", "07a", "766"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_column_of_the_form_equals_a_day_by_day_walk_over_the_raw_rows(
    store: Store, rows: list[Row], rules: str
) -> None:
    empty(store)
    numbered = [{**row, "dossier_code": f"D{i}"} for i, row in enumerate(rows)]
    deliver(store, "dossier", numbered)
    periods = tuple(Period.parse(period) for period in PERIODS)
    asked = (*COLUMNS, *OWN_COLUMNS, "ps_on_time_rate")
    found = calculator(store).values(Request(asked, ("99", "99001"), periods, rules))
    by_key = {(value.indicator, value.unit, value.period): value for value in found}
    for code in ("99", "99001"):
        mine = [row for row in numbered if code == "99" or row["unit"] == code]
        for period in periods:
            expected = form(mine, period.start, period.end, NOW, rules)
            started = mine and min(received_on(row) for row in mine) < period.end
            columns = {**COLUMNS, **(OWN_COLUMNS if rules == "07a" else {})}
            for indicator, column in columns.items():
                value = by_key[indicator, code, period.id].value
                assert value == (expected[column] if started else None), (indicator, code, period.id)
            if started:
                rate = by_key["ps_on_time_rate", code, period.id]
                timely, of = on_time_of(expected, rules)
                assert (rate.numerator or 0, rate.denominator or 0) == (timely, of), (code, period.id)
                assert rate.value == (pytest.approx(100 * timely / of) if of else None)


def on_time_of(columns: Counter[str], rules: str) -> tuple[int, int]:
    """The two parts of the on-time rate, from the columns of the form (domain.md 1.7)."""
    if rules == "766":
        return columns["on_time"] + columns["pending_in_time"], columns["in_hand"]
    return columns["early"] + columns["on_time"], columns["resolved"]


def received_on(row: Row) -> date:
    received = row["received_at"]
    assert isinstance(received, datetime)
    return received.astimezone(ZONE).date()


@given(rows=st.lists(dossiers(), min_size=1, max_size=14))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_in_hand_is_resolved_or_pending_or_in_a_column_of_its_own(sqlite_store: Store, rows: list[Row]) -> None:
    empty(sqlite_store)
    deliver(sqlite_store, "dossier", [{**row, "dossier_code": f"D{i}"} for i, row in enumerate(rows)])
    parts = ("ps_carried_over", "ps_received", "ps_resolved", "ps_pending")
    own_columns = ("ps_refused", "ps_withdrawn", "ps_stopped")
    for rules in BY_ID:
        for period in PERIODS:
            values = calculator(sqlite_store).values(
                Request((*parts, *own_columns), ("99",), (Period.parse(period),), rules)
            )
            number = {value.indicator: value.value for value in values}
            if number["ps_received"] is None:
                continue
            gone = sum(number[name] or 0 for name in own_columns) if rules == "07a" else 0
            assert (number["ps_carried_over"] or 0) + number["ps_received"] == (
                (number["ps_resolved"] or 0) + (number["ps_pending"] or 0) + gone
            )


@given(rows=st.lists(dossiers(), min_size=1, max_size=10), rules=st.sampled_from(["06a", "07a", "766"]))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_records_of_a_count_are_as_many_as_the_count_says(store: Store, rows: list[Row], rules: str) -> None:
    empty(store)
    deliver(store, "dossier", [{**row, "dossier_code": f"D{i}"} for i, row in enumerate(rows)])
    counted = [
        name for name, d in CATALOGUE.indicators.items() if d.numerator.kind == "count" and d.panel == "public_services"
    ]
    calculate = calculator(store)
    for period in ("2026W46", "2026W47", "20261120"):
        for value in calculate.values(Request(tuple(counted), ("99001",), (Period.parse(period),), rules)):
            for part in ("numerator", "denominator"):
                number = getattr(value, part)
                if number is None:
                    continue
                page = records(calculate, RecordRequest(value.indicator, "99001", Period.parse(period), part, rules))
                assert page.total == len(page.rows) == number, (value.indicator, period, part)


@given(rows=st.lists(dossiers(), min_size=1, max_size=14))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_parts_of_a_breakdown_add_up_to_the_whole(sqlite_store: Store, rows: list[Row]) -> None:
    empty(sqlite_store)
    deliver(sqlite_store, "dossier", [{**row, "dossier_code": f"D{i}"} for i, row in enumerate(rows)])
    week = (Period.parse("2026W46"),)
    for indicator in ("ps_received", "ps_resolved", "ps_pending", "ps_pending_overdue", "ps_on_time_rate"):
        whole = one(calculator(sqlite_store).values(Request((indicator,), ("99",), week)))
        for by in ("procedure_field", "channel", "hamlet", "unit"):
            parts = calculator(sqlite_store).values(Request((indicator,), ("99",), week, by=by))
            assert sum(part.numerator or 0 for part in parts) == (whole.numerator or 0)
            assert sum(part.denominator or 0 for part in parts) == (whole.denominator or 0)
            assert all(part.by is not None and set(part.by) == {by} for part in parts)


# -- stories -------------------------------------------------------------------------


def finished(code: str, received: str, due: str, ended: str, unit: str = "99001") -> Row:
    def at(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=ZONE)

    return {
        "unit": unit,
        "dossier_code": code,
        "channel": "online",
        "status": "finished",
        "received_at": at(received),
        "due_at": at(due),
        "finished_at": at(ended),
    }


def test_a_late_dossier_counts_against_the_week_it_was_finished_in(store: Store) -> None:
    deliver(store, "dossier", [finished("1", "2026-11-02T08:00", "2026-11-06T17:00", "2026-11-10T08:00")])
    assert ask(store, "ps_resolved_late", "2026W45").value == 0
    assert ask(store, "ps_pending_overdue", "2026W45").value == 1
    assert ask(store, "ps_resolved_late", "2026W46").value == 1
    assert ask(store, "ps_pending_overdue", "2026W46").value == 0


def test_the_rate_of_a_province_is_summed_and_not_averaged(store: Store) -> None:
    on_time = [finished(f"A{i}", "2026-11-09T08:00", "2026-11-12T17:00", "2026-11-10T08:00") for i in range(9)]
    late = [finished("B", "2026-11-09T08:00", "2026-11-10T17:00", "2026-11-12T08:00", unit="99002")]
    deliver(store, "dossier", [*on_time, *late])
    assert ask(store, "ps_on_time_rate", "2026W46", unit="99001").value == 100
    assert ask(store, "ps_on_time_rate", "2026W46", unit="99002").value == 0
    assert ask(store, "ps_on_time_rate", "2026W46", unit="99").value == 90


def test_nothing_resolved_gives_no_rate_rather_than_zero(store: Store) -> None:
    deliver(store, "dossier", [finished("1", "2026-11-02T08:00", "2026-11-06T17:00", "2026-11-05T08:00")])
    value = ask(store, "ps_on_time_rate", "2026W46")
    assert (value.value, value.numerator, value.denominator) == (None, 0, 0)


def test_a_unit_and_a_time_that_no_source_told_us_about_are_unknown_and_not_zero(store: Store) -> None:
    deliver(store, "dossier", [finished("1", "2026-11-02T08:00", "2026-11-06T17:00", "2026-11-05T08:00")])
    assert ask(store, "ps_received", "2026W45").value == 1
    assert ask(store, "ps_received", "2026W45", unit="99002").value is None
    assert ask(store, "ps_received", "2026W40").value is None
    assert ask(store, "ps_received", "2026W50").value is None


def test_a_dossier_due_this_morning_is_overdue_this_afternoon_but_not_at_breakfast(store: Store) -> None:
    running = finished("1", "2026-11-18T08:00", "2026-11-20T11:00", "2026-11-20T11:00")
    deliver(store, "dossier", [{**running, "status": "processing", "finished_at": None}])
    breakfast, afternoon = NOW.replace(hour=7), NOW.replace(hour=14)
    assert ask(store, "ps_pending_overdue", "2026W47", breakfast).value == 0
    assert ask(store, "ps_pending_overdue", "2026W47", afternoon).value == 1


def test_a_value_says_where_it_came_from_and_as_of_when(store: Store) -> None:
    deliver(store, "dossier", [finished("1", "2026-11-02T08:00", "2026-11-06T17:00", "2026-11-05T08:00")])
    value = ask(store, "ps_received", "2026W45")
    assert value.sources == ("test",)
    assert value.as_of == NOW
    assert value.rules == "06a"


def test_the_newest_known_population_stands_in_and_says_of_when_it_is(store: Store) -> None:
    observed: Row = {"unit": "99001", "element": "se_population", "period": "2025", "value": 8149.0}
    deliver(store, "observation", [observed, {**observed, "period": "2024", "value": 8000.0}])
    value = ask(store, "se_population", "2026W47")
    assert (value.value, value.period_of_value, value.rules) == (8149, "2025", "")
    assert ask(store, "se_population", "2023").value is None


def test_a_number_taken_back_does_not_hide_the_one_known_years_before_it(store: Store) -> None:
    observed: Row = {"unit": "99001", "element": "se_population", "period": "2022", "value": 7800.0}
    deliver(store, "observation", [observed, {**observed, "period": "202605", "value": 9999.0}])
    assert ask(store, "se_population", "2026W47").value == 9999
    with store.delivery(BY_NAME["observation"], "test", store.ledger.begin("test", "observation")) as delivery:
        delivery.withdraw(("99001/se_population/202605/",))
        delivery.commit(read=0)
    value = ask(store, "se_population", "2026W47")
    assert (value.value, value.period_of_value) == (7800, "2022")


def test_a_parent_without_a_number_of_its_own_is_the_sum_of_its_children(store: Store) -> None:
    rows: list[Row] = [
        {"unit": code, "element": "se_population", "period": "2025", "value": value}
        for code, value in (("99001", 8000.0), ("99002", 7000.0))
    ]
    deliver(store, "observation", rows)
    assert ask(store, "se_population", "2026", unit="99").value == 15_000
    page = records(calculator(store), RecordRequest("se_population", "99", Period.parse("2026")))
    assert [row["value"] for row in page.rows] == [8000.0, 7000.0]


@pytest.mark.parametrize("wrong", [{"rules": "99x"}, {"by": "dossier_code"}, {"indicators": ("ps_nothing",)}])
def test_wrong_use_is_named(sqlite_store: Store, wrong: dict[str, object]) -> None:
    request = {"indicators": ("ps_received",), "units": ("99001",), "periods": (Period.parse("2026"),), **wrong}
    with pytest.raises(UsageError):
        calculator(sqlite_store).values(Request(**request))


def test_a_median_over_an_even_number_of_dossiers_is_the_mean_of_the_middle_two(store: Store) -> None:
    rows = [
        finished(str(i), "2026-11-02T08:00", "2026-11-20T17:00", f"2026-11-{day:02}T16:00")
        for i, day in enumerate((2, 3, 5, 6))  # 0, 1, 3 and 4 working days
    ]
    deliver(store, "dossier", rows)
    value = ask(store, "ps_median_working_days", "2026W45")
    assert (value.value, value.denominator) == (2, 4)


def test_an_older_number_standing_in_is_judged_by_the_target_of_its_own_time(sqlite_store: Store) -> None:
    """Immunisation's line grows by a twelfth each month: September's figure is held against September's line."""
    rows: list[Row] = [
        {"unit": "99001", "element": element, "period": "202609", "value": value}
        for element, value in (("hl_fully_immunised", 72.0), ("hl_infants", 100.0))
    ]
    deliver(sqlite_store, "observation", rows)
    september = ask(sqlite_store, "hl_full_immunisation_rate", "202609")
    november = ask(sqlite_store, "hl_full_immunisation_rate", "202611")
    assert (november.value, november.period_of_value) == (72, "202609")
    assert november.target == september.target
