"""Small-cell suppression: a count so small that people behind it could be known is withheld.

A sensitive count from 1 to below the centre's minimum is not given. Where only one
part of a whole is withheld, the next smallest part is withheld too, for otherwise the
whole less the other parts would tell it. Called by queries.py, and nowhere else.

Rule: design.md 4, "Small cells".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Protocol, TypeVar

from datasets.indicators.calculate import Request
from datasets.indicators.catalogue import Catalogue
from datasets.indicators.judge import UNKNOWN, Numbers
from datasets.indicators.line import Line, Lines, Origin, Told
from datasets.indicators.value import Value
from datasets.units import OrgUnit, UnitTree

Found = TypeVar("Found")
Telling = frozenset[tuple[str, str, str]]
"""Indicator, unit and period of numbers that are withheld because they would tell another."""


class Suppressed(Value):
    """A withheld value: `value`, `numerator` and `denominator` are None, the screens say "<5"."""

    __slots__ = ()


def withhold(value: Value) -> Suppressed:
    return Suppressed(*value._replace(value=None, numerator=None, denominator=None))


def is_small(value: Value, minimum: int) -> bool:
    """Whether a count, or the people a rate is of, lies from 1 to below the minimum."""
    return are_small((value.value, value.numerator, value.denominator), minimum)


def are_small(numbers: Numbers, minimum: int) -> bool:
    """The same of a value's numbers."""
    value, numerator, denominator = numbers
    if denominator is None:
        return value is not None and 0 < value < minimum
    return 0 < denominator < minimum or (numerator is not None and 0 < numerator < minimum)


class Veiled(Line):
    """A sensitive line: what is small in it is withheld, and what would tell another number."""

    __slots__ = ("_line", "_minimum", "_telling")

    def __init__(self, line: Line, minimum: int, telling: Telling) -> None:
        super().__init__(line.judge, line.span)
        self._line, self._minimum, self._telling = line, minimum, telling

    def at(self, place: int, by: dict[str, str] | None = None) -> Value:
        value = self._line.at(place, by)
        return withhold(value) if self._hides(place, self._line.numbers(place)) else value

    def numbers(self, place: int) -> Numbers:
        numbers = self._line.numbers(place)
        return UNKNOWN if self._hides(place, numbers) else numbers

    def origin(self, place: int) -> Origin:
        return self._line.origin(place)

    def period(self, place: int) -> str:
        return self._line.period(place)

    def tell(self) -> list[Told]:
        told = enumerate(self._line.told())
        return [(None if self._hides(place, self._line.numbers(place)) else number, of) for place, (number, of) in told]

    def _hides(self, place: int, numbers: Numbers) -> bool:
        if are_small(numbers, self._minimum):
            return True
        told = self.judge.definition.id, self.judge.unit, self.span.ids[place]
        return bool(self._telling) and told in self._telling


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
    compute    the values of requests, nothing hidden
    where_lone   of each request the parts in which one unit alone may be below a minimum: the others are not computed
    everyone   all units, for what the siblings of a unit would tell
    """

    catalogue: Catalogue
    units: UnitTree
    minimum: int
    compute: Callable[[Sequence[Request]], list[Sequence[Value]]]
    where_lone: Callable[[Sequence[Request], float], Sequence[Sequence[Request]]]
    everyone: Callable[[], Sequence[OrgUnit]]
    answer: Keep

    def hidden(self, requests: Sequence[Request], answers: Sequence[Sequence[Value]]) -> list[Sequence[Value]]:
        """The values of each request as they may be shown, in the same order."""
        siblings = [self._siblings(request, values) for request, values in zip(requests, answers, strict=True)]
        telling = self._telling(list({asked.question: asked for some in siblings for asked in some}.values()))
        return [
            self._hidden(request, values, frozenset().union(*(telling[asked.question] for asked in some)))
            for request, values, some in zip(requests, answers, siblings, strict=True)
        ]

    def _hidden(self, request: Request, values: Sequence[Value], telling: Telling) -> Sequence[Value]:
        sensitive = {i for i in request.indicators if self.catalogue.indicators[i].sensitive}
        if not sensitive:
            return values
        minimum = self.minimum
        telling |= self._telling_categories(request)
        if isinstance(values, Lines):
            return values.each(lambda line: Veiled(line, minimum, telling) if line.judge.definition.sensitive else line)

        def told(value: Value) -> bool:
            return bool(telling) and (value.indicator, value.unit, value.period) in telling

        shown = list(values)
        groups: dict[tuple[str, str, str], list[int]] = {}
        for index, value in enumerate(values):
            if value.indicator in sensitive:
                groups.setdefault((value.indicator, value.unit, value.period), []).append(index)
        for indexes in groups.values():
            parts = suppress_parts([values[i] for i in indexes], minimum)
            for i, part in zip(indexes, parts, strict=True):
                shown[i] = withhold(part) if told(part) else part
        return shown

    def _telling_categories(self, request: Request) -> Telling:
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
        return list(self.hidden([request], self.compute([request]))[0])

    def _siblings(self, request: Request, values: Sequence[Value]) -> list[Request]:
        """The questions of the units beside those asked for, of which a withheld number might be told by a shown one:
        all children of one unit at once, so that 130 reports ask the same."""
        if request.by is not None:
            return []
        sensitive = tuple(i for i in request.indicators if self.catalogue.indicators[i].sensitive)
        if not sensitive or not any(self.units.get(unit).parent for unit in request.units):
            return []
        assert isinstance(values, Lines)  # as all that is not divided
        of_people = [line for line in chain.from_iterable(values.by_indicator) if line.judge.definition.sensitive]
        large = (unit for unit in dict.fromkeys(request.units) if self._is_large(unit, of_people))
        found = []
        for parent in dict.fromkeys(self.units.get(unit).parent for unit in large):
            beside = tuple(unit.code for unit in self.everyone() if parent and unit.parent == parent)
            if len(beside) > 1:
                found.append(replace(request, indicators=sensitive, units=beside))
        return found

    def _is_large(self, unit: str, lines: Sequence[Line]) -> bool:
        """Whether any number of a unit is shown that is not 0."""
        mine = (line for line in lines if line.judge.unit == unit)
        numbers = (line.numbers(place) for line in mine for place in range(len(line.span.ids)))
        return any(each[0] and not are_small(each, self.minimum) for each in numbers)

    def _telling(self, asked: Sequence[Request]) -> dict[Hashable, Telling]:
        """By question the numbers that, beside their siblings' and the whole, would tell a withheld one."""
        computed: dict[Hashable, Sequence[Value]] = {}

        def among(question: Hashable) -> Telling:
            if not computed:  # all that the page asks at a time, when the first of it is not known yet
                lone = self.where_lone(asked, self.minimum)
                values = iter(self.compute([part for parts in lone for part in parts]))
                for each, parts in zip(asked, lone, strict=True):
                    computed[each.question] = [value for _ in parts for value in next(values)]
            return self._telling_among(computed[question])

        return {each.question: self.answer(("telling", each.question), partial(among, each.question)) for each in asked}

    def _telling_among(self, values: Sequence[Value]) -> Telling:
        """Of all children of one unit: indicator, unit and period of what a breakdown by them would withhold."""
        families: dict[tuple[str, str], list[Value]] = {}
        for value in values:
            families.setdefault((value.indicator, value.period), []).append(value)
        parts = (part for family in families.values() for part in suppress_parts(family, self.minimum))
        return frozenset((part.indicator, part.unit, part.period) for part in parts if isinstance(part, Suppressed))
