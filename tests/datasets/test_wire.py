"""Statements sent ahead to PostgreSQL: each answer is that of its own statement, whatever befalls the others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
import sqlalchemy as sa

from datasets.clock import Clock
from datasets.errors import StoreError
from datasets.store import Store, open_store
from datasets.store.engine import wire_of
from datasets.store.listed import among, named
from datasets.store.ready import Parameters, Ready
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
        assert asked.pop(7).columns() == [(7,)]
        assert [each.columns() for each in reversed(asked)] == [[(n,)] for n in reversed(range(20)) if n != 7]
        assert SAME.ask(connection, Parameters({}, [{"number": n} for n in range(3)])).columns() == [(0, 1, 2)]


def test_only_pages_on_postgresql_have_a_wire(store: Store) -> None:
    with store.pages.connect() as pages, store.engine.connect() as other:
        assert (wire_of(pages) is not None) == (store.engine.dialect.name == "postgresql")
        assert wire_of(other) is None


def test_of_statements_sent_together_the_one_that_fails_is_told_of_and_the_page_after_it_is_none_the_worse(
    postgresql: Store,
) -> None:
    with postgresql.pages.connect() as connection:
        before = DIVIDED.ask(connection, {"number": 3})
        with pytest.raises(psycopg.errors.DivisionByZero):  # as soon as the server has said so
            [DIVIDED.ask(connection, {"number": n}) for n in (0, 5)][1].columns()
        assert before.columns() == [(20,)]
        with pytest.raises(psycopg.Error):
            DIVIDED.columns(connection, {"number": 4})
    with postgresql.pages.connect() as connection:
        assert DIVIDED.columns(connection, {"number": 4}) == [(15,)]
    assert postgresql.pages.pool.checkedin() == 1


def test_whoever_uses_the_connection_otherwise_waits_for_what_is_on_its_way(postgresql: Store) -> None:
    with postgresql.pages.connect() as connection:
        asked = SAME.ask(connection, {"number": 1})
        assert connection.execute(sa.select(sa.literal(2))).scalar_one() == 2
        assert asked.columns() == [(1,)]
        DIVIDED.ask(connection, {"number": 0})
        with pytest.raises(sa.exc.DataError, match="division by zero"):
            connection.execute(sa.select(sa.literal(2)))
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


def test_what_is_kept_outlives_the_page_and_a_change_of_its_tables(postgresql: Store) -> None:
    table = sa.Table("told", sa.MetaData(), sa.Column("number", sa.Integer))
    told = Ready(sa.select(table.c.number))
    with postgresql.engine.begin() as connection:
        table.create(connection)
        connection.execute(table.insert(), {"number": 1})
    for _ in range(2):
        with postgresql.pages.connect() as connection:
            assert told.columns(connection, {}) == [(1,)]
    with postgresql.pages.connect() as connection:
        assert len(kept(connection, "told")) == 1
    with postgresql.engine.begin() as other:
        other.exec_driver_sql("ALTER TABLE told ALTER number TYPE text")
    with postgresql.pages.connect() as connection, pytest.raises(psycopg.errors.FeatureNotSupported):
        told.columns(connection, {})
    with postgresql.pages.connect() as connection:
        assert told.columns(connection, {}) == [("1",)]


def test_a_server_that_goes_away_is_said_in_a_sentence_and_found_again(postgresql: Store) -> None:
    with postgresql.pages.connect() as connection:
        [(process,)] = Ready(sa.select(sa.func.pg_backend_pid())).columns(connection, {})
        slow = Ready(sa.select(sa.cast(sa.func.pg_sleep(NUMBER), sa.Text).label("slept")))
        asked = [slow.ask(connection, {"number": 30}), SAME.ask(connection, {"number": 1})]
        with postgresql.engine.connect() as other:
            other.execute(sa.select(sa.func.pg_terminate_backend(process, 5000)))
        for look in (asked[1].columns, lambda: SAME.columns(connection, {"number": 2})):
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


def test_only_statements_of_few_units_or_of_one_way_are_kept(postgresql: Store) -> None:
    unit = TABLES["dossier"].c.unit
    with postgresql.pages.connect() as connection:
        for units, one_way in ((8, False), (9, False), (10, True)):
            some = Ready(sa.select(sa.func.count()).where(among(unit, "unit", units)), one_way=one_way)
            for _ in range(units):
                assert some.columns(connection, named("unit", [f"9900{n}" for n in range(units)])) == [(0,)]
        assert sorted(kept(connection, "dossier")) == [8, 10]


def kept(connection: sa.Connection, table: str) -> list[int]:
    """Of each statement about a table that the server keeps ready how often it was asked."""
    every = connection.exec_driver_sql("SELECT statement, generic_plans + custom_plans FROM pg_prepared_statements")
    return [asked for statement, asked in every if re.search(rf"FROM {table}\b", statement)]
