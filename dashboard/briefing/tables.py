"""Tables of a report: a panel's figures with what they are compared with, sources, counting rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dashboard import present
from dashboard.assemble import asked_of, parts_of_all
from dashboard.briefing.brief import Brief
from dashboard.briefing.model import Cell, Chart, ChartSeries, Column, Figure, Table
from dashboard.briefing.sentences import dated
from dashboard.panel import ChartData, Panel, SourceState
from dashboard.panel import Section as OfPanel
from dashboard.queries import EVERYONE, Ask
from datasets.indicators.value import Value
from datasets.periods import PeriodType
from datasets.vietnamese import ABSENT, moment, number

CHARTS_ON_PAPER = 2
ROWS_ON_PAPER = 14
"""Of a panel's table; the workbook has all rows."""
LAST_YEAR = 5
"""Place of the column of the same period last year."""
DRAWN_AS = {"band": "trend", "points": "bars"}


def value_cell(brief: Brief, value: Value | None, figure: Figure | None = None) -> Cell:
    """A figure as a table shows it; a dash when there is none, "<5" where it is withheld."""
    if value is None:
        return Cell(ABSENT)
    definition = brief.definition(value.indicator)
    if value.value is None:
        said = present.figure_text(value, brief.language, brief.queries.settings.privacy.minimum_cell)
        return Cell(said if said.startswith("<") and definition.denominator is None else ABSENT)
    percent = definition.unit == "percent"
    decimals = 1 if percent else _decimals(value.value)
    said = number(value.value, decimals, brief.language)
    return Cell(said, "percent" if percent else "number", value.value, decimals, figure=figure)


def _decimals(x: float) -> int:
    if float(x).is_integer():
        return 0
    return present.decimals_of(x) or 1


def indicator_table(brief: Brief, id_: str, title: str, indicators: Iterable[str]) -> Table | None:
    """The figures of the period, the one before, a year ago, and the target; None when none is known.

    Older facts come last, each with its date, for the workbook; the paper tells them in a sentence.
    """
    known = [v for i in dict.fromkeys(indicators) if (v := brief.value(i)) is not None]
    fresh = [v for v in known if brief.is_new(v) and not _is_withheld_rate(brief, v)]
    old = [v for v in known if v.value is not None and not brief.is_new(v)]
    rows: list[tuple[Cell, ...]] = []
    for value in (*fresh, *old):
        indicator = value.indicator
        definition = brief.definition(indicator)
        name = definition.name[brief.language]
        before, last_year = brief.before(indicator), brief.last_year(indicator)
        if len(rows) >= len(fresh):
            name = f"{name} ({dated(brief, value)})"
            before = last_year = None
        target = Cell(ABSENT)
        if value.target is not None:
            sign = "≤" if definition.better == "lower" else "≥"
            percent = definition.unit == "percent"
            said = f"{sign} {number(value.target, None, brief.language)}"
            target = Cell(said, "percent" if percent else "number", value.target, _decimals(value.target))
        rows.append(
            (
                Cell(str(len(rows) + 1), "number", len(rows) + 1),
                Cell(name),
                Cell(present.unit_word(definition.unit, brief.language)),
                value_cell(brief, value, brief.figure(value)),
                value_cell(brief, before),
                value_cell(brief, last_year),
                target,
                Cell(present.status_word(value.status, brief.language) or ABSENT, tone=value.status.value),
            )
        )
    if not rows:
        return None
    columns: tuple[Column, ...] = (
        Column(brief.say("table.number"), 10, "center"),
        Column(brief.say("table.indicator"), 43),
        Column(brief.say("table.unit"), 24 if brief.language == "en" else 18, "center"),  # "documents" is one word
        Column(brief.term("table.this"), 22, "right"),
        Column(brief.term("table.previous"), 22, "right"),
        Column(brief.say("table.last_year"), 22, "right"),
        Column(brief.say("table.target"), 17, "right"),
        Column(brief.say("table.status"), 24, "center"),
    )
    if brief.period.type is PeriodType.YEAR:  # the year before and the same period of last year are one
        columns = tuple(column for place, column in enumerate(columns) if place != LAST_YEAR)
        rows = [tuple(cell for place, cell in enumerate(row) if place != LAST_YEAR) for row in rows]
    return Table(id_, title, columns, tuple(rows), shown=min(len(fresh), ROWS_ON_PAPER), told=len(old))


def _is_withheld_rate(brief: Brief, value: Value) -> bool:
    """A withheld count is told as "<5"; a withheld rate has not even that."""
    return value.value is None and brief.definition(value.indicator).unit == "percent"


def charts_of(brief: Brief, panel: Panel, ask: Ask) -> tuple[Chart, ...]:
    """The panel's first trend and first breakdown that show anything new; older facts are left to the page.

    Charts are computed one by one until both are found: the panel has many more.
    """
    kept: dict[str, Chart] = {}
    for chart in panel.charts:
        kind = DRAWN_AS.get(chart.kind, chart.kind)
        if kind == "before_after" or kind in kept or not _tells_news(brief, chart.indicators[0]):
            continue
        alone = replace(panel, sections=(OfPanel("main", charts=(chart,)),))
        ((_, (data,)),) = parts_of_all([(asked_of(brief.queries, ask, EVERYONE), alone)])
        if len([x for series in data.series for x in series.values if x is not None]) > 1:
            kept[kind] = _chart(data, as_line=chart.kind == "band")
    return tuple(kept.values())[:CHARTS_ON_PAPER]


def _tells_news(brief: Brief, indicator: str) -> bool:
    """Whether a figure of the period itself is known; one that was withheld counts too."""
    brief.load((indicator,))
    value = brief.value(indicator)
    return value is not None and brief.is_new(value)


def _chart(chart: ChartData, *, as_line: bool) -> Chart:
    counted = [series for series in chart.series if series.role != "target"]
    if chart.kind == "bars":
        kind = "stacked" if len(counted) > 1 else "bar"
    else:
        kind = "line" if as_line or chart.unit == "%" else "column"
    return Chart(
        id=chart.id,
        kind=kind,  # type: ignore[arg-type]
        title=f"{chart.title} ({chart.unit})" if chart.unit else chart.title,
        finding=chart.finding,
        unit=chart.unit,
        categories=chart.categories,
        series=tuple(ChartSeries(s.name, s.values, s.role) for s in chart.series),
    )


def source_table(brief: Brief, states: Sequence[SourceState], used: set[str]) -> Table:
    """Every source behind a figure of the report: what it is, up to when, how fresh."""
    rows = [
        (
            Cell(str(place), "number", place),
            Cell(state.title),
            Cell(_contact(brief, state.name)),
            Cell(moment(state.as_of, brief.queries.zone) if state.as_of else ABSENT),
            Cell(brief.say(f"freshness.{state.freshness}")),
        )
        for place, state in enumerate((s for s in states if s.name in used), start=1)
    ]
    columns: tuple[Column, ...] = (
        Column(brief.say("table.number"), 11, "center"),
        Column(brief.say("sources.source"), 60),
        Column(brief.say("sources.contact"), 40),
        Column(brief.say("sources.as_of"), 35, "center"),
        Column(brief.say("sources.freshness"), 25, "center"),
    )
    return Table("sources", brief.say("sources.title"), columns, tuple(rows))


def _contact(brief: Brief, name: str) -> str:
    source = brief.queries.settings.sources.get(name)
    return (source.contact if source else None) or ABSENT


def rule_table(brief: Brief, indicators: Iterable[str]) -> Table:
    """How each figure of the report is counted, and on what basis."""
    rows: list[tuple[Cell, ...]] = []
    for indicator in dict.fromkeys(indicators):
        definition = brief.definition(indicator)
        said = definition.description[brief.language] if definition.description else ""
        rows.append(
            (
                Cell(str(len(rows) + 1), "number", len(rows) + 1),
                Cell(definition.name[brief.language]),
                Cell(said or ABSENT),
                Cell(definition.basis[brief.language]),
            )
        )
    columns: tuple[Column, ...] = (
        Column(brief.say("table.number"), 11, "center"),
        Column(brief.say("table.indicator"), 45),
        Column(brief.say("counting.how"), 60),
        Column(brief.say("counting.basis"), 52),
    )
    return Table("rules", brief.say("counting.title"), columns, tuple(rows))
