"""What a delivery would do, told before it is done; and who signed figures that did not change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from datasets.schema.dataset import Row
from datasets.store.lines import Counts
from datasets.store.staging import Staging
from datasets.store.tables import TABLES

SIGNATURE = ("entered_by", "updated_at")
"""Who typed a figure, and when: not part of what the figure says."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row that would be written. `was` is the row it would replace, None for a new one."""

    row: Row
    was: Row | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One record that would be set aside; problems as in the quarantine: {field, code, value}."""

    row_id: str
    problems: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a delivery would do: its counts in full, the rows up to a limit."""

    counts: Counts
    steps: Sequence[Step]
    refusals: Sequence[Refusal]


def keep_signatures(connection: sa.Connection, staging: Staging) -> None:
    """A staged row that says what is known already keeps the signature, and the source, that it has."""
    rows, main, key = staging.rows, TABLES[staging.dataset.name], staging.dataset.key
    signed = [name for name in (*SIGNATURE, "source") if name in rows.c and name not in key]
    said = [name for name in staging.dataset.columns if name not in key and name not in signed]
    if signed:
        same = [rows.c[name].is_not_distinct_from(main.c[name]) for name in said]
        kept = {name: main.c[name] for name in signed}
        connection.execute(rows.update().values(kept).where(staging.same_key(main), *same))


def steps(connection: sa.Connection, staging: Staging, limit: int) -> list[Step]:
    """The rows that `classify` found new or changed, in the order they came."""
    rows, todo, main = staging.rows, staging.todo, TABLES[staging.dataset.name]
    names = [field.name for field in staging.dataset.fields]
    asked = (
        sa.select(todo.c.action, *(rows.c[n] for n in names), *(main.c[n].label(f"was_{n}") for n in names))
        .select_from(rows.join(todo, todo.c.seq == rows.c.seq).outerjoin(main, staging.same_key(main)))
        .where(todo.c.action.in_(("new", "changed")))
        .order_by(rows.c.seq)
        .limit(limit)
    )
    return [_step(row, names) for row in connection.execute(asked).mappings()]


def refusals(connection: sa.Connection, staging: Staging, limit: int) -> list[Refusal]:
    """The records set aside so far, in the order they came."""
    bad = staging.bad
    asked = sa.select(bad.c.row_id, bad.c.problems).order_by(bad.c.seq).limit(limit)
    return [Refusal(str(row_id), json.loads(problems)) for row_id, problems in connection.execute(asked)]


def _step(row: sa.RowMapping, names: Sequence[str]) -> Step:
    now: dict[str, Any] = {name: row[name] for name in names}
    return Step(now, {name: row[f"was_{name}"] for name in names} if row["action"] == "changed" else None)
