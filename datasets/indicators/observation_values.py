"""Figures of what is reported: each unit's own number, or those of the units below it added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import product
from typing import TYPE_CHECKING

import sqlalchemy as sa

from datasets.indicators.by_unit import sources_as_of
from datasets.indicators.definition import Component, Definition
from datasets.indicators.lifecycle_values import ValuesOf, each_once
from datasets.indicators.observation_figures import ObservationFigures, Observed, Reading, small_told
from datasets.indicators.parts import ratio
from datasets.indicators.sitting import Sitting
from datasets.indicators.value import Value
from datasets.indicators.window import Window
from datasets.units import OrgUnit
from datasets.units_territory import Boundaries, Territory

if TYPE_CHECKING:  # the two need each other's names
    from datasets.indicators.calculate import Calculator, Request


@dataclass(frozen=True, slots=True)
class ObservationValues:
    """The half of the calculator that reads observations."""

    calculator: Calculator

    def figures(self, sitting: Sitting) -> ObservationFigures:
        """Where the observations that some requests need are gathered."""
        return ObservationFigures(sitting.connection, self.calculator.catalogue.elements)

    def ask(
        self,
        sitting: Sitting,
        figures: ObservationFigures,
        definitions: Sequence[Definition],
        units: Sequence[OrgUnit],
        windows: Sequence[Window],
        request: Request,
    ) -> Callable[[], ValuesOf]:
        """Say what the values need; what is returned gives them, once everything of a page is said."""
        pairs = {d.id: narrowed_components(d, request.rules, request.filters) for d in definitions}
        components = [c for pair in pairs.values() for c in pair or () if c is not None]
        territories = {
            (unit.code, window): self.calculator.territory(unit.code, window, request.boundaries)
            for unit, window in product(units, windows)
        }
        observed = each_once(_observed_codes(territory, code) for (code, _), territory in territories.items())
        took_over = any(code in territory.before for territory in territories.values() for code in observed)
        figures.want(
            (str(component.element) for component in components),
            observed,
            max(window.end for window in windows),
            since=min(window.start for window in windows),
            categories={c.category or "" for c in components} if request.by in (None, "unit") else None,
            # a unit that was taken over counts up to a day of its own: then every number is needed as it was told
            edges=None if took_over else {day for window in windows for day in (window.start, window.end)},
        )
        connection = sitting.connection
        as_of = sitting.once("as of", lambda: sources_as_of(connection))

        def values() -> ValuesOf:
            found: dict[str, list[Value]] = {}
            for definition in definitions:
                pair = pairs[definition.id]
                found[definition.id] = of_definition = []
                judges = {unit.code: self.calculator.judge(definition, unit, "") for unit in units}
                for unit, window in product(units, windows):
                    for member, tops, bottoms in self._readings(
                        figures, unit, territories[unit.code, window], window, request.by, pair
                    ):
                        known = tops is not None and (definition.denominator is None or bottoms is not None)
                        sources, told_until = _lineage((tops, bottoms), as_of)
                        top = tops.value if tops else None
                        bottom = bottoms.value if bottoms else None
                        of_definition.append(
                            judges[unit.code].value(
                                window,
                                (ratio(definition, top, bottom) if known else None, top, bottom),
                                told_until,
                                sources,
                                self._period_of(definition, tops, window),
                                {request.by: member} if request.by else None,
                            )
                        )
            return found

        return values

    def _period_of(self, definition: Definition, reading: Reading | None, window: Window) -> str:
        """The period a reported number is of: the window's own where it adds up what lies inside, else the report's."""
        element = self.calculator.catalogue.elements.get(str(definition.numerator.element))
        if reading is None or (element is not None and element.over_time == "sum"):
            return window.id
        return reading.period

    def behind(
        self, connection: sa.Connection, component: Component, unit: str, window: Window, boundaries: Boundaries
    ) -> list[Observed]:
        """The very observations that are added up to a unit's number."""
        territory = self.calculator.territory(unit, window, boundaries)
        figures = ObservationFigures(connection, self.calculator.catalogue.elements)
        figures.want([str(component.element)], _observed_codes(territory, unit), window.end)
        return figures.behind(component, unit, territory, window)

    def with_small(self, sitting: Sitting, requests: Sequence[Request], minimum: float) -> frozenset[str]:
        """Of the indicators asked for those over observations of which a component of some unit may lie above 0 and
        below `minimum`: a sum of what is not negative is that small only where a number told is."""
        elements: dict[str, set[str]] = defaultdict(set)
        codes: dict[str, None] = {}
        until = date.min
        for request in requests:
            definitions = (self.calculator.definition(name) for name in request.indicators)
            for definition in definitions:
                for component in definition.components(request.rules):
                    if component is not None and component.element is not None:
                        elements[component.element].add(definition.id)
            windows = [w if isinstance(w, Window) else Window.of(w) for w in request.periods]
            until = max([until, *(window.end for window in windows)])
            territories = {
                (unit, self.calculator.territory(unit, window, request.boundaries))
                for unit in request.units
                for window in windows
            }
            for unit, territory in territories:
                codes |= dict.fromkeys(_observed_codes(territory, unit))
        small = small_told(sitting.connection, tuple(elements), tuple(codes), until, minimum)
        return frozenset(indicator for element in small for indicator in elements[element])

    def _readings(
        self,
        figures: ObservationFigures,
        unit: OrgUnit,
        territory: Territory,
        window: Window,
        by: str | None,
        pair: tuple[Component, Component | None] | None,
    ) -> Iterable[tuple[str, Reading | None, Reading | None]]:
        if pair is None or not any(figures.has_any(component) for component in pair if component is not None):
            # it cannot be narrowed as asked, or nobody told anything of it
            yield from [(unit.code, None, None)] if by is None else ()
            return
        numerator, denominator = pair
        if by is None or by == "unit":
            for code in [unit.code] if by is None else territory.below.get(unit.code, ()):
                top = figures.reading(numerator, code, territory, window)
                if by is None or top is not None:
                    yield code, top, figures.reading(denominator, code, territory, window) if denominator else None
        else:
            for category, top in figures.categories(numerator, unit.code, territory, window).items():
                yield category, top, None


def _lineage(
    readings: Iterable[Reading | None], as_of: Mapping[str, datetime | None]
) -> tuple[tuple[str, ...], datetime | None]:
    """The sources of some readings, and the moment of the least fresh of them."""
    known = [reading.sources for reading in readings if reading is not None]
    if not known:
        return (), None
    sources = sorted(frozenset().union(*known))
    return tuple(sources), min((at for name in sources if (at := as_of.get(name)) is not None), default=None)


def narrowed_components(
    definition: Definition, rules: str, filters: Mapping[str, object]
) -> tuple[Component, Component | None] | None:
    """An observation indicator's components under the filters; None where it cannot be narrowed so."""
    numerator, denominator = definition.components(rules)
    if set(filters) - {"category"}:
        return None
    category = filters.get("category")
    if category is None:
        return numerator, denominator
    if denominator is not None:
        return None
    return numerator.model_copy(update={"category": str(category)}), None


def _observed_codes(territory: Territory, unit: str) -> tuple[str, ...]:
    """Codes whose observations may make up the unit's number: parts of what it took over may be elsewhere now."""
    codes = territory.codes(unit)
    formers = (former for code in codes for former in territory.before.get(code, ()))
    return tuple(dict.fromkeys((*codes, *(child for former in formers for child in former.children))))
