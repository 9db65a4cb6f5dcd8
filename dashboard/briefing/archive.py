"""Briefings in the store: composed with the office's words and what the last one said, kept, opened again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboard.briefing.compose import compose
from dashboard.briefing.model import Report, as_json, from_json
from dashboard.queries import Queries
from datasets.errors import OpsError
from datasets.indicators.rules import DEFAULT
from datasets.periods import Period
from datasets.store.briefings import Kept, State


def fresh(queries: Queries, unit: str, period: str, language: str | None = None, rules: str = DEFAULT) -> Report:
    """The report as the figures stand now, with the office's words; nothing is kept."""
    kept = queries.store.briefings
    before = kept.latest(unit, Period.parse(period).previous().id)
    return compose(
        queries,
        unit,
        period,
        language or queries.settings.centre.language,
        rules,
        kept.words(unit, Period.parse(period).id),
        opened(before) if before else None,
    )


def issue(queries: Queries, unit: str, period: str, by: str = "") -> Kept:
    """Compose, and keep as a further edition that a person gives out."""
    kept = keep(queries, fresh(queries, unit, period), State.ISSUED, by)
    assert kept is not None
    return kept


def keep(
    queries: Queries,
    report: Report,
    state: State,
    made_by: str,
    recipients: Sequence[str] = (),
    *,
    only_first: bool = False,
) -> Kept | None:
    """Keep a composed report as an edition; None when `only_first` and there is one already."""
    return queries.store.briefings.keep(
        report.unit,
        report.period,
        as_json(report),
        version=report.version,
        rules=DEFAULT,
        complete=report.complete,
        state=state,
        made_by=made_by,
        recipients=recipients,
        only_first=only_first,
    )


def opened(kept: Kept) -> Report:
    """The report as it was kept. Raises OpsError when it is not what was kept.

    What was issued bears no mark of a draft (NĐ 30/2020/NĐ-CP). That is told by the
    edition's state: the kept report and its digest are those of the draft.
    """
    if not kept.intact:
        raise OpsError("briefing.damaged", period=kept.period, edition=kept.edition)
    report = from_json(kept.report)
    if kept.state is State.ISSUED:
        return replace(report, letterhead=replace(report.letterhead, draft=""))
    return report


def shown(queries: Queries, unit: str, period: str) -> tuple[Report, Kept | None]:
    """The last kept edition, or the report as it would be now."""
    kept = queries.store.briefings.latest(unit, Period.parse(period).id)
    return (opened(kept), kept) if kept else (fresh(queries, unit, period), None)
