"""Reconciling: now and then a pull reads a longer stretch in full and compares.

An ordinary pull asks for what changed lately; a change that the source dated back, or a
record it dropped without a word, is never asked for again. A reconciling pull asks from
`days` ago, writes what was missed, and marks what we hold of that stretch and the
source no longer gives (datasets/store/vanish.py).

    rest, sql   by moment of change where that is what the source is asked by, else everything
    dhis2       by period. Each ordinary pull reads the periods of its lookback in full, so
                what vanishes there is seen at once; a reconciling pull reads further back
    edxml       over HTTP, by moment of change. A list of messages is a post box and no register:
                messages may be taken off it, so what was missed is brought, and nothing marked
    oneroster   not: each whole roster is a comparison with all that is held of its month, and
                a delta says itself what it deletes (`tobedeleted`)
    files, edxml in a folder   not: a file cannot be asked what else there is
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from datasets.errors import UsageError
from datasets.settings import (
    Dhis2Source,
    EdxmlSource,
    OneRosterSource,
    Reconcile,
    RestSource,
    SourceBase,
    SqlSource,
)
from datasets.store import Stretch

Reconciling = RestSource | SqlSource | Dhis2Source | EdxmlSource


def reconciles(source: SourceBase) -> bool:
    """Whether the source can say what it holds of a stretch of time."""
    return isinstance(source, Reconciling) and not (isinstance(source, EdxmlSource) and source.path is not None)


def declared(source: SourceBase) -> Reconcile | None:
    """When the configuration wants the source compared; None for never."""
    return source.reconcile if isinstance(source, Reconciling) and reconciles(source) else None


def stretch_of(
    source: SourceBase,
    bookmark: datetime | None,
    since: datetime | None,
    started: datetime,
    zone: ZoneInfo,
    *,
    by_change: bool,
) -> Stretch:
    """What a reconciling pull reads in full.

    since       from when an ordinary pull would ask; the stretch is never shorter
    by_change   whether our `updated_at` is what the source is asked by; else only
                everything can be compared with everything

    Raises UsageError for a source that cannot be compared.
    """
    if not isinstance(source, Reconciling) or not reconciles(source):
        kind = "oneroster" if isinstance(source, OneRosterSource) else "folder"
        raise UsageError(f"connectors.no_reconcile.{kind}", source=source.name)
    marks = not isinstance(source, EdxmlSource)
    back = started - timedelta(days=(source.reconcile or Reconcile()).days)
    if isinstance(source, Dhis2Source):
        asked = min(since, back) if since is not None else None
        renewed = day_of(source, since, started, zone) if since is not None else None
        return Stretch(asked, bookmark, days=day_of(source, asked, started, zone), renewed=renewed)
    if since is None or not by_change:
        return Stretch(None, bookmark, marks=marks)
    return Stretch(min(since, back), bookmark, marks=marks)


def routine_stretch(source: SourceBase, since: datetime | None, started: datetime, zone: ZoneInfo) -> Stretch | None:
    """What an ordinary pull reads in full as it goes; None when it only asks for changes, and for a first pull."""
    if not isinstance(source, Dhis2Source) or since is None:
        return None
    return Stretch(since, None, days=day_of(source, since, started, zone), routine=True)


def day_of(source: Dhis2Source, since: datetime | None, started: datetime, zone: ZoneInfo) -> date:
    """The day from which on a DHIS2 server is asked for everything: no earlier than the history begins."""
    first = started.astimezone(zone).date() - source.history
    return first if since is None else max(first, since.astimezone(zone).date())
