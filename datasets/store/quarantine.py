"""Records set aside with their reasons, until they come right or a person looks.

One line per (source, dataset, record key): the same bad record in every pull updates
its line. A line is settled when a later delivery accepts its key, and open again when
the record turns bad again. Lines hold the canonical row at most: personal fields were
dropped before anything was checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from datasets.schema import BY_NAME
from datasets.schema.dataset import FieldType
from datasets.store.engine import writing
from datasets.store.tables import QUARANTINE

FORGOTTEN_AT_ONCE = 5_000
"""Lines; so long others wait to write."""


@dataclass(frozen=True, slots=True)
class SetAside:
    """One quarantined record.

    record_key   its natural key without the source, or row_id when it has none
    row_id       where it stood the last time it was read
    problems     [{"field", "code", "value"}]; the sentence of a code is `problem.<code>`
    payload      the canonical row as JSON, moments and dates as ISO text; may be None
    """

    id: int
    source: str
    dataset: str
    record_key: str
    row_id: str
    first_seen_at: datetime
    last_seen_at: datetime
    first_pull_id: int
    last_pull_id: int
    times_seen: int
    problems: list[dict[str, str]]
    payload: dict[str, Any] | None
    settled_at: datetime | None


def harmless(dataset: str, name: str, value: str) -> str:
    """A problem's value as it may leave the house: free text may name people and becomes "…".

    name   canonical field; the value of a source's own column is never shown
    """
    declared = BY_NAME.get(dataset)
    for field in declared.fields if declared else ():
        if field.name == name:
            free = field.type is FieldType.TEXT and field.name not in declared.key  # type: ignore[union-attr]
            return "…" if free and value else value
    return "…" if value else ""


class Quarantine:
    """Reads the quarantine of one store; deliveries write it."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def list(self, source: str, *, settled: bool = False, limit: int = 1000) -> Sequence[SetAside]:
        """The source's lines, those seen last first; open ones only unless `settled`."""
        asked = sa.select(QUARANTINE).where(QUARANTINE.c.source == source)
        if not settled:
            asked = asked.where(QUARANTINE.c.settled_at.is_(None))
        return self._read(asked.order_by(QUARANTINE.c.last_seen_at.desc(), QUARANTINE.c.id.desc()).limit(limit))

    def take(self, ids: Sequence[int]) -> Sequence[SetAside]:
        """The lines of these ids, for a replay; nothing is removed, a delivery settles them."""
        return self._read(sa.select(QUARANTINE).where(QUARANTINE.c.id.in_(ids)).order_by(QUARANTINE.c.id))

    def count(self, source: str) -> int:
        """Open lines of the source."""
        return self.counts().get(source, 0)

    def counts(self) -> dict[str, int]:
        """Open lines by source; a source without any is absent."""
        asked = sa.select(QUARANTINE.c.source, sa.func.count()).where(QUARANTINE.c.settled_at.is_(None))
        with self._engine.connect() as connection:
            found = connection.execute(asked.group_by(QUARANTINE.c.source))
            return {str(source): int(number) for source, number in found}

    def forget_payloads(self, seen_before: datetime) -> int:
        """Drop the rows kept with lines last seen before that moment; the reasons stay. How many; in short steps."""
        old = sa.and_(QUARANTINE.c.last_seen_at < seen_before, QUARANTINE.c.payload.is_not(None))
        some = sa.select(QUARANTINE.c.id).where(old).limit(FORGOTTEN_AT_ONCE)
        forgotten = 0
        while True:
            with writing(self._engine) as connection:
                change = QUARANTINE.update().where(QUARANTINE.c.id.in_(some)).values(payload=sa.null())
                number = connection.execute(change).rowcount
            forgotten += number
            if number < FORGOTTEN_AT_ONCE:
                return forgotten

    def _read(self, asked: sa.Select[Any]) -> Sequence[SetAside]:
        with self._engine.connect() as connection:
            return [SetAside(**dict(row)) for row in connection.execute(asked).mappings()]
