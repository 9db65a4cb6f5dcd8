"""Small-cell suppression: a count so small that people behind it could be known is withheld.

A sensitive count from 1 to below the centre's minimum is not given. Where only one
part of a whole is withheld, the next smallest part is withheld too, for otherwise the
whole less the other parts would tell it. Called by queries.py, and nowhere else.

Rule: design.md 4, "Small cells".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from datasets.indicators.value import Value


class Suppressed(Value):
    """A withheld value: `value`, `numerator` and `denominator` are None, the screens say "<5"."""

    __slots__ = ()


def withhold(value: Value) -> Suppressed:
    known = {field.name: getattr(value, field.name) for field in fields(Value)}
    return Suppressed(**known | {"value": None, "numerator": None, "denominator": None})


def is_small(value: Value, minimum: int) -> bool:
    """Whether a count, or the people a rate is of, lies from 1 to below the minimum."""
    cells = (value.numerator, value.denominator) if value.denominator is not None else (value.value,)
    return any(cell is not None and 0 < cell < minimum for cell in cells)


def suppress_parts(parts: Sequence[Value], minimum: int) -> list[Value]:
    """The parts of one whole (members of a breakdown, children of a unit), the small ones withheld.

    When exactly one is small, the smallest other part above 0 goes with it.
    """
    small = {index for index, part in enumerate(parts) if is_small(part, minimum)}
    if len(small) == 1:
        others = [i for i, part in enumerate(parts) if i not in small and _size(part)]
        if others:
            small.add(min(others, key=lambda i: _size(parts[i])))
    return [withhold(part) if index in small else part for index, part in enumerate(parts)]


def _size(part: Value) -> float:
    cell = part.denominator if part.denominator is not None else part.value
    return cell or 0.0
