"""How far the figure can be trusted: fields not filled in, records set aside, the age of each source."""

from __future__ import annotations

from collections.abc import Sequence

from dash.development.base_component import Component

from dashboard import present
from dashboard.desk.attributes import data
from dashboard.desk.light import dcc, html
from dashboard.desk.visit import Visit
from datasets.indicators.definition import Definition
from datasets.indicators.quality import Quality
from datasets.indicators.value import Value
from datasets.vietnamese import number


def quality_card(visit: Visit, definition: Definition, value: Value) -> Component:
    queries = visit.queries
    found = queries.quality(
        definition.id,
        visit.unit.code,
        visit.period,
        visit.address.rules,
        dict(visit.address.filters),
        visit.viewer,
    )
    rules = present.rules_text(definition, visit.address.rules, visit.language)
    return html.Section(
        [
            html.H3(visit.text("indicator.quality")),
            html.P(_rows_said(visit, definition, found), className="chart-finding"),
            _fields(visit, found) if found.fields else None,
            html.H4(visit.text("indicator.sources")),
            html.Ul(_sources(visit, value), className="source-lines"),
            html.P(visit.text("indicator.counted_by", rules=rules), className="faint") if rules else None,
        ],
        className="panel-card quality",
        id="indicator-quality",
        **data(rows=str(found.rows)),
    )


def _rows_said(visit: Visit, definition: Definition, found: Quality) -> str:
    count = number(found.rows, language=visit.language)
    if found.expected is None:
        what = visit.text(f"indicator.dataset.{definition.numerator.dataset}").lower()
        return visit.text("indicator.rows_looked_at", count=count, what=what)
    return visit.text(
        "indicator.units_reported",
        reported=number(found.reported, language=visit.language),
        expected=number(found.expected, language=visit.language),
        count=count,
        typed=number(found.typed, language=visit.language),
    )


def _fields(visit: Visit, found: Quality) -> Component:
    rows = []
    for field in found.fields:
        share = 100 * field.unknown / found.rows if found.rows else 0.0
        tone = " word-watch" if field.unknown and field.counted else ""
        rows.append(
            html.Tr(
                [
                    html.Td(visit.text(f"desk.column.{field.name}")),
                    html.Td(visit.text(f"indicator.field.{'counted' if field.counted else 'split'}")),
                    html.Td(number(field.unknown, language=visit.language), className=f"right{tone}"),
                    html.Td(f"{number(share, 1, visit.language)}%", className="right"),
                ],
                **data(field=field.name, unknown=str(field.unknown)),
            )
        )
    names = ("name", "use", "unknown", "share")
    head = [
        html.Th(visit.text(f"indicator.field.{name}"), className="right" if name in ("unknown", "share") else "")
        for name in names
    ]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="table compact")


def _sources(visit: Visit, value: Value) -> Sequence[Component]:
    """Each source that feeds the figure: how old its data are, and what of it was set aside."""
    states = {state.name: state for state in visit.queries.sources(visit.language, visit.viewer)}
    aside = visit.queries.store.quarantine.counts()
    lines = []
    for name in value.sources:
        state, held = states.get(name), aside.get(name, 0)
        said = state.sentence if state else visit.queries.source_title(name, visit.language)
        parts: list[Component | str | None] = [
            html.B(visit.queries.source_title(name, visit.language)),
            ". ",
            said,
            " ",
        ]
        if held:
            words = visit.text("indicator.set_aside", count=number(held, language=visit.language))
            parts.append(dcc.Link(words, href=visit.to("/nguon-so-lieu"), className="word-watch"))
        else:
            parts.append(html.Span(visit.text("indicator.none_set_aside"), className="faint"))
        lines.append(html.Li(parts, **data(source=name, aside=str(held))))
    return lines or [html.Li(visit.text("panel.no_source"))]
