"""Among its peers: a commune's rank; for a unit above communes their ranking, and those that need help.

A rank says something only where there are enough cases, and a rate is low only where
chance alone would hardly make it so: of communes that work alike, one in forty falls
below the limit. A small commune is therefore neither ranked on three dossiers nor
named for one late one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dashboard import present
from dashboard.briefing import completeness
from dashboard.briefing.brief import WEEKLY_DATASETS, Brief
from dashboard.briefing.letterhead import plain_name
from dashboard.briefing.model import Cell, Column, Figure, Paragraph, Sentence, Table
from dashboard.briefing.tables import value_cell
from datasets.indicators import limits
from datasets.indicators.calculate import Request
from datasets.indicators.limits import Standing
from datasets.indicators.value import Value
from datasets.vietnamese import ABSENT, number, sort_key

RANKED_BY = "ps_on_time_rate"
SHOWN = ("ps_received", "ps_resolved", RANKED_BY, "ps_pending_overdue", "ps_online_rate", "doc_done_on_time_rate")
NEED_HELP = 3
FEWEST_PEERS = 3
FEWEST_CASES = 10
"""Dossiers resolved in the period, below which a commune is not ranked."""
LOW = (Standing.BELOW, Standing.FAR_BELOW)


@dataclass(frozen=True, slots=True)
class Peer:
    """A commune among the others. `place` from 1, shared by equals; None without enough cases. `low`: beyond chance."""

    unit: str
    figures: Mapping[str, Value]
    place: int | None
    low: bool

    @property
    def rate(self) -> Value:
        return self.figures[RANKED_BY]


def peers(brief: Brief) -> list[Paragraph]:
    """A sentence on the rank among communes of one parent; for a parent, on those that need help or are silent."""
    if brief.communes:
        silent = [Paragraph((Sentence(said),), "item") for said in completeness.silent(brief, WEEKLY_DATASETS)]
        return [*_need_help(brief, _ranked(brief, brief.unit.code)), *silent]
    if not brief.unit.parent:
        return []
    everyone = _ranked(brief, brief.unit.parent)
    placed = [peer for peer in everyone if peer.place is not None]
    mine = next((peer for peer in placed if peer.unit == brief.unit.code), None)
    if mine is None or len(placed) < FEWEST_PEERS:
        return []
    shared = sum(peer.place == mine.place for peer in placed) > 1
    key = "rank.shared" if shared else "rank"
    said = brief.say(key, place=mine.place, count=len(placed), name=brief.name(RANKED_BY).lower())
    return [Paragraph((Sentence(said, (brief.figure(mine.rate),)),), "item")]


def ranking(brief: Brief) -> Table | None:
    """The communes below the unit, the best first, those without enough cases last; None for a commune."""
    everyone = _ranked(brief, brief.unit.code) if brief.communes else []
    if not everyone:
        return None
    shown = [indicator for indicator in SHOWN if brief.known(indicator)]
    columns = (
        Column(brief.say("ranking.place"), 13, "center"),
        Column(brief.say("ranking.unit"), 34),
        *(Column(brief.say(f"ranking.{indicator}"), 19, "right") for indicator in shown),
    )
    rows = []
    for peer in everyone:
        place = Cell(str(peer.place), "number", peer.place) if peer.place else Cell("–")
        tone = "bad" if peer.low else ""
        name = Cell(plain_name(brief.queries.units.get(peer.unit).name), tone=tone)
        cells = [_cell(brief, peer.figures[i]) for i in shown]
        rows.append((place, name, *cells))
    title = brief.say("ranking.title", count=len(everyone))
    note = brief.say("ranking.note", cases=FEWEST_CASES)
    return Table("ranking", title, columns, tuple(rows), note=note)


def _figure(brief: Brief, value: Value) -> Figure | None:
    return brief.figure(value) if value.value is not None else None


def _need_help(brief: Brief, everyone: list[Peer]) -> list[Paragraph]:
    """At most three, the lowest first, of those whose rate chance does not explain."""
    placed = [peer for peer in everyone if peer.place is not None]
    if len(placed) < FEWEST_PEERS:
        return []
    count = number(len(placed), 0, brief.language)
    low = [peer for peer in reversed(placed) if peer.low][:NEED_HELP]
    whole = brief.value(RANKED_BY)
    figures = [brief.figure(whole)] if whole is not None and whole.value is not None else []
    if not low:
        return [Paragraph((Sentence(brief.say("help.none", count=count), tuple(figures)),), "item")]
    named = []
    for peer in low:
        rate, overdue = peer.rate, peer.figures.get("ps_pending_overdue")
        late = (rate.denominator or 0) - (rate.numerator or 0)
        params: dict[str, object] = {
            "unit": plain_name(brief.queries.units.get(peer.unit).name),
            "value": present.with_unit(rate.value, "percent", brief.language),
            "late": number(late, 0, brief.language),
            "of": number(rate.denominator or 0, 0, brief.language),
        }
        figures.append(brief.figure(rate))
        if overdue is not None and overdue.value:
            figures.append(brief.figure(overdue))
            overdue_said = number(overdue.value, 0, brief.language)
            named.append(brief.say("help.one_overdue", **params, overdue=overdue_said))
        else:
            named.append(brief.say("help.one", **params))
    said = brief.say("help", count=count, few=number(len(low), 0, brief.language), named="; ".join(named))
    return [Paragraph((Sentence(said, tuple(figures)),), "item")]


def _cell(brief: Brief, value: Value) -> Cell:
    """A figure of a commune; a dash instead of the 0 of one that told nothing in all of the period."""
    dataset = brief.definition(value.indicator).numerator.dataset
    if not value.value and brief.is_silent(value.unit, dataset):
        return Cell(ABSENT)
    return value_cell(brief, value, _figure(brief, value))


def _ranked(brief: Brief, parent: str) -> list[Peer]:
    """The standing communes under a unit, the best first; kept for the other reports of the run."""

    def find() -> list[Peer]:
        units = brief.queries.units
        codes = [u.code for u in units.units if u.parent == parent and u.level == "commune" and u.valid_to is None]
        if not codes:
            return []
        indicators = tuple(indicator for indicator in SHOWN if brief.known(indicator))
        figures: dict[str, dict[str, Value]] = {code: {} for code in codes}
        for value in brief.queries.values(Request(indicators, tuple(codes), (brief.period,), rules=brief.rules)):
            figures[value.unit][value.indicator] = value
        return _placed(figures, {code: units.get(code).name for code in codes})

    return brief.queries.answer(("briefing peers", parent, brief.period.id, brief.rules), find)


def _placed(figures: Mapping[str, Mapping[str, Value]], names: Mapping[str, str]) -> list[Peer]:
    rates = {code: found[RANKED_BY] for code, found in figures.items()}
    enough = {code: rate for code, rate in rates.items() if (rate.denominator or 0) >= FEWEST_CASES}
    done, cases = (sum(getattr(r, part) or 0 for r in enough.values()) for part in ("numerator", "denominator"))
    usual = done / cases if cases else 0.0
    best = sorted(enough, key=lambda code: (-(enough[code].value or 0), sort_key(names[code])))
    rest = sorted((code for code in rates if code not in enough), key=lambda code: sort_key(names[code]))
    found = []
    for code in best:
        rate = enough[code]
        place = 1 + sum((other.value or 0) > (rate.value or 0) for other in enough.values())
        found.append(Peer(code, figures[code], place, _is_low(rate, usual)))
    return [*found, *(Peer(code, figures[code], None, False) for code in rest)]


def _is_low(rate: Value, usual: float) -> bool:
    """Below the funnel's limit for its number of cases (datasets/indicators/limits.py), and with cases late at all."""
    around = limits.of_share(usual, int(rate.denominator or 0))
    done = (rate.numerator or 0) / (rate.denominator or 1)
    return around is not None and done < usual and around.standing(done) in LOW
