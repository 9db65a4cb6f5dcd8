"""The overview: what needs a decision first, what changed most, one tile per panel, how fresh the sources are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dash.development.base_component import Component

from dashboard.desk import attributes
from dashboard.desk.charts import chart_card
from dashboard.desk.light import dcc, html
from dashboard.desk.pages.panel import absent
from dashboard.desk.shell import title_row, toolbar
from dashboard.desk.territory_view import overview_part
from dashboard.desk.tree import crumbs
from dashboard.desk.visit import Visit
from dashboard.directing import Todo
from dashboard.overview import Matter, Overview, Tile, overview
from dashboard.panel import CardData, Panel, SourceState
from dashboard.present import period_text, status_word
from dashboard.tokens import SHAPE
from datasets.indicators.value import Status
from datasets.vietnamese import number

TODOS, MOVED, SOURCES, TILE_FIGURES = 8, 6, 6, 4
SOURCES_PATH = "/nguon-so-lieu"


def page(visit: Visit, panel: Panel) -> Component:
    found = overview(visit.queries, visit.ask, visit.viewer)
    data = found.home
    known = any_figure(found)
    return html.Div(
        [
            crumbs(visit),
            title_row(visit, data.title, f"{data.unit_name} · {data.period_name}"),
            toolbar(visit, rules=True),
            html.Div(
                [
                    directing(visit, found),
                    html.Div(
                        [_moved(visit, found.moved), source_troubles(visit, data.sources)], className="overview-side"
                    ),
                ],
                className="overview-top",
            )
            if known
            else absent(visit, panel),
            html.Div([_tile(visit, tile) for tile in found.tiles], className="tiles"),
            overview_part(visit),
            html.Div(
                [
                    chart_card(visit, chart, declared, listed=False)
                    for chart, declared in zip(data.charts, panel.charts, strict=True)
                ],
                className="charts",
            )
            if any(card.value.value is not None for card in data.cards)
            else None,
        ],
        className="page page-overview",
    )


def any_figure(found: Overview) -> bool:
    return any(card.value.value is not None for tile in found.tiles for card in tile.cards)


# -- what needs a decision ------------------------------------------------------------


def directing(visit: Visit, found: Overview) -> Component:
    """Overdue work, silence and figures past their threshold in one list, the worst first."""
    rows = [(todo.status, _todo(visit, todo)) for todo in found.directing]
    rows += [(matter.card.value.status, _trouble(visit, matter)) for matter in found.troubled]
    rows.sort(key=lambda row: row[0] is not Status.BAD)  # stable: todos stay before figures
    shown, more = rows[:TODOS], len(rows) - TODOS
    return html.Section(
        [
            html.H3(visit.text("overview.directing")),
            html.P(_finding(visit, rows), className="chart-finding"),
            html.Div([row for _, row in shown], className="matters") if shown else None,
            html.Details(
                [
                    html.Summary(visit.text("overview.more", count=more)),
                    html.Div([row for _, row in rows[TODOS:]], className="matters"),
                ]
            )
            if more > 0
            else None,
        ],
        className="panel-card overview-directing",
    )


def _finding(visit: Visit, rows: Sequence[tuple[Status, Component]]) -> str:
    bad = sum(status is Status.BAD for status, _ in rows)
    if not rows:
        return visit.text("overview.directing.none")
    return visit.text("overview.directing.said", bad=bad, watch=len(rows) - bad)


def _todo(visit: Visit, todo: Todo) -> Component:
    home = visit.queries.settings.centre.language
    there = visit.address.page(f"/chi-so/{todo.indicator}" if todo.indicator else "/" if todo.place else SOURCES_PATH)
    href = replace(there, unit=todo.place or there.unit, filters=dict(todo.filters)).href(home)
    return _matter(visit, href, todo.status, f"{todo.count} {todo.unit}", todo.title, todo.detail)


def _trouble(visit: Visit, matter: Matter) -> Component:
    card = matter.card
    said = [matter.tile.data.title, card.target or "", card.change.text if card.change else "", _age(visit, card)]
    detail = " · ".join(part for part in said if part)
    against = card.change.against if card.change else ""
    return _matter(visit, _link(visit, matter), card.value.status, _figure(card), card.name, detail, against)


def _matter(
    visit: Visit, href: str, status: Status, figure: str, title: str, detail: str, against: str = ""
) -> Component:
    return dcc.Link(
        [
            html.Span(
                [html.I(SHAPE[status], **attributes.aria(hidden="true")), status_word(status, visit.language)],
                className=f"matter-status word-{status.value}",
            ),
            html.Span(figure, className="matter-figure"),
            html.Span([html.B(title), html.Span(detail)], className="matter-words"),
        ],
        href=href,
        className=f"matter status-{status.value}",
        title=against,
        refresh=False,
    )


def _figure(card: CardData) -> str:
    return f"{card.number}{card.unit}" if card.unit == "%" else f"{card.number} {card.unit}".strip()


def _age(visit: Visit, card: CardData) -> str:
    """The date of a figure that is older than the page's period."""
    old = card.value.period_of_value not in ("", card.value.period)
    return visit.text("desk.card.fact", date=card.period) if old else ""


def _link(visit: Visit, matter: Matter) -> str:
    return visit.href(path=f"/chi-so/{matter.card.indicator}", period=matter.tile.period.id)


# -- what changed, how fresh ----------------------------------------------------------


def _moved(visit: Visit, moved: Sequence[Matter]) -> Component:
    against = {matter.card.change.against for matter in moved[:MOVED] if matter.card.change}
    rows = [
        dcc.Link(
            [
                html.Span(
                    [html.B(matter.card.name), html.Span(_place(matter, len(against) > 1))], className="moved-words"
                ),
                html.Span(_figure(matter.card), className="moved-figure"),
                html.Span(
                    matter.card.change.text if matter.card.change else "",
                    className=f"change change-{'good' if matter.card.change and matter.card.change.better else 'bad'}",
                ),
            ],
            href=_link(visit, matter),
            className="moved",
            title=matter.card.change.against if matter.card.change else "",
            refresh=False,
        )
        for matter in moved[:MOVED]
    ]
    told = visit.text("overview.moved.said", count=len(moved), against=_sentence(against))
    said = told if moved else visit.text("overview.moved.none")
    return html.Section(
        [html.H3(visit.text("overview.moved")), html.P(said, className="chart-finding"), html.Div(rows)],
        className="panel-card overview-moved",
    )


def _sentence(against: set[str]) -> str:
    """With what all changes compare, as a sentence; nothing where they differ."""
    said = next(iter(against)) if len(against) == 1 else ""
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _place(matter: Matter, dated: bool) -> str:
    """The panel of a change, and with what it compares where the changes beside it compare with something else."""
    against = matter.card.change.against if matter.card.change and dated else ""
    return " · ".join(part for part in (matter.tile.data.title, against) if part)


def source_troubles(visit: Visit, sources: Sequence[SourceState]) -> Component:
    """Those in trouble by name, the others by number."""
    troubled = [source for source in sources if source.troubled]
    fresh = len(sources) - len(troubled)
    rows = [
        html.Div(
            [
                html.I(className=f"dot dot-{'bad' if source.freshness == 'stale' else 'watch'}"),
                html.Span([html.B(source.title), html.Span(source.sentence)]),
            ],
            className="fresh-row",
        )
        for source in troubled[:SOURCES]
    ]
    rows.append(
        html.Div(
            [
                html.I(className="dot dot-good"),
                html.Span(visit.text("overview.sources.fresh", count=fresh, all=len(sources))),
            ],
            className="fresh-row",
        )
    )
    return html.Section(
        [
            dcc.Link(html.H3(visit.text("overview.sources")), href=visit.to(SOURCES_PATH), refresh=False),
            html.Div(rows),
        ],
        className="panel-card overview-sources",
    )


# -- tiles ----------------------------------------------------------------------------


def _tile(visit: Visit, tile: Tile) -> Component:
    """A panel in a few figures: its wall figures first, and how many stand how."""
    first = {card.indicator for card in tile.panel.cards if card.on_wall}
    known = [card for card in tile.cards if card.value.value is not None]
    shown = sorted(known, key=lambda card: card.indicator not in first)[:TILE_FIGURES]
    standing = [
        html.Span(f"{SHAPE[status]} {number(count, 0, visit.language)}", className=f"word-{status.value}")
        for status in (Status.BAD, Status.WATCH, Status.GOOD)
        if (count := tile.standing[status])
    ]
    period = period_text(tile.period, visit.now, visit.queries.zone, visit.language)
    return dcc.Link(
        [
            html.Div(
                [
                    html.I(className=f"icon icon-{tile.panel.id.replace('_', '-')}"),
                    html.Span(tile.data.title),
                    html.Span(standing, className="tile-standing", title=visit.text("overview.tile.standing")),
                ],
                className="tile-title",
            ),
            html.Div(period if known else visit.text("desk.tile.none"), className="tile-said"),
            html.Div(
                [
                    html.Div(
                        [
                            html.Span(card.name, className="tile-name"),
                            html.Span(_figure(card), className=f"tile-figure word-{card.value.status.value}"),
                        ],
                        className="tile-row",
                    )
                    for card in shown
                ],
                className="tile-rows",
            ),
        ],
        href=visit.to(tile.panel.path)
        if visit.address.period is None
        else visit.href(path=tile.panel.path, period=tile.period.id),
        className="tile",
        refresh=False,
    )
