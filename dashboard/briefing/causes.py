"""What went wrong and where it comes from: figures past their threshold, and who contributes most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard import present
from dashboard.briefing.brief import Brief
from dashboard.briefing.letterhead import plain_name
from dashboard.briefing.model import Figure, Paragraph, Sentence
from dashboard.briefing.phrases import against_target, amount, amount_of, change, joined
from dashboard.members import member_name
from datasets.indicators.value import Status, Value
from datasets.vietnamese import number, sort_key

DIMENSIONS = ("procedure_field", "document_type", "category", "hamlet", "department", "handler")
"""Where a cause may lie, in the order it is told; for a unit above communes it lies in a commune first."""
SHARE_THAT_COUNTS = 30.0
CASES_THAT_COUNT = 2
NAMED = 2
MOST_TOLD = 10
MOST_CAUSES = 6
"""Troubles, and causes of them, that the paper tells; the rest stands in the tables."""
ALWAYS_TOLD = ("ps_pending_overdue", "doc_overdue_open")
"""Counts that are told whenever they are above 0, whatever their threshold says."""


@dataclass(frozen=True, slots=True)
class Contributor:
    """A member of a dimension, what of the trouble is its own, and that as a share of all of it."""

    member: str
    amount: float
    share: float
    figure: Figure


def troubles(brief: Brief, indicators: Sequence[str]) -> list[Value]:
    """The figures of the period that are bad, then those to watch, rates of few cases last; each once."""
    found = []
    for indicator in dict.fromkeys(indicators):
        value = brief.value(indicator)
        if value is None or value.value is None or not brief.is_new(value):
            continue
        told = indicator in ALWAYS_TOLD and value.value > 0
        if told or value.status in (Status.BAD, Status.WATCH):
            found.append(value)
    return sorted(found, key=lambda v: (present.is_of_few(v.denominator), v.status is not Status.BAD))


def shortcomings(brief: Brief, values: Sequence[Value]) -> list[Paragraph]:
    """One line for each trouble: how much, since last time, how far from the target."""
    told = [Paragraph((_shortcoming(brief, value),), "item") for value in values[:MOST_TOLD]]
    if left := values[MOST_TOLD:]:
        said = brief.say("shortcoming.more", count=number(len(left), 0, brief.language))
        told.append(Paragraph((Sentence(said, tuple(brief.figure(value) for value in left)),), "item"))
    return told


def _shortcoming(brief: Brief, value: Value) -> Sentence:
    key = "shortcoming.overdue" if value.indicator in ALWAYS_TOLD else "shortcoming"
    said = brief.say(key, name=_name(brief, value.indicator), amount=amount_of(brief, value))
    parts = [said, change(brief, value.indicator), against_target(brief, value)]
    return Sentence(f"{joined(parts)}.", (brief.figure(value),))


def causes(brief: Brief, values: Sequence[Value]) -> list[Paragraph]:
    """For each trouble that can be split: who it comes from, by field, hamlet and desk."""
    found: list[Paragraph] = []
    told: set[str] = set()
    for value in values:
        if len(found) < MOST_CAUSES and (sentence := _cause(brief, value)):
            from_whom = sentence.text.partition(": ")[2]
            if from_whom not in told:  # two figures of the same dossiers have the same causes
                found.append(Paragraph((sentence,), "item"))
            told.add(from_whom)
    return found


def _cause(brief: Brief, value: Value) -> Sentence | None:
    definition = brief.definition(value.indicator)
    parts, figures = [], [brief.figure(value)]
    unit = "count" if value.denominator is not None else definition.unit
    places = [name for name in DIMENSIONS if name in definition.drill_by]
    if brief.communes:
        places = ["unit", *(name for name in places if name not in ("hamlet", "handler"))]
    for dimension in places:
        top = contributors(brief, value, dimension)
        if not top:
            continue
        named = [
            brief.say("cause.member", name=one.member, amount=_count(brief, one.amount, unit), share=_share(brief, one))
            for one in top
        ]
        parts.append(brief.say(f"cause.{dimension}", members=brief.say("and").join(named)))
        figures += [one.figure for one in top]
    if not parts:
        return None
    if value.denominator is not None:
        short = (value.denominator or 0) - (value.numerator or 0)
        if definition.better == "lower":
            short = value.numerator or 0
        key = "cause.rate" if definition.better != "lower" else "cause.rate_lower"
        about = brief.say(key, name=_name(brief, value.indicator), count=number(short, 0, brief.language))
    else:
        about = brief.say("cause.count", name=_name(brief, value.indicator), amount=amount(brief, value))
    return Sentence(f"{about}{'; '.join(parts)}.", tuple(figures))


def contributors(brief: Brief, value: Value, dimension: str) -> list[Contributor]:
    """The (at most two) members with most of the trouble, each with a share that counts and ahead of the others.

    Of a rate, the trouble is what is missing from the numerator (or, where lower is
    better, the numerator). Nothing when a member is not written down, or with fewer
    than two cases in all: then there is nothing to be shared.
    """
    lower = brief.definition(value.indicator).better != "higher"
    sizes = []
    for part in brief.values((value.indicator,), (brief.period,), by=dimension):
        member = (part.by or {}).get(dimension, "")
        if part.denominator is not None and part.numerator is not None:
            size = part.numerator if lower else part.denominator - part.numerator
        else:
            size = part.value or 0
        if size:
            sizes.append((size, member, part))
    whole = sum(size for size, _, _ in sizes)
    if whole < 2:
        return []
    sizes.sort(key=lambda row: (-row[0], sort_key(row[1])))
    found = []
    floor = sizes[NAMED][0] if len(sizes) > NAMED else 0.0  # who is no worse than the next is not named
    for size, member, part in sizes[:NAMED]:
        share = 100 * size / whole
        if member and share >= SHARE_THAT_COUNTS and size >= CASES_THAT_COUNT and size > floor:
            name = plain_name(member_name(brief.queries, dimension, member, brief.language))
            name = person_free(name, dimension)
            found.append(Contributor(name, size, share, brief.figure(part, number(size, 0, brief.language))))
    return found


def _name(brief: Brief, indicator: str) -> str:
    """The indicator as a shortcoming is called; the catalogue's name otherwise."""
    return brief.say(f"name.{indicator}") if indicator in ALWAYS_TOLD else brief.name(indicator)


def person_free(name: str, dimension: str) -> str:
    """Staff by their code or initials, never by name (domain.md 10)."""
    if dimension != "handler" or any(letter.isdigit() for letter in name):
        return name
    return "".join(f"{word[0].upper()}." for word in name.split() if word[0].isalpha())


def _count(brief: Brief, size: float, unit: str) -> str:
    if unit == "count":
        return brief.say("cause.cases", count=number(size, 0, brief.language))
    return present.with_unit(size, unit, brief.language)


def _share(brief: Brief, one: Contributor) -> str:
    return f"{number(one.share, 0, brief.language)}%"
