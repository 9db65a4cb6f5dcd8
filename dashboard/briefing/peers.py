"""Among its peers: a commune's rank, and for a unit above communes the three that need help."""

from __future__ import annotations

from dashboard import present
from dashboard.briefing.brief import Brief
from dashboard.briefing.letterhead import plain_name
from dashboard.briefing.model import Paragraph, Sentence
from datasets.indicators.calculate import Request
from datasets.indicators.value import Value
from datasets.vietnamese import number

RANKED_BY = "ps_on_time_rate"
NEED_HELP = 3
FEWEST_PEERS = 3


def peers(brief: Brief) -> list[Paragraph]:
    """A sentence on the rank among communes of one parent; for a parent, one on those that need help."""
    below = _ranking(brief, brief.unit.code)
    if below:
        return [_need_help(brief, below)]
    if not brief.unit.parent:
        return []
    ranked = _ranking(brief, brief.unit.parent)
    codes = [value.unit for value in ranked]
    if len(ranked) < FEWEST_PEERS or brief.unit.code not in codes:
        return []
    mine = ranked[codes.index(brief.unit.code)]
    place = 1 + sum((other.value or 0) > (mine.value or 0) for other in ranked)
    said = brief.say("rank", place=place, count=len(ranked), name=brief.name(RANKED_BY).lower())
    return [Paragraph((Sentence(said, (brief.figure(mine),)),), "item")]


def _ranking(brief: Brief, parent: str) -> list[Value]:
    """The standing communes under a unit with a known rate, the best first; kept for the other reports of the run."""

    def find() -> list[Value]:
        units = brief.queries.units
        children = [u.code for u in units.units if u.parent == parent and u.level == "commune" and u.valid_to is None]
        if not children:
            return []
        asked = Request((RANKED_BY,), tuple(children), (brief.period,), rules=brief.rules)
        known = [v for v in brief.queries.values(asked) if v.value is not None]
        return sorted(known, key=lambda v: (-(v.value or 0), v.unit))

    return brief.queries.answer(("briefing peers", parent, brief.period.id, brief.rules), find)


def _need_help(brief: Brief, ranked: list[Value]) -> Paragraph:
    last = ranked[-NEED_HELP:][::-1]
    named = "; ".join(
        brief.say(
            "help.one",
            unit=plain_name(brief.queries.units.get(value.unit).name),
            value=present.with_unit(value.value, "percent", brief.language),
        )
        for value in last
    )
    said = brief.say("help", count=number(len(ranked), 0, brief.language), named=named)
    return Paragraph((Sentence(said, tuple(brief.figure(value) for value in last)),), "item")
