"""Figures of what is reported: each unit's own number, or those of the units below it added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, groupby, product, repeat
from operator import itemgetter
from typing import TYPE_CHECKING

import sqlalchemy as sa

from datasets.indicators.by_unit import sources_as_of
from datasets.indicators.definition import Component, Definition
from datasets.indicators.lifecycle_values import ValuesOf, each_once
from datasets.indicators.lone_cells import SmallTold
from datasets.indicators.observation_figures import ObservationFigures
from datasets.indicators.observation_reads import Asked, telling
from datasets.indicators.observation_told import Observed, Reading
from datasets.indicators.parts import ratio
from datasets.indicators.sitting import Sitting
from datasets.indicators.value import Value
from datasets.indicators.window import Window
from datasets.periods import Period
from datasets.units import OrgUnit
from datasets.units_territory import Boundaries, Territory

if TYPE_CHECKING:  # the two need each other's names
    from datasets.indicators.calculate import Calculator, Request

Stretch = tuple[Territory, list[Window]]
"""Windows of which the figures are counted by one territory."""
_FIRST = itemgetter(0)
MANY = 40
"""More units than these are asked for sums, where nobody took over from others; of most of them nobody tells."""


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
        names = [str(component.element) for component in components]
        stretches = {unit.code: self._stretches(unit.code, windows, request.boundaries) for unit in units}
        territories = dict.fromkeys((code, territory) for code, some in stretches.items() for territory, _ in some)
        observed = each_once(_observed_codes(territory, code) for code, territory in territories)
        # a unit that was taken over counts up to a day of its own: then every number is needed as it was told
        merged = each_once(_merged_codes(territory, code) for code, territory in territories)
        connection = sitting.connection
        many = len(observed) > MANY
        if many:
            observed = sitting.once(("telling", observed), lambda: tuple(telling(connection, observed)))
        categories = {c.category or "" for c in components} if request.by in (None, "unit") else None
        asked = Asked.of(windows, categories, observed, merged)
        if many and request.by is None and not merged and len(territories) == 1:
            ((code, territory),) = territories
            figures.want_sums(names, code, territory, asked)
        else:
            figures.want(names, asked)
        as_of = sitting.once("as of", lambda: sources_as_of(connection))

        def values() -> ValuesOf:
            lineage = _Lineage(as_of)
            each_stretch = [(unit, stretch) for unit in units for stretch in stretches[unit.code]]
            found: dict[str, list[Value]] = {}
            for definition in definitions:
                found[definition.id] = of_definition = []
                last = self.calculator.catalogue.elements[str(definition.numerator.element)].over_time == "last"
                for unit, stretch in each_stretch:
                    judge = self.calculator.judge(definition, unit, "")
                    for window, by, tops, bottoms in _readings(
                        figures, unit.code, stretch, request.by, pairs[definition.id]
                    ):
                        top = None if tops is None else tops.value
                        bottom = None if bottoms is None else bottoms.value
                        sources, told_until = lineage[_sources(tops, bottoms)]
                        # what is added up lies inside the window; else it is of the report's own period
                        period = tops.period if last and tops is not None else window.id
                        numbers = ratio(definition, top, bottom), top, bottom
                        of_definition.append(judge.value(window, numbers, told_until, sources, period, by))
            return found

        return values

    def _stretches(self, unit: str, windows: Sequence[Window], boundaries: Boundaries) -> list[Stretch]:
        """The windows in their order, those of one territory together."""
        territories = self.calculator.territories_of(unit, windows, boundaries)
        pairs = groupby(zip(territories, windows, strict=True), key=_FIRST)
        return [(territory, [window for _, window in some]) for territory, some in pairs]

    def behind(
        self, connection: sa.Connection, component: Component, unit: str, window: Window, boundaries: Boundaries
    ) -> Sequence[Observed]:
        """The very observations that are added up to a unit's number."""
        territory = self.calculator.territory(unit, window, boundaries)
        figures = ObservationFigures(connection, self.calculator.catalogue.elements)
        codes = _observed_codes(territory, unit)
        figures.want([str(component.element)], Asked.of([window], [component.category or ""], codes, codes))
        return figures.behind(component, unit, territory, [window])[0]

    def where_lone(self, sitting: Sitting, requests: Sequence[Request], minimum: float) -> list[list[Request]]:
        """Of each request the parts over observations in which one unit alone may have a small number.

        All of one question's siblings: the requests are of the same units, and one look into the store serves them.
        """
        asked = [(request, self._told_by(request), list(map(_window, request.periods))) for request in requests]
        every = [window for _, told_by, windows in asked if told_by for window in windows]
        if not every:
            return [[] for _ in requests]
        codes: dict[str, None] = {}
        taken_over = False
        units = each_once(request.units for request in requests)
        for unit, boundaries in product(units, {request.boundaries for request in requests}):
            for territory in dict.fromkeys(self.calculator.territories_of(unit, every, boundaries)):
                codes |= dict.fromkeys(_observed_codes(territory, unit))
                taken_over = taken_over or unit in territory.before
        small = SmallTold.read(
            sitting.connection,
            self.calculator.catalogue.elements,
            chain.from_iterable(chain.from_iterable(told_by.values()) for _, told_by, _ in asked),
            () if taken_over else units,
            tuple(codes),
            (min(window.start for window in every), max(window.end for window in every)),
            minimum,
        )
        return [_parts(request, told_by, windows, small) for request, told_by, windows in asked]

    def _told_by(self, request: Request) -> dict[str, list[Component]]:
        """The components of the indicators over observations that can be asked as the request does."""
        definitions = (self.calculator.definition(name) for name in request.indicators)
        return {
            definition.id: [component for component in pair if component is not None]
            for definition in definitions
            if definition.numerator.dataset == "observation"
            and (pair := narrowed_components(definition, request.rules, request.filters)) is not None
        }


def _window(asked: Period | Window) -> Window:
    return asked if isinstance(asked, Window) else Window.of(asked)


def _parts(
    request: Request, told_by: Mapping[str, Sequence[Component]], windows: Sequence[Window], small: SmallTold
) -> list[Request]:
    """The indicators of a request with the periods in which one unit alone may have a small number of theirs."""
    alike: dict[tuple[Period | Window, ...], list[str]] = defaultdict(list)
    for name, components in told_by.items():
        pairs = zip(request.periods, windows, strict=True)
        alike[tuple(period for period, window in pairs if small.may_be_lone(components, window))].append(name)
    return [replace(request, indicators=tuple(names), periods=some) for some, names in alike.items() if some]


def _readings(
    figures: ObservationFigures,
    unit: str,
    stretch: Stretch,
    by: str | None,
    pair: tuple[Component, Component | None] | None,
) -> Iterable[tuple[Window, dict[str, str] | None, Reading | None, Reading | None]]:
    """Of each window, and each member of a breakdown in it, the numerator and the denominator."""
    territory, windows = stretch
    if pair is None:  # it cannot be narrowed as asked
        return [(window, None, None, None) for window in windows if by is None]
    numerator, denominator = pair
    if by is None:
        tops = figures.readings(numerator, unit, territory, windows)
        bottoms = figures.readings(denominator, unit, territory, windows) if denominator else repeat(None)
        return zip(windows, repeat(None), tops, bottoms)
    if by != "unit":
        return [
            (window, {by: category}, top, None)
            for window in windows
            for category, top in figures.categories(numerator, unit, territory, window).items()
        ]
    below = territory.below.get(unit, ())
    tops_of = {code: figures.readings(numerator, code, territory, windows) for code in below}
    bottoms_of = {code: figures.readings(denominator, code, territory, windows) for code in below if denominator}
    return [
        (window, {by: code}, top, bottoms_of[code][place] if denominator else None)
        for place, window in enumerate(windows)
        for code in below
        if (top := tops_of[code][place]) is not None
    ]


class _Lineage(dict[frozenset[str], tuple[tuple[str, ...], datetime | None]]):
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


def narrowed_components(
    definition: Definition, rules: str, filters: Mapping[str, object]
) -> tuple[Component, Component | None] | None:
    """An observation indicator's components under the filters; None where it cannot be narrowed so."""
    numerator, denominator = definition.components(rules)
    if not filters:
        return numerator, denominator
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


def _merged_codes(territory: Territory, unit: str) -> tuple[str, ...]:
    """Of those the units that took over from others, those others, and what lay below them."""
    took_over = {code: territory.before[code] for code in territory.codes(unit) if code in territory.before}
    formers = [former for some in took_over.values() for former in some]
    return each_once(((*took_over,), *((former.code, *former.children) for former in formers)))
