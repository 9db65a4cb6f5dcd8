"""One spelling of each text that counts are divided by (failures.md F20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from datasets.clock import Clock
from datasets.errors import BatchRejected
from datasets.indicators.catalogue import load_catalogue
from datasets.schema import BY_NAME, DATASETS, DOSSIER, OBSERVATION
from datasets.schema.dataset import Context, FieldType, Row
from datasets.store import Delivery, Outcome, Store, open_store
from datasets.store.store import VIETNAM
from datasets.store.tables import SPELLING, TABLES
from datasets.validate import LONGEST_KEY, Expectations, Validator
from datasets.working_days import WorkingCalendar

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
MONDAY = datetime(2026, 11, 16, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
Deliver = Callable[..., Outcome]


def dossier(code: str, field: str = "Hộ tịch", **fields: object) -> Row:
    return {
        "unit": "26275",
        "dossier_code": code,
        "procedure_field": field,
        "channel": "direct",
        "received_at": MONDAY,
        "due_at": MONDAY + timedelta(days=3),
        "status": "processing",
        **fields,
    }


def observed(category: str, value: float, period: str = "2026") -> Row:
    return {"unit": "26275", "element": "hl_staff", "period": period, "category": category, "value": value}


def stage(delivery: Delivery, rows: list[Row], dataset: str = "dossier", source: str = "one_stop") -> None:
    validator = Validator(BY_NAME[dataset], Context(NOW, VIETNAM, WorkingCalendar()), source, None)
    checked = validator.check_all(rows, [""] * len(rows))
    delivery.stage([row for row in checked if isinstance(row, tuple)])


def texts(store: Store, table: str = "dossier", name: str = "procedure_field") -> list[str | None]:
    column = store.tables[table].c[name]
    with store.engine.connect() as connection:
        return list(connection.execute(sa.select(column).group_by(column)).scalars())


def received(store: Store) -> dict[str, int]:
    daily = store.tables["dossier_daily"].c
    asked = sa.select(daily.procedure_field, sa.func.sum(daily.received)).group_by(daily.procedure_field)
    with store.engine.connect() as connection:
        return {field: int(count) for field, count in connection.execute(asked) if count}


def kept(store: Store) -> set[tuple[str, ...]]:
    with store.engine.connect() as connection:
        return {tuple(row) for row in connection.execute(sa.select(SPELLING))}


def test_texts_that_differ_in_capitals_only_are_one_member_shown_as_the_first_was_written(
    store: Store, deliver: Deliver
) -> None:
    deliver(store, [dossier("A", "Hộ tịch", hamlet="THÔN ĐÔNG"), dossier("B", "HỘ TỊCH", hamlet="Thôn Đông")])
    assert received(store) == {"Hộ tịch": 2}
    deliver(store, [dossier("C", "hộ tịch"), dossier("D", "Đất đai"), dossier("E", "ĐẤT ĐAI")], source="other")
    assert received(store) == {"Hộ tịch": 3, "Đất đai": 2}
    assert set(texts(store, name="hamlet")) == {"THÔN ĐÔNG", None}
    assert kept(store) == {
        ("dossier", "procedure_field", "hộ tịch", "Hộ tịch"),
        ("dossier", "procedure_field", "đất đai", "Đất đai"),
        ("dossier", "hamlet", "thôn đông", "THÔN ĐÔNG"),
    }


def test_letters_with_and_without_their_marks_stay_apart_and_so_do_datasets(store: Store, deliver: Deliver) -> None:
    deliver(store, [dossier("A", "Hộ tịch"), dossier("B", "HO TICH")])
    assert received(store) == {"Hộ tịch": 1, "HO TICH": 1}
    deliver(store, [observed("HỘ TỊCH", 1.0)], dataset=OBSERVATION)
    assert texts(store, "observation", "category") == ["HỘ TỊCH"]


def test_a_respelled_delivery_that_comes_again_writes_nothing_and_is_told_each_time(
    store: Store, deliver: Deliver
) -> None:
    told: list[int] = []
    deliver(store, [dossier("A", "Hộ tịch")], note=told.append)
    for _ in range(2):
        outcome = deliver(store, [dossier("B", "HỘ TỊCH"), dossier("C", "Đất đai")], source="other", note=told.append)
    assert (told, outcome.unchanged) == ([0, 1, 1], 2)


def test_a_refused_delivery_leaves_no_spelling(store: Store, deliver: Deliver) -> None:
    with pytest.raises(BatchRejected):
        deliver(store, [dossier("A", "HỘ TỊCH")], expect=Expectations(min_rows=2))
    assert kept(store) == set()
    deliver(store, [dossier("A", "Hộ tịch")])
    assert received(store) == {"Hộ tịch": 1}


def test_of_two_deliveries_at_once_the_second_takes_the_firsts_spelling_also_for_what_it_staged(store: Store) -> None:
    begin, told = store.ledger.begin, list[int]()
    with (
        store.delivery(DOSSIER, "one_stop", begin("one_stop")) as first,
        store.delivery(DOSSIER, "other", begin("other")) as second,
    ):
        stage(second, [dossier("C", "Hộ tịch"), dossier("D", "hộ tịch"), dossier("E", "Đất đai")], source="other")
        stage(first, [dossier("A", "HỘ TỊCH")])
        first.commit(read=1)
        outcome = second.commit(read=3, note=told.append)
    assert outcome.new == 3
    assert received(store) == {"HỘ TỊCH": 3, "Đất đai": 1}
    assert {shown for *_, shown in kept(store)} == {"HỘ TỊCH", "Đất đai"}
    assert told == [3]  # one at the door, two that were staged already


def test_a_figure_of_a_category_is_one_figure_whatever_its_capitals(store: Store, deliver: Deliver) -> None:
    deliver(store, [observed("Nữ", 10.0)], dataset=OBSERVATION)
    outcome = deliver(store, [observed("NỮ", 11.0), observed("nữ", 9.0, "2025")], dataset=OBSERVATION)
    assert (outcome.new, outcome.changed) == (1, 1)
    assert texts(store, "observation", "category") == ["Nữ"]


def test_a_spelling_that_the_catalogue_declares_stands_before_the_first_that_came(store: Store) -> None:
    pull_id = store.ledger.begin("forms")
    with store.delivery(OBSERVATION, "forms", pull_id, {"category": load_catalogue().categories}) as delivery:
        stage(delivery, [observed("DENGUE", 3.0)], "observation", "forms")
        delivery.commit(read=1)
    assert texts(store, "observation", "category") == ["dengue"]
    assert kept(store) == set()


def test_a_text_too_long_to_be_a_member_is_left_alone(store: Store, deliver: Deliver) -> None:
    long = "Ủy ban nhân dân " * 100
    assert len(long.strip()) > LONGEST_KEY
    deliver(store, [dossier("A", receiving_unit=long.strip()), dossier("B", receiving_unit=long.strip().upper())])
    assert len(texts(store, name="receiving_unit")) == 2


def test_every_free_text_that_an_indicator_is_divided_by_has_one_spelling() -> None:
    divided = {(name, column) for name in BY_NAME for column in BY_NAME[name].rollup_by}
    for definition in load_catalogue().indicators.values():
        divided |= {(definition.numerator.dataset, column) for column in definition.drill_by}
    declared = {(dataset.name, field.name): field for dataset in DATASETS for field in dataset.fields}
    free = {place for place in divided if place in declared and declared[place].type is FieldType.TEXT}
    spelled = {place for place, field in declared.items() if field.one_spelling}
    assert free - spelled == {("dossier", "procedure_code")}  # a national code, and what tells two dossiers apart
    assert all(declared[place].type is FieldType.TEXT for place in spelled)


def test_what_an_older_program_stored_under_two_spellings_is_brought_to_the_first(
    store_url: str, clock: Clock, deliver: Deliver
) -> None:
    old = open_store(store_url, clock)
    deliver(old, [dossier("A"), dossier("B"), dossier("C", received_at=MONDAY - timedelta(days=3))])
    said = [observed("Nữ", 10.0), observed("bé", 1.0), observed("bé", 3.0, "2025"), observed("riêng", 7.0)]
    deliver(old, said, dataset=OBSERVATION)
    version = old.version()
    with old.engine.begin() as connection:
        for statement in older_spellings():
            connection.execute(statement)
        for later in ("spelling", "dossier_total", "dossier_whole", "document_total", "petition_total"):
            connection.exec_driver_sql(f"DROP TABLE {later}")
        for index in ("observation_standing", "observation_few", "pull_compared", "quarantine_open"):
            connection.exec_driver_sql(f"DROP INDEX ix_{index}")
        for rollup, counts in later_counts().items():
            for count in counts:
                connection.exec_driver_sql(f"ALTER TABLE {rollup} DROP COLUMN {count}")
        for name in ("dossier", "document", "petition"):
            connection.exec_driver_sql(f"DROP INDEX ix_{name}_pending")
            connection.exec_driver_sql(f"CREATE INDEX ix_{name}_open ON {name} (unit, maybe_open, due_at)")
        connection.exec_driver_sql("ALTER TABLE observation DROP COLUMN superseded_on")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0009'")
    old.close()
    new = open_store(store_url, clock)
    try:
        assert texts(new) == ["Hộ tịch"]
        assert received(new) == {"Hộ tịch": 3}
        with new.engine.connect() as connection:
            days = connection.execute(sa.select(TABLES["dossier_total"].c["day", "received"])).all()
        friday = (MONDAY - timedelta(days=3)).date()
        assert sorted(day for day in days if day.received) == [(friday, 1), (MONDAY.date(), 2)]
        assert set(texts(new, "observation", "category")) == {"Nữ", "bé", "NỮ"}  # of one year two figures stay
        assert ("dossier", "procedure_field", "hộ tịch", "Hộ tịch") in kept(new)
        assert new.version() == version + 1
    finally:
        new.close()


def later_counts() -> dict[str, tuple[str, ...]]:
    """Daily counts that a program before migration 0010 did not keep."""
    received = ("received_citizen_data", "received_elsewhere", "received_supplemented")
    return {
        "dossier_daily": (*received, "done_result_digital", "done_digitised"),
        "document_daily": ("done_on_time_with_due", "received_signed_person"),
        "petition_daily": ("done_dissatisfied",),
    }


def older_spellings() -> list[Any]:
    """Statements that spell some of the rows as a program before migration 0010 kept them, as seen later."""
    dossiers, daily, observations = TABLES["dossier"], TABLES["dossier_daily"], TABLES["observation"]
    later = NOW + timedelta(days=1)
    column = dossiers.c.dossier_code
    copied = [count.name for count in daily.c]
    taken = {name: daily.c[name] for name in copied} | {"procedure_field": sa.literal("HỘ TỊCH")}
    return [
        dossiers.update().values(procedure_field="HỘ TỊCH", first_seen_at=later).where(column.in_(("B", "C"))),
        # of Monday's two one is counted under each spelling, the one of Friday under the later one only
        daily.update().values(received=1).where(daily.c.day == MONDAY.date()),
        daily.insert().from_select(copied, sa.select(*taken.values()).where(daily.c.day == MONDAY.date())),
        daily.update().values(procedure_field="HỘ TỊCH").where(daily.c.day < MONDAY.date()),
        observations.update()
        .values(category="BÉ", first_seen_at=later)
        .where(observations.c.period == "2025", observations.c.category == "bé"),
        observations.update().values(category="NỮ", first_seen_at=later).where(observations.c.category == "riêng"),
    ]
