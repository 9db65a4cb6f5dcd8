"""From a panel's declaration to its data: the cards and charts of one unit and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from dashboard import present
from dashboard.before_after import before_after_chart
from dashboard.disease_weeks import weeks_chart
from dashboard.members import member_name
from dashboard.panel import Card, CardData, Change, Chart, ChartData, Panel, PanelData, Role, Series
from dashboard.points_lost import points_chart
from dashboard.privacy import Suppressed
from dashboard.provenance import sources_said
from datasets.indicators.calculate import Request
from datasets.indicators.definition import Definition
from datasets.indicators.value import Value
from datasets.indicators.window import Comparison, like_for_like
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.vietnamese import sort_key

if TYPE_CHECKING:
    from dashboard.queries import Ask, Queries, Viewer

SPARK_BUCKETS = 12
BARS_SHOWN = 8
STANDS_IN = (PeriodType.DAY, PeriodType.WEEK, PeriodType.MONTH)
LATE_REPORTS = timedelta(days=31)
"""How long after a period's end its report may still be on its way."""
MONTHS_BACK = 4
FEWEST_OF_A_LINE = 3
NEEDS_ATTENTION = (
    *("ps_pending_overdue", "ps_resolved_late", "ps_overdue_over_10", "pt_overdue", "doc_overdue_open"),
    "ed_absent_unexcused",
)
AS_IT_SHOULD_BE = (
    *("ps_pending_in_time", "ps_resolved_on_time", "ps_resolved_early", "pt_open_in_time"),
    "ed_absent_excused",
)
ROLES: dict[str, Role] = {
    **dict.fromkeys(NEEDS_ATTENTION, "bad"),
    "ps_overdue_6_to_10": "attention",
    **dict.fromkeys(AS_IT_SHOULD_BE, "muted"),
}
"""How an indicator's part of a stacked bar is painted; others are normal."""


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every step needs: who asks for what, at which moment."""

    queries: Queries
    ask: Ask
    viewer: Viewer
    period: Period
    now: datetime

    @property
    def language(self) -> str:
        return self.ask.language

    def definition(self, indicator: str) -> Definition:
        return self.queries.definition(indicator)

    def name(self, indicator: str) -> str:
        return self.definition(indicator).name[self.language]

    def values(self, indicators: Sequence[str], periods: Sequence[object], by: str | None = None) -> list[Value]:
        """Values of the page's unit under its rule set; a breakdown leaves out its own filter."""
        return self.queries.values(self.request(indicators, periods, by), self.viewer)

    def request(self, indicators: Sequence[str], periods: Sequence[object], by: str | None = None) -> Request:
        """The question of `values`, for those who ask further."""
        filters = {name: member for name, member in self.ask.filters if name != by}
        return Request(
            indicators=tuple(indicators),
            units=(self.ask.unit,),
            periods=tuple(periods),  # type: ignore[arg-type]
            rules=self.ask.rules,
            by=by,
            filters=filters,
            boundaries=self.ask.boundaries,
        )


def assemble(queries: Queries, panel: Panel, ask: Ask, viewer: Viewer) -> PanelData:
    """The panel's data: three requests for all cards and trends, one for each breakdown."""
    now = queries.now()
    version = queries.version()
    desk = _Desk(queries, ask, viewer, Period.parse(ask.period), now)
    history = _history(desk, panel)
    unit = queries.units.get(ask.unit)
    return PanelData(
        panel=panel.id,
        title=text(f"panel.{panel.id}.title", ask.language),
        unit=unit.code,
        unit_name=unit.name,
        period=desk.period.id,
        period_name=present.period_text(desk.period, now, queries.zone, ask.language),
        language=ask.language,
        version=version,
        demo=queries.settings.centre.demo,
        computed_at=now,
        cards=_cards(desk, panel.cards, history),
        charts=tuple(_chart(desk, chart, history) for chart in panel.charts),
        sources=queries.sources(ask.language, viewer),
    )


History = dict[str, dict[str, Value]]
"""indicator -> period id -> value, for the last periods up to the page's own"""


def last_periods(period: Period, count: int) -> tuple[Period, ...]:
    """`count` periods of the same type, the given one last."""
    return tuple(period.previous(n) for n in range(count - 1, -1, -1))


def _history(desk: _Desk, panel: Panel) -> History:
    indicators = {card.indicator for card in panel.cards if card.path}
    lone = {card.indicator for card in panel.cards if not card.path} - indicators
    buckets = SPARK_BUCKETS
    for chart in panel.charts:
        if chart.kind == "trend" and chart.period in (None, desk.period.type):
            indicators |= set(chart.indicators)
            buckets = max(buckets, chart.buckets)
    found = _values_of(desk, sorted(lone - indicators), (desk.period,)) if lone - indicators else {}
    return found | (_values_of(desk, sorted(indicators), last_periods(desk.period, buckets)) if indicators else {})


def _values_of(desk: _Desk, indicators: Sequence[str], periods: Sequence[Period]) -> History:
    found: History = {}
    for value in desk.values(indicators, periods):
        found.setdefault(value.indicator, {})[value.period] = value
    return found


# -- cards --------------------------------------------------------------------------


def _cards(desk: _Desk, cards: Sequence[Card], history: History) -> tuple[CardData, ...]:
    if not cards:
        return ()
    now = _latest(desk, {card.indicator: history[card.indicator] for card in cards})
    changes = _changes(desk, [card.indicator for card in cards], history)
    shown = [card.indicator for card in cards if _is_shown(desk, now[card.indicator])]
    return tuple(_card(desk, now[name], history[name], changes.get(name)) for name in shown)


def _latest(desk: _Desk, history: History) -> dict[str, Value]:
    """Each indicator's value for the page's period. A figure that is reported after its period ends, and is asked
    for before that, shows the latest that was told, which then says its own period."""
    found = {indicator: past[desk.period.id] for indicator, past in history.items() if desk.period.id in past}
    if desk.period.end <= desk.now.date() - LATE_REPORTS or desk.period.type not in STANDS_IN:
        return found
    untold = [
        indicator
        for indicator, value in found.items()
        if value.value is None
        and not isinstance(value, Suppressed)
        and desk.definition(indicator).numerator.dataset == "observation"
    ]
    if not untold:
        return found
    months = last_periods(_last_of(desk, PeriodType.MONTH), MONTHS_BACK)
    for indicator, past in _values_of(desk, untold, months).items():
        told = (past[month.id] for month in reversed(months))
        older = next((value for value in told if value.value is not None or isinstance(value, Suppressed)), None)
        if older is not None:
            found[indicator] = replace(older, period=desk.period.id)
    return found


def _is_shown(desk: _Desk, value: Value) -> bool:
    """A reported figure that was never reported is left out; a dossier figure without data says so, and so does
    a count too small to be told."""
    counted = desk.definition(value.indicator).numerator.dataset == "dossier"
    return counted or value.value is not None or isinstance(value, Suppressed)


def _card(desk: _Desk, value: Value, past: dict[str, Value], change: Change | None) -> CardData:
    definition, language = desk.definition(value.indicator), desk.language
    queries = desk.queries
    titles = [queries.source_title(name, language) for name in value.sources]
    return CardData(
        indicator=value.indicator,
        name=definition.name[language],
        value=value,
        number=present.figure_text(value, language, queries.settings.privacy.minimum_cell),
        unit=present.unit_word(definition.unit, language),
        period=present.card_period(value, desk.period, desk.now, queries.zone, language),
        change=change,
        target=present.target_text(value, definition, language),
        status_word=present.status_word(value.status, language),
        sparkline=tuple(
            (p.id, each.value if (each := past.get(p.id)) is not None and each.period_of_value == p.id else None)
            for p in last_periods(desk.period, SPARK_BUCKETS)
        ),
        source=present.source_text(value, titles, queries.zone, language),
        rules=present.rules_text(definition, desk.ask.rules, language),
    )


def _changes(desk: _Desk, indicators: Sequence[str], history: History) -> dict[str, Change]:
    """Against the chosen comparison; a running period like for like in working days."""
    language = desk.language
    if desk.ask.compare == "target":
        return {
            indicator: change
            for indicator in indicators
            if (value := history[indicator][desk.period.id]).target is not None
            and (
                change := present.change(
                    value.value,
                    value.target,
                    desk.definition(indicator),
                    text("panel.against.target", language),
                    language,
                )
            )
        }
    other = desk.period.same_last_year() if desk.ask.compare == "last_year" else desk.period.previous()
    queries = desk.queries
    pair = like_for_like(desk.period, other, desk.now, queries.zone, queries.calendar)
    if pair is None:
        return {}
    against = text(
        "panel.against.whole" if pair.whole else "panel.against.same_days", language, period=other.label(language)
    )
    return {
        indicator: change
        for indicator, (present_value, other_value) in _pairs(desk, indicators, pair).items()
        if (
            change := present.change(
                present_value.value, other_value.value, desk.definition(indicator), against, language
            )
        )
        and present_value.period_of_value != other_value.period_of_value
    }


def _pairs(desk: _Desk, indicators: Sequence[str], pair: Comparison) -> dict[str, tuple[Value, Value]]:
    values = desk.values(indicators, (pair.present, pair.other))
    return {values[i].indicator: (values[i], values[i + 1]) for i in range(0, len(values), 2)}


# -- charts -------------------------------------------------------------------------


def _chart(desk: _Desk, chart: Chart, history: History) -> ChartData:
    if chart.kind == "trend":
        return _trend(desk, chart, history)
    if chart.kind == "before_after":
        return before_after_chart(desk.queries, chart, desk.ask.unit, desk.period, desk.language, desk.viewer)
    if chart.kind == "points":
        return points_chart(desk.queries, chart, desk.request((), (desk.period,)), desk.language, desk.viewer)
    if chart.kind == "band":
        weeks = last_periods(_last_of(desk, PeriodType.WEEK), chart.buckets)
        return weeks_chart(
            desk.queries, chart, desk.request(chart.indicators, weeks), weeks, desk.language, desk.viewer
        )
    return _bars(desk, chart)


def _buckets(desk: _Desk, last: Period, count: int) -> tuple[Period, ...]:
    """The last periods of a trend; of days those that are worked, for nothing happens on the others."""
    if last.type is not PeriodType.DAY:
        return last_periods(last, count)
    days = last_periods(last, 2 * count)
    worked = [day for day in days if desk.queries.calendar.is_working(day.start)]
    return tuple(worked[-count:]) or (last,)


def _last_of(desk: _Desk, kind: PeriodType) -> Period:
    """The last period of a type that has begun within the page's own."""
    return Period.of(min(desk.period.end - timedelta(days=1), desk.now.date()), kind)


def _trend(desk: _Desk, chart: Chart, history: History) -> ChartData:
    language = desk.language
    last = desk.period
    periods = last_periods(last, chart.buckets)
    if chart.period is not None and chart.period is not last.type:
        last = _last_of(desk, chart.period)
        periods = _buckets(desk, last, chart.buckets)
        history = _values_of(desk, chart.indicators, periods)
    first = desk.definition(chart.indicators[0])
    cumulative = desk.queries.catalogue.is_cumulative(first)
    if cumulative:
        periods = _of_this_year(periods)
    running = present.is_running(last, desk.now, desk.queries.zone)
    series = [
        Series(desk.name(indicator), own_values([history[indicator][p.id] for p in periods]))
        for indicator in chart.indicators
    ]
    targets = [history[first.id][p.id].target for p in periods]
    finding = present.trend_finding(
        series[0].values[:-1] if running else series[0].values,
        [p.label(language) for p in periods],
        first,
        language,
        what=series[0].name if len(series) > 1 else "",
        cumulative=cumulative,
        targets=targets if len(series) == 1 else (),
    )
    if len(chart.indicators) == 1 and any(target is not None for target in targets):
        series.append(Series(text("panel.target_line", language), tuple(targets), "target"))
    return ChartData(
        id=chart.id,
        kind="trend",
        title=text(f"panel.chart.{chart.id}", language),
        finding=finding,
        unit=present.unit_word(first.unit, language),
        categories=tuple(present.short_period(p, language) for p in periods),
        keys=tuple(p.id for p in periods),
        series=tuple(series),
        partial_last=running,
        source=sources_said(
            desk.queries, (history[indicator][p.id] for indicator in chart.indicators for p in periods), language
        ),
    )


def _of_this_year(periods: tuple[Period, ...]) -> tuple[Period, ...]:
    """Those since the year's beginning, where what adds up begins anew; all while they are fewer than a line needs."""
    since = tuple(period for period in periods if period.start.year == periods[-1].start.year)
    return since if len(since) >= FEWEST_OF_A_LINE else periods


def own_values(values: Sequence[Value]) -> tuple[float | None, ...]:
    """What was told of each period itself; of figures that have none of their own, as those told once a year, the
    one in force."""
    own = tuple(value.value if is_own(value) else None for value in values)
    return own if any(x is not None for x in own) else tuple(value.value for value in values)


def is_own(value: Value) -> bool:
    """Whether a number is of its period itself, not an older one that stands in."""
    if value.period_of_value in ("", value.period):
        return True
    return Period.parse(value.period).contains(Period.parse(value.period_of_value).start)


def _bars(desk: _Desk, chart: Chart) -> ChartData:
    """Members of a dimension, largest first; beyond BARS_SHOWN they are left to the list."""
    assert chart.by is not None
    language = desk.language
    parts: dict[str, dict[str, float | None]] = {}
    withheld = False
    found = desk.values(chart.indicators, (desk.period,), chart.by)
    for value in found:
        withheld |= isinstance(value, Suppressed)
        parts.setdefault((value.by or {}).get(chart.by, ""), {})[value.indicator] = value.value
    order = sorted(
        (member for member, numbers in parts.items() if any(numbers.values())),
        key=lambda member: (-sum(x or 0 for x in parts[member].values()), sort_key(member)),
    )
    shown = order[:BARS_SHOWN]
    names = [member_name(desk.queries, chart.by, member, language) for member in shown]
    lone = len(chart.indicators) == 1
    series = tuple(
        Series(
            desk.name(indicator),
            tuple(parts[member].get(indicator, _of_none(desk, indicator)) for member in shown),
            "normal" if lone else ROLES.get(indicator, "normal"),
        )
        for indicator in chart.indicators
    )
    unit = desk.definition(chart.indicators[0]).unit
    bad = [name for name in chart.indicators if name in NEEDS_ATTENTION and any(parts[m].get(name) for m in order)]
    telling = bad[0] if bad else chart.indicators[0]
    finding = present.bars_finding(
        [member_name(desk.queries, chart.by, member, language) for member in order],
        [parts[member].get(telling) for member in order],
        unit,
        desk.name(telling),
        language,
        withheld=withheld,
    )
    if not parts and desk.definition(telling).numerator.dataset == "observation":
        finding = text("panel.unknown", language)  # nobody reported: not the same as none
    return ChartData(
        id=chart.id,
        kind="bars",
        title=text(f"panel.chart.{chart.id}", language),
        finding=finding,
        unit=present.unit_word(unit, language),
        categories=tuple(names),
        keys=tuple(shown),
        series=series,
        by=chart.by,
        partial_last=present.is_running(desk.period, desk.now, desk.queries.zone),
        left_out=len(order) - len(shown),
        source=sources_said(desk.queries, found, language),
    )


def _of_none(desk: _Desk, indicator: str) -> float | None:
    """The value of a member that has no rows at all: none counted, or no rate."""
    return 0 if desk.definition(indicator).denominator is None else None
