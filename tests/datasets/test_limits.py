"""Funnel limits worked by hand: binomial and Poisson tables."""

from math import sqrt

import pytest

from datasets.indicators.limits import Standing, of_count, of_share


def test_ten_coins_lie_between_two_and_eight():
    # P(X<=1) = 11/1024 = 1.07 % < 2.5 % <= P(X<=2) = 56/1024; P(X<=0) = 0.098 % < 0.1 % <= P(X<=1)
    limits = of_share(0.5, 10)
    assert (limits.low, limits.high) == (0.2, 0.8)
    assert (limits.far_low, limits.far_high) == (0.1, 0.9)


def test_a_small_commune_with_one_late_dossier_of_five_is_not_different():
    # 95 % on time in the group: P(X<=3) = 2.26 % < 2.5 % <= P(X<=4) = 22.6 %, so 4 of 5 is usual, 3 of 5 is not
    limits = of_share(0.95, 5)
    assert limits.low == 0.8
    assert limits.standing(4 / 5) is Standing.WITHIN
    assert limits.standing(3 / 5) is Standing.BELOW
    # P(X<=2) = 0.116 % >= 0.1 %: even 2 of 5 is not beyond 99.8 %
    assert limits.standing(2 / 5) is Standing.BELOW
    assert limits.standing(1 / 5) is Standing.FAR_BELOW


def test_the_same_share_of_a_large_commune_is_far_below():
    limits = of_share(0.95, 500)
    assert limits.standing(400 / 500) is Standing.FAR_BELOW
    assert limits.standing(475 / 500) is Standing.WITHIN


@pytest.mark.parametrize("rows", [4_999, 5_000])
def test_exact_and_approximate_limits_meet(rows):
    limits = of_share(0.9, rows)
    half = 1.96 * sqrt(0.9 * 0.1 / rows)
    assert limits.low == pytest.approx(0.9 - half, abs=4e-4)
    assert limits.high == pytest.approx(0.9 + half, abs=4e-4)


def test_counts_lie_about_what_the_size_would_give():
    # Poisson 4: P(X<=0) = 1.83 % < 2.5 % <= P(X<=1) = 9.16 %; P(X<=7) = 94.9 % < 97.5 % <= P(X<=8) = 97.9 %
    limits = of_count(4.0)
    assert (limits.low, limits.high) == (1, 8)
    assert limits.standing(0) is Standing.BELOW
    assert limits.standing(8) is Standing.WITHIN
    assert limits.standing(9) is Standing.ABOVE
    # P(X<=10) = 99.72 %, P(X<=11) = 99.91 % >= 99.9 %
    assert limits.far_high == 11
    assert limits.standing(12) is Standing.FAR_ABOVE


def test_without_rows_there_are_no_limits():
    assert of_share(0.9, 0) is None


def test_where_the_whole_group_is_at_its_ceiling_anything_less_is_different():
    limits = of_share(1.0, 20)
    assert (limits.low, limits.high) == (1.0, 1.0)
