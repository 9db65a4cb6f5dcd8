"""ChartData -> plotly figure, as plain dictionaries.

Plain on purpose: the browser draws them, the web process need not build and check
plotly objects at every request (a test does, so that no property is misspelt).
Colours and sizes are those of look.md; `size` picks the type size: "desk" is read at
arm's length, "wall" from four metres.

In every figure the axis holds the chart's `keys` and shows its `categories`, so that
a click gives back a period id or a member, never a word.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any, Literal

from dashboard.line_ends import LABEL_SHARE, NEAR_FOOT, keep_apart, off_the_foot, spread
from dashboard.panel import ChartData, Series
from dashboard.tokens import DARK, FONT, Tokens
from dashboard.wall.type_sizes import width_of
from datasets.vietnamese import number

Size = Literal["desk", "wall"]
Figure = dict[str, Any]

FONT_PX = {"desk": 13, "wall": 24}
LABEL_PX = {"desk": 13, "wall": 28}
LINE_PX = {"desk": 3, "wall": 5}

MOST_TICKS = 7
"""As many names of periods as stand upright side by side in the narrower column and on a telephone."""
FEWEST_SLOTS = 4
"""A lone bar is as thick as one of four."""

LEAST_ROOM_PX, MOST_ROOM_PX, BESIDE_NAME_PX, UNDER_TREND_PX = 48, 160, 22, 36
"""For names beside and under a picture. The least holds three digits; beyond the most plotly judges by the window."""

BESIDE_LINE_PX = 26
"""Right of many lines, for their last numbers; some of them stands within the picture."""

BESIDE = "\N{NO-BREAK SPACE}"
"""Between a point and the number to its right."""

CONFIG = {"displayModeBar": False, "responsive": True, "locale": "vi", "doubleClick": False}
"""For every dcc.Graph; the wall adds staticPlot."""


@dataclass(frozen=True, slots=True)
class Look:
    """How far away the reader is, in which language, on which ground."""

    size: Size = "desk"
    language: str = "vi"
    tokens: Tokens = DARK


def colour(series: Series, tokens: Tokens = DARK) -> str:
    """The colour of a bar or chip, by what the series means."""
    return {
        "normal": tokens.data,
        "attention": tokens.watch,
        "bad": tokens.bad,
        "target": tokens.neutral,
        "muted": tokens.base,
    }[series.role]


def line_colours(series: Sequence[Series], tokens: Tokens = DARK) -> tuple[str, ...]:
    """One colour a line: attention and target keep theirs, normal lines take turns."""
    turn = cycle((tokens.data, tokens.good, tokens.watch, tokens.extra))
    return tuple(next(turn) if s.role == "normal" else colour(s, tokens) for s in series)


def legend(chart: ChartData, tokens: Tokens = DARK) -> tuple[tuple[str, str], ...]:
    """(name, colour) of each series, for the chips above the chart; empty for a lone series."""
    if len(chart.series) < 2:
        return ()
    if chart.kind == "trend":
        colours = line_colours(chart.series, tokens)
    else:
        colours = tuple(colour(s, tokens) for s in chart.series)
    return tuple(zip((s.name for s in chart.series), colours, strict=True))


def figure(chart: ChartData, look: Look = Look(), selected: str | None = None) -> Figure:
    """The picture of a chart. `selected` is the member that a filter has chosen: the others pale."""
    if chart.kind == "trend":
        return _trend(chart, look)
    if chart.kind == "before_after":
        return _before_after(chart, look)
    return _bars(chart, look, selected)


def _layout(look: Look) -> dict[str, Any]:
    size, tokens = look.size, look.tokens
    font = {"family": FONT, "size": FONT_PX[size], "color": look.tokens.text}
    axis = {
        "showgrid": False,
        "zeroline": False,
        "linecolor": tokens.border,
        "ticks": "",
        "tickfont": {"size": FONT_PX[size], "color": tokens.text_2},
        "automargin": True,
        "fixedrange": True,
    }
    return {
        "font": font,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 12, "t": 10, "b": 8},
        "separators": ",." if look.language == "vi" else ".,",
        "showlegend": False,
        "bargap": 0.38,
        "barcornerradius": 5 if size == "desk" else 8,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": tokens.raised, "bordercolor": tokens.border, "font": font},
        "xaxis": {**axis, "ticklabelstandoff": 6, "tickangle": 0},
        "yaxis": {**axis, "ticklabelstandoff": 10},
    }


def _room(labels: Sequence[str]) -> int:
    """Pixels left of a picture for the names at its axis. plotly finds them too, but only by drawing twice."""
    widest = max(width_of(label, FONT_PX["desk"]) for label in labels)
    return min(max(LEAST_ROOM_PX, 8 * math.ceil((widest + BESIDE_NAME_PX) / 8)), MOST_ROOM_PX)


def _value_axis(values: Sequence[float], tokens: Tokens) -> dict[str, Any]:
    """Few dotted lines, beginning at zero; rates near their ceiling may begin higher."""
    most = max(values, default=1.0) or 1.0
    return {
        "showgrid": True,
        "gridcolor": tokens.grid,
        "griddash": "dot",
        "nticks": 5,
        "tickformat": ",~f",  # 30.000 as the page's language writes it, never 30k
        "range": [0, most * 1.12],
    }


def _percent_axis(values: Sequence[float], tokens: Tokens) -> dict[str, Any]:
    """A rate's axis: from zero, or from a round number below the least value when all are high."""
    least = min(values, default=0.0)
    low = 0 if least < 60 else (80 if least >= 84 else 50)
    high = 100 if max(values, default=0.0) <= 100 else max(values)
    return {
        "showgrid": True,
        "gridcolor": tokens.grid,
        "griddash": "dot",
        "nticks": 5,
        "range": [low, high + (high - low) * 0.06],
    }


def _known(series: Sequence[Series]) -> list[float]:
    return [v for s in series for v in s.values if v is not None]


def _suffix(unit: str) -> str:
    return unit if unit == "%" else f" {unit}" if unit else ""


def _trend(chart: ChartData, look: Look) -> Figure:
    layout = _layout(look)
    known = _known(chart.series)
    layout["yaxis"].update(_percent_axis(known, look.tokens) if chart.unit == "%" else _value_axis(known, look.tokens))
    layout["xaxis"].update(
        type="category",
        categoryorder="array",
        categoryarray=list(chart.keys),
        tickvals=_thinned(chart.keys),
        ticktext=_thinned(chart.categories),
        range=[-0.35, len(chart.keys) - 0.35],
    )
    layout["hovermode"] = "x unified"
    low, high = layout["yaxis"]["range"]
    labels, heights = keep_apart(chart), spread(chart, LABEL_SHARE[look.size] * (high - low))
    if look.size == "desk":
        if heights:
            layout["margin"]["r"] = BESIDE_LINE_PX
        layout["margin"].update(l=_room([number(round(high), language=look.language)]), b=UNDER_TREND_PX)
        labels = off_the_foot(chart, labels, low + NEAR_FOOT * (high - low))
    traces: list[Figure] = []
    from_zero = low == 0
    for index, (series, ink) in enumerate(zip(chart.series, line_colours(chart.series, look.tokens), strict=True)):
        traces += _line(chart, series, ink, look, from_zero and index == 0, labels[index], heights.get(index))
    return {"data": traces, "layout": layout}


def _thinned(names: Sequence[str]) -> list[str]:
    """So many names that an axis has room for them; the last always."""
    step = -(-len(names) // MOST_TICKS)
    return [name for i, name in enumerate(names) if (len(names) - 1 - i) % step == 0]


def _line(
    chart: ChartData, series: Series, ink: str, look: Look, fill: bool, label: str, height: float | None
) -> list[Figure]:
    """A line with its last number at `label` beside its end; or right of it, at a height of its own."""
    size = look.size
    keys, values = list(chart.keys), list(series.values)
    hover = f"{series.name}: <b>%{{text}}</b>{_suffix(chart.unit)}<extra></extra>"
    said = [number(v, language=look.language) for v in values]
    if series.role == "target":
        line = {"color": ink, "width": 2, "dash": "dash"}
        return [_scatter(keys, values, said, line, hover)]
    line = {"color": ink, "width": LINE_PX[size], "shape": "spline", "smoothing": 0.6}
    whole = [*values[:-1], None] if chart.partial_last else values
    main = _scatter(keys, whole, said, line, hover)
    gaps = _gaps(whole)
    if gaps:  # a lone point between two gaps has no line to be seen by
        main |= {"mode": "lines+markers", "marker": {"size": 2 * LINE_PX[size], "color": ink}}
    if fill and len(chart.series) <= 2 and not gaps:
        red, green, blue = (int(ink[i : i + 2], 16) for i in (1, 3, 5))
        main["fill"] = "tozeroy"
        main["fillgradient"] = {
            "type": "vertical",
            "colorscale": [[0, f"rgba({red},{green},{blue},0)"], [1, f"rgba({red},{green},{blue},.30)"]],
        }
    traces = [main]
    if chart.partial_last and len(values) > 1:
        tail = {"color": ink, "width": LINE_PX[size], "dash": "dot"}
        traces.append({**_scatter(keys[-2:], values[-2:], said[-2:], tail, hover), "hoverinfo": "skip"})
        traces[-1].pop("hovertemplate")
    end = next((i for i in range(len(values) - 1, -1, -1) if values[i] is not None), None)
    if end is not None:
        running = chart.partial_last and end == len(values) - 1
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "x": [keys[end]],
                "y": [values[end]],
                "text": [f"{BESIDE if label == 'middle right' else ''}<b>{said[end]}</b>"],
                "textposition": label,
                "textfont": {"size": LABEL_PX[look.size], "color": look.tokens.text},
                "marker": {
                    "size": 9 if size == "desk" else 16,
                    "color": look.tokens.surface if running else ink,
                    "line": {"color": ink, "width": 2 if size == "desk" else 4},
                },
                "cliponaxis": False,
                "hovertemplate": hover.replace("%{text}", said[end]) if running else None,
                "hoverinfo": None if running else "skip",
            }
        )
        traces[-1] = {name: value for name, value in traces[-1].items() if value is not None}
        if height is not None:
            beside = {"y": [height], "text": [f"{3 * BESIDE}<b>{said[end]}</b>"], "textposition": "middle right"}
            word = {name: traces[-1][name] for name in ("type", "x", "textfont", "cliponaxis")}
            traces[-1] = {k: v for k, v in traces[-1].items() if not k.startswith("text")} | {"mode": "markers"}
            traces.append({**word, **beside, "mode": "text", "hoverinfo": "skip"})
    return traces


def _gaps(values: Sequence[float | None]) -> bool:
    """Whether something is missing between the first and the last known value: an area across it would tell a lie."""
    known = [i for i, value in enumerate(values) if value is not None]
    return bool(known) and len(known) <= known[-1] - known[0]


def _scatter(x: list[str], y: Sequence[float | None], said: list[str], line: Figure, hover: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": list(y),
        "text": said,
        "line": line,
        "hovertemplate": hover,
        "connectgaps": False,
    }


def _bars(chart: ChartData, look: Look, selected: str | None) -> Figure:
    layout = _layout(look)
    layout["barmode"] = "stack"
    layout["xaxis"].update(visible=False, range=[0, max(_totals(chart), default=1.0) * 1.14 or 1.0])
    layout["yaxis"].update(
        type="category",
        categoryorder="array",
        categoryarray=list(chart.keys),
        tickvals=list(chart.keys),
        ticktext=list(chart.categories),
        range=[max(len(chart.keys), FEWEST_SLOTS) - 0.5, -0.5],
    )
    layout["margin"]["r"] = 44 if look.size == "desk" else 88
    if look.size == "desk":
        layout["margin"]["l"] = _room(chart.categories)
    traces: list[Figure] = []
    for series in chart.series:
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": series.name,
                "x": [v or 0 for v in series.values],
                "y": list(chart.keys),
                "marker": {
                    "color": colour(series, look.tokens),
                    "opacity": [1.0 if selected in (None, key) else 0.35 for key in chart.keys],
                },
                "text": [number(v, language=look.language) for v in series.values],
                "textposition": "none",
                "customdata": list(chart.categories),
                "hovertemplate": f"%{{customdata}}<br>{series.name}: <b>%{{text}}</b>"
                f"{_suffix(chart.unit)}<extra></extra>",
            }
        )
    totals = _totals(chart)
    traces.append(
        {
            "type": "scatter",
            "mode": "text",
            "x": totals,
            "y": list(chart.keys),
            "text": [f" {number(t, language=look.language)}" for t in totals],
            "textposition": "middle right",
            "textfont": {"size": LABEL_PX[look.size], "color": look.tokens.text},
            "hoverinfo": "skip",
            "cliponaxis": False,
        }
    )
    return {"data": traces, "layout": layout}


def _totals(chart: ChartData) -> list[float]:
    return [sum(s.values[i] or 0 for s in chart.series) for i in range(len(chart.keys))]


def _before_after(chart: ChartData, look: Look) -> Figure:
    """Pairs of bars, each pair on its own scale: the units differ, the change is what counts."""
    layout = _layout(look)
    layout.update(barmode="group", bargap=0.42, bargroupgap=0.16)
    layout["xaxis"].update(visible=False, range=[0, 1.3])
    layout["yaxis"].update(
        type="category",
        categoryorder="array",
        categoryarray=list(chart.keys),
        tickvals=list(chart.keys),
        ticktext=list(chart.categories),
        autorange="reversed",
    )
    tops = [max((abs(s.values[i] or 0) for s in chart.series), default=0) or 1 for i in range(len(chart.keys))]
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": series.name,
            "x": [(v or 0) / top for v, top in zip(series.values, tops, strict=True)],
            "y": list(chart.keys),
            "marker": {"color": colour(series, look.tokens)},
            "text": [number(v, language=look.language) for v in series.values],
            "textposition": "outside",
            "textfont": {"size": LABEL_PX[look.size], "color": look.tokens.text},
            "cliponaxis": False,
            "hoverinfo": "skip",
        }
        for series in chart.series
    ]
    return {"data": traces, "layout": layout}
