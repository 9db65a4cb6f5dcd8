"""Files the sandbox drops into the centre's inbox: the pilots' real, reported figures.

They are the one thing here that is not invented. A file is dropped once per content:
its name carries the content's hash, and a name found in the inbox, among the done or
among the refused, be it only of a report, is not dropped again.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

NAME = "pilot_facts"


def drop(table: Path, inbox: Path) -> Path | None:
    """Copy a CSV into the inbox, whole or not at all. None when it is already there or was taken."""
    content = table.read_bytes()
    name = f"{NAME}-{hashlib.sha256(content).hexdigest()[:12]}"
    if inbox.is_dir() and any(name in known.name for known in inbox.rglob("*")):
        return None
    inbox.mkdir(parents=True, exist_ok=True)
    target, whole = inbox / f"{name}.csv", inbox / f".{name}.tmp"
    with whole.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    whole.replace(target)
    return target
