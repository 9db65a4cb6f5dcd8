"""From a panel's declaration to its data: the cards and charts of one unit and period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dashboard import present
from dashboard.panel import CardData, Chart, ChartData, Panel, PanelData, SourceState
from dashboard.panel_asked import SPARK_BUCKETS, Asked, history_of, last_periods
from dashboard.panel_cards import by_month, cards, comparison
from dashboard.panel_charts import chart_of_its_own, is_of_page, trend
from dashboard.side_by_side import Asking, make_all
from datasets.messages import text
from datasets.periods import Period

if TYPE_CHECKING:
    from dashboard.queries import Ask, Queries, Viewer


Part = tuple[tuple[CardData, ...], tuple[ChartData, ...]]
"""Cards and charts, in the order of their declaration."""


def assemble(
    queries: Queries, pages: Sequence[tuple[Panel, Ask]], viewer: Viewer, sources: tuple[SourceState, ...]
) -> tuple[PanelData, ...]:
    """The data of some panels, in a sitting that is held."""
    asked = [asked_of(queries, ask, viewer) for _, ask in pages]
    made = parts_of_all([(each, panel) for each, (panel, _) in zip(asked, pages, strict=True)])
    told = zip(asked, pages, made, strict=True)
    return tuple(_data(each, panel, part, sources) for each, (panel, _), part in told)


def _data(asked: Asked, panel: Panel, part: Part, sources: tuple[SourceState, ...]) -> PanelData:
    queries, language = asked.queries, asked.language
    unit = queries.units.get(asked.ask.unit)
    return PanelData(
        panel=panel.id,
        title=text(f"panel.{panel.id}.title", language),
        unit=unit.code,
        unit_name=unit.name,
        period=asked.period.id,
        period_name=present.period_text(asked.period, asked.now, queries.zone, language),
        language=language,
        version=queries.version(),
        demo=queries.settings.centre.demo,
        computed_at=asked.now,
        cards=part[0],
        charts=part[1],
        sources=sources,
    )


def asked_of(queries: Queries, ask: Ask, viewer: Viewer) -> Asked:
    """A panel's question, asked now."""
    return Asked(queries, ask, viewer, Period.parse(ask.period), queries.now())


def parts_of_all(pages: Sequence[tuple[Asked, Panel]]) -> list[Part]:
    """The cards and charts of some panels; whatever they need of the store at a time is read together."""
    making = [_parts(asked, panel) for asked, panel in pages]
    first = pages[0][0]
    made = iter(make_all(first.queries, first.viewer, [part for of_panel in making for part in of_panel]))
    found = []
    for (_, panel), of_panel in zip(pages, making, strict=True):
        parts = [next(made) for _ in of_panel]
        drawn = {chart.id: chart for _, charts in parts for chart in charts}
        found.append((parts[0][0], tuple(drawn[chart.id] for chart in panel.charts)))
    return found


def _parts(asked: Asked, panel: Panel) -> list[Asking[Part]]:
    """What belongs to the page's own periods, and then each chart that does not."""
    own = [chart for chart in panel.charts if not is_of_page(asked, chart)]
    return [_of_page(asked, panel), *(_lone(asked, chart) for chart in own)]


def _of_page(asked: Asked, panel: Panel) -> Asking[Part]:
    """The cards, and the trends of the page's own kind of period: they are of the same values."""
    declared, trends = panel.cards, [chart for chart in panel.charts if is_of_page(asked, chart)]
    paths = {card.indicator for card in declared if card.path and asked.type_of(card.indicator) is asked.period.type}
    paths = paths.union(*(chart.indicators for chart in trends))
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
        asked.request(*by_month(asked, panel)),
    ]
    answers = yield requests
    along, alone, compared, months = map(history_of, requests, answers)
    history = alone | along
    figures = yield from cards(asked, declared, history, pair, history | compared, months)
    return figures, tuple(trend(asked, chart, history) for chart in trends)


def _lone(asked: Asked, chart: Chart) -> Asking[Part]:
    return (), ((yield from chart_of_its_own(asked, chart)),)
