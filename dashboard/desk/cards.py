"""A figure with its context: what it is, how it stands, what it is compared with, where it is from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dash.development.base_component import Component

from dashboard.desk import attributes
from dashboard.desk.light import dcc, html
from dashboard.desk.parts import Spark
from dashboard.desk.visit import Visit
from dashboard.panel import CardData
from dashboard.tokens import SHAPE
from datasets.indicators.value import Status
from datasets.vietnamese import day

SPARK_WIDTH, SPARK_HEIGHT = 96, 30
MOST_LETTERS = 6
"""Of a number in its full size; a longer one is smaller on a narrow card."""


def card_grid(visit: Visit, cards: Sequence[CardData], listed: bool) -> Component:
    """The cards of a section. `listed`: clicking one shows its records on this page."""
    return html.Div([card(visit, data, listed) for data in cards], className=f"cards{_columns(len(cards))}")


def against_line(visit: Visit, cards: Sequence[CardData]) -> Component | None:
    """With what the cards' changes compare, said once for the page."""
    against = next((data.change.against for data in cards if data.change), "")
    return html.Div(visit.text("desk.card.against", against=against), className="against") if against else None


def _columns(count: int) -> str:
    """Full rows where the number of cards allows it."""
    by = {5: "five", 7: "seven", 4: "four", 6: "three"}
    return next((f" cards-by-{word}" for of, word in by.items() if count % of == 0), "")


def card(visit: Visit, data: CardData, listed: bool) -> Component:
    """The whole card is one link to the indicator's own page, with the filters that made its number."""
    chosen = listed and visit.address.indicator == data.indicator
    target = visit.href(
        path=f"/chi-so/{data.indicator}",
        period=visit.period.id,
        indicator=None,
        part="numerator",
        search_words=None,
    )
    since = visit.silent_since(visit.queries.definition(data.indicator).numerator.dataset)
    long = " card-long" if len(data.number) > MOST_LETTERS else ""
    judged = data.value.value is not None and not (since and data.value.status is Status.GOOD)
    status = data.value.status.value if judged else "none"  # what nobody told is not good
    return html.Div(
        [
            html.Div(
                [
                    dcc.Link(
                        data.name,
                        href=target,
                        className="card-name",
                        refresh=False,
                        title=visit.text("desk.card.about"),
                    ),
                ],
                className="card-head",
            ),
            html.Div(
                [
                    html.Div(
                        [
                            html.Span(data.number, className=f"card-number{long}"),
                            html.Span(data.unit, className="card-unit"),
                        ]
                        if data.value.value is not None
                        else [html.Span(data.number, className="card-number card-unknown")],
                        className="card-figure",
                    ),
                    sparkline(data.sparkline, visit.text("desk.card.sparkline", count=len(data.sparkline))),
                ],
                className="card-row",
            ),
            html.Div(_standing(data, judged), className="card-standing"),
            html.Div(_footer(visit, data, since), className="card-foot"),
        ],
        className=f"card status-{status}" + (" card-chosen" if chosen else ""),
        key=data.indicator,
        **attributes.data(indicator=data.indicator),
    )


def _standing(data: CardData, judged: bool) -> list[Component]:
    parts: list[Component] = []
    if data.change:
        tone = {True: "good", False: "bad", None: "none"}[data.change.better]
        parts.append(html.Span(data.change.text, className=f"change change-{tone}", title=data.change.against))
    if data.status_word and judged:
        said = f"{SHAPE[data.value.status]} {data.status_word}"
        parts.append(html.Span(said, className=f"status-word word-{data.value.status.value}"))
    if data.target:
        parts.append(html.Span(data.target, className="card-target"))
    return parts


def _footer(visit: Visit, data: CardData, since: date | None) -> list[Component]:
    title, _, age = data.source.partition(" · ")
    if data.value.period_of_value != data.value.period and data.value.value is not None:
        age = visit.text("desk.card.fact", date=data.period)
    silent = visit.text("silence.card", day=day(since)) if since else ""
    lines: list[Component] = [html.Div(silent, className="word-bad", title=age)] if since else []
    lines += [html.Div(said, title=said) for said in (("" if since else age), title) if said]
    if data.rules:
        lines.append(html.Div(data.rules, title=data.rules))
    return lines


def sparkline(points: tuple[tuple[str, float | None], ...], label: str) -> Component | None:
    """The last periods as a small line, the last one a dot; nothing for fewer than three values."""
    known = [(i, y) for i, (_, y) in enumerate(points) if y is not None]
    if len(known) < 3:
        return None
    low, high = min(y for _, y in known), max(y for _, y in known)
    span = (high - low) or 1.0
    step = (SPARK_WIDTH - 8) / max(len(points) - 1, 1)
    dots = [(4 + i * step, 4 + (SPARK_HEIGHT - 8) * (1 - (y - low) / span if high > low else 0.5)) for i, y in known]
    return Spark(dots=[[round(x, 1), round(y, 1)] for x, y in dots], size=[SPARK_WIDTH, SPARK_HEIGHT], label=label)
