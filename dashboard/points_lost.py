"""The points of QĐ 766 that the feed lets us count, won and lost line by line, as stacked bars."""

from __future__ import annotations

from dataclasses import replace

from dashboard.panel import Chart, ChartData, Series
from dashboard.panel_asked import Asked
from dashboard.provenance import sources_said
from dashboard.side_by_side import Asking
from datasets.indicators.score_766 import FROM_PORTAL, NEEDED, RULES, Points, score
from datasets.messages import text
from datasets.vietnamese import number


def points_chart(asked: Asked, chart: Chart) -> Asking[ChartData]:
    """A bar a line, as long as its points: what was won, then what was lost; the greatest loss first."""
    queries, language = asked.queries, asked.language
    (values,) = yield [replace(asked.request(NEEDED, (asked.period,)), rules=RULES)]
    lines = sorted(score({value.indicator: value for value in values}), key=lambda points: -points.lost)
    return ChartData(
        id=chart.id,
        kind="bars",
        title=text(f"panel.chart.{chart.id}", language),
        finding=_finding(lines, language),
        unit=text("panel.points.unit", language),
        categories=tuple(_name(points, language) for points in lines),
        keys=tuple(points.line.id for points in lines),
        series=(
            Series(text("panel.points.won", language), tuple(round(points.won, 2) for points in lines), "muted"),
            Series(text("panel.points.lost", language), tuple(round(points.lost, 2) for points in lines), "bad"),
        ),
        partial_last=asked.period.end > queries.today(),
        source=sources_said(queries, values, language),
    )


def _name(points: Points, language: str) -> str:
    return text(
        "panel.points.line",
        language,
        id=points.line.id,
        name=text(f"panel.points.of.{points.line.id.replace('.', '_')}", language),
        ratio=number(points.ratio, 1, language),
    )


def _finding(lines: list[Points], language: str) -> str:
    """ "Điểm tự tính x / y điểm tính được", what only the portal knows, and the greatest loss with its cause."""
    if not lines:
        return text("panel.points.none", language)
    worst = lines[0]
    said = text(
        "panel.points.sum",
        language,
        won=number(sum(points.won for points in lines), 2, language),
        all=number(sum(points.line.points for points in lines), 0, language),
        portal=number(sum(FROM_PORTAL.values()), 0, language),
    )
    if worst.lost < 0.005:
        return said
    cause = text(
        "panel.points.worst",
        language,
        name=text(f"panel.points.of.{worst.line.id.replace('.', '_')}", language),
        lost=number(worst.lost, 2, language),
        missed=number(worst.missed, 0, language),
        rows=number(worst.rows, 0, language),
    )
    return f"{said} {cause}"
