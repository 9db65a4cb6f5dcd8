"""A row is right, or everything wrong with it is named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.messages import LANGUAGES, text
from datasets.schema import DOSSIER, OBSERVATION
from datasets.schema.dataset import Context, Dataset, Row
from datasets.stamps import utc_text
from datasets.validate import Expectations, Problem, Validator, record_key, refusal
from datasets.working_days import WorkingCalendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
CONTEXT = Context(NOW, ZONE, WorkingCalendar())
GOOD: Row = {
    "unit": "26275",
    "dossier_code": "H01-1",
    "channel": "online",
    "received_at": datetime(2026, 11, 16, 8, 0, tzinfo=ZONE),
    "due_at": date(2026, 11, 18),
    "status": "processing",
}
OBSERVED: Row = {"unit": "26275", "element": "se_population", "period": "2026W05", "value": 3}


def stored(row: Row, dataset: Dataset = DOSSIER) -> dict[str, object]:
    checked = Validator(dataset, CONTEXT, "one_stop", {"26275"}).check(dict(row), "row 1")
    assert isinstance(checked, tuple), checked
    return dict(zip(dataset.columns, checked, strict=True))


def problems(row: Row, dataset: Dataset = DOSSIER) -> list[tuple[str, str]]:
    checked = Validator(dataset, CONTEXT, "one_stop", {"26275"}).check(dict(row), "row 1")
    assert isinstance(checked, list), checked
    for problem in checked:
        assert problem.row == "row 1"
        assert all(text(f"problem.{problem.code}", language) for language in LANGUAGES)
    return [(problem.field, problem.code) for problem in checked]


def test_a_good_row_becomes_plain_values_in_the_order_of_the_columns() -> None:
    row = stored({**GOOD, "paid_online": True})
    assert row["source"] == "one_stop"
    assert row["received_at"] == "2026-11-16 01:00:00.000000"
    assert row["received_on"] == "2026-11-16"
    assert (row["paid_online"], row["maybe_open"], row["parts_digital"]) == (1, 1, None)


def test_a_due_day_without_a_time_ends_with_its_day_and_other_days_begin() -> None:
    row = stored({**GOOD, "received_at": date(2026, 11, 16)})
    assert row["due_at"] == "2026-11-18 16:59:59.999999"
    assert row["received_at"] == "2026-11-15 17:00:00.000000"
    assert row["received_on"] == "2026-11-16"


def test_a_moment_without_a_zone_is_meant_where_the_centre_is() -> None:
    assert stored({**GOOD, "received_at": datetime(2026, 11, 16, 8, 0)})["received_at"] == "2026-11-16 01:00:00.000000"


def test_the_local_day_counts_not_that_of_greenwich() -> None:
    assert stored({**GOOD, "received_at": datetime(2026, 11, 16, 18, 0, tzinfo=UTC)})["received_on"] == "2026-11-17"


def test_empty_text_is_unknown_and_a_whole_float_is_an_integer() -> None:
    row = stored({**GOOD, "hamlet": "", "satisfaction": 4.0, "fee_amount": 8000})
    assert (row["hamlet"], row["satisfaction"], row["fee_amount"]) == (None, 4, 8000.0)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("unit", None, "required"),
        ("unit", "", "required"),
        ("unit", "99999", "unknown_unit"),
        ("unit", 26275, "not_text"),
        ("dossier_code", "x" * 201, "too_long"),
        ("hamlet", "x" * 2001, "too_long"),
        ("hamlet", "a\0b", "unreadable"),
        ("hamlet", "a\ud800b", "unreadable"),
        ("channel", "pigeon", "not_allowed"),
        ("channel", ["online"], "not_text"),
        ("received_at", "2026-11-16", "not_a_moment"),
        ("received_at", datetime(2027, 1, 1, tzinfo=ZONE), "in_future"),
        ("due_at", date(1026, 11, 18), "day_out_of_range"),
        ("updated_at", NOW + timedelta(days=2), "in_future"),
        ("satisfaction", 6, "too_large"),
        ("satisfaction", 0, "too_small"),
        ("satisfaction", 3.5, "not_whole"),
        ("satisfaction", True, "not_a_number"),
        ("satisfaction", "5", "not_a_number"),
        ("fee_amount", float("nan"), "not_a_number"),
        ("fee_amount", float("inf"), "too_large"),
        ("fee_amount", -1.0, "too_small"),
        ("paid_online", 1, "not_yes_no"),
    ],
)
def test_a_value_that_cannot_stand_is_named_with_its_field(name: str, value: object, code: str) -> None:
    assert problems({**GOOD, name: value}) == [(name, code)]


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    bad = {**GOOD, "unit": None, "channel": "pigeon", "satisfaction": 9}
    assert sorted(problems(bad)) == [("channel", "not_allowed"), ("satisfaction", "too_large"), ("unit", "required")]


def test_a_line_break_in_a_text_is_no_fault() -> None:
    assert stored({**GOOD, "hamlet": "Thôn 1\nxã A"})["hamlet"] == "Thôn 1\nxã A"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "finished"}, ("finished_at", "end_missing")),
        ({"status": "returned", "returned_at": date(2026, 11, 15)}, ("finished_at", "end_before_received")),
        ({"status": "finished", "finished_at": date(2026, 11, 22)}, ("finished_at", "in_future")),
    ],
)
def test_an_impossible_history_is_set_aside(changes: Row, expected: tuple[str, str]) -> None:
    assert problems({**GOOD, **changes}) == [expected]


def test_a_period_is_kept_by_its_id_and_its_days() -> None:
    row = stored(OBSERVED, OBSERVATION)
    assert (row["period"], row["period_start"], row["period_end"]) == ("2026W5", "2026-01-26", "2026-02-02")
    assert (row["category"], row["value"]) == ("", 3.0)


@pytest.mark.parametrize("period", ["2026W54", "tháng 11", 2026, "202613"])
def test_what_is_no_period_is_named(period: object) -> None:
    assert problems({**OBSERVED, "period": period}, OBSERVATION) == [("period", "not_a_period")]


def test_a_period_that_has_not_begun_cannot_have_been_observed() -> None:
    assert problems({**OBSERVED, "period": "202612"}, OBSERVATION) == [("period", "in_future")]


def test_a_problem_shows_at_most_80_characters_of_the_value() -> None:
    assert Problem.of("hamlet", "too_long", "x" * 500, "row 1").value == "x" * 80
    assert Problem.of("hamlet", "required", None, "row 1").value == ""


def test_the_key_of_a_record_leaves_the_source_out_and_writes_a_period_by_its_id() -> None:
    assert record_key(DOSSIER, GOOD) == "26275/H01-1"
    assert record_key(DOSSIER, {**GOOD, "dossier_code": None}) == ""
    assert record_key(OBSERVATION, OBSERVED) == "26275/se_population/2026W5/"


@given(st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30), timezones=st.just(ZONE)))
def test_the_text_of_a_moment_is_its_utc_time_to_the_microsecond(moment: datetime) -> None:
    assert datetime.fromisoformat(utc_text(moment) + "+00:00") == moment
    assert len(utc_text(moment)) == 26


def test_no_expectation_is_broken_by_what_is_just_enough() -> None:
    expect = Expectations(min_rows=10, max_quarantined_share=0.2, max_drop_share=0.5)
    assert refusal(expect, read=10, quarantined=2, usual=20) is None
    assert refusal(expect, read=10, quarantined=2, usual=None) is None
    broken = [refusal(expect, 9, 0, None), refusal(expect, 10, 3, None), refusal(expect, 10, 0, 21)]
    assert [error.key for error in broken if error] == [
        "error.too_few_rows",
        "error.too_many_quarantined",
        "error.unusual_drop",
    ]
