"""Figures of what is counted from rows: dossiers, documents and petitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from datasets.indicators import rules as rule_sets
from datasets.indicators.by_unit import ByUnit, Known, known_of, sources_as_of
from datasets.indicators.daily import Scope
from datasets.indicators.definition import Definition
from datasets.indicators.judge import Judge, Numbers, plain
from datasets.indicators.lifecycle_counts import freeze
from datasets.indicators.lifecycle_figures import LifecycleFigures
from datasets.indicators.lifecycle_rows import RowRules
from datasets.indicators.line import Line, Origin, Span, Told
from datasets.indicators.parts import Figures, Parts, nothing, parts_of
from datasets.indicators.samples import Samples
from datasets.indicators.scope_counts import ScopeCounts
from datasets.indicators.sitting import Sitting
from datasets.indicators.tally import Tally
from datasets.indicators.value import Value
from datasets.indicators.window import Window
from datasets.schema import BY_NAME
from datasets.schema.dataset import Dataset
from datasets.units import OrgUnit
from datasets.units_territory import Boundaries, Territory

if TYPE_CHECKING:  # the two need each other's names
    from datasets.indicators.calculate import Calculator, Request

ValuesOf = Mapping[str, Sequence[Value] | Sequence[Line]]
"""By indicator its values, in the order of the units and windows asked for; where they are not divided a line for each
unit."""
UNKNOWN = (None, None, None)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the store knows about one dataset of some units: since when, from which sources, as of when."""

    since: date | None
    sources: tuple[str, ...]
    as_of: datetime | None

    def tells(self, window: Window, today: date) -> bool:
        """Whether anything can be known of a window: it has begun, and not ended before the first day told of."""
        return self.since is not None and window.end > self.since and window.start <= today


class Asked(NamedTuple):
    """One of the values asked for: of a unit, which may be asked for twice, over a window."""

    unit: int
    window: Window
    coverage: Coverage
    is_told: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where the numbers of a unit, or of several at once, are found: in figures, for windows of one territory.

    slots   each member of the figures ("" where one unit is not divided) with the places, among all values asked
            for, of its own over the windows
    """

    figures: Figures
    windows: tuple[Window, ...]
    slots: Sequence[tuple[str, Sequence[int]]]

    def fill(self, found: list[Numbers | None], definition: Definition, rules: str) -> None:
        """Put the indicator's numbers in their slots."""
        parts = parts_of(self.figures, definition, rules, self.windows)
        for member, slots in self.slots:
            for slot, numbers in zip(slots, parts.get(member, ()), strict=False):
                found[slot] = numbers

    def fill_divided(self, found: list[Parts], definition: Definition, rules: str) -> None:
        """The same of a unit that is divided; each window has its own members."""
        for _, slots in self.slots:
            for slot, window in zip(slots, self.windows, strict=True):
                found[slot] = parts_of(self.figures, definition, rules, (window,))


@dataclass(frozen=True, slots=True)
class LifecycleValues:
    """The half of the calculator that counts rows."""

    calculator: Calculator

    def row_rules(self, dataset: str, rules: str) -> RowRules:
        """How rows of the dataset are counted now, under the asked rule set."""
        own = self.calculator
        return RowRules(
            own.store.tables[dataset], rule_sets.rules_for(dataset, rules), own.clock(), own.zone, own.calendar
        )

    def coverage(self, connection: sa.Connection, dataset: str, codes: Sequence[str]) -> Coverage:
        """What the store knows of the units' rows in one dataset."""
        as_of = sources_as_of(connection)
        return _coverage(self._known(connection, dataset, codes, as_of), codes, as_of)

    def _known(
        self, connection: sa.Connection, dataset: str, codes: Sequence[str], as_of: Mapping[str, datetime | None]
    ) -> dict[str, Known]:
        return known_of(connection, BY_NAME[dataset], codes, sorted(as_of))

    def ask(
        self,
        sitting: Sitting,
        dataset: Dataset,
        definitions: Sequence[Definition],
        units: Sequence[OrgUnit],
        windows: Sequence[Window],
        request: Request,
    ) -> Callable[[], ValuesOf]:
        """Say what the values need; what is returned gives them, once everything of a page is said.

        One unit, or one breakdown, adds up in the store; several units are counted by code at once.
        """
        connection = sitting.connection
        territories = [self._territories(unit, windows, request.boundaries) for unit in units]
        codes = [
            [territory.codes(unit.code) for territory in theirs]
            for unit, theirs in zip(units, territories, strict=True)
        ]
        as_of = sitting.once("as of", lambda: sources_as_of(connection))
        every = each_once(chain.from_iterable(codes))
        known = sitting.once(
            ("known", dataset.name, every), lambda: self._known(connection, dataset.name, every, as_of)
        )
        filters = request.filters if not request.filters or set(request.filters) <= set(dataset.columns) else {}
        rules = self.row_rules(dataset.name, request.rules)
        components = [c for d in definitions for c in d.components(request.rules) if c is not None]

        def counted(of: Sequence[str], by: str | None, over: Sequence[Window]) -> LifecycleFigures:
            # codes without rows only make the question longer; one must stay
            asked = tuple(code for code in of if code in known) or tuple(of[:1])
            scope = Scope(asked, by, filters)
            frozen = freeze(filters)
            tally = sitting.once(
                ("tally", dataset.name, asked, frozen), lambda: Tally(connection, dataset, asked, filters, rules.today)
            )
            counts = sitting.once(
                ("scope", dataset.name, asked, by, frozen), lambda: ScopeCounts(connection, dataset, scope, tally)
            )
            samples = Samples(tally, by)
            figures = LifecycleFigures(counts, samples, rules)
            figures.prepare(components, over)
            return figures

        places = self._places(counted, territories, units, windows, request.by)

        def values() -> ValuesOf:
            kept, asked = filters == request.filters, []
            covered = {mine: _coverage(known, mine, as_of) for mine in dict.fromkeys(chain.from_iterable(codes))}
            for n, theirs in enumerate(codes):
                for window, mine in zip(windows, theirs, strict=True):
                    coverage = covered[mine]
                    asked.append(Asked(n, window, coverage, kept and coverage.tells(window, rules.today)))
            found: dict[str, Sequence[Value] | Sequence[Line]] = {}
            span = Span(windows)
            for definition in definitions:
                judges = [self.calculator.judge(definition, unit, rules.rules.id) for unit in units]
                if request.by is None:
                    found[definition.id] = _whole(definition, places, asked, judges, span, request.rules)
                else:
                    found[definition.id] = _divided(definition, places, asked, judges, request.rules, request.by)
            return found

        return values

    def _territories(self, unit: OrgUnit, windows: Sequence[Window], boundaries: Boundaries) -> list[Territory]:
        """The unit's territory of each window; by the boundaries of today all windows have one."""
        if boundaries is Boundaries.NOW and windows:
            return [self.calculator.territory(unit.code, windows[0], boundaries)] * len(windows)
        return [self.calculator.territory(unit.code, window, boundaries) for window in windows]

    def _places(
        self,
        counted: Callable[[Sequence[str], str | None, Sequence[Window]], LifecycleFigures],
        territories: Sequence[Sequence[Territory]],
        units: Sequence[OrgUnit],
        windows: Sequence[Window],
        by: str | None,
    ) -> list[Place]:
        together = by is None and len(units) > 1
        found = []
        for some in [range(len(units))] if together else [(n,) for n in range(len(units))]:
            alike: dict[tuple[Territory, ...], list[int]] = {}
            for place in range(len(windows)):
                alike.setdefault(tuple(territories[n][place] for n in some), []).append(place)
            for theirs, at in alike.items():
                over = tuple(windows[place] for place in at)
                shares = {units[n].code: territory for n, territory in zip(some, theirs, strict=True)}
                if together:
                    every = each_once(t.codes(u.code) for u, all_ in zip(units, territories, strict=True) for t in all_)
                    figures: Figures = ByUnit(counted(every, "unit", over), _owners(shares))
                else:
                    figures = counted(theirs[0].codes(units[some[0]].code), by, over)
                    if by == "unit":
                        figures = ByUnit(figures, {code: (to,) for code, to in theirs[0].share_of(*shares).items()})
                slots = [(units[n].code if together else "", [n * len(windows) + place for place in at]) for n in some]
                found.append(Place(figures, over, slots))
        return found


def _owners(shares: Mapping[str, Territory]) -> dict[str, list[str]]:
    """Of each code the units that its rows count to."""
    found: dict[str, list[str]] = {}
    for unit, territory in shares.items():
        for code in territory.codes(unit):
            found.setdefault(code, []).append(unit)
    return found


class Counted(Line):
    """What was counted of an indicator for a unit.

    numbers of the windows   None where no row counts; `asked` says whether anything is told of them
    """

    __slots__ = ("_asked", "_none", "_numbers")

    def __init__(
        self, judge: Judge, span: Span, asked: Sequence[Asked], numbers: Sequence[Numbers | None], none: Numbers
    ) -> None:
        super().__init__(judge, span)
        self._asked, self._numbers, self._none = asked, numbers, none

    def numbers(self, place: int) -> Numbers:
        return (self._numbers[place] or self._none) if self._asked[place].is_told else UNKNOWN

    def origin(self, place: int) -> Origin:
        coverage = self._asked[place].coverage
        return coverage.sources, coverage.as_of

    def tell(self) -> list[Told]:
        ids = self.span.ids
        return [(plain(self.numbers(place)[0]), window) for place, window in enumerate(ids)]


def _whole(
    definition: Definition,
    places: Sequence[Place],
    asked: Sequence[Asked],
    judges: Sequence[Judge],
    span: Span,
    rules: str,
) -> list[Line]:
    numbers: list[Numbers | None] = [None] * len(asked)
    for place in places:
        place.fill(numbers, definition, rules)
    none, windows = nothing(definition), len(span.windows)
    starts = range(0, len(asked), windows)
    return [
        Counted(judge, span, asked[start : start + windows], numbers[start : start + windows], none)
        for judge, start in zip(judges, starts, strict=True)
    ]


def _divided(
    definition: Definition,
    places: Sequence[Place],
    asked: Sequence[Asked],
    judges: Sequence[Judge],
    rules: str,
    by: str,
) -> list[Value]:
    parts: list[Parts] = [{}] * len(asked)
    for place in places:
        place.fill_divided(parts, definition, rules)
    none = nothing(definition)
    return [
        judges[unit].value(window, mine[member][0] or none, coverage.as_of, coverage.sources, window.id, {by: member})
        for (unit, window, coverage, is_told), mine in zip(asked, parts, strict=True)
        for member in (sorted(mine) if is_told else ())
    ]


def each_once(codes: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """All codes of several lists, each once."""
    return tuple(dict.fromkeys(code for some in codes for code in some))


def _coverage(known: Mapping[str, Known], codes: Sequence[str], as_of: Mapping[str, datetime | None]) -> Coverage:
    """What is known of several codes together: from their first day on, as of their least fresh source."""
    mine = [known[code] for code in codes if code in known]
    sources = sorted(frozenset().union(*(each.sources for each in mine)))
    moments = [moment for name in sources if (moment := as_of.get(name)) is not None]
    return Coverage(min((each.since for each in mine), default=None), tuple(sources), min(moments, default=None))
