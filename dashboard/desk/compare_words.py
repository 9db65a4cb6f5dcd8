"""What a comparison says in one sentence, and who the peers are."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import present
from dashboard.desk.compare import Comparison, Peers, Row
from dashboard.desk.visit import Visit
from dashboard.privacy import Suppressed
from datasets.indicators.limits import Standing
from datasets.vietnamese import number

LEVELS = ("province", "district", "commune", "hamlet")
FEW = 3
"""As many units are named in a sentence; of more the number is told."""
ABOVE = (Standing.ABOVE, Standing.FAR_ABOVE)
BELOW = (Standing.BELOW, Standing.FAR_BELOW)
SHAPES = {"good": "●", "watch": "▲", "bad": "■", "none": ""}


def level_word(visit: Visit, level: str) -> str:
    """ "xã", "thôn": the level in the sentence; "đơn vị" for one the words do not know."""
    return visit.text(f"compare.level.{level if level in LEVELS else 'other'}")


def peers_words(visit: Visit, peers: Peers) -> str:
    """ "6 xã trực thuộc Tỉnh Minh Hoạ": who is compared and why these."""
    named = {"count": number(len(peers.units), language=visit.language), "level": level_word(visit, peers.level)}
    if peers.above is not None:
        return visit.text(f"compare.peers.{peers.how}", above=peers.above.name, **named)
    return visit.text("compare.peers.kind", **named)


def tone(row: Row, better: str) -> str:
    """good, watch, bad or none: a clear difference in the bad direction asks for attention, a far one is bad."""
    if row.standing is None or row.standing is Standing.WITHIN or better == "none":
        return "none"
    wrong = BELOW if better == "higher" else ABOVE
    if row.standing not in wrong:
        return "good"
    return "bad" if row.standing in (Standing.FAR_BELOW, Standing.FAR_ABOVE) else "watch"


def standing_words(visit: Visit, row: Row) -> str:
    if isinstance(row.value, Suppressed):
        return visit.text("compare.standing.withheld")
    if row.value.value is None:
        return visit.text("compare.standing.unknown")
    return visit.text(f"compare.standing.{row.standing.value}") if row.standing else ""


def said_value(visit: Visit, found: Comparison, value: float | None) -> str:
    return present.with_unit(value, found.definition.unit, visit.language)


def counted(visit: Visit, row: Row) -> str:
    """ "1.012/1.222": the components of a rate; nothing of a count."""
    if row.value.numerator is None or not row.value.denominator:
        return ""
    top, bottom = (number(x, language=visit.language) for x in (row.value.numerator, row.value.denominator))
    return f"{top}/{bottom}"


def finding(visit: Visit, found: Comparison) -> str:
    """One sentence from the numbers: who differs clearly, and from what; or that nobody does."""
    known = [row for row in found.rows if row.value.value is not None]
    level = level_word(visit, found.peers.level)
    withheld = sum(isinstance(row.value, Suppressed) for row in found.rows)
    missing = len(found.rows) - len(known) - withheld
    if not known:
        return visit.text("compare.finding.nothing", level=level)
    after = [
        visit.text(f"compare.finding.{which}", count=count, level=level)
        for which, count in (("missing", missing), ("withheld", withheld))
        if count
    ]
    if len(known) == 1:
        said = visit.text("compare.finding.alone", name=known[0].name, value=_figure(visit, found, known[0]))
    elif not any(row.standing for row in known):
        said = _extremes(visit, found, known)
    else:
        said = _clear(visit, found, known, level)
    return " ".join([said, *after])


def _clear(visit: Visit, found: Comparison, known: Sequence[Row], level: str) -> str:
    judged = [row for row in known if row.standing is not None]
    pooled = said_value(visit, found, found.pooled)
    group = visit.text("compare.size") if found.by_size else visit.text("compare.common", value=pooled)
    parts = []
    first = BELOW if found.definition.better == "higher" else ABOVE
    for side in (first, ABOVE if first is BELOW else BELOW):
        rows = [row for row in judged if row.standing in side]
        if rows:
            key = "below" if side is BELOW else "above"
            many = {"count": len(rows), "all": len(judged), "level": level, "group": group}
            names = _names(visit, found, rows if side is first else list(reversed(rows)))
            parts.append(visit.text(f"compare.finding.{key}", names=names, **many))
    if not parts:
        return visit.text("compare.finding.alike", all=len(judged), level=level, group=group)
    others = sum(row.standing is Standing.WITHIN for row in judged)
    if others:
        parts.append(visit.text("compare.finding.others", count=others, level=level))
    return " ".join(parts)


def _extremes(visit: Visit, found: Comparison, known: Sequence[Row]) -> str:
    by_value = sorted(known, key=lambda row: row.value.value or 0.0)
    low, high = by_value[0], by_value[-1]
    if low.value.value == high.value.value:
        return visit.text("compare.finding.equal", value=_figure(visit, found, low))
    return visit.text(
        "compare.finding.extremes",
        high=high.name,
        most=_figure(visit, found, high),
        low=low.name,
        least=_figure(visit, found, low),
    )


def _names(visit: Visit, found: Comparison, rows: Sequence[Row]) -> str:
    named = ", ".join(f"{row.name} ({_figure(visit, found, row)})" for row in rows[:FEW])
    if len(rows) <= FEW:
        return named
    return visit.text("compare.finding.more", names=named, count=len(rows) - FEW)


def _figure(visit: Visit, found: Comparison, row: Row) -> str:
    parts = counted(visit, row)
    value = said_value(visit, found, row.value.value)
    return visit.text("compare.figure", value=value, parts=parts) if parts else value
