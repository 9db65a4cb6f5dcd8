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


RATE, COUNT = (load_catalogue().indicators[name] for name in ("se_budget_revenue_rate", "ps_received"))
WEEKS = ("Tuần 46/2026", "Tuần 47/2026", "Tuần 48/2026")
AIMS = {"targets": (75, 80, 83.3)}


@pytest.mark.parametrize(
    ("values", "definition", "more", "said"),
    [
        ((200, 100, 180), COUNT, {}, "Tuần 48/2026: 180 hồ sơ, cao hơn trung bình 2 kỳ trước 20,0%."),
        (
            (200, 100, None),
            COUNT,
            {"what": "Tiếp nhận"},
            "Tiếp nhận, Tuần 47/2026: 100 hồ sơ, thấp hơn trung bình 1 kỳ trước 50,0%.",
        ),
        (
            (70, 72.5, 81),
            RATE,
            {"cumulative": True} | AIMS,
            "Tuần 48/2026: 81%, thêm 8,5 điểm so với kỳ trước; mục tiêu 83,3%.",
        ),
        ((98, 100, 9), RATE, {"cumulative": True}, "Tuần 48/2026: 9%."),
        ((None, None, 81), RATE, {}, "Chưa đủ số kỳ để nói xu hướng."),
        ((None, None, 81), RATE, AIMS, "Tuần 48/2026: 81%; mục tiêu 83,3%."),
    ],
)
def test_a_trend_says_in_one_sentence_what_is_to_be_seen(values, definition, more, said):
    assert trend_finding(values, WEEKS, definition, "vi", **more) == said
