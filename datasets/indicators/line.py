"""The values of an indicator over time, each made only when it is looked at: of most of a path a page draws the
number alone."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import overload

from datasets.indicators.judge import Judge, Numbers
from datasets.indicators.value import Value
from datasets.indicators.window import Window

Origin = tuple[tuple[str, ...], datetime | None]
"""Names of the sources, and the moment up to which the least fresh of them has told."""


Told = tuple[float | None, str]
"""A number, and the period that it is of, as `Value.period_of_value`."""


class Span:
    """Some windows in their order, and the place of each by its id."""

    __slots__ = ("_asked", "ids", "places", "windows")

    def __init__(self, windows: Sequence[Window]) -> None:
        self.windows = windows
        self.ids = [window.id for window in windows]
        self.places = {window: place for place, window in enumerate(self.ids)}
        self._asked: dict[tuple[str, ...], list[int | None]] = {}

    def places_of(self, windows: tuple[str, ...]) -> list[int | None]:
        """The places of some windows by their ids, None for one that is not of the span."""
        if windows not in self._asked:
            self._asked[windows] = list(map(self.places.get, windows))
        return self._asked[windows]


class Line(Mapping[str, Value]):
    """One indicator's values of one unit, by the ids of the windows."""

    __slots__ = ("_told", "judge", "span")

    def __init__(self, judge: Judge, span: Span) -> None:
        self.judge, self.span = judge, span
        self._told: list[Told] | None = None

    @abstractmethod
    def numbers(self, place: int) -> Numbers:
        """What the value of a window is made of, not judged yet."""

    @abstractmethod
    def origin(self, place: int) -> Origin:
        """Where it is from."""

    @abstractmethod
    def tell(self) -> list[Told]:
        """The numbers of all windows."""

    def told(self) -> list[Told]:
        """The same, found once."""
        if self._told is None:
            self._told = self.tell()
        return self._told

    def period(self, place: int) -> str:
        """The period that a window's number is of."""
        return self.span.ids[place]

    def at(self, place: int, by: dict[str, str] | None = None) -> Value:
        """The value of a window."""
        sources, as_of = self.origin(place)
        window = self.span.windows[place]
        return self.judge.value(window, self.numbers(place), as_of, sources, self.period(place), by)

    def path(self, windows: tuple[str, ...]) -> list[float | None]:
        """The numbers of windows themselves; None where an older one stands in, or for a window not asked for."""
        told, ids = self.told(), self.span.ids
        return [
            None if place is None or told[place][1] != ids[place] else told[place][0]
            for place in self.span.places_of(windows)
        ]

    def target(self, window: str) -> float | None:
        """The target that a window's value has."""
        place = self.span.places[window]
        return self.judge.target(self.span.windows[place], self.period(place))

    def origins(self, windows: Iterable[str]) -> Iterator[Origin]:
        """Where those numbers of windows are from that are known."""
        told, places = self.told(), map(self.span.places.__getitem__, windows)
        return (self.origin(place) for place in places if told[place][0] is not None)

    def in_order(self) -> list[Value]:
        """The values of all windows."""
        return list(map(self.at, range(len(self.span.windows))))

    def __getitem__(self, window: str) -> Value:
        return self.at(self.span.places[window])

    def __contains__(self, window: object) -> bool:
        return window in self.span.places

    def __iter__(self) -> Iterator[str]:
        return iter(self.span.places)

    def __len__(self) -> int:
        return len(self.span.places)


class Lines(Sequence[Value]):
    """The values of several lines of the same windows, one line after another: an answer that is not divided.

    by_indicator   in the order of the indicators asked for, of each a line for each unit
    """

    __slots__ = ("_windows", "by_indicator")

    def __init__(self, by_indicator: Sequence[Sequence[Line]], windows: int) -> None:
        self.by_indicator, self._windows = by_indicator, windows

    def each(self, changed: Callable[[Line], Line]) -> Lines:
        """The same with each line changed."""
        return Lines([list(map(changed, lines)) for lines in self.by_indicator], self._windows)

    def __len__(self) -> int:
        return sum(map(len, self.by_indicator)) * self._windows

    def __iter__(self) -> Iterator[Value]:
        lines = chain.from_iterable(self.by_indicator)
        return chain.from_iterable(line.in_order() for line in lines)

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Value]: ...
    def __getitem__(self, index: int | slice) -> Value | Sequence[Value]:
        if isinstance(index, slice):
            return [self[n] for n in range(len(self))[index]]
        line, place = divmod(range(len(self))[index], self._windows)
        units = len(self.by_indicator[0])
        return self.by_indicator[line // units][line % units].at(place)
