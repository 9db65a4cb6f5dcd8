"""Rows that a source no longer gives: a state, never a hole (failures.md R6, F38, F39).

A reconciling delivery has read everything that changed at the source since a moment.
What we hold of that stretch and the source did not give has vanished: the row is marked
and stays counted, until the source gives it again or its status says it was withdrawn.

Figures (dataset observation) are different: a figure that its source took back is not
counted any more, since nothing else would say so; the row stays, marked, for who asks.
A source may also say by itself which of its records it has deleted.

"Given" are the staged rows and the records set aside under the same key. A record set
aside without a key may be any of them: then nothing is marked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from datasets.schema.dataset import Dataset
from datasets.store.lines import Reconciled, Stretch
from datasets.store.merge import key_text
from datasets.store.staging import Staging
from datasets.store.tables import CHANGE_LOG, TABLES, Moment

FIELD = "vanished_at"
"""Name under which the change log tells of going and coming back."""
DAY = "received_on"
MOST_DAYS = 60
MOST_KEYS = 400


def compare(connection: sa.Connection, staging: Staging, source: str, stretch: Stretch) -> Reconciled:
    """What the source gave beside what is held, before anything is written. Needs `todo` filled.

    What earlier pulls should have seen and did not is a difference.
    """
    main, rows, todo = TABLES[staging.dataset.name], staging.rows, staging.todo
    since, bookmark = stretch.since, stretch.bookmark
    held = connection.scalar(sa.select(sa.func.count()).where(*_held(main, source, stretch))) or 0
    keyless = connection.scalar(sa.select(sa.func.count()).where(staging.bad.c.record_key == staging.bad.c.row_id))
    gone = [] if keyless or not stretch.marks else [*_held(main, source, stretch), *_not_given(staging, main)]
    vanished = _by_day(connection, main, gone) if gone else {}
    earlier = _seen_before(rows, stretch)

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
    connection: sa.Connection, staging: Staging, source: str, stretch: Stretch, now: datetime, pull_id: int
) -> int:
    """Mark what the source no longer gives, with a line each in the change log; how many."""
    main = TABLES[staging.dataset.name]
    gone = [*_held(main, source, stretch), *_not_given(staging, main)]
    return _mark(connection, staging, gone, now, pull_id)


def going(connection: sa.Connection, staging: Staging, source: str, keys: Collection[str]) -> tuple[int, int]:
    """How many rows of the source are held, and how many of them it says it has deleted."""
    main = TABLES[staging.dataset.name]
    counted = sa.select(sa.func.count()).select_from(main)
    held = connection.scalar(counted.where(*_held(main, source, None))) or 0
    found = sum(connection.scalar(counted.where(*which)) or 0 for which in _deleted(staging, main, source, keys))
    return int(held), int(found)


def mark_withdrawn(
    connection: sa.Connection, staging: Staging, source: str, keys: Collection[str], now: datetime, pull_id: int
) -> int:
    """Mark what the source says it has deleted, unless this delivery brings it too; how many."""
    main = TABLES[staging.dataset.name]
    return sum(_mark(connection, staging, which, now, pull_id) for which in _deleted(staging, main, source, keys))


def mark_returned(connection: sa.Connection, staging: Staging, source: str, now: datetime, pull_id: int) -> int:
    """Take the mark off rows that this delivery brings again; how many."""
    main = TABLES[staging.dataset.name]
    there = sa.exists().where(staging.same_key(main)).correlate(main)
    back = [main.c.source == source, main.c.vanished_at.is_not(None), there]
    if not connection.scalar(sa.select(sa.func.count()).select_from(main).where(*back)):
        return 0
    _log(connection, staging.dataset, back, main.c.vanished_at, None, now, pull_id)
    return connection.execute(main.update().values(vanished_at=sa.null()).where(*back)).rowcount


def _mark(
    connection: sa.Connection, staging: Staging, which: list[sa.ColumnElement[bool]], now: datetime, pull_id: int
) -> int:
    _log(connection, staging.dataset, which, None, _plain(now), now, pull_id)
    return connection.execute(TABLES[staging.dataset.name].update().values(vanished_at=now).where(*which)).rowcount


def _deleted(
    staging: Staging, main: sa.Table, source: str, keys: Collection[str]
) -> Iterator[list[sa.ColumnElement[bool]]]:
    """Rows with one of the keys, some hundred keys at a time."""
    named, staged = sorted(keys), sa.exists().where(staging.same_key(main)).correlate(main)
    for start in range(0, len(named), MOST_KEYS):
        among = key_text(staging.dataset, main).in_(named[start : start + MOST_KEYS])
        yield [*_held(main, source, None), among, sa.not_(staged)]


def _held(main: sa.Table, source: str, stretch: Stretch | None) -> list[sa.ColumnElement[bool]]:
    """Rows of the source that it should have given, not marked yet. stretch None: all of them."""
    held = [main.c.source == source, main.c.vanished_at.is_(None)]
    if stretch is not None and stretch.days is not None:
        return [*held, main.c.period_end > stretch.days]
    if stretch is not None and stretch.since is not None:
        return [*held, main.c.updated_at >= stretch.since]
    return held


def _seen_before(rows: sa.Table, stretch: Stretch) -> list[sa.ColumnElement[bool]]:
    """Which staged rows earlier pulls should have brought."""
    if stretch.renewed is not None:
        return [rows.c.period_end <= stretch.renewed]
    if stretch.bookmark is not None and "updated_at" in rows.c:
        return [rows.c.updated_at <= stretch.bookmark]
    return []


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
