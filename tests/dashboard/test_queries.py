"""The door to the store: the right numbers, computed once, small cells withheld."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dashboard.open_queries import open_queries
from dashboard.panels import BY_ID
from dashboard.present import change
from dashboard.privacy import Suppressed, suppress_parts
from dashboard.queries import Ask, Queries
from datasets.errors import UsageError
from datasets.indicators.calculate import Request
from datasets.indicators.records import RecordRequest
from datasets.indicators.value import Status, Value
from datasets.indicators.window import Window
from datasets.periods import Period

WEEK = Period.parse("2026W47")


@pytest.fixture
def december(commune):
    """The invented commune when its week is long over."""
    opened = open_queries(commune, {"IOC_NOW": "2026-12-01T09:00:00+07:00"})
    yield opened
    opened.store.close()


def ask(**changes) -> Ask:
    return replace(Ask("98001", "2026W47"), **changes)


def cards(queries: Queries, panel: str, **changes) -> dict:
    return {card.indicator: card for card in queries.panel_data(BY_ID[panel], ask(**changes)).cards}


def test_the_week_of_the_invented_commune_counts_as_worked_by_hand(queries):
    found = {name: card.value.value for name, card in cards(queries, "public_services").items()}
    assert (found["ps_received"], found["ps_resolved"], found["ps_carried_over"]) == (6, 3, 1)
    assert (found["ps_pending"], found["ps_pending_overdue"]) == (4, 2)
    assert found["ps_on_time_rate"] == pytest.approx(200 / 3)
    assert found["ps_online_rate"] == 50


def test_a_card_says_its_number_unit_change_and_where_it_is_from(queries):
    card = cards(queries, "public_services")["ps_on_time_rate"]
    assert (card.number, card.unit) == ("66,7", "%")
    assert card.source == "Một cửa điện tử · đến 09:00 20/11/2026"
    assert "06a" in card.rules
    english = cards(queries, "public_services", language="en")["ps_on_time_rate"]
    assert english.number == "66.7"


def test_a_running_week_is_compared_over_as_many_working_days(queries):
    # at 09:00 on Friday four whole days have passed: 6 received against 2 from Monday to Thursday of week 46
    card = cards(queries, "public_services")["ps_received"]
    assert card.change.text == "▲ 4 hồ sơ"
    assert card.change.against == "so với cùng 4 ngày làm việc đầu Tuần 46/2026"
    assert card.period == "Tuần 47/2026 (đến 20/11)"


def test_a_rate_of_few_cases_that_changed_is_told_without_a_verdict(queries):
    # two of three from Monday to Thursday, all of fewer than ten in week 46: the third one alone makes these points
    card = cards(queries, "public_services")["ps_on_time_rate"]
    assert (card.change.text, card.change.better) == ("▼ 33,3 điểm", None)


@pytest.mark.parametrize("compare", ["previous", "last_year"])
def test_a_whole_period_is_compared_as_any_two_windows_are(december, compare):
    queries, whole = december, WEEK
    other = whole.previous() if compare == "previous" else whole.same_last_year()
    found = cards(queries, "public_services", compare=compare)
    values = queries.values(Request(tuple(found), ("98001",), (Window.of(whole), Window.of(other))))
    for now, then in zip(values[::2], values[1::2], strict=True):
        few = any(each.denominator is not None and each.denominator < 10 for each in (now, then))
        definition, against = queries.definition(now.indicator), f"so với {other.label()}"
        told = change(now.value, then.value, definition, against, "vi", are_few=few)
        assert found[now.indicator].change == (told if now.period_of_value != then.period_of_value else None)
    assert any(card.change for card in found.values()) == (compare == "previous")


def test_a_page_in_the_making_keeps_to_the_data_version_it_began_with(queries, monkeypatch):
    versions = iter(range(1000, 2000))
    monkeypatch.setattr(queries.store, "version", lambda: next(versions))
    with queries.sitting():
        assert [queries.version() for _ in range(3)] == [1000] * 3
    assert queries.version() == 1001
    assert queries.panel_data(BY_ID["documents"], ask()).version == 1002  # the one its answer is kept under
    assert queries.version() == 1003


def test_a_filter_narrows_the_cards_but_not_the_breakdown_by_itself(queries):
    data = queries.panel_data(BY_ID["public_services"], ask(filters=(("procedure_field", "Đất đai"),)))
    assert next(c for c in data.cards if c.indicator == "ps_pending").value.value == 3
    bars = next(c for c in data.charts if c.id == "pending_by_field")
    assert dict(zip(bars.keys, zip(bars.series[0].values, bars.series[1].values, strict=True), strict=True)) == {
        "Đất đai": (1, 2),
        "Chứng thực": (1, 0),
    }


def test_the_rows_behind_a_number_are_as_many_as_the_number(queries):
    for indicator, card in cards(queries, "public_services").items():
        if card.value.denominator is None and card.value.value is not None and indicator != "ps_median_working_days":
            page = queries.records(RecordRequest(indicator, "98001", WEEK))
            assert page.total == card.value.value, indicator


def test_an_old_fact_stands_in_and_says_its_date(queries):
    card = cards(queries, "socio_economic", unit="TD-1", period="202611")["se_income_per_head"]
    assert (card.number, card.period) == ("55,25", "Năm 2022")
    assert all(point is None for _, point in card.sparkline)


def test_before_and_after_show_the_first_and_the_last_report(queries):
    data = queries.panel_data(BY_ID["documents"], ask(unit="TD-1", period="202611"))
    chart = next(chart for chart in data.charts if chart.kind == "before_after")
    assert chart.keys == ("202009..202205",)
    assert [series.values for series in chart.series] == [(3.0,), (24.0,)]
    assert "từ 3 lên 24 tài khoản" in chart.finding


def test_the_same_question_is_computed_once_until_the_minute_turns(queries):
    asked = []
    first = queries.answer("question", lambda: asked.append(1) or "answer")
    again = queries.answer("question", lambda: asked.append(2) or "other")
    assert (first, again, asked) == ("answer", "answer", [1])
    clock = queries.clock
    queries.clock = lambda: clock() + timedelta(minutes=1)
    try:
        assert queries.answer("question", lambda: "later") == "later"
    finally:
        queries.clock = clock


def test_unknown_units_and_indicators_are_wrong_use(queries):
    with pytest.raises(UsageError):
        queries.values(Request(("ps_received",), ("77777",), (WEEK,)))
    with pytest.raises(UsageError):
        queries.values(Request(("ps_nothing",), ("98001",), (WEEK,)))


def count(unit: str, value: float | None) -> Value:
    return Value("hl_cases", unit, "2026W47", "", None, value, value, None, Status.NONE, None, None, (), "2026W47")


def test_one_small_part_takes_the_next_smallest_with_it():
    shown = suppress_parts([count("a", 12), count("b", 3), count("c", 7), count("d", 0)], 5)
    assert [part.value for part in shown] == [12, None, None, 0]
    assert [isinstance(part, Suppressed) for part in shown] == [False, True, True, False]


def test_two_small_parts_hide_each_other_and_nothing_more():
    assert [part.value for part in suppress_parts([count("a", 12), count("b", 3), count("c", 1)], 5)] == [
        12,
        None,
        None,
    ]


def test_nothing_small_nothing_withheld():
    assert [part.value for part in suppress_parts([count("a", 5), count("b", 0), count("c", None)], 5)] == [5, 0, None]


def test_a_hamlet_with_three_cases_is_withheld_and_so_is_the_one_that_would_tell_it(queries):
    request = Request(("hl_cases",), ("98001", "98001-1", "98001-2", "98001-3"), (WEEK,))
    assert [value.value for value in queries.values(request)] == [22, 12, None, None]


def test_asking_for_one_hamlet_alone_tells_no_more_than_asking_for_all(queries):
    (value,) = queries.values(Request(("hl_cases",), ("98001-3",), (WEEK,)))
    assert value.value is None and value.numerator is None


def test_the_rows_of_a_sensitive_figure_are_not_given(queries):
    with pytest.raises(UsageError):
        queries.records(RecordRequest("hl_cases", "98001", WEEK))
