"""Every figure is one plotly accepts, with our colours, Vietnamese separators and keys on the axis."""

from dataclasses import replace

import plotly.graph_objects as go
import pytest

from dashboard.figures import CONFIG, Look, figure, legend
from dashboard.panel import ChartData, Series
from dashboard.tokens import DARK, LIGHT

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
