"""Reconciling: now and then a pull reads a longer stretch in full and compares.

An ordinary pull asks for what changed lately; a change that the source dated back, or a
record it dropped without a word, is never asked for again. A reconciling pull asks from
`days` ago, writes what was missed, and marks what we hold of that stretch and the
source no longer gives (datasets/store/vanish.py).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from datasets.errors import UsageError
from datasets.settings import Reconcile, RestSource, SourceBase
from datasets.store import Stretch


def reconciles(source: SourceBase) -> bool:
    """Whether the source can say what it holds of a stretch of time."""
    return isinstance(source, RestSource)


def stretch_of(
    source: SourceBase, bookmark: datetime | None, since: datetime | None, started: datetime, *, by_change: bool
) -> Stretch:
    """What a reconciling pull reads in full.

    since       from when an ordinary pull would ask; the stretch is never shorter
    by_change   whether our `updated_at` is what the source is asked by; else only
                everything can be compared with everything

    Raises UsageError for a source that cannot be compared.
    """
    if not isinstance(source, RestSource):
        raise UsageError("connectors.cannot_reconcile", source=source.name)
    if since is None or not by_change:
        return Stretch(None, bookmark)
    days = (source.reconcile or Reconcile()).days
    return Stretch(min(since, started - timedelta(days=days)), bookmark)
