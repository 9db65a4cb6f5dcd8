"""Parts of sentences: how much, against what, how far from the target. Numbers in, words out.

Only what is significant is said to have changed: a rate from half a point, a count from
3 % (and never less than one) of the other.
"""

from __future__ import annotations

from dashboard import present
from dashboard.briefing.brief import FLOWS, Brief
from datasets.indicators.definition import Definition
from datasets.indicators.value import Value
from datasets.vietnamese import number

POINTS_THAT_COUNT = 0.5
PERCENT_THAT_COUNTS = 3.0
BASE_FOR_PERCENT = 20
CASES_TOLD = 30
"""A rate of fewer cases is told with them: "85,7% (6/7)"."""


def amount(brief: Brief, value: Value) -> str:
    """ "96,4%" or "312 hồ sơ", "dưới 5 ca" for a withheld count."""
    definition = brief.definition(value.indicator)
    if value.value is None:
        minimum = brief.queries.settings.privacy.minimum_cell
        said = present.figure_text(value, brief.language, minimum)
        return f"{said} {present.unit_word(definition.unit, brief.language)}" if said.startswith("<") else said
    return present.with_unit(value.value, definition.unit, brief.language)


def amount_of(brief: Brief, value: Value) -> str:
    """The amount, a rate of few cases with its cases: "85,7% (6/7)"."""
    said = amount(brief, value)
    if value.value is None or value.numerator is None or not value.denominator:
        return said
    if brief.definition(value.indicator).unit != "percent" or value.denominator > CASES_TOLD:
        return said
    parts = (number(part, None, brief.language) for part in (value.numerator, value.denominator))
    return f"{said} ({'/'.join(parts)})"


def change(brief: Brief, indicator: str) -> str:
    """ "tăng 8,2% so với tuần 46/2026"; "" where there is nothing to compare with, or too little."""
    here, there = brief.compared(indicator), brief.before(indicator)
    if here is None or there is None or here.value is None or there.value is None or not brief.is_new(there):
        return ""
    if present.is_of_few(here.denominator) or present.is_of_few(there.denominator):
        return ""
    definition = brief.definition(indicator)
    against = against_words(brief)
    per_day = not brief.same_length and definition.denominator is None and definition.numerator.count in FLOWS
    if per_day:
        days, other_days = brief.working_days(brief.period), brief.working_days(brief.period.previous())
        if not days or not other_days:
            return ""
        how = how_far(brief, definition, here.value / days, there.value / other_days, against, percent=True)
        return brief.say("change.per_day", how=how)
    return how_far(brief, definition, here.value, there.value, against)


def has_moved(brief: Brief, indicator: str) -> bool:
    """Whether the figure has changed by what is told as a change."""
    here, there = brief.compared(indicator), brief.before(indicator)
    if here is None or there is None or here.value is None or there.value is None or not change(brief, indicator):
        return False
    gap = abs(here.value - there.value)
    if brief.definition(indicator).unit == "percent":
        return gap >= POINTS_THAT_COUNT
    base = abs(there.value)
    return gap > 1e-9 and (base < BASE_FOR_PERCENT or 100 * gap / base >= PERCENT_THAT_COUNTS)


def against_words(brief: Brief) -> str:
    previous = brief.label(brief.period.previous())
    if brief.comparison is not None and not brief.comparison.whole:
        return brief.say("against.same_days", period=previous, days=brief.comparison.days)
    return previous


def how_far(
    brief: Brief, definition: Definition, here: float, there: float, against: str, *, percent: bool = False
) -> str:
    """ "tăng 8,2% so với tuần 46/2026", "giảm 1,3 điểm phần trăm so với ...", "tương đương tuần 46/2026"."""
    gap = here - there
    if abs(gap) < 1e-9:
        return brief.say("change.same", against=against)
    way = "up" if gap > 0 else "down"
    if definition.unit == "percent":
        if abs(gap) < POINTS_THAT_COUNT:
            return brief.say("change.alike", against=against)
        return brief.say(f"change.{way}", amount=points(brief, gap), against=against)
    share = 100 * abs(gap) / abs(there) if there else None
    if share is not None and (percent or abs(there) >= BASE_FOR_PERCENT):
        if share < PERCENT_THAT_COUNTS:
            return brief.say("change.alike", against=against)
        return brief.say(f"change.{way}", amount=f"{number(share, 1, brief.language)}%", against=against)
    far = present.with_unit(abs(gap), definition.unit, brief.language)
    return brief.say(f"change.{way}", amount=far, against=against)


def points(brief: Brief, gap: float) -> str:
    return brief.say("points", points=number(round(abs(gap), 1), None, brief.language))


def against_target(brief: Brief, value: Value) -> str:
    """ "đạt mục tiêu 98%" or "thấp hơn mục tiêu 98% là 1,6 điểm phần trăm"; "" without a target."""
    if value.target is None or value.value is None:
        return ""
    definition = brief.definition(value.indicator)
    if definition.better == "none":
        return ""
    target = present.with_unit(value.target, definition.unit, brief.language)
    gap = value.value - value.target
    if not value.target and definition.better == "lower":
        return brief.say("target.reached" if gap <= 0 else "target.zero", target=target)
    reached = gap >= 0 if definition.better == "higher" else gap <= 0
    if reached:
        more = definition.better == "higher" and amount(brief, value) != target
        return brief.say("target.exceeded" if more else "target.reached", target=target)
    if definition.unit == "percent":
        # the gap of the numbers as they are written, so that a reader can check it
        by = points(brief, round(value.value, 1) - round(value.target, 1)) if abs(gap) >= 0.05 else ""
        by = by or brief.say("target.nearly")
    else:
        by = present.with_unit(abs(gap), definition.unit, brief.language)
    return brief.say("target.below" if gap < 0 else "target.above", target=target, by=by)


def joined(parts: list[str], separator: str = ", ") -> str:
    return separator.join(part for part in parts if part)


def streak(brief: Brief, indicator: str) -> tuple[int, str]:
    """For how many periods in a row the figure has risen ("up") or fallen ("down"), this one included."""
    known = brief.history(indicator)
    if brief.is_running or any(not brief.is_new(value) for value in known[-3:]):
        return 0, ""
    numbers = [value.value for value in known]
    way, length = "", 0
    for later, earlier in zip(reversed(numbers), list(reversed(numbers))[1:], strict=False):
        if later is None or earlier is None or abs(later - earlier) < 0.05:
            break
        this = "up" if later > earlier else "down"
        if way and this != way:
            break
        way, length = this, length + 1
    return length, way
