"""Rows that a source no longer gives: a state, never a hole (failures.md R6, F38, F39).

A reconciling delivery has read everything that changed at the source since a moment.
What we hold of that stretch and the source did not give has vanished: the row is marked
and stays counted, until the source gives it again or its status says it was withdrawn.

"Given" are the staged rows and the records set aside under the same key. A record set
aside without a key may be any of them: then nothing is marked.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from datasets.schema.dataset import Dataset
from datasets.store.lines import Reconciled
from datasets.store.merge import key_text
from datasets.store.staging import Staging
from datasets.store.tables import CHANGE_LOG, TABLES, Moment

FIELD = "vanished_at"
"""Name under which the change log tells of going and coming back."""
DAY = "received_on"
MOST_DAYS = 60


def compare(
    connection: sa.Connection, staging: Staging, source: str, since: datetime | None, bookmark: datetime | None
) -> Reconciled:
    """What the source gave beside what is held, before anything is written. Needs `todo` filled.

    since      from when the source was asked; None: for everything
    bookmark   how far earlier pulls had read: what they should have seen and did not is a difference
    """
    main, rows, todo = TABLES[staging.dataset.name], staging.rows, staging.todo
    held = connection.scalar(sa.select(sa.func.count()).where(*_held(main, source, since))) or 0
    keyless = connection.scalar(sa.select(sa.func.count()).where(staging.bad.c.record_key == staging.bad.c.row_id))
    gone = [] if keyless else [*_held(main, source, since), *_not_given(staging, main)]
    vanished = _by_day(connection, main, gone) if gone else {}
    earlier = [rows.c.updated_at <= bookmark] if bookmark is not None and "updated_at" in rows.c else []

    def differing(action: str) -> dict[str, int]:
        join = rows.join(todo, todo.c.seq == rows.c.seq)
        return _by_day(connection, rows, [todo.c.action == action, *earlier], join)

    missing, stale = (differing("new"), differing("changed")) if bookmark is not None else ({}, {})
    days: dict[str, dict[str, int]] = {}
    for kind, counted in (("missing", missing), ("stale", stale), ("vanished", vanished)):
        for day, number in counted.items():
            days.setdefault(day, {})[kind] = number
    return Reconciled(
        since=since.isoformat(timespec="seconds") if since else None,
        held=int(held),
        missing=sum(missing.values()),
        stale=sum(stale.values()),
        vanished=sum(vanished.values()),
        unsure=int(keyless or 0),
        days=dict(sorted(days.items(), reverse=True)[:MOST_DAYS]),
    )


def mark_vanished(
    connection: sa.Connection, staging: Staging, source: str, since: datetime | None, now: datetime, pull_id: int
) -> int:
    """Mark what the source no longer gives, with a line each in the change log; how many."""
    main = TABLES[staging.dataset.name]
    gone = [*_held(main, source, since), *_not_given(staging, main)]
    _log(connection, staging.dataset, gone, None, _plain(now), now, pull_id)
    return connection.execute(main.update().values(vanished_at=now).where(*gone)).rowcount


def mark_returned(connection: sa.Connection, staging: Staging, source: str, now: datetime, pull_id: int) -> int:
    """Take the mark off rows that this delivery brings again; how many."""
    main = TABLES[staging.dataset.name]
    there = sa.exists().where(staging.same_key(main)).correlate(main)
    back = [main.c.source == source, main.c.vanished_at.is_not(None), there]
    if not connection.scalar(sa.select(sa.func.count()).select_from(main).where(*back)):
        return 0
    _log(connection, staging.dataset, back, main.c.vanished_at, None, now, pull_id)
    return connection.execute(main.update().values(vanished_at=sa.null()).where(*back)).rowcount


def _held(main: sa.Table, source: str, since: datetime | None) -> list[sa.ColumnElement[bool]]:
    """Rows of the source that it should have given, not marked yet."""
    held = [main.c.source == source, main.c.vanished_at.is_(None)]
    return held if since is None else [*held, main.c.updated_at >= since]


def _not_given(staging: Staging, main: sa.Table) -> list[sa.ColumnElement[bool]]:
    staged = sa.exists().where(staging.same_key(main)).correlate(main)
    aside = sa.select(staging.bad.c.record_key)
    return [sa.not_(staged), key_text(staging.dataset, main).not_in(aside)]


def _by_day(
    connection: sa.Connection,
    table: sa.Table,
    which: list[sa.ColumnElement[bool]],
    source: sa.FromClause | None = None,
) -> dict[str, int]:
    """Counts by the day of receipt; of a dataset without one, all under the empty day."""
    day: sa.ColumnElement[Any] = table.c[DAY] if DAY in table.c else sa.literal("")
    asked = sa.select(day, sa.func.count()).select_from(table if source is None else source).where(*which)
    if DAY in table.c:
        asked = asked.group_by(day)
    found = connection.execute(asked)
    return {_plain_day(day): int(number) for day, number in found if number}


def _plain_day(day: object) -> str:
    return day.isoformat() if isinstance(day, date) else ""


def _plain(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _log(
    connection: sa.Connection,
    dataset: Dataset,
    which: list[sa.ColumnElement[bool]],
    old: sa.ColumnElement[Any] | None,
    new: str | None,
    now: datetime,
    pull_id: int,
) -> None:
    main = TABLES[dataset.name]
    lines = sa.select(
        sa.literal(dataset.name),
        main.c.unit,
        main.c.source,
        key_text(dataset, main),
        sa.literal(FIELD),
        sa.null() if old is None else sa.cast(old, sa.Text),
        sa.literal(new, sa.Text()),
        sa.literal(now, Moment()),
        sa.literal(pull_id, sa.BigInteger()),
    ).where(*which)
    names = [column.name for column in CHANGE_LOG.columns if column.name != "id"]
    connection.execute(CHANGE_LOG.insert().from_select(names, lines))
