"""From a question to figures: the one computation behind every surface.

A figure is computed from its components (design.md 4): ratios are never averaged, a
denominator of 0 gives no value, and what no source has told us is None, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from datasets.clock import Clock
from datasets.errors import UsageError
from datasets.indicators import rules as rule_sets
from datasets.indicators.catalogue import Catalogue
from datasets.indicators.definition import Component, Definition, Target
from datasets.indicators.judge import Judge
from datasets.indicators.lifecycle_page import Planner
from datasets.indicators.lifecycle_rows import RowRules
from datasets.indicators.lifecycle_values import Coverage, LifecycleValues, ValuesOf
from datasets.indicators.line import Lines
from datasets.indicators.observation_figures import ObservationFigures
from datasets.indicators.observation_told import Observed
from datasets.indicators.observation_values import ObservationValues
from datasets.indicators.sitting import Sitting, Sittings
from datasets.indicators.status import target_on
from datasets.indicators.value import Value
from datasets.indicators.window import Window
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.store import Store
from datasets.units import OrgUnit, UnitTree
from datasets.units_territory import Boundaries, Territories, Territory
from datasets.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Request:
    """Which figures: every indicator for every unit and period.

    periods   whole periods, or windows of days for comparisons
    by        a dimension of the indicators' `drill_by`, "unit" (the units directly below, and the
              unit's own rows under its own code), or None
    filters   canonical column -> member, e.g. {"hamlet": "Thôn 1"}, "" for rows that do not say theirs; a dataset
              without the column gives no value. An observation may be narrowed by its category only
    """

    indicators: tuple[str, ...]
    units: tuple[str, ...]
    periods: tuple[Period | Window, ...]
    rules: str = rule_sets.DEFAULT
    by: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    boundaries: Boundaries = Boundaries.NOW

    @property
    def question(self) -> Hashable:
        """The request as a key, for those who keep answers."""
        asked = self.indicators, self.units, self.periods, self.rules, self.by
        return *asked, tuple(sorted(self.filters.items())), self.boundaries


@dataclass(frozen=True, slots=True, eq=False)
class Inquiry:
    """A request looked up in the catalogue, but for its filters and boundaries. There is one object of each.

    of_dataset   the indicators by the dataset they are counted from
    """

    definitions: tuple[Definition, ...]
    of_dataset: Mapping[str, Sequence[Definition]]
    units: tuple[OrgUnit, ...]
    windows: tuple[Window, ...]
    rules: str
    by: str | None


TARGETS_KEPT, JUDGES_KEPT, INQUIRIES_KEPT = 65_536, 8_192, 1_024


class Calculator:
    """Computes values for units (each with its subtree) from one store."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        units: UnitTree,
        calendar: WorkingCalendar,
        zone: ZoneInfo,
        clock: Clock,
    ) -> None:
        self.store, self.catalogue, self.units = store, catalogue, units
        self.calendar, self.zone, self.clock = calendar, zone, clock
        self.territories = Territories(units)
        self.sittings = Sittings(store.pages)
        self.planner = Planner(self)
        self._counted, self._observed = LifecycleValues(self), ObservationValues(self)
        self._target = lru_cache(maxsize=TARGETS_KEPT)(self._find_target)
        self._judge = lru_cache(maxsize=JUDGES_KEPT)(self._make_judge)
        self._inquiry = lru_cache(maxsize=INQUIRIES_KEPT)(self._find_inquiry)

    def values(self, request: Request) -> list[Value]:
        """One Value per indicator, unit and period, in that order; with `by`, one per member.

        Raises UsageError for an unknown indicator, unit, rule set or dimension.
        """
        return self.answers((request,))[0]

    def answers(self, requests: Sequence[Request]) -> list[list[Value]]:
        """The values of each request; what they need of the store is gathered first and read together.

        Raises UsageError as `values`.
        """
        return [list(values) for values in self.found(requests)]

    def found(self, requests: Sequence[Request]) -> list[Sequence[Value]]:
        """The same, those of requests without `by` as Lines: made when they are looked at."""
        with self.sittings.sit() as sitting:
            observed = self._observed.figures(sitting)
            asked = [self._ask(sitting, observed, request) for request in requests]
            sitting.read_ahead()
            return [values() for values in asked]

    def _ask(self, sitting: Sitting, observed: ObservationFigures, request: Request) -> Callable[[], Sequence[Value]]:
        """Say what a request needs; what is returned gives its values."""
        inquiry = self._inquiry(request.indicators, request.units, request.periods, request.rules, request.by)
        parts: list[Callable[[], ValuesOf]] = []
        for name in inquiry.of_dataset:
            if name == "observation":
                parts.append(self._observed.ask(sitting, observed, inquiry, request))
            else:
                parts.append(self._counted.ask(sitting, BY_NAME[name], inquiry, request))

        def values() -> Sequence[Value]:
            found: dict[str, Any] = {}
            for part in parts:
                found |= part()
            if request.by is None:
                return Lines([found[definition.id] for definition in inquiry.definitions], len(inquiry.windows))
            return [value for definition in inquiry.definitions for value in found[definition.id]]

        return values

    def _find_inquiry(
        self,
        indicators: tuple[str, ...],
        units: tuple[str, ...],
        periods: tuple[Period | Window, ...],
        rules: str,
        by: str | None,
    ) -> Inquiry:
        definitions = tuple(self.definition(name) for name in indicators)
        if rules not in rule_sets.BY_ID:
            raise UsageError("error.rules", value=rules, known=", ".join(rule_sets.BY_ID))
        for definition in definitions:
            if by not in (None, "unit", *definition.drill_by):
                raise UsageError("error.dimension", value=by, indicator=definition.id)
        of_dataset: dict[str, list[Definition]] = {}
        for definition in definitions:
            of_dataset.setdefault(definition.numerator.dataset, []).append(definition)
        found = tuple(self.units.get(code, None) for code in units)
        windows = tuple(each if isinstance(each, Window) else Window.of(each) for each in periods)
        return Inquiry(definitions, of_dataset, found, windows, rules, by)

    def where_lone(self, requests: Sequence[Request], minimum: float) -> list[list[Request]]:
        """Of each request, without `by`, the parts in which one unit alone may have a cell above 0 and below
        `minimum`; a far cheaper question than for the values. What is counted from rows always may."""
        found: list[list[Request]] = [[] for _ in requests]
        alike: dict[tuple[str, ...], list[int]] = {}
        for place, request in enumerate(requests):
            alike.setdefault(request.units, []).append(place)
            counted = [name for name in request.indicators if self.definition(name).numerator.dataset != "observation"]
            if counted:
                found[place].append(replace(request, indicators=tuple(counted)))
        with self.sittings.sit() as sitting:
            for places in alike.values():
                lone = self._observed.where_lone(sitting, [requests[place] for place in places], minimum)
                for place, parts in zip(places, lone, strict=True):
                    found[place] += parts
        return found

    def definition(self, indicator: str) -> Definition:
        """Raises UsageError for an id that is not in the catalogue."""
        try:
            return self.catalogue.indicators[indicator]
        except KeyError:
            raise UsageError("error.indicator", value=indicator) from None

    def today(self) -> date:
        return self.clock().astimezone(self.zone).date()

    def territory(self, unit: str, window: Window | Period, boundaries: Boundaries = Boundaries.NOW) -> Territory:
        """The tree by whose boundaries a unit's figure of a window is counted."""
        return self.territories_of(unit, (window,), boundaries)[0]

    def territories_of(
        self,
        unit: str,
        windows: Sequence[Window | Period],
        boundaries: Boundaries = Boundaries.NOW,
        today: date | None = None,
    ) -> Sequence[Territory]:
        """Of each window the tree by whose boundaries a unit's figure is counted."""
        today = today or self.today()
        if boundaries is Boundaries.NOW:
            return [self.territories.of(unit, today)] * len(windows)
        return [self.territories.of(unit, min(window.end - timedelta(days=1), today)) for window in windows]

    def subtree(self, unit: OrgUnit) -> tuple[str, ...]:
        """Codes of the unit, of all units below it, and of all that they took over from."""
        return self.territories.of(unit.code, self.today()).codes(unit.code)

    def row_rules(self, dataset: str, rules: str) -> RowRules:
        """How rows of the dataset are counted now, under the asked rule set."""
        return self._counted.row_rules(dataset, rules)

    def coverage(self, connection: sa.Connection, dataset: str, codes: Sequence[str]) -> Coverage:
        """What the store knows of the units' rows in one dataset."""
        return self._counted.coverage(connection, dataset, codes)

    def observed(
        self, connection: sa.Connection, component: Component, unit: str, window: Window, boundaries: Boundaries
    ) -> Sequence[Observed]:
        """The very observations that are added up to a unit's number."""
        return self._observed.behind(connection, component, unit, window, boundaries)

    def judge(self, definition: Definition, unit: OrgUnit, rules: str) -> Judge:
        """What makes an indicator's values of a unit out of numbers: a matter of the catalogue alone."""
        return self._judge(definition.id, unit.code, rules)

    def _make_judge(self, indicator: str, unit: str, rules: str) -> Judge:
        return Judge(self.definition(indicator), unit, rules, partial(self._target, indicator, unit))

    def _find_target(self, indicator: str, unit: str, until: date) -> Target | None:
        """The target in force for a unit on the last day before `until`: a matter of the catalogue alone."""
        lineage = (unit, *(above.code for above in self.units.ancestors(unit, None)))
        return target_on(self.definition(indicator), until, self.units.get(unit, None).level, lineage)
