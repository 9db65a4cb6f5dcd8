"""From components to a value, by member of a breakdown: ratios are made here and never averaged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from datasets.indicators.definition import Component, Definition
from datasets.indicators.lifecycle_figures import Numbers, Sample
from datasets.indicators.window import Window


class Figures(Protocol):
    """The components of one dataset by member: of one scope, or of many units."""

    def count(self, component: Component, windows: Sequence[Window]) -> Sequence[Numbers]: ...
    def total(self, component: Component, window: Window) -> Sample: ...
    def median(self, component: Component, window: Window) -> Sample: ...


Parts = dict[str, tuple[float | None, float | None, float | None]]
"""value, numerator and denominator by member"""


def parts_by_window(figures: Figures, definition: Definition, rules: str, windows: Sequence[Window]) -> list[Parts]:
    """The indicator's parts over each window."""
    numerator, denominator = definition.components(rules)
    if numerator.kind != "count":
        return [_sampled(figures, numerator, window) for window in windows]
    tops = figures.count(numerator, windows)
    if denominator is None:
        return [{member: (count, count, None) for member, count in top.items()} for top in tops]
    bottoms = figures.count(denominator, windows)
    return [
        {
            member: (
                ratio(definition, top.get(member, 0), bottom.get(member, 0)),
                top.get(member, 0),
                bottom.get(member, 0),
            )
            for member in {**top, **bottom}
        }
        for top, bottom in zip(tops, bottoms, strict=True)
    ]


def _sampled(figures: Figures, component: Component, window: Window) -> Parts:
    if component.kind == "median":
        sample = figures.median(component, window)
        return {member: (value, None, sample.rows[member]) for member, value in sample.values.items()}
    sample = figures.total(component, window)
    if component.kind == "sum":
        return {member: (total, total, None) for member, total in sample.values.items()}
    return {
        member: (total / sample.rows[member], total, sample.rows[member]) for member, total in sample.values.items()
    }


def nothing(definition: Definition) -> tuple[float | None, float | None, float | None]:
    """The numbers where no row counts: 0 for a count, unknown for a ratio, median or average."""
    if definition.numerator.kind in ("median", "average"):
        return None, None, 0
    return (0, 0, None) if definition.denominator is None else (None, 0, 0)


def ratio(definition: Definition, top: float | None, bottom: float | None) -> float | None:
    if definition.denominator is None or top is None:
        return top
    return top / bottom * definition.factor if bottom else None
