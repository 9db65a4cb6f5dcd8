"""Room left on the disk of the store (failures.md F28).

Loading stops while there is still room for the log, the checkpoint and the readers, not
when the disk is full. It goes on by itself as soon as there is room again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from datasets.errors import StoreError

GIGABYTE = 1_000_000_000
MOST_KEPT_FREE = 20 * GIGABYTE
"""A tenth of a large disk is more than a commune's store can need."""

Usage = Callable[[Path], tuple[int, int, int]]
"""(total, used, free) bytes of the disk that holds a path."""


def needed(total: int, share: float, gigabytes: float) -> float:
    """Bytes that must be free on a disk of `total` bytes for loading to go on."""
    return max(gigabytes * GIGABYTE, min(total * share, MOST_KEPT_FREE))


def refuse_when_full(file: Path | None, share: float, gigabytes: float, usage: Usage = shutil.disk_usage) -> None:
    """Raise StoreError("error.disk_low") when the disk of the database file has too little room.

    file   None for a database on a server, whose disk we do not see
    """
    if file is None:
        return
    total, _, free = usage(file.parent)
    least = needed(total, share, gigabytes)
    if free < least:
        free_said, least_said = (f"{size / GIGABYTE:.1f}" for size in (free, least))
        raise StoreError("error.disk_low", free=free_said, least=least_said)
