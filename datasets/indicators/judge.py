"""From numbers to values: what all values of an indicator and a unit have in common is found once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import overload

from datasets.indicators.definition import Definition, Target
from datasets.indicators.status import Bar, bar_of
from datasets.indicators.value import Status, Value
from datasets.indicators.window import Window
from datasets.periods import Period

Numbers = tuple[float | None, float | None, float | None]
"""value, numerator, denominator"""
UNKNOWN: Numbers = (None, None, None)

_new = tuple.__new__
"""Makes a named tuple in half the time that its class takes: a page has a thousand values."""


class Judge:
    """Makes the values of one indicator and one unit under one rule set: each with its target, and how it stands.

    target_until   the target in force for the unit on the last day before a day
    """

    def __init__(
        self, definition: Definition, unit: str, rules: str, target_until: Callable[[date], Target | None]
    ) -> None:
        self.definition, self._target_until = definition, target_until
        self.unit, self._asked = unit, (definition.id, unit, rules)
        self._enough = definition.minimum_denominator
        self._always = None if definition.targets else (None, bar_of(definition, None))
        self._bars: dict[date, tuple[float | None, Bar | None]] = {}

    def value(
        self,
        window: Window,
        numbers: Numbers,
        as_of: datetime | None,
        sources: tuple[str, ...],
        period_of_value: str,
        by: dict[str, str] | None = None,
    ) -> Value:
        """The figure of a window; `period_of_value` as in Value."""
        indicator, unit, rules = self._asked
        value, numerator, denominator = numbers
        target, bar = self._always or self._bar(window, period_of_value)
        status = Status.NONE
        if bar is not None and value is not None and (denominator is None or denominator >= self._enough):
            status = bar.status(value)
        top = plain(numerator)
        return _new(
            Value,
            (
                indicator,
                unit,
                window.id,
                rules,
                by,
                top if value is numerator else plain(value),
                top,
                None if denominator is None else plain(denominator),
                status,
                target,
                as_of,
                sources,
                period_of_value,
            ),
        )

    def target(self, window: Window, period_of_value: str) -> float | None:
        """The target that a value of the window has."""
        return (self._always or self._bar(window, period_of_value))[0]

    def _bar(self, window: Window, period_of_value: str) -> tuple[float | None, Bar | None]:
        """The target in force on the last day of the period that a number is of, and the bar that it sets."""
        until = window.end if period_of_value == window.id else min(Period.parse(period_of_value).end, window.end)
        if until not in self._bars:
            target = self._target_until(until)
            self._bars[until] = target.value if target else None, bar_of(self.definition, target)
        return self._bars[until]


@overload
def plain(number: float) -> float: ...
@overload
def plain(number: None) -> None: ...
@overload
def plain(number: float | None) -> float | None: ...
def plain(number: float | None) -> float | None:
    """Whole numbers as int, so that a count reads 12 and not 12.0; a rate keeps its decimals."""
    return int(number) if type(number) is float and number.is_integer() else number
