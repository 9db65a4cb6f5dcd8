"""The kinds of counts of what comes in, is due and ends, each as a sum of daily counts.

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


def received(plain: Mapping[str, object]) -> Terms:
    return ((1, Term("received_on", freeze(plain))),)


def resolved(plain: Mapping[str, object], rules: RuleSet, wanted: tuple[str, ...] = TIMELINESS) -> Terms:
    """Resolved under `rules`, of the wanted timeliness.

    By moment (766) early and on time are one, counted as on time.
    """
    terms: list[tuple[int, Term]] = []
    for end_class in rules.resolved:
        if end_class in rules.always_on_time:
            if "on_time" in wanted:
                terms += ended((end_class,), plain)
        elif rules.by_moment:
            late = Term("end_on", freeze({**plain, "end_class": end_class, "late_766": True}))
            if "on_time" in wanted:
                terms += ended((end_class,), plain)
            if ("on_time" in wanted) != ("late" in wanted):
                terms.append((1 if "late" in wanted else -1, late))
        else:
            terms += [
                (1, Term("end_on", freeze({**plain, "end_class": end_class, "timeliness": when}))) for when in wanted
            ]
    return tuple(terms)


def ended(classes: tuple[str, ...], plain: Mapping[str, object]) -> Terms:
    """Ended in one of `classes`, whatever the timeliness."""
    return tuple(
        (1, Term("end_on", freeze({**plain, "end_class": end_class, "timeliness": when})))
        for end_class in classes
        for when in TIMELINESS
    )


def due(plain: Mapping[str, object]) -> Terms:
    """Passing into overdue after the day, if still open."""
    return ((1, Term("overdue_from", freeze(plain))),)


def settled(classes: tuple[str, ...], plain: Mapping[str, object]) -> Terms:
    """No longer overdue, or never to be, from the day on."""
    return tuple((1, Term("settled_on", freeze({**plain, "end_class": end_class}))) for end_class in classes)
