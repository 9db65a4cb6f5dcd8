"""Which rows make up a figure: the condition on them, for the drill and for what no daily count keeps.

The same rules as lifecycle_counts.py said the other way round; the tests hold the two
against each other and against an oracle that walks the rows day by day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from datasets.indicators.lifecycle_counts import Where, split, thaw, wanted_timeliness
from datasets.indicators.rules import RuleSet
from datasets.indicators.window import Window
from datasets.schema.lifecycle import TIMELINESS
from datasets.store.conditions import conditions, constant, one_of
from datasets.store.lived import ended_after, is_long_past, latest_ends
from datasets.working_days import WorkingCalendar

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True)
class RowRules:
    """What turns a kind of count into a condition on the dataset's rows."""

    table: sa.Table
    rules: RuleSet
    now: datetime
    zone: ZoneInfo
    calendar: WorkingCalendar

    @cached_property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @cached_property
    def _known_bounds(self) -> dict[tuple[date, Where], Mapping[str, date | datetime]]:
        return {}

    def as_of(self, boundary: date) -> datetime:
        """The as-of moment of a boundary day: its midnight, or now when that is yet to come."""
        return min(datetime.combine(boundary, time(), self.zone), self.now)

    def of(self, kind: str, where: Mapping[str, object], window: Window) -> Condition:
        """The rows counted by `kind` over `window`. Raises KeyError for an unknown kind."""
        plain, special = split(where)
        return sa.and_(*conditions(self.table, plain, constant), self._of_kind(kind, window, special))

    def parts_of(self, kind: str, where: Mapping[str, object], window: Window) -> tuple[Condition, ...]:
        """The same rows in parts that share none, each served by an index of its own; of a kind that one index
        serves, one part."""
        plain, special = split(where)
        fixed = conditions(self.table, plain, constant)
        if kind not in ("pending", "carried_over"):
            return (self.of(kind, where, window),)
        boundary, due = (window.end, special) if kind == "pending" else (window.start, {})
        return tuple(sa.and_(*fixed, part) for part in self.pending_parts(boundary, due))

    def _of_kind(self, kind: str, window: Window, special: Mapping[str, object]) -> Condition:
        match kind:
            case "received":
                return self._during("received_on", window)
            case "resolved":
                return self._resolved(window, special)
            case "carried_over":
                return self.pending(window.start)
            case "pending":
                return self.pending(window.end, special)
            case "in_hand":
                return self._in_hand(window, special)
            case "refused" | "withdrawn" | "stopped":
                return sa.and_(self.table.c.end_class == kind, self._during("end_on", window))
            case "awaiting":
                return sa.and_(self.table.c.end_class == "supplement", self.table.c.end_on < window.end)
        raise KeyError(kind)

    def _during(self, column: str, window: Window) -> Condition:
        return sa.and_(self.table.c[column] >= window.start, self.table.c[column] < window.end)

    def _resolved(self, window: Window, special: Mapping[str, object]) -> Condition:
        return sa.and_(
            self._during("end_on", window), resolved_with(self.table, self.rules, wanted_timeliness(special))
        )

    def pending(self, boundary: date, special: Mapping[str, object] | None = None) -> Condition:
        """Received before the boundary day and not ended before it, with the due conditions in `special`."""
        return sa.or_(*self.pending_parts(boundary, special or {}))

    def pending_parts(self, boundary: date, special: Mapping[str, object]) -> tuple[Condition, Condition]:
        """The same in two parts that share no row, each served by an index: open still, and ended since."""
        still_open, ended = _pending_parts(self.table, self.rules, self.bounds(boundary, special), special)
        if is_long_past(boundary, self.today):
            return still_open, sa.and_(ended, ended_after(self.table, boundary, latest_ends(boundary)))
        return still_open, sa.and_(ended, self.table.c.end_on >= boundary)

    def bounds(self, boundary: date, special: Mapping[str, object]) -> dict[str, date | datetime]:
        """The days and moments that the conditions of `pending_parts` compare with, by name."""
        return {name: self._bound(name, boundary, special) for name in bound_names(special)}

    def bounds_of(self, boundary: date, special: Where) -> Mapping[str, date | datetime]:
        """The same, which many stocks of a question ask for."""
        key = boundary, special
        if key not in self._known_bounds:
            self._known_bounds[key] = self.bounds(boundary, thaw(special))
        return self._known_bounds[key]

    def _bound(self, name: str, boundary: date, special: Mapping[str, object]) -> date | datetime:
        late = cast(Mapping[str, int], special.get("overdue_days", {}))
        match name:
            case "boundary":
                return boundary
            case "as_of":
                return self.as_of(boundary)
            case "due_until":
                today = self.as_of(boundary).astimezone(self.zone).date()
                return self.calendar.add(today, cast(int, special["due_within_days"]))
            case "due_by":
                return self._latest_with(self.last_day(boundary), late["min"])
            case "due_after":
                return self._latest_with(self.last_day(boundary), late["max"] + 1)
        raise KeyError(name)

    def last_day(self, boundary: date) -> date:
        """The day ages are counted to: the last before the boundary, or today when that is yet to come."""
        return min(boundary - timedelta(days=1), self.today)

    def _latest_with(self, last: date, days: int) -> date:
        """The latest day from which to `last` there are so many working days."""
        return self.calendar.add(last + timedelta(days=1), -days) - timedelta(days=1) if days else last

    def _in_hand(self, window: Window, special: Mapping[str, object]) -> Condition:
        if "timeliness" not in special:
            return sa.or_(self.pending(window.start), self._during("received_on", window))
        wanted = wanted_timeliness(special)
        parts = [self._resolved(window, special)]
        if "on_time" in wanted:
            parts.append(self.pending(window.end, {"overdue": False}))
        if "late" in wanted:
            parts.append(self.pending(window.end, {"overdue": True}))
        return sa.or_(*parts)


def bound_names(special: Mapping[str, object]) -> tuple[str, ...]:
    """What `pending_parts` compares with: the boundary day, its as-of moment, and bounds on the due day."""
    late = cast(Mapping[str, int], special.get("overdue_days", {}))
    needed = {
        "boundary": True,
        "as_of": "overdue" in special or "due_within_days" in special,
        "due_until": "due_within_days" in special,
        "due_by": "min" in late,
        "due_after": "max" in late,
    }
    return tuple(name for name, is_needed in needed.items() if is_needed)


def _pending_parts(
    table: sa.Table, rules: RuleSet, bounds: Mapping[str, Any], special: Mapping[str, object]
) -> tuple[Condition, Condition]:
    """`RowRules.pending_parts` with its bounds given."""
    terms = pending_terms(table, bounds, special)
    return sa.and_(table.c.maybe_open, *open_terms(table, rules), *terms), sa.and_(
        *ended_terms(table, rules, bounds), *terms
    )


def pending_terms(table: sa.Table, bounds: Mapping[str, Any], special: Mapping[str, object]) -> list[Condition]:
    """Received before the boundary, with the due conditions; the bounds as they are, or as parameters.

    `due_from` in the place of `as_of` is the day that begins at that moment: what is due from then on is due on it.
    """
    c, due = table.c, []
    due_c, as_of = (c.due_on, bounds["due_from"]) if "due_from" in bounds else (c.due_at, bounds.get("as_of"))
    if "overdue" in special:
        due.append(due_c < as_of if special["overdue"] else sa.or_(due_c.is_(None), due_c >= as_of))
    if "due_until" in bounds:
        due += [due_c >= as_of, c.due_on <= bounds["due_until"]]
    if "due_by" in bounds:
        due.append(c.due_on <= bounds["due_by"])
    if "due_after" in bounds:
        due.append(c.due_on > bounds["due_after"])
    # NOT keeps SQLite from taking the index on received_on, which would read all the past.
    return [sa.not_(sa.func.coalesce(c.received_on >= bounds["boundary"], sa.false())), *due]


def open_terms(table: sa.Table, rules: RuleSet) -> list[Condition]:
    """Of the rows with `maybe_open`, to which an index leads, those that are pending today whatever the day.

    Who asks says `maybe_open` once: said twice, PostgreSQL takes it for two conditions and expects hardly a row.
    """
    return [sa.or_(table.c.end_class.is_(None), ~one_of(table.c.end_class, rules.ends))]


def ended_terms(table: sa.Table, rules: RuleSet, bounds: Mapping[str, Any]) -> list[Condition]:
    """No longer pending, but at the boundary still; who asks says by which day of the end the rows are sought."""
    # NOT keeps SQLite from taking the index on end_on where another leads to fewer rows.
    at_the_boundary = sa.not_(sa.func.coalesce(table.c.end_on < bounds["boundary"], sa.true()))
    return [at_the_boundary, one_of(table.c.end_class, rules.ends)]


def resolved_with(table: sa.Table, rules: RuleSet, wanted: tuple[str, ...]) -> Condition:
    """Resolved under the rule set with one of the wanted timeliness, whenever it ended; what has ended has one."""
    c = table.c
    judged = [name for name in rules.resolved if name not in rules.always_on_time]
    timely: Condition
    if set(wanted) == set(TIMELINESS):
        return one_of(c.end_class, rules.resolved)
    if not rules.by_moment:
        timely = one_of(c.timeliness, wanted)
    elif "on_time" in wanted:
        timely = sa.true() if "late" in wanted else c.late_766.is_(False)
    else:
        timely = c.late_766.is_(True) if "late" in wanted else sa.false()
    found: list[Condition] = [sa.and_(one_of(c.end_class, judged), timely)]
    if "on_time" in wanted:
        found.append(one_of(c.end_class, rules.always_on_time))
    return sa.or_(*found)
