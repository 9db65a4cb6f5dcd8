"""The fixed parts of an official report (NĐ 30/2020/NĐ-CP, Phụ lục I; domain.md 9.1)."""

from __future__ import annotations

import re
from datetime import date, timedelta

from dashboard.briefing.brief import Brief
from dashboard.briefing.model import Letterhead
from datasets.vietnamese import day

_REMARK = re.compile(r"\s*\([^)]*\)\s*$")


def letterhead(brief: Brief) -> Letterhead:
    """Number and signature stay empty: what the centre makes is a draft."""
    name = plain_name(brief.unit.name)
    kind, _, place = name.partition(" ")
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
        recipients=tuple(brief.say(f"head.recipient.{n}", kind=kind.lower()) for n in (1, 2, 3)),
        signature=(brief.say("head.signed_for"), brief.say("head.signed_by")),
        annex_of=brief.say("head.annex_of", year=made.year, unit=inside(brief, name)),
    )


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


def span(brief: Brief) -> str:
    """ "từ ngày 16/11/2026 đến ngày 22/11/2026"."""
    last = brief.period.end - timedelta(days=1)
    return brief.say("head.span", first=day(brief.period.start), last=day(last))
