"""How a value stands, and which target is in force: once, for every surface."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from datasets.indicators.definition import Definition, Target
from datasets.indicators.value import Status


def status_of(definition: Definition, value: float | None, target: Target | None) -> Status:
    """good, watch, bad, or none where nothing is judged (design.md 4).

    Thresholds decide where there are any: at `watch` or better is good, past `bad` is bad,
    between them watch. Without thresholds the target decides: reached is good, not reached
    is watch. An unknown value, and an indicator that is neither better high nor low, is none.
    """
    if value is None or definition.better == "none":
        return Status.NONE
    sign = 1 if definition.better == "higher" else -1
    if definition.thresholds is not None:
        if sign * value >= sign * definition.thresholds.watch:
            return Status.GOOD
        return Status.WATCH if sign * value >= sign * definition.thresholds.bad else Status.BAD
    if target is None:
        return Status.NONE
    return Status.GOOD if sign * value >= sign * target.value else Status.WATCH


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
