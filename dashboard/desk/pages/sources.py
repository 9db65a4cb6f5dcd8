"""The sources: who brings what, how fresh, how much, what to do, and whom to call.

The page's own Interval looks every few seconds whether anything moved (data, pulls,
requests) and redraws `sources-live`; the form to fill in stands outside of it.
"""

from __future__ import annotations

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.desk.attributes import data
from dashboard.desk.pages import source, typed
from dashboard.desk.shell import title_row
from dashboard.desk.source_card import SHAPES, legend, source_card, tone_of
from dashboard.desk.visit import Visit
from dashboard.source_files import PATH
from datasets.forms import TYPED
from datasets.standing import Standing
from datasets.store.heartbeat import silent
from datasets.vietnamese import moment

LOOK_SECONDS = 1.5
"""How often an open page asks whether anything moved: a request is answered within two seconds."""

URGENCY = ("bad", "watch", "none", "good")


def page(visit: Visit) -> Component:
    stamp = visit.queries.activity()  # before what it stands for: what moves while we draw is drawn at the next look
    return html.Div(
        [
            _title(visit),
            typed.entry(visit) if visit.address.source == TYPED else None,
            html.Div(live(visit), id="sources-live", **data(stamp=stamp)),
            html.Div(id="request-fault", className="request-fault", role="alert"),
            dcc.Interval(id="sources-beat", interval=LOOK_SECONDS * 1000),
        ],
        className="page page-sources",
    )


def live(visit: Visit) -> list[Component | None]:
    """What moves with the pulls and requests."""
    chosen = visit.address.source
    if chosen == TYPED:
        return typed.live(visit)
    if chosen is not None:
        return source.live(visit, chosen)
    days = visit.queries.source_days()
    every = visit.queries.standings(visit.language)
    own = visit.queries.typed_standing(visit.language)
    return [
        _scheduler(visit),
        _summary(visit, every)
        if every
        else html.Section(visit.text("desk.sources.none"), className="panel-card absent"),
        html.Div(
            [source_card(visit, each, days.get(each.name, ())) for each in sorted(every, key=_urgency)],
            className="source-list",
        ),
        html.Section(
            [
                source_card(visit, own, days.get(TYPED, ())),
                dcc.Link(visit.text("desk.typed.open"), href=visit.href(source=TYPED), className="action"),
            ],
            className="source-list typed-source",
        ),
    ]


def _urgency(standing: Standing) -> int:
    """What needs a person comes first; the rest stays in the order of the configuration."""
    return URGENCY.index(tone_of(standing))


def _title(visit: Visit) -> Component:
    if visit.address.source is None:
        return title_row(visit, visit.text("desk.page.sources"), visit.text("desk.sources.subtitle"), legend(visit))
    back = dcc.Link(["‹ ", visit.text("desk.page.sources")], href=visit.to(PATH), className="back")
    title = visit.queries.source_title(visit.address.source, visit.language)
    if visit.address.source == TYPED:
        return html.Div([back, title_row(visit, title, visit.text("source.todo.typed"))])
    return html.Div([back, title_row(visit, title, visit.text("desk.sources.one_subtitle"), legend(visit))])


def _summary(visit: Visit, every: tuple[Standing, ...]) -> Component:
    """How many sources stand how; the same shapes and colours as below."""
    tones = [tone_of(each) for each in every]
    return html.Div(
        [
            html.Span(
                [
                    html.Span(SHAPES[tone], className="shape"),
                    visit.text(f"desk.sources.are.{tone}", count=tones.count(tone)),
                ],
                className=f"standing-pill word-{tone}",
            )
            for tone in URGENCY
            if tone in tones
        ],
        className="standing-pills",
    )


def _scheduler(visit: Visit) -> Component | None:
    seen = visit.queries.scheduler_seen()
    if seen is None or not silent(seen, visit.now):
        return None
    return html.Div(
        [html.B("■ "), visit.text("connectors.scheduler_silent", moment=moment(seen, visit.queries.zone))],
        className="notice notice-bad",
        role="alert",
    )
