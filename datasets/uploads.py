"""Files handed in on a page, until they are settled: in `data/uploads`, under random names.

The name a person gave never becomes a path. A file is removed once it was taken; what
nobody took is swept away after a day.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath, PureWindowsPath

from datasets.errors import UsageError
from datasets.vietnamese import clean

FOLDER = Path("data") / "uploads"
MOST_BYTES = 5_000_000
KINDS = (".xlsx", ".csv")
KEPT_FOR = timedelta(days=1)
LONGEST_NAME = 120
_OURS = re.compile(r"[0-9a-f]{32}\.(xlsx|csv)")


def keep(root: Path, name: str, content: bytes) -> str:
    """Lay a file down and give the random name it has now.

    root   folder of the configuration
    name   what the file was called; only its ending counts

    Raises UsageError: neither XLSX nor CSV, empty, too large, or not writable.
    """
    kind = PurePosixPath(name.lower()).suffix
    if kind not in KINDS:
        raise UsageError("jobs.not_a_sheet")
    if not content:
        raise UsageError("files.empty")
    if len(content) > MOST_BYTES:
        raise UsageError("files.too_large", megabytes=MOST_BYTES // 1_000_000)
    stored = secrets.token_hex(16) + kind
    try:
        (root / FOLDER).mkdir(parents=True, exist_ok=True)
        path_of(root, stored).write_bytes(content)
    except OSError as error:
        raise UsageError("jobs.cannot_keep", folder=FOLDER, reason=error.strerror or error) from None
    return stored


def path_of(root: Path, stored: str) -> Path:
    """Where a kept file is. Raises UsageError for a name that is none of ours."""
    if not _OURS.fullmatch(stored):
        raise UsageError("jobs.file_gone")
    return root / FOLDER / stored


def digest_of(content: bytes) -> str:
    """SHA-256, by which a file is known again."""
    return hashlib.sha256(content).hexdigest()


def shown_name(name: str) -> str:
    """A file's own name as it may be shown and kept: no folders, no odd characters, not endless."""
    bare = PureWindowsPath(PurePosixPath(name).name).name
    return "".join(letter for letter in clean(bare) if letter.isprintable())[:LONGEST_NAME]


def forget(root: Path, stored: str) -> None:
    path_of(root, stored).unlink(missing_ok=True)


def sweep(root: Path, now: datetime) -> int:
    """Remove files that have lain for longer than a day, and say how many."""
    folder, swept = root / FOLDER, 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if _OURS.fullmatch(path.name) and path.stat().st_mtime < (now - KEPT_FOR).timestamp():
            path.unlink(missing_ok=True)
            swept += 1
    return swept
