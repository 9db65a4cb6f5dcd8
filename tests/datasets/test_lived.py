"""What was pending on a past day is found by how long it lived: nothing is missed, and an index leads there."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa
from every_figure import COMMUNE, NOW, ZONE, dossiers

from datasets.store import Store, merge
from datasets.store.lived import LIVES, ended_after, is_long_past, latest_ends
from datasets.store.tables import TABLES

DOSSIER = TABLES["dossier"]
BOUNDARIES = [NOW.date() - timedelta(days=days) for days in (8, 30, 100, 400)]
LONGEST = 600


@pytest.fixture(params=["migration", "first delivery"])
def lives(request: pytest.FixtureRequest, store: Store, deliver, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Dossiers that lived for as many days as any class begins and ends with, around each boundary.

    Their index was made by the migration, or anew by a first delivery of many rows.
    """
    monkeypatch.setattr(merge, "INDEXES_AFTER", 1 if request.param == "first delivery" else 999_999)
    chance, template = random.Random(15), next(iter(dossiers()))
    edges = [limit + more for limit in (0, *LIVES, LONGEST) for more in (-1, 0, 1) if limit + more >= 0]
    rows = []
    for boundary in BOUNDARIES:
        for days in edges:
            for ended in {boundary + timedelta(days=n) for n in (-1, 0, 1, chance.randrange(days + 1), days - 1, days)}:
                if ended <= NOW.date():
                    rows.append(_lived(template, len(rows), ended, days))
    deliver(store, rows)
    return store


def _lived(template, number: int, ended: date, days: int):
    noon = datetime.combine(ended, time(12), ZONE)
    moments = {"received_at": noon - timedelta(days=days), "finished_at": noon, "returned_at": None, "due_at": None}
    return template | moments | {"unit": COMMUNE, "dossier_code": f"L{number}", "status": "finished"}


def found(store: Store, *where: sa.ColumnElement[bool]) -> set[str]:
    with store.engine.connect() as connection:
        return set(connection.execute(sa.select(DOSSIER.c.dossier_code).where(*where)).scalars())


@pytest.mark.parametrize("earlier", [0, 7])
def test_nothing_that_was_there_is_missed_and_little_else_is_read(lives: Store, earlier: int) -> None:
    c = DOSSIER.c
    for boundary in BOUNDARIES:
        since = boundary - timedelta(days=earlier)
        there = found(lives, c.received_on < boundary, c.end_on >= since)
        read = found(lives, ended_after(DOSSIER, since, latest_ends(boundary)))
        assert len(there) > 30
        assert there <= read
        assert len(read) < len(found(lives, c.end_on >= since)) or boundary == BOUNDARIES[0]


def test_an_index_leads_to_each_class_of_lives(lives: Store) -> None:
    """The index is found by the very words of its expression, which its migration says by itself."""
    of, day = [DOSSIER.c.unit == COMMUNE], BOUNDARIES[2]
    classes = ended_after(DOSSIER, day, latest_ends(day), of)
    lite = lives.engine.dialect.name == "sqlite"
    with lives.engine.connect() as connection:
        if not lite:  # of so few rows it may take any index
            others = ", ".join(str(index.name) for index in DOSSIER.indexes if index.name != "ix_dossier_pending")
            connection.exec_driver_sql(f"DROP INDEX {others}")
            connection.exec_driver_sql("ALTER TABLE dossier DROP CONSTRAINT pk_dossier")
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for each in [classes] if lite else classes.clauses:  # type: ignore[attr-defined]
            asked = sa.select(DOSSIER.c.dossier_code).where(each)
            text = asked.compile(lives.engine, compile_kwargs={"literal_binds": True})
            plan = "\n".join(map(str, connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN' * lite} {text}").all()))
            led = plan.count("<expr>=? AND end_on>?") if lite else plan.split("Filter")[0].count("CASE")
            assert led == (len(LIVES) + 1 if lite else 1), plan


def test_a_day_is_long_past_once_more_has_ended_since_than_in_a_week() -> None:
    today = NOW.date()
    assert not is_long_past(today - timedelta(days=7), today)
    assert is_long_past(today - timedelta(days=8), today)
