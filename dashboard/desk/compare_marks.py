"""Small pictures without a script: a value among its limits, and paths on one common scale."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from dash.development.base_component import Component

from dashboard.desk import attributes
from dashboard.desk.light import html
from datasets.indicators.limits import Limits

PATH_WIDTH, PATH_HEIGHT, EDGE = 240, 64, 5


@dataclass(frozen=True, slots=True)
class Scale:
    """From values to percent of the width (or height), with a little air at both ends."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Iterable[float | None], *, percent: bool) -> Scale:
        """All values in; shares stay within 0-100, counts begin at 0."""
        known = [value for value in values if value is not None]
        low, high = min(known, default=0.0), max(known, default=1.0)
        if not percent:
            low = min(low, 0.0)
        air = (high - low) * 0.06 or 1.0
        if percent:
            return cls(max(low - air, 0.0 if low >= 0 else low - air), max(min(high + air, 100.0), high))
        return cls(low, high + air)

    def at(self, value: float) -> float:
        """0-100."""
        return 100 * (value - self.low) / ((self.high - self.low) or 1.0)


def among_limits(
    value: float | None, limits: Limits | None, pooled: float | None, scale: Scale, tone: str
) -> Component:
    """The two bands of chance, the group's own line, and the unit's dot; words beside it say the same."""
    parts: list[Component] = []
    if limits is not None:
        parts += [
            _band(scale, limits.far_low, limits.far_high, "reach-far"),
            _band(scale, limits.low, limits.high, "reach-usual"),
        ]
    if pooled is not None:
        parts.append(html.I(className="reach-group", style={"left": f"{scale.at(pooled):.2f}%"}))
    if value is not None:
        if limits is None and pooled is None:
            parts.append(html.I(className="reach-bar", style={"width": f"{max(scale.at(value), 0.4):.2f}%"}))
        parts.append(html.I(className=f"reach-dot dot-{tone}", style={"left": f"{scale.at(value):.2f}%"}))
    return html.Div(parts, className="reach", **attributes.aria(hidden="true"))


def _band(scale: Scale, low: float, high: float, name: str) -> Component:
    left, right = max(scale.at(low), 0.0), min(scale.at(high), 100.0)
    return html.I(className=name, style={"left": f"{left:.2f}%", "width": f"{max(right - left, 0.3):.2f}%"})


def path(values: Sequence[float | None], beside: Sequence[float | None], scale: Scale, label: str) -> Component:
    """A unit's last periods over the group's own (the paler, dashed line), both on the given scale."""
    return html.Div(
        [
            html.Div(className="path-group", style=_mask(_line(beside, scale, width=2, dash="5 5", dot=False))),
            html.Div(className="path-unit", style=_mask(_line(values, scale, width=3, dash="", dot=True))),
        ],
        className="path",
        role="img",
        **attributes.aria(label=label),
    )


def _line(values: Sequence[float | None], scale: Scale, *, width: int, dash: str, dot: bool) -> str:
    step = (PATH_WIDTH - 2 * EDGE) / max(len(values) - 1, 1)
    tall = PATH_HEIGHT - 2 * EDGE
    points = [
        (EDGE + i * step, EDGE + tall * (1 - scale.at(value) / 100))
        for i, value in enumerate(values)
        if value is not None
    ]
    breaks = [i for i, value in enumerate(values) if value is not None]
    said = " ".join(
        f"{'M' if n == 0 or breaks[n] != breaks[n - 1] + 1 else 'L'}{x:.1f} {y:.1f}" for n, (x, y) in enumerate(points)
    )
    drawn = f"<path d='{said}' fill='none' stroke='#000' stroke-width='{width}' stroke-dasharray='{dash}' "
    drawn += "stroke-linejoin='round' stroke-linecap='round' vector-effect='non-scaling-stroke'/>"
    if dot and points:
        drawn += f"<circle cx='{points[-1][0]:.1f}' cy='{points[-1][1]:.1f}' r='4.5'/>"
    return drawn if points else ""


def _mask(drawn: str) -> dict[str, str]:
    svg = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {PATH_WIDTH} {PATH_HEIGHT}' "
        f"preserveAspectRatio='none'>{drawn}</svg>"
    )
    image = f'url("data:image/svg+xml,{quote(svg)}")'
    return {"maskImage": image, "WebkitMaskImage": image}
