"""Briefings in the store: composed with the office's words and what the last one said, kept, opened again."""

from __future__ import annotations

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
    report = fresh(queries, unit, period)
    kept = queries.store.briefings.keep(
        report.unit,
        report.period,
        as_json(report),
        version=report.version,
        rules=DEFAULT,
        complete=report.complete,
        state=State.ISSUED,
        made_by=by,
    )
    assert kept is not None
    return kept


def opened(kept: Kept) -> Report:
    """The report as it was kept. Raises OpsError when it is not what was kept."""
    if not kept.intact:
        raise OpsError("briefing.damaged", period=kept.period, edition=kept.edition)
    return from_json(kept.report)


def shown(queries: Queries, unit: str, period: str) -> tuple[Report, Kept | None]:
    """The last kept edition, or the report as it would be now."""
    kept = queries.store.briefings.latest(unit, Period.parse(period).id)
    return (opened(kept), kept) if kept else (fresh(queries, unit, period), None)
