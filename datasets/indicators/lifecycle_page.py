"""What the requests of a page ask of rows, as one plan: where each number is found, and the reading of it.

What is planned, once a day for all that ask the same, and what then tells it on each page:
    lifecycle_page   a page's requests, as places of numbers      Readings: asks, then gives each place its figures
    figure_plan      components over some windows                 lifecycle_figures adds them up
    scope_plan       flows and stocks of a scope of rows          scope_counts looks them up
    lifecycle_plan   all scopes together, and their statements    Found: what a page has read
    tally, daily_statement   the statements, of rows and of daily counts
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from datasets.indicators import rules as rule_sets
from datasets.indicators.by_unit import ByUnit
from datasets.indicators.daily import Scope
from datasets.indicators.definition import Component, Definition
from datasets.indicators.figure_plan import FigurePlan
from datasets.indicators.judge import Numbers
from datasets.indicators.lifecycle_counts import Where
from datasets.indicators.lifecycle_plan import Found, Plan, PlannedRead
from datasets.indicators.lifecycle_rows import DayRules
from datasets.indicators.parts import Figures, Parts, parts_of
from datasets.indicators.window import Windows
from datasets.schema import BY_NAME
from datasets.store.two_at_a_time import Read
from datasets.units import OrgUnit
from datasets.units_territory import Boundaries, Territory

if TYPE_CHECKING:  # the two need each other's names
    from datasets.indicators.calculate import Calculator, Inquiry

PLANS_KEPT, INQUIRIES_KEPT = 256, 1024


class Asking(NamedTuple):
    """What one request asks of one dataset.

    known   of the codes that count to its units those that have rows
    """

    dataset: str
    inquiry: Inquiry
    filters: Where
    boundaries: Boundaries
    known: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Homes:
    """Of each unit and window the territory, and the codes whose rows count to it.

    each, every   these lists of codes, and all codes, each once
    """

    territories: Sequence[Sequence[Territory]]
    codes: Sequence[Sequence[tuple[str, ...]]]
    each: tuple[tuple[str, ...], ...]
    every: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """Where the numbers of a unit, or of several at once, are found: in figures, for windows of one territory.

    owners   where the figures are by code the units that its rows count to
    alone    each of the windows by itself
    slots    each member of the figures ("" where one unit is not divided) with the places, among all values asked
             for, of its own over the windows; a range where they stand together
    """

    plan: FigurePlan
    owners: Mapping[str, Sequence[str]] | None
    windows: Windows
    alone: Sequence[Windows]
    slots: Sequence[tuple[str, Sequence[int]]]


@dataclass(frozen=True, slots=True, eq=False)
class PlaceTold:
    """A place with its figures."""

    place: Place
    figures: Figures

    def fill(self, found: list[Numbers | None], definition: Definition, rules: str) -> None:
        """Put the indicator's numbers in their slots."""
        parts = parts_of(self.figures, definition, rules, self.place.windows)
        for member, slots in self.place.slots:
            mine = parts.get(member)
            if mine is None:
                continue
            if isinstance(slots, range):
                found[slots.start : slots.stop] = mine
                continue
            for slot, numbers in zip(slots, mine, strict=True):
                found[slot] = numbers

    def fill_divided(self, found: list[Parts], definition: Definition, rules: str) -> None:
        """The same of a unit that is divided; each window has its own members."""
        for _, slots in self.place.slots:
            for slot, window in zip(slots, self.place.alone, strict=True):
                found[slot] = parts_of(self.figures, definition, rules, window)


PagePlan = tuple[Plan, Mapping[Asking, Sequence[Place]]]


class Planner:
    """Makes the plans of pages, each once: whoever asks the same on the same day is given the same."""

    def __init__(self, calculator: Calculator) -> None:
        self.calculator = calculator
        self.database = calculator.store.engine.dialect.name
        self.plan = lru_cache(maxsize=PLANS_KEPT)(self._make_plan)
        self.homes = lru_cache(maxsize=INQUIRIES_KEPT)(self._find_homes)

    def _make_plan(self, askings: tuple[Asking, ...], today: date) -> PagePlan:
        plan = Plan(today, self.database)
        return plan, {asking: list(self._places(plan, asking)) for asking in askings}

    def _find_homes(self, inquiry: Inquiry, boundaries: Boundaries, today: date) -> Homes:
        own = self.calculator
        territories = [own.territories_of(unit.code, inquiry.windows, boundaries, today) for unit in inquiry.units]
        codes = [
            [territory.codes(unit.code) for territory in theirs]
            for unit, theirs in zip(inquiry.units, territories, strict=True)
        ]
        each = tuple(dict.fromkeys(chain.from_iterable(codes)))
        return Homes(territories, codes, each, each_once(each))

    def _places(self, plan: Plan, asking: Asking) -> Iterable[Place]:
        """One unit, or one breakdown, adds up in the store; several units are counted by code at once."""
        inquiry, windows = asking.inquiry, asking.inquiry.windows
        units, by = inquiry.units, inquiry.by
        homes = self.homes(inquiry, asking.boundaries, plan.today)
        components = _components(inquiry.of_dataset[asking.dataset], inquiry.rules)
        own = self.calculator
        rules = DayRules(rule_sets.rules_for(asking.dataset, inquiry.rules), plan.today, own.zone, own.calendar)

        def figures(of: Sequence[str], divided: str | None, over: Windows) -> FigurePlan:
            # codes without rows only make the question longer; one must stay
            asked = tuple(code for code in of if code in asking.known) or tuple(of[:1])
            # that a unit has none is told, too
            scope = Scope(asked, divided, dict(asking.filters), also_later=by == "unit")
            return FigurePlan(plan.scope(BY_NAME[asking.dataset], scope), rules, components, over)

        together = by is None and len(units) > 1
        for some in [range(len(units))] if together else [(n,) for n in range(len(units))]:
            alike: dict[tuple[Territory, ...], list[int]] = {}
            for place, theirs in enumerate(zip(*(homes.territories[n] for n in some), strict=True)):
                alike.setdefault(theirs, []).append(place)
            for theirs, at in alike.items():
                over = Windows(windows[place] for place in at)
                first, owners = units[some[0]], None
                if together:
                    owners = _owners([units[n] for n in some], theirs)
                    of_scope = figures(homes.every, "unit", over)
                else:
                    of_scope = figures(theirs[0].codes(first.code), by, over)
                    if by == "unit":
                        owners = {code: [to] for code, to in theirs[0].share_of(first.code).items()}
                slots = [(units[n].code if together else "", _places_of(n, at, len(windows))) for n in some]
                yield Place(of_scope, owners, over, [Windows([window]) for window in over], slots)


class Readings:
    """What one page wants of rows, read with all else that it wants: `want` everything, then look at any of it."""

    def __init__(self, connection: sa.Connection, planner: Planner, now: datetime) -> None:
        self._connection, self._planner, self._now = connection, planner, now
        self.today = now.astimezone(planner.calculator.zone).date()
        self._wanted: dict[Asking, None] = {}
        self._asked: list[Callable[[], None]] = []
        self._places: dict[Asking, tuple[Found, Sequence[Place]]] = {}

    def want(self, asking: Asking) -> None:
        if asking not in self._places:
            self._wanted[asking] = None

    def ahead(self) -> list[Read[None]]:
        """Asks for what is wanted, and gives back what takes so long that it is worth reading side by side."""
        if not self._wanted:
            return []
        wanted = tuple(self._wanted)
        self._wanted.clear()  # whatever comes of it
        plan, places = self._planner.plan(wanted, self.today)
        found = Found(plan)
        self._places |= {asking: (found, places[asking]) for asking in wanted}
        reads = plan.reads()
        self._asked += [found.ask(read, self._connection, self._now) for read in reads if not read.takes_long]
        return [partial(self._read, found, read) for read in reads if read.takes_long]

    def places(self, asking: Asking) -> list[PlaceTold]:
        """Where the numbers of an asking are found, once `ahead` was asked for."""
        for take in self._asked:
            take()
        self._asked.clear()
        found, places = self._places[asking]
        return [_told(found, place) for place in places]

    def _read(self, found: Found, read: PlannedRead, connection: sa.Connection) -> None:
        found.ask(read, connection, self._now)()


def _told(found: Found, place: Place) -> PlaceTold:
    figures = found.figures(place.plan)
    return PlaceTold(place, figures if place.owners is None else ByUnit(figures, place.owners))


def _components(definitions: Sequence[Definition], rules: str) -> list[Component]:
    """All that is counted for some indicators, what is counted alike once."""
    found: dict[Hashable, Component] = {}
    for definition in definitions:
        for each in definition.components(rules):
            if each is not None:
                found.setdefault((each.kind, each.count, each.field, each.of, each.conditions), each)
    return list(found.values())


def _places_of(unit: int, at: Sequence[int], windows: int) -> Sequence[int]:
    """The places of some of a unit's windows among those of all units."""
    first = unit * windows
    return range(first, first + windows) if len(at) == windows else [first + place for place in at]


def _owners(units: Sequence[OrgUnit], territories: Sequence[Territory]) -> dict[str, list[str]]:
    """Of each code the units that its rows count to."""
    found: dict[str, list[str]] = {}
    for unit, territory in {unit.code: mine for unit, mine in zip(units, territories, strict=True)}.items():
        for code in territory.codes(unit):
            found.setdefault(code, []).append(unit)
    return found


def each_once(codes: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """All codes of several lists, each once."""
    return tuple(dict.fromkeys(chain.from_iterable(codes)))
