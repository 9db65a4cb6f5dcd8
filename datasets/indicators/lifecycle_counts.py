"""The kinds of counts of what comes in, is due and ends, each as a recipe of flows and stocks.

A flow (received, resolved, refused, ...) adds up the days of the window. A stock
(pending, carried over, overdue) at the start of day b is walked back from what is open
now: open + ended since b - received since b. So a figure costs the days since b and
the open rows, never the whole past.

Dossiers, documents and petitions share this life (datasets/schema/lifecycle.py).
Rules: design.md 4; domain.md 1.6-1.8, 2.3; which end counts is in rules.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from datasets.indicators.rules import RuleSet
from datasets.schema.lifecycle import TIMELINESS

Where = tuple[tuple[str, object], ...]
"""Conditions on stored columns, sorted by column, with hashable members."""

KINDS = ("received", "carried_over", "resolved", "pending", "in_hand", "refused", "withdrawn", "stopped", "awaiting")
SPECIAL = ("timeliness", "overdue", "due_within_days", "overdue_days", "has_due")
"""Keys of a catalogue `where` that are not stored columns."""
AGES = {"days_overdue": "due_on", "days_waiting": "received_on"}
"""Ages that are not stored, for they grow by themselves: working days from that column to the last day looked at."""


@dataclass(frozen=True, slots=True)
class Term:
    """Rows counted on the day in column `day` that satisfy `where`."""

    day: str
    where: Where


Terms = tuple[tuple[int, Term], ...]
"""A sum of daily counts, each with its sign."""


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Rows by the day on which something befell them. There is one object of each: `flow` makes it.

    what    received; resolved, of a timeliness in `which`; ended, in a class of `which`; or, for walking a stock
            back, what left it less what joined it: open, open_with_due, awaiting
    terms   the same as daily counts
    """

    rules: RuleSet
    what: str
    plain: Where
    which: tuple[str, ...]
    terms: Terms

    @property
    def day(self) -> str:
        """The column with the day of a flow that is not for walking."""
        return "received_on" if self.what == "received" else "end_on"


@dataclass(frozen=True, slots=True, eq=False)
class Stock:
    """Rows that are pending, or awaiting a supplement, at the first day of the window or the day after its last.

    special   what is asked of their due moments
    walked    the flows, with their signs, by which the number is walked back from that of now; empty where only
              the rows can tell. One that asks for due moments can be walked back to days that have begun only
    """

    rules: RuleSet
    what: str
    at_start: bool
    plain: Where
    special: Where
    walked: tuple[tuple[int, Flow], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Recipe:
    """A count as the sum of flows over the window and of stocks at one of its edges."""

    flows: tuple[Flow, ...]
    stocks: tuple[Stock, ...] = ()


def freeze(where: Mapping[str, object]) -> Where:
    """Catalogue conditions in a form that can be a key: lists as tuples, mappings as sorted pairs."""

    def hashable(value: object) -> object:
        if isinstance(value, Mapping):
            return ("bounds", *sorted(value.items()))
        return tuple(value) if isinstance(value, list | tuple) else value

    return tuple(sorted((column, hashable(value)) for column, value in where.items()))


def thaw(where: Where) -> dict[str, object]:
    """The mapping that `freeze` was given."""
    return {
        column: dict(value[1:]) if isinstance(value, tuple) and value[:1] == ("bounds",) else value
        for column, value in where
    }


def split(where: Mapping[str, object]) -> tuple[dict[str, object], dict[str, object]]:
    """Conditions on stored columns, and the special ones."""
    plain = {key: value for key, value in where.items() if key not in SPECIAL}
    special = {key: value for key, value in where.items() if key in SPECIAL}
    has_due = special.pop("has_due", None)
    if has_due is not None:
        plain["due_on"] = {"known": True} if has_due else None
    return plain, special


def wanted_timeliness(special: Mapping[str, object]) -> tuple[str, ...]:
    """The `timeliness` of a catalogue where: one word, a list, or all when absent."""
    wanted = special.get("timeliness", TIMELINESS)
    return (wanted,) if isinstance(wanted, str) else tuple(cast(tuple[str, ...], wanted))


@cache
def recipe(kind: str, where: Where, rules: RuleSet) -> Recipe:
    """How rows are counted by `kind` under `where`. Raises KeyError for an unknown kind."""
    conditions, special = split(thaw(where))
    plain, wanted = freeze(conditions), wanted_timeliness(special)
    received, due = flow(rules, "received", plain), {k: v for k, v in special.items() if k != "timeliness"}
    match kind:
        case "received":
            return Recipe((received,))
        case "resolved":
            return Recipe((flow(rules, "resolved", plain, wanted),))
        case "refused" | "withdrawn" | "stopped":
            return Recipe((flow(rules, "ended", plain, (kind,)),))
        case "carried_over":
            return Recipe((), (pending(rules, plain, at_start=True),))
        case "pending":
            return Recipe((), (pending(rules, plain, freeze(due)),))
        case "awaiting":
            walked = ((1, flow(rules, "awaiting", plain)),)
            return Recipe((), (Stock(rules, "awaiting", False, plain, (), walked),))
        case "in_hand" if "timeliness" not in special:
            return Recipe((received,), (pending(rules, plain, at_start=True),))
        case "in_hand":
            late = [overdue for overdue, when in ((False, "on_time"), (True, "late")) if when in wanted]
            stocks = tuple(pending(rules, plain, (("overdue", overdue),)) for overdue in late)
            return Recipe((flow(rules, "resolved", plain, wanted),), stocks)
    raise KeyError(kind)


@cache
def pending(rules: RuleSet, plain: Where, special: Where = (), at_start: bool = False) -> Stock:
    """Received before the day and not ended before it, with what is asked of their due moments."""
    open_, with_due = flow(rules, "open", plain), flow(rules, "open_with_due", plain)
    walks: dict[Where, tuple[tuple[int, Flow], ...]] = {
        (): ((1, open_),),
        (("overdue", True),): ((1, with_due),),
        (("overdue", False),): ((1, open_), (-1, with_due)),
    }
    return Stock(rules, "pending", at_start, plain, special, walks.get(special, ()))


@cache
def flow(rules: RuleSet, what: str, plain: Where, which: tuple[str, ...] = ()) -> Flow:
    """The one flow of its kind."""
    conditions = thaw(plain)
    received: Terms = ((1, Term("received_on", plain)),)
    match what:
        case "received":
            terms = received
        case "resolved":
            terms = _resolved(conditions, rules, which)
        case "ended":
            terms = _ended(which, conditions)
        case "open":
            terms = _ended(rules.ends, conditions) + _taken_off(received)
        case "open_with_due":
            terms = (*_settled(rules.ends, conditions), (-1, Term("overdue_from", plain)))
        case "awaiting":
            terms = _taken_off(_ended(("supplement",), conditions))
        case _:
            raise KeyError(what)
    return Flow(rules, what, plain, which, terms)


def _taken_off(terms: Terms) -> Terms:
    return tuple((-sign, term) for sign, term in terms)


def _resolved(plain: Mapping[str, object], rules: RuleSet, wanted: tuple[str, ...]) -> Terms:
    """Resolved under `rules`, of the wanted timeliness.

    By moment (766) early and on time are one, counted as on time.
    """
    terms: list[tuple[int, Term]] = []
    for end_class in _asked(rules.resolved, plain):
        if end_class in rules.always_on_time:
            if "on_time" in wanted:
                terms += _ended((end_class,), plain)
        elif rules.by_moment:
            late = Term("end_on", freeze({**plain, "end_class": end_class, "late_766": True}))
            if "on_time" in wanted:
                terms += _ended((end_class,), plain)
            if ("on_time" in wanted) != ("late" in wanted):
                terms.append((1 if "late" in wanted else -1, late))
        elif set(wanted) == set(TIMELINESS):
            terms += _ended((end_class,), plain)
        else:
            terms += [
                (1, Term("end_on", freeze({**_unsaid(plain, when), "end_class": end_class, "timeliness": when})))
                for when in wanted
            ]
    return tuple(terms)


def _unsaid(plain: Mapping[str, object], when: str) -> Mapping[str, object]:
    """The conditions but that there is a due day, of what is early or late: it has one."""
    if when == "on_time" or plain.get("due_on") != {"known": True}:
        return plain
    return {column: wanted for column, wanted in plain.items() if column != "due_on"}


def _ended(classes: tuple[str, ...], plain: Mapping[str, object]) -> Terms:
    """Ended in one of `classes`, whatever the timeliness."""
    return tuple((1, Term("end_on", freeze({**plain, "end_class": end_class}))) for end_class in _asked(classes, plain))


def by_timeliness(term: Term) -> list[Term]:
    """What ended whatever the timeliness, in the terms of each that add up to it; nothing of any other term."""
    where = thaw(term.where)
    if term.day != "end_on" or not where.keys().isdisjoint(("timeliness", "late_766")):
        return []
    return [Term(term.day, freeze({**_unsaid(where, when), "timeliness": when})) for when in TIMELINESS]


def _asked(classes: tuple[str, ...], plain: Mapping[str, object]) -> list[str]:
    """Those of some classes that the conditions do not leave out."""
    wanted = plain.get("end_class", classes)
    if isinstance(wanted, Mapping):  # that it has ended, which these have
        return list(classes)
    return [each for each in classes if each in (wanted if isinstance(wanted, tuple) else (wanted,))]


def _settled(classes: tuple[str, ...], plain: Mapping[str, object]) -> Terms:
    """No longer overdue, or never to be, from the day on."""
    ended = (freeze({**plain, "end_class": end_class}) for end_class in _asked(classes, plain))
    return tuple((1, Term("settled_on", where)) for where in ended)
