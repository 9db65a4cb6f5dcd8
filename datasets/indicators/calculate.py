"""From a question to figures: the one computation behind every surface.

A figure is computed from its components (design.md 4): ratios are never averaged, a
denominator of 0 gives no value, and what no source has told us is None, never 0.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from datasets.clock import Clock
from datasets.errors import UsageError
from datasets.indicators import rules as rule_sets
from datasets.indicators.catalogue import Catalogue
from datasets.indicators.daily import Scope
from datasets.indicators.definition import Component, Definition
from datasets.indicators.lifecycle_figures import LifecycleFigures, Numbers
from datasets.indicators.lifecycle_rows import RowRules
from datasets.indicators.observation_figures import ObservationFigures, Reading
from datasets.indicators.status import status_of, target_on
from datasets.indicators.value import Status, Value
from datasets.indicators.window import Window
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.schema.dataset import Dataset
from datasets.store import Store
from datasets.store.tables import SOURCE_STATE
from datasets.units import OrgUnit, UnitTree
from datasets.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True)
class Request:
    """Which figures: every indicator for every unit and period.

    periods   whole periods, or windows of days for comparisons
    by        a dimension of the indicators' `drill_by`, "unit", or None
    filters   canonical column -> member, e.g. {"hamlet": "Thôn 1"}; a dataset without it gives no value
    """

    indicators: tuple[str, ...]
    units: tuple[str, ...]
    periods: tuple[Period | Window, ...]
    rules: str = rule_sets.DEFAULT
    by: str | None = None
    filters: Mapping[str, str] = field(default_factory=dict)


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
        with self.store.engine.connect() as connection:
            for code in request.units:
                unit = self.units.get(code, None)
                for name in dict.fromkeys(d.numerator.dataset for d in definitions):
                    mine = [d for d in definitions if d.numerator.dataset == name]
                    values = (
                        self._observation_values(connection, mine, unit, windows, request)
                        if name == "observation"
                        else self._lifecycle_values(connection, BY_NAME[name], mine, unit, windows, request)
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

    def subtree(self, unit: OrgUnit) -> tuple[str, ...]:
        """Codes of the unit and of all units below it that ever belonged to it."""
        return tuple(dict.fromkeys(each.code for each in self.units.subtree(unit.code, None)))

    # -- dossiers, documents, petitions ------------------------------------------

    def row_rules(self, dataset: str, rules: str) -> RowRules:
        """How rows of the dataset are counted now, under the asked rule set."""
        table = self.store.tables[dataset]
        return RowRules(table, rule_sets.rules_for(dataset, rules), self.clock(), self.zone, self.calendar)

    def coverage(self, connection: sa.Connection, dataset: str, codes: Sequence[str]) -> Coverage:
        """What the store knows of the units' rows in one dataset."""
        rows, daily = self.store.tables[dataset], self.store.tables[f"{dataset}_daily"]
        since = connection.execute(sa.select(sa.func.min(daily.c.day)).where(daily.c.unit.in_(codes))).scalar()
        has_rows = sa.select(sa.literal(1)).where(rows.c.unit.in_(codes))
        as_of = {
            source: moment
            for source, moment in _as_of(connection).items()
            if connection.execute(has_rows.where(rows.c.source == source).limit(1)).first()
        }
        moments = [moment for moment in as_of.values() if moment is not None]
        return Coverage(since, tuple(sorted(as_of)), min(moments, default=None))

    def _lifecycle_values(
        self,
        connection: sa.Connection,
        dataset: Dataset,
        definitions: Sequence[Definition],
        unit: OrgUnit,
        windows: Sequence[Window],
        request: Request,
    ) -> Iterable[Value]:
        codes = self.subtree(unit)
        coverage = self.coverage(connection, dataset.name, codes)
        filtered = set(request.filters) <= set(dataset.columns)
        row_rules = self.row_rules(dataset.name, request.rules)
        scope = Scope(codes, request.by, request.filters if filtered else {})
        figures = LifecycleFigures(connection, self.store.tables, dataset, scope, row_rules)
        components = [c for d in definitions for c in d.components(request.rules) if c is not None]
        figures.prepare(components, windows)
        today = self.clock().astimezone(self.zone).date()
        for definition in definitions:
            for window in windows:
                known = (
                    filtered and coverage.since is not None and window.end > coverage.since and window.start <= today
                )
                parts = _lifecycle_parts(figures, definition, request.rules, window) if known else {}
                members = sorted(parts) if request.by else [""]
                for member in members:
                    value, numerator, denominator = parts.get(member, _nothing(definition) if known else (None,) * 3)
                    yield self._value(
                        definition,
                        unit,
                        window,
                        rules=row_rules.rules.id,
                        by={request.by: member} if request.by else None,
                        numbers=(value, numerator, denominator),
                        as_of=coverage.as_of,
                        sources=coverage.sources,
                        period_of_value=window.id,
                    )

    # -- observations -----------------------------------------------------------

    def _observation_values(
        self,
        connection: sa.Connection,
        definitions: Sequence[Definition],
        unit: OrgUnit,
        windows: Sequence[Window],
        request: Request,
    ) -> Iterable[Value]:
        components = [c for d in definitions for c in d.components(request.rules) if c is not None]
        figures = self.observations(
            connection,
            components,
            unit.code,
            max(window.end for window in windows),
            since=min(window.start for window in windows),
            categories={c.category or "" for c in components} if request.by in (None, "unit") else None,
        )
        children = self.children(unit.code)
        as_of = _as_of(connection)
        for definition in definitions:
            numerator, denominator = definition.components(request.rules)
            for window in windows:
                for member, tops, bottoms in self._readings(
                    figures, unit, children, window, request.by, numerator, denominator
                ):
                    known = tops is not None and (denominator is None or bottoms is not None)
                    readings = [reading for reading in (tops, bottoms) if reading is not None]
                    sources = sorted(frozenset().union(*(reading.sources for reading in readings)))
                    moments = [moment for name in sources if (moment := as_of.get(name)) is not None]
                    top = tops.value if tops else None
                    bottom = bottoms.value if bottoms else None
                    yield self._value(
                        definition,
                        unit,
                        window,
                        rules="",
                        by={request.by: member} if request.by else None,
                        numbers=(_ratio(definition, top, bottom) if known else None, top, bottom),
                        as_of=min(moments, default=None),
                        sources=tuple(sources),
                        period_of_value=tops.period if tops else window.id,
                    )

    def observations(
        self,
        connection: sa.Connection,
        components: Sequence[Component],
        unit: str,
        until: date,
        since: date = date.min,
        categories: Collection[str] | None = None,
    ) -> ObservationFigures:
        """The observations of the components' elements for a unit and its subtree, begun before `until`."""
        table = self.store.tables["observation"]
        wanted = {str(component.element) for component in components}
        codes = self.subtree(self.units.get(unit, None))
        return ObservationFigures(connection, table, self.catalogue.elements, wanted, codes, until, since, categories)

    def children(self, unit: str) -> dict[str, list[str]]:
        """Direct children of each unit of the subtree."""
        found: dict[str, list[str]] = {}
        for each in self.units.subtree(unit, None):
            if each.parent and each.code != unit:
                found.setdefault(each.parent, []).append(each.code)
        return found

    def _readings(
        self,
        figures: ObservationFigures,
        unit: OrgUnit,
        children: Mapping[str, Sequence[str]],
        window: Window,
        by: str | None,
        numerator: Component,
        denominator: Component | None,
    ) -> Iterable[tuple[str, Reading | None, Reading | None]]:
        if by is None or by == "unit":
            for code in [unit.code] if by is None else children.get(unit.code, ()):
                top = figures.reading(numerator, code, children, window)
                if by is None or top is not None:
                    yield code, top, figures.reading(denominator, code, children, window) if denominator else None
        else:
            for category, top in figures.categories(numerator, unit.code, children, window).items():
                yield category, top, None

    # -- both -------------------------------------------------------------------

    def _value(
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


Parts = dict[str, tuple[float | None, float | None, float | None]]
"""value, numerator and denominator by member"""


def _lifecycle_parts(figures: LifecycleFigures, definition: Definition, rules: str, window: Window) -> Parts:
    numerator, denominator = definition.components(rules)
    if numerator.kind == "median":
        sample = figures.median(numerator, window)
        return {member: (value, None, sample.rows[member]) for member, value in sample.values.items()}
    if numerator.kind in ("average", "sum"):
        sample = figures.total(numerator, window)
        if numerator.kind == "sum":
            return {member: (total, total, None) for member, total in sample.values.items()}
        return {
            member: (total / sample.rows[member], total, sample.rows[member]) for member, total in sample.values.items()
        }
    tops = figures.count(numerator, window)
    if denominator is None:
        return {member: (count, count, None) for member, count in tops.items()}
    bottoms: Numbers = figures.count(denominator, window)
    return {
        member: (
            _ratio(definition, tops.get(member, 0), bottoms.get(member, 0)),
            tops.get(member, 0),
            bottoms.get(member, 0),
        )
        for member in {*tops, *bottoms}
    }


def _as_of(connection: sa.Connection) -> dict[str, datetime | None]:
    """Of every source, the moment up to which it has told us what it has."""
    return {row.source: row.as_of for row in connection.execute(sa.select(SOURCE_STATE.c.source, SOURCE_STATE.c.as_of))}


def _nothing(definition: Definition) -> tuple[float | None, float | None, float | None]:
    """The numbers where no row counts: 0 for a count, unknown for a ratio, median or average."""
    if definition.numerator.kind in ("median", "average"):
        return None, None, 0
    return (0, 0, None) if definition.denominator is None else (None, 0, 0)


def _ratio(definition: Definition, top: float | None, bottom: float | None) -> float | None:
    if definition.denominator is None or top is None:
        return top
    return top / bottom * definition.factor if bottom else None


def _plain(number: float | None) -> float | None:
    """Whole numbers as int, so that a count reads 12 and not 12.0; a rate keeps its decimals."""
    return int(number) if isinstance(number, float) and number.is_integer() else number
