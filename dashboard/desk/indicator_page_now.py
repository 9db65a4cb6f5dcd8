"""The number, how it came about, and how it stands against other times and its target."""

from __future__ import annotations

from collections.abc import Iterator

from dash.development.base_component import Component

from dashboard import present
from dashboard.component_words import component_words
from dashboard.desk.attributes import data
from dashboard.desk.light import dcc, html
from dashboard.desk.visit import Visit
from dashboard.panel import Change
from dashboard.privacy import Suppressed
from dashboard.tokens import SHAPE
from datasets.indicators.definition import Definition
from datasets.indicators.value import Status, Value
from datasets.indicators.window import like_for_like
from datasets.vietnamese import number


def number_card(visit: Visit, definition: Definition, value: Value) -> Component:
    """The figure with its unit, status, target and age, and the formula with its actual numbers."""
    queries = visit.queries
    unit = present.unit_word(definition.unit, visit.language)
    said = present.figure_text(value, visit.language, queries.settings.privacy.minimum_cell)
    known = value.value is not None
    titles = queries.source_titles(value.sources, visit.language)
    own = present.period_text(visit.period, visit.now, queries.zone, visit.language)
    rules = present.rules_text(definition, visit.address.rules, visit.language)
    lines = [
        present.card_period(value, own, visit.language),
        present.source_text(value, titles, queries.zone, visit.language),
        visit.text("indicator.counted_by", rules=rules) if rules else "",
        visit.text("indicator.basis", basis=definition.basis[visit.language]),
    ]
    return html.Section(
        [
            html.H3(visit.text("desk.indicator.now")),
            html.P(definition.description[visit.language], className="chart-finding")
            if definition.description
            else None,
            html.Div(
                [
                    html.Span(said, className="card-number" if known else "card-number card-unknown"),
                    html.Span(unit, className="card-unit") if known else None,
                    *_standing(visit, definition, value),
                ],
                className="card-figure now-figure",
                id="indicator-value",
                **data(
                    value="" if value.value is None else repr(value.value),
                    numerator="" if value.numerator is None else repr(value.numerator),
                    denominator="" if value.denominator is None else repr(value.denominator),
                ),
            ),
            _formula(visit, definition, value),
            html.Div([html.Div(line) for line in lines if line], className="faint now-lines"),
            _against(visit, definition, value),
        ],
        className=f"panel-card now status-{value.status.value if known else 'none'}",
    )


def _standing(visit: Visit, definition: Definition, value: Value) -> Iterator[Component]:
    word = present.status_word(value.status, visit.language)
    if word and value.value is not None:
        yield html.Span(f"{SHAPE[value.status]} {word}", className=f"status-word word-{value.status.value}")
    target = present.target_text(value, definition, visit.language)
    if target:
        yield html.Span(target, className="card-target")


def _formula(visit: Visit, definition: Definition, value: Value) -> Component:
    """The components in words, each with its number; a number leads to its records."""
    numerator, denominator = definition.components(visit.address.rules)
    by_sample = numerator.kind in ("median", "average") and denominator is None
    top = value.denominator if by_sample else value.numerator
    parts = [_part(visit, definition, "numerator", component_words(visit.queries, numerator, visit.language), top)]
    if denominator is not None:
        words = component_words(visit.queries, denominator, visit.language)
        parts += [
            html.Span("÷", className="divide"),
            _part(visit, definition, "denominator", words, value.denominator),
        ]
        if definition.factor != 1:
            parts.append(html.Span(f"× {definition.factor}", className="divide"))
    elif by_sample:
        parts.append(html.Div(visit.text("indicator.sample"), className="faint"))
    return html.Div(parts, className="fraction")


def _part(visit: Visit, definition: Definition, part: str, words: str, count: float | None) -> Component:
    label = [
        html.B(number(count, language=visit.language), className="component-number"),
        html.Span(words, className="component-words"),
    ]
    shown: Component = html.Div(label, className="component")
    if count is not None and visit.queries.may_list(definition.id):
        title = visit.text("indicator.to_records")
        link = "component component-link to-records"
        shown = dcc.Link(label, href=visit.href(part=part), className=link, title=title)
    return html.Div(shown, className="component-box", **data(part=part, count="" if count is None else repr(count)))


def _against(visit: Visit, definition: Definition, value: Value) -> Component | None:
    """The same figure of the period before and of a year before, like for like, and the target."""
    rows = [
        html.Tr(
            [
                html.Td(against),
                html.Td(now, className="right"),
                html.Td(then, className="right"),
                html.Td(_change(change), className="right"),
            ]
        )
        for against, now, then, change in _comparisons(visit, definition, value)
    ]
    if not rows:
        return None
    heads = [
        html.Th(visit.text(f"indicator.against.{name}"), className="" if name == "other" else "right")
        for name in ("other", "now", "value", "change")
    ]
    return html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="table compact against-table")


def _change(change: Change | None) -> Component | None:
    if change is None:
        return None
    tone = {True: "good", False: "bad", None: "none"}[change.better]
    return html.Span(change.text, className=f"change change-{tone}")


def _comparisons(visit: Visit, definition: Definition, value: Value) -> Iterator[tuple[str, str, str, Change | None]]:
    """With what it is compared, the two numbers, and the change."""

    def said(number: float | None) -> str:
        return present.with_unit(number, definition.unit, visit.language)

    for other in (visit.period.previous(), visit.period.same_last_year()):
        pair = like_for_like(visit.period, other, visit.now, visit.queries.zone, visit.queries.calendar)
        if pair is None:
            continue
        mine, theirs = visit.queries.kept_values(visit.request(definition.id, (pair.present, pair.other)), visit.viewer)
        if theirs.value is None or mine.period_of_value == theirs.period_of_value:
            continue
        kind = "whole" if pair.whole else "same_days"
        against = visit.text(f"indicator.against.{kind}", period=other.label(visit.language), days=pair.days)
        change = present.change_between(mine, theirs, definition, against, visit.language)
        yield against, said(mine.value), said(theirs.value), change
    if value.target is not None and not isinstance(value, Suppressed) and value.status is not Status.NONE:
        against = visit.text("indicator.against.target")
        change = present.change(value.value, value.target, definition, against, visit.language)
        yield against, said(value.value), said(value.target), change
