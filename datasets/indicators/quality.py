"""How far a figure can be trusted: which of the fields it is made of the rows really say.

A row that does not say a field counts as "no" wherever the field is asked for, so each
unknown one may make the figure too small. Of an observation it is the units that count:
how many of those that report it at all have reported for the period.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import sqlalchemy as sa

from datasets.indicators.calculate import Calculator
from datasets.indicators.daily import narrowed
from datasets.indicators.definition import Component, Definition
from datasets.indicators.lifecycle_counts import AGES, split
from datasets.indicators.records import RecordRequest, records
from datasets.indicators.window import Window
from datasets.periods import Period
from datasets.schema import BY_NAME

REPORTED_WITHIN = timedelta(days=400)
"""A unit that reported an element this long before the period's end is expected to go on."""


@dataclass(frozen=True, slots=True)
class FieldCoverage:
    """One field of the rows: of how many rows it is unknown. `counted`: the figure itself asks for it."""

    name: str
    unknown: int
    counted: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """The rows a figure is taken from, before its own conditions choose among them.

    rows      how many; of an observation, how many are added up
    fields    what they say of each field
    reported, expected   units; None for what is counted from rows
    typed     rows that a person typed in
    """

    rows: int
    fields: tuple[FieldCoverage, ...]
    reported: int | None = None
    expected: int | None = None
    typed: int = 0


def quality(
    calculator: Calculator,
    indicator: str,
    unit: str,
    period: Period,
    rules: str,
    filters: Mapping[str, object],
) -> Quality:
    """What is known of the rows behind an indicator. Raises UsageError for what does not exist."""
    definition = calculator.definition(indicator)
    if definition.numerator.dataset == "observation":
        return _of_observations(calculator, RecordRequest(indicator, unit, period, rules=rules, filters=filters))
    return _of_rows(calculator, definition, unit, Window.of(period), rules, filters)


def fields_asked(definition: Definition, rules: str) -> tuple[str, ...]:
    """The columns whose being unknown changes the figure, in the order of the dataset."""
    dataset = BY_NAME[definition.numerator.dataset]
    asked: set[str] = set()
    for component in definition.components(rules):
        if component is None:
            continue
        plain, special = split(component.where)
        asked |= set(plain) | ({"due_at"} if special or "due_on" in plain else set())
        if component.field is not None:
            asked.add("due_at" if AGES.get(component.field) == "due_on" else component.field)
    own = {field.name for field in dataset.fields if not field.required}
    return tuple(field.name for field in dataset.fields if field.name in asked & own)


def _of_rows(
    calculator: Calculator,
    definition: Definition,
    unit: str,
    window: Window,
    rules: str,
    filters: Mapping[str, object],
) -> Quality:
    row_rules = calculator.row_rules(definition.numerator.dataset, rules)
    table = row_rules.table
    if set(filters) - set(table.c.keys()):
        return Quality(0, ())
    numerator, denominator = definition.components(rules)
    widest: Component = denominator or numerator
    counted = fields_asked(definition, rules)
    split_by = [name for name in definition.drill_by if name in table.c and name not in counted]
    said = [sa.func.count(table.c[name]) for name in (*counted, *split_by)]
    query = sa.select(sa.func.count(), *said).where(
        table.c.unit.in_(calculator.subtree(calculator.units.get(unit, None))),
        *narrowed(table, filters),
        row_rules.of(str(widest.count or widest.of), _of_dataset(widest), window),
    )
    with calculator.store.engine.connect() as connection:
        rows, *known = connection.execute(query).one()
    names = [(name, True) for name in counted] + [(name, False) for name in split_by]
    return Quality(
        rows,
        tuple(FieldCoverage(name, rows - told, own) for (name, own), told in zip(names, known, strict=True)),
    )


def _of_dataset(component: Component) -> dict[str, object]:
    """The conditions that say which rows are meant at all: required fields are never unknown."""
    required = {field.name for field in BY_NAME[component.dataset].fields if field.required}
    return {name: wanted for name, wanted in component.where.items() if name in required}


def _of_observations(calculator: Calculator, request: RecordRequest) -> Quality:
    assert isinstance(request.period, Period)
    definition = calculator.definition(request.indicator)
    page = records(calculator, replace(request, limit=None))
    table = calculator.store.tables["observation"]
    query = sa.select(sa.func.count(sa.distinct(table.c.unit))).where(
        table.c.unit.in_(calculator.subtree(calculator.units.get(request.unit, None))),
        table.c.element == definition.numerator.element,
        table.c.period_start >= request.period.end - REPORTED_WITHIN,
        table.c.period_start < request.period.end,
    )
    with calculator.store.engine.connect() as connection:
        expected = int(connection.execute(query).scalar_one())
    reported = {row["unit"] for row in page.rows}
    if request.unit in reported:
        expected = len(reported)  # the unit's own report stands for all below it
    typed = sum(row["entered_by"] is not None for row in page.rows)
    return Quality(page.total, (), len(reported), max(expected, len(reported)), typed)
