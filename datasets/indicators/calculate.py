"""From a question to figures: the one computation behind every surface.

A figure is computed from its components (design.md 4): ratios are never averaged, a
denominator of 0 gives no value, and what no source has told us is None, never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from datasets.clock import Clock
from datasets.errors import UsageError
from datasets.indicators import rules as rule_sets
from datasets.indicators.by_unit import ByUnit, Known, known_of, sources_as_of
from datasets.indicators.catalogue import Catalogue
from datasets.indicators.daily import Scope
from datasets.indicators.definition import Component, Definition
from datasets.indicators.lifecycle_counts import freeze
from datasets.indicators.lifecycle_figures import LifecycleFigures
from datasets.indicators.lifecycle_rows import RowRules
from datasets.indicators.observation_figures import Observed
from datasets.indicators.observation_values import ObservationValues, each_once
from datasets.indicators.parts import Figures, Parts, nothing, parts_by_member
from datasets.indicators.sitting import Sitting, Sittings
from datasets.indicators.status import status_of, target_on
from datasets.indicators.value import Status, Value
from datasets.indicators.window import Window
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.schema.dataset import Dataset
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


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the store knows about one dataset of some units: since when, from which sources, as of when."""

    since: date | None
    sources: tuple[str, ...]
    as_of: datetime | None


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
        self.sittings = Sittings(store.engine)
        self._observed = ObservationValues(self)

    def values(self, request: Request) -> list[Value]:
        """One Value per indicator, unit and period, in that order; with `by`, one per member.

        Raises UsageError for an unknown indicator, unit, rule set or dimension.
        """
        definitions = [self.definition(name) for name in request.indicators]
        if request.rules not in rule_sets.BY_ID:
            raise UsageError("error.rules", value=request.rules, known=", ".join(rule_sets.BY_ID))
        for definition in definitions:
            if request.by not in (None, "unit", *definition.drill_by):
                raise UsageError("error.dimension", value=request.by, indicator=definition.id)
        windows = [w if isinstance(w, Window) else Window.of(w) for w in request.periods]
        found: dict[tuple[str, str, str], list[Value]] = {}
        with self.sittings.sit() as sitting:
            units = [self.units.get(code, None) for code in dict.fromkeys(request.units)]
            for name in dict.fromkeys(d.numerator.dataset for d in definitions):
                mine = [d for d in definitions if d.numerator.dataset == name]
                values = (
                    self._observed.values(sitting, mine, units, windows, request)
                    if name == "observation"
                    else self._lifecycle_values(sitting, BY_NAME[name], mine, units, windows, request)
                )
                for value in values:
                    found.setdefault((value.indicator, value.unit, value.period), []).append(value)
        return [
            value
            for definition in definitions
            for code in request.units
            for window in windows
            for value in found.get((definition.id, code, window.id), ())
        ]

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
        today = self.today()
        day = min(window.end - timedelta(days=1), today) if boundaries is Boundaries.THEN else today
        return self.territories.of(unit, day)

    def subtree(self, unit: OrgUnit) -> tuple[str, ...]:
        """Codes of the unit, of all units below it, and of all that they took over from."""
        return self.territories.of(unit.code, self.today()).codes(unit.code)

    # -- dossiers, documents, petitions ------------------------------------------

    def row_rules(self, dataset: str, rules: str) -> RowRules:
        """How rows of the dataset are counted now, under the asked rule set."""
        table = self.store.tables[dataset]
        return RowRules(table, rule_sets.rules_for(dataset, rules), self.clock(), self.zone, self.calendar)

    def coverage(self, connection: sa.Connection, dataset: str, codes: Sequence[str]) -> Coverage:
        """What the store knows of the units' rows in one dataset."""
        as_of = sources_as_of(connection)
        return _coverage(self._known(connection, dataset, codes, as_of), codes, as_of)

    def _known(
        self, connection: sa.Connection, dataset: str, codes: Sequence[str], as_of: Mapping[str, datetime | None]
    ) -> dict[str, Known]:
        rows, daily = self.store.tables[dataset], self.store.tables[f"{dataset}_daily"]
        return known_of(connection, rows, daily, codes, sorted(as_of))

    def _lifecycle_values(
        self,
        sitting: Sitting,
        dataset: Dataset,
        definitions: Sequence[Definition],
        units: Sequence[OrgUnit],
        windows: Sequence[Window],
        request: Request,
    ) -> Iterable[Value]:
        """One unit (or one breakdown) at a time adds up in the store; several units are counted by code at once."""
        codes: Codes = {
            (unit.code, window): self.territory(unit.code, window, request.boundaries).codes(unit.code)
            for unit, window in product(units, windows)
        }
        connection = sitting.connection
        as_of = sitting.once("as of", lambda: sources_as_of(connection))
        every = each_once(codes.values())
        known = sitting.once(
            ("known", dataset.name, every), lambda: self._known(connection, dataset.name, every, as_of)
        )
        filters = request.filters if set(request.filters) <= set(dataset.columns) else {}
        row_rules = self.row_rules(dataset.name, request.rules)
        components = [c for d in definitions for c in d.components(request.rules) if c is not None]

        def counted(of: Sequence[str], by: str | None, over: Sequence[Window]) -> LifecycleFigures:
            # codes without rows only make the question longer; one must stay
            asked = tuple(code for code in of if code in known) or tuple(of[:1])
            figures = sitting.once(
                ("figures", dataset.name, asked, by, freeze(filters), row_rules.rules.id),
                lambda: LifecycleFigures(connection, dataset, Scope(asked, by, filters), row_rules),
            )
            figures.prepare(components, over)
            return figures

        if request.by is None and len(units) > 1:
            figures = counted(each_once(codes.values()), "unit", windows)
            parts = _together(figures, definitions, units, request.rules, codes)
        else:
            parts = self._one_by_one(counted, definitions, request, codes)
        for unit, window in product(units, windows):
            coverage = _coverage(known, codes[unit.code, window], as_of)
            is_known = (
                filters == request.filters
                and coverage.since is not None
                and window.end > coverage.since
                and window.start <= self.today()
            )
            for definition in definitions:
                mine = parts[unit.code, window][definition.id] if is_known else {}
                for member in sorted(mine) if request.by else [""]:
                    yield self.value(
                        definition,
                        unit,
                        window,
                        rules=row_rules.rules.id,
                        by={request.by: member} if request.by else None,
                        numbers=mine.get(member, nothing(definition) if is_known else (None, None, None)),
                        as_of=coverage.as_of,
                        sources=coverage.sources,
                        period_of_value=window.id,
                    )

    def _one_by_one(
        self,
        counted: Callable[[Sequence[str], str | None, Sequence[Window]], LifecycleFigures],
        definitions: Sequence[Definition],
        request: Request,
        codes: Codes,
    ) -> dict[tuple[str, Window], dict[str, Parts]]:
        """Each unit added up in the store; windows of the same boundaries are asked for together."""
        found: dict[tuple[str, Window], dict[str, Parts]] = {}
        alike: dict[tuple[str, tuple[str, ...]], list[Window]] = {}
        for (unit, window), mine in codes.items():
            alike.setdefault((unit, mine), []).append(window)
        for (unit, mine), windows in alike.items():
            figures = counted(mine, request.by, windows)
            for window in windows:
                asked: Figures = figures
                if request.by == "unit":
                    shares = self.territory(unit, window, request.boundaries).share_of(unit)
                    asked = ByUnit(figures, {code: (child,) for code, child in shares.items()})
                found[unit, window] = {d.id: parts_by_member(asked, d, request.rules, window) for d in definitions}
        return found

    # -- observations -----------------------------------------------------------

    def observed(
        self, connection: sa.Connection, component: Component, unit: str, window: Window, boundaries: Boundaries
    ) -> list[Observed]:
        """The very observations that are added up to a unit's number."""
        return self._observed.behind(connection, component, unit, window, boundaries)

    # -- both -------------------------------------------------------------------

    def value(
        self,
        definition: Definition,
        unit: OrgUnit,
        window: Window,
        *,
        rules: str,
        by: dict[str, str] | None,
        numbers: tuple[float | None, float | None, float | None],
        as_of: datetime | None,
        sources: tuple[str, ...],
        period_of_value: str,
    ) -> Value:
        """A figure with its target and how it stands."""
        value, numerator, denominator = numbers
        lineage = (unit.code, *(above.code for above in self.units.ancestors(unit.code, None)))
        judged = Period.parse(period_of_value).end if period_of_value != window.id else window.end
        target = target_on(definition, min(judged, window.end), unit.level, lineage)
        enough = denominator is None or denominator >= definition.minimum_denominator
        return Value(
            indicator=definition.id,
            unit=unit.code,
            period=window.id,
            rules=rules,
            by=by,
            value=_plain(value),
            numerator=_plain(numerator),
            denominator=_plain(denominator),
            status=status_of(definition, value, target) if value is not None and enough else Status.NONE,
            target=target.value if target else None,
            as_of=as_of,
            sources=sources,
            period_of_value=period_of_value,
        )


Codes = dict[tuple[str, Window], tuple[str, ...]]
"""By unit and window the codes whose rows count to it."""


def _together(
    figures: LifecycleFigures,
    definitions: Sequence[Definition],
    units: Sequence[OrgUnit],
    rules: str,
    codes: Codes,
) -> dict[tuple[str, Window], dict[str, Parts]]:
    """Many units from figures by code; the rows of a code count to each asked unit that holds it."""
    owners: dict[Window, dict[str, list[str]]] = {}
    for (unit, window), mine in codes.items():
        of_window = owners.setdefault(window, {})
        for code in mine:
            of_window.setdefault(code, []).append(unit)
    found: dict[tuple[str, Window], dict[str, Parts]] = {}
    for window, of_window in owners.items():
        by_unit = ByUnit(figures, of_window)
        parts = {d.id: parts_by_member(by_unit, d, rules, window) for d in definitions}
        for unit in (each.code for each in units):
            found[unit, window] = {
                name: {"": numbers[unit]} if unit in numbers else {} for name, numbers in parts.items()
            }
    return found


def _coverage(known: Mapping[str, Known], codes: Sequence[str], as_of: Mapping[str, datetime | None]) -> Coverage:
    """What is known of several codes together: from their first day on, as of their least fresh source."""
    mine = [known[code] for code in codes if code in known]
    sources = sorted(frozenset().union(*(each.sources for each in mine)))
    moments = [moment for name in sources if (moment := as_of.get(name)) is not None]
    return Coverage(min((each.since for each in mine), default=None), tuple(sources), min(moments, default=None))


def _plain(number: float | None) -> float | None:
    """Whole numbers as int, so that a count reads 12 and not 12.0; a rate keeps its decimals."""
    return int(number) if isinstance(number, float) and number.is_integer() else number
