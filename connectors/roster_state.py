"""What is remembered between two rosters of one source: a small file beside the store.

Always: when the last roster was made, and which counts were handed on for its month, so
that a grade that disappears becomes 0 and does not stay as it was.
With a key (`key:` in the configuration): the roster as connectors.roster holds it, hashes
of persons with school, grade, sex and role. A delta can be counted only by laying it over
that. The key stands outside of this file and of the database; without it the hashes lead
back to nobody, and the file is readable to its owner only. Without a key nothing of any
person is kept, and a delta is refused.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.roster import Cells, Roster, hashed

_FORMAT = 1
_MARK = "roster"
Cell = tuple[str, str, str]
"""School id, quantity, category."""


@dataclass(slots=True)
class RosterState:
    """made: of the newest roster taken; bulk: of the last whole one. Naive, as the zip says them."""

    made: datetime
    bulk: datetime
    period: str = ""
    cells: list[Cell] = field(default_factory=list)
    roster: Roster | None = None

    def written(self, key: bytes | None) -> str:
        said = {
            "format": _FORMAT,
            "made": self.made.isoformat(),
            "bulk": self.bulk.isoformat(),
            "period": self.period,
            "cells": self.cells,
        }
        if key is not None and self.roster is not None:
            said |= {"key": hashed(key, _MARK), "tables": self.roster.tables}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def read_state(path: Path, key: bytes | None) -> RosterState | None:
    """The remembered state; None when there is none, or none that can be read.

    Its roster is None without a key, and when it was written with another one.
    """
    try:
        said = json.loads(path.read_text("utf-8"))
        if said["format"] != _FORMAT:
            return None
        roster = None
        if key is not None and said.get("key") == hashed(key, _MARK):
            tables: dict[str, dict[str, list[str]]] = said["tables"]
            roster = Roster({name: {own: _cells(row) for own, row in rows.items()} for name, rows in tables.items()})
        cells = [(str(school), str(quantity), str(category)) for school, quantity, category in said["cells"]]
        made, bulk = (datetime.fromisoformat(said[name]) for name in ("made", "bulk"))
        return RosterState(made, bulk, str(said["period"]), cells, roster)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # a bulk roster begins anew


def write_state(path: Path, state: RosterState, key: bytes | None) -> None:
    """Replace the file, whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_name(f".{path.name}.tmp")
    with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(state.written(key))
        file.flush()
        os.fsync(file.fileno())
    whole.replace(path)


def _cells(row: list[str]) -> Cells:
    return tuple(map(str, row))
