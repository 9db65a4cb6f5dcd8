"""Figures of what is counted from rows: dossiers, documents and petitions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from datasets.indicators import rules as rule_sets
from datasets.indicators.by_unit import ByUnit, Known, known_of, sources_as_of
from datasets.indicators.daily import Scope
from datasets.indicators.definition import Definition
from datasets.indicators.lifecycle_counts import freeze
from datasets.indicators.lifecycle_figures import LifecycleFigures
from datasets.indicators.lifecycle_rows import RowRules
from datasets.indicators.parts import Figures, Parts, nothing, parts_by_window
from datasets.indicators.samples import Samples
from datasets.indicators.scope_counts import ScopeCounts
from datasets.indicators.sitting import Sitting
from datasets.indicators.value import Value
from datasets.indicators.window import Window
from datasets.schema import BY_NAME
from datasets.schema.dataset import Dataset
from datasets.units import OrgUnit
from datasets.units_territory import Territory

if TYPE_CHECKING:  # the two need each other's names
    from datasets.indicators.calculate import Calculator, Request

ValuesOf = Mapping[str, Sequence[Value]]
"""By indicator its values, in the order of the units and windows asked for."""
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where the numbers of a unit, or of several at once, are found: in figures, for windows of one territory."""

    figures: Figures
    units: tuple[str, ...]
    together: bool
    windows: tuple[Window, ...]

    def parts(self, definition: Definition, rules: str) -> Iterator[tuple[tuple[str, Window], Parts]]:
        """The indicator's parts of each unit and window."""
        by_window = parts_by_window(self.figures, definition, rules, self.windows)
        for window, parts in zip(self.windows, by_window, strict=True):
            for unit in self.units:
                mine = ({"": parts[unit]} if unit in parts else {}) if self.together else parts
                yield (unit, window), mine


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
        territories = {
            (unit.code, window): self.calculator.territory(unit.code, window, request.boundaries)
            for unit in units
            for window in windows
        }
        codes = {key: territory.codes(key[0]) for key, territory in territories.items()}
        as_of = sitting.once("as of", lambda: sources_as_of(connection))
        every = each_once(codes.values())
        known = sitting.once(
            ("known", dataset.name, every), lambda: self._known(connection, dataset.name, every, as_of)
        )
        filters = request.filters if set(request.filters) <= set(dataset.columns) else {}
        rules = self.row_rules(dataset.name, request.rules)
        components = [c for d in definitions for c in d.components(request.rules) if c is not None]

        def counted(of: Sequence[str], by: str | None, over: Sequence[Window]) -> LifecycleFigures:
            # codes without rows only make the question longer; one must stay
            asked = tuple(code for code in of if code in known) or tuple(of[:1])
            scope = Scope(asked, by, filters)
            counts, samples = sitting.once(
                ("scope", dataset.name, asked, by, freeze(filters)),
                lambda: (ScopeCounts(connection, dataset, scope), Samples(connection, dataset, scope)),
            )
            figures = LifecycleFigures(counts, samples, rules)
            figures.prepare(components, over)
            return figures

        places = self._places(counted, territories, windows, request.by)

        def values() -> ValuesOf:
            covered = {mine: _coverage(known, mine, as_of) for mine in dict.fromkeys(codes.values())}
            asked = [(unit, window, covered[codes[unit.code, window]]) for unit in units for window in windows]
            kept = filters == request.filters
            told = [kept and coverage.tells(window, rules.today) for _, window, coverage in asked]
            found: dict[str, list[Value]] = {}
            for definition in definitions:
                parts = dict(each for place in places for each in place.parts(definition, request.rules))
                none, values = nothing(definition), []
                judges = {unit.code: self.calculator.judge(definition, unit, rules.rules.id) for unit in units}
                for (unit, window, coverage), is_told in zip(asked, told, strict=True):
                    mine = parts[unit.code, window] if is_told else {}
                    for member in sorted(mine) if request.by else ("",):
                        values.append(
                            judges[unit.code].value(
                                window,
                                mine.get(member, none) if is_told else UNKNOWN,
                                coverage.as_of,
                                coverage.sources,
                                window.id,
                                {request.by: member} if request.by else None,
                            )
                        )
                found[definition.id] = values
            return found

        return values

    def _places(
        self,
        counted: Callable[[Sequence[str], str | None, Sequence[Window]], LifecycleFigures],
        territories: Mapping[tuple[str, Window], Territory],
        windows: Sequence[Window],
        by: str | None,
    ) -> list[Place]:
        names = tuple(dict.fromkeys(unit for unit, _ in territories))
        together = by is None and len(names) > 1
        alike: dict[tuple[tuple[str, ...], tuple[Territory, ...]], list[Window]] = {}
        for some in [names] if together else [(name,) for name in names]:
            for window in windows:
                alike.setdefault((some, tuple(territories[name, window] for name in some)), []).append(window)
        found = []
        for (some, theirs), over in alike.items():
            owners: dict[str, list[str]] = {}
            for name, territory in zip(some, theirs, strict=True):
                shares = territory.share_of(name) if by == "unit" else dict.fromkeys(territory.codes(name), name)
                for code, owner in shares.items():
                    owners.setdefault(code, []).append(owner)
            if together:
                every = each_once(territories[key].codes(key[0]) for key in territories)
                figures: Figures = ByUnit(counted(every, "unit", over), owners)
            else:
                figures = counted(theirs[0].codes(some[0]), by, over)
                figures = ByUnit(figures, owners) if by == "unit" else figures
            found.append(Place(figures, some, together, tuple(over)))
        return found


def each_once(codes: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """All codes of several lists, each once."""
    return tuple(dict.fromkeys(code for some in codes for code in some))


def _coverage(known: Mapping[str, Known], codes: Sequence[str], as_of: Mapping[str, datetime | None]) -> Coverage:
    """What is known of several codes together: from their first day on, as of their least fresh source."""
    mine = [known[code] for code in codes if code in known]
    sources = sorted(frozenset().union(*(each.sources for each in mine)))
    moments = [moment for name in sources if (moment := as_of.get(name)) is not None]
    return Coverage(min((each.since for each in mine), default=None), tuple(sources), min(moments, default=None))
