"""The fixed parts of an official report (NĐ 30/2020/NĐ-CP, Phụ lục I; domain.md 9.1)."""

from __future__ import annotations

import re
from datetime import date, timedelta

from dashboard.briefing.brief import Brief
from dashboard.briefing.model import Letterhead
from datasets.periods import PeriodType
from datasets.vietnamese import day

_REMARK = re.compile(r"\s*\([^)]*\)\s*$")


def letterhead(brief: Brief) -> Letterhead:
    """Number and signature stay empty, for hand and stamp; what the centre makes is a draft until it is issued."""
    name = plain_name(brief.unit.name)
    kind, place = kind_and_place(name)
    made = brief.now.astimezone(brief.queries.zone).date()
    return Letterhead(
        superior=brief.say("head.body"),
        body=name.upper(),
        motto=(brief.say("head.nation"), brief.say("head.motto")),
        number=brief.say("head.number"),
        place_and_date=brief.say("head.date", place=place or name, day=written_day(brief, made)),
        kind=brief.say("head.kind"),
        summary=summary(brief),
        draft=brief.say("head.draft"),
        recipients_title=brief.say("head.recipients"),
        recipients=_recipients(brief, kind),
        signature=(brief.say("head.signed_for"), brief.say("head.signed_by")),
        annex_of=brief.say("head.annex_of", year=made.year, unit=inside(brief, name)),
    )


def kind_and_place(name: str) -> tuple[str, str]:
    """What a unit is and how it is called, the name from its second capital on: "Xã" and "An Bình Đông"."""
    words = name.split(" ")
    start = next((n for n, word in enumerate(words) if n and not word[:1].islower()), len(words))
    return " ".join(words[:start]), " ".join(words[start:])


def _recipients(brief: Brief, kind: str) -> tuple[str, ...]:
    """The Party committee beside the People's Committee is called after its level; a city's has two words."""
    level = "commune" if brief.unit.level != "province" else "city" if " " in kind else "province"
    said = kind.lower() if brief.language == "vi" else brief.unit.level
    party = brief.say(f"head.party.{level}")
    return tuple(brief.say(f"head.recipient.{n}", kind=said, party=party) for n in (1, 2, 3))


def summary(brief: Brief) -> str:
    """ "Kết quả công tác tuần 47/2026 và nhiệm vụ trọng tâm tuần 48/2026"."""
    return brief.say("head.summary", period=brief.label(brief.period), next=brief.label(brief.period.next()))


def closing(brief: Brief) -> str:
    """The last line of the text, with the mark that ends it."""
    unit = inside(brief, plain_name(brief.unit.name))
    return brief.say("closing", unit=unit, period=brief.label(brief.period), next=brief.label(brief.period.next()))


def inside(brief: Brief, name: str) -> str:
    """A unit's name inside a Vietnamese sentence: "xã An Bình Đông"."""
    return name[:1].lower() + name[1:] if brief.language == "vi" else name


def plain_name(name: str) -> str:
    """A unit's name without a remark in brackets: "Xã An Bình Đông (minh hoạ)" is "Xã An Bình Đông"."""
    return _REMARK.sub("", name)


def written_day(brief: Brief, on: date) -> str:
    """ "ngày 05 tháng 01 năm 2026": days below 10 and January, February take a leading 0."""
    month = f"{on.month:02}" if on.month < 3 else str(on.month)
    if brief.language == "en":
        month = f"{on.month:02}"
    return brief.say("head.day", day=f"{on.day:02}", month=month, year=on.year)


def dated(brief: Brief) -> str:
    """ "tuần 47/2026 (từ ngày 16/11/2026 đến ngày 22/11/2026)"; a day's name is its date."""
    period = brief.label(brief.period)
    if brief.period.type is PeriodType.DAY:
        return period
    last = brief.period.end - timedelta(days=1)
    return brief.say("head.span", period=period, first=day(brief.period.start), last=day(last))
