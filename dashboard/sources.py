"""The sources in words: who brings data, how fresh it is, and why not when it is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dashboard.panel import SourceState
from datasets.freshness import freshness
from datasets.messages import text
from datasets.schedule import next_run
from datasets.settings import Settings, Source
from datasets.store import Store
from datasets.store.lines import SourceLine
from datasets.vietnamese import moment


@dataclass(frozen=True, slots=True)
class SourceReport:
    """A source's state with the ledger's line.

    waiting   records in quarantine now, of all pulls
    why       a sentence about the present trouble, or None
    next_run  when the scheduler comes to it next
    """

    state: SourceState
    dataset: str
    connector: str
    contact: str | None
    line: SourceLine
    waiting: int
    why: str | None
    next_run: datetime | None


def report_sources(store: Store, settings: Settings, now: datetime, language: str) -> tuple[SourceReport, ...]:
    """Every source of the configuration, in its order."""
    lines = store.ledger.statuses(list(settings.sources))
    waiting = store.quarantine.counts()
    return tuple(
        _report(settings, source, lines[name], waiting.get(name, 0), now, language)
        for name, source in settings.sources.items()
    )


def title_of(source: Source, language: str) -> str:
    """The source's name for people; its key where the configuration gives none."""
    return source.title.get(language) or source.title.get("vi") or source.name


def _report(
    settings: Settings,
    source: Source,
    line: SourceLine,
    waiting: int,
    now: datetime,
    language: str,
) -> SourceReport:
    zone = settings.centre.time_zone
    verdict = freshness(source.schedule, source.stale_after, line.last_success, now, zone)
    state = SourceState(
        name=source.name,
        title=title_of(source, language),
        freshness=verdict,
        as_of=line.as_of or line.last_success,
        last_success=line.last_success,
        sentence=_sentence(line, verdict, settings, language),
    )
    return SourceReport(
        state=state,
        dataset=source.dataset,
        connector=source.connector,
        contact=source.contact,
        line=line,
        waiting=waiting,
        why=text(line.error_key, language, **line.error_params) if line.error_key else None,
        next_run=next_run(source.schedule, zone, now),
    )


def _sentence(line: SourceLine, verdict: str, settings: Settings, language: str) -> str:
    """ "Số liệu đến 08:15 20/11/2026", and since when and why there is nothing newer."""
    zone = settings.centre.time_zone
    if line.last_success is None:
        said = [text("panel.source.never", language)]
    else:
        said = [text("panel.source.until", language, moment=moment(line.as_of or line.last_success, zone))]
    if line.error_key:
        reason = text(line.error_key, language, **line.error_params).rstrip(".")
        since = moment(line.since, zone) if line.since else ""
        said.append(text("panel.source.trouble", language, reason=reason, since=since))
    elif verdict in ("late", "stale"):
        said.append(text("panel.source.silent", language))
    return " ".join(said)
