"""Of every source where it stands, in one statement: every page says so of all of them.

What is counted is sought source by source in an index, so that it costs the same after years of pulls.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from datasets.schema import DATASETS
from datasets.store.conditions import one_of
from datasets.store.heartbeat import SCHEDULER
from datasets.store.lines import TROUBLE, Drift, Reconciled, SourceLine, Verdict
from datasets.store.listed import listed, named
from datasets.store.ready import Ready
from datasets.store.tables import HEARTBEAT, PULL, QUARANTINE, SOURCE_STATE, TABLES, Moment

REFUSED: sa.ColumnElement[str] = sa.literal_column("'refused'")
"""Said in full, so that SQLite uses the index of the refused ones."""
_NONE: sa.ColumnElement[int] = sa.literal_column("0")
_RUNNING: sa.ColumnElement[str] = sa.literal_column(f"'{Verdict.RUNNING}'")


@dataclass(frozen=True, slots=True)
class Called:
    """One source.

    waiting    records in quarantine now, of all pulls
    vanished   by dataset, rows held that the source no longer gives
    failures   runs in a row that ended badly; 0 when the last one was good
    refused    whether a file was refused since the moment asked for
    seen       when the scheduler was last alive, the same for all
    """

    line: SourceLine
    waiting: int
    vanished: Mapping[str, int]
    failures: int
    refused: bool
    seen: datetime | None


def roll_call(connection: sa.Connection, sources: Sequence[str], since: datetime) -> dict[str, Called]:
    """By source where it stands; a line without a verdict for one that was never pulled.

    since   files refused before it are not told of
    """
    if not sources:
        return {}
    statement, names = _statement(len(sources))
    columns = statement.columns(connection, named("source", sources) | {"since": since})
    rows = (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
    return {row["source"]: _called(row) for row in rows}


@lru_cache(maxsize=64)
def _statement(sources: int) -> tuple[Ready, list[str]]:
    """A row for each of so many sources: its state, its newest line (a_), the newest that ended (e_) and the newest
    that compared a longer stretch (c_), and what is counted of it."""
    asked = listed("source", sources)
    attempt, ended, compared = PULL.alias("attempt"), PULL.alias("ended"), PULL.alias("compared")
    state, source = SOURCE_STATE, asked.c.source
    good = _newest(asked, lambda pull: sa.not_(one_of(pull.c.verdict, (*TROUBLE, Verdict.RUNNING))))
    failures = sa.select(sa.func.count()).where(
        PULL.c.source == source,
        PULL.c.id > sa.func.coalesce(good, _NONE),
        PULL.c.started_at >= state.c.trouble_since,
        one_of(PULL.c.verdict, TROUBLE),
    )
    waiting = sa.select(sa.func.count()).where(QUARANTINE.c.source == source, QUARANTINE.c.settled_at.is_(None))
    refused = sa.exists().where(
        PULL.c.source == source, PULL.c.verdict == REFUSED, PULL.c.started_at >= sa.bindparam("since", type_=Moment)
    )
    facts = {dataset.name: TABLES[dataset.name] for dataset in DATASETS}
    vanished = {
        name: sa.select(sa.func.count()).where(table.c.source == source, table.c.vanished_at.is_not(None))
        for name, table in facts.items()
    }
    seen = sa.select(HEARTBEAT.c.at).where(HEARTBEAT.c.name == sa.literal_column(f"'{SCHEDULER}'"))
    columns = [
        source,
        *(state.c[name] for name in ("bookmark", "last_success_at", "as_of", "last_pull_id", "trouble_since")),
        *(attempt.c[name].label(f"a_{name}") for name in ("started_at", "verdict", "read")),
        *(ended.c[name].label(f"e_{name}") for name in ("verdict", *_COUNTS, "error_key", "error_params", "drift")),
        *(compared.c[name].label(f"c_{name}") for name in ("started_at", "reconciled")),
        sa.case((state.c.trouble_since.is_(None), _NONE), else_=failures.scalar_subquery()).label("failures"),
        waiting.scalar_subquery().label("waiting"),
        refused.label("refused"),
        *(counted.scalar_subquery().label(f"vanished_{name}") for name, counted in vanished.items()),
        seen.scalar_subquery().label("seen"),
    ]
    joined = (
        asked.outerjoin(state, state.c.source == source)
        .outerjoin(attempt, attempt.c.id == _newest(asked, lambda pull: sa.true()))
        .outerjoin(ended, ended.c.id == _newest(asked, lambda pull: pull.c.verdict != _RUNNING))
        .outerjoin(compared, compared.c.id == _newest(asked, lambda pull: pull.c.reconciled.is_not(None)))
    )
    statement: sa.Select[Any] = sa.select(*columns).select_from(joined)
    return Ready(statement), [str(column.key) for column in statement.selected_columns]


_COUNTS = ("read", "new", "changed", "unchanged", "duplicates", "quarantined")


def _newest(asked: sa.CTE, lines: Callable[[sa.FromClause], sa.ColumnElement[bool]]) -> sa.ScalarSelect[Any]:
    pull = PULL.alias()
    newest = sa.select(sa.func.max(pull.c.id)).where(pull.c.source == asked.c.source, lines(pull))
    return newest.correlate(asked).scalar_subquery()


def _called(row: Mapping[str, Any]) -> Called:
    return Called(
        _line(row),
        row["waiting"],
        {dataset.name: row[f"vanished_{dataset.name}"] for dataset in DATASETS},
        row["failures"],
        bool(row["refused"]),
        row["seen"],
    )


def _line(row: Mapping[str, Any]) -> SourceLine:
    if row["a_verdict"] is None:
        return SourceLine(row["source"])
    running = row["a_verdict"] == Verdict.RUNNING
    ended = row["e_verdict"] is not None
    return SourceLine(
        row["source"],
        verdict=Verdict(row["e_verdict"]) if ended else None,
        running=running,
        reading=row["a_read"] if running else 0,
        last_success=row["last_success_at"],
        last_attempt=row["a_started_at"],
        since=row["trouble_since"],
        bookmark=row["bookmark"],
        as_of=row["as_of"],
        last_pull_id=row["last_pull_id"],
        error_key=row["e_error_key"],
        error_params=row["e_error_params"] or {},
        drift=tuple(Drift(**found) for found in row["e_drift"] or ()),
        reconciled=Reconciled(**row["c_reconciled"]) if ended and row["c_reconciled"] else None,
        reconciled_at=row["c_started_at"] if ended else None,
        **{name: row[f"e_{name}"] or 0 for name in _COUNTS},
    )
