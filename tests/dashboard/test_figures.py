"""Every figure is one plotly accepts, with our colours, Vietnamese separators and keys on the axis."""

from dataclasses import replace
from itertools import pairwise
from statistics import mean

import plotly.graph_objects as go
import pytest

from dashboard.figures import BESIDE, CONFIG, Look, figure, legend
from dashboard.panel import ChartData, Series
from dashboard.present import trend_finding
from dashboard.tokens import DARK, LIGHT
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.last_period import last_period
from datasets.periods import Period

TREND = ChartData(
    "received_resolved",
    "trend",
    "Tiếp nhận",
    "",
    "hồ sơ",
    ("T45", "T46", "T47"),
    ("2026W45", "2026W46", "2026W47"),
    (Series("Tiếp nhận", (1200.0, None, 80.5)), Series("Mục tiêu", (90.0, 90.0, 90.0), "target")),
    partial_last=True,
)
BARS = ChartData(
    "pending_by_field",
    "bars",
    "Đang giải quyết",
    "",
    "hồ sơ",
    ("Hộ tịch", "Đất đai"),
    ("ho_tich", "dat_dai"),
    (Series("Trong hạn", (30.0, 10.0), "muted"), Series("Quá hạn", (2.0, 5.0), "bad")),
    by="procedure_field",
)
PAIRS = ChartData(
    "pilot_before_after",
    "before_after",
    "Trước và sau",
    "",
    "",
    ("Tài khoản",),
    ("202009..202205",),
    (Series("Trước", (3.0,), "muted"), Series("Sau", (24.0,))),
)


@pytest.mark.parametrize("chart", [TREND, BARS, PAIRS, replace(TREND, unit="%"), replace(TREND, partial_last=False)])
@pytest.mark.parametrize("size", ["desk", "wall"])
@pytest.mark.parametrize("tokens", [DARK, LIGHT])
def test_plotly_accepts_every_property(chart, size, tokens):
    go.Figure(figure(chart, Look(size, "vi", tokens)))  # raises ValueError for a misspelt one


def test_numbers_are_written_the_vietnamese_way_and_in_english_the_english_way():
    vi, en = figure(TREND), figure(TREND, Look(language="en"))
    assert (vi["layout"]["separators"], en["layout"]["separators"]) == (",.", ".,")
    assert vi["data"][0]["text"][0] == "1.200"
    assert en["data"][0]["text"][0] == "1,200"
    assert CONFIG["locale"] == "vi"


def test_the_running_period_is_dotted_and_hollow():
    main, tail, end, _target = figure(TREND)["data"]
    assert main["y"][-1] is None
    assert tail["line"]["dash"] == "dot"
    assert end["marker"]["color"] == DARK.surface


def test_a_click_on_a_bar_gives_its_member_and_not_its_name():
    first, second, totals = figure(BARS)["data"]
    assert first["y"] == ["ho_tich", "dat_dai"]
    assert first["customdata"] == ["Hộ tịch", "Đất đai"]
    assert totals["x"] == [32, 15]
    assert second["marker"]["color"] == DARK.bad


def test_a_chosen_member_stands_out():
    assert figure(BARS, selected="dat_dai")["data"][0]["marker"]["opacity"] == [0.35, 1.0]


def test_a_lone_series_needs_no_legend():
    assert legend(replace(TREND, series=TREND.series[:1])) == ()
    assert legend(BARS) == (("Trong hạn", DARK.base), ("Quá hạn", DARK.bad))


def test_pairs_of_different_units_are_each_on_their_own_scale():
    before, after = figure(PAIRS)["data"]
    assert (before["x"], after["x"]) == ([3 / 24], [1.0])
    assert (before["text"], after["text"]) == (["3"], ["24"])


def test_names_of_periods_stand_upright_and_few_enough_for_a_narrow_column():
    drawn = figure(replace(TREND, categories=tuple(f"{m}/26" for m in range(1, 13)), keys=tuple(map(str, range(12)))))
    assert drawn["layout"]["xaxis"]["tickangle"] == 0
    assert drawn["layout"]["xaxis"]["ticktext"] == ["2/26", "4/26", "6/26", "8/26", "10/26", "12/26"]


def test_a_lone_bar_is_no_thicker_than_one_of_four():
    alone = replace(BARS, categories=("Cúm",), keys=("flu",), series=(Series("Ca bệnh", (13.0,)),))
    assert figure(alone)["layout"]["yaxis"]["range"] == [3.5, -0.5]


def test_the_last_number_keeps_clear_of_the_target_above_it():
    below = replace(TREND, series=(Series("Thu", (10.0, 20.0)), Series("Mục tiêu", (30.0, 30.0), "target")))
    (said,) = [trace for trace in figure(below)["data"] if trace.get("mode") == "markers+text"]
    assert said["textposition"] == "bottom center"


def test_the_last_number_of_a_line_at_the_foot_stands_beside_its_point_not_on_the_names_of_the_axis():
    two = replace(TREND, series=(Series("Có phép", (30.0, 34.0)), Series("Không phép", (8.0, 0.0))))
    upper, lower = (trace for trace in figure(two)["data"] if trace.get("mode") == "markers+text")
    assert (upper["textposition"], lower["textposition"]) == ("top center", "middle right")


def test_the_last_numbers_of_three_lines_that_end_together_stand_one_above_the_other():
    ends = (95.8, 94.8, 95.1)
    three = replace(TREND, series=tuple(Series(f"Tỷ lệ {end}", (90.0, end)) for end in ends))
    picture = figure(three)
    low, high = picture["layout"]["yaxis"]["range"]
    said = {t["text"][0]: t["y"][0] for t in picture["data"] if t.get("mode") == "text"}
    heights = [said[f"{3 * BESIDE}<b>{end}</b>"] for end in ("94,8", "95,1", "95,8")]
    apart = [above - below for below, above in pairwise(heights)]
    assert apart == pytest.approx([0.09 * (high - low)] * 2)
    assert mean(heights) == pytest.approx(mean(ends)), "as near to their lines as can be"
    points = [t["y"] for t in picture["data"] if t.get("mode") == "markers"]
    assert points == [[end] for end in ends], "the points stay where they are"


def test_the_last_numbers_of_three_lines_far_apart_stand_at_their_ends():
    three = replace(TREND, series=tuple(Series(f"Số {end}", (1.0, end)) for end in (10.0, 100.0, 200.0)))
    assert [t["y"] for t in figure(three)["data"] if t.get("mode") == "text"] == [[10.0], [100.0], [200.0]]


CATALOGUE = load_catalogue()
COUNT, ON_TIME, DAYS, PLAN, STOCK, REPORTED_RATE = (
    CATALOGUE.indicators[name]
    for name in (
        *("ps_received", "ps_on_time_rate", "ps_median_working_days"),
        *("se_budget_revenue_rate", "se_poor_households", "se_smartphone_rate"),
    )
)
WEEKS = [Period.parse(f"2026W{week}") for week in range(45, 49)]
AIMS = {"targets": (75, 75, 80, 83.3)}


def counted(*numbers):
    return [(number, number, None) for number in numbers]


def parts(*pairs):
    """Of (numerator, denominator) the rates."""
    return [(100 * top / bottom, top, bottom) if bottom else (None, top, bottom) for top, bottom in pairs]


@pytest.mark.parametrize(
    ("path", "definition", "more", "said"),
    [
        (counted(0, 400, 200, 240), COUNT, {}, "Tuần 48/2026: 240 hồ sơ, cao hơn trung bình 3 kỳ trước 20,0%."),
        (
            counted(200, 200, 100, None),
            COUNT,
            {"what": "Tiếp nhận"},
            "Tiếp nhận, Tuần 47/2026: 100 hồ sơ, thấp hơn trung bình 2 kỳ trước 50,0%.",
        ),
        # 110/200 of all three together, not the 63,3% that their rates would be on the mean
        (
            parts((10, 100), (90, 90), (10, 10), (60, 100)),
            ON_TIME,
            {},
            "Tuần 48/2026: 60%, cao hơn mức chung 3 kỳ trước 5,0 điểm.",
        ),
        # what was known of week 45 or 46 may be a day of it: no measure for a count, a small part of a rate
        (counted(None, 10, 100, 130), COUNT, {}, "Tuần 48/2026: 130 hồ sơ, cao hơn kỳ trước 30,0%."),
        (counted(None, None, 10, 130), COUNT, {}, "Tuần 48/2026: 130 hồ sơ."),
        (counted(None, None, 10, 11), STOCK, {}, "Tuần 48/2026: 11 hộ, cao hơn kỳ trước 10,0%."),
        (
            parts((0, 0), (1, 1), (50, 99), (60, 100)),
            ON_TIME,
            {},
            "Tuần 48/2026: 60%, cao hơn mức chung 2 kỳ trước 9,0 điểm.",
        ),
        # medians, and rates that came without their parts, cannot be put together
        (
            [(5, None, 9), (1, None, 9), (4, None, 9), (6, None, 9)],
            DAYS,
            {},
            "Tuần 48/2026: 6 ngày làm việc, cao hơn kỳ trước 50,0%.",
        ),
        (counted(10, 20, 30, 31.5), REPORTED_RATE, {}, "Tuần 48/2026: 31,5%, cao hơn kỳ trước 1,5 điểm."),
        (counted(10, 20, None, 31.5), REPORTED_RATE, {}, "Tuần 48/2026: 31,5%."),
        (
            parts((69, 100), (70, 100), (72.5, 100), (81, 100)),
            PLAN,
            AIMS,
            "Tuần 48/2026: 81%, thêm 8,5 điểm so với kỳ trước; mục tiêu 83,3%.",
        ),
        (parts((97, 100), (98, 100), (100, 100), (9, 100)), PLAN, {}, "Tuần 48/2026: 9%."),
        (parts((0, 0), (0, 0), (0, 0), (81, 100)), PLAN, AIMS, "Tuần 48/2026: 81%; mục tiêu 83,3%."),
        (counted(None, None, None, None), COUNT, {}, "Chưa đủ số kỳ để nói xu hướng."),
    ],
)
def test_a_trend_says_in_one_sentence_what_is_to_be_seen(path, definition, more, said):
    told = trend_finding(last_period(CATALOGUE, definition, path), WEEKS, definition, "vi", **more)
    assert told == said
