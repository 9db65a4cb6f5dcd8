"""The ledger: one line per pull, whatever its end, and where each source stands.

The line of a good pull is written by the delivery, in the transaction of its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from datasets.clock import Clock
from datasets.errors import BatchRejected, OpsError, SourceChanged
from datasets.store.engine import writing
from datasets.store.lines import (
    TROUBLE,
    WITH_ROWS,
    Confirmed,
    Counts,
    Drift,
    PullLine,
    Reconciled,
    SourceLine,
    Verdict,
)
from datasets.store.roll_call import roll_call
from datasets.store.tables import PULL, SOURCE_STATE

USUAL_OF = 4
USUAL_NEEDS = 3


_LINES = sa.select(PULL.c.id, PULL.c.verdict, PULL.c.read).order_by(PULL.c.id.desc()).limit(100).subquery()
_RUNNING: sa.ColumnElement[str] = sa.literal_column(f"'{Verdict.RUNNING}'")
_ACTIVITY = sa.select(_LINES.c.id, sa.case((_LINES.c.verdict == _RUNNING, _LINES.c.read))).where(
    sa.or_(_LINES.c.verdict == _RUNNING, _LINES.c.id == sa.select(sa.func.max(PULL.c.id)).scalar_subquery())
)
"""The newest line, and those of the last few that are under way."""


class Ledger:
    """Reads and writes the ledger of one store."""

    def __init__(self, engine: sa.Engine, clock: Clock, time_zone: ZoneInfo) -> None:
        self._engine = engine
        self._clock = clock
        self._time_zone = time_zone

    def begin(self, source: str, dataset: str = "") -> int:
        """Open a line for a pull that starts now, and give its id."""
        now = self._clock()
        with writing(self._engine) as connection:
            result = connection.execute(
                PULL.insert().values(
                    source=source,
                    dataset=dataset,
                    started_at=now,
                    weekday=now.astimezone(self._time_zone).weekday(),
                    verdict=Verdict.RUNNING,
                    bookmark_from=_state(connection, source).get("bookmark"),
                )
            )
            assert result.inserted_primary_key is not None
            return int(result.inserted_primary_key[0])

    def progress(self, pull_id: int, read: int) -> None:
        """Tell how many records a pull has read that is still under way."""
        with writing(self._engine) as connection:
            under_way = sa.and_(PULL.c.id == pull_id, PULL.c.verdict == Verdict.RUNNING)
            connection.execute(PULL.update().where(under_way).values(read=read))

    def fail(
        self,
        pull_id: int,
        error: OpsError,
        counts: Counts | None = None,
        drift: Sequence[Drift] = (),
        note: str | None = None,
    ) -> None:
        """End a pull with its error: refused for data not believed, failed for the rest.

        A pull that has ended already keeps the end it has.
        """
        refused = isinstance(error, BatchRejected | SourceChanged)
        with writing(self._engine) as connection:
            self.end(
                connection,
                pull_id,
                Verdict.REFUSED if refused else Verdict.FAILED,
                counts or Counts(),
                error=error,
                drift=drift,
                note=note,
            )

    def idle(self, pull_id: int, *, as_of: datetime | None = None, note: str | None = None) -> None:
        """End a pull that found nothing to take, as when a folder holds no new file.

        `as_of` only when the source thereby said that what we hold is up to date.
        """
        with writing(self._engine) as connection:
            self.end(connection, pull_id, Verdict.EMPTY_EXPECTED, Counts(), as_of=as_of, note=note)

    def interrupted(self, source: str | None = None) -> int:
        """Mark pulls left running as failed, and say how many there were.

        Only for who holds the lease of the source (or of the scheduler, for all): then
        a pull still called running has no process any more.
        """
        left = sa.select(PULL.c.id).where(PULL.c.verdict == Verdict.RUNNING).order_by(PULL.c.id)
        if source is not None:
            left = left.where(PULL.c.source == source)
        with writing(self._engine) as connection:
            ids = list(connection.scalars(left))
            for pull_id in ids:
                self.end(connection, pull_id, Verdict.FAILED, Counts(), error=OpsError("error.interrupted"))
        return len(ids)

    def end(
        self,
        connection: sa.Connection,
        pull_id: int,
        verdict: Verdict,
        counts: Counts,
        *,
        bookmark: str | None = None,
        as_of: datetime | None = None,
        error: OpsError | None = None,
        data_version: int | None = None,
        note: str | None = None,
        drift: Sequence[Drift] = (),
        reconciled: Reconciled | None = None,
        confirmed: Confirmed | None = None,
    ) -> None:
        """Close the line and the source's state, inside the caller's transaction.

        `bookmark` and `as_of` None leave the source's own as they are.
        """
        now = self._clock()
        line = connection.execute(sa.select(PULL).where(PULL.c.id == pull_id)).mappings().one()
        if line["verdict"] != Verdict.RUNNING:
            return
        closed: dict[str, Any] = {
            "verdict": verdict,
            "ended_at": now,
            "read": counts.read,
            "new": counts.new,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
            "duplicates": counts.duplicates,
            "quarantined": counts.quarantined,
            "bookmark_to": bookmark,
            "as_of": as_of,
            "error_key": error.key if error else None,
            "error_params": error.params if error else None,
            "data_version": data_version,
            "note": note,
            "drift": [asdict(found) for found in drift] or None,
            "reconciled": asdict(reconciled) if reconciled else None,
            "confirmed": asdict(confirmed) if confirmed else None,
        }
        connection.execute(PULL.update().where(PULL.c.id == pull_id).values(closed))
        before = _state(connection, line["source"])
        state: dict[str, Any] = {"last_pull_id": pull_id}
        if verdict in TROUBLE:
            state["trouble_since"] = before.get("trouble_since") or line["started_at"]
        else:
            state |= {"trouble_since": None, "last_success_at": now}
        if bookmark is not None:
            state["bookmark"] = bookmark
        if as_of is not None:
            state["as_of"] = as_of
        if before:
            connection.execute(SOURCE_STATE.update().where(SOURCE_STATE.c.source == line["source"]).values(state))
        else:
            connection.execute(SOURCE_STATE.insert().values(source=line["source"], **state))

    def bookmark(self, source: str) -> str | None:
        """How far the last committed pull got; None before the first."""
        with self._engine.connect() as connection:
            found: str | None = _state(connection, source).get("bookmark")
            return found

    def status(self, source: str) -> SourceLine:
        """Where the source stands; a line without a verdict when it was never pulled."""
        with self._engine.connect() as connection:
            return roll_call(connection, [source], self._clock())[source].line

    def runs(self, source: str | None = None, since: datetime | None = None, limit: int = 500) -> list[PullLine]:
        """Pulls that started at or after `since`, the latest first."""
        asked = sa.select(PULL).order_by(PULL.c.id.desc()).limit(limit)
        if source is not None:
            asked = asked.where(PULL.c.source == source)
        if since is not None:
            asked = asked.where(PULL.c.started_at >= since)
        with self._engine.connect() as connection:
            return [_line(row) for row in connection.execute(asked).mappings()]

    def days(self, since: datetime) -> dict[str, dict[date, dict[Verdict, int]]]:
        """By source and local day, how often its pulls ended how, from `since` on; runs under way are not counted."""
        offset = since.astimezone(self._time_zone).utcoffset() or timedelta(0)
        day: sa.ColumnElement[Any]
        if self._engine.dialect.name == "sqlite":
            day = sa.func.date(PULL.c.started_at, f"{int(offset.total_seconds()):+d} seconds")
        else:
            local = sa.type_coerce(PULL.c.started_at, sa.DateTime()) + sa.literal(offset, sa.Interval())
            day = sa.cast(sa.cast(local, sa.Date), sa.Text)
        asked = (
            sa.select(PULL.c.source, day.label("day"), PULL.c.verdict, sa.func.count())
            .where(PULL.c.started_at >= since, PULL.c.verdict != Verdict.RUNNING)
            .group_by(PULL.c.source, sa.text("day"), PULL.c.verdict)
        )
        found: dict[str, dict[date, dict[Verdict, int]]] = {}
        with self._engine.connect() as connection:
            for source, local_day, verdict, number in connection.execute(asked):
                verdicts = found.setdefault(source, {}).setdefault(date.fromisoformat(local_day), {})
                verdicts[Verdict(verdict)] = verdicts.get(Verdict(verdict), 0) + int(number)
        return found

    def activity(self) -> str:
        """Changes whenever a pull begins, gets on or ends; looks at the last few lines only."""
        with self._engine.connect() as connection:
            return str(sorted(map(tuple, connection.execute(_ACTIVITY)), reverse=True))

    def last_reconciled(self, source: str) -> datetime | None:
        """When the last pull began that compared all of a longer stretch; None when none did."""
        asked = sa.select(sa.func.max(PULL.c.id)).where(PULL.c.source == source, PULL.c.reconciled.is_not(None))
        with self._engine.connect() as connection:
            found: datetime | None = connection.scalar(
                sa.select(PULL.c.started_at).where(PULL.c.id == asked.scalar_subquery())
            )
            return found

    def last_read(self, connection: sa.Connection, source: str) -> int | None:
        """Records of the last pull of the source that was believed and brought any; None when none was."""
        asked = sa.select(PULL.c.read).where(
            PULL.c.source == source, PULL.c.verdict.in_(WITH_ROWS), PULL.c.read > 0, PULL.c.reconciled.is_(None)
        )
        found: int | None = connection.scalar(asked.order_by(PULL.c.id.desc()).limit(1))
        return found

    def usual_at(self, source: str, at: datetime) -> float | None:
        """`usual`, for who only looks."""
        with self._engine.connect() as connection:
            return self.usual(connection, source, at)

    def usual(self, connection: sa.Connection, source: str, at: datetime) -> float | None:
        """The usual count of records read on this weekday.

        Median of the last 4 pulls of the same local weekday that were believed and
        brought records; None while there are fewer than 3.
        """
        same = (
            sa.select(PULL.c.read)
            .where(
                PULL.c.source == source,
                PULL.c.weekday == at.astimezone(self._time_zone).weekday(),
                PULL.c.verdict.in_(WITH_ROWS),
                PULL.c.read > 0,
                PULL.c.reconciled.is_(None),  # it reads more than a usual pull
            )
            .order_by(PULL.c.id.desc())
            .limit(USUAL_OF)
        )
        counts = list(connection.scalars(same))
        return median(counts) if len(counts) >= USUAL_NEEDS else None


def _state(connection: sa.Connection, source: str) -> dict[str, Any]:
    found = connection.execute(sa.select(SOURCE_STATE).where(SOURCE_STATE.c.source == source)).mappings().first()
    return dict(found) if found else {}


def _line(row: sa.RowMapping) -> PullLine:
    values = {name: row[name] for name in PullLine.__dataclass_fields__}
    kept = {"verdict": Verdict(row["verdict"]), "error_params": row["error_params"] or {}, **_told(row)}
    return PullLine(**{**values, **kept})


def _told(row: sa.RowMapping) -> dict[str, Any]:
    return {
        "drift": tuple(Drift(**found) for found in row["drift"] or ()),
        "reconciled": Reconciled(**row["reconciled"]) if row["reconciled"] else None,
        "confirmed": Confirmed(**row["confirmed"]) if row["confirmed"] else None,
    }
