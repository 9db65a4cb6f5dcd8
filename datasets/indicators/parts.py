"""From components to a value, by member of a breakdown: ratios are made here and never averaged."""

from __future__ import annotations

from typing import Protocol

from datasets.indicators.definition import Component, Definition
from datasets.indicators.lifecycle_figures import Numbers, Sample
from datasets.indicators.window import Window


class Figures(Protocol):
    """The components of one dataset by member: of one scope, or of many units."""

    def count(self, component: Component, window: Window) -> Numbers: ...
    def total(self, component: Component, window: Window) -> Sample: ...
    def median(self, component: Component, window: Window) -> Sample: ...


Parts = dict[str, tuple[float | None, float | None, float | None]]
"""value, numerator and denominator by member"""


def parts_by_member(figures: Figures, definition: Definition, rules: str, window: Window) -> Parts:
    numerator, denominator = definition.components(rules)
    if numerator.kind == "median":
        sample = figures.median(numerator, window)
        return {member: (value, None, sample.rows[member]) for member, value in sample.values.items()}
    if numerator.kind in ("average", "sum"):
        sample = figures.total(numerator, window)
        if numerator.kind == "sum":
            return {member: (total, total, None) for member, total in sample.values.items()}
        return {
            member: (total / sample.rows[member], total, sample.rows[member]) for member, total in sample.values.items()
        }
    tops = figures.count(numerator, window)
    if denominator is None:
        return {member: (count, count, None) for member, count in tops.items()}
    bottoms: Numbers = figures.count(denominator, window)
    return {
        member: (
            ratio(definition, tops.get(member, 0), bottoms.get(member, 0)),
            tops.get(member, 0),
            bottoms.get(member, 0),
        )
        for member in {*tops, *bottoms}
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
