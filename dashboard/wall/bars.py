"""Bars and before/after pairs as rows of the page: name, bar, value.

Long Vietnamese names break where words end and never shrink below the floor, which a
plot's axis cannot do; and rows are there before any script. The number of rows in the
page is fixed, so that members may come and go without a new page; those without a member
are hidden.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from dash.development.base_component import Component

from dashboard import figures
from dashboard.panel import ChartData, Series
from dashboard.wall.tiles import Box
from dashboard.wall.tree import box, leaf
from dashboard.wall.type_sizes import Fitter, lines_of, width_of
from datasets.messages import text
from datasets.vietnamese import number

ROWS = 8
SEGMENTS = 4
BAR_LEAST = 160  # room for the longest bar
NAME_SHARE = 0.46  # of the width, for names
NAME_LINES = 3
NAME_LINE = 1.14
BETWEEN = 6
MORE_LINE = 1.4
TALLEST = {False: 80, True: 104}  # a row, by whether it holds a pair


@dataclass(frozen=True, slots=True)
class Measures:
    """What all rows of one chart share. Lengths in design pixels; `tops` is a full bar's value, by row."""

    shown: int
    height: float
    name_px: int
    name_width: float
    value_px: int
    value_width: int
    tops: tuple[float, ...]


def bars(key: str, data: ChartData, room: Box, fitter: Fitter, px: int, language: str) -> Component:
    """Rows that fit `room`, in the order given; members beyond it are counted in a last line."""
    measures = _measure(data, room, fitter, px, language)
    dropped = len(data.keys) - measures.shown + data.left_out
    return box(
        "rows",
        *[_row(f"{key}.row{index}", data, index, measures, language) for index in range(ROWS)],
        leaf("more", f"{key}.more", text("wall.more", language, count=dropped) if dropped else "", px),
    )


def _measure(data: ChartData, room: Box, fitter: Fitter, px: int, language: str) -> Measures:
    pair, floor, count = data.kind == "before_after", fitter.scale.floor, len(data.keys)
    said = [number(v, language=language) for i in range(count) for v in _values(data, i)]
    value_width = math.ceil(max((width_of(words, px, 700) for words in said), default=0) + 14)
    widest = max((width_of(name, px) for name in data.categories), default=0) + 18
    name_width = min(widest, room.width * NAME_SHARE)
    lines = max((lines_of(name, floor, name_width - 18) for name in data.categories), default=1)
    if lines > NAME_LINES or room.width - name_width - value_width < BAR_LEAST:
        fitter.faults.append(data.title)
        lines = NAME_LINES
    least = max(lines * floor * NAME_LINE, (2 if pair else 1) * px * NAME_LINE) + BETWEEN
    shown = min(count, ROWS, max(1, int(room.height // least)))
    if count > shown:
        shown = min(shown, max(1, int((room.height - px * MORE_LINE) // least)))
    free = room.height - (px * MORE_LINE if count > shown else 0)
    names = data.categories[:shown]
    sizes = [fitter.fit(data.title, name, name_width - 18, px, int(lines)) for name in names]
    return Measures(
        shown,
        min(free / max(shown, 1), max(least, TALLEST[pair])),
        min(sizes, default=px),
        name_width,
        px,
        value_width,
        _tops(data),
    )


def _row(key: str, data: ChartData, index: int, measures: Measures, language: str) -> Component:
    on = index < measures.shown
    return box(
        "row",
        leaf("row-name", f"{key}.name", data.categories[index] if on else "", measures.name_px),
        box("lanes", *[_lane(f"{key}.lane{n}", data, index, n, measures, language) for n in range(2)]),
        key=key,
        off="" if on else "1",
        style={"height": f"{measures.height:.1f}px", "gridTemplateColumns": f"{measures.name_width:.0f}px 1fr"},
    )


def _lane(key: str, data: ChartData, index: int, lane: int, measures: Measures, language: str) -> Component:
    """One bar with its value: stacked series in the first lane, or one of a pair in each."""
    pair = data.kind == "before_after"
    members = _members(data, lane) if index < measures.shown else []
    said = number(_values(data, index)[lane], language=language) if members else ""
    thick = measures.height * (0.36 if pair else 0.56)
    segments = []
    for place in range(1 if pair else SEGMENTS):
        series = members[place] if place < len(members) else None
        part = _segment(series, index, measures, thick)
        segments.append(box("segment", key=f"{key}.{place}", style=part))
    return box(
        "lane",
        *segments,
        leaf("lane-value", f"{key}.value", said, measures.value_px),
        key=key,
        off="" if members else "1",
    )


def _segment(series: Series | None, index: int, measures: Measures, thick: float) -> dict[str, str]:
    if series is None:
        return {"width": "0px", "height": f"{thick:.1f}px", "backgroundColor": "transparent"}
    share = max(0.0, (series.values[index] or 0) / measures.tops[index])
    return {
        "width": f"calc((100% - {measures.value_width}px) * {share:.4f})",
        "height": f"{thick:.1f}px",
        "backgroundColor": figures.colour(series),
    }


def _members(data: ChartData, lane: int) -> list[Series]:
    if data.kind == "before_after":
        return list(data.series[lane : lane + 1])
    return _stacked(data) if lane == 0 else []


def _stacked(data: ChartData) -> list[Series]:
    return [s for s in data.series if s.role != "target"][:SEGMENTS]


def _values(data: ChartData, index: int) -> tuple[float | None, ...]:
    """What is written in a row: each of a pair, or the sum of the stacked parts; None when none is known."""
    if data.kind == "before_after":
        return tuple(s.values[index] for s in data.series[:2])
    known = [v for s in _stacked(data) if (v := s.values[index]) is not None]
    return (sum(known) if known else None,)


def _tops(data: ChartData) -> tuple[float, ...]:
    """What a full bar stands for, by row: the largest sum; for pairs 100 %, or the larger of the pair."""
    tops = [max((abs(v or 0) for v in _values(data, i)), default=0) for i in range(len(data.keys))]
    if data.kind == "before_after" and data.unit != "%":
        return tuple(top or 1.0 for top in tops)
    most = max([100.0 if data.unit == "%" else 0.0, *tops]) or 1.0
    return (most,) * len(tops)
