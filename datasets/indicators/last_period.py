"""The last of some periods, and what those before it usually came to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from datasets.indicators.catalogue import Catalogue
from datasets.indicators.definition import Definition, Element
from datasets.indicators.judge import Numbers

Against = Literal["mean", "together", "before", "growth"]
"""What a period is held against: the mean of those before; the ratio of all of them together, for ratios are never
averaged; the one just before, where neither can be made; or that one too, to tell what has come since."""


class LastPeriod(NamedTuple):
    """The last period of which a number is known.

    at       its place among the periods
    usual    what it is held against, made of so many `periods`; None when they tell nothing
    """

    at: int
    value: float
    against: Against
    usual: float | None
    periods: int


def last_period(catalogue: Catalogue, definition: Definition, path: Sequence[Numbers]) -> LastPeriod | None:
    """The last of the periods of a path that are known, against those before it; None when none is known.

    Where the path begins before anything is known, what adds up over time may be known in part of the first period
    that is: it is no measure.
    """
    known = [(at, numbers) for at, numbers in enumerate(path) if numbers[0] is not None]
    if not known:
        return None
    (at, (last, _, _)), past = known[-1], known[:-1]
    assert last is not None
    element = catalogue.element_of(definition)
    against = _against(definition, element)
    adds_up = against == "mean" and (element is None or element.over_time == "sum")
    if past and past[0][0] > 0 and adds_up:
        past = past[1:]
    if against in ("before", "growth") or len(past) == 1:
        usual = past[-1][1][0] if past and past[-1][0] == at - 1 else None
        if against != "growth":
            return LastPeriod(at, last, "before", usual, 1)
        is_of_another_year = usual is not None and last < usual
        return LastPeriod(at, last, "growth", None if is_of_another_year else usual, 1)
    return LastPeriod(at, last, against, _together([numbers for _, numbers in past], definition.factor), len(past))


def is_put_together(definition: Definition) -> bool:
    """Whether several periods make one number by their numerators and denominators."""
    return definition.denominator is not None or definition.numerator.kind == "average"


def _against(definition: Definition, element: Element | None) -> Against:
    if element is not None and element.cumulative:
        return "growth"
    if is_put_together(definition):
        return "together"
    stands_alone = definition.numerator.kind == "median" or (element is not None and element.over_units == "none")
    return "before" if stands_alone else "mean"


def _together(past: Sequence[Numbers], factor: float) -> float | None:
    """The ratio of all periods together; of numbers without a denominator their mean."""
    if not past:
        return None
    total = sum(top or 0 for _, top, _ in past)
    if past[0][2] is None:
        return total / len(past)
    below = sum(bottom or 0 for _, _, bottom in past)
    return factor * total / below if below else None
