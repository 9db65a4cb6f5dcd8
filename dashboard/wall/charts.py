"""Charts for reading from afar: title, the finding in a sentence, the picture, no legend box, no hover.

A trend is a static plotly figure. Bars and before/after pairs are rows of the page
itself: long Vietnamese names break where words end and never shrink below the floor,
which a plot's axis cannot do, and they are there before any script.
"""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any

from dash.development.base_component import Component

from dashboard import figures
from dashboard.panel import ChartData
from dashboard.wall.tiles import LINE, Box
from dashboard.wall.tree import box, leaf
from dashboard.wall.type_sizes import Fitter, lines_of, width_of
from datasets.messages import text
from datasets.vietnamese import number

ROWS = 8
CHIPS = 4
BAR_LEAST = 160


def chart(scene: str, data: ChartData, room: Box, fitter: Fitter, language: str) -> Component:
    """One chart that fits `room`; names the chart in the fitter when its texts cannot be kept legible."""
    key = f"{scene}.{data.id}"
    scale, width = fitter.scale, room.inner_width
    title_lines = 1 if lines_of(data.title, max(scale.floor, 28), width, 700) <= 1 else 2
    title_px = fitter.fit(data.title, data.title, width, min(38, scale.label), title_lines, 700)
    finding_lines = 0 if not data.finding else 1 if lines_of(data.finding, scale.floor, width) <= 1 else 2
    finding_px = fitter.fit(data.title, data.finding, width, scale.note, finding_lines or 1)
    chips = figures.legend(data)[:CHIPS]
    height = room.inner_height - title_lines * title_px * LINE - finding_lines * finding_px * LINE
    if chips:
        height -= scale.note * LINE + 8
    inner = Box(width, height - 12)
    draw = _plot if data.kind == "trend" else _rows
    return box(
        "chart",
        leaf("chart-title", f"{key}.title", data.title, title_px),
        leaf("finding", f"{key}.finding", data.finding, finding_px),
        box("chips", *[_chip(key, i, chips, scale.note) for i in range(CHIPS)]),
        draw(key, data, inner, fitter, language),
        key=key,
    )


def _chip(key: str, index: int, chips: tuple[tuple[str, str], ...], px: int) -> Component:
    name, ink = chips[index] if index < len(chips) else ("", "")
    return box(
        "chip",
        box("dot", key=f"{key}.chip{index}.dot", style={"backgroundColor": ink or "transparent"}),
        leaf("chip-name", f"{key}.chip{index}", name, px),
    )


def _plot(key: str, data: ChartData, room: Box, fitter: Fitter, language: str) -> Component:
    figure = wall_figure(data, room, fitter, language)
    style = {"width": f"{room.width:.0f}px", "height": f"{room.height:.0f}px"}
    return box("plot", key=f"{key}.plot", style=style, figure=json.dumps(figure, ensure_ascii=False))


def wall_figure(data: ChartData, room: Box, fitter: Fitter, language: str) -> dict[str, Any]:
    """The desk's figure at the wall's sizes: fixed size, fewer and larger labels, nothing to hover."""
    figure = figures.figure(data, "wall", language)
    layout, px, big = figure["layout"], fitter.scale.note, max(28, fitter.scale.note)
    layout.update(width=round(room.width), height=round(room.height), hovermode=False)
    layout["font"]["size"] = px
    layout["margin"] = {"l": 8, "r": 56, "t": round(big * 1.3), "b": 8}
    layout["xaxis"]["tickfont"]["size"] = layout["yaxis"]["tickfont"]["size"] = px
    layout["yaxis"]["nticks"] = 4
    keep = _labelled(data.categories, room.width - 180, px)
    layout["xaxis"]["tickvals"] = [data.keys[i] for i in keep]
    layout["xaxis"]["ticktext"] = [data.categories[i] for i in keep]
    for trace in figure["data"]:
        for idle in ("hovertemplate", "hoverinfo", "customdata"):
            trace.pop(idle, None)
        if "text" in trace.get("mode", ""):
            trace["textfont"]["size"] = big
        else:
            trace.pop("text", None)
        trace["hoverinfo"] = "skip"
    return figure


def _labelled(categories: tuple[str, ...], width: float, px: int) -> list[int]:
    """Which categories get a label: the last always, others in even steps as far as there is room."""
    if not categories:
        return []
    widest = max(width_of(c, px) for c in categories) + 0.8 * px
    step = max(1, math.ceil(len(categories) * widest / width))
    return sorted(range(len(categories) - 1, -1, -step))


def _rows(key: str, data: ChartData, room: Box, fitter: Fitter, language: str) -> Component:
    """Bars as rows: name, bar, value. The longest first, what finds no room is counted below."""
    pair = data.kind == "before_after"
    px, least = fitter.scale.note, fitter.scale.floor
    values = [number(_total(data, i), language=language) for i in range(len(data.keys))]
    if pair:
        values = [number(s.values[i], language=language) for i in range(len(data.keys)) for s in data.series]
    value_width = math.ceil(max((width_of(v, px, 700) for v in values), default=0) + 12)
    name_width = _name_width(data.categories, room.width, px)
    name_lines = max((lines_of(c, least, name_width) for c in data.categories), default=1)
    if math.isinf(name_lines) or name_lines > 3 or room.width - name_width - value_width < BAR_LEAST:
        fitter.faults.append(data.title)
        name_lines = 3
    row_least = max(name_lines * least * 1.14, (2 * px * 1.14) if pair else px * 1.3) + 6
    fit = max(1, min(ROWS, int(room.height // row_least)))
    if len(data.keys) > fit:
        fit = max(1, min(fit, int((room.height - px * LINE) // row_least)))
    shown = min(len(data.keys), fit)
    dropped = len(data.keys) - shown
    free = room.height - (px * LINE if dropped else 0)
    row_height = min(free / max(shown, 1), max(row_least, 96 if pair else 74))
    name_px = min(
        (fitter.fit(data.title, c, name_width, px, int(name_lines)) for c in data.categories[:shown]), default=px
    )
    part = replace(data, categories=data.categories[:shown], keys=data.keys[:shown])
    tops = _tops(part)
    columns = f"{name_width:.0f}px 1fr"
    return box(
        "rows",
        *[
            _row(f"{key}.row{i}", part, i, shown, tops, row_height, name_px, px, columns, value_width, pair, language)
            for i in range(ROWS)
        ],
        leaf("more", f"{key}.more", text("wall.more", language, count=dropped) if dropped else "", px),
    )


def _row(
    key: str,
    data: ChartData,
    index: int,
    shown: int,
    tops: list[float],
    height: float,
    name_px: int,
    px: int,
    columns: str,
    value_width: int,
    pair: bool,
    language: str,
) -> Component:
    on = index < shown
    lanes = []
    for lane in range(2):
        members = [data.series[lane]] if pair and lane < len(data.series) else list(data.series) if lane == 0 else []
        used = on and bool(members) and (pair or lane == 0)
        known = [s.values[index] for s in members] if used else []
        said = ""
        if used:
            said = number(known[0] if pair else _total(data, index), language=language)
        segments = [
            box(
                "segment",
                key=f"{key}.lane{lane}.{i}",
                style=_segment(members, known, i, tops[index] if used else 1.0, value_width),
            )
            for i in range(1 if pair else 4)
        ]
        lanes.append(
            box(
                "lane",
                *segments,
                leaf("lane-value", f"{key}.lane{lane}.value", said, px),
                key=f"{key}.lane{lane}",
                off="" if used else "1",
            )
        )
    return box(
        "row",
        leaf("row-name", f"{key}.name", data.categories[index] if on else "", name_px),
        box("lanes", *lanes),
        key=key,
        off="" if on else "1",
        style={"height": f"{height:.1f}px", "gridTemplateColumns": columns},
    )


def _segment(members: list[Any], known: list[float | None], i: int, top: float, value_width: int) -> dict[str, str]:
    if i >= len(members):
        return {"width": "0", "backgroundColor": "transparent"}
    share = max(0.0, (known[i] or 0) / top) if top else 0.0
    return {
        "width": f"calc((100% - {value_width}px) * {share:.4f})",
        "backgroundColor": figures.colour(members[i]),
    }


def _total(data: ChartData, index: int) -> float | None:
    known = [s.values[index] for s in data.series if s.role != "target" and s.values[index] is not None]
    return sum(v for v in known if v is not None) if known else None


def _tops(data: ChartData) -> list[float]:
    """What a full-length bar stands for: the largest total; for pairs each pair's own larger value."""
    if data.kind == "before_after":
        return [max((abs(s.values[i] or 0) for s in data.series), default=0) or 1.0 for i in range(len(data.keys))]
    most = max((_total(data, i) or 0 for i in range(len(data.keys))), default=0) or 1.0
    return [most] * len(data.keys)


def _name_width(categories: tuple[str, ...], width: float, px: int) -> float:
    """Room for the names: as wide as the widest, at most 46 % of the chart."""
    widest = max((width_of(c, px) for c in categories), default=0) + 16
    return min(widest, width * 0.46)
