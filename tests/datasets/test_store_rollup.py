"""The daily counts, against a plain count of the raw rows that shares no code with them."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import every_figure
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.clock import Clock
from datasets.schema import DOCUMENT, DOSSIER, PETITION
from datasets.schema.dataset import Row
from datasets.store import Outcome, Store, open_store, rollup
from datasets.store.tables import METADATA

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
FIRST = datetime(2026, 11, 2, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
Deliver = Callable[..., Outcome]


def counted_by_hand(rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], Counter[str]]:
    """(unit, day, field, channel) -> counts that are not 0, one raw row after the other."""
    found: dict[tuple[Any, ...], Counter[str]] = {}

    def add(row: dict[str, Any], day: date | None, name: str) -> None:
        if day is not None:
            place = (row["unit"], day, row["procedure_field"] or "", row["channel"])
            found.setdefault(place, Counter())[name] += 1

    for row in rows:
        paid_for = row["fee_amount"] is not None and row["fee_amount"] > 0
        add(row, row["received_on"], "received")
        add(row, row["overdue_from"], "due")
        for name, held in (
            ("received_full_service", row["service_level"] == "full"),
            ("received_parts_digital", row["parts_digital"] is True),
            ("received_data_reused", row["data_reused"] is True),
            ("received_citizen_data", row["citizen_data_used"] is True),
            ("received_elsewhere", row["receiving_unit"] not in (None, row["unit"])),
            ("received_supplemented", (row["supplement_requests"] or 0) > 0),
            ("received_with_fee", paid_for),
            ("received_paid_online", paid_for and row["paid_online"] is True),
        ):
            if held:
                add(row, row["received_on"], name)
        kind = row["end_class"]
        if row["end_on"] is not None:
            add(row, row["end_on"], f"{kind}_{row['timeliness']}")
            if kind == "done" and row["result_digital"]:
                add(row, row["end_on"], "done_result_digital")
                if row["parts_digital"]:
                    add(row, row["end_on"], "done_digitised")
            if row["late_766"]:
                add(row, row["end_on"], f"{kind}_late_766")
            if row["overdue_from"] is not None:
                add(row, max(row["end_on"], row["overdue_from"]), f"{kind}_settled")
    return found


ORDER = ("unit", "day", "procedure_field", "channel", "direction", "urgency", "category")
KEYS = ("unit", "day", "procedure_field", "channel")
KEYS_OF_TOTALS = ("unit", "day", "channel")


def totals_of(counts: dict[tuple[Any, ...], Counter[str]]) -> dict[tuple[Any, ...], Counter[str]]:
    found: dict[tuple[Any, ...], Counter[str]] = {}
    for (unit, day, _, channel), numbers in counts.items():
        found.setdefault((unit, day, channel), Counter()).update(numbers)
    return found


def wholes_of(counts: dict[tuple[Any, ...], Counter[str]]) -> dict[tuple[Any, ...], Counter[str]]:
    found: dict[tuple[Any, ...], Counter[str]] = {}
    for (unit, day, _, channel), numbers in counts.items():
        whole = found.setdefault((unit, day), Counter())
        whole.update(numbers)
        whole[f"received_{channel}"] += numbers["received"]
        if channel == "online":
            whole["received_full_service_online"] += numbers["received_full_service"]
    return {key: +numbers for key, numbers in found.items()}


def kept(
    store: Store, name: str = "dossier_daily", keys: tuple[str, ...] = KEYS
) -> dict[tuple[Any, ...], Counter[str]]:
    with store.engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(METADATA.tables[name])).mappings()]
    return {
        tuple(row[key] for key in keys): Counter({k: n for k, n in row.items() if k not in keys and n}) for row in rows
    }


def raw(store: Store) -> list[dict[str, Any]]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(METADATA.tables["dossier"])).mappings()]


def rows_of(store: Store, name: str) -> list[dict[str, Any]]:
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(METADATA.tables[name])).mappings()
        return sorted(map(dict, rows), key=lambda row: [str(row.get(key)) for key in ORDER])


def empty(store: Store) -> None:
    with store.engine.execution_options(immediate=True).begin() as connection:
        for name in (
            "dossier",
            "dossier_daily",
            "dossier_total",
            "dossier_whole",
            "change_log",
            "quarantine",
            "pull",
            "source_state",
        ):
            connection.execute(METADATA.tables[name].delete())


days = st.integers(0, 6)
maybe = st.sampled_from((None, True, False))


@st.composite
def dossiers(draw: st.DrawFn) -> Row:
    """One of a dozen dossiers, in any state: so that deliveries meet each other's rows."""
    number = draw(st.integers(0, 11))
    received = FIRST + timedelta(days=number % 4)
    status = draw(st.sampled_from(("processing", "finished", "returned", "refused", "stopped", "awaiting_supplement")))
    due, ended = draw(st.none() | days), draw(days)
    return {
        "unit": ("26275", "26278")[number % 2],
        "dossier_code": f"H{number}",
        "procedure_field": draw(st.sampled_from((None, "Hộ tịch", "Đất đai"))),
        "service_level": draw(st.sampled_from((None, "full", "partial"))),
        "channel": draw(st.sampled_from(("direct", "online"))),
        "received_at": received,
        "due_at": None if due is None else received + timedelta(days=due),
        "status": status,
        "finished_at": received + timedelta(days=ended) if status in ("finished", "returned") else None,
        "supplement_requests": draw(st.sampled_from((None, 1, 2))),
        "fee_amount": draw(st.sampled_from((None, 0.0, 8000.0))),
        "paid_online": draw(maybe),
        "parts_digital": draw(maybe),
        "result_digital": draw(maybe),
        "citizen_data_used": draw(maybe),
        "receiving_unit": draw(st.sampled_from((None, "26275", "Bộ phận Một cửa"))),
        "updated_at": received + timedelta(days=ended),
    }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=st.lists(st.lists(dossiers(), max_size=8), min_size=1, max_size=5), every=st.booleans())
def test_rollups_kept_delivery_by_delivery_are_those_counted_from_the_raw_rows(
    store: Store, deliver: Deliver, deliveries: list[list[Row]], every: bool
) -> None:
    empty(store)
    with pytest.MonkeyPatch.context() as patch:
        # small as these are, each delivery would count all over; take both ways in turn
        patch.setattr(rollup, "written_much", lambda *_: every)
        for rows in deliveries:
            deliver(store, rows)
            by_hand = counted_by_hand(raw(store))
            assert kept(store) == by_hand
            assert kept(store, "dossier_total", KEYS_OF_TOTALS) == totals_of(by_hand)
            assert kept(store, "dossier_whole", ("unit", "day")) == wholes_of(by_hand)


def test_a_dossier_that_is_finished_leaves_the_day_it_was_due_and_joins_the_day_it_ended(
    store: Store, deliver: Deliver
) -> None:
    row: Row = {
        "unit": "26275",
        "dossier_code": "A",
        "procedure_field": "Hộ tịch",
        "channel": "online",
        "received_at": FIRST,
        "due_at": FIRST + timedelta(days=2),
        "status": "processing",
        "updated_at": FIRST,
    }
    place = ("26275", date(2026, 11, 2), "Hộ tịch", "online")
    deliver(store, [row])
    assert kept(store)[place] == Counter(received=1)
    end = FIRST + timedelta(days=3)
    deliver(store, [{**row, "status": "finished", "finished_at": end, "due_at": end, "updated_at": end}])
    assert kept(store) == {
        place: Counter(received=1),
        ("26275", date(2026, 11, 5), "Hộ tịch", "online"): Counter(due=1, done_on_time=1, done_settled=1),
    }


def test_a_small_delivery_into_a_large_store_counts_only_what_it_touched(store: Store, deliver: Deliver) -> None:
    many: list[Row] = [
        {
            "unit": "26275",
            "dossier_code": f"H{number}",
            "channel": "online",
            "received_at": FIRST + timedelta(days=number % 15),
            "status": "processing",
            "updated_at": FIRST,
        }
        for number in range(60)
    ]
    deliver(store, many)
    with store.engine.execution_options(immediate=True).begin() as connection:
        daily = METADATA.tables["dossier_daily"]
        connection.execute(daily.update().where(daily.c.day > date(2026, 11, 2)).values(received=99))
    deliver(store, [{**many[0], "dossier_code": "late comer"}])
    counts = {place[1].day: counter["received"] for place, counter in kept(store).items()}
    assert counts[2] == 5
    assert counts[3] == 99


LATER = {
    "dossier": (
        *("received_citizen_data", "received_elsewhere", "received_supplemented"),
        *("done_result_digital", "done_digitised"),
    ),
    "document": ("received_signed_person",),
    "petition": ("done_dissatisfied",),
}
"""Counts that a program before migration 0018 did not keep."""


def test_what_an_older_program_did_not_count_is_counted_when_its_store_is_opened(
    store_url: str, clock: Clock, deliver: Deliver
) -> None:
    old = open_store(store_url, clock)
    for dataset, rows in (
        (DOSSIER, every_figure.dossiers()),
        (DOCUMENT, every_figure.documents()),
        (PETITION, every_figure.petitions()),
    ):
        deliver(old, list(rows), dataset=dataset)
    names = [rollup.name for dataset in (DOSSIER, DOCUMENT, PETITION) for rollup in dataset.rollups]
    before = {name: rows_of(old, name) for name in names}
    for dataset, counts in LATER.items():
        for count in counts:
            assert sum(row[count] for row in before[f"{dataset}_daily"]) > 0, count
    with old.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE dossier_whole")
        for dataset, counts in LATER.items():
            for rollup, count in itertools.product(("daily", "total"), counts):
                connection.exec_driver_sql(f"ALTER TABLE {dataset}_{rollup} DROP COLUMN {count}")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0017'")
    old.close()
    new = open_store(store_url, clock)
    try:
        assert {name: rows_of(new, name) for name in names} == before
    finally:
        new.close()
