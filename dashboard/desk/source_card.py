"""One source as a line a clerk understands, and its last 30 days as a strip."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.desk.attributes import aria, data
from dashboard.desk.visit import Visit
from dashboard.sources import Day
from datasets.clock import system_clock
from datasets.forms import TYPED
from datasets.standing import FATES, Standing
from datasets.store.lines import TROUBLE, Verdict
from datasets.vietnamese import ABSENT, day, moment, number

SHAPES = {"good": "●", "quiet": "○", "watch": "▲", "bad": "■", "none": "·"}
COUNTS = tuple(fate for fate in FATES if fate != "duplicates")
ORDER = (*TROUBLE, Verdict.PARTIAL, Verdict.OK_CHANGED, Verdict.OK_UNCHANGED, Verdict.EMPTY_EXPECTED)


def tone_of(standing: Standing) -> str:
    """How alarming a source is: its promise first, then how its last pull ended."""
    line = standing.line
    if line.verdict is None:
        return "none"
    if standing.name != TYPED and (standing.freshness in ("late", "stale") or standing.failures):
        worst = standing.freshness == "stale" or standing.failures >= 3 or line.verdict is Verdict.REFUSED
        return "bad" if worst else "watch"
    if standing.waiting or standing.refused or line.verdict is Verdict.PARTIAL:
        return "watch"
    return "good"


def source_card(visit: Visit, standing: Standing, days: Sequence[Day], *, link: bool = True) -> Component:
    """The line: who, how it stands, when, how much, the last 30 days; beneath it what to do, where anything is."""
    tone = tone_of(standing)
    name = html.H3(
        dcc.Link(standing.title, href=visit.href(source=standing.name, problem=None, job=None))
        if link
        else standing.title
    )
    return html.Article(
        [
            html.Div([name, html.Div(kind(visit, standing), className="faint")], className="source-name"),
            html.Div(_stands(visit, standing, tone), className="source-stands"),
            html.Dl(_moments(visit, standing), className="source-moments"),
            html.Dl(_counts(visit, standing), className="source-counts"),
            strip(visit, standing.title, days),
            html.Div(_words(visit, standing), className="source-words")
            if tone != "good" or standing.notices or not link or standing.name == TYPED
            else None,
        ],
        className=f"source-card source-{tone}",
        id=f"source-{standing.name}",
        **data(verdict=standing.verdict, tone=tone),
    )


def kind(visit: Visit, standing: Standing) -> str:
    if standing.name == TYPED:
        return visit.text("desk.sources.typed_kind")
    dataset = visit.text(f"desk.dataset.{standing.dataset}")
    connector = visit.text(f"desk.connector.{standing.connector}")
    said = visit.text("desk.sources.kind", dataset=dataset, connector=connector)
    return f"{said} · {standing.contact}" if standing.contact else said


def _stands(visit: Visit, standing: Standing, tone: str) -> list[Component]:
    fresh = visit.text(f"source.freshness.{standing.freshness}")
    return [
        html.Div(
            [
                html.Span(SHAPES[tone], className="shape"),
                visit.text(standing.verdict_word),
            ],
            className=f"source-verdict word-{tone}",
        ),
        html.Div([fresh if standing.name != TYPED else None, " ", _under_way(visit, standing)], className="faint"),
    ]


def _under_way(visit: Visit, standing: Standing) -> Component | None:
    """That a pull is under way; of a big one how far it has got. Nobody knows how much is to come."""
    if not standing.line.running:
        return None
    if not standing.line.reading:
        return html.Span(visit.text("desk.sources.running"), className="running")
    read = number(standing.line.reading, language=visit.language)
    return html.Span([visit.text("desk.sources.reading", count=read), html.Progress()], className="running")


def _moments(visit: Visit, standing: Standing) -> list[Component]:
    following = standing.next_run if visit.queries.clock is system_clock else None
    told = [("last_success", standing.line.last_success), ("as_of", standing.as_of)]
    if standing.name != TYPED:
        told.append(("next_run", following))
    return [html.Div([html.Dt(visit.text(f"desk.sources.{word}")), html.Dd(when(visit, at))]) for word, at in told]


def _counts(visit: Visit, standing: Standing) -> list[Component]:
    told = [(word, getattr(standing.line, word)) for word in COUNTS]
    told.append(("waiting", standing.waiting))
    return [
        html.Div(
            [
                html.Dt(visit.text(f"desk.sources.{word}")),
                html.Dd(number(count, language=visit.language)),
            ],
            className="count-open" if word in ("waiting", "quarantined") and count else "",
            title=visit.text(f"desk.sources.{word}_about"),
        )
        for word, count in told
    ]


def _words(visit: Visit, standing: Standing) -> list[Component | None]:
    contact = (
        html.Span([visit.text("desk.sources.call"), html.B(standing.contact)], className="source-call")
        if standing.contact and standing.contact not in standing.todo
        else None
    )
    troubled = standing.why or standing.freshness != "fresh"
    return [
        html.P(standing.sentence, className="source-sentence") if troubled else None,
        *(html.P(["▲ ", notice], className="source-notice") for notice in standing.notices),
        html.P([html.B(visit.text("desk.sources.todo")), standing.todo, contact], className="source-todo"),
    ]


def strip(visit: Visit, title: str, days: Sequence[Day]) -> Component:
    """One cell a day, the oldest first: colour, shape, and a word when pointed at."""
    if not days:
        return html.Div(visit.text("desk.strip.none"), className="strip-none faint")
    counted = {tone: sum(1 for each in days if each.tone == tone) for tone in SHAPES}
    said = ", ".join(visit.text(f"desk.strip.{tone}_days", count=count) for tone, count in counted.items() if count)
    return html.Div(
        [
            html.Div(
                [
                    html.I(
                        SHAPES[each.tone],
                        className=f"strip-day strip-{each.tone}",
                        title=day_words(visit, each),
                    )
                    for each in days
                ],
                className="strip-days",
                role="img",
                **aria(label=f"{title}: {said}"),
            ),
            html.Div(
                [html.Span(day(days[0].day)[:5]), html.Span(visit.text("desk.strip.today"))], className="strip-ends"
            ),
        ],
        className="strip",
    )


def day_words(visit: Visit, each: Day) -> str:
    """ "20/11/2026 ▲ cần chú ý: 3 lần không lấy được, 21 lần có số liệu mới"."""
    head = f"{day(each.day)} {SHAPES[each.tone]} {visit.text(f'desk.strip.{each.tone}')}"
    told = [
        visit.text("desk.strip.times", count=each.verdicts[verdict], verdict=visit.text(f"source.verdict.{verdict}"))
        for verdict in ORDER
        if verdict in each.verdicts
    ]
    return f"{head}: {'; '.join(told)}" if told else head


def when(visit: Visit, at: datetime | None) -> str:
    return moment(at, visit.queries.zone) if at is not None else ABSENT


def legend(visit: Visit) -> Component:
    return html.Div(
        [
            html.Span([html.I(SHAPES[tone], className=f"strip-day strip-{tone}"), visit.text(f"desk.strip.{tone}")])
            for tone in SHAPES
        ],
        className="strip-legend",
    )
