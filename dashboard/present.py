"""Figures in words: numbers with their units, changes, findings. No store, no screen.

Every function takes values and gives text in the asked language; what a sentence says
is decided here once for desk, wall and briefing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from dashboard.panel import Change
from dashboard.privacy import Suppressed
from datasets.indicators import rules as rule_sets
from datasets.indicators.definition import Definition
from datasets.indicators.last_period import LastPeriod
from datasets.indicators.value import Status, Value
from datasets.indicators.window import Comparison
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.vietnamese import ABSENT, day, moment, number

FEW_CASES = 10
"""Under so many cases a rate says little: it is neither the worst nor the most changed, and its change is no news."""
RELATIVE_FROM = 20
"""Below this base a change in percent says little; it is then told in units."""
SMALLEST_SHOWN = 0.05  # points or percent: less would be told as 0,0


def unit_word(unit: str, language: str) -> str:
    """ "%", "hồ sơ", "triệu đồng" for a unit of measure of the catalogue."""
    return text(f"unit.{unit}", language)


def figure_text(value: Value, language: str, minimum_cell: int = 5) -> str:
    """ "96,4", "<5" for a withheld small count, or the words for not known."""
    if isinstance(value, Suppressed):
        return f"<{minimum_cell}"
    if value.value is None:
        return text("panel.unknown", language)
    return number(value.value, None if value.denominator is not None else decimals_of(value.value), language)


def decimals_of(x: float) -> int | None:
    """Decimals of a figure that somebody reported: as many as it has, at most two."""
    return 2 if round(x, 1) != round(x, 2) else None


def as_reported(x: float | None, language: str) -> str:
    """A number without its unit, with the decimals it was given; a dash when not known."""
    return number(x, None if x is None else decimals_of(x), language)


def with_unit(x: float | None, unit: str, language: str) -> str:
    """ "96,4%" or "312 hồ sơ"; a dash when not known. Percents have one decimal, others as reported."""
    if x is None:
        return ABSENT
    word = unit_word(unit, language)
    if language == "en" and abs(x) == 1:
        word = _one(word)
    said = number(x, None if unit == "percent" else decimals_of(x), language)
    return f"{said}{word}" if word == "%" else f"{said} {word}".rstrip()


ONE_OF = {"people": "person", "children": "child", "classes": "class", "addresses": "address", "facilities": "facility"}
"""English units whose singular is more than the plural without its s."""


def _one(word: str) -> str:
    """ "dossiers" of one is "dossier", "pupils per class" "pupil per class"."""
    first, per, rest = word.partition(" per ")
    return ONE_OF.get(first, first.removesuffix("s")) + per + rest


def status_word(status: Status, language: str) -> str:
    """ "Đạt", "Cần chú ý", "Vượt ngưỡng"; "" where nothing is judged."""
    return "" if status is Status.NONE else text(f"panel.status.{status.value}", language)


def change(
    present: float | None,
    other: float | None,
    definition: Definition,
    against: str,
    language: str,
    *,
    are_few: bool = False,
) -> Change | None:
    """How far `present` lies from `other`; None when either is not known. `are_few`: either is a rate of few cases.

    Rates differ by points, counts by percent of the other, and in units while the
    other is below RELATIVE_FROM or the percentage would read 0,0.
    """
    if present is None or other is None:
        return None
    difference = present - other
    least = SMALLEST_SHOWN if definition.unit == "percent" else 1e-9
    if abs(difference) < least:
        return Change(text("panel.change.none", language), None, against)
    arrow = "▲" if difference > 0 else "▼"
    if definition.unit == "percent":
        amount = text("panel.change.points", language, points=number(abs(difference), 1, language))
    elif abs(other) >= RELATIVE_FROM and 100 * abs(difference) / abs(other) >= SMALLEST_SHOWN:
        amount = f"{number(100 * abs(difference) / abs(other), 1, language)}%"
    else:
        amount = with_unit(abs(difference), definition.unit, language)
    is_judged = definition.better != "none" and not are_few
    better = (difference > 0) == (definition.better == "higher") if is_judged else None
    large = definition.unit == "percent" or abs(other) >= RELATIVE_FROM
    size = abs(difference) if definition.unit == "percent" else 100 * abs(difference) / abs(other) if large else 0.0
    return Change(f"{arrow} {amount}", better, against, size)


def change_between(here: Value, there: Value, definition: Definition, against: str, language: str) -> Change | None:
    """How far the value of a window lies from that of another; None also where the same older number stands in both."""
    if here.period_of_value == there.period_of_value:
        return None
    are_few = is_of_few(here.denominator) or is_of_few(there.denominator)
    return change(here.value, there.value, definition, against, language, are_few=are_few)


def against_text(pair: Comparison, language: str) -> str:
    """ "so với Tuần 46/2026"; of a running one how many days of both are counted: the number itself goes on."""
    period = Period.parse(pair.other.id).label(language)
    if pair.whole:
        return text("panel.against.whole", language, period=period)
    return text("panel.against.same_days", language, period=period, days=pair.days)


def is_of_few(cases: float | None) -> bool:
    """Whether a rate is of few cases; None: it is no rate."""
    return cases is not None and cases < FEW_CASES


def target_text(value: Value, definition: Definition, language: str) -> str | None:
    """ "mục tiêu ≥ 98%"; None without a target."""
    if value.target is None:
        return None
    sign = "≤" if definition.better == "lower" else "≥"
    return text("panel.target", language, sign=sign, value=with_unit(value.target, definition.unit, language))


def is_running(period: Period, now: datetime, zone: ZoneInfo) -> bool:
    """Whether the period's last day is still to come or is today."""
    return period.start <= now.astimezone(zone).date() < period.end


def period_text(period: Period, now: datetime, zone: ZoneInfo, language: str) -> str:
    """ "Tuần 47/2026", and for a running one "Tuần 47/2026 (đến 20/11)"."""
    label = period.label(language)
    today = now.astimezone(zone).date()
    if (
        period.type is PeriodType.DAY
        or not is_running(period, now, zone)
        or today.toordinal() + 1 == period.end.toordinal()
    ):
        return label
    return text("panel.running", language, period=label, day=f"{today:%d/%m}")


@lru_cache(maxsize=4096)
def short_period(period: Period, language: str) -> str:
    """A period as an axis says it: "T47", "Th11", "Q4", "2026", "20/11"."""
    match period.type:
        case PeriodType.DAY:
            return f"{period.start:%d/%m}"
        case PeriodType.WEEK:
            return text("panel.short.week", language, week=period.start.isocalendar().week)
        case PeriodType.MONTH:
            return text("panel.short.month", language, month=period.start.month, year=period.start.year % 100)
        case _:
            return text("panel.short.other", language, id=period.id[4:], year=period.start.year)


def source_text(value: Value, titles: Sequence[str], zone: ZoneInfo, language: str) -> str:
    """Where a figure is from and how old it is: "Một cửa điện tử · đến 08:15 20/11/2026"."""
    return source_said(value.as_of, tuple(titles), zone, language)


@lru_cache(maxsize=4096)
def source_said(as_of: datetime | None, titles: tuple[str, ...], zone: ZoneInfo, language: str) -> str:
    """The same of some figures that are of one age."""
    if not titles:
        return text("panel.no_source", language)
    age = text("panel.as_of", language, moment=moment(as_of, zone)) if as_of else ""
    return " · ".join(part for part in (", ".join(titles), age) if part)


def rules_text(definition: Definition, rules: str, language: str) -> str:
    """The legal name of the rule set a dossier figure is counted under; "" for others."""
    counted = definition.numerator.dataset == "dossier"
    return rule_sets.BY_ID[rules].legal_name(language) if counted else ""


def trend_finding(
    last: LastPeriod | None,
    periods: Sequence[Period],
    definition: Definition,
    language: str,
    *,
    what: str = "",
    targets: Sequence[float | None] = (),
) -> str:
    """What a trend shows: its last whole period against those before, and its target.

    periods     as the places of `last` count them
    what        the name of the line that is told, where there are several
    """
    unit = definition.unit
    if last is None:
        return text("panel.finding.too_short", language)
    target = targets[last.at] if last.at < len(targets) else None
    aim = "" if target is None else text("panel.finding.aim", language, value=with_unit(target, unit, language))
    said = {
        "what": text("panel.finding.what", language, name=what) if what else "",
        "period": periods[last.at].label(language),
        "value": with_unit(last.value, unit, language),
        "aim": aim,
    }
    if last.usual is None:
        return text("panel.finding.told", language, **said)
    gap = last.value - last.usual
    if last.against == "growth":
        return text("panel.finding.grown", language, amount=_distance(gap, unit, language), **said)
    if unit != "percent":
        gap = 100 * gap / last.usual if last.usual else 0.0
    said["usual"] = text(f"panel.finding.usual.{last.against}", language, count=last.periods)
    if abs(gap) < (0.5 if unit == "percent" else 3):
        return text("panel.finding.steady", language, **said)
    amount = _distance(gap, "percent", language) if unit == "percent" else f"{number(abs(gap), 1, language)}%"
    return text(f"panel.finding.{'above' if gap > 0 else 'below'}", language, amount=amount, **said)


def _distance(gap: float, unit: str, language: str) -> str:
    """A difference without its sign: of percents in points."""
    if unit == "percent":
        return text("panel.change.points", language, points=number(abs(gap), 1, language))
    return with_unit(abs(gap), unit, language)


def bars_finding(
    names: Sequence[str], values: Sequence[float | None], unit: str, what: str, language: str, *, withheld: bool = False
) -> str:
    """What a breakdown shows: who has most of `what`, and its share of the whole.

    withheld   some parts are too small to be told, so nobody's share can be
    """
    known = [(x, name) for x, name in zip(values, names, strict=True) if x]
    if not known:
        return text("panel.finding.withheld" if withheld else "panel.finding.nothing", language, what=what)
    most, name = max(known, key=lambda pair: pair[0])
    if withheld:
        value = with_unit(most, unit, language)
        return text("panel.finding.most_told", language, name=name, value=value, what=what)
    share = number(100 * most / sum(x for x, _ in known), 0, language)
    return text(
        "panel.finding.most", language, name=name, value=with_unit(most, unit, language), share=share, what=what
    )


def card_period(value: Value, own: str, language: str) -> str:
    """The period a card's number is of: `own`, the page's in words, or that of the older fact standing in."""
    return own if value.period_of_value in ("", value.period) else fact_date(value.period_of_value, language)


@lru_cache(maxsize=4096)
def fact_date(period: str, language: str) -> str:
    """A fact's period as people date it: 202205 as "05/2022", a day as dd/mm/yyyy, else its label."""
    taken = Period.parse(period)
    if taken.type is PeriodType.DAY:
        return day(taken.start)
    return f"{taken.start:%m/%Y}" if taken.type is PeriodType.MONTH else taken.label(language)
