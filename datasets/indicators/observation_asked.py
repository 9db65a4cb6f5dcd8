"""What pages need of the observations, said before anything of it is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import NamedTuple

from datasets.indicators.definition import Element
from datasets.indicators.window import Window


@dataclass(frozen=True, slots=True)
class Asked:
    """What is needed of an element.

    units, as_told   of whom, and of whom among them each number of a single day
    since, first_end, until   when the first window begins and the first one ends; when the last one ends
    categories   None: all
    edges   the days at which windows begin or end
    """

    units: frozenset[str]
    as_told: frozenset[str]
    since: date
    first_end: date
    until: date
    categories: frozenset[str] | None
    edges: frozenset[date]
    _hash: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        needed = self.units, self.as_told, self.since, self.first_end, self.until, self.categories, self.edges
        object.__setattr__(self, "_hash", hash(needed))

    def __hash__(self) -> int:
        return self._hash  # it is looked up on every page

    @classmethod
    def of(
        cls,
        windows: Sequence[Window],
        categories: Iterable[str] | None,
        units: Iterable[str],
        as_told: Iterable[str] = (),
    ) -> Asked:
        """What some windows need."""
        return cls(
            frozenset(units),
            frozenset(as_told),
            min(window.start for window in windows),
            min(window.end for window in windows),
            max(window.end for window in windows),
            None if categories is None else frozenset(categories),
            frozenset(day for window in windows for day in (window.start, window.end)),
        )

    def also(self, other: Asked) -> Asked:
        """What both need."""
        return Asked(
            self.units | other.units,
            self.as_told | other.as_told,
            min(self.since, other.since),
            min(self.first_end, other.first_end),
            max(self.until, other.until),
            None if self.categories is None or other.categories is None else self.categories | other.categories,
            self.edges | other.edges,
        )

    def covers(self, category: str, windows: Sequence[Window]) -> bool:
        """Whether what is asked for holds all that some windows need of a category."""
        return (self.categories is None or category in self.categories) and all(
            self.since <= window.start and self.first_end <= window.end <= self.until for window in windows
        )


class Want(NamedTuple):
    """Elements of which the same is needed."""

    elements: tuple[str, ...]
    asked: Asked


def together(wants: Iterable[Want]) -> dict[str, Asked]:
    """By element all that is needed of it."""
    found: dict[str, Asked] = {}
    for elements, more in wants:
        both: dict[Asked, Asked] = {}
        for element in elements:
            known = found.get(element, more)
            if known not in both:  # most elements were asked for by the same questions
                both[known] = known.also(more)
            found[element] = both[known]
    return found


def alike(elements: Mapping[str, Element], asked: Mapping[str, Asked]) -> Iterator[tuple[bool, Sequence[str], Asked]]:
    """Elements that may be read together, of which the newest number stands or which are added up, and what is needed
    of them: those of many years not with those of one."""
    names: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for name, each in asked.items():
        last = elements[name].over_time == "last"
        begin = each.first_end if last else each.since
        names[last, begin, each.categories is None, each.units, each.as_told].append(name)
    for some in names.values():
        yield elements[some[0]].over_time == "last", some, reduce(Asked.also, {asked[name] for name in some})
