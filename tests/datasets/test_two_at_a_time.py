"""Statements are read two at a time on PostgreSQL, one after the other on SQLite; the answers are the same."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from datasets.store import Store
from datasets.store.two_at_a_time import two_at_a_time


def test_the_answers_come_in_the_order_of_the_reads(store: Store) -> None:
    with store.engine.connect() as connection:
        reads = [lambda on, n=n: on.execute(sa.select(sa.literal(n))).scalar_one() for n in range(20)]
        assert two_at_a_time(connection, reads) == list(range(20))
        assert two_at_a_time(connection, []) == []


def test_only_postgresql_reads_on_two_connections(store: Store) -> None:
    with store.engine.connect() as connection:
        apart = connection.dialect.name == "postgresql"
        both = threading.Barrier(2 if apart else 1, timeout=10)

        def read(on: sa.Connection) -> bool:
            both.wait()
            return on is connection

        assert sorted(two_at_a_time(connection, [read, read])) == ([False, True] if apart else [True, True])
        assert two_at_a_time(connection, [lambda on: on is connection]) == [True]


@pytest.mark.parametrize("wrong", [0, 1, 5])
def test_what_a_read_raises_is_raised_and_nothing_is_left_running_or_held(store: Store, wrong: int) -> None:
    held = store.engine.pool.checkedout()

    def read(on: sa.Connection, n: int) -> int:
        if n == wrong:
            raise ValueError(n)
        return int(on.execute(sa.select(sa.literal(n))).scalar_one())

    with store.engine.connect() as connection, pytest.raises(ValueError, match=str(wrong)):
        two_at_a_time(connection, [lambda on, n=n: read(on, n) for n in range(6)])
    assert store.engine.pool.checkedout() == held
