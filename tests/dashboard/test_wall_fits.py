"""Whatever a panel says, what Python finds legible fits in the browser: random boards, their boxes measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sample_panels as sample
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page
from wall_measures import misfits
from wall_station import READY, Station

from dashboard.directing import Todo
from dashboard.panel import CardData, Change, ChartData, PanelData, Series, SourceState
from dashboard.wall import tree
from dashboard.wall.layouts import LAYOUTS
from dashboard.wall.poll import View
from datasets.indicators.value import Status

WORDS = (
    *("Nghiêng", "Nghiễng", "Thượng", "quốc dân", "thủ tục hành chính", "trực tuyến toàn trình", "đúng hạn", "hộ"),
    *(
        "phòng, chống thiên tai",
        "tìm kiếm cứu nạn",
        "Bồi thường nhà nước",
        "ca/100.000 dân",
        "Đường thủy nội địa",
        "ủy",
    ),
)
NUMBERS = ("0", "7", "96,4", "100,0", "1.291", "-12.345.678,9", "1.234.567.890", "99.999.999.999", "không đủ số liệu")
UNITS = ("", "%", "hồ sơ", "triệu đồng", "hộ gia đình", "phản ánh, kiến nghị", "ca/100.000 dân", "học sinh/giáo viên")
CHANGES = ("", "không đổi", "▲ 8,2%", "▼ 1.234,5 điểm", "▲ 1.234.567 triệu đồng")
TARGETS = ("", "mục tiêu ≥ 98%", "mục tiêu ≤ 15 hồ sơ", "mục tiêu ≥ 1.234.567 triệu đồng")
SENTENCES = ("", "Một cửa điện tử không trả lời từ 06:00 (lỗi 500), số liệu đến 08:15 ngày 19/11/2026")
CHARTS = tuple(chart.id for chart in sample.public_services().charts)
MOST_LONG = 60  # letters of a name
SIZES = {"landscape": {"width": 1366, "height": 768}, "portrait": {"width": 720, "height": 1280}}
BOARDS = 25

names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(lambda words: " ".join(words)[:MOST_LONG].strip())
figures = st.floats(0, 1e9, allow_subnormal=False).map(lambda value: round(value, 1))


@st.composite
def cards(draw: st.DrawFn) -> tuple[CardData, ...]:
    drawn = []
    for card in sample.public_services().cards[: draw(st.integers(0, 6))]:
        status = draw(st.sampled_from(tuple(Status)))
        number = draw(st.sampled_from(NUMBERS))
        known = not number.startswith("không")
        drawn.append(
            replace(
                card,
                name=draw(names),
                number=number,
                unit=draw(st.sampled_from(UNITS)),
                value=card.value._replace(status=status, value=1.0 if known else None),
                status_word=sample.STATUS_WORDS[status] if known else "",
                change=Change(change, None, sample.AGAINST) if (change := draw(st.sampled_from(CHANGES))) else None,
                target=draw(st.sampled_from(TARGETS)) or None,
            )
        )
    return tuple(drawn)


@st.composite
def charts(draw: st.DrawFn) -> tuple[ChartData, ...]:
    drawn = []
    basis = (*sample.public_services().charts, *sample.socio_economic().charts)
    for place, chart in enumerate(draw(st.lists(st.sampled_from(basis), max_size=2))):
        count = draw(st.integers(1, 12))
        categories = tuple(f"T{i}" for i in range(count)) if chart.kind == "trend" else draw(
            st.lists(names, min_size=count, max_size=count).map(tuple)
        )  # fmt: skip
        series = tuple(
            Series(draw(names), draw(st.lists(figures, min_size=count, max_size=count).map(tuple)), one.role)
            for one in chart.series
        )
        keys = tuple(f"k{i}" for i in range(count))
        words = {"title": draw(names), "finding": draw(names)}
        drawn.append(replace(chart, id=CHARTS[place], categories=categories, keys=keys, series=series, **words))
    return tuple(drawn)


@st.composite
def panels(draw: st.DrawFn) -> PanelData:
    data = replace(sample.public_services(), cards=draw(cards()), charts=draw(charts()))
    late = draw(st.sampled_from(SENTENCES))
    source: SourceState = sample.source("stale" if late else "fresh", late)
    return replace(data, title=draw(names)[:30].strip(), sources=(replace(source, title=draw(names)),))


todos = st.lists(
    st.builds(
        Todo, key=st.uuids().map(str), count=st.sampled_from(("1", "23", "1.234", "1.234.567")),
        unit=st.sampled_from(UNITS), title=names, detail=names,
        status=st.sampled_from((Status.BAD, Status.WATCH)), as_of=st.just(sample.AS_OF),
    ),
    max_size=8,
).map(tuple)  # fmt: skip


@pytest.fixture(scope="module")
def station() -> Iterator[Station]:
    station = Station()
    yield station
    station.stop()


@pytest.mark.parametrize("canvas", LAYOUTS)
def test_what_is_found_legible_is_neither_cut_nor_covered_in_the_browser(page: Page, station: Station, canvas: str):
    page.set_viewport_size(SIZES[canvas])
    page.goto(station.url)
    page.wait_for_selector(READY, state="attached")
    board, view = station.app.board, View(station.app.usual, "vi", LAYOUTS[canvas])
    legible = []

    @settings(max_examples=BOARDS, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
    @given(panels(), todos)
    def fits(data: PanelData, matters: tuple[Todo, ...]) -> None:
        station.reader.panels["public_services"] = data
        station.reader.todo = matters
        station.reader.data_version += 1
        legible.append(not board.illegible(view))
        if not legible[-1]:
            return  # such a board is refused at start
        html = tree.to_html(board.painted(view).layout)
        page.evaluate("html => { document.body.innerHTML = html; }", html)
        assert misfits(page) == []

    fits()
    assert sum(legible) > BOARDS / 3, "boards enough that are not refused at start"
