"""Whose rows count to which unit, by the boundaries of one day.

A row keeps the code of the unit it was booked under for ever. When communes are merged,
its figures can be read in two ways:

    THEN   by the boundaries of the figure's own period (its last day): each commune as it was
    NOW    by the boundaries of today: what was booked under a commune that has been merged
           counts to its successor, also for the time before

Either way each code has exactly one home on a day, so a unit's figure is the figure booked
under itself plus the figures of the units directly below it, at every level. The home of a
code is
    itself                  while it stands on that day
    its successor           when it has ended, and its successor's, to the one that stands
    the home of its parent  when it ended without a successor, or has not begun yet
A unit of level `group` (several communes reported in one figure) overlaps others, so it
counts to itself alone.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from threading import Lock

from datasets.units import OrgUnit, UnitTree

ONE_DAY = timedelta(days=1)
GROUP = "group"


class Boundaries(StrEnum):
    """By which day's boundaries a figure is counted."""

    NOW = "now"
    THEN = "then"


@dataclass(frozen=True, slots=True)
class Former:
    """A unit whose work went over to another: the last day it stood, and the codes below it on that day."""

    code: str
    last_day: date
    children: tuple[str, ...]


class Territory:
    """The tree on one day, with everything that ever stood given to what stood then.

    below    codes of the units directly below each unit that has any
    before   of each unit that took over from others: those others, directly or through others
    """

    def __init__(self, tree: UnitTree, on: date) -> None:
        self.on = on
        self._tree = tree
        self._homes = {code: _home(tree, code, on) for code in dict.fromkeys(unit.code for unit in tree.units)}
        self._children: dict[str, list[OrgUnit]] = {}
        for unit in tree.units:
            if unit.parent is not None and unit.is_valid(on) and unit.level != GROUP:
                self._children.setdefault(unit.parent, []).append(unit)
        self._booked: dict[str, list[str]] = {}
        for code, home in self._homes.items():
            self._booked.setdefault(home, []).append(code)
        self._codes: dict[str, tuple[str, ...]] = {}
        self.below = {above: [unit.code for unit in units] for above, units in self._children.items()}
        taken: dict[str, list[Former]] = {}
        for code, home in self._homes.items():
            if code != home and any(unit.code == home for unit in tree.successors(code)):
                taken.setdefault(home, []).append(_former(tree, code))
        self.before = {home: tuple(former) for home, former in taken.items()}

    def stands(self, code: str) -> bool:
        return self._tree.find(code, self.on) is not None

    def unit(self, code: str) -> OrgUnit:
        """The unit as it was on the day, else its last version. Raises UsageError for an unknown code."""
        return self._tree.find(code, self.on) or self._tree.get(code)

    def home(self, code: str) -> str:
        """The code of the unit that the rows booked under `code` count to."""
        return self._homes[code]

    def children(self, code: str) -> tuple[OrgUnit, ...]:
        """The units directly below on that day, in the order of the file."""
        return tuple(self._children.get(code, ()))

    def codes(self, code: str) -> tuple[str, ...]:
        """All codes whose rows count to the unit or to a unit below it; itself first. Each code once."""
        if code not in self._codes:
            found = [code, *(each for each in self._booked.get(code, ()) if each != code)]
            for child in self.children(code):
                found += self.codes(child.code)
            self._codes[code] = tuple(dict.fromkeys(found))
        return self._codes[code]

    def share_of(self, code: str) -> dict[str, str]:
        """Of all the unit's codes, the direct child each counts to; the unit's own code for its own rows."""
        whose = dict.fromkeys(self.codes(code), code)
        for child in self.children(code):
            whose |= dict.fromkeys(self.codes(child.code), child.code)
        return whose


class Territories:
    """The territories of one tree; days between two changes of the tree share one. Threads may share it."""

    def __init__(self, tree: UnitTree) -> None:
        self._tree = tree
        begins = {unit.valid_from for unit in tree.units if unit.valid_from}
        ends = {unit.valid_to + ONE_DAY for unit in tree.units if unit.valid_to}
        self._changes = sorted(begins | ends)
        self._known: dict[int, Territory] = {}
        self._lock = Lock()

    def on(self, day: date) -> Territory:
        """The territory of a day."""
        epoch = bisect_right(self._changes, day)
        with self._lock:
            if epoch not in self._known:
                self._known[epoch] = Territory(self._tree, day)
            return self._known[epoch]

    def of(self, code: str, day: date) -> Territory:
        """The same, but for a unit that did not stand that day the nearest day it stood.

        Raises UsageError for an unknown code.
        """
        if self._tree.find(code, day) is not None:
            return self.on(day)
        last = self._tree.get(code)
        if last.valid_to is not None and last.valid_to < day:
            return self.on(last.valid_to)
        versions = [
            unit for unit in self._tree.units if unit.code == code and unit.valid_from and unit.valid_from > day
        ]
        return self.on(min((unit.valid_from for unit in versions if unit.valid_from), default=day))

    def changes(self, start: date, end: date) -> tuple[date, ...]:
        """The days in (start, end) on which the tree changed."""
        return tuple(day for day in self._changes if start < day < end)


def _home(tree: UnitTree, code: str, on: date) -> str:
    seen: set[str] = set()
    while code not in seen:
        seen.add(code)
        if tree.find(code, on) is not None or tree.get(code).level == GROUP:
            return code
        unit = _nearest(tree, code, on)
        following = unit.successor if unit.valid_to is not None and unit.valid_to < on else None
        if following is None or following in seen:
            following = unit.parent
        if following is None:
            return code
        code = following
    return code


def _nearest(tree: UnitTree, code: str, on: date) -> OrgUnit:
    """The version that ended last before the day, else the first that begins after it."""
    last = tree.get(code)
    if last.valid_to is not None and last.valid_to < on:
        return last
    versions = [unit for unit in tree.units if unit.code == code]
    past = [unit for unit in versions if unit.valid_to is not None and unit.valid_to < on]
    if past:
        return max(past, key=lambda unit: unit.valid_to or date.min)
    return min(versions, key=lambda unit: unit.valid_from or date.min)


def _former(tree: UnitTree, code: str) -> Former:
    unit = tree.get(code)
    last_day = unit.valid_to or date.max
    return Former(code, last_day, tuple(child.code for child in tree.children(code, last_day) if child.level != GROUP))
