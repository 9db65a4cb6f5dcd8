"""What was reported of a figure at first and at last, side by side: the pilots' before and after."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dashboard import present
from dashboard.panel import Chart, ChartData, Series
from dashboard.panel_asked import Asked, history_of
from dashboard.provenance import sources_said
from dashboard.queries import Queries, Viewer
from dashboard.side_by_side import Asking
from datasets.indicators.calculate import Request
from datasets.indicators.definition import Definition
from datasets.indicators.line import Line
from datasets.indicators.value import Value
from datasets.messages import text
from datasets.periods import Period

FIRST_FACT_YEAR = 2010


def before_after_chart(asked: Asked, chart: Chart) -> Asking[ChartData]:
    """Each indicator's first and latest known value; one that was told only once is left out."""
    queries, language = asked.queries, asked.language
    request = Request(chart.indicators, (asked.ask.unit,), _years(asked.period))
    (values,) = yield [request]
    told = [(line, _told(line)) for line in history_of(request, values).values()]
    pairs = [
        (line.judge.definition, line.at(places[0]), line.at(places[-1])) for line, places in told if len(places) > 1
    ]
    names = tuple(
        text("panel.pair", language, name=d.name[language], unit=present.unit_word(d.unit, language))
        for d, _, _ in pairs
    )
    return ChartData(
        id=chart.id,
        kind="before_after",
        title=text(f"panel.chart.{chart.id}", language),
        finding=leap(pairs, language),
        unit="",
        categories=names,
        keys=tuple(f"{first.period_of_value}..{last.period_of_value}" for _, first, last in pairs),
        series=(
            Series(text("panel.before", language), tuple(first.value for _, first, _ in pairs), "muted"),
            Series(text("panel.after", language), tuple(last.value for _, _, last in pairs)),
        ),
        source=sources_said(queries, (last for _, _, last in pairs), language),
    )


def facts(queries: Queries, indicator: str, unit: str, until: Period, viewer: Viewer) -> list[Value]:
    """What was reported of a figure up to a period, oldest first: one value for each period reported."""
    request = Request((indicator,), (unit,), _years(until))
    (line,) = history_of(request, queries.values_of((request,), viewer)[0]).values()
    return [line.at(place) for place in _told(line)]


def _years(until: Period) -> tuple[Period, ...]:
    return (*(Period.parse(str(year)) for year in range(FIRST_FACT_YEAR, until.start.year)), until)


def _told(line: Line) -> list[int]:
    """The places of what is known, one for each period that a number is of."""
    told = enumerate(line.told())
    return list({period: place for place, (number, period) in told if number is not None}.values())


def leap(pairs: Sequence[tuple[Definition, Value, Value]], language: str) -> str:
    """The pair that changed most, in words: how many times it grew or shrank; to or from nothing is most of all."""
    moved = [pair for pair in pairs if pair[1].value != pair[2].value]
    if not moved:
        return text("panel.finding.no_leap" if pairs else "panel.finding.no_pairs", language)
    definition, first, last = max(moved, key=lambda pair: _times(pair[1].value or 0.0, pair[2].value or 0.0))
    fell = (last.value or 0.0) < (first.value or 0.0)
    return text(
        f"panel.finding.leap.{'down' if fell else 'up'}",
        language,
        name=definition.name[language],
        before=present.as_reported(first.value, language),
        after=present.with_unit(last.value, definition.unit, language),
        from_date=present.fact_date(first.period_of_value, language),
        to_date=present.fact_date(last.period_of_value, language),
    )


def _times(before: float, after: float) -> float:
    """How many times the larger is the smaller."""
    low, high = sorted((abs(before), abs(after)))
    return high / low if low else math.inf
