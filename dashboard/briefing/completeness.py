"""Whether the figures of a report are all there: which source had not told everything, in words."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from dashboard.briefing.brief import WEEKLY_DATASETS, Brief
from dashboard.panel import SourceState
from datasets.indicators.window import OFFICE_CLOSES
from datasets.vietnamese import moment


def needed_until(brief: Brief) -> datetime:
    """The close of office on the last working day of the report; midnight of its first day when it has none."""
    on = brief.last_day
    while on >= brief.period.start and not brief.queries.calendar.is_working(on):
        on -= timedelta(days=1)
    closing = OFFICE_CLOSES if on >= brief.period.start else time()
    return min(datetime.combine(max(on, brief.period.start), closing, brief.queries.zone), brief.now)


def gaps(brief: Brief, states: tuple[SourceState, ...], used: set[str], known: set[str]) -> tuple[str, ...]:
    """One sentence for each source that had not told all of the period.

    used    sources behind the report's figures
    known   datasets that the report has any figure of
    """
    found = []
    until = needed_until(brief)
    if brief.is_running:
        found.append(brief.say("gap.running", moment=moment(brief.now, brief.queries.zone)))
    for state in states:
        source = brief.queries.settings.sources.get(state.name)
        dataset = source.dataset if source else ""
        if state.name not in used:
            if state.as_of is None and dataset in WEEKLY_DATASETS and dataset not in known:
                found.append(brief.say("gap.never", source=state.title))
            continue
        counted = dataset in WEEKLY_DATASETS
        behind = state.as_of is None or state.as_of < (brief.now - timedelta(days=1) if brief.is_running else until)
        if behind and (counted or state.freshness == "stale"):
            as_of = moment(state.as_of, brief.queries.zone) if state.as_of else "—"
            found.append(brief.say("gap.stale", source=state.title, moment=as_of))
    return tuple(found)
