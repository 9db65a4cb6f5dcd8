from __future__ import annotations

from datetime import date

import pytest

from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.definition import Definition, Target, Thresholds
from datasets.indicators.judge import Judge
from datasets.indicators.status import target_on
from datasets.indicators.value import Status
from datasets.indicators.window import Window
from datasets.periods import Period

RATE = load_catalogue().indicators["ps_on_time_rate"]


def definition(better: str, thresholds: Thresholds | None = None, *targets: Target) -> Definition:
    return RATE.model_copy(update={"better": better, "thresholds": thresholds, "targets": targets})


def target(value: float, start: str = "2026-01-01", end: str | None = None, **scope: object) -> Target:
    return Target.model_validate({"value": value, "from": start, "to": end, "basis": "mẫu", **scope})


def status_of(judged: Definition, value: float | None, reached_for: Target | None) -> Status:
    """How a value of a commune's month stands, whatever target is in force."""
    judge = Judge(judged.model_copy(update={"targets": (target(0),)}), "99001", "", lambda day: reached_for)
    month = Window.of(Period.parse("202610"))
    return judge.value(month, (value, value, None), None, (), month.id).status


@pytest.mark.parametrize(
    ("value", "status"),
    [(100, "good"), (95, "good"), (94.99, "watch"), (90, "watch"), (89.99, "bad"), (0, "bad"), (None, "none")],
)
def test_where_more_is_better_a_value_turns_bad_below_the_lower_threshold(value: float | None, status: str) -> None:
    assert status_of(definition("higher", Thresholds(watch=95, bad=90)), value, target(98)) == status


@pytest.mark.parametrize(("value", "status"), [(0, "good"), (1, "watch"), (10, "watch"), (11, "bad")])
def test_where_less_is_better_a_value_turns_bad_above_the_upper_threshold(value: float, status: str) -> None:
    assert status_of(definition("lower", Thresholds(watch=0, bad=10)), value, None) == status


@pytest.mark.parametrize(
    ("better", "value", "status"),
    [("higher", 60, "good"), ("higher", 59.9, "watch"), ("lower", 60, "good"), ("lower", 60.1, "watch")],
)
def test_without_thresholds_the_target_decides(better: str, value: float, status: str) -> None:
    assert status_of(definition(better), value, target(60)) == status


def test_nothing_is_judged_without_direction_or_without_anything_to_hold_it_against() -> None:
    assert status_of(definition("none"), 50, target(60)) is Status.NONE
    assert status_of(definition("higher"), 50, None) is Status.NONE


def test_a_target_holds_from_its_first_day_to_the_day_before_its_last() -> None:
    dated = definition("higher", None, target(30, "2026-01-01", "2026-02-15"))
    assert target_on(dated, date(2026, 1, 1)) is None  # the period ended on 31/12/2025
    assert target_on(dated, date(2026, 1, 2)) is not None
    assert target_on(dated, date(2026, 2, 15)) is not None
    assert target_on(dated, date(2026, 2, 16)) is None


def test_the_target_of_the_periods_last_day_counts() -> None:
    raised = definition("higher", None, target(30, "2025-01-01"), target(50, "2026-06-01"))
    assert target_on(raised, date(2026, 6, 1)).value == 30  # type: ignore[union-attr]
    assert target_on(raised, date(2026, 7, 1)).value == 50  # type: ignore[union-attr]


def test_a_target_for_one_level_is_none_of_the_others() -> None:
    levels = definition("higher", None, target(90, level="province"), target(60, level="commune"))
    assert target_on(levels, date(2026, 12, 1), "commune").value == 60  # type: ignore[union-attr]
    assert target_on(levels, date(2026, 12, 1), "hamlet") is None


def test_a_target_for_certain_units_holds_below_them_and_before_the_general_one() -> None:
    local = definition("higher", None, target(80, "2026-06-01"), target(90, "2025-01-01", units=("40",)))
    assert target_on(local, date(2026, 12, 1), "commune", ("99001", "99")).value == 80  # type: ignore[union-attr]
    assert target_on(local, date(2026, 12, 1), "commune", ("TD-NA-AS-TS", "TD-NA-AS", "40")).value == 90  # type: ignore[union-attr]


def test_a_target_for_a_group_the_tree_does_not_know_is_never_taken_by_itself() -> None:
    advanced = definition("higher", None, target(50, group="xã nông thôn mới nâng cao"))
    assert target_on(advanced, date(2026, 12, 1)) is None


def test_the_old_mark_of_decision_1127_ended_when_decision_51_took_over() -> None:
    marks = [t for t in load_catalogue().indicators["ps_online_rate"].targets if "1127" in t.basis["vi"]]
    assert sorted((t.value, t.to) for t in marks) == [(30, date(2026, 2, 15)), (50, date(2026, 2, 15))]
    assert all(t.basis["vi"].startswith("Mốc cũ") for t in marks)
