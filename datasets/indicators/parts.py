"""From components to a value, by member of a breakdown: ratios are made here and never averaged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from datasets.indicators.definition import Component, Definition
from datasets.indicators.judge import Numbers
from datasets.indicators.lifecycle_figures import ByMember, Sample
from datasets.indicators.window import Window, Windows


class Figures(Protocol):
    """The components of one dataset by member: of one scope, or of many units."""

    def count(self, component: Component, windows: Windows) -> ByMember: ...
    def total(self, component: Component, window: Window) -> Sample: ...
    def median(self, component: Component, window: Window) -> Sample: ...


Parts = Mapping[str, Sequence[Numbers | None]]
"""By member the numbers over each window; None where no row tells any."""


def parts_of(figures: Figures, definition: Definition, rules: str, windows: Windows) -> Parts:
    """The indicator's parts; of several windows the members are those of any of them."""
    numerator, denominator = definition.components(rules)
    if numerator.kind != "count":
        return _sampled(figures, numerator, windows)
    tops = figures.count(numerator, windows)
    if denominator is None:
        return {member: [(count, count, None) for count in counts] for member, counts in tops.items()}
    bottoms, factor, none = figures.count(denominator, windows), definition.factor, [0] * len(windows)
    return {
        member: [
            (top / bottom * factor if bottom else None, top, bottom)
            for top, bottom in zip(tops.get(member, none), bottoms.get(member, none), strict=True)
        ]
        for member in {**tops, **bottoms}
    }


def _sampled(figures: Figures, component: Component, windows: Windows) -> Parts:
    found: dict[str, list[Numbers | None]] = {}
    for n, window in enumerate(windows):
        is_median = component.kind == "median"
        sample = figures.median(component, window) if is_median else figures.total(component, window)
        for member, number in sample.values.items():
            rows = sample.rows[member]
            numbers: Numbers = (number, None, rows) if is_median else (number / rows, number, rows)
            if component.kind == "sum":
                numbers = number, number, None
            found.setdefault(member, [None] * len(windows))[n] = numbers
    return found


def nothing(definition: Definition) -> Numbers:
    """The numbers where no row counts: 0 for a count, unknown for a ratio, median or average."""
    if definition.numerator.kind in ("median", "average"):
        return None, None, 0
    return (0, 0, None) if definition.denominator is None else (None, 0, 0)


def ratio(definition: Definition, top: float | None, bottom: float | None) -> float | None:
    if definition.denominator is None or top is None:
        return top
    return top / bottom * definition.factor if bottom else None
