"""When the sandbox was started: the first line says since when, each line brings visitors.

The file keeps the simulated history the same over restarts. Delete it, together with
the store, to begin anew.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path


def read_starts(path: Path) -> list[datetime]:
    """Naive local moments, oldest first; none when there is no file. Lines that are no moment are passed over."""
    if not path.is_file():
        return []
    starts = []
    for line in path.read_text("utf-8").splitlines():
        try:
            starts.append(datetime.fromisoformat(line.strip()))
        except ValueError:
            continue
    return sorted(starts)


def note_start(path: Path, now: datetime) -> list[datetime]:
    """Add a start and return them all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{now.replace(microsecond=0).isoformat()}\n")
    return read_starts(path)
