"""From a panel's declaration to its data: the cards and charts of one unit and period."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard import present
from dashboard.panel import CardData, Chart, ChartData, Panel, PanelData, SourceState
from dashboard.panel_asked import SPARK_BUCKETS, Asked, history_of, last_periods
from dashboard.panel_cards import cards, comparison
from dashboard.panel_charts import chart_of_its_own, trend
from dashboard.side_by_side import Asking, make_all
from datasets.messages import text
from datasets.periods import Period

if TYPE_CHECKING:
    from dashboard.queries import Ask, Queries, Viewer


Part = tuple[tuple[CardData, ...], tuple[ChartData, ...]]
"""Cards and charts, in the order of their declaration."""


def assemble(queries: Queries, panel: Panel, ask: Ask, viewer: Viewer, sources: tuple[SourceState, ...]) -> PanelData:
    """The panel's data, in a sitting that is held."""
    asked = asked_of(queries, ask, viewer)
    cards, charts = parts_of(asked, panel)
    unit = queries.units.get(ask.unit)
    return PanelData(
        panel=panel.id,
        title=text(f"panel.{panel.id}.title", ask.language),
        unit=unit.code,
        unit_name=unit.name,
        period=asked.period.id,
        period_name=present.period_text(asked.period, asked.now, queries.zone, ask.language),
        language=ask.language,
        version=queries.version(),
        demo=queries.settings.centre.demo,
        computed_at=asked.now,
        cards=cards,
        charts=charts,
        sources=sources,
    )


def asked_of(queries: Queries, ask: Ask, viewer: Viewer) -> Asked:
    """A panel's question, asked now."""
    return Asked(queries, ask, viewer, Period.parse(ask.period), queries.now())


def parts_of(asked: Asked, panel: Panel) -> Part:
    """The cards and charts; whatever they need of the store at a time is read together."""
    own = [chart for chart in panel.charts if not _is_of_page(asked, chart)]
    making = [_of_page(asked, panel), *(_lone(asked, chart) for chart in own)]
    made = make_all(asked.queries, asked.viewer, making)
    drawn = {chart.id: chart for _, charts in made for chart in charts}
    return made[0][0], tuple(drawn[chart.id] for chart in panel.charts)


def _is_of_page(asked: Asked, chart: Chart) -> bool:
    """Whether a chart is a trend of periods such as the page's own."""
    return chart.kind == "trend" and chart.period in (None, asked.period.type)


def _of_page(asked: Asked, panel: Panel) -> Asking[Part]:
    """The cards, and the trends of the page's own kind of period: they are of the same values."""
    declared, trends = panel.cards, [chart for chart in panel.charts if _is_of_page(asked, chart)]
    paths = {card.indicator for card in declared if card.path}.union(*(chart.indicators for chart in trends))
    lone = sorted({card.indicator for card in declared} - paths)
    buckets = max([SPARK_BUCKETS, *(chart.buckets for chart in trends)])
    periods = last_periods(asked.period, buckets)
    pair = comparison(asked) if declared else None
    read = paths if pair and pair.whole and pair.other.id in {period.id for period in periods} else set()
    unread = [card.indicator for card in declared if card.indicator not in read] if pair else []
    requests = [
        asked.request(sorted(paths), periods),
        asked.request(lone, (asked.period,)),
        asked.request(unread, (pair.present, pair.other) if pair else ()),
    ]
    answers = yield requests
    along, alone, compared = map(history_of, requests, answers)
    history = alone | along
    figures = yield from cards(asked, declared, history, pair, history | compared)
    return figures, tuple(trend(asked, chart, history) for chart in trends)


def _lone(asked: Asked, chart: Chart) -> Asking[Part]:
    return (), ((yield from chart_of_its_own(asked, chart)),)
