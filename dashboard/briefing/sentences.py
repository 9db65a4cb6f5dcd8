"""What happened, in sentences: rules from figures to official prose.

Dossiers and documents have sentences of their own, for the meeting always asks the same
of them; every other panel's figures become one line each. A number that is not known is
never said; that it is not known is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dashboard import present
from dashboard.briefing.brief import STREAKS, Brief
from dashboard.briefing.model import Figure, Paragraph, Sentence
from dashboard.briefing.phrases import (
    against_target,
    amount,
    amount_of,
    change,
    has_moved,
    joined,
    streak,
)
from datasets.indicators.value import Value
from datasets.periods import Period, PeriodType
from datasets.vietnamese import number

STREAK_THAT_COUNTS = 3
DOSSIERS_SAID = (
    "ps_received", "ps_received_online", "ps_online_rate", "ps_carried_over", "ps_in_hand", "ps_resolved",
    "ps_resolved_early", "ps_resolved_on_time", "ps_resolved_late", "ps_on_time_rate", "ps_pending",
    "ps_pending_in_time", "ps_pending_overdue",
)  # fmt: skip
"""Indicators that the sentences on dossiers speak of."""
DOCUMENTS_SAID = ("doc_incoming", "doc_outgoing", "doc_done_on_time_rate", "doc_backlog", "doc_overdue_open")
MOST_LINES = 8
MOST_OLD = 8
"""Figures that the paper tells one by one; all of them stand in the tables."""


def dossiers(brief: Brief) -> list[Paragraph]:
    """Received, resolved, pending: the three sentences every meeting begins with."""
    if brief.number("ps_received") is None and brief.number("ps_pending") is None:
        return []
    sentences = [*_received(brief), *_resolved(brief), *_pending(brief), *_streaks(brief, STREAKS[:2])]
    return [Paragraph(tuple(sentences))]


def _received(brief: Brief) -> list[Sentence]:
    received, online = brief.value("ps_received"), brief.value("ps_received_online")
    if received is None or received.value is None:
        return []
    figures = [brief.figure(received)]
    if not received.value:
        if brief.is_silent(brief.unit.code, "dossier"):
            return []  # nobody has told us so
        return [Sentence(brief.say("received.none", period=brief.term("during")), tuple(figures))]
    parts = [
        brief.say("received.some", period=brief.term("during"), amount=amount(brief, received)),
        change(brief, "ps_received"),
    ]
    said = joined(parts)
    if online is not None and online.value is not None:
        rate = brief.value("ps_online_rate")
        figures.append(brief.figure(online))
        if not online.value:
            said += brief.say("received.online_none")
        elif rate is not None and rate.value is not None:
            figures.append(brief.figure(rate))
            share = brief.say("received.online", amount=amount(brief, online), share=amount(brief, rate))
            said += joined([share, against_target(brief, rate)])
    sentences = [Sentence(f"{said}.", tuple(figures))]
    carried, in_hand = brief.value("ps_carried_over"), brief.value("ps_in_hand")
    if carried and carried.value and in_hand and in_hand.value:
        said = brief.say("received.carried", carried=amount(brief, carried), total=amount(brief, in_hand))
        sentences.append(Sentence(said, (brief.figure(carried), brief.figure(in_hand))))
    return sentences


def _resolved(brief: Brief) -> list[Sentence]:
    resolved, rate, late = (brief.value(f"ps_{name}") for name in ("resolved", "on_time_rate", "resolved_late"))
    if resolved is None or resolved.value is None:
        return []
    if not resolved.value:
        if brief.is_silent(brief.unit.code, "dossier"):
            return []
        said = brief.say("resolved.none", period=brief.term("during"))
        return [Sentence(said, (brief.figure(resolved),))]
    said = joined([brief.say("resolved.some", amount=amount(brief, resolved)), change(brief, "ps_resolved")])
    figures = [brief.figure(resolved)]
    if rate is not None and rate.value is not None:
        figures.append(brief.figure(rate))
        share = brief.say(
            "resolved.on_time",
            count=present.with_unit(rate.numerator, "dossiers", brief.language),
            rate=amount(brief, rate),
        )
        if late is not None and late.value == 0:
            share = brief.say("resolved.all_on_time")
            figures.append(brief.figure(late))
        said += joined([share, change(brief, "ps_on_time_rate"), against_target(brief, rate)])
    return [Sentence(f"{said}.", tuple(figures))]


def _pending(brief: Brief) -> list[Sentence]:
    pending, overdue = brief.value("ps_pending"), brief.value("ps_pending_overdue")
    if pending is None or pending.value is None:
        return []
    until = brief.say("until.now" if brief.is_running else "until.end", end=brief.term("end_of"))
    if not pending.value:
        return [Sentence(brief.say("pending.none", until=until), (brief.figure(pending),))]
    said = brief.say("pending.some", until=until, amount=amount(brief, pending))
    figures = [brief.figure(pending)]
    if overdue is not None and overdue.value is not None:
        figures.append(brief.figure(overdue))
        if overdue.value:
            share = present.with_unit(100 * overdue.value / pending.value, "percent", brief.language)
            how = brief.say("pending.overdue", amount=amount(brief, overdue), share=share)
            said += joined([how, change(brief, "ps_pending_overdue")])
        else:
            said += brief.say("pending.in_time")
    return [Sentence(f"{said}.", tuple(figures))]


def documents(brief: Brief) -> list[Paragraph]:
    """In, out, done in time, left: the register's week."""
    incoming, outgoing = brief.value("doc_incoming"), brief.value("doc_outgoing")
    sentences = []
    told = incoming is not None and (incoming.value or not brief.is_silent(brief.unit.code, "document"))
    if incoming is not None and incoming.value is not None and told:
        figures = [brief.figure(incoming)]
        key = "documents.in" if incoming.value else "documents.in_none"
        said = brief.say(key, period=brief.term("during"), amount=amount(brief, incoming))
        said = joined([said, change(brief, "doc_incoming")])
        if outgoing is not None and outgoing.value is not None:
            figures.append(brief.figure(outgoing))
            key = "documents.out" if outgoing.value else "documents.out_none"
            said += joined([brief.say(key, amount=amount(brief, outgoing)), change(brief, "doc_outgoing")])
        sentences.append(Sentence(f"{said}.", tuple(figures)))
    rate = brief.value("doc_done_on_time_rate")
    if rate is not None and rate.value is not None:
        said = joined(
            [
                brief.say("documents.on_time", rate=amount(brief, rate)),
                change(brief, "doc_done_on_time_rate"),
                against_target(brief, rate),
            ]
        )
        sentences.append(Sentence(f"{said}.", (brief.figure(rate),)))
    backlog, overdue = brief.value("doc_backlog"), brief.value("doc_overdue_open")
    if backlog is not None and backlog.value is not None:
        until = brief.say("until.now" if brief.is_running else "until.end", end=brief.term("end_of"))
        figures = [brief.figure(backlog)]
        if not backlog.value:
            said = brief.say("documents.none_left", until=until)
        else:
            said = brief.say("documents.left", until=until, amount=amount(brief, backlog))
            if overdue is not None and overdue.value is not None:
                figures.append(brief.figure(overdue))
                said += (
                    brief.say("documents.overdue", amount=amount(brief, overdue))
                    if overdue.value
                    else brief.say("documents.none_overdue")
                )
        sentences.append(Sentence(f"{said}.", tuple(figures)))
    sentences += _streaks(brief, STREAKS[2:])
    return [Paragraph(tuple(sentences))] if sentences else []


def _streaks(brief: Brief, indicators: Sequence[str]) -> list[Sentence]:
    found = []
    for indicator in indicators:
        value = brief.value(indicator)
        length, way = streak(brief, indicator) if value is not None and value.value is not None else (0, "")
        if value is not None and length >= STREAK_THAT_COUNTS:
            said = brief.say(
                f"streak.{way}",
                count=length,
                unit=brief.term("unit"),
                name=brief.say(f"streak.name.{indicator}"),
            )
            told = brief.history(indicator)[-length - 1 :]
            found.append(Sentence(said, tuple(brief.figure(each) for each in reversed(told))))
    return found


def lines(brief: Brief, values: Sequence[Value], main: Collection[str]) -> list[Paragraph]:
    """One line for each of the figures that are new in the period and say something, what needs attention first.

    main   the indicators of the panel's first and most important part: these are told though nothing
           has happened to them
    """
    order = {"bad": 0, "watch": 1, "good": 2, "none": 3}
    telling = [
        value
        for value in values
        if value.value is not None
        and brief.is_new(value)
        and (value.indicator in main or value.status.value != "none" or has_moved(brief, value.indicator))
    ]
    fresh = sorted(telling, key=lambda v: (present.is_of_few(v.denominator), order[v.status.value]))
    return [Paragraph((line(brief, value),), "item") for value in fresh[:MOST_LINES]]


def line(brief: Brief, value: Value) -> Sentence:
    """ "Tỷ lệ tiêm chủng: 96,4%, tăng 1,2 điểm phần trăm so với tuần 46/2026, đạt mục tiêu 95%." """
    when = ""
    if value.period_of_value not in ("", value.period):
        when = brief.say("line.period", period=brief.label(Period.parse(value.period_of_value)))
    said = brief.say("line", name=brief.name(value.indicator), amount=f"{amount_of(brief, value)}{when}")
    compared = "" if when else change(brief, value.indicator)
    return Sentence(f"{joined([said, compared, against_target(brief, value)])}.", (brief.figure(value),))


def old_facts(brief: Brief, values: Sequence[Value]) -> list[Paragraph]:
    """One sentence on the figures that were last reported before the period."""
    old = [v for v in values if v.value is not None and not brief.is_new(v)]
    more = len(old) - MOST_OLD
    old = old[:MOST_OLD]
    if not old:
        return []
    said = "; ".join(
        brief.say(
            "old.one",
            name=inside(brief, brief.name(value.indicator)),
            amount=amount(brief, value),
            date=dated(brief, value),
        )
        for value in old
    )
    if more > 0:
        said = brief.say("old.more", facts=said, count=number(more, 0, brief.language))
    figures: tuple[Figure, ...] = tuple(brief.figure(value) for value in old)
    return [Paragraph((Sentence(brief.say("old", period=brief.term("during"), facts=said), figures),))]


def dated(brief: Brief, value: Value) -> str:
    """ "10/2026", "tuần 46/2026": of when an older figure is."""
    said = present.fact_date(value.period_of_value, brief.language)
    return said[:1].lower() + said[1:] if brief.language == "vi" else said


def days_off(brief: Brief) -> list[Sentence]:
    """That the week was short, for who compares it with another."""
    if brief.period.type is not PeriodType.WEEK:
        return []
    days, usual = brief.working_days(brief.period), brief.working_days(brief.period.previous())
    if days == 0:
        return [Sentence(brief.say("days.none", period=_upper(brief.label(brief.period))))]
    if days != usual:
        key = "days.fewer" if days < usual else "days.more"
        return [
            Sentence(
                brief.say(
                    key, period=_upper(brief.label(brief.period)), days=days, other=usual,
                    previous=brief.label(brief.period.previous()),
                )
            )
        ]  # fmt: skip
    return []


def inside(brief: Brief, name: str) -> str:
    """A name inside a sentence; abbreviations and proper names keep their capitals."""
    first = name.split(" ", 1)[0]
    return name if first.isupper() and len(first) > 1 else name[:1].lower() + name[1:]


def _upper(said: str) -> str:
    return said[:1].upper() + said[1:]
