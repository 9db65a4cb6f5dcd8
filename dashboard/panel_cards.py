"""The cards of a panel: a figure with what it is compared with, its path and where it is from."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import timedelta

from dashboard import present
from dashboard.panel import Card, CardData, Change, Panel
from dashboard.panel_asked import SPARK_BUCKETS, Asked, History, history_of, last_periods
from dashboard.privacy import Suppressed
from datasets.indicators.calculate import Request
from datasets.indicators.value import Value
from datasets.indicators.window import Comparison, like_for_like
from datasets.messages import text
from datasets.periods import Period, PeriodType

STANDS_IN = (PeriodType.DAY, PeriodType.WEEK, PeriodType.MONTH)
LATE_REPORTS = timedelta(days=31)
"""How long after a period's end its report may still be on its way."""
MONTHS_BACK = 4
Path = tuple[tuple[str, float | None], ...]
"""Of the last periods each with its own number."""


def comparison(asked: Asked) -> Comparison | None:
    """The windows that the cards compare; a running period like for like in working days. None: there are none."""
    if asked.ask.compare == "target":
        return None
    other = asked.period.same_last_year() if asked.ask.compare == "last_year" else asked.period.previous()
    return like_for_like(asked.period, other, asked.now, asked.queries.zone, asked.queries.calendar)


def by_month(asked: Asked, panel: Panel) -> tuple[list[str], tuple[Period, ...]]:
    """The reported figures of a page of a day or a week, and months: the latest told may stand in, and of what nobody
    reports more often they are the path, as long as any where it is a panel of months."""
    if asked.period.type not in (PeriodType.DAY, PeriodType.WEEK):
        return [], ()
    reported = [card.indicator for card in panel.cards if _is_reported(asked, card.indicator)]
    count = SPARK_BUCKETS if panel.default_period == PeriodType.MONTH else MONTHS_BACK
    return reported, last_periods(asked.last_of(PeriodType.MONTH), count)


def _may_be_late(asked: Asked) -> bool:
    """Whether reports on the page's period may still be on their way."""
    return asked.period.type in STANDS_IN and asked.period.end > asked.now.date() - LATE_REPORTS


def _is_reported(asked: Asked, indicator: str) -> bool:
    return asked.definition(indicator).numerator.dataset == "observation"


def _months(asked: Asked) -> tuple[Period, ...]:
    return last_periods(asked.last_of(PeriodType.MONTH), MONTHS_BACK)


def cards(
    asked: Asked,
    declared: Sequence[Card],
    history: History,
    pair: Comparison | None,
    compared: History,
    months: History,
) -> Generator[Sequence[Request], Sequence[list[Value]], tuple[CardData, ...]]:
    """The cards that have something to show.

    history    values of the page's own period, and of those before where a card draws its path
    compared   values of the two windows of `pair`
    months     those of `by_month`
    """
    now = yield from _latest(asked, {card.indicator: history[card.indicator] for card in declared}, months)
    if pair is None:
        changes = _to_target(asked, history, declared) if asked.ask.compare == "target" else {}
    else:
        changes = _changes(asked, pair, {card.indicator: compared[card.indicator] for card in declared})
    shown = [card for card in declared if _is_shown(asked, now[card.indicator])]
    own = present.period_text(asked.period, asked.now, asked.queries.zone, asked.language)
    spark = tuple(period.id for period in last_periods(asked.period, SPARK_BUCKETS))
    found = []
    for card in shown:
        name = card.indicator
        line, ids = history[name], spark
        if card.path and asked.type_of(name) is not asked.period.type:
            line = months[name]
            ids = tuple(line)
        path = tuple(zip(ids, line.path(ids), strict=True))
        found.append(_card(asked, own, now[name], path, changes.get(name)))
    return tuple(found)


def _latest(
    asked: Asked, history: History, told_before: History
) -> Generator[Sequence[Request], Sequence[list[Value]], dict[str, Value]]:
    """Each indicator's value for the page's period. A figure that is reported after its period ends, and is asked
    for before that, shows the latest that was told, which then says its own period."""
    found = {indicator: past[asked.period.id] for indicator, past in history.items() if asked.period.id in past}
    if not _may_be_late(asked):
        return found
    untold = [
        indicator
        for indicator, value in found.items()
        if value.value is None and not isinstance(value, Suppressed) and _is_reported(asked, indicator)
    ]
    if not untold:
        return found
    months, read = _months(asked), history | told_before
    unread = [name for name in untold if any(month.id not in read[name] for month in months)]
    if unread:
        request = asked.request(unread, months)
        (values,) = yield [request]
        read |= history_of(request, values)
    for indicator in untold:
        told = (read[indicator][month.id] for month in reversed(months))
        older = next((value for value in told if value.value is not None or isinstance(value, Suppressed)), None)
        if older is not None:
            found[indicator] = older._replace(period=asked.period.id)
    return found


def _is_shown(asked: Asked, value: Value) -> bool:
    """A reported figure that was never reported is left out; a dossier figure without data says so, and so does
    a count too small to be told."""
    known = value.value is not None or isinstance(value, Suppressed)
    return known or asked.definition(value.indicator).numerator.dataset == "dossier"


def _card(asked: Asked, own: str, value: Value, path: Path, change: Change | None) -> CardData:
    """A card; `own` is the page's period in words."""
    definition, language = asked.definition(value.indicator), asked.language
    queries = asked.queries
    return CardData(
        indicator=value.indicator,
        name=definition.name[language],
        value=value,
        number=present.figure_text(value, language, queries.settings.privacy.minimum_cell),
        unit=present.unit_word(definition.unit, language),
        period=present.card_period(value, own, language),
        change=change,
        target=present.target_text(value, definition, language),
        status_word=present.status_word(value.status, language),
        sparkline=path,
        source=present.source_text(value, queries.source_titles(value.sources, language), queries.zone, language),
        rules=present.rules_text(definition, asked.ask.rules, language),
    )


def _to_target(asked: Asked, history: History, declared: Sequence[Card]) -> dict[str, Change]:
    values = (history[card.indicator][asked.period.id] for card in declared)
    against = text("panel.against.target", asked.language)
    return {
        value.indicator: change
        for value in values
        if value.target is not None
        and (
            change := present.change(
                value.value, value.target, asked.definition(value.indicator), against, asked.language
            )
        )
    }


def _changes(asked: Asked, pair: Comparison, compared: History) -> dict[str, Change]:
    """Against the other window; a figure that is the same older one in both has not changed."""
    language = asked.language
    against = present.against_text(pair, language)
    found = {}
    for name, values in compared.items():
        told, places = values.told(), values.span.places
        here, there = places[pair.present.id], places[pair.other.id]
        (number, period), (other, other_period) = told[here], told[there]
        if period != other_period and number is not None and other is not None:
            are_few = any(present.is_of_few(values.numbers(place)[2]) for place in (here, there))
            found[name] = present.change(number, other, asked.definition(name), against, language, are_few=are_few)
    return {name: change for name, change in found.items() if change}
