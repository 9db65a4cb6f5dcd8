"""Figures of the last issued report that have another number today (R9): both numbers, and why."""

from __future__ import annotations

import sqlalchemy as sa

from dashboard import present
from dashboard.briefing.brief import WEEKLY_DATASETS, Brief
from dashboard.briefing.model import Cell, Column, Figure, Report, Revision, Table
from datasets.indicators.calculate import Request
from datasets.periods import Period
from datasets.vietnamese import number


def revisions(brief: Brief, before: Report) -> tuple[Revision, ...]:
    """What changed of the report's own period since it was issued, in its order."""
    period = Period.parse(before.period)
    figures = [
        f for f in before.figures if f.by is None and f.unit == brief.unit.code and f.period == before.period
        and brief.known(f.indicator)
    ]  # fmt: skip
    if not figures:
        return ()
    asked = Request(
        tuple(dict.fromkeys(f.indicator for f in figures)), (brief.unit.code,), (period,), rules=brief.rules
    )
    now = {value.indicator: value for value in brief.queries.values(asked)}
    found = []
    for figure in figures:
        value = now[figure.indicator]
        if value.value is None or figure.value is None or (figure.rules and figure.rules != value.rules):
            continue
        unit = brief.definition(figure.indicator).unit
        old = present.with_unit(figure.value, unit, brief.language)
        new = present.with_unit(value.value, unit, brief.language)
        if old != new:
            cause = _cause(brief, figure, before, period)
            label = period.label(brief.language)
            found.append(Revision(figure.indicator, brief.name(figure.indicator), period.id, label, old, new, cause))
    return tuple(found)


def _cause(brief: Brief, figure: Figure, before: Report, period: Period) -> str:
    """Late entries and later corrections of the rows, counted; else that the source changed its figure."""
    dataset = brief.definition(figure.indicator).numerator.dataset
    if dataset not in WEEKLY_DATASETS:
        return brief.say("revision.source")
    table = brief.queries.store.tables[dataset]
    units = brief.queries.calculator.subtree(brief.unit)
    mine = sa.and_(table.c.unit.in_(units), table.c.received_on < period.end)
    with brief.queries.store.engine.connect() as connection:
        late = connection.scalar(
            sa.select(sa.func.count()).select_from(table).where(mine, table.c.first_seen_at > before.made_at)
        )
    if late:
        return brief.say("revision.late", count=number(late, 0, brief.language))
    return brief.say("revision.corrected")


def revision_table(brief: Brief, changed: tuple[Revision, ...]) -> Table:
    columns = (
        Column(brief.say("table.number"), 11, "center"),
        Column(brief.say("table.indicator"), 60),
        Column(brief.say("revision.old"), 26, "right"),
        Column(brief.say("revision.new"), 26, "right"),
        Column(brief.say("revision.cause"), 45),
    )
    rows = tuple(
        (Cell(str(n), "number", n), Cell(r.name), Cell(r.old), Cell(r.new), Cell(r.cause))
        for n, r in enumerate(changed, start=1)
    )
    return Table(
        "revisions", brief.say("revision.title", period=brief.label(Period.parse(changed[0].period))), columns, rows
    )
