"""What an indicator means, where that is written, and the case its tests compute."""

from __future__ import annotations

from datetime import datetime

from dash.development.base_component import Component

from dashboard import present
from dashboard.desk.light import html
from dashboard.desk.visit import Visit
from dashboard.record_words import said
from datasets.indicators.definition import Definition
from datasets.messages import catalogue
from datasets.vietnamese import day, number


def meaning(visit: Visit, definition: Definition, counted: str) -> Component:
    rows = [
        ("id", definition.id),
        ("description", definition.description[visit.language] if definition.description else ""),
        ("basis", definition.basis[visit.language]),
        ("rules", counted),
        ("better", visit.text(f"desk.better.{definition.better}")),
        ("thresholds", _thresholds(visit, definition)),
        (
            "minimum",
            number(definition.minimum_denominator, language=visit.language) if definition.minimum_denominator else "",
        ),
    ]
    targets = [
        html.Li(
            visit.text(
                "desk.indicator.target",
                value=present.with_unit(target.value, definition.unit, visit.language),
                begin=day(target.from_),
                basis=target.basis[visit.language],
            )
        )
        for target in definition.targets
    ]
    return html.Section(
        [
            html.H3(visit.text("desk.indicator.meaning")),
            html.Dl(
                [
                    item
                    for name, said in rows
                    if said
                    for item in (html.Dt(visit.text(f"desk.indicator.{name}")), html.Dd(said))
                ]
            ),
            html.H4(visit.text("desk.indicator.targets")) if targets else None,
            html.Ul(targets) if targets else None,
        ],
        className="panel-card meaning",
    )


def _thresholds(visit: Visit, definition: Definition) -> str:
    if definition.thresholds is None:
        return ""
    return visit.text(
        "desk.indicator.threshold",
        watch=present.with_unit(definition.thresholds.watch, definition.unit, visit.language),
        bad=present.with_unit(definition.thresholds.bad, definition.unit, visit.language),
    )


def example_card(visit: Visit, definition: Definition) -> Component:
    """The case worked by hand that the tests compute: its rows and what must come out."""
    example = definition.example
    columns = sorted({name for row in example.rows for name in row})
    rows = [html.Tr([html.Td(_example_cell(visit, name, row.get(name))) for name in columns]) for row in example.rows]
    expected = ", ".join(
        f"{visit.text(f'desk.indicator.{name}')}: {present.as_reported(count, visit.language)}"
        for name, count in example.expect.items()
    )
    return html.Section(
        [
            html.H3(visit.text("desk.indicator.example")),
            html.P(visit.text("desk.indicator.expect", expected=expected), className="faint"),
            html.Div(
                html.Table(
                    [html.Thead(html.Tr([html.Th(_heading(visit, name)) for name in columns])), html.Tbody(rows)],
                    className="table",
                ),
                className="scroll",
            ),
        ],
        className="panel-card",
    )


def _heading(visit: Visit, name: str) -> str:
    return catalogue(visit.language).get(f"desk.column.{name}", name)


def _example_cell(visit: Visit, name: str, value: object) -> str:
    """A value of an example as people write it; its moments are ISO text, mostly without a zone."""
    if isinstance(value, str) and name.endswith(("_at", "_on")):
        try:
            taken = datetime.fromisoformat(value)
        except ValueError:
            return value
        return day(taken) if len(value) == len("2026-11-20") else f"{taken:%H:%M} {day(taken)}"
    if isinstance(value, bool | float | int):
        return said(visit.queries, name, value, visit.language)
    return said(visit.queries, name, str(value), visit.language) if value is not None else ""
