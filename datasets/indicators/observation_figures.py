"""Components that show one element of the observation dataset.

Over time   as observation_told.py says.
Over units  a unit's own number stands; a unit without one is the `sum` of its children,
            or unknown where the element says `none`. Where a unit took over from others
            (units_territory.py), their numbers of the time before are added to a `sum`, unless
            its own number is of after the merger and so holds them already.
Categories  the asked category, else the total (category ""); parts are never added up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import sqlalchemy as sa

from datasets.indicators.definition import Component
from datasets.indicators.observation_asked import Asked, Want, together
from datasets.indicators.observation_reads import Asking, Reads, taken
from datasets.indicators.observation_sums import Subtree, Sums
from datasets.indicators.observation_told import Observed, Reading, Told, combined
from datasets.indicators.window import Windows
from datasets.store.two_at_a_time import Read, two_at_a_time
from datasets.units_territory import ONE_DAY, Former, Territory

NOTHING: Mapping[str, Told] = {}


class ObservationFigures:
    """The observations that some questions need: `want` all of them, then look; they are read ahead, or at the first
    look."""

    def __init__(self, connection: sa.Connection, reads: Reads) -> None:
        self._connection, self._reads, self._elements = connection, reads, reads.elements
        self._by_element: Mapping[str, Mapping[str, Told]] | None = None
        self._wants: list[Want] = []
        self._askings: list[Asking] | None = None
        self._wants_below: dict[Subtree, list[Want]] = {}
        self._reading: dict[Subtree, Sums] = {}
        self._sums: dict[tuple[str, Subtree], Told] = {}

    def want(self, elements: tuple[str, ...], asked: Asked) -> None:
        """Elements of units; all of it before `ahead` and the first look."""
        self._wants.append(Want(elements, asked))

    def want_sums(self, elements: tuple[str, ...], unit: str, territory: Territory, asked: Asked) -> None:
        """Elements of all that lies below a unit, added up where that can be done: units that took over from none."""
        summed = tuple(name for name in elements if self._elements[name].over_units == "sum")
        alone = tuple(name for name in elements if self._elements[name].over_units != "sum")
        self._wants_below.setdefault((unit, territory), []).append(Want(summed, asked))
        self.want(alone, replace(asked, units=asked.units & {unit}))

    def ahead(self) -> list[Read[None]]:
        """Sums are read beside other things. All else is asked for, where all of it is known: what cannot be added up
        is found out when sums are read."""
        if not self._wants_below:
            self._askings = self._reads.ask(self._connection, self._wants)
            return []
        below = self._wants_below.items()
        self._reading = {each: Sums(self._elements, together(wants), each) for each, wants in below}
        return [read for sums in self._reading.values() for read in sums.reads]

    def _told(self, component: Component) -> Mapping[str, Told]:
        """By unit what was told of the component's element: of most that a page asks for nobody told anything."""
        if self._by_element is None:
            if self._askings is None and not self._reading:
                two_at_a_time(self._connection, self.ahead())
            for subtree, reading in self._reading.items():
                for name, sums in reading.told().items():
                    if sums is None:
                        self.want((name,), reading.asked[name])
                    else:
                        self._sums[name, subtree] = sums
            if self._askings is None:
                self._askings = self._reads.ask(self._connection, self._wants)
            self._by_element = taken(self._askings)
        return self._by_element.get(str(component.element), NOTHING)

    def readings(
        self, component: Component, unit: str, territory: Territory, windows: Windows
    ) -> Sequence[Reading | None]:
        """The element for a unit by the boundaries of a territory, in each window. None when not known."""
        told = self._told(component)
        element = str(component.element)
        if self._sums:
            subtree = unit, territory
            sums = self._sums.get((element, subtree))
            if sums is not None and self._reading[subtree].asked[element].covers(component.category or "", windows):
                return sums.readings(component.category or "", windows)
        if not told:
            return [None] * len(windows)
        added_up = self._elements[element].over_units == "sum"
        own = None if added_up and unit in territory.before else told.get(unit)
        found: list[Reading | None] = [None] * len(windows)
        if own is not None:
            found[:] = own.readings(component.category or "", windows)
        if added_up and None in found and (own is None or len(told) > 1):
            silent = [place for place, reading in enumerate(found) if reading is None]
            behind = self.behind(component, unit, territory, Windows(windows[place] for place in silent))
            for place, rows in zip(silent, behind, strict=True):
                found[place] = combined(rows)
        return found

    def behind(
        self, component: Component, unit: str, territory: Territory, windows: Windows
    ) -> list[Sequence[Observed]]:
        """For each window the observations that are added up: the unit's own, else those of the units below it."""
        own = self._own(component, unit, windows)
        if self._elements[str(component.element)].over_units != "sum" or not self._told(component):
            return own
        if unit in territory.before:
            return [
                self._with_former(component, unit, territory, rows, Windows([window]))
                for rows, window in zip(own, windows, strict=True)
            ]
        silent = [place for place, rows in enumerate(own) if not rows]
        if silent and unit in territory.below:
            below = self._below(component, unit, territory, Windows(windows[place] for place in silent))
            for place, rows in zip(silent, below, strict=True):
                own[place] = rows
        return own

    def _own(self, component: Component, unit: str, windows: Windows) -> list[Sequence[Observed]]:
        """The unit's own observations that make up the number of each window."""
        told = self._told(component).get(unit)
        return [()] * len(windows) if told is None else told.behind(component.category or "", windows)

    def _below(
        self,
        component: Component,
        unit: str,
        territory: Territory,
        windows: Windows,
        held: Collection[str] = (),
    ) -> list[Sequence[Observed]]:
        """Those of the units below it, but for some units."""
        told = self._told(component).keys()
        found: list[list[Observed]] = [[] for _ in windows]
        for child in territory.below.get(unit, ()):
            if child not in held and not told.isdisjoint(territory.codes(child)):
                for place, rows in enumerate(self.behind(component, child, territory, windows)):
                    found[place] += rows
        return list[Sequence[Observed]](found)

    def _with_former(
        self, component: Component, unit: str, territory: Territory, own: Sequence[Observed], alone: Windows
    ) -> Sequence[Observed]:
        """Those of a unit that took over from others: what they told is added, or taken for what it did not tell."""
        former = territory.before[unit]
        if own:
            return [*own, *(row for each in former for row in self._not_held(component, each, own, alone))]
        found: list[Observed] = []
        held: set[str] = set()
        for each in former:
            (told,), parts = self._own(component, each.code, alone), self._parts(component, each, alone)
            if told and not any(row.end > max(t.end for t in told) for row in parts):
                found += told
                held |= set(each.children)
            else:
                found += [row for row in parts if territory.home(row.unit) == unit]
        return [*found, *self._below(component, unit, territory, alone, held)[0]]

    def _not_held(
        self, component: Component, former: Former, own: Sequence[Observed], alone: Windows
    ) -> list[Observed]:
        """What a unit that was taken over had of its own and its successor's numbers do not hold yet."""
        over = former.last_day + ONE_DAY
        stock = self._elements[str(component.element)].over_time == "last"
        after = [row for row in own if row.end > over]
        theirs = self._own(component, former.code, alone)[0] or self._parts(component, former, alone)
        return [row for row in theirs if not any(stock or row.start >= held.start for held in after)]

    def _parts(self, component: Component, former: Former, alone: Windows) -> list[Observed]:
        """What was told of the units directly below one that was taken over, while they were."""
        told = (self._own(component, child, alone)[0] for child in former.children)
        return [row for row in chain.from_iterable(told) if row.start <= former.last_day]

    def categories(self, component: Component, unit: str, territory: Territory, alone: Windows) -> dict[str, Reading]:
        """The element's number for each category known of the unit or below it, the total left out."""
        told = self._told(component)
        found = {name for code in territory.codes(unit) if code in told for name in told[code].categories() if name}
        readings = {
            category: self.readings(component.model_copy(update={"category": category}), unit, territory, alone)[0]
            for category in sorted(found)
        }
        return {category: reading for category, reading in readings.items() if reading is not None}
