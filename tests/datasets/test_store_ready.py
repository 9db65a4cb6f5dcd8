"""A statement made once, given straight to the driver: the same on both databases as by the long way."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from datasets.store.ready import Parameters, Ready
from datasets.store.tables import TABLES

FIRST = datetime(2026, 11, 2, 8, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
DOSSIER = TABLES["dossier"].c
SINCE = sa.select(DOSSIER.dossier_code, DOSSIER.received_on, DOSSIER.received_at, DOSSIER.due_at).where(
    DOSSIER.received_at >= sa.bindparam("since", type_=DOSSIER.received_at.type),
    DOSSIER.channel.in_([sa.literal("direct"), sa.literal("100 %")]),
)

SINCE_READY = Ready(SINCE)


@pytest.fixture
def filled(store, deliver):
    rows = [{"unit": "99001", "dossier_code": code, "channel": "direct", "received_at": FIRST, "status": "accepted"}
            for code in "AB"]  # fmt: skip
    deliver(store, rows)
    return store


def test_days_and_moments_go_in_and_come_out_as_by_the_long_way(filled):
    ready = Ready(SINCE.order_by(DOSSIER.dossier_code))
    with filled.engine.connect() as connection:
        codes, days, moments, due = ready.columns(connection, {"since": FIRST})
        long_way = connection.execute(SINCE.order_by(DOSSIER.dossier_code), {"since": FIRST}).all()
    assert (list(codes), list(days), list(moments), list(due)) == (
        ["A", "B"],
        [date(2026, 11, 2)] * 2,
        [FIRST] * 2,
        [None] * 2,
    )
    assert [tuple(row) for row in long_way] == list(zip(codes, days, moments, due, strict=True))


def test_parameters_are_kept_and_only_the_moment_of_asking_is_said_anew(filled):
    later = FIRST + timedelta(hours=1)
    kept = Parameters({}, moments=("since",))
    with filled.engine.connect() as connection:
        asked = [SINCE_READY.ask(connection, kept, now) for now in (FIRST, later, FIRST)]
        assert [len(answer.columns()) for answer in asked] == [4, 0, 4]
        assert len(kept.forms) == 1
        each = Parameters({}, [{"since": FIRST}, {"since": later}])
        assert [len(SINCE_READY.ask(connection, each).columns()[0]) for _ in range(2)] == [2, 2]


def test_nothing_found_is_no_columns(filled):
    with filled.engine.connect() as connection:
        assert Ready(SINCE).columns(connection, {"since": datetime(2027, 1, 1, tzinfo=ZoneInfo("UTC"))}) == []


def test_one_state_of_the_database_is_seen_through_the_whole_connection(filled, deliver):
    """Also where such a statement is the first that the connection is asked."""
    ready = Ready(sa.select(sa.func.count()).select_from(TABLES["dossier"]))
    with filled.engine.connect().execution_options(isolation_level=SEEN[filled.engine.dialect.name]) as connection:
        assert ready.columns(connection, {}) == [(2,)]
        deliver(filled, [{"unit": "99001", "dossier_code": "C", "channel": "direct", "received_at": FIRST,
                          "status": "accepted"}])  # fmt: skip
        assert ready.columns(connection, {}) == [(2,)]
    with filled.engine.connect() as connection:
        assert ready.columns(connection, {}) == [(3,)]


SEEN = {"sqlite": "SERIALIZABLE", "postgresql": "REPEATABLE READ"}


def test_a_list_as_one_parameter_is_refused(filled):
    listed = Ready(sa.select(DOSSIER.unit).where(DOSSIER.unit.in_(sa.bindparam("units", expanding=True))))
    with filled.engine.connect() as connection, pytest.raises(ValueError, match="list"):
        listed.columns(connection, {"units": ["99001"]})
