"""Charts for reading from afar: title, the finding in a sentence, the picture, nothing to hover.

A trend is a static plotly figure, drawn by the page's script; bars are rows of the page
itself (bars.py).
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

from dash.development.base_component import Component

from dashboard import figures
from dashboard.panel import ChartData
from dashboard.wall.bars import bars
from dashboard.wall.tiles import LINE, Box
from dashboard.wall.tree import box, leaf
from dashboard.wall.type_sizes import Fitter, lines_of, width_of

CHIPS = 4
CHIP_GAP = 30
DOT = 34  # a chip's dot and the gap before its name
CHIP_EXTRA = DOT + CHIP_GAP
TITLE_LEAST = 28
TAGS = re.compile(r"<[^>]+>")
LARGE = 500  # a chart this high has room for larger letters


def chart(scene: str, data: ChartData, room: Box, fitter: Fitter, language: str) -> Component:
    """One chart that fits `room`; names the chart in the fitter when its texts cannot be kept legible."""
    key, width, scale = f"{scene}.{data.id}", room.inner_width, fitter.scale
    px = round(scale.note * 1.2) if room.inner_height > LARGE else scale.note
    chips = figures.legend(data)[:CHIPS]
    chip_px = min((fitter.fit(data.title, name, width - DOT, px) for name, _ in chips), default=px)
    chips_width = sum(width_of(name, chip_px) + CHIP_EXTRA for name, _ in chips)
    least = max(TITLE_LEAST, scale.floor)
    beside = width_of(data.title, least, 700) + chips_width <= width
    title_width = width - chips_width if beside else width
    title_lines = 1 if lines_of(data.title, least, title_width, 700) <= 1 else 2
    title_px = fitter.fit(data.title, data.title, title_width, min(38, scale.label), title_lines, 700)
    finding = _in_two_lines(data.finding, scale.floor, width)
    finding_lines = 0 if not finding else 1 if lines_of(finding, scale.floor, width) <= 1 else 2
    finding_px = fitter.fit(data.title, finding, width, px, finding_lines or 1)
    height = room.inner_height - title_lines * title_px * LINE - finding_lines * finding_px * LINE - 12
    if chips and not beside:
        height -= _chip_lines(chips, width, chip_px) * (chip_px * LINE + 4) + 4
    draw = _plot if data.kind == "trend" else bars
    return box(
        "chart",
        leaf("chart-title", f"{key}.title", data.title, title_px),
        leaf("finding", f"{key}.finding", finding, finding_px),
        box("chips", *[_chip(key, i, chips, chip_px) for i in range(CHIPS)]),
        draw(key, data, Box(width, height), fitter, px, language),
        key=key,
        chips="beside" if beside else "below",
    )


def _in_two_lines(finding: str, px: int, width: float) -> str:
    """The finding without its last sentences, where all of them take more than two lines; the first always stays."""
    sentences = finding.split(". ")
    while len(sentences) > 1 and lines_of(". ".join(sentences), px, width) > 2:
        sentences.pop()
        sentences[-1] = sentences[-1].removesuffix(".") + "."
    return ". ".join(sentences)


def _chip_lines(chips: tuple[tuple[str, str], ...], width: float, px: int) -> int:
    """How many lines the chips take beneath the title."""
    lines, used = 1, 0.0
    for name, _ in chips:
        needs = width_of(name, px) + CHIP_EXTRA
        if used and used + needs - CHIP_GAP > width:
            lines, used = lines + 1, 0.0
        used += needs
    return lines


def _chip(key: str, index: int, chips: tuple[tuple[str, str], ...], px: int) -> Component:
    name, ink = chips[index] if index < len(chips) else ("", "transparent")
    return box(
        "chip",
        box("dot", key=f"{key}.chip{index}.dot", style={"backgroundColor": ink}),
        leaf("chip-name", f"{key}.chip{index}", name, px),
    )


def _plot(key: str, data: ChartData, room: Box, fitter: Fitter, px: int, language: str) -> Component:
    figure = wall_figure(data, room, px, language)
    style = {"width": f"{room.width:.0f}px", "height": f"{room.height:.0f}px"}
    return box("plot", key=f"{key}.plot", style=style, figure=json.dumps(figure, ensure_ascii=False))


def wall_figure(data: ChartData, room: Box, px: int, language: str) -> dict[str, Any]:
    """The desk's figure at the wall's sizes: fixed size, fewer and larger labels, nothing to hover.

    px  type size of the axes, in design pixels; the last values are written a little larger
    """
    figure = figures.figure(data, figures.Look("wall", language))
    layout, big = figure["layout"], max(28, px + 2)
    layout.update(width=round(room.width), height=round(room.height), hovermode=False)
    layout["font"].update(size=px, weight=500)
    layout["margin"] = {"l": 8, "r": 56, "t": round(big * 1.2), "b": 8}
    layout["xaxis"]["tickfont"]["size"] = layout["yaxis"]["tickfont"]["size"] = px
    layout["yaxis"]["nticks"] = max(2, min(4, round(room.height / (3 * px))))
    layout["yaxis"]["tickformat"] = ",~f"
    keep = _labelled(data.categories, room.width - 180, px)
    layout["xaxis"]["tickvals"] = [data.keys[i] for i in keep]
    layout["xaxis"]["ticktext"] = [data.categories[i] for i in keep]
    for trace in figure["data"]:
        for idle in ("hovertemplate", "customdata"):
            trace.pop(idle, None)
        trace["hoverinfo"] = "skip"
        if "text" in trace.get("mode", ""):
            trace["textfont"]["size"] = big
            _place(trace, layout, room.height - 1.2 * big - 2.2 * px, big)
        else:
            trace.pop("text", None)
    return figure


def _place(trace: dict[str, Any], layout: dict[str, Any], height: float, px: int) -> None:
    """Room for a line's last value: at the right edge, and beside the point where beneath it lie the axis' names.

    height  of the plot between its edges, about
    """
    low, high = layout["yaxis"]["range"]
    beneath = (trace["y"][0] - low) / (high - low) * height
    width = width_of(TAGS.sub("", trace["text"][0]), px, 700)
    if trace["textposition"] == "bottom center" and beneath < 1.5 * px:
        trace["textposition"] = "middle right"
        trace["text"] = [f"{figures.BESIDE}{trace['text'][0]}"]
    needs = width + 24 if trace["textposition"] == "middle right" else width / 2 + 8
    layout["margin"]["r"] = max(layout["margin"]["r"], math.ceil(needs))


def _labelled(categories: tuple[str, ...], width: float, px: int) -> list[int]:
    """Which categories get a label: the last always, others in even steps as far as there is room."""
    if not categories:
        return []
    widest = max(width_of(category, px) for category in categories) + 0.8 * px
    step = max(1, math.ceil(len(categories) * widest / width))
    return sorted(range(len(categories) - 1, -1, -step))
