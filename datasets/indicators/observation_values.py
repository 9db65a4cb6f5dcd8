"""Figures of what is reported: each unit's own number, or those of the units below it added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
from itertools import chain, groupby, product
from operator import itemgetter
from typing import TYPE_CHECKING

import sqlalchemy as sa

from datasets.indicators.by_unit import sources_as_of
from datasets.indicators.definition import Component, Definition
from datasets.indicators.judge import Judge
from datasets.indicators.lifecycle_page import each_once
from datasets.indicators.lifecycle_values import ValuesOf
from datasets.indicators.line import Line, Span
from datasets.indicators.lone_cells import SmallTold
from datasets.indicators.observation_asked import Asked
from datasets.indicators.observation_figures import ObservationFigures
from datasets.indicators.observation_line import Lineage, Over, Reported
from datasets.indicators.observation_reads import Reads, telling
from datasets.indicators.observation_told import Observed
from datasets.indicators.sitting import Sitting
from datasets.indicators.value import Value
from datasets.indicators.window import Window, Windows
from datasets.periods import Period
from datasets.units_territory import Boundaries, Territory

if TYPE_CHECKING:  # the two need each other's names
    from datasets.indicators.calculate import Calculator, Inquiry, Request

Stretch = tuple[Territory, Windows]
"""Windows of which the figures are counted by one territory."""
Pair = tuple[Component, Component | None] | None
"""Numerator and denominator; None where the indicator cannot be narrowed as asked."""
_FIRST = itemgetter(0)
PLANS_KEPT = 512
MANY = 40
"""More units than these are asked for sums, where nobody took over from others; of most of them nobody tells."""


@dataclass(frozen=True, slots=True, eq=False)
class ObservationPlan:
    """What a request asks of observations: a matter of the catalogue and the territories.

    lines        of each indicator its components, whether the newest number stands, so that it is of its report's own
                 period, and its judge for each unit
    stretches    of each unit its windows
    observed     codes whose numbers may be needed; `asked` is what is needed of them
    summed       the unit and territory below which numbers may be added up by the store, if there is but one
    """

    lines: Sequence[tuple[Definition, Pair, bool, Sequence[Judge]]]
    stretches: Sequence[Sequence[Stretch]]
    elements: tuple[str, ...]
    span: Span
    observed: tuple[str, ...]
    asked: Asked
    summed: tuple[str, Territory] | None


class ObservationValues:
    """The half of the calculator that reads observations."""

    def __init__(self, calculator: Calculator) -> None:
        self.calculator = calculator
        self._reads = Reads(calculator.catalogue.elements)
        self._plan = lru_cache(maxsize=PLANS_KEPT)(self._make_plan)

    def figures(self, sitting: Sitting) -> ObservationFigures:
        """Where the observations that some requests need are gathered."""
        figures = ObservationFigures(sitting.connection, self._reads)
        sitting.readers["observations"] = figures  # the place of those that were asked for before, and are read
        return figures

    def ask(
        self, sitting: Sitting, figures: ObservationFigures, inquiry: Inquiry, request: Request
    ) -> Callable[[], ValuesOf]:
        """Say what the values need; what is returned gives them, once everything of a page is said."""
        filters = tuple(sorted(request.filters.items()))
        plan = self._plan(inquiry, filters, request.boundaries, self.calculator.today())
        connection, by, asked = sitting.connection, request.by, plan.asked
        many = len(plan.observed) > MANY
        if many:
            told = sitting.once(("telling", plan.observed), lambda: telling(connection, plan.observed))
            asked = replace(asked, units=told)
        if many and plan.summed is not None:
            figures.want_sums(plan.elements, *plan.summed, asked)
        else:
            figures.want(plan.elements, asked)
        as_of = sitting.once("as of", lambda: sources_as_of(connection))

        def values() -> ValuesOf:
            lineage, span = Lineage(as_of), plan.span
            found: dict[str, Sequence[Value] | Sequence[Line]] = {}
            for definition, pair, last, judges in plan.lines:
                asking = zip(judges, plan.stretches, strict=True)
                if by is None:
                    found[definition.id] = [
                        Reported(lineage, judge, span, *_over_time(figures, judge.unit, some, pair), last=last)
                        for judge, some in asking
                    ]
                else:
                    make = partial(Reported, lineage, last=last)
                    found[definition.id] = [
                        value
                        for judge, some in asking
                        for stretch in some
                        for value in _divided(figures, partial(make, judge), judge.unit, stretch, by, pair)
                    ]
            return found

        return values

    def _make_plan(
        self, inquiry: Inquiry, filters: tuple[tuple[str, str], ...], boundaries: Boundaries, today: date
    ) -> ObservationPlan:
        own, units, windows = self.calculator, inquiry.units, inquiry.windows
        definitions = inquiry.of_dataset["observation"]
        pairs = {d.id: narrowed_components(d, inquiry.rules, dict(filters)) for d in definitions}
        components = [c for pair in pairs.values() for c in pair or () if c is not None]
        stretches = [self._stretches(unit.code, windows, boundaries, today) for unit in units]
        territories = dict.fromkeys(
            (unit.code, territory) for unit, some in zip(units, stretches, strict=True) for territory, _ in some
        )
        observed = each_once(_observed_codes(territory, code) for code, territory in territories)
        # a unit that was taken over counts up to a day of its own: then every number is needed as it was told
        merged = each_once(_merged_codes(territory, code) for code, territory in territories)
        categories = {c.category or "" for c in components} if inquiry.by in (None, "unit") else None
        lines = [
            (
                definition,
                pairs[definition.id],
                own.catalogue.elements[str(definition.numerator.element)].over_time == "last",
                [own.judge(definition, unit, "") for unit in units],
            )
            for definition in definitions
        ]
        is_one = inquiry.by is None and not merged and len(territories) == 1
        return ObservationPlan(
            lines=lines,
            stretches=stretches,
            elements=tuple(str(component.element) for component in components),
            span=Span(windows),
            observed=observed,
            asked=Asked.of(windows, categories, observed, merged),
            summed=next(iter(territories)) if is_one else None,
        )

    def _stretches(self, unit: str, windows: Sequence[Window], boundaries: Boundaries, today: date) -> list[Stretch]:
        """The windows in their order, those of one territory together."""
        territories = self.calculator.territories_of(unit, windows, boundaries, today)
        pairs = groupby(zip(territories, windows, strict=True), key=_FIRST)
        return [(territory, Windows(window for _, window in some)) for territory, some in pairs]

    def behind(
        self, connection: sa.Connection, component: Component, unit: str, window: Window, boundaries: Boundaries
    ) -> Sequence[Observed]:
        """The very observations that are added up to a unit's number."""
        territory = self.calculator.territory(unit, window, boundaries)
        figures = ObservationFigures(connection, self._reads)
        codes, alone = _observed_codes(territory, unit), Windows([window])
        figures.want((str(component.element),), Asked.of(alone, [component.category or ""], codes, codes))
        return figures.behind(component, unit, territory, alone)[0]

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


def _over_time(
    figures: ObservationFigures, unit: str, stretches: Sequence[Stretch], pair: Pair
) -> tuple[Over, Over | None]:
    """The numerators over the windows of all stretches, and the denominators where there are any."""
    if pair is None:
        return [None] * sum(len(windows) for _, windows in stretches), None
    numerator, denominator = pair
    tops = _joined([figures.readings(numerator, unit, *stretch) for stretch in stretches])
    if denominator is None:
        return tops, None
    return tops, _joined([figures.readings(denominator, unit, *stretch) for stretch in stretches])


def _joined(parts: Sequence[Over]) -> Over:
    return parts[0] if len(parts) == 1 else list(chain.from_iterable(parts))


def _divided(
    figures: ObservationFigures,
    make: Callable[[Span, Over, Over | None], Line],
    unit: str,
    stretch: Stretch,
    by: str,
    pair: Pair,
) -> Iterator[Value]:
    """Of each window the value of each member that has a number."""
    if pair is None:
        return
    (territory, windows), (numerator, denominator) = stretch, pair
    if by != "unit":
        for alone in (Windows([window]) for window in windows):
            for category, top in figures.categories(numerator, unit, territory, alone).items():
                yield make(Span(alone), [top], None).at(0, {by: category})
        return
    span = Span(windows)
    tops = {code: figures.readings(numerator, code, *stretch) for code in territory.below.get(unit, ())}
    lines = {
        code: make(span, of_code, figures.readings(denominator, code, *stretch) if denominator else None)
        for code, of_code in tops.items()
    }
    for place in range(len(windows)):
        for code, line in lines.items():
            if tops[code][place] is not None:
                yield line.at(place, {by: code})


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
