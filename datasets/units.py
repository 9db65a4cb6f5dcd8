"""Org units: an effective-dated tree of any depth.

One line of the file is one version of a unit. A unit whose name or parent changed has
several lines with the same code and validities that do not overlap; `valid_from` and
`valid_to` are the first and the last day of the version, empty for "always". Levels
(province, district, commune, hamlet …) and kinds (commune, ward, hamlet, school,
health_station …) are data: the code knows only who is whose parent on which day.

Codes are text: 01 is not 1. An invented commune carries the word demo in its kind
(`demo_commune`), so that nobody looks for it in the public list.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from datasets.errors import ConfigError, UsageError
from datasets.messages import text
from datasets.units_file import read_units
from datasets.vietnamese import caseless


@dataclass(frozen=True, slots=True)
class OrgUnit:
    """One version of a unit.

    parent       code of the unit above, None at the top
    valid_from, valid_to   first and last day; None: since ever, until further notice
    successor    code of the unit that took over after valid_to
    population, households   people and households, None when not known
    """

    code: str
    name: str
    level: str
    parent: str | None
    kind: str
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    population: int | None
    households: int | None

    def is_valid(self, on: date) -> bool:
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


class UnitTree:
    """All units. Everywhere `on` None means the present: each code's last version.

    `warnings` is filled by `check_known_communes`.
    """

    def __init__(self, units: tuple[OrgUnit, ...]) -> None:
        """`units` in the order they are to be listed; `load` has checked them."""
        self.units = units
        self.warnings: tuple[str, ...] = ()
        self._versions: dict[str, list[OrgUnit]] = {}
        for unit in units:
            self._versions.setdefault(unit.code, []).append(unit)
        for versions in self._versions.values():
            versions.sort(key=lambda unit: unit.valid_from or date.min)
        self._below: dict[str, list[OrgUnit]] = {}
        for unit in units:
            if unit.parent is not None:
                self._below.setdefault(unit.parent, []).append(unit)
        self.codes = frozenset(self._versions)
        self._spelled: dict[str, str] = {}
        for code in self.codes:
            known = caseless(code)
            self._spelled[known] = "" if known in self._spelled else code  # two that differ in capitals only: neither
        self._subtree = lru_cache(maxsize=1024)(self._walk)

    @classmethod
    def load(cls, path: Path, language: str = "vi") -> UnitTree:
        """The tree of a CSV file: code,name,level,parent,kind,valid_from,valid_to,successor,population,households.

        Raises ConfigError with every fault: overlapping versions of one code, unknown
        parent or successor, a parent that is not there all the time, circles, bad dates
        and counts, codes that a spreadsheet has spoilt.
        """
        units, faults = read_units(path, language)
        if faults:
            raise ConfigError(faults)
        return cls(tuple(OrgUnit(**row) for row in units))

    def __contains__(self, code: object) -> bool:
        """Whether the code was ever a unit's, on any day."""
        return code in self._versions

    def __len__(self) -> int:
        return len(self._versions)

    def spelled(self, code: str) -> str:
        """The code as the table writes it, whatever its capitals; as it is when that is not clear."""
        return code if code in self._versions else self._spelled.get(caseless(code)) or code

    def find(self, code: str, on: date | None = None) -> OrgUnit | None:
        """The unit as it was on a day, or its last version; None when there was none."""
        versions = self._versions.get(code, ())
        if on is None:
            return versions[-1] if versions else None
        return next((unit for unit in versions if unit.is_valid(on)), None)

    def get(self, code: str, on: date | None = None) -> OrgUnit:
        """As `find`. Raises UsageError for a code that is not there, on that day."""
        unit = self.find(code, on)
        if unit is not None:
            return unit
        if on is not None and code in self:
            raise UsageError("error.unit_on_day", value=code, day=f"{on:%d/%m/%Y}")
        raise UsageError("error.unit", value=code)

    def children(self, code: str, on: date | None = None) -> tuple[OrgUnit, ...]:
        """The units directly below, in the order of the file. Raises UsageError as `get`."""
        self.get(code, on)
        return tuple(self._children(code, on))

    def subtree(self, code: str, on: date | None = None, kind: str | None = None) -> tuple[OrgUnit, ...]:
        """The unit itself, then all below it, each before its own children.

        With `kind` only the units of that kind, the unit itself included only if it is one.
        Raises UsageError as `get`.
        """
        return self._subtree(code, on, kind)

    def ancestors(self, code: str, on: date | None = None) -> tuple[OrgUnit, ...]:
        """The units above, the nearest first. Raises UsageError as `get`."""
        above = []
        parent = self.get(code, on).parent
        while parent is not None:
            unit = self.get(parent, on)
            above.append(unit)
            parent = unit.parent
        return tuple(above)

    def roots(self, on: date | None = None) -> tuple[OrgUnit, ...]:
        return tuple(unit for unit in self.units if unit.parent is None and self._stands(unit, on))

    def successors(self, code: str) -> tuple[OrgUnit, ...]:
        """Who took over from the unit, and from that one, to the unit that stands today.

        Empty for a unit that still stands. Raises UsageError for an unknown code.
        """
        chain: list[OrgUnit] = []
        unit = self.get(code)
        while unit.successor is not None and unit.valid_to is not None:
            after = unit.valid_to + timedelta(days=1)
            following = self.find(unit.successor, after) or self.get(unit.successor)
            if following in chain:
                break
            chain.append(following)
            unit = following
        return tuple(chain)

    def check_known_communes(self, language: str = "vi") -> tuple[str, ...]:
        """A sentence for each standing commune whose code the public list does not know.

        The list is the package vietnam-provinces (3,321 communes of October 2025, codes of
        the statistics office as five digits); importing it takes 0.1-0.4 s, so this is for
        `connectors check` and not for every start. Invented communes are passed over.
        The sentences stay in `warnings`; a strange code is never refused.
        """
        from vietnam_provinces import Ward

        known = {f"{ward.code.value:05}" for ward in Ward.iter_all()}
        self.warnings = tuple(
            text("unit.commune_unknown", language, code=unit.code, name=unit.name)
            for unit in self.units
            if unit.level == "commune"
            and "demo" not in unit.kind.split("_")
            and unit.code not in known
            and self._stands(unit, None)
        )
        return self.warnings

    def _stands(self, unit: OrgUnit, on: date | None) -> bool:
        return unit.valid_to is None if on is None else unit.is_valid(on)

    def _children(self, code: str, on: date | None) -> Iterator[OrgUnit]:
        return (unit for unit in self._below.get(code, ()) if self._stands(unit, on))

    def _walk(self, code: str, on: date | None, kind: str | None) -> tuple[OrgUnit, ...]:
        found: list[OrgUnit] = []
        waiting = [self.get(code, on)]
        while waiting:
            unit = waiting.pop()
            if kind is None or unit.kind == kind:
                found.append(unit)
            waiting.extend(reversed(list(self._children(unit.code, on))))
        return tuple(found)
