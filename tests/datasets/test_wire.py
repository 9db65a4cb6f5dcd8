"""Statements sent ahead to PostgreSQL: each answer is that of its own statement, whatever befalls the others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
import sqlalchemy as sa

from datasets.clock import Clock
from datasets.errors import StoreError
from datasets.store import Store, open_store, wire
from datasets.store.engine import wire_of
from datasets.store.listed import among, named
from datasets.store.ready import Ready
from datasets.store.tables import TABLES

NUMBER = sa.bindparam("number", type_=sa.Integer)
SAME = Ready(sa.select(NUMBER.label("same")))
DIVIDED = Ready(sa.select((sa.literal_column("60") / NUMBER).label("divided")))


@pytest.fixture
def postgresql(postgresql_url: str, clock: Clock) -> Iterator[Store]:
    with closing(open_store(postgresql_url, clock)) as store:
        yield store


def test_answers_are_taken_in_any_order_on_either_database(store: Store) -> None:
    with store.pages.connect() as connection:
        asked = [SAME.ask(connection, {"number": n}) for n in range(20)]
        assert asked[7].columns() == [(7,)]
        assert [each.columns() for each in asked] == [[(n,)] for n in range(20)]
        assert SAME.ask(connection, {}, [{"number": n} for n in range(3)]).columns() == [(0, 1, 2)]


def test_only_pages_on_postgresql_have_a_wire(store: Store) -> None:
    with store.pages.connect() as pages, store.engine.connect() as other:
        assert (wire_of(pages) is not None) == (store.engine.dialect.name == "postgresql")
        assert wire_of(other) is None


def test_a_statement_that_fails_spoils_no_other(postgresql: Store) -> None:
    with postgresql.pages.connect() as connection:
        before, wrong, after = (DIVIDED.ask(connection, {"number": n}) for n in (3, 0, 5))
        assert after.columns() == [(12,)]
        for _ in range(2):
            with pytest.raises(psycopg.errors.DivisionByZero):
                wrong.columns()
        assert before.columns() == [(20,)]
        assert DIVIDED.columns(connection, {"number": 4}) == [(15,)]


def test_whoever_uses_the_connection_otherwise_waits_for_what_is_on_its_way(postgresql: Store) -> None:
    with postgresql.pages.connect() as connection:
        asked = SAME.ask(connection, {"number": 1})
        assert connection.execute(sa.select(sa.literal(2))).scalar_one() == 2
        assert asked.columns() == [(1,)]
        SAME.ask(connection, {"number": 3})
        DIVIDED.ask(connection, {"number": 0})
    with postgresql.pages.connect() as connection:
        assert SAME.columns(connection, {"number": 4}) == [(4,)]
    assert postgresql.pages.pool.checkedin() == 1


def test_long_questions_and_long_answers_do_not_wait_for_each_other(postgresql: Store) -> None:
    text = sa.bindparam("text", type_=sa.Text)
    long = Ready(sa.select(text.label("one"), sa.func.repeat(text, 10).label("ten")))
    with postgresql.pages.connect() as connection:
        asked = [long.ask(connection, {"text": str(n) * 300_000}) for n in range(8)]
        assert [[len(column[0]) for column in each.columns()] for each in asked] == [[300_000, 3_000_000]] * 8


def test_the_statements_asked_longest_ago_are_let_go(postgresql: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_PREPARED", 2)
    every = [Ready(sa.select((NUMBER + sa.literal_column(str(n))).label("more"))) for n in range(4)]
    with postgresql.pages.connect() as connection:
        for _ in range(2):
            assert [each.columns(connection, {"number": 1}) for each in every] == [[(n + 1,)] for n in range(4)]
        kept = connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one()
    assert kept == 2


def test_what_is_ready_outlives_the_page_and_a_change_of_its_tables(postgresql: Store) -> None:
    table = sa.Table("told", sa.MetaData(), sa.Column("number", sa.Integer))
    told = Ready(sa.select(table.c.number))
    with postgresql.engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), {"number": 1})
    for _ in range(2):
        with postgresql.pages.connect() as connection:
            assert told.columns(connection, {}) == [(1,)]
    with postgresql.pages.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one() == 1
    with postgresql.engine.begin() as other:
        other.exec_driver_sql("ALTER TABLE told ALTER number TYPE text")
    with postgresql.pages.connect() as connection:
        with pytest.raises(psycopg.errors.FeatureNotSupported):
            told.columns(connection, {})
        assert told.columns(connection, {}) == [("1",)]


def test_a_server_that_goes_away_is_said_in_a_sentence_and_found_again(postgresql: Store) -> None:
    with postgresql.pages.connect() as connection:
        ((process,),) = Ready(sa.select(sa.func.pg_backend_pid())).columns(connection, {})
        slow = Ready(sa.select(sa.cast(sa.func.pg_sleep(NUMBER), sa.Text).label("slept")))
        asked = [slow.ask(connection, {"number": 30}), SAME.ask(connection, {"number": 1})]
        with postgresql.engine.connect() as other:
            other.execute(sa.select(sa.func.pg_terminate_backend(process, 5000)))
        for look in (asked[0].columns, asked[1].columns, lambda: SAME.columns(connection, {"number": 2})):
            with pytest.raises(StoreError) as gone:
                look()
            assert gone.value.key == "error.store_unreachable"
    with postgresql.pages.connect() as connection:
        assert SAME.columns(connection, {"number": 4}) == [(4,)]


def test_idle_connections_that_the_server_closed_are_replaced(postgresql: Store) -> None:
    with postgresql.pages.connect() as one, postgresql.pages.connect() as other:
        processes = [each.exec_driver_sql("SELECT pg_backend_pid()").scalar_one() for each in (one, other)]
    with postgresql.engine.connect() as connection:
        for process in processes:
            connection.execute(sa.select(sa.func.pg_terminate_backend(process, 5000)))
    assert postgresql.version() == 0
    with postgresql.pages.connect() as one, postgresql.pages.connect() as other:
        assert [SAME.columns(each, {"number": 5}) for each in (one, other)] == [[(5,)]] * 2


def test_statements_of_few_units_are_planned_once_and_those_of_many_at_each_asking(postgresql: Store) -> None:
    unit = TABLES["dossier"].c.unit
    with postgresql.pages.connect() as connection:
        for units in (8, 9, 8, 9):
            some = Ready(sa.select(sa.func.count()).where(among(unit, "unit", units)))
            for _ in range(8):
                assert some.columns(connection, named("unit", [f"9900{n}" for n in range(units)])) == [(0,)]
        asked = "SELECT generic_plans > 0, custom_plans FROM pg_prepared_statements ORDER BY name"
        few, many = connection.exec_driver_sql(asked).all()
    assert few[0]
    assert tuple(many) == (False, 16)
