"""Files that were refused and have not come again since: a folder's last good file does not hide them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from datasets.store.lines import WITH_ROWS
from datasets.store.roll_call import REFUSED
from datasets.store.tables import PULL


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file as it was named in its folder, or in its zip; when it was refused and why."""

    name: str
    at: datetime
    error_key: str
    error_params: dict[str, str]


def refused_files(
    connection: sa.Connection, sources: Sequence[str], since: datetime
) -> dict[str, tuple[RefusedFile, ...]]:
    """By source, the newest first: refused from `since` on, and none of the same name taken afterwards."""
    asked = (
        sa.select(PULL.c.source, PULL.c.id, PULL.c.note, PULL.c.started_at, PULL.c.error_key, PULL.c.error_params)
        .where(PULL.c.source.in_(sources), PULL.c.verdict == REFUSED, PULL.c.started_at >= since)
        .where(PULL.c.note.is_not(None), PULL.c.error_key.is_not(None))
        .order_by(PULL.c.id.desc())
    )
    found: dict[str, dict[str, RefusedFile]] = {}
    taken: dict[str, dict[str, int]] = {}
    for line in connection.execute(asked):
        if line.source not in taken:
            taken[line.source] = _taken(connection, line.source, since)
        name = file_of(line.note)
        if taken[line.source].get(_leaf(name), 0) < line.id:
            refused = RefusedFile(name, line.started_at, line.error_key, line.error_params or {})
            found.setdefault(line.source, {}).setdefault(_leaf(name), refused)
    return {source: tuple(named.values()) for source, named in found.items()}


def file_of(note: str) -> str:
    """The file of a folder's line in the ledger, whose note begins with its name."""
    return note.partition(": ")[0]


def _taken(connection: sa.Connection, source: str, since: datetime) -> dict[str, int]:
    """Name -> the newest line of the source in which a file of that name was taken."""
    asked = sa.select(PULL.c.note, PULL.c.id).where(
        PULL.c.source == source, PULL.c.verdict.in_(WITH_ROWS), PULL.c.started_at >= since, PULL.c.note.is_not(None)
    )
    return {_leaf(file_of(note)): number for note, number in connection.execute(asked.order_by(PULL.c.id))}


def _leaf(name: str) -> str:
    return name.rpartition("/")[2].casefold()
