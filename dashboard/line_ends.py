"""Where the last numbers of a chart's lines stand, so that they overprint neither each other nor the axis."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.panel import ChartData

NEAR_FOOT = 0.12
"""Of a picture's height: a number under a point as low as that lies on the names of the axis."""
MANY_LINES = 3
"""From so many lines on the numbers stand right of the ends."""
LABEL_SHARE = {"desk": 0.09, "wall": 0.13}
"""Of a picture's height: what such a number takes."""


def _drawn(chart: ChartData) -> list[int]:
    """The lines with a label at their end."""
    return [i for i, series in enumerate(chart.series) if series.role != "target"]


def keep_apart(chart: ChartData) -> list[str]:
    """Where each line's last label goes, so that two lines that end together do not overprint, nor a target above."""
    drawn = _drawn(chart)
    order = sorted(drawn, key=lambda i: _last(chart.series[i].values) or 0)
    places = ["top center"] * len(chart.series)
    for rank, index in enumerate(order):
        places[index] = "top center" if rank == len(order) - 1 else "bottom center"
    if len(order) == 1 and any(
        series.role == "target" and (_last(series.values) or 0) > (_last(chart.series[order[0]].values) or 0)
        for series in chart.series
    ):
        places[order[0]] = "bottom center"
    return places


def spread(chart: ChartData, apart: float) -> dict[int, float]:
    """Of three lines and more the heights of their last labels, which stand beside the ends: as near to them as keeps
    them `apart`, and in their order. Empty for fewer lines."""
    ends = {i: last for i in _drawn(chart) if (last := _last(chart.series[i].values)) is not None}
    if len(ends) < MANY_LINES:
        return {}
    groups: list[tuple[float, list[int]]] = []
    for index in sorted(ends, key=ends.__getitem__):
        middle, members = ends[index], [index]
        while groups and middle - groups[-1][0] < apart * (len(members) + len(groups[-1][1])) / 2:
            members = [*groups.pop()[1], *members]
            middle = sum(ends[i] for i in members) / len(members)
        groups.append((middle, members))
    return {
        index: middle + (place - (len(members) - 1) / 2) * apart
        for middle, members in groups
        for place, index in enumerate(members)
    }


def off_the_foot(chart: ChartData, places: Sequence[str], foot: float) -> list[str]:
    """The labels with those beside their points that would lie under them on the names of the axis."""
    lasts = (_last(series.values) for series in chart.series)
    return [
        "middle right" if place == "bottom center" and last is not None and last < foot else place
        for place, last in zip(places, lasts, strict=True)
    ]


def _last(values: Sequence[float | None]) -> float | None:
    return next((v for v in reversed(values) if v is not None), None)
