"""Figures of what is counted from rows: dossiers, documents and petitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa

from datasets.indicators import rules as rule_sets
from datasets.indicators.by_unit import Known, known_of, sources_as_of
from datasets.indicators.definition import Definition
from datasets.indicators.judge import UNKNOWN, Judge, Numbers, plain
from datasets.indicators.lifecycle_counts import freeze
from datasets.indicators.lifecycle_page import Asking, PlaceTold, Readings
from datasets.indicators.lifecycle_rows import RowRules
from datasets.indicators.line import Line, Origin, Span, Told
from datasets.indicators.parts import Parts, nothing
from datasets.indicators.sitting import Sitting
from datasets.indicators.value import Value
from datasets.indicators.window import Window
from datasets.schema import BY_NAME
from datasets.schema.dataset import Dataset

if TYPE_CHECKING:  # the two need each other's names
    from datasets.indicators.calculate import Calculator, Inquiry, Request

ValuesOf = Mapping[str, Sequence[Value] | Sequence[Line]]
"""By indicator its values, in the order of the units and windows asked for; where they are not divided a line for each
unit."""


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


class LifecycleValues:
    """The half of the calculator that counts rows."""

    def __init__(self, calculator: Calculator) -> None:
        self.calculator = calculator

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

    def ask(self, sitting: Sitting, dataset: Dataset, inquiry: Inquiry, request: Request) -> Callable[[], ValuesOf]:
        """Say what the values need; what is returned gives them, once everything of a page is said."""
        connection, own = sitting.connection, self.calculator
        readings = sitting.reader("rows", lambda: Readings(connection, own.planner, own.clock()))
        today = readings.today
        homes = own.planner.homes(inquiry, request.boundaries, today)
        as_of = sitting.once("as of", lambda: sources_as_of(connection))
        known = sitting.once(
            ("known", dataset.name, homes.every), lambda: self._known(connection, dataset.name, homes.every, as_of)
        )
        kept = not request.filters or set(request.filters) <= set(dataset.columns)
        filters = freeze(request.filters) if kept else ()
        asking = Asking(dataset.name, inquiry, filters, request.boundaries, frozenset(known))
        readings.want(asking)

        def values() -> ValuesOf:
            places, asked, span = readings.places(asking), [], Span(inquiry.windows)
            covered = {mine: _coverage(known, mine, as_of) for mine in homes.each}
            for n, theirs in enumerate(homes.codes):
                for window, mine in zip(inquiry.windows, theirs, strict=True):
                    coverage = covered[mine]
                    asked.append(Asked(n, window, coverage, kept and coverage.tells(window, today)))
            found: dict[str, Sequence[Value] | Sequence[Line]] = {}
            rules = rule_sets.rules_for(dataset.name, request.rules).id
            for definition in inquiry.of_dataset[dataset.name]:
                judges = [own.judge(definition, unit, rules) for unit in inquiry.units]
                if request.by is None:
                    found[definition.id] = _whole(definition, places, asked, judges, span, request.rules)
                else:
                    found[definition.id] = _divided(definition, places, asked, judges, request.rules, request.by)
            return found

        return values


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
        none = self._none
        each = zip(self._asked, self._numbers, self.span.ids, strict=True)
        return [(plain((mine or none)[0]) if asked.is_told else None, window) for asked, mine, window in each]


def _whole(
    definition: Definition,
    places: Sequence[PlaceTold],
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
    places: Sequence[PlaceTold],
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


def _coverage(known: Mapping[str, Known], codes: Sequence[str], as_of: Mapping[str, datetime | None]) -> Coverage:
    """What is known of several codes together: from their first day on, as of their least fresh source."""
    mine = [known[code] for code in codes if code in known]
    sources = sorted(frozenset().union(*(each.sources for each in mine)))
    moments = [moment for name in sources if (moment := as_of.get(name)) is not None]
    return Coverage(min((each.since for each in mine), default=None), tuple(sources), min(moments, default=None))
