"""A chart of the model as SVG, for the PDF: bars and lines, an axis from 0, the numbers where they fit."""

from __future__ import annotations

import math
from collections.abc import Callable
from xml.sax.saxutils import escape

from dashboard.briefing.model import Chart, ChartSeries
from dashboard.briefing.writers.plain import plain
from dashboard.briefing.writers.text_width import text_width_mm
from datasets.vietnamese import number

FONT = "Liberation Serif"
WIDTH = 620.0
PLOT_HEIGHT = 190.0
BAR_HEIGHT = 24.0
TEXT_SIZE = 13.0
PALETTE = ("#1F4E79", "#9DB8D6", "#5B7F55", "#B08A3C")
ROLES = {"bad": "#B3261E", "attention": "#B26A00", "target": "#7F7F7F", "muted": "#9DB8D6"}
LABELLED = 13
"""With more points, or more than one series, the numbers are left to the axis."""


def svg(chart: Chart, language: str) -> str:
    """The picture; text stays text."""
    drawing = _Drawing(chart, language)
    return drawing.bars() if chart.kind in ("bar", "stacked") else drawing.columns_or_lines()


def nice_top(highest: float) -> tuple[float, float]:
    """The axis' end and step for a highest value: steps of 1, 2 or 5 times a power of ten, four to six of them."""
    if highest <= 0:
        return 1.0, 1.0
    raw = highest / 5
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= raw)
    if highest >= 1:
        step = max(step, 1.0)
    return step * math.ceil(highest / step - 1e-9), step


class _Drawing:
    def __init__(self, chart: Chart, language: str) -> None:
        self.chart, self.language = chart, language
        self.parts: list[str] = []
        counted = [series for series in chart.series if series.role != "target"]
        self.labelled = len(counted) == 1 and len(chart.categories) <= LABELLED
        self.colours = self._colours()

    def _colours(self) -> list[str]:
        found, normal = [], 0
        for series in self.chart.series:
            colour = ROLES.get(series.role)
            if colour is None:
                colour, normal = PALETTE[normal % len(PALETTE)], normal + 1
            found.append(colour)
        return found

    def say(self, x: float) -> str:
        return number(x, None if self.chart.unit == "%" else 0, self.language)

    def text(self, x: float, y: float, said: str, anchor: str = "middle") -> None:
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-family="{FONT}" font-size="{TEXT_SIZE}" text-anchor="{anchor}">'
            f"{escape(plain(said))}</text>"
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> None:
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'
        )

    def rect(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        if width > 0 and height > 0:
            self.parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{colour}"/>'
            )

    def finish(self, height: float) -> str:
        if len(self.chart.series) > 1:
            self.legend(height)
            height += 24
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" '
            f'viewBox="0 0 {WIDTH} {height:.0f}">{"".join(self.parts)}</svg>'
        )

    def legend(self, top: float) -> None:
        x = 40.0
        for series, colour in zip(self.chart.series, self.colours, strict=True):
            self.rect(x, top + 5, 12, 12, colour)
            self.text(x + 18, top + 16, series.name, "start")
            x += 18 + _width(series.name) + 24

    def columns_or_lines(self) -> str:
        chart = self.chart
        known = [x for series in chart.series for x in series.values if x is not None]
        left, right, top = 48.0, WIDTH - 10, 18.0
        bottom = top + PLOT_HEIGHT
        lowest = 0.0
        if chart.kind == "line" and known and min(known) > 0:
            spread = max(known) - min(known)
            lowest = max(0.0, math.floor((min(known) - max(spread, 1) * 0.6) / 5) * 5)
        end, step = nice_top(max(known, default=1) - lowest)
        end += lowest

        def y(value: float) -> float:
            return bottom - (value - lowest) / (end - lowest) * PLOT_HEIGHT

        mark = lowest
        while mark <= end + 1e-9:
            self.line(left, y(mark), right, y(mark), "#D9D9D9" if mark > lowest else "#7F7F7F")
            self.text(left - 6, y(mark) + 4, self.say(mark), "end")
            mark += step
        room = (right - left) / max(1, len(chart.categories))
        step_of_names = max(1, math.ceil(max(map(_width, chart.categories), default=0) * 1.1 / room))
        last = len(chart.categories) - 1
        for place, category in enumerate(chart.categories):
            if (
                last - place
            ) % step_of_names == 0:  # names that would run into one another are left out, never the last
                self.text(left + room * (place + 0.5), bottom + 17, category)
        for order, series in enumerate(chart.series):
            if chart.kind == "line" or series.role == "target":
                self._line(series, self.colours[order], lambda place: left + room * (place + 0.5), y)
            else:
                bar = room * 0.68 / len(chart.series)
                for place, value in enumerate(series.values):
                    if value is not None:
                        at = left + room * (place + 0.16) + bar * order
                        self.rect(at, y(value), bar, bottom - y(value), self.colours[order])
                        if self.labelled:
                            self.text(at + bar / 2, y(value) - 4, self.say(value))
        return self.finish(bottom + 28)

    def _line(self, series: ChartSeries, colour: str, x: Callable[[int], float], y: Callable[[float], float]) -> None:
        """Unknown points are gaps, never bridged."""
        runs: list[list[tuple[float, float]]] = [[]]
        for place, value in enumerate(series.values):
            if value is None:
                runs.append([])
                continue
            runs[-1].append((x(place), y(value)))
            if series.role != "target":
                self.parts.append(f'<circle cx="{x(place):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>')
                if self.labelled:
                    self.text(x(place), y(value) - 8, self.say(value))
        dash = ' stroke-dasharray="6 4"' if series.role == "target" else ""
        for run in runs:
            if len(run) > 1:
                path = " ".join(f"{a:.1f},{b:.1f}" for a, b in run)
                self.parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')

    def bars(self) -> str:
        chart = self.chart
        sums = [sum(series.values[i] or 0 for series in chart.series) for i in range(len(chart.categories))]
        end, step = nice_top(max(sums, default=1))
        left = min(240.0, 14 + max((_width(category) for category in chart.categories), default=0))
        right, top = WIDTH - 46, 6.0
        bottom = top + BAR_HEIGHT * len(chart.categories)
        scale = (right - left) / end
        mark = 0.0
        while mark <= end + 1e-9:
            self.line(left + mark * scale, top, left + mark * scale, bottom, "#D9D9D9" if mark else "#7F7F7F")
            self.text(left + mark * scale, bottom + 16, self.say(mark))
            mark += step
        for place, category in enumerate(chart.categories):
            y, x = top + BAR_HEIGHT * place + 4, left
            self.text(left - 8, y + 13, _cut(category, left - 14), "end")
            for series, colour in zip(chart.series, self.colours, strict=True):
                value = series.values[place] or 0
                self.rect(x, y, value * scale, BAR_HEIGHT - 8, colour)
                x += value * scale
            self.text(x + 5, y + 13, self.say(sums[place]), "start")
        return self.finish(bottom + 24)


def _cut(said: str, room: float) -> str:
    """The beginning of a name that is too long for its place."""
    if _width(said) <= room:
        return said
    while said and _width(f"{said}…") > room:
        said = said[:-1]
    return f"{said.rstrip()}…"


def _width(said: str) -> float:
    """In the picture's own units, where letters are TEXT_SIZE high."""
    return text_width_mm(plain(said), TEXT_SIZE) * 72 / 25.4
