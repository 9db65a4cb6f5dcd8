"""Three years of a figure by month, with its target: a line, and every month as a cell that leads to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from dash.development.base_component import Component

from dashboard import present
from dashboard.before_after import facts
from dashboard.desk.charts import chart_card
from dashboard.desk.light import dcc, html
from dashboard.desk.visit import Visit
from dashboard.panel import Chart, ChartData, Series
from dashboard.panel_asked import is_own, last_periods
from dashboard.provenance import sources_said
from dashboard.tokens import SHAPE
from datasets.indicators.definition import Definition
from datasets.indicators.judge import UNKNOWN
from datasets.indicators.last_period import last_period
from datasets.indicators.value import Status, Value
from datasets.periods import Period, PeriodType
from datasets.vietnamese import ABSENT

MONTHS = 36
FEWEST_POINTS = 3


def history(visit: Visit, definition: Definition) -> list[Component]:
    """The picture and the table of the past; reports too few for a line are listed one by one."""
    last = Period.of(min(visit.period.end - timedelta(days=1), visit.now.date()), PeriodType.MONTH)
    periods = last_periods(last, MONTHS)
    values = visit.queries.kept_values(visit.request(definition.id, periods), visit.viewer)
    own = [value if is_own(value) else None for value in values]
    if sum(value is not None and value.value is not None for value in own) < FEWEST_POINTS:
        return [_told(visit, definition)]
    return [_picture(visit, definition, periods, own), _months(visit, definition, periods, own)]


def _picture(visit: Visit, definition: Definition, periods: Sequence[Period], own: Sequence[Value | None]) -> Component:
    running = present.is_running(periods[-1], visit.now, visit.queries.zone)
    whole = [(value.value, value.numerator, value.denominator) if value else UNKNOWN for value in own]
    first = next(i for i, (number, _, _) in enumerate(whole) if number is not None)
    targets = tuple(value.target if value else None for value in own)
    finding = present.trend_finding(
        last_period(visit.queries.catalogue, definition, whole[:-1] if running else whole),
        periods,
        definition,
        visit.language,
        targets=targets,
    )
    periods, own, targets = periods[first:], own[first:], targets[first:]
    series = [Series(definition.name[visit.language], tuple(value.value if value else None for value in own))]
    if any(target is not None for target in targets):
        series.append(Series(visit.text("panel.target_line"), targets, "target"))
    chart = ChartData(
        id="history",
        kind="trend",
        title=visit.text("indicator.history", count=len(periods)),
        finding=finding,
        unit=present.unit_word(definition.unit, visit.language),
        categories=tuple(present.short_period(p, visit.language) for p in periods),
        keys=tuple(p.id for p in periods),
        series=tuple(series),
        partial_last=running,
        source=sources_said(visit.queries, (value for value in own if value is not None), visit.language),
    )
    return chart_card(visit, chart, Chart("history", "trend", (definition.id,)), listed=False)


def _months(visit: Visit, definition: Definition, periods: Sequence[Period], own: Sequence[Value | None]) -> Component:
    """A row a year, a cell a month; a click goes to the month."""
    by_period = {period.id: value for period, value in zip(periods, own, strict=True)}
    years = range(periods[0].start.year, periods[-1].start.year + 1)
    head = [html.Th(visit.text("indicator.year"))]
    head += [html.Th(visit.text("indicator.month", month=month), className="right") for month in range(1, 13)]
    rows = []
    for year in reversed(years):
        found = [by_period.get(f"{year}{month:02}") for month in range(1, 13)]
        if any(value is not None and value.value is not None for value in found):
            rows.append(html.Tr([html.Th(str(year)), *(_cell(visit, value) for value in found)]))
    return html.Section(
        html.Div(
            html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="table compact months"),
            className="scroll",
        ),
        className="panel-card months-card",
    )


def _cell(visit: Visit, value: Value | None) -> Component:
    if value is None:
        return html.Td("")
    said = present.figure_text(value, visit.language, visit.queries.settings.privacy.minimum_cell)
    shown = said if value.value is not None or said.startswith("<") else ABSENT
    chosen = " cell-chosen" if value.period == visit.period.id else ""
    bad = value.status is Status.BAD and value.value is not None
    label = f"{SHAPE[Status.BAD]} {shown}" if bad else shown
    tone = " word-bad" if bad else ""
    month, zone = Period.parse(value.period), visit.queries.zone
    running = present.is_running(month, visit.now, zone)
    until = present.period_text(month, visit.now, zone, visit.language) if running else None
    link = dcc.Link(label, href=visit.href(period=value.period), title=until)
    return html.Td(link, className=f"right{chosen}{tone}{' cell-running' if running else ''}")


def _dated(visit: Visit, period: str) -> str:
    """When a fact is of; a period that still runs says until when."""
    taken = Period.parse(period)
    if taken.type is not PeriodType.DAY and present.is_running(taken, visit.now, visit.queries.zone):
        return present.period_text(taken, visit.now, visit.queries.zone, visit.language)
    return present.fact_date(period, visit.language)


def _told(visit: Visit, definition: Definition) -> Component:
    """What was reported at all, newest first, where reports are too few for a line."""
    told = facts(visit.queries, definition.id, visit.unit.code, visit.period, visit.viewer)
    rows = [
        html.Tr(
            [
                html.Td(_dated(visit, value.period_of_value)),
                html.Td(present.with_unit(value.value, definition.unit, visit.language), className="right"),
            ]
        )
        for value in reversed(told)
    ]
    head = html.Tr(
        [html.Th(visit.text("desk.indicator.period")), html.Th(visit.text("desk.indicator.value"), className="right")]
    )
    body = (
        html.Table([html.Thead(head), html.Tbody(rows)], className="table compact")
        if rows
        else html.Div(visit.text("panel.unknown"), className="empty")
    )
    return html.Section([html.H3(visit.text("desk.indicator.told")), body], className="panel-card told")
