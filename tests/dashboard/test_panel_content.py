"""What stands on the panels: every indicator somewhere, sections with headings, figures worked by hand."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dashboard.before_after import leap
from dashboard.overview import HOME, overview, period_for
from dashboard.panel_asked import is_own
from dashboard.panel_charts import own_values
from dashboard.panel_parts import PART_OF
from dashboard.panels import BY_ID, PANELS
from dashboard.queries import Ask, Queries
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.definition import Definition
from datasets.indicators.line import Line, Span
from datasets.indicators.observation_line import Lineage, Reported
from datasets.indicators.observation_told import Reading, only
from datasets.indicators.value import Status, Value
from datasets.indicators.window import Window
from datasets.messages import LANGUAGES, text
from datasets.periods import Period, PeriodType

CATALOGUE = load_catalogue()
ON_PANELS = {card.indicator for panel in PANELS for card in panel.cards} | {
    indicator for panel in PANELS for chart in panel.charts for indicator in chart.indicators
}


def test_every_indicator_is_on_a_panel_or_told_as_a_part_of_one_that_is() -> None:
    assert sorted(set(CATALOGUE.indicators) - ON_PANELS - set(PART_OF)) == []
    assert sorted(set(PART_OF) & ON_PANELS) == []
    assert sorted(set(PART_OF.values()) - ON_PANELS) == []


def test_panels_declare_only_indicators_that_exist_and_none_twice() -> None:
    assert sorted((ON_PANELS | set(PART_OF)) - set(CATALOGUE.indicators)) == []
    for panel in PANELS:
        names = [card.indicator for card in panel.cards]
        assert sorted(name for name in set(names) if names.count(name) > 1) == []


def test_an_indicator_stands_on_the_panel_that_its_definition_names() -> None:
    strangers = [
        (panel.id, card.indicator)
        for panel in PANELS
        if panel.path != HOME
        for card in panel.cards
        if CATALOGUE.indicators[card.indicator].panel != panel.id
    ]
    assert strangers == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_section_and_chart_has_its_words(language: str) -> None:
    for panel in PANELS:
        for section in panel.sections:
            assert text(f"panel.section.{section.id}", language)
            assert all(text(f"panel.chart.{chart.id}", language) for chart in section.charts)


def test_what_is_counted_from_rows_is_counted_for_one_period_only() -> None:
    """Medians, ages and bands of age read rows: twelve periods of them would make a page cost a year."""
    careless = []
    for panel in PANELS:
        for card in panel.cards:
            counted = CATALOGUE.indicators[card.indicator].numerator
            by_rows = counted.kind == "median" or {"overdue_days", "due_within_days"} & set(counted.where)
            if by_rows and card.path:
                careless.append(card.indicator)
    assert careless == []


def test_every_drawn_chart_says_where_its_numbers_are_from_and_how_old_they_are(queries: Queries) -> None:
    nameless = []
    for unit in ("98001", "TD-1"):
        for panel in PANELS:
            for chart in queries.panel_data(panel, Ask(unit, "202611")).charts:
                if not chart.is_empty and not re.search(r".+ · đến \d\d:\d\d \d\d/\d\d/2026", chart.source):
                    nameless.append((unit, chart.id, chart.source))
    assert nameless == []


def test_a_trend_shows_what_was_told_of_each_month_and_no_older_number_in_its_place(queries: Queries) -> None:
    months = ("202610", "202611")

    def line(*told: tuple[float, str]) -> Line:
        judge = queries.calculator.judge(queries.definition("se_population"), queries.units.get("TD-1"), "")
        span = Span([Window.of(Period.parse(month)) for month in months])
        readings = [Reading(number, of, only("")) for number, of in told]
        return Reported(Lineage({}), judge, span, readings, None, last=True)

    assert own_values(months, line((5, "202610"), (5, "202610"))) == (5, None)
    assert own_values(months, line((8, "2025"), (8, "2025"))) == (8, 8)
    assert [is_own(value) for value in line((5, "202610"), (5, "202610")).in_order()] == [True, False]


def told(before: float, after: float) -> tuple[Definition, Value, Value]:
    definition = CATALOGUE.indicators["doc_accounts"]
    first = Value(definition.id, "TD-1", "202009", "", None, before, None, None, Status.NONE, None, None, (), "202009")
    return definition, first, first._replace(value=after, period="202205", period_of_value="202205")


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([told(3, 24), told(2700, 0)], "từ 2.700 xuống 0 tài khoản"),
        ([told(3, 24), told(20, 10)], "từ 3 lên 24 tài khoản"),
        ([told(1.5, 1.25), told(20, 20)], "từ 1,5 xuống 1,25 tài khoản (09/2020 đến 05/2022)"),
        ([told(20, 20)], "bằng nhau"),
        ([], "Chưa có"),
    ],
)
def test_the_greatest_change_may_be_a_fall(pairs: list[tuple[Definition, Value, Value]], said: str) -> None:
    assert said in leap(pairs, "vi")


def test_what_adds_up_over_a_year_is_drawn_from_the_years_beginning(queries: Queries) -> None:
    def months(month: str) -> tuple[str, ...]:
        data = queries.panel_data(BY_ID["socio_economic"], Ask("98001", month))
        return next(chart.keys for chart in data.charts if chart.id == "revenue_rate")

    assert months("202610") == tuple(f"2026{month:02d}" for month in range(1, 11))
    assert months("202602")[-3:] == ("202512", "202601", "202602"), "too few for a line: the months before, too"


def test_a_week_draws_by_month_what_nobody_reports_by_week(queries: Queries) -> None:
    data = queries.panel_data(BY_ID["socio_economic"], Ask("98001", "2026W47"))
    assert {chart.keys[-1] for chart in data.charts if chart.kind == "trend"} == {"202611"}
    counted = queries.panel_data(BY_ID["documents"], Ask("98001", "2026W47"))
    assert {chart.id: chart.keys[-1] for chart in counted.charts if chart.kind == "trend"} == {
        "documents_in_done": "2026W47",
        "documents_on_time": "2026W47",
        "documents_signed": "2026W47",
        "work_files": "202611",
    }


def test_a_weeks_card_draws_the_months_of_what_nobody_reports_by_week(queries: Queries) -> None:
    def last_of_path(panel: str, unit: str, period: str) -> dict[str, str]:
        cards = queries.panel_data(BY_ID[panel], Ask(unit, period)).cards
        return {card.indicator: card.sparkline[-1][0] for card in cards}

    assert last_of_path("documents", "TD-1", "2026W47")["doc_accounts"] == "202611"
    assert last_of_path("documents", "TD-1", "2026W40")["doc_accounts"] == "202610", "the week ends on 4 October"
    assert last_of_path("documents", "TD-1", "202609")["doc_accounts"] == "202609"
    assert last_of_path("health", "98001", "2026W47") == {"hl_cases": "2026W47"}, "told by the week"
    assert last_of_path("public_services", "98001", "2026W47")["ps_received"] == "2026W47"


def test_a_trend_begins_where_anything_is_known(queries: Queries) -> None:
    """The invented commune's first dossier is of 2026: of years a line keeps the three that it needs."""
    trends = queries.panel_data(BY_ID["public_services"], Ask("98001", "2026")).charts
    received = next(chart for chart in trends if chart.id == "received_resolved")
    assert received.keys == ("2024", "2025", "2026")
    assert received.series[0].values[:2] == (None, None)
    weeks = queries.panel_data(BY_ID["public_services"], Ask("98001", "2026W47")).charts
    by_week = next(chart for chart in weeks if chart.id == "received_resolved")
    assert (by_week.keys, by_week.series[0].values) == (("2026W45", "2026W46", "2026W47"), (None, 2, 6))


def test_the_wall_has_at_most_six_figures_and_two_charts_of_a_panel() -> None:
    for panel in PANELS:
        assert sum(card.on_wall for card in panel.cards) <= 6
        assert sum(chart.on_wall for chart in panel.charts) <= 2


# The invented commune in week 47, Friday 20/11 at 09:00. Received A1 to A6; ended A1, A2 in time, A3 late; open A4,
# A6 in time, A5 (due 19/11) and B2 (due 16/11) overdue: 1 and 4 working days. Nothing is said of fees or marks.


def test_the_ages_of_the_overdue_are_worked_by_hand(queries: Queries) -> None:
    ask = Ask("98001", "2026W47")
    cards = {card.indicator: card for card in queries.panel_data(BY_ID["public_services"], ask).cards}
    assert cards["ps_overdue_median_age"].value.value == 2.5
    assert cards["ps_overdue_median_age"].value.denominator == 2
    assert cards["ps_overdue_over_10"].value.value == 0
    assert cards["ps_due_1"].value.value == 0
    assert cards["ps_median_working_days"].value.value == 2  # 1, 2 and 2 working days
    assert cards["ps_out_of_area"].value.value == 0
    chart = next(c for c in queries.panel_data(BY_ID["public_services"], ask).charts if c.id == "overdue_by_age")
    assert chart.keys == ("Đất đai",)
    assert [series.values for series in chart.series] == [(2,), (0,), (0,)]


def test_the_points_of_decision_766_are_worked_by_hand(queries: Queries) -> None:
    """2.1: in hand 7 (B2 and A1 to A6); in time A1, A2, A4, A6 = 4, so 20 x 4/7 = 11.43 points.

    3: no service level is told: not counted. 3.6: no fee: not counted. 4.1, 4.2: three ended, nothing digital: 0 of
    6 and 0 of 4. 4.3, 4.5b: six received, none reused: 0 of 2 and 0 of 2. 5.4: 4 in time, no low mark, 4/7 against
    90 %: 6 x 57.14 / 90 = 3.81. Together 15.24 of 40.
    """
    ask = Ask("98001", "2026W47", language="en")
    chart = next(c for c in queries.panel_data(BY_ID["public_services"], ask).charts if c.id == "points_766")
    won = dict(zip(chart.keys, chart.series[0].values, strict=True))
    assert won == {"2.1": 11.43, "4.1": 0, "4.2": 0, "4.3": 0, "4.5b": 0, "5.4": 3.81}
    assert dict(zip(chart.keys, chart.series[1].values, strict=True))["2.1"] == 8.57
    assert chart.finding.startswith("Own count: 15.24 of 40 countable points; the other 42")
    assert "Greatest loss: Done in time, 8.57 points (3 of 7 dossiers missed)." in chart.finding


# -- the overview ---------------------------------------------------------------------


def test_the_overview_lists_overdue_work_first_and_says_nothing_twice(queries: Queries) -> None:
    found = overview(queries, Ask("98001", "2026W47"))
    first = found.directing[0]
    assert (first.indicator, first.count) == ("ps_pending_overdue", "2")
    told = {todo.indicator for todo in found.directing}
    assert not told & {matter.card.indicator for matter in found.troubled}
    assert {matter.card.value.status for matter in found.troubled} <= {Status.BAD, Status.WATCH}
    assert [tile.panel.id for tile in found.tiles] == [panel.id for panel in PANELS if panel.path != HOME]


def test_a_rate_of_few_cases_is_neither_trouble_nor_change(queries: Queries) -> None:
    """The on-time rate is 2 of 3: far past its threshold, and of three dossiers."""
    found = overview(queries, Ask("98001", "2026W47"))
    card = next(c for tile in found.tiles for c in tile.cards if c.indicator == "ps_on_time_rate")
    assert card.value.denominator == 3
    assert all(m.card.indicator != "ps_on_time_rate" for m in (*found.troubled, *found.moved))


def test_the_overviews_figures_are_those_of_the_panels(queries: Queries) -> None:
    for tile in overview(queries, Ask("98001", "2026W47")).tiles:
        page = queries.panel_data(tile.panel, Ask("98001", tile.period.id))
        assert [card.value for card in page.cards] == [card.value for card in tile.cards]


def test_a_panel_of_months_shows_the_month_of_the_week_looked_at(queries: Queries) -> None:
    week = Period.parse("2026W45")  # Monday 2 to Sunday 8 November
    assert period_for(BY_ID["health"], week, queries).id == "202611"
    assert period_for(BY_ID["public_services"], week, queries) == week
    year = Period.of(week.start, PeriodType.YEAR)
    assert period_for(BY_ID["health"], year, queries) == year


def test_a_figure_reported_later_shows_the_latest_told_with_its_date(queries: Queries) -> None:
    """Cases by hamlet were told for week 47; the running week shows them, a week of years ago shows nothing."""
    health = BY_ID["health"]
    now = {card.indicator: card for card in queries.panel_data(health, Ask("98001", "202611")).cards}
    assert now["hl_cases"].value.value == 22
    long_ago = queries.panel_data(health, replace(Ask("98001", "202411")))
    assert all(card.value.value is None for card in long_ago.cards)
