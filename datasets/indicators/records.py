"""The very rows behind a figure, counted and listed by the rules that counted it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from datasets.errors import UsageError
from datasets.indicators import rules as rule_sets
from datasets.indicators.calculate import Calculator
from datasets.indicators.definition import Component
from datasets.indicators.lifecycle_counts import AGES
from datasets.indicators.window import Window
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.schema.dataset import Row
from datasets.store.conditions import conditions

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
    "observation": ("unit", "element", "period", "category", "value", "source", "entered_by", "updated_at"),
}  # fmt: skip
"""What a list shows of each dataset, in this order."""


@dataclass(frozen=True, slots=True)
class RecordRequest:
    """Which rows.

    part     numerator or denominator of the indicator
    filters  canonical column -> member
    sort     (column, ascending) pairs; default: the earliest due first
    limit    None for all rows
    """

    indicator: str
    unit: str
    period: Period | Window
    part: str = "numerator"
    rules: str = rule_sets.DEFAULT
    filters: Mapping[str, object] = field(default_factory=dict)
    sort: Sequence[tuple[str, bool]] = ()
    offset: int = 0
    limit: int | None = 100


@dataclass(frozen=True, slots=True)
class RecordPage:
    """Some of the rows, in the asked order, and how many there are in all."""

    columns: tuple[str, ...]
    rows: list[Row]
    total: int


def records(calculator: Calculator, request: RecordRequest) -> RecordPage:
    """The rows counted in one part of an indicator.

    Raises UsageError for an unknown indicator, unit, part, rule set or column.
    """
    if request.part not in PARTS:
        raise UsageError("error.part", value=request.part)
    if request.rules not in rule_sets.BY_ID:
        raise UsageError("error.rules", value=request.rules, known=", ".join(rule_sets.BY_ID))
    definition = calculator.definition(request.indicator)
    numerator, denominator = definition.components(request.rules)
    component = denominator if request.part == "denominator" and denominator is not None else numerator
    unit = calculator.units.get(request.unit, None)
    window = request.period if isinstance(request.period, Window) else Window.of(request.period)
    if component.dataset == "observation":
        return _observations(calculator, component, unit.code, window)
    return _lifecycle_rows(calculator, component, calculator.subtree(unit), window, request)


def _lifecycle_rows(
    calculator: Calculator, component: Component, units: Sequence[str], window: Window, request: RecordRequest
) -> RecordPage:
    row_rules = calculator.row_rules(component.dataset, request.rules)
    table = row_rules.table
    unknown = [name for name in (*request.filters, *(name for name, _ in request.sort)) if name not in table.c]
    if unknown:
        raise UsageError("error.column", value=unknown[0])
    wanted: list[sa.ColumnElement[bool]] = [
        table.c.unit.in_(units),
        *conditions(table, request.filters),
        row_rules.of(str(component.count or component.of), component.where, window),
    ]
    if component.field is not None:
        wanted.append(table.c[AGES.get(component.field, component.field)].is_not(None))
    order = [
        *(table.c[name].asc() if ascending else table.c[name].desc() for name, ascending in request.sort),
        *(() if request.sort else (table.c.due_at.asc(), table.c.received_on.asc())),
        *(table.c[name] for name in BY_NAME[component.dataset].key),
    ]
    columns = COLUMNS[component.dataset]
    query = sa.select(*(table.c[name] for name in columns)).where(*wanted).order_by(*order)
    with calculator.store.engine.connect() as connection:
        total = connection.execute(sa.select(sa.func.count()).select_from(table).where(*wanted)).scalar_one()
        rows = connection.execute(query.offset(request.offset).limit(request.limit)).mappings().all()
    return RecordPage(columns, [dict(row) for row in rows], total)


def _observations(calculator: Calculator, component: Component, unit: str, window: Window) -> RecordPage:
    """The unit's own observations behind the number, or those of the units below it that were added."""
    table = calculator.store.tables[BY_NAME["observation"].name]
    with calculator.store.engine.connect() as connection:
        figures = calculator.observations(connection, [component], unit, window.end)
        chosen = figures.behind(component, unit, calculator.children(unit), window)
        keys = sa.tuple_(table.c.unit, table.c.element, table.c.period, table.c.category)
        found = connection.execute(
            sa.select(*(table.c[name] for name in COLUMNS["observation"]))
            .where(keys.in_([(row.unit, row.element, row.period, row.category) for row in chosen]))
            .order_by(table.c.unit, table.c.period_start)
        )
        rows = [dict(row) for row in found.mappings()]
    return RecordPage(COLUMNS["observation"], rows, len(rows))
