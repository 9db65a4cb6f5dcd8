"""Panels with invented but lifelike figures, for tests of the screens: no store, no network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from dashboard.directing import Todo
from dashboard.panel import Card, CardData, Change, Chart, ChartData, Panel, PanelData, Section, Series, SourceState
from datasets.indicators.value import Status, Value
from datasets.vietnamese import number

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
AS_OF = datetime(2026, 11, 20, 8, 15, tzinfo=ZONE)
CENTRE = "Trung tâm Điều hành thông minh xã An Bình"
RULES = "Biểu II.06a/VPCP/KSTT"
STATUS_WORDS = {Status.GOOD: "Đạt", Status.WATCH: "Cần chú ý", Status.BAD: "Vượt ngưỡng", Status.NONE: ""}
WEEKS = tuple(f"T{week}" for week in range(36, 48))

PUBLIC = Panel(
    "public_services",
    "/dich-vu-cong",
    (
        Section(
            "flow",
            tuple(
                Card(i, on_wall=True)
                for i in (
                    *("ps_on_time_rate", "ps_received", "ps_resolved"),
                    *("ps_pending", "ps_pending_overdue", "ps_online_rate"),
                )
            ),
            (
                Chart("received_resolved", "trend", ("ps_received", "ps_resolved"), on_wall=True),
                Chart(
                    "pending_by_field", "bars", ("ps_pending_in_time", "ps_pending_overdue"), by="field", on_wall=True
                ),
            ),
        ),
    ),
)
SOCIAL = Panel(
    "socio_economic",
    "/kinh-te-xa-hoi",
    (
        Section(
            "people",
            tuple(Card(i, on_wall=True) for i in ("se_population", "se_internet", "se_phone", "se_money")),
            (Chart("pilots", "before_after", ("se_a", "se_b", "se_c", "se_d"), on_wall=True),),
        ),
    ),
    default_period="month",
)


def source(freshness: str = "fresh", sentence: str = "") -> SourceState:
    return SourceState("one_stop", "Một cửa điện tử", freshness, AS_OF, AS_OF, sentence)  # type: ignore[arg-type]


def card(
    indicator: str,
    name: str,
    value: float | None,
    unit: str,
    status: Status = Status.NONE,
    change: Change | None = None,
    target: str | None = None,
    period_of_value: str = "2026W47",
    period: str = "Tuần 47/2026 (đến 20/11)",
    rules: str = RULES,
) -> CardData:
    return CardData(
        indicator=indicator,
        name=name,
        value=Value(
            indicator, "90001", "2026W47", "06a", None, value, value, None, status, None, AS_OF, ("one_stop",),
            period_of_value,
        ),
        number="không đủ số liệu" if value is None else number(value),
        unit=unit,
        period=period,
        change=change,
        target=target,
        status_word=STATUS_WORDS[status] if value is not None else "",
        sparkline=(),
        source="Một cửa điện tử · 08:15 20/11/2026",
        rules=rules,
    )  # fmt: skip


AGAINST = "so với cùng 4 ngày làm việc đầu tuần 46/2026"


def public_services(now: datetime = NOW) -> PanelData:
    cards = (
        card("ps_on_time_rate", "Tỷ lệ giải quyết đúng hạn", 96.4, "%", Status.WATCH,
             Change("▼ 1,3 điểm", False, AGAINST), "mục tiêu ≥ 98%"),
        card("ps_received", "Hồ sơ tiếp nhận", 1291, "hồ sơ", change=Change("▲ 8,2%", None, AGAINST)),
        card("ps_resolved", "Hồ sơ đã giải quyết", 1188, "hồ sơ", change=Change("▲ 5,1%", None, AGAINST)),
        card("ps_pending", "Hồ sơ đang giải quyết", 412, "hồ sơ", change=Change("không đổi", None, AGAINST)),
        card("ps_pending_overdue", "Hồ sơ quá hạn", 23, "hồ sơ", Status.BAD,
             Change("▲ 6 hồ sơ", False, AGAINST), "mục tiêu ≤ 15 hồ sơ"),
        card("ps_online_rate", "Tỷ lệ hồ sơ nộp trực tuyến", 71.2, "%", Status.GOOD,
             Change("▲ 2,4 điểm", True, AGAINST), "mục tiêu ≥ 70%"),
    )  # fmt: skip
    received = (1010, 980, 1104, 1190, 1152, 1230, 1185, 1240, 1205, 1262, 1193, 1291)
    resolved = (990, 1001, 1050, 1122, 1160, 1171, 1190, 1188, 1215, 1230, 1130, 1188)
    fields = ("Hộ tịch", "Chứng thực", "Đất đai", "Bảo trợ xã hội", "Người có công", "Xây dựng", "Lao động - Việc làm")
    charts = (
        ChartData(
            "received_resolved", "trend", "Hồ sơ tiếp nhận và giải quyết",
            "Tiếp nhận tăng 8,2% so với tuần 46, cao nhất trong 12 tuần", "hồ sơ", WEEKS,
            tuple(f"2026W{w}" for w in range(36, 48)),
            (Series("Tiếp nhận", received), Series("Giải quyết", resolved)), partial_last=True,
        ),
        ChartData(
            "pending_by_field", "bars", "Đang giải quyết theo lĩnh vực",
            "Đất đai có 11 hồ sơ quá hạn, gần một nửa tổng số", "hồ sơ", fields, fields,
            (
                Series("Trong hạn", (132, 88, 61, 44, 31, 20, 13), "muted"),
                Series("Quá hạn", (4, 0, 11, 3, 0, 5, 0), "bad"),
            ), by="field",
        ),
    )  # fmt: skip
    return PanelData(
        "public_services", "Dịch vụ công", "90001", "Xã An Bình", "2026W47", "Tuần 47/2026 (đến 20/11)", "vi", 7, True,
        now, cards, charts, (source(),),
    )  # fmt: skip


def socio_economic(now: datetime = NOW) -> PanelData:
    cards = (
        card("se_population", "Dân số", 14218, "người", period_of_value="2025", period="Năm 2025", rules=""),
        card("se_internet", "Hộ có Internet cáp quang", 70, "%", Status.WATCH, None, "mục tiêu ≥ 80%", "2023",
             "Năm 2023", ""),
        card("se_phone", "Người trưởng thành có điện thoại thông minh", 90, "%", Status.GOOD, None, "mục tiêu ≥ 85%",
             "2023", "Năm 2023", ""),
        card("se_money", "Tiền ủng hộ phổ cập điện thoại", 460.9, "triệu đồng", period_of_value="2023",
             period="Năm 2023", rules=""),
    )  # fmt: skip
    names = (
        "Người dân sử dụng điện thoại thông minh",
        "Hộ dân tiếp cận và sử dụng Internet",
        "Người dân 15 tuổi trở lên có tài khoản thanh toán",
        "Dịch vụ công trực tuyến mức độ 4",
    )
    charts = (
        ChartData(
            "pilots", "before_after", "Xã Yên Hòa, trước và sau thí điểm", "Cả bốn chỉ tiêu đều tăng", "%",
            names, ("se_a", "se_b", "se_c", "se_d"),
            (Series("09/2020", (70, 90, 31, 25), "muted"), Series("06/2022", (95, 98, 74.5, 100))),
        ),
    )  # fmt: skip
    return PanelData(
        "socio_economic", "Kinh tế - xã hội", "90001", "Xã An Bình", "2026W47", "Tháng 11/2026", "vi", 7, True, now,
        cards, charts, (source(),),
    )  # fmt: skip


def extreme(data: PanelData) -> PanelData:
    """The same panel with the longest names and the largest numbers that are to be expected."""
    long = "Tỷ lệ hồ sơ giải quyết thủ tục hành chính trực tuyến toàn trình đúng hạn"
    cards = tuple(
        replace(
            c,
            name=long if i % 2 else "Số hộ nghèo, cận nghèo được hỗ trợ nhà ở",
            number="1.234.567.890" if i % 3 == 0 else "100,0" if i % 3 == 1 else "-12.345.678,9",
            unit="triệu đồng" if i % 2 else "hộ gia đình",
            change=Change("▲ 1.234,5 điểm", False, AGAINST),
            target="mục tiêu ≥ 1.234.567 triệu đồng",
        )
        for i, c in enumerate(data.cards)
    )
    names = (
        "Bồi thường nhà nước và thi hành án dân sự",
        "Giáo dục và đào tạo thuộc hệ thống giáo dục quốc dân",
        "Phòng, chống thiên tai và tìm kiếm cứu nạn",
        "Nuôi con nuôi",
        "Thi đua - khen thưởng",
        "Đường thủy nội địa",
        "Thôn Nghiêng Nghiễng Thượng",
        "Quản lý công sản",
        "Công tác dân tộc",
        "Tín ngưỡng, tôn giáo",
    )
    charts = tuple(
        replace(c, series=(*c.series, Series("Ngưỡng cảnh báo theo cùng kỳ 5 năm trước", c.series[0].values, "target")))
        if c.kind == "trend"
        else replace(
            c,
            title="Số hồ sơ đang giải quyết theo lĩnh vực thủ tục hành chính cấp xã",
            categories=names,
            keys=tuple(f"k{i}" for i in range(10)),
            series=tuple(replace(s, values=tuple(1234567.5 - 9e4 * i for i in range(10))) for s in c.series),
        )
        for c in data.charts
    )
    return replace(data, cards=cards, charts=charts)


TODOS = (
    Todo(
        "overdue_dossier", "23", "hồ sơ", "Hồ sơ một cửa quá hạn",
        "Lâu nhất quá 12 ngày làm việc (hẹn 04/11/2026) · nhiều nhất: Đất đai 11", Status.BAD, ("one_stop",), AS_OF,
    ),
    Todo("due_dossier", "8", "hồ sơ", "Hồ sơ phải trả hôm nay", "Chưa giải quyết xong, hạn trong ngày", Status.WATCH,
         ("one_stop",), AS_OF),
    Todo("sources", "1", "nguồn", "Nguồn số liệu im lặng",
         "Trục liên thông văn bản: Số liệu đến 06:10 ngày 20/11/2026", Status.WATCH),
)  # fmt: skip


def extreme_todos() -> tuple[Todo, ...]:
    """Six matters with the longest texts and largest numbers that are to be expected."""
    long = (
        "Lâu nhất quá 1.234 ngày làm việc (hẹn 04/11/2021) · nhiều nhất: "
        "Giáo dục và đào tạo thuộc hệ thống giáo dục quốc dân 1.234"
    )
    return tuple(
        Todo(f"k{i}", "1.234.567", "phản ánh, kiến nghị", "Phản ánh, kiến nghị của người dân quá hạn trả lời", long,
             Status.BAD if i < 3 else Status.WATCH, ("one_stop",), AS_OF)
        for i in range(6)
    )  # fmt: skip


class Reader:
    """What the wall asks of Queries, from panels kept here; a new `version` is news."""

    zone = ZONE

    def __init__(self, *panels: PanelData) -> None:
        self.panels = {data.panel: data for data in panels}
        self.moment = NOW
        self.data_version = 7
        self.todo: tuple[Todo, ...] = ()
        self.told_sources: tuple[SourceState, ...] = (source(),)
        self._kept: dict[object, object] = {}

    def now(self) -> datetime:
        return self.moment

    def version(self) -> int:
        return self.data_version

    def answer(self, question: object, compute: Callable[[], object]) -> object:
        key = (self.data_version, self.moment, question)
        if key not in self._kept:
            self._kept[key] = compute()
        return self._kept[key]

    def panel(self, panel: Panel, unit: str, language: str) -> PanelData:
        return replace(self.panels[panel.id], language=language, version=self.data_version)

    def todos(self, unit: str, language: str) -> tuple[Todo, ...]:
        return self.todo

    def sources(self, language: str) -> tuple[SourceState, ...]:
        return self.told_sources

    def unit_name(self, unit: str) -> str:
        return f"Đơn vị {unit}"

    def replace_card(self, panel: str, index: int, **changes: object) -> None:
        """Change one card and count the data version on."""
        data = self.panels[panel]
        cards = list(data.cards)
        cards[index] = replace(cards[index], **changes)  # type: ignore[arg-type]
        self.panels[panel] = replace(data, cards=tuple(cards))
        self.data_version += 1


def settings(
    diagonal: float = 55,
    distance: float = 4,
    scenes: tuple[tuple[str, float], ...] = (),
    demo: bool = True,
    dim: str = "",
    blank: str = "",
    open_on_loopback: bool = True,
    host: str = "127.0.0.1",
):
    """As much of Settings as the wall reads."""
    return SimpleNamespace(
        path=Path("config.yaml"),
        host=host,
        centre=SimpleNamespace(name=CENTRE, unit="90001", language="vi", demo=demo, time_zone=ZONE),
        wall=SimpleNamespace(
            diagonal_inch=diagonal,
            distance_m=distance,
            open_on_loopback=open_on_loopback,
            dim=dim,
            blank=blank,
            scenes=[SimpleNamespace(panel=panel, seconds=seconds) for panel, seconds in scenes],
        ),
    )
