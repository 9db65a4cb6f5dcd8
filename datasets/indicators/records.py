"""The very rows behind a figure, counted and listed by the rules that counted it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import sqlalchemy as sa

from datasets.errors import UsageError
from datasets.indicators import rules as rule_sets
from datasets.indicators.calculate import Calculator
from datasets.indicators.daily import narrowed
from datasets.indicators.definition import Component
from datasets.indicators.lifecycle_counts import AGES
from datasets.indicators.observation_values import narrowed_components
from datasets.indicators.record_counts import Counting, RowCounts, place
from datasets.indicators.window import Window
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.schema.dataset import Row
from datasets.units_territory import Boundaries

PARTS = ("numerator", "denominator")
COLUMNS = {
    "dossier": (
        "dossier_code", "procedure_name", "procedure_field", "channel", "received_at", "due_at", "finished_at",
        "returned_at", "status", "timeliness", "working_days", "hamlet", "handler", "unit", "source", "procedure_code",
        "service_level", "supplement_requests", "fee_amount", "paid_online", "parts_digital", "result_digital",
        "data_reused", "satisfaction", "apology_sent", "updated_at",
    ),
    "document": (
        "register_number", "number_notation", "document_type", "issuer", "urgency", "issued_on", "arrived_at", "due_at",
        "done_at", "status", "timeliness", "working_days", "handler", "department", "direction", "unit", "source",
        "register_year", "interlink_id", "signed_organisation", "signed_person", "via_interlink", "updated_at",
    ),
    "petition": (
        "petition_code", "category", "channel", "received_at", "due_at", "answered_at", "status", "timeliness",
        "working_days", "hamlet", "satisfied", "repeated", "unit", "source", "updated_at",
    ),
    "observation": (
        "unit", "element", "period", "category", "value", "source", "entered_by", "source_document", "updated_at",
    ),
}  # fmt: skip
"""What a list shows of each dataset, in this order."""


SEARCHED = {
    "dossier": ("dossier_code", "procedure_name", "procedure_code"),
    "document": ("register_number", "number_notation", "issuer", "document_type"),
    "petition": ("petition_code", "category"),
}
"""Where the words of a search are looked for."""
SORTED_AT_ONCE = 100_000
"""A longer list comes unit by unit, and is sorted within each: a sort of it all would read it all for every page."""
READ_AT_ONCE = 2_000
"""Rows a whole list is read by."""
FEW_DAYS = 60
"""On so many days or fewer rows are looked for day by day."""
MOMENT_OF_DAY = {"received_on": "received_at"}
"""Sorting by this column is sorting by the day first."""


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """Which rows.

    part     numerator or denominator of the indicator
    filters  canonical column -> member; "" for rows that do not say theirs
    search   words that one of the columns of SEARCHED must hold
    sort     (column, ascending) pairs; default: the earliest due first, a long list by its day
    limit    None for all rows
    boundaries   by the boundaries of today, or of the period's last day
    """

    indicator: str
    unit: str
    period: Period | Window
    part: str = "numerator"
    rules: str = rule_sets.DEFAULT
    filters: Mapping[str, object] = field(default_factory=dict)
    search: str = ""
    sort: Sequence[tuple[str, bool]] = ()
    offset: int = 0
    limit: int | None = 100
    boundaries: Boundaries = Boundaries.NOW

    @property
    def question(self) -> tuple[object, ...]:
        """What the number of rows hangs on: everything but order and page."""
        filters = tuple(sorted((name, repr(member)) for name, member in self.filters.items()))  # some are ranges
        return self.indicator, self.unit, self.period, self.part, self.rules, filters, self.search, self.boundaries


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some of the rows, in the asked order, and how many there are in all.

    by_unit   the list is long: it comes unit by unit, sorted within each
    """

    columns: tuple[str, ...]
    rows: list[Row]
    total: int
    by_unit: bool = False


def records(calculator: Calculator, request: RecordRequest, counts: RowCounts | None = None) -> RecordPage:
    """The rows counted in one part of an indicator.

    counts   what `row_counts` gave for the same question, where the caller has kept it

    Raises UsageError for an unknown indicator, unit, part, rule set or column.
    """
    component = _component(calculator, request)
    if component is None:
        return RecordPage(COLUMNS["observation"], [], 0)
    if component.dataset == "observation":
        found = _observations(calculator, component, request)
        end = None if request.limit is None else request.offset + request.limit
        return RecordPage(COLUMNS["observation"], found[request.offset : end], len(found))
    counts = row_counts(calculator, request) if counts is None else counts
    by_unit = counts.total > SORTED_AT_ONCE
    listed = _Listed(calculator, component, request)
    rows: list[Row] = []
    if request.limit != 0:
        with calculator.store.engine.connect() as connection:
            pages = listed.long(connection, counts) if by_unit else [listed.short(counts)]
            rows = [dict(row) for query in pages for row in connection.execute(query).mappings()]
    return RecordPage(COLUMNS[component.dataset], rows, counts.total, by_unit)


def row_counts(calculator: Calculator, request: RecordRequest) -> RowCounts:
    """How many rows the question has in each unit that has any; of observations all under the asked unit.

    Raises UsageError as `records`.
    """
    component = _component(calculator, request)
    if component is None:
        return RowCounts({})
    if component.dataset == "observation":
        return RowCounts({request.unit: len(_observations(calculator, component, request))})
    with calculator.store.engine.connect() as connection:
        return _Listed(calculator, component, request).counting.count(connection)


def each_record(calculator: Calculator, request: RecordRequest, counts: RowCounts | None = None) -> Iterator[Row]:
    """Every row of the question, unit by unit, without ever holding them all. `counts` and errors as of `records`."""
    component = _component(calculator, request)
    if component is None:
        return
    if component.dataset == "observation":
        yield from _observations(calculator, component, request)
        return
    counts = row_counts(calculator, request) if counts is None else counts
    listed = _Listed(calculator, component, request)
    with calculator.store.engine.connect() as connection:
        streaming = connection.execution_options(yield_per=READ_AT_ONCE)
        for unit in counts.units:
            for row in streaming.execute(listed.query((unit,))).mappings():
                yield dict(row)


def procedure_names(calculator: Calculator, request: RecordRequest) -> dict[str, str]:
    """What the procedures of the question's dossiers are called, by code. Raises UsageError as `records`."""
    component = _component(calculator, request)
    if component is None or component.dataset != "dossier":
        return {}
    listed = _Listed(calculator, component, request)
    code, name = listed.table.c.procedure_code, sa.func.max(listed.table.c.procedure_name)
    query = sa.select(code, name).where(*listed.wanted, code.is_not(None), code != "").group_by(code)
    with calculator.store.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(query) if row[1]}


def columns_of(calculator: Calculator, request: RecordRequest) -> tuple[str, ...]:
    """The columns of the question's list. Raises UsageError as `records`."""
    component = _component(calculator, request)
    return COLUMNS[component.dataset if component is not None else "observation"]


def _component(calculator: Calculator, request: RecordRequest) -> Component | None:
    """What is counted; None where the filters leave nothing of an observation."""
    if request.part not in PARTS:
        raise UsageError("error.part", value=request.part)
    if request.rules not in rule_sets.BY_ID:
        raise UsageError("error.rules", value=request.rules, known=", ".join(rule_sets.BY_ID))
    definition = calculator.definition(request.indicator)
    numerator, denominator = definition.components(request.rules)
    if numerator.dataset == "observation":
        pair = narrowed_components(definition, request.rules, request.filters)
        if pair is None:
            return None
        numerator, denominator = pair
    return denominator if request.part == "denominator" and denominator is not None else numerator


def _window(request: RecordRequest) -> Window:
    return request.period if isinstance(request.period, Window) else Window.of(request.period)


class _Listed:
    """The rows of one dataset that a question lists: their condition, their number and their order."""

    def __init__(self, calculator: Calculator, component: Component, request: RecordRequest) -> None:
        self.row_rules = calculator.row_rules(component.dataset, request.rules)
        self.table, self.dataset, self.request = self.row_rules.table, component.dataset, request
        self.component, self.window = component, _window(request)
        unknown = [n for n in (*request.filters, *(name for name, _ in request.sort)) if n not in self.table.c]
        if unknown:
            raise UsageError("error.column", value=unknown[0])
        self.codes = calculator.territory(request.unit, self.window, request.boundaries).codes(request.unit)
        self.narrow = [*narrowed(self.table, request.filters), *self._search(request.search)]
        if component.field is not None:
            self.narrow.append(self.table.c[AGES.get(component.field, component.field)].is_not(None))
        self.counting = Counting(
            BY_NAME[self.dataset],
            self.row_rules,
            component,
            self.window,
            self.codes,
            request.filters,
            self.narrow,
            bool(request.search),
        )

    @property
    def wanted(self) -> list[sa.ColumnElement[bool]]:
        return self._wanted(self.codes, self.window)

    def _wanted(self, units: Sequence[str], window: Window) -> list[sa.ColumnElement[bool]]:
        counted = self.row_rules.of(self.counting.kind, self.component.where, window)
        return [self.table.c.unit.in_(units), *self.narrow, counted]

    def short(self, counts: RowCounts) -> sa.Select[tuple[object, ...]]:
        """A page of a list that is sorted at once; what was found on few days is looked for on them only."""
        days = sorted({day for each in counts.days.values() for day in each.days})
        window = Window(self.window.id, days[0], days[-1] + timedelta(days=1)) if days else self.window
        query = self._ordered(tuple(counts.units), window, self._order() or self._by_due())
        if self.counting.day and 0 < len(days) <= FEW_DAYS:
            query = query.where(self.table.c[self.counting.day].in_(days))
        return query.offset(self.request.offset).limit(self.request.limit)

    def long(self, connection: sa.Connection, counts: RowCounts) -> Iterator[sa.Select[tuple[object, ...]]]:
        """A page of a long list, unit by unit. In the order of the day it is walked by, it is begun on the day
        where the page begins; in any other the keys are sorted first, and only the page's rows are read whole."""
        up = self._walked_up()
        for unit, start, limit in _stretches(counts.units, self.request.offset, self.request.limit):
            if up is None:
                yield self._of_keys(unit, start, limit)
                continue
            window, passed = self.window, start
            if start:
                days = counts.days.get(unit) or self.counting.days_of(connection, unit)
                day, passed = place(days, start, ascending=up)
                if day is not None and up:
                    window = Window(window.id, day, window.end)
                elif day is not None:
                    window = Window(window.id, window.start, day + timedelta(days=1))
            yield self._ordered((unit,), window, self._by_day(up)).offset(passed).limit(limit)

    def query(self, units: Sequence[str]) -> sa.Select[tuple[object, ...]]:
        """All rows of some of the units, in the order of a long list."""
        order = self._order() or (self._by_day(True) if self.counting.day else self._by_due())
        return self._ordered(units, self.window, order)

    def _ordered(
        self, units: Sequence[str], window: Window, order: Sequence[sa.ColumnElement[object]]
    ) -> sa.Select[tuple[object, ...]]:
        columns = [self.table.c[name] for name in COLUMNS[self.dataset]]
        return sa.select(*columns).where(*self._wanted(units, window)).order_by(*order, *self._key())

    def _of_keys(self, unit: str, start: int, limit: int) -> sa.Select[tuple[object, ...]]:
        order = [*(self._order() or self._by_due()), *self._key()]
        keys = sa.select(*self._key()).where(*self._wanted((unit,), self.window))
        chosen = keys.order_by(*order).offset(start).limit(limit).subquery()
        columns = [self.table.c[name] for name in COLUMNS[self.dataset]]
        same = [column == chosen.c[column.name] for column in self._key()]
        return sa.select(*columns).join_from(chosen, self.table, sa.and_(*same)).order_by(*order)

    def _key(self) -> list[sa.ColumnElement[object]]:
        return [self.table.c[name] for name in BY_NAME[self.dataset].key]

    def _order(self) -> list[sa.ColumnElement[object]]:
        c = self.table.c
        return [(c[name].asc() if up else c[name].desc()).nulls_last() for name, up in self.request.sort]

    def _by_due(self) -> list[sa.ColumnElement[object]]:
        return [self.table.c.due_at.asc().nulls_last(), self.table.c.received_on.asc()]

    def _walked_up(self) -> bool | None:
        """Whether the days are walked up or down; None when the order is not that of the day."""
        day, sort = self.counting.day, list(self.request.sort)
        if day is None or (sort and (len(sort) > 1 or sort[0][0] != MOMENT_OF_DAY.get(day))):
            return None
        return sort[0][1] if sort else True

    def _by_day(self, up: bool) -> list[sa.ColumnElement[object]]:
        """By the day, then as asked for within it."""
        day = self.table.c[str(self.counting.day)]
        return [day.asc() if up else day.desc(), *(self._order() if self._walked_up() is not None else [])]

    def _search(self, said: str) -> list[sa.ColumnElement[bool]]:
        """Any of the searched columns holds the words; letters with marks also as the words are usually written."""
        if not said:
            return []
        forms = {said} if said.isascii() else {said, said.lower(), said.upper(), said.capitalize()}
        columns = [self.table.c[name] for name in SEARCHED[self.dataset]]
        return [sa.or_(*(column.icontains(form, autoescape=True) for column in columns for form in sorted(forms)))]


def _stretches(counts: Mapping[str, int], offset: int, limit: int | None) -> Iterator[tuple[str, int, int]]:
    """Which rows of which units make up a page: (unit, first, how many)."""
    passed, wanted = 0, sum(counts.values()) if limit is None else limit
    for unit, count in counts.items():
        start = max(offset - passed, 0)
        if wanted and start < count:
            take = min(count - start, wanted)
            yield unit, start, take
            wanted -= take
        passed += count


def _observations(calculator: Calculator, component: Component, request: RecordRequest) -> list[Row]:
    """The unit's own observations behind the number, or those of the units below it that were added."""
    unit, window = calculator.units.get(request.unit, None).code, _window(request)
    table = calculator.store.tables[BY_NAME["observation"].name]
    with calculator.store.engine.connect() as connection:
        chosen = calculator.observed(connection, component, unit, window, request.boundaries)
        keys = {(row.unit, row.period) for row in chosen}
        since = min((row.start for row in chosen), default=date.max)
        query = (
            sa.select(*(table.c[name] for name in COLUMNS["observation"]))
            .where(table.c.unit.in_(sorted({unit for unit, _ in keys})), table.c.element == component.element)
            .where(table.c.category == (component.category or ""))
            .where(table.c.period_start >= since, table.c.period_start < window.end)
            .order_by(table.c.unit, table.c.period_start)
        )
        rows = [dict(row) for row in connection.execute(query).mappings() if (row["unit"], row["period"]) in keys]
    words = request.search.casefold()
    return [row for row in rows if words in str(row["unit"]).casefold()] if words else rows
