"""How a value stands, and which target is in force: once, for every surface."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from math import inf
from typing import NamedTuple

from datasets.indicators.definition import Definition, Target
from datasets.indicators.value import Status


class Bar(NamedTuple):
    """From where on a value is good, and from where on to be watched; `sign` is -1 where it is better low."""

    sign: int
    good: float
    watch: float

    def status(self, value: float) -> Status:
        height = self.sign * value
        if height >= self.sign * self.good:
            return Status.GOOD
        return Status.WATCH if height >= self.sign * self.watch else Status.BAD


def bar_of(definition: Definition, target: Target | None) -> Bar | None:
    """What the indicator's values are judged by (design.md 4); None where nothing is judged.

    Thresholds decide where there are any: at `watch` or better is good, past `bad` is bad,
    between them watch. Without thresholds the target decides: reached is good, not reached
    is watch. An indicator that is neither better high nor low is not judged.
    """
    if definition.better == "none":
        return None
    sign = 1 if definition.better == "higher" else -1
    if definition.thresholds is not None:
        return Bar(sign, definition.thresholds.watch, definition.thresholds.bad)
    return None if target is None else Bar(sign, target.value, -sign * inf)


def target_on(
    definition: Definition, until: date, level: str | None = None, lineage: Collection[str] = ()
) -> Target | None:
    """The target in force on the last day before `until` (the exclusive end of a period).

    level     the unit's level; targets of other levels do not count
    lineage   codes of the unit and of all units above it; a target set for certain units
              counts only for them and below

    Of several the most particular one counts (for units before for a level before for
    all), then the one set last. Targets for a group the unit tree does not know never do.
    """
    day = until - timedelta(days=1)
    in_force = [
        target
        for target in definition.targets
        if target.group is None
        and target.from_ <= day
        and (target.to is None or day < target.to)
        and target.level in (None, level)
        and (not target.units or not set(target.units).isdisjoint(lineage))
    ]
    target = max(in_force, key=lambda t: (bool(t.units), t.level is not None, t.from_), default=None)
    if target is None or not target.by_month:
        return target
    return target.model_copy(update={"value": target.value * day.month / 12})
