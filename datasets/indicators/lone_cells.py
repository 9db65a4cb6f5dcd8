"""Where one unit alone among several may have a small number: what privacy has to look at more closely.

A number withheld by itself is told by the whole less the other parts only where it is the only one. Of most
periods no unit has a small number, or several have: one statement tells, and their values need not be computed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from datasets.indicators.definition import Component, Element
from datasets.indicators.observation_told import WEEK
from datasets.indicators.window import Window
from datasets.store.listed import among, named
from datasets.store.ready import Answer, Ready
from datasets.store.tables import FEW, TABLES


class _Few(NamedTuple):
    """Observations of one period that are not 0 and below the minimum: how many, and of how many of the units."""

    start: date
    end: date
    until: date
    rows: int
    own: int


@dataclass(frozen=True, slots=True)
class SmallTold:
    """The small numbers that were told of some elements by some units, or below them."""

    elements: Mapping[str, Element]
    few: Mapping[tuple[str, str], Sequence[_Few]]

    @classmethod
    def read(
        cls,
        connection: sa.Connection,
        elements: Mapping[str, Element],
        components: Iterable[Component],
        units: Sequence[str],
        codes: Sequence[str],
        span: tuple[date, date],
        minimum: float,
    ) -> SmallTold:
        """What was told by any of `codes` that counts in a window within the span.

        units   those of which each has its own number where it told one; empty where that is not so
        """
        by_kind: dict[bool, set[tuple[str, str]]] = defaultdict(set)
        for component in components:
            name = str(component.element)
            by_kind[elements[name].over_time == "last"].add((name, component.category or ""))
        since, until = span
        said: dict[str, Any] = {"minimum": minimum, "until": until, "since": since}
        said |= named("code", codes) | named("unit", units)
        said["from"] = max(since, date.min + WEEK) - WEEK  # a week may begin before the window that it counts in
        apart = len(units) if set(units) != set(codes) else None
        asked: list[Answer] = []
        for stands, pairs in by_kind.items():
            names, categories = (sorted(set(some)) for some in zip(*pairs, strict=True))
            query = _few_query(stands, len(names), len(categories), len(codes), apart, indexed=minimum <= FEW)
            asked.append(query.ask(connection, said | named("element", names) | named("category", categories)))
        few: dict[tuple[str, str], list[_Few]] = defaultdict(list)
        for answer in asked:
            for element, category, *told in zip(*answer.columns(), strict=True):
                few[element, category].append(_Few(*told))
        return cls(elements, few)

    def may_be_lone(self, components: Sequence[Component], window: Window) -> bool:
        """Whether in a window there may be a small number in a count, or a rate's numerator and denominator, of one
        unit and no other.

        A sum of what is not negative is small only where one of its parts is; so nothing small told, nothing small.
        """
        any_small = False
        for component in components:
            few = self.few.get((str(component.element), component.category or ""), ())
            if self.elements[str(component.element)].over_time == "last":
                standing = [each for each in few if each.start < window.end <= each.until]
                if component is components[-1] and sum(each.own for each in standing) > 1:
                    return False  # not so of a rate's numerator: it hides nothing where the denominator is not known
                any_small = any_small or bool(standing)
            else:
                any_small = any_small or any(e.start < window.end and e.end > window.start for e in few)
        return any_small


@lru_cache(maxsize=256)
def _few_query(stands: bool, elements: int, categories: int, codes: int, apart: int | None, *, indexed: bool) -> Ready:
    """Element, category, the period's days, until when they stand, how many, and how many of the units' own. Those
    that were taken back are among them: then more is looked at than need be.

    stands    of numbers of which the newest stands; else of those that are added up
    indexed   the minimum is one up to which the store has an index: said in full, so that it is used
    apart     how many units, where they are not all the codes that are looked at
    """
    c = TABLES["observation"].c
    since = sa.bindparam("since", type_=sa.Date)
    begun = c.period_start >= sa.bindparam("from", type_=sa.Date)
    within = (c.superseded_on >= since,) if stands else (begun, c.period_end > since)
    own: sa.ColumnElement[int] = sa.func.count()
    if apart is not None:
        own = sa.func.count().filter(among(c.unit, "unit", apart) if apart else sa.false())
    period = (c.period_start, c.period_end, c.superseded_on)
    statement = (
        sa.select(c.element, c.category, *period, sa.func.count(), own)
        .where(
            among(c.unit, "code", codes),
            among(c.element, "element", elements),
            among(c.category, "category", categories),
            c.value != sa.literal_column("0"),
            c.value < sa.bindparam("minimum", type_=sa.Double),
            *((c.value < sa.literal_column(str(FEW)),) if indexed else ()),
            c.period_start < sa.bindparam("until", type_=sa.Date),
            *within,
        )
        .group_by(c.element, c.category, *period)
    )
    return Ready(statement, one_way=indexed)
