"""Whether the figures of a report are all there: which source had not told everything, in words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta

from dashboard.briefing.brief import WEEKLY_DATASETS, Brief
from dashboard.briefing.letterhead import plain_name
from dashboard.panel import SourceState
from datasets.indicators.window import OFFICE_CLOSES
from datasets.messages import text
from datasets.vietnamese import day, moment


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
    if brief.is_running:
        found.append(brief.say("gap.running", moment=moment(brief.now, brief.queries.zone)))
    for state in states:
        source = brief.queries.settings.sources.get(state.name)
        dataset = source.dataset if source else ""
        if state.name not in used and state.as_of is None and dataset in WEEKLY_DATASETS and dataset not in known:
            found.append(brief.say("gap.never", source=state.title))
    return (*found, *behind(brief, states, used), *silent(brief, known))


def silent(brief: Brief, datasets: Collection[str]) -> tuple[str, ...]:
    """One sentence for each unit that stopped sending these datasets while their source goes on."""
    return tuple(
        brief.say(
            "gap.silent",
            unit=plain_name(brief.queries.units.get(each.unit).name),
            what=text(f"silence.of.{each.dataset}", brief.language),
            day=day(each.since),
        )
        for each in brief.silent
        if each.dataset in datasets
    )


def behind(brief: Brief, states: tuple[SourceState, ...], used: set[str]) -> tuple[str, ...]:
    """One sentence for each of the used sources whose figures do not reach to the end of the report."""
    found = []
    until = needed_until(brief)
    for state in states:
        if state.name not in used:
            continue
        source = brief.queries.settings.sources.get(state.name)
        counted = source is not None and source.dataset in WEEKLY_DATASETS
        short = state.as_of is None or state.as_of < (brief.now - timedelta(days=1) if brief.is_running else until)
        if short and (counted or state.freshness == "stale"):
            as_of = moment(state.as_of, brief.queries.zone) if state.as_of else "—"
            found.append(brief.say("gap.stale", source=state.title, moment=as_of))
    return tuple(found)
