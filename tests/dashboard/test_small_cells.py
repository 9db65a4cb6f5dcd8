"""Which numbers of a sensitive figure stay hidden, worked by hand over two communes and three diseases.

Cases of a week; the smallest count shown is 5:

    commune   dengue   measles   mumps   together
    98001     3        40        7       50
    98002     12       9         0       21
    98        15       49        7       71
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dashboard.privacy import SmallCells, Suppressed
from datasets.indicators.calculate import Request
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.judge import Judge, Numbers
from datasets.indicators.line import Line, Lines, Origin, Span, Told
from datasets.indicators.value import Value
from datasets.indicators.window import Window
from datasets.periods import Period
from datasets.units import OrgUnit, UnitTree

CATALOGUE = load_catalogue()
WEEK = Period.parse("2026W47")
CASES = {
    "98001": {"dengue": 3, "measles": 40, "mumps": 7},
    "98002": {"dengue": 12, "measles": 9, "mumps": 0},
    "98003": {},  # nobody told anything
    "98": {"dengue": 15, "measles": 49, "mumps": 7},
}
UNITS = tuple(
    OrgUnit(code, code, level, parent, level, None, None, None, None, None)
    for code, level, parent in (
        ("98", "province", None),
        *((code, "commune", "98") for code in ("98001", "98002", "98003")),
    )
)


class Cases(Line):
    """Of the week, in one unit."""

    def __init__(self, unit: str, cases: int | None, indicator: str = "hl_cases") -> None:
        super().__init__(Judge(CATALOGUE.indicators[indicator], unit, "", lambda _: None), Span([Window.of(WEEK)]))
        self._cases = cases

    def numbers(self, place: int) -> Numbers:
        return self._cases, self._cases, None

    def origin(self, place: int) -> Origin:
        return (), None

    def tell(self) -> list[Told]:
        return [(self._cases, WEEK.id)]


def computed(request: Request) -> Sequence[Value]:
    """What the store would say of the table above, nothing hidden; a second breakdown is by hamlet, all in one."""
    lines: list[Line] = []
    found: list[Value] = []
    for unit in request.units:
        chosen = request.filters.get("category")
        told = {name: cases for name, cases in CASES[unit].items() if chosen in (None, name)}
        lines.append(Cases(unit, sum(told.values()) if told else None))
        if request.by == "category":
            found += [Cases(unit, cases).at(0, {"category": name}) for name, cases in told.items()]
        elif request.by:
            found.append(lines[-1].at(0, {request.by: "x"}))
    return found if request.by else Lines([lines], 1)


@pytest.fixture
def small() -> SmallCells:
    def keep(question, compute):
        return compute()

    def compute(asked):
        return list(map(computed, asked))

    return SmallCells(
        CATALOGUE, UnitTree(UNITS), 5, compute, lambda asked, _: [[each] for each in asked], lambda: UNITS, keep
    )


def shown(small: SmallCells, units: Sequence[str], by: str | None = None, category: str | None = None) -> list[object]:
    filters = {"category": category} if category else {}
    request = Request(("hl_cases",), tuple(units), (WEEK,), by=by, filters=filters)
    (hidden,) = small.hidden([request], [computed(request)])
    if isinstance(hidden, Lines):  # what a page takes of it without making values
        numbers = [line.told()[0][0] for lines in hidden.by_indicator for line in lines]
        assert numbers == [each.value for each in hidden]
    return [None if isinstance(each, Suppressed) else each.value for each in hidden]


def test_cases_are_sensitive_and_split_by_disease() -> None:
    assert CATALOGUE.indicators["hl_cases"].sensitive
    assert "category" in CATALOGUE.indicators["hl_cases"].drill_by


def test_a_breakdown_hides_the_small_disease_and_the_one_that_would_tell_it(small: SmallCells) -> None:
    # 50 - 40 - 7 = 3 would tell dengue: the next smallest, mumps, goes with it
    assert shown(small, ["98001"], by="category") == [None, 40, None]
    assert shown(small, ["98002"], by="category") == [12, 9, 0]


def test_the_whole_of_each_commune_is_shown(small: SmallCells) -> None:
    assert shown(small, ["98001", "98002", "98"]) == [50, 21, 71]


def test_one_disease_asked_for_alone_says_no_more_than_the_breakdown(small: SmallCells) -> None:
    assert shown(small, ["98001"], category="dengue") == [None]
    assert shown(small, ["98001"], category="measles") == [40]
    # 7 is not small by itself, and 50 - 40 - 7 tells the 3
    assert shown(small, ["98001"], category="mumps") == [None]


def test_a_neighbour_and_the_whole_do_not_tell_the_small_one(small: SmallCells) -> None:
    # the province's 15 less the neighbour's 12 would be the 3
    assert shown(small, ["98002"], category="dengue") == [None]
    # 49 less 9: both are large, nothing is told
    assert shown(small, ["98001", "98002"], category="measles") == [40, 9]


def test_what_nobody_told_is_unknown_and_not_withheld(small: SmallCells) -> None:
    request = Request(("hl_cases",), ("98001", "98002", "98003"), (WEEK,), filters={"category": "measles"})
    (hidden,) = small.hidden([request], [computed(request)])
    assert [type(each) for each in hidden] == [Value, Value, Value]
    assert hidden[2].value is None


def test_one_disease_split_further_is_hidden_whole(small: SmallCells) -> None:
    """A table of two ways: its margins, the disease's row and the hamlet's column, tell a hidden cell."""
    assert shown(small, ["98002"], by="unit", category="measles") == [None]
    assert shown(small, ["98001", "98002"], by="category", category="measles") == [None, None]


def test_nothing_of_a_figure_that_is_not_sensitive_is_hidden(small: SmallCells) -> None:
    assert not CATALOGUE.indicators["ps_received"].sensitive
    request = Request(("ps_received",), ("98001",), (WEEK,))
    one = Lines([[Cases("98001", 1, "ps_received")]], 1)
    assert [list(each) for each in small.hidden([request], [one])] == [list(one)]
    assert one[0].value == 1


def test_what_is_hidden_keeps_no_number_at_all(small: SmallCells) -> None:
    request = Request(("hl_cases",), ("98001",), (WEEK,), filters={"category": "dengue"})
    ((hidden,),) = small.hidden([request], [computed(request)])
    assert (hidden.value, hidden.numerator, hidden.denominator) == (None, None, None)
