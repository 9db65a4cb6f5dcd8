"""What every part of a panel needs to know: who asks for what, at which moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from datasets.indicators.calculate import Request
from datasets.indicators.definition import Definition
from datasets.indicators.line import Line, Lines
from datasets.indicators.value import Value
from datasets.indicators.window import Window
from datasets.periods import Period, PeriodType

if TYPE_CHECKING:
    from dashboard.queries import Ask, Queries, Viewer

SPARK_BUCKETS = 12
History = dict[str, Line]
"""Each indicator's values, by period id, for the last periods up to the page's own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A panel's question and the moment it is answered for."""

    queries: Queries
    ask: Ask
    viewer: Viewer
    period: Period
    now: datetime

    @property
    def language(self) -> str:
        return self.ask.language

    def definition(self, indicator: str) -> Definition:
        return self.queries.catalogue.indicators[indicator]  # panels name no others

    def name(self, indicator: str) -> str:
        return self.definition(indicator).name[self.language]

    def request(self, indicators: Sequence[str], periods: Sequence[Period | Window], by: str | None = None) -> Request:
        """Figures of the page's unit under its rule set; a breakdown leaves out its own filter."""
        return Request(
            indicators=tuple(indicators),
            units=(self.ask.unit,),
            periods=tuple(periods),
            rules=self.ask.rules,
            by=by,
            filters={name: member for name, member in self.ask.filters if name != by},
            boundaries=self.ask.boundaries,
        )

    def type_of(self, indicator: str) -> PeriodType:
        """The type of period of an indicator's path: the page's, and of what nobody reports by the week the month."""
        own = self.period.type
        if own not in (PeriodType.DAY, PeriodType.WEEK):
            return own
        element = self.queries.catalogue.element_of(self.definition(indicator))
        return own if element is None or PeriodType.WEEK in element.periods else PeriodType.MONTH

    def last_of(self, kind: PeriodType) -> Period:
        """The last period of a type that has begun within the page's own."""
        return Period.of(min(self.period.end - timedelta(days=1), self.now.date()), kind)


@lru_cache(maxsize=4096)
def last_periods(period: Period, count: int) -> tuple[Period, ...]:
    """`count` periods of the same type, the given one last."""
    return tuple(period.previous(n) for n in range(count - 1, -1, -1))


def history_of(asked: Request, values: Sequence[Value]) -> History:
    """The values of a request of one unit that is not divided."""
    assert isinstance(values, Lines)
    return {indicator: line for indicator, (line,) in zip(asked.indicators, values.by_indicator, strict=True)}


def is_own(value: Value) -> bool:
    """Whether a number is of its period itself, not an older one that stands in."""
    return is_of(value.period, value.period_of_value)


def is_of(period: str, period_of_value: str) -> bool:
    """Whether the period that a number is of lies in another."""
    return period_of_value in ("", period) or Period.parse(period).contains(Period.parse(period_of_value).start)
