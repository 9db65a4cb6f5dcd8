"""How far a source has been read, and from where the next pull asks.

The bookmark is the latest change moment among the accepted records, but never later
than ten minutes before the pull began: a source's clock may run ahead of ours, and a
record changed while we were reading may carry an earlier moment than the last one we
saw (failures.md F13). What lies in the overlap is read twice, which changes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

OVERLAP = timedelta(minutes=10)


def parse_bookmark(text: str | None) -> datetime | None:
    """A stored bookmark as a moment; None for a source never read."""
    return datetime.fromisoformat(text) if text else None


def format_bookmark(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def asked_since(bookmark: datetime | None, lookback: timedelta, started: datetime) -> datetime | None:
    """From when to ask: bookmark minus lookback; None, for everything, before the first pull.

    A bookmark in the future (our clock was once ahead) counts as the present.
    """
    return None if bookmark is None else min(bookmark, started) - lookback


def next_bookmark(bookmark: datetime | None, seen: datetime | None, started: datetime) -> datetime | None:
    """The bookmark after a pull that began at `started` and saw changes up to `seen`.

    Never in the future and, unless it was in the future, never moved backwards.
    """
    latest = started - OVERLAP
    reached = None if seen is None else min(seen, latest)
    if bookmark is None or reached is None:
        known = reached if bookmark is None else bookmark
        return None if known is None else min(known, started)
    return min(max(bookmark, reached), started)
