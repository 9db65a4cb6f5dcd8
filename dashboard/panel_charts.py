"""The charts of a panel: paths over time, members of a dimension, and the pictures of their own kinds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from dashboard import present
from dashboard.before_after import before_after_chart
from dashboard.disease_weeks import weeks_chart
from dashboard.members import member_name
from dashboard.panel import Chart, ChartData, Role, Series
from dashboard.panel_asked import Asked, History, history_of, is_of, last_periods
from dashboard.points_lost import points_chart
from dashboard.privacy import Suppressed
from dashboard.provenance import origins_said, sources_said
from dashboard.queries import REPORTING_LEVELS
from dashboard.side_by_side import Asking
from datasets.indicators.judge import UNKNOWN, Numbers
from datasets.indicators.last_period import is_put_together, last_period
from datasets.indicators.line import Line
from datasets.indicators.value import Value
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.vietnamese import sort_key

BARS_SHOWN = 8
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


def is_of_page(asked: Asked, chart: Chart) -> bool:
    """Whether a chart is a trend of periods such as the page's own."""
    return chart.kind == "trend" and _type_of(asked, chart) is asked.period.type


def _type_of(asked: Asked, chart: Chart) -> PeriodType:
    return chart.period or asked.type_of(chart.indicators[0])


def periods_of(asked: Asked, chart: Chart) -> tuple[Period, ...]:
    """The periods of a trend, the last one last."""
    kind = _type_of(asked, chart)
    if kind is asked.period.type:
        return last_periods(asked.period, chart.buckets)
    return _buckets(asked, asked.last_of(kind), chart.buckets)


def chart_of_its_own(asked: Asked, chart: Chart) -> Asking[ChartData]:
    """Any chart but a trend of the page's own periods, which the cards have read already."""
    match chart.kind:
        case "trend":
            periods = periods_of(asked, chart)
            request = asked.request(chart.indicators, periods)
            (values,) = yield [request]
            return trend(asked, chart, history_of(request, values))
        case "before_after":
            return (yield from before_after_chart(asked, chart))
        case "points":
            return (yield from points_chart(asked, chart))
        case "band":
            weeks = last_periods(asked.last_of(PeriodType.WEEK), chart.buckets)
            return (yield from weeks_chart(asked, chart, weeks))
    is_above = chart.above is not None and _is_of_communes(asked)
    by, name = (chart.above, f"{chart.id}.above") if is_above else (chart.by, chart.id)
    assert by is not None
    (values,) = yield [asked.request(chart.indicators, (asked.period,), by)]
    return _bars(asked, chart, by, text(f"panel.chart.{name}", asked.language), values)


def _is_of_communes(asked: Asked) -> bool:
    """Whether the page's unit has communes below it."""
    below = asked.queries.units.children(asked.ask.unit)
    return any(unit.level in REPORTING_LEVELS for unit in below)


def _buckets(asked: Asked, last: Period, count: int) -> tuple[Period, ...]:
    """The last periods of a trend; of days those that are worked, for nothing happens on the others."""
    if last.type is not PeriodType.DAY:
        return last_periods(last, count)
    days = last_periods(last, 2 * count)
    worked = [day for day in days if asked.queries.calendar.is_working(day.start)]
    return tuple(worked[-count:]) or (last,)


def trend(asked: Asked, chart: Chart, history: History) -> ChartData:
    language = asked.language
    periods = periods_of(asked, chart)
    last = periods[-1]
    first = asked.definition(chart.indicators[0])
    if asked.queries.catalogue.is_cumulative(first):
        periods = _of_this_year(periods)
    running = present.is_running(last, asked.now, asked.queries.zone)
    ids = [period.id for period in periods]
    along = [history[indicator] for indicator in chart.indicators]
    paths = [own_values(ids, line) for line in along]
    targets = [along[0].target(period) for period in ids] if len(along) == 1 else []
    whole = _numbers(ids, along[0], paths[0])
    finding = present.trend_finding(
        last_period(asked.queries.catalogue, first, whole[:-1] if running else whole),
        periods,
        first,
        language,
        what=asked.name(first.id) if len(along) > 1 else "",
        targets=targets,
    )
    shown = slice(_unknown_first(paths), None)
    periods, ids = periods[shown], ids[shown]
    series = [
        Series(asked.name(indicator), path[shown]) for indicator, path in zip(chart.indicators, paths, strict=True)
    ]
    if any(target is not None for target in targets):
        series.append(Series(text("panel.target_line", language), tuple(targets[shown]), "target"))
    return ChartData(
        id=chart.id,
        kind="trend",
        title=text(f"panel.chart.{chart.id}", language),
        finding=finding,
        unit=present.unit_word(first.unit, language),
        categories=tuple(present.short_period(p, language) for p in periods),
        keys=tuple(ids),
        series=tuple(series),
        partial_last=running,
        source=origins_said(asked.queries, chain.from_iterable(line.origins(ids) for line in along), language),
    )


def _numbers(periods: Sequence[str], line: Line, path: Sequence[float | None]) -> list[Numbers]:
    """What the numbers of a path are made of."""
    if not is_put_together(line.judge.definition):
        return [(x, x, None) for x in path]
    places = (line.span.places[period] for period in periods)
    return [UNKNOWN if x is None else line.numbers(at) for at, x in zip(places, path, strict=True)]


def _unknown_first(paths: Sequence[Sequence[float | None]]) -> int:
    """How many periods of a trend lie before anything is known; a line keeps as many as it needs."""
    known = min((n for path in paths for n, x in enumerate(path) if x is not None), default=0)
    return max(0, min(known, len(paths[0]) - FEWEST_OF_A_LINE))


def _of_this_year(periods: tuple[Period, ...]) -> tuple[Period, ...]:
    """Those since the year's beginning, where what adds up begins anew; all while they are fewer than a line needs."""
    since = tuple(period for period in periods if period.start.year == periods[-1].start.year)
    return since if len(since) >= FEWEST_OF_A_LINE else periods


def own_values(periods: Sequence[str], line: Line) -> tuple[float | None, ...]:
    """What was told of each period itself; of figures that have none of their own, as those told once a year, the
    one in force."""
    every, places = line.told(), line.span.places
    told = [every[places[period]] for period in periods]
    own = [x if of == period or is_of(period, of) else None for period, (x, of) in zip(periods, told, strict=True)]
    return tuple(own if any(x is not None for x in own) else [number for number, _ in told])


def _bars(asked: Asked, chart: Chart, by: str, title: str, found: Sequence[Value]) -> ChartData:
    """Members of a dimension, largest first; beyond BARS_SHOWN they are left to the list."""
    language = asked.language
    parts: dict[str, dict[str, float | None]] = {}
    withheld = False
    for value in found:
        withheld |= isinstance(value, Suppressed)
        parts.setdefault((value.by or {}).get(by, ""), {})[value.indicator] = value.value
    order = sorted(
        (member for member, numbers in parts.items() if any(numbers.values())),
        key=lambda member: (-sum(x or 0 for x in parts[member].values()), sort_key(member)),
    )
    shown = order[:BARS_SHOWN]
    names = [member_name(asked.queries, by, member, language) for member in order]
    lone = len(chart.indicators) == 1
    series = tuple(
        Series(
            asked.name(indicator),
            tuple(parts[member].get(indicator, _of_none(asked, indicator)) for member in shown),
            "normal" if lone else ROLES.get(indicator, "normal"),
        )
        for indicator in chart.indicators
    )
    unit = asked.definition(chart.indicators[0]).unit
    bad = [name for name in chart.indicators if name in NEEDS_ATTENTION and any(parts[m].get(name) for m in order)]
    telling = bad[0] if bad else chart.indicators[0]
    finding = present.bars_finding(
        names,
        [parts[member].get(telling) for member in order],
        unit,
        asked.name(telling),
        language,
        withheld=withheld,
    )
    if not parts and asked.definition(telling).numerator.dataset == "observation":
        finding = text("panel.unknown", language)  # nobody reported: not the same as none
    return ChartData(
        id=chart.id,
        kind="bars",
        title=title,
        finding=finding,
        unit=present.unit_word(unit, language),
        categories=tuple(names[:BARS_SHOWN]),
        keys=tuple(shown),
        series=series,
        by=by,
        partial_last=present.is_running(asked.period, asked.now, asked.queries.zone),
        left_out=len(order) - len(shown),
        source=sources_said(asked.queries, found, language),
    )


def _of_none(asked: Asked, indicator: str) -> float | None:
    """The value of a member that has no rows at all: none counted, or no rate."""
    return 0 if asked.definition(indicator).denominator is None else None
