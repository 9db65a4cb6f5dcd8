"""Points of QĐ 766, worked by hand."""

from __future__ import annotations

import pytest

from datasets.indicators.score_766 import FROM_PORTAL, LINES, NEEDED, score
from datasets.indicators.value import Status, Value


def value(indicator: str, top: float | None, bottom: float | None) -> Value:
    told = None if top is None or not bottom else 100 * top / bottom
    return Value(indicator, "1", "202611", "766", None, told, top, bottom, Status.NONE, None, None, (), "202611")


def values(**parts: tuple[float | None, float | None]) -> dict[str, Value]:
    found = {name: value(name, None, None) for name in NEEDED}
    return found | {name: value(name, *numbers) for name, numbers in parts.items()}


def test_the_points_add_up_to_a_hundred() -> None:
    assert sum(line.points for line in LINES) == 58
    assert sum(FROM_PORTAL.values()) == 42


def test_below_the_threshold_points_are_in_proportion_and_above_it_all() -> None:
    """4.2 has 4 points from 80 %: 60 % gives 3, 85 % gives 4. 3.6 has 6 and no threshold: 50 % gives 3."""
    found = {
        p.line.id: p
        for p in score(values(ps_digitised_rate=(60, 100), ps_data_reused_rate=(85, 100), ps_paid_online_rate=(5, 10)))
    }
    assert found["4.2"].won == pytest.approx(3)
    assert found["4.2"].lost == pytest.approx(1)
    assert found["4.2"].missed == 40
    assert found["4.3"].won == 2
    assert found["3.6"].won == pytest.approx(3)


def test_a_line_that_is_not_known_counts_on_neither_side() -> None:
    assert score(values()) == ()
    assert [p.line.id for p in score(values(ps_citizen_data_rate=(1, 2), ps_paid_online_rate=(0, 0)))] == ["4.5b"]


def test_low_marks_and_late_dossiers_both_take_from_satisfaction() -> None:
    """100 in hand, 90 in time, 9 with a low mark: 81 %, against 90 % that is 6 x 0.9 = 5.4 points."""
    given = values(ps_on_time_rate=(90, 100))
    given["ps_disliked"] = Value(
        "ps_disliked", "1", "202611", "766", None, 9, 9, None, Status.NONE, None, None, (), "202611"
    )
    found = {p.line.id: p for p in score(given)}
    assert found["2.1"].won == pytest.approx(18)
    assert found["5.4"].ratio == pytest.approx(81)
    assert found["5.4"].won == pytest.approx(5.4)
    assert found["5.4"].missed == 19
