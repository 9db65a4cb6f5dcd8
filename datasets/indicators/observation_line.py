"""The values of what was reported, over time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from datasets.indicators.judge import Judge, Numbers, plain
from datasets.indicators.line import Line, Origin, Span, Told
from datasets.indicators.observation_told import Reading
from datasets.indicators.parts import ratio

Over = Sequence[Reading | None]
"""A number for each window; None where none is known."""


class Reported(Line):
    """What was reported of an indicator for a unit.

    last   whether the newest number stands: it is of its report's own period, what is added up of the window
    """

    __slots__ = ("_bottoms", "_last", "_lineage", "_tops")

    def __init__(self, lineage: Lineage, judge: Judge, span: Span, tops: Over, bottoms: Over | None, *, last: bool):
        super().__init__(judge, span)
        self._lineage, self._tops, self._bottoms, self._last = lineage, tops, bottoms, last

    def origins(self, windows: Iterable[str]) -> Iterable[Origin]:
        told, places = self.told(), [self.span.places[window] for window in windows]
        bottoms = self._bottoms or [None] * len(self._tops)
        sources = (_sources(self._tops[place], bottoms[place]) for place in places if told[place][0] is not None)
        return dict.fromkeys(map(self._lineage.__getitem__, dict.fromkeys(sources)))

    def numbers(self, place: int) -> Numbers:
        top = self._tops[place]
        number = None if top is None else top.value
        if self._bottoms is None:
            return ratio(self.judge.definition, number, None), number, None
        bottom = self._bottoms[place]
        below = None if bottom is None else bottom.value
        return ratio(self.judge.definition, number, below), number, below

    def origin(self, place: int) -> Origin:
        return self._lineage[_sources(self._tops[place], None if self._bottoms is None else self._bottoms[place])]

    def period(self, place: int) -> str:
        top = self._tops[place]
        return top.period if self._last and top is not None else self.span.ids[place]

    def tell(self) -> list[Told]:
        ids = self.span.ids
        if self._bottoms is None and self.judge.definition.denominator is None:
            pairs = zip(self._tops, ids, strict=True)
            if self._last:
                return [top[:2] if top else (None, window) for top, window in pairs]
            return [(top.value if top else None, window) for top, window in pairs]
        return [(plain(self.numbers(place)[0]), self.period(place)) for place in range(len(ids))]


class Lineage(dict[frozenset[str], tuple[tuple[str, ...], datetime | None]]):
    """By sources their names in order, and the moment of the least fresh of them."""

    def __init__(self, as_of: Mapping[str, datetime | None]) -> None:
        super().__init__()
        self._as_of = as_of

    def __missing__(self, sources: frozenset[str]) -> tuple[tuple[str, ...], datetime | None]:
        moments = [at for name in sources if (at := self._as_of.get(name)) is not None]
        self[sources] = found = tuple(sorted(sources)), min(moments, default=None)
        return found


def _sources(top: Reading | None, bottom: Reading | None) -> frozenset[str]:
    if top is None or bottom is None:
        known = top or bottom
        return known.sources if known else frozenset()
    return top.sources if top.sources is bottom.sources else top.sources | bottom.sources
