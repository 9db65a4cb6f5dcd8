"""A panel's page: cards, charts, the list of records; or, without data, what will stand here."""

from __future__ import annotations

from dash.development.base_component import Component

from dashboard.desk import attributes
from dashboard.desk.cards import against_line, card_grid
from dashboard.desk.charts import chart_card
from dashboard.desk.light import dcc, html
from dashboard.desk.records import page_chips, record_list
from dashboard.desk.shell import title_row, toolbar
from dashboard.desk.tree import crumbs
from dashboard.desk.visit import Visit
from dashboard.panel import Chart, ChartData, Panel, PanelData, SourceState


def page(visit: Visit, panel: Panel) -> Component:
    data = visit.queries.panel_data(panel, visit.ask, visit.viewer)
    counts_dossiers = any(card.rules for card in data.cards)
    known = any(card.value.value is not None for card in data.cards)
    feeding = [s for s in data.sources if any(s.name in card.value.sources for card in data.cards)]
    return html.Div(
        [
            crumbs(visit),
            title_row(visit, data.title, f"{data.unit_name} · {data.period_name}", freshness(visit, feeding)),
            toolbar(visit, rules=counts_dossiers, compare=bool(data.cards)),
            page_chips(visit),
            *notices(visit, feeding),
            against_line(visit, data.cards) if known else absent(visit, panel),
            *(sections(visit, panel, data) if known else ()),
            record_list(visit, visit.address.indicator or panel.records) if panel.records and known else None,
        ],
        className=f"page page-{panel.id.replace('_', '-')}",
    )


def sections(visit: Visit, panel: Panel, data: PanelData) -> list[Component]:
    """The parts of the page under their headings; a part of which nothing is known is left out."""
    cards = {card.indicator: card for card in data.cards}
    charts = {chart.id: chart for chart in data.charts}
    listed = panel.records is not None
    found: list[Component] = []
    for section in panel.sections:
        shown = [cards[each.indicator] for each in section.cards if each.indicator in cards]
        drawn = [(charts[each.id], each) for each in section.charts if _has_values(each, charts[each.id])]
        if not shown and not drawn:
            continue
        heading = visit.text(f"panel.section.{section.id}")
        found.append(
            html.Section(
                [
                    html.H3(heading, className="section-title") if len(panel.sections) > 1 else None,
                    card_grid(visit, shown, listed) if shown else None,
                    html.Div([chart_card(visit, chart, each, listed) for chart, each in drawn], className="charts"),
                ],
                className="section",
                **attributes.aria(label=heading),
            )
        )
    return found


def _has_values(declared: Chart, chart: ChartData) -> bool:
    """Whether there is anything to see; one school or station beside no other is not a comparison."""
    if declared.by == "unit" and len(chart.keys) < 2:
        return False
    return not chart.is_empty


def freshness(visit: Visit, sources: list[SourceState]) -> Component | None:
    """How old the page's data are: its source in trouble, else the oldest, with shape and words.

    A source that missed one run is a badge here; one that missed three has its own notice.
    """
    dated = [source for source in sources if source.as_of is not None]
    if not dated:
        return None
    oldest = min(dated, key=lambda source: (not source.troubled, source.as_of))
    tone = "watch" if oldest.troubled else "good"
    return dcc.Link(
        [
            html.I(className=f"dot dot-{tone}"),
            oldest.sentence if not oldest.alarming else oldest.sentence.split(". ")[0],
        ],
        href=visit.to("/nguon-so-lieu"),
        className="freshness",
    )


def notices(visit: Visit, sources: list[SourceState]) -> list[Component]:
    """A full-width notice for each source that missed three runs or its promise; the figures stay."""
    return [
        html.Div(
            [html.B(f"▲ {source.title}. "), source.sentence],
            className="notice",
            role="status",
        )
        for source in sources
        if source.alarming and source.as_of is not None
    ]


def absent(visit: Visit, panel: Panel) -> Component:
    """No figure is known for this unit: say so, what will stand here, and where there are data."""
    others = visit.queries.units_with_data(panel.id, visit.viewer)
    links = [
        dcc.Link(unit.name, href=visit.href(unit=unit.code, period=None), className="unit-link")
        for unit in others
        if unit.code != visit.unit.code
    ]
    return html.Section(
        [
            html.H3(visit.text("desk.absent.title", unit=visit.unit.name)),
            html.P(visit.text(f"desk.absent.{panel.id}")),
            html.P(visit.text("desk.absent.others")) if links else None,
            html.Div(links, className="unit-links"),
        ],
        className="panel-card absent",
    )
