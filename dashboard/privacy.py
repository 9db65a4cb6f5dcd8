"""Small-cell suppression: a count so small that people behind it could be known is withheld.

A sensitive count from 1 to below the centre's minimum is not given. Where only one
part of a whole is withheld, the next smallest part is withheld too, for otherwise the
whole less the other parts would tell it. Called by queries.py, and nowhere else.

Rule: design.md 4, "Small cells".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Protocol, TypeVar

from datasets.indicators.calculate import Request
from datasets.indicators.catalogue import Catalogue
from datasets.indicators.value import Value
from datasets.units import OrgUnit, UnitTree

Found = TypeVar("Found")


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


class Keep(Protocol):
    """Gives the kept answer to a question, else computes it (`Queries.answer`)."""

    def __call__(self, question: Hashable, compute: Callable[[], Found], /) -> Found: ...


@dataclass(frozen=True, slots=True)
class SmallCells:
    """Hides the small cells of answers, and what would tell them.

    minimum    the smallest count that is shown
    compute    the values of a request, nothing hidden
    everyone   all units, for what the siblings of a unit would tell
    """

    catalogue: Catalogue
    units: UnitTree
    minimum: int
    compute: Callable[[Request], list[Value]]
    everyone: Callable[[], Sequence[OrgUnit]]
    answer: Keep

    def hidden(self, request: Request, values: list[Value]) -> list[Value]:
        """The values of a request as they may be shown, in the same order."""
        if not any(self.catalogue.indicators[i].sensitive for i in request.indicators):
            return values
        shown = list(values)
        groups: dict[tuple[str, str, str], list[int]] = {}
        for index, value in enumerate(values):
            if self.catalogue.indicators[value.indicator].sensitive:
                groups.setdefault((value.indicator, value.unit, value.period), []).append(index)
        minimum = self.minimum
        telling = self._telling(request, values, minimum) if request.by is None else frozenset()
        telling |= self._telling_categories(request)
        for key, indexes in groups.items():
            if request.by is not None:
                parts = suppress_parts([values[i] for i in indexes], minimum)
                for i, part in zip(indexes, parts, strict=True):
                    shown[i] = withhold(part) if key in telling else part
                continue
            for i in indexes:
                if is_small(values[i], minimum) or key in telling:
                    shown[i] = withhold(values[i])
        return shown

    def _telling_categories(self, request: Request) -> frozenset[tuple[str, str, str]]:
        """Indicator, unit and period of which one category was asked for that a breakdown would withhold.

        One category split further would be a table of two ways, whose margins tell its cells: it is withheld whole.
        """
        if not request.filters:
            return frozenset()
        if request.by is not None:
            return frozenset((i, u, p.id) for i in request.indicators for u in request.units for p in request.periods)
        indicators = tuple(i for i in request.indicators if "category" in self.catalogue.indicators[i].drill_by)
        parts = self._breakdown(replace(request, indicators=indicators, by="category", filters={}))
        asked = request.filters.get("category")
        return frozenset(
            (part.indicator, part.unit, part.period)
            for part in parts
            if isinstance(part, Suppressed) and (part.by or {}).get("category") == asked
        )

    def _breakdown(self, request: Request) -> list[Value]:
        return self.hidden(request, self.compute(request))

    def _telling(self, request: Request, values: list[Value], minimum: int) -> frozenset[tuple[str, str, str]]:
        """Indicator, unit and period of the numbers that, beside their siblings' and the whole, would tell a
        withheld one. All siblings are computed at once, and once for all of them: 130 reports ask the same."""
        definitions = self.catalogue.indicators
        large = [v for v in values if definitions[v.indicator].sensitive and v.value and not is_small(v, minimum)]
        found: set[tuple[str, str, str]] = set()
        for parent in dict.fromkeys(self.units.get(value.unit).parent for value in large):
            if not parent:
                continue
            siblings = tuple(unit.code for unit in self.everyone() if unit.parent == parent)
            sensitive = tuple(i for i in request.indicators if definitions[i].sensitive)
            asked = replace(request, indicators=sensitive, units=siblings)
            found |= self.answer(("telling", asked.question), partial(self._telling_among, asked, minimum))
        return frozenset(found)

    def _telling_among(self, asked: Request, minimum: int) -> frozenset[tuple[str, str, str]]:
        """Of all children of one unit: indicator, unit and period of what a breakdown by them would withhold."""
        families: dict[tuple[str, str], list[Value]] = {}
        for value in self.compute(asked):
            families.setdefault((value.indicator, value.period), []).append(value)
        parts = (part for family in families.values() for part in suppress_parts(family, minimum))
        return frozenset((part.indicator, part.unit, part.period) for part in parts if part.value is None)
