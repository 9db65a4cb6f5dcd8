"""The components of indicators over dossiers, documents or petitions, for one scope and several windows at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import cast

import sqlalchemy as sa

from datasets.indicators import lifecycle_counts as counts
from datasets.indicators.daily import Members, Scope, Series, daily_series, group_of, member_of, narrowed
from datasets.indicators.definition import Component
from datasets.indicators.lifecycle_counts import Term, Terms, Where, freeze, split
from datasets.indicators.lifecycle_rows import RowRules, wanted_timeliness
from datasets.indicators.window import Window
from datasets.schema.dataset import Dataset
from datasets.store.conditions import conditions

Numbers = Mapping[str, float]
"""A number by member of the breakdown; a member that is not there counts 0."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A median or an average: its value, and how many rows it is of, by member."""

    values: Numbers
    rows: Numbers


@dataclass(slots=True)
class LifecycleFigures:
    """Everything asked of one scope under one rule set, with each query made once.

    Call `prepare` with all components and windows first: it fetches the daily counts.
    """

    connection: sa.Connection
    dataset: Dataset
    scope: Scope
    row_rules: RowRules
    _series: dict[Term, Members] = field(default_factory=dict)
    _since: dict[Term, date] = field(default_factory=dict)
    _open: dict[tuple[str, Where], dict[str, int]] = field(default_factory=dict)
    _special: dict[tuple[date, Where, Where], Numbers] = field(default_factory=dict)
    _split: dict[int, tuple[Component, dict[str, object], dict[str, object]]] = field(default_factory=dict)
    _made: dict[tuple[object, ...], Terms] = field(default_factory=dict)

    def prepare(self, components: Iterable[Component], windows: Iterable[Window]) -> None:
        """Fetch the daily counts of all counting components over all windows and after; what is there, stays."""
        terms = [term for component in components if component.kind == "count" for _, term in self._terms_of(component)]
        since = min((window.start for window in windows), default=date.max)
        missing = [term for term in dict.fromkeys(terms) if self._since.get(term, date.max) > since]
        if missing:
            self._series |= daily_series(self.connection, self.dataset, missing, self.scope, since)
            self._since |= dict.fromkeys(missing, since)

    def count(self, component: Component, window: Window) -> Numbers:
        """The count by member, over the window or at its end. Rules: lifecycle_counts.py."""
        plain, special = self._parts_of(component)
        kind = component.count
        if kind == "received":
            return self._flow(self._terms("received", plain), window)
        if kind == "resolved":
            return self._flow(self._terms("resolved", plain, wanted_timeliness(special)), window)
        if kind in ("refused", "withdrawn", "stopped"):
            return self._flow(self._terms("ended", plain, (kind,)), window)
        if kind == "carried_over":
            return self._pending(window.start, plain)
        if kind == "pending":
            return self._pending(window.end, plain, special)
        if kind == "awaiting":
            waiting = self._anchor("awaiting", plain)
            return self._walk_back(waiting, window.end, [(counts.ended(("supplement",), plain), -1)])
        if kind != "in_hand":
            raise KeyError(kind)
        if "timeliness" not in special:
            return _sum(self._pending(window.start, plain), self._flow(self._terms("received", plain), window))
        wanted = wanted_timeliness(special)
        parts = [self._flow(self._terms("resolved", plain, wanted), window)]
        parts += [self._pending(window.end, plain, {"overdue": False})] if "on_time" in wanted else []
        parts += [self._pending(window.end, plain, {"overdue": True})] if "late" in wanted else []
        return _sum(*parts)

    def by_day(self, component: Component, window: Window) -> dict[str, Series]:
        """A flow's count by member and day of the window: received, resolved, refused, withdrawn, stopped."""
        plain, special = self._parts_of(component)
        kind = str(component.count)
        which = wanted_timeliness(special) if kind == "resolved" else (kind,)
        terms = self._terms(kind if kind in ("received", "resolved") else "ended", plain, which)
        found: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
        for sign, term in terms:
            for member, counted in self._series[term].items():
                for day, before, after in zip(counted.days, counted.totals, counted.totals[1:], strict=False):
                    if window.start <= day < window.end:
                        found[member][day] += sign * (after - before)
        return {member: Series.of(days) for member, days in found.items()}

    def median(self, component: Component, window: Window) -> Sample:
        """The median of a whole-number column, or of an age, over the rows of `component.of`, and the row counts."""
        found = self.spread(component, window)
        return Sample(
            {member: weighted_median(sorted(pairs)) for member, pairs in found.items()},
            {member: sum(rows for _, rows in pairs) for member, pairs in found.items()},
        )

    def spread(self, component: Component, window: Window) -> Mapping[str, list[tuple[int, int]]]:
        """Each value of a median's column, or age, with how many rows have it, by member."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        if component.field in counts.AGES:
            for member, age, rows in self._ages(component, window):
                found[member].append((age, rows))
        else:
            for member, number, rows in self._grouped(component, window, by_value=True):
                found[member].append((int(number), rows))
        return found

    def total(self, component: Component, window: Window) -> Sample:
        """The sum of a column over the rows of `component.of` that have it, and how many have it."""
        found = list(self._grouped(component, window, by_value=False))
        return Sample({member: number for member, number, _ in found}, {member: rows for member, _, rows in found})

    def _grouped(self, component: Component, window: Window, *, by_value: bool) -> Iterable[tuple[str, float, int]]:
        table = self.row_rules.table
        column = table.c[cast(str, component.field)]
        member = member_of(table, self.scope.by)
        number = column if by_value else sa.func.sum(column)
        query = (
            sa.select(member, number, sa.func.count())
            .where(
                *self._rows(),
                column.is_not(None),
                self.row_rules.of(cast(str, component.of), component.where, window),
            )
            .group_by(*group_of(table, self.scope.by), *([column] if by_value else []))
        )
        return ((row[0], row[1], row[2]) for row in self.connection.execute(query) if row[2])

    def _ages(self, component: Component, window: Window) -> Iterable[tuple[str, int, int]]:
        """Member, age in working days, and how many pending rows; grouped by day in the store, so that what is
        read are days and not rows."""
        table = self.row_rules.table
        plain, special = split(component.where)
        day_column = table.c[counts.AGES[cast(str, component.field)]]
        begun = sa.func.coalesce(day_column, day_column)  # or SQLite takes that day's index and reads all the past
        member = member_of(table, self.scope.by)
        last = self.row_rules.last_day(window.end)
        for part in self.row_rules.pending_parts(window.end, special):
            query = (
                sa.select(member, begun, sa.func.count())
                .where(*self._rows(), *conditions(table, plain), begun.is_not(None), part)
                .group_by(*group_of(table, self.scope.by), begun)
            )
            for name, day, rows in self.connection.execute(query):
                yield name, self.row_rules.calendar.difference(day, last), rows

    # -- stocks -----------------------------------------------------------------

    def _pending(
        self, boundary: date, plain: Mapping[str, object], special: Mapping[str, object] | None = None
    ) -> Numbers:
        special = special or {}
        if not special:
            received = self._terms("received", plain)
            ended = self._terms("ended", plain, self.row_rules.rules.ends)
            return self._walk_back(self._anchor("open", plain), boundary, [(ended, 1), (received, -1)])
        if set(special) == {"overdue"} and boundary <= self._today():
            overdue = self._walk_back(
                self._anchor("open_with_due", plain),
                boundary,
                [(self._terms("settled", plain), 1), (self._terms("due", plain), -1)],
            )
            return overdue if special["overdue"] else _minus(self._pending(boundary, plain), overdue)
        key = (boundary, freeze(plain), freeze(special))
        if key not in self._special:
            fixed = conditions(self.row_rules.table, plain)
            parts = self.row_rules.pending_parts(boundary, special)
            self._special[key] = _sum(*(self._rows_by_member(sa.and_(part, *fixed)) for part in parts))
        return self._special[key]

    def _walk_back(self, now: Mapping[str, int], boundary: date, flows: list[tuple[Terms, int]]) -> Numbers:
        found: dict[str, float] = defaultdict(float, now)
        for terms, direction in flows:
            for sign, term in terms:
                for member, series in self._series[term].items():
                    found[member] += sign * direction * series.since(boundary)
        return found

    def _anchor(self, which: str, plain: Mapping[str, object]) -> dict[str, int]:
        key = (which, freeze(plain))
        if key not in self._open:
            c = self.row_rules.table.c
            condition = {
                "open": self.row_rules.not_ended(),
                "open_with_due": sa.and_(self.row_rules.not_ended(), c.due_on.is_not(None)),
                "awaiting": sa.and_(c.maybe_open, c.end_class == "supplement"),
            }[which]
            self._open[key] = self._rows_by_member(sa.and_(condition, *conditions(self.row_rules.table, plain)))
        return self._open[key]

    def _rows_by_member(self, condition: sa.ColumnElement[bool]) -> dict[str, int]:
        member = member_of(self.row_rules.table, self.scope.by)
        groups = group_of(self.row_rules.table, self.scope.by)
        query = sa.select(member, sa.func.count()).where(*self._rows(), condition).group_by(*groups)
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def _rows(self) -> list[sa.ColumnElement[bool]]:
        table = self.row_rules.table
        return [table.c.unit.in_(self.scope.units), *narrowed(table, self.scope.filters)]

    def _today(self) -> date:
        return self.row_rules.now.astimezone(self.row_rules.zone).date()

    # -- flows ------------------------------------------------------------------

    def _flow(self, terms: Terms, window: Window) -> Numbers:
        found: dict[str, float] = defaultdict(float)
        for sign, term in terms:
            for member, series in self._series[term].items():
                found[member] += sign * series.between(window.start, window.end)
        return found

    def _parts_of(self, component: Component) -> tuple[dict[str, object], dict[str, object]]:
        """A component's conditions, split once."""
        key = id(component)
        if key not in self._split:
            self._split[key] = (component, *split(component.where))
        return self._split[key][1:]

    def _terms(self, kind: str, plain: Mapping[str, object], which: tuple[str, ...] = ()) -> Terms:
        """The daily counts of a kind, made once for each component's conditions (which `_parts_of` keeps)."""
        key = (kind, id(plain), which)
        if key not in self._made:
            rules = self.row_rules.rules
            make: dict[str, Callable[[], Terms]] = {
                "received": lambda: counts.received(plain),
                "resolved": lambda: counts.resolved(plain, rules, which),
                "ended": lambda: counts.ended(which, plain),
                "settled": lambda: counts.settled(rules.ends, plain),
                "due": lambda: counts.due(plain),
            }
            self._made[key] = make[kind]()
        return self._made[key]

    def _terms_of(self, component: Component) -> Terms:
        """Every daily count that `count` may look up for the component."""
        plain, special = self._parts_of(component)
        rules = self.row_rules.rules
        pending = counts.received(plain) + counts.ended(rules.ends, plain)
        overdue = counts.settled(rules.ends, plain) + counts.due(plain)
        by_kind: dict[str, Callable[[], Terms]] = {
            "received": lambda: counts.received(plain),
            "resolved": lambda: counts.resolved(plain, rules, wanted_timeliness(special)),
            "refused": lambda: counts.ended(("refused",), plain),
            "withdrawn": lambda: counts.ended(("withdrawn",), plain),
            "stopped": lambda: counts.ended(("stopped",), plain),
            "carried_over": lambda: pending,
            "pending": lambda: pending + (overdue if "overdue" in special else ()),
            "awaiting": lambda: counts.ended(("supplement",), plain),
            "in_hand": lambda: (
                pending + (overdue + counts.resolved(plain, rules, wanted_timeliness(special)) if special else ())
            ),
        }
        return by_kind[cast(str, component.count)]()


def _sum(*parts: Numbers) -> Numbers:
    found: dict[str, float] = defaultdict(float)
    for part in parts:
        for member, number in part.items():
            found[member] += number
    return found


def _minus(whole: Numbers, part: Numbers) -> Numbers:
    return {member: number - part.get(member, 0) for member, number in whole.items()}


def weighted_median(pairs: list[tuple[int, int]]) -> float:
    """The median of values given as (value, how often), ascending; the mean of the middle two when even."""
    rows = sum(often for _, often in pairs)
    middles = ((rows - 1) // 2, rows // 2)
    found = []
    for middle in middles:
        passed = 0
        for number, often in pairs:
            passed += often
            if passed > middle:
                found.append(number)
                break
    return sum(found) / 2
