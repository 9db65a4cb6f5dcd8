"""Writing the quarantine: inside the delivery's transaction, by set-based statements."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from datasets.schema.dataset import Dataset
from datasets.store.merge import key_text
from datasets.store.staging import Staging
from datasets.store.tables import QUARANTINE, Moment
from datasets.validate import Problem

REFUSED_SAMPLE = 100


def as_rows(
    records: Sequence[tuple[str, str, Sequence[Problem]]], payloads: Sequence[Mapping[str, object] | None] | None
) -> list[tuple[object, ...]]:
    """Set-aside records (row id, key, problems) as rows of the staging table."""
    kept = payloads if payloads is not None else [None] * len(records)
    return [
        (
            key or row_id,
            row_id,
            _json([{"field": p.field, "code": p.code, "value": p.value} for p in problems]),
            None if payload is None else _json(payload),
        )
        for (row_id, key, problems), payload in zip(records, kept, strict=True)
    ]


def clash_rows(dataset: Dataset, clashes: Sequence[sa.RowMapping]) -> list[tuple[object, ...]]:
    """The same for rows whose key already belongs to another record."""
    records = []
    for clash in clashes:
        key = str(clash["record_key"])
        differing = [name for name in dataset.identity if clash[name] is not None]
        problems = [Problem.of(name, "identity_changed", clash[name], key) for name in differing]
        records.append((key, key, problems))
    return as_rows(records, None)


def settle_accepted(connection: sa.Connection, staging: Staging, source: str, now: datetime) -> None:
    """Settle the lines whose key this delivery accepts."""
    held = sa.and_(_open(source, staging.dataset), QUARANTINE.c.settled_at.is_(None))
    if connection.execute(sa.select(sa.literal(1)).where(held).limit(1)).first() is None:
        return  # as ever; else the keys of a million rows are written out for nothing
    accepted = sa.select(key_text(staging.dataset, staging.rows))
    _settle(connection, now, held, QUARANTINE.c.record_key.in_(accepted))


def settle_replayed(connection: sa.Connection, ids: Sequence[int], pull_id: int, now: datetime) -> None:
    """Settle the lines that were read again, but for those set aside once more."""
    if ids:
        _settle(connection, now, QUARANTINE.c.id.in_(ids), QUARANTINE.c.last_pull_id != pull_id)


def write(
    connection: sa.Connection, staging: Staging, source: str, pull_id: int, now: datetime, limit: int | None = None
) -> None:
    """Put the staged bad records into the quarantine; the same record again updates its line.

    limit   only so many, of a delivery that is refused as a whole
    """
    bad = staging.bad
    last = sa.select(sa.func.max(bad.c.seq)).group_by(bad.c.record_key)
    if limit is not None:
        last = last.order_by(sa.func.max(bad.c.seq)).limit(limit)
    moment, pull = sa.literal(now, Moment()), sa.literal(pull_id, sa.BigInteger())
    found = sa.select(
        sa.literal(source),
        sa.literal(staging.dataset.name),
        bad.c.record_key,
        bad.c.row_id,
        moment,
        moment,
        pull,
        pull,
        sa.literal(1),
        bad.c.problems,
        bad.c.payload,
    ).where(bad.c.seq.in_(last))
    names = [column.name for column in QUARANTINE.columns if column.name not in ("id", "settled_at")]
    insert: Any = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(QUARANTINE)
    insert = insert.from_select(names, found)
    came = insert.excluded
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["source", "dataset", "record_key"],
            set_={
                "row_id": came.row_id,
                "last_seen_at": came.last_seen_at,
                "last_pull_id": came.last_pull_id,
                "times_seen": QUARANTINE.c.times_seen + 1,
                "problems": came.problems,
                "payload": came.payload,
                "settled_at": sa.null(),
            },
        )
    )


def _open(source: str, dataset: Dataset) -> sa.ColumnElement[bool]:
    return sa.and_(QUARANTINE.c.source == source, QUARANTINE.c.dataset == dataset.name)


def _settle(connection: sa.Connection, now: datetime, *which: sa.ColumnElement[bool]) -> None:
    still_open = QUARANTINE.c.settled_at.is_(None)
    connection.execute(QUARANTINE.update().where(still_open, *which).values(settled_at=now))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
