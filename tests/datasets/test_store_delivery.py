"""A delivery: what is written, what is not, and what the counts say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from datasets.errors import BatchRejected
from datasets.schema import OBSERVATION
from datasets.schema.dataset import Row
from datasets.store import Outcome, Store, Verdict
from datasets.store.tables import METADATA
from datasets.validate import Expectations, Problem

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
MONDAY = datetime(2026, 11, 16, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
Deliver = Callable[..., Outcome]


def dossier(code: str, **fields: object) -> Row:
    return {
        "unit": "26275",
        "dossier_code": code,
        "procedure_code": "1.000656",
        "procedure_field": "Hộ tịch",
        "channel": "direct",
        "received_at": MONDAY,
        "due_at": MONDAY + timedelta(days=3),
        "status": "processing",
        "updated_at": MONDAY,
        **fields,
    }


def finished(code: str, **fields: object) -> Row:
    tuesday = MONDAY + timedelta(days=1)
    return dossier(code, **{"status": "finished", "finished_at": tuesday, "updated_at": tuesday, **fields})


def rows_of(store: Store, name: str = "dossier") -> list[dict[str, Any]]:
    table = METADATA.tables[name]
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()]


def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    return {
        name: rows_of(store, name)
        for name in ("dossier", "dossier_daily", "dossier_total", "change_log", "data_version")
    }


def test_new_rows_are_written_with_their_pull_and_moments_come_back_as_they_were(
    store: Store, deliver: Deliver
) -> None:
    outcome = deliver(store, [dossier("A"), dossier("B")], bookmark="20261120")
    assert outcome == Outcome(2, 2, 0, 0, 0, 0, version=1, verdict=Verdict.OK_CHANGED)
    first = rows_of(store)[0]
    assert first["received_at"] == MONDAY
    assert first["received_on"].isoformat() == "2026-11-16"
    assert first["maybe_open"] is True
    assert (first["source"], first["pull_id"], first["first_seen_at"]) == ("one_stop", 1, NOW)
    assert store.ledger.bookmark("one_stop") == "20261120"
    assert store.version() == 1


def test_the_same_delivery_again_writes_nothing_not_even_a_time_stamp(store: Store, deliver: Deliver) -> None:
    rows = [dossier("A"), finished("B"), dossier("C", satisfaction=None, fee_amount=8000, paid_online=True)]
    deliver(store, rows)
    before = everything(store)
    store.ledger._clock = store.clock = lambda: NOW + timedelta(hours=1)
    outcome = deliver(store, rows)
    assert outcome == Outcome(3, 0, 0, 3, 0, 0, version=1, verdict=Verdict.OK_UNCHANGED)
    assert everything(store) == before


def test_a_changed_row_is_overwritten_and_its_tracked_changes_are_logged(store: Store, deliver: Deliver) -> None:
    deliver(store, [dossier("A"), dossier("B")])
    outcome = deliver(store, [finished("A", handler="Lan"), dossier("B")])
    assert (outcome.new, outcome.changed, outcome.unchanged, outcome.version) == (0, 1, 1, 2)
    row = rows_of(store)[0]
    assert (row["status"], row["handler"], row["pull_id"], row["timeliness"]) == ("finished", "Lan", 2, "early")
    logged = [(line["field"], line["old_value"], line["new_value"]) for line in rows_of(store, "change_log")]
    assert logged == [("status", "processing", "finished"), ("finished_at", None, "2026-11-17 01:00:00.000000")]
    assert {line["record_key"] for line in rows_of(store, "change_log")} == {"26275/A"}


def test_an_older_update_never_overwrites_a_newer_one(store: Store, deliver: Deliver) -> None:
    deliver(store, [finished("A")])
    outcome = deliver(store, [dossier("A")])
    assert (outcome.changed, outcome.unchanged, outcome.version) == (0, 1, 1)
    assert rows_of(store)[0]["status"] == "finished"


def test_of_a_key_that_comes_twice_the_newest_update_wins_then_the_last_to_arrive(
    store: Store, deliver: Deliver
) -> None:
    outcome = deliver(
        store,
        [finished("A"), dossier("A"), dossier("A"), dossier("B", handler="Lan"), dossier("B", handler="Mai")],
    )
    assert outcome == Outcome(5, 2, 0, 0, 3, 0, version=1, verdict=Verdict.OK_CHANGED)
    assert [(row["status"], row["handler"]) for row in rows_of(store)] == [("finished", None), ("processing", "Mai")]


def test_a_used_key_for_another_dossier_is_set_aside_and_overwrites_nothing(store: Store, deliver: Deliver) -> None:
    deliver(store, [dossier("A"), dossier("B")])
    later = NOW - timedelta(hours=1)
    outcome = deliver(store, [dossier("A", procedure_code="9.999999", updated_at=later), dossier("B"), dossier("C")])
    assert outcome == Outcome(3, 1, 0, 1, 0, 1, version=2, verdict=Verdict.PARTIAL)
    assert rows_of(store)[0]["procedure_code"] == "1.000656"
    (line,) = store.quarantine.list("one_stop")
    assert line.record_key == "26275/A"
    assert line.problems == [{"field": "procedure_code", "code": "identity_changed", "value": "9.999999"}]


def test_two_dossiers_under_one_key_in_one_delivery_are_not_taken_for_a_duplicate(
    store: Store, deliver: Deliver
) -> None:
    rows = [dossier("A"), dossier("A", procedure_code="9.999999", updated_at=NOW), dossier("B")]
    outcome = deliver(store, rows)
    assert (outcome.new, outcome.duplicates, outcome.quarantined) == (2, 0, 1)
    assert store.quarantine.count("one_stop") == 1


def test_learning_an_unknown_procedure_is_a_change_and_no_other_dossier(store: Store, deliver: Deliver) -> None:
    deliver(store, [dossier("A", procedure_code=None)])
    assert deliver(store, [dossier("A")]).changed == 1


def test_two_sources_may_use_the_same_code(store: Store, deliver: Deliver) -> None:
    deliver(store, [dossier("A")])
    assert deliver(store, [dossier("A", status="refused")], source="ward_file").new == 1
    assert [row["source"] for row in rows_of(store)] == ["one_stop", "ward_file"]


def test_a_delivery_that_is_left_without_commit_changes_nothing(store: Store) -> None:
    from datasets.schema import DOSSIER

    before = everything(store)
    pull_id = store.ledger.begin("one_stop")
    with pytest.raises(KeyboardInterrupt), store.delivery(DOSSIER, "one_stop", pull_id) as delivery:
        delivery.stage([])
        delivery.quarantine([("row 1", "", [Problem("status", "required", "", "row 1")])])
        raise KeyboardInterrupt
    assert everything(store) == before
    assert store.quarantine.count("one_stop") == 0


def test_a_record_unaccounted_for_refuses_the_delivery(store: Store, deliver: Deliver) -> None:
    before = everything(store)
    with pytest.raises(BatchRejected) as refused:
        deliver(store, [dossier("A"), dossier("B")], read=3)
    assert refused.value.key == "error.count_balance"
    assert refused.value.params == {"read": "3", "accounted": "2"}
    assert everything(store) == before


@pytest.mark.parametrize(
    ("rows", "expect", "key"),
    [
        ([dossier("A")], Expectations(min_rows=2), "error.too_few_rows"),
        ([], Expectations(min_rows=1), "error.too_few_rows"),
        (
            [dossier("A"), dossier("B"), dossier("C", channel="pigeon")],
            Expectations(max_quarantined_share=0.3),
            "error.too_many_quarantined",
        ),
        (
            [dossier("A"), dossier("B", channel="pigeon"), dossier("C", channel="pigeon")],
            Expectations(max_quarantined_share=1.0),
            "error.too_many_quarantined",
        ),
    ],
)
def test_a_delivery_that_breaks_its_expectations_writes_only_the_ledger_and_a_sample(
    store: Store, deliver: Deliver, rows: list[Row], expect: Expectations, key: str
) -> None:
    deliver(store, [dossier("A", handler="Lan")], bookmark="1")
    before = everything(store)
    with pytest.raises(BatchRejected) as refused:
        deliver(store, rows, expect=expect, bookmark="2")
    assert refused.value.key == key
    assert everything(store) == before
    line = store.ledger.status("one_stop")
    assert (line.verdict, line.error_key, line.bookmark, line.since) == (Verdict.REFUSED, key, "1", NOW)
    assert store.quarantine.count("one_stop") == sum("pigeon" in str(row) for row in rows)


def test_a_quarter_of_the_rows_bad_is_partial_where_that_is_allowed(store: Store, deliver: Deliver) -> None:
    rows = [dossier("A"), dossier("B"), dossier("C"), dossier("D", channel="pigeon")]
    outcome = deliver(store, rows, expect=Expectations(max_quarantined_share=0.25))
    assert outcome == Outcome(4, 3, 0, 0, 0, 1, version=1, verdict=Verdict.PARTIAL)


def test_observations_merge_by_unit_element_period_and_category(store: Store, deliver: Deliver) -> None:
    observed = {"unit": "26275", "element": "se_population", "period": "2026W05", "value": 9150.0}
    rows: list[Row] = [dict(observed), {**observed, "category": "female", "value": 4600}]
    assert deliver(store, rows, dataset=OBSERVATION, source="people").new == 2
    again: list[Row] = [{**observed, "period": "2026W5", "value": 9151}]
    assert deliver(store, again, dataset=OBSERVATION, source="people").changed == 1
    kept = [(row["period"], row["category"], row["value"]) for row in rows_of(store, "observation")]
    assert kept == [("2026W5", "", 9151.0), ("2026W5", "female", 4600.0)]
    (change,) = rows_of(store, "change_log")
    assert (change["field"], float(change["old_value"]), float(change["new_value"])) == ("value", 9150.0, 9151.0)
