"""Cases by week between what is usual and the alarm line, as a trend of three lines.

The band is made from all counts, the small ones too: only means and lines over many weeks leave this file. The
weeks' own counts are those of `queries`, small ones withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dashboard import present
from dashboard.panel import Chart, ChartData, Series
from dashboard.panel_asked import Asked
from dashboard.provenance import sources_said
from dashboard.queries import EVERYONE, Queries, Viewer
from dashboard.side_by_side import Asking
from datasets.indicators.calculate import Request
from datasets.indicators.five_years import Band, band, past_weeks
from datasets.indicators.value import Value
from datasets.messages import text
from datasets.periods import Period
from datasets.vietnamese import number


def bands(
    queries: Queries, asked: Request, weeks: Sequence[Period], viewer: Viewer = EVERYONE
) -> tuple[Band | None, ...]:
    """The band of each of some weeks in a row, for the first indicator and unit of a question. Each past year is
    one request for its own weeks only."""
    queries.check(viewer, asked.units)
    asked = replace(asked, indicators=asked.indicators[:1], units=asked.units[:1], by=None)

    def compute() -> tuple[Band | None, ...]:
        known: dict[str, float] = {}
        years = [replace(asked, periods=of_year) for of_year in past_weeks(tuple(weeks))]
        for values in queries.calculator.answers(years):
            for value in values:
                if value.value is not None and value.period_of_value == value.period:
                    known[value.period] = value.value
        return tuple(band(week, known) for week in weeks)

    return queries.answer(("bands", replace(asked, periods=tuple(weeks)).question), compute)


def weeks_chart(asked: Asked, chart: Chart, weeks: Sequence[Period]) -> Asking[ChartData]:
    """The weeks of a chart, the last one running or whole, with the band behind them."""
    queries, language, indicator = asked.queries, asked.language, chart.indicators[0]
    definition = queries.definition(indicator)
    request = asked.request(chart.indicators, weeks)
    (values,) = yield [request]
    around = bands(queries, request, weeks, asked.viewer)
    running = present.is_running(weeks[-1], queries.now(), queries.zone)
    series = [
        Series(definition.name[language], tuple(_told(value) for value in values)),
        Series(text("panel.band.usual", language), tuple(each.usual if each else None for each in around), "muted"),
        Series(text("panel.band.alarm", language), tuple(each.alarm if each else None for each in around), "target"),
    ]
    if not any(around):
        series = series[:1]
    return ChartData(
        id=chart.id,
        kind="trend",
        title=text(f"panel.chart.{chart.id}", language),
        finding=_finding(values, weeks, around, definition.unit, language),
        unit=present.unit_word(definition.unit, language),
        categories=tuple(present.short_period(week, language) for week in weeks),
        keys=tuple(week.id for week in weeks),
        series=tuple(series),
        partial_last=running,
        source=sources_said(queries, values, language),
    )


def _told(value: Value) -> float | None:
    return value.value if value.period_of_value == value.period else None


def _finding(
    values: Sequence[Value], weeks: Sequence[Period], around: Sequence[Band | None], unit: str, language: str
) -> str:
    """The last week that was told, against its band, and how many of the weeks lay above their alarm line."""
    told = [(v, w, b) for v, w, b in zip(values, weeks, around, strict=True) if _told(v) is not None and b is not None]
    if not told:
        return text("panel.band.too_short", language)
    value, week, its = told[-1]
    assert its is not None and value.value is not None
    above = sum(v.value > b.alarm for v, _, b in told if v.value is not None and b is not None)
    key = "above" if value.value > its.alarm else "high" if value.value > its.usual else "low"
    said = {
        "above": "panel.band.above",
        "high": "panel.band.high",
        "low": "panel.band.low",
    }[key]
    return text(
        said,
        language,
        week=week.label(language),
        value=present.with_unit(value.value, unit, language),
        usual=number(its.usual, 1, language),
        alarm=number(its.alarm, 1, language),
        years=its.years,
        count=above,
        weeks=len(told),
    )
