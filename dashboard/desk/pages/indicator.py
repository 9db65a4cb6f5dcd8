"""An indicator's own page: what it means, where that is written, its figures and how they come about."""

from __future__ import annotations

from collections.abc import Sequence

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import present
from dashboard.assemble import facts, last_periods
from dashboard.desk.charts import chart_card
from dashboard.desk.pages.plain import not_found
from dashboard.desk.records import readable
from dashboard.desk.shell import title_row, toolbar
from dashboard.desk.visit import SHOWN_LEVELS, Visit
from dashboard.panel import Chart, ChartData, Series
from dashboard.panels import BY_ID
from dashboard.queries import EVERYONE
from datasets.errors import UsageError
from datasets.indicators.calculate import Request
from datasets.indicators.definition import Definition
from datasets.indicators.records import RecordRequest
from datasets.indicators.value import Value
from datasets.vietnamese import ABSENT, day, number

PREFIX = "/chi-so/"
HISTORY = 12


def page(visit: Visit) -> Component:
    indicator = visit.address.path.removeprefix(PREFIX)
    try:
        definition = visit.queries.definition(indicator)
    except UsageError:
        return not_found(visit)
    reported = definition.numerator.dataset == "observation"
    periods = last_periods(visit.period, HISTORY)
    history = visit.queries.values(
        Request((indicator,), (visit.unit.code,), periods, rules=visit.address.rules), visit.viewer
    )
    now = history[-1]
    own = [value for value in history if value.period_of_value == value.period and value.value is not None]
    past = [_history_table(visit, definition, history)]
    if reported and len(own) < 3:
        past = [_told_table(visit, definition)]
    else:
        past.insert(0, _picture(visit, definition, history))
    panel = BY_ID[definition.panel]
    counted = present.rules_text(definition, visit.address.rules, visit.language)
    return html.Div(
        [
            title_row(
                visit,
                definition.name[visit.language],
                _subtitle(visit),
                dcc.Link(visit.text(f"panel.{panel.id}.title"), href=visit.to(panel.path), className="freshness"),
            ),
            toolbar(visit, rules=bool(counted), compare=False),
            html.Div(
                [
                    html.Div(
                        [_formula(visit, definition, now), _meaning(visit, definition, counted)], className="column"
                    ),
                    html.Div(past, className="column"),
                ],
                className="two-columns",
            ),
            _origin(visit, definition) if reported else None,
            html.Div([_by_unit(visit, definition), _example(visit, definition)], className="two-columns"),
        ],
        className="page page-indicator",
    )


def _subtitle(visit: Visit) -> str:
    period = present.period_text(visit.period, visit.now, visit.queries.zone, visit.language)
    return f"{visit.unit.name} · {period}"


def _formula(visit: Visit, definition: Definition, now: Value) -> Component:
    """The number as it came about: the actual numerator over the actual denominator."""
    minimum = visit.queries.settings.privacy.minimum_cell
    unit = present.unit_word(definition.unit, visit.language)
    said = present.figure_text(now, visit.language, minimum)
    figure = [html.Span(said, className="card-number"), html.Span(unit, className="card-unit")]
    _, denominator = definition.components(visit.address.rules)
    parts = None
    if denominator is not None:
        parts = html.Div(
            [
                _part(visit, definition, "numerator", now.numerator),
                html.Span("÷", className="divide"),
                _part(visit, definition, "denominator", now.denominator),
                html.Span(f"× {definition.factor}" if definition.factor != 1 else "", className="divide"),
            ],
            className="fraction",
        )
    lines = [html.Div(figure, className="card-figure"), parts]
    if now.period_of_value != now.period and now.value is not None:
        date = present.fact_date(now.period_of_value, visit.language)
        lines.append(html.Div(visit.text("desk.card.fact", date=date), className="faint"))
    titles = [visit.queries.source_title(name, visit.language) for name in now.sources]
    lines.append(html.Div(present.source_text(now, titles, visit.queries.zone, visit.language), className="faint"))
    return html.Section([html.H3(visit.text("desk.indicator.now")), *lines], className="panel-card")


def _part(visit: Visit, definition: Definition, part: str, count: float | None) -> Component:
    """One component, a link to its records on the panel where the panel lists them."""
    panel = BY_ID[definition.panel]
    label = [
        html.B(number(count, language=visit.language)),
        html.Span(visit.text(f"desk.records.{part}"), className="faint"),
    ]
    if panel.records is None:
        return html.Div(label, className="component")
    there = visit.address.page(panel.path)
    href = visit.href(path=there.path, indicator=definition.id, part=part, filters={})
    return dcc.Link(label, href=href, className="component component-link")


def _meaning(visit: Visit, definition: Definition, counted: str) -> Component:
    rows = [
        ("id", definition.id),
        ("description", definition.description[visit.language] if definition.description else ""),
        ("basis", definition.basis),
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
                basis=target.basis,
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


def _picture(visit: Visit, definition: Definition, history: list[Value]) -> Component:
    periods = last_periods(visit.period, HISTORY)
    running = present.is_running(visit.period, visit.now, visit.queries.zone)
    values = tuple(value.value for value in history)
    series = [Series(definition.name[visit.language], values)]
    if any(value.target is not None for value in history):
        series.append(Series(visit.text("panel.target_line"), tuple(value.target for value in history), "target"))
    whole = HISTORY - 1 if running else HISTORY
    finding = present.trend_finding(
        definition.unit,
        values[: whole - 1],
        values[whole - 1],
        periods[whole - 1].label(visit.language),
        visit.language,
    )
    chart = ChartData(
        id="history",
        kind="trend",
        title=visit.text("desk.indicator.history", count=HISTORY),
        finding=finding,
        unit=present.unit_word(definition.unit, visit.language),
        categories=tuple(present.short_period(p, visit.language) for p in periods),
        keys=tuple(p.id for p in periods),
        series=tuple(series),
        partial_last=running,
    )
    return chart_card(visit, chart, Chart("history", "trend", (definition.id,)), listed=False)


def _history_table(visit: Visit, definition: Definition, history: list[Value]) -> Component:
    _, denominator = definition.components(visit.address.rules)
    heads = ["period", "value"] + (["numerator", "denominator"] if denominator is not None else [])
    periods = {period.id: period for period in last_periods(visit.period, HISTORY)}
    rows = []
    for value in reversed(history):
        cells = [
            html.Td(dcc.Link(periods[value.period].label(visit.language), href=visit.href(period=value.period))),
            html.Td(_number(visit, definition, value), className="right"),
        ]
        if denominator is not None:
            cells += [
                html.Td(number(value.numerator, language=visit.language), className="right"),
                html.Td(number(value.denominator, language=visit.language), className="right"),
            ]
        rows.append(html.Tr(cells))
    return _table(visit, heads, rows)


def _told_table(visit: Visit, definition: Definition) -> Component:
    """What was reported at all, newest first, where reports are too few for a line."""
    told = facts(visit.queries, definition.id, visit.unit.code, visit.period, visit.viewer)
    rows = [
        html.Tr(
            [
                html.Td(present.fact_date(value.period_of_value, visit.language)),
                html.Td(_number(visit, definition, value), className="right"),
            ]
        )
        for value in reversed(told)
    ]
    return html.Section(
        [html.H3(visit.text("desk.indicator.told")), _table(visit, ["period", "value"], rows)], className="panel-card"
    )


def _origin(visit: Visit, definition: Definition) -> Component | None:
    """The very observations behind the number: whose, of when, from which source, entered by whom."""
    if definition.sensitive:
        return None
    request = RecordRequest(definition.id, visit.unit.code, visit.period, rules=visit.address.rules)
    page = visit.queries.records(request, visit.viewer)
    heads = [name for name in page.columns if any(row.get(name) for row in page.rows)]
    rows = []
    for row in page.rows:
        said = readable(visit.queries, row, visit.language)
        rows.append(html.Tr([html.Td(said.get(name, "")) for name in heads]))
    if not rows:
        return None
    head = html.Tr([html.Th(visit.text(f"desk.column.{name}")) for name in heads])
    return html.Section(
        [
            html.H3(visit.text("desk.indicator.origin")),
            html.Div(html.Table([html.Thead(head), html.Tbody(rows)], className="table compact"), className="scroll"),
        ],
        className="panel-card",
    )


def _by_unit(visit: Visit, definition: Definition) -> Component:
    """The same figure of the unit's siblings, or of the units below it, each with its own number."""
    queries = visit.queries
    below = [unit for unit in queries.units.children(visit.unit.code) if unit.level in SHOWN_LEVELS]
    if not below and visit.unit.parent:
        below = [unit for unit in queries.units.children(visit.unit.parent) if unit.level in SHOWN_LEVELS]
    units = below or [unit for unit in queries.scope(EVERYONE) if unit.level == visit.unit.level]
    values = queries.values(
        Request((definition.id,), tuple(unit.code for unit in units), (visit.period,), rules=visit.address.rules),
        visit.viewer,
    )
    rows = [
        html.Tr(
            [
                html.Td(dcc.Link(unit.name, href=visit.href(unit=unit.code))),
                html.Td(_number(visit, definition, value), className="right"),
            ],
            className="row-chosen" if unit.code == visit.unit.code else "",
        )
        for unit, value in zip(units, values, strict=True)
        if value.value is not None or definition.numerator.dataset == "dossier"
    ]
    return html.Section(
        [html.H3(visit.text("desk.indicator.by_unit")), _table(visit, ["unit", "value"], rows)], className="panel-card"
    )


def _number(visit: Visit, definition: Definition, value: Value) -> str:
    if value.value is None:
        said = present.figure_text(value, visit.language, visit.queries.settings.privacy.minimum_cell)
        return said if said.startswith("<") else ABSENT
    return present.with_unit(value.value, definition.unit, visit.language)


def _example(visit: Visit, definition: Definition) -> Component:
    """The case worked by hand that the tests compute: its rows and what must come out."""
    example = definition.example
    columns = sorted({name for row in example.rows for name in row})
    rows = [html.Tr([html.Td(str(row.get(name, ""))) for name in columns]) for row in example.rows]
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
                    [html.Thead(html.Tr([html.Th(name) for name in columns])), html.Tbody(rows)], className="table"
                ),
                className="scroll",
            ),
        ],
        className="panel-card",
    )


def _table(visit: Visit, heads: list[str], rows: Sequence[Component]) -> Component:
    head = html.Tr(
        [
            html.Th(visit.text(f"desk.indicator.{name}"), className="" if name in ("period", "unit") else "right")
            for name in heads
        ]
    )
    return html.Table([html.Thead(head), html.Tbody(rows)], className="table compact")
