"""The one shape of a panel: what it declares, and what is computed for it.

A panel file (dashboard/panels/*.py) declares a `Panel`; `queries.panel_data` computes
its `PanelData` once per unit, period and data version; desk, wall, briefing and API
only draw it. All text in PanelData is ready to be read in the asked language, all
numbers are also there as numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from datasets.indicators.value import Value
from datasets.periods import PeriodType
from datasets.standing import MANY_FAILURES

ChartKind = Literal["trend", "bars", "before_after", "band", "points"]
Role = Literal["normal", "attention", "bad", "target", "muted"]


@dataclass(frozen=True, slots=True)
class Card:
    """One figure. `on_wall` marks the (at most six) that the wall scene shows.

    path   whether its last periods are drawn; not for what is counted from the rows themselves (medians, ages)
    """

    indicator: str
    on_wall: bool = False
    path: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture.

    trend         `indicators` over the last `buckets` periods of the chosen period's type
    bars          the first indicator split by `by` (a drill dimension), largest first
    before_after  each indicator's first and latest known value, with its dates
    band          a trend of weeks between the mean and the alarm line of the same weeks of five years
    points        the points of QĐ 766 that the feed lets us count, won and lost by cause

    band and points are drawn as a trend and as bars.

    above         what the bars of a unit of several communes are divided by instead: it is asked which of them, and not
                  which of their hamlets; the message `panel.chart.<id>.above` is its title then
    period        type of a trend's periods where it is not the chosen period's: cases by week on a month's page
    """

    id: str
    kind: ChartKind
    indicators: tuple[str, ...]
    by: str | None = None
    above: str | None = None
    buckets: int = 12
    on_wall: bool = False
    period: PeriodType | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page with its heading, the message `panel.section.<id>`; the most important part stands first."""

    id: str
    cards: tuple[Card, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One page of the desk, one scene of the wall, one section of the briefing.

    id       message prefix `panel.<id>.title`, and the `panel:` of its indicators
    path     its address (contract 6.2)
    records  the indicator whose records the list shows first; None: no record list
    """

    id: str
    path: str
    sections: tuple[Section, ...]
    records: str | None = None
    default_period: str = "week"

    @property
    def cards(self) -> tuple[Card, ...]:
        return tuple(card for section in self.sections for card in section.cards)

    @property
    def charts(self) -> tuple[Chart, ...]:
        return tuple(chart for section in self.sections for chart in section.charts)


@dataclass(frozen=True, slots=True)
class Change:
    """Against another period, like for like: `text` such as "▲ 8,2%" or "▼ 1,3 điểm".

    better   True or False by the indicator's direction; None when neither, or of a rate of few cases
    against  in words: "so với cùng 4 ngày làm việc đầu Tuần 46/2026"
    size     how large: points of a rate, percent of a count; 0 where the other is too small to say
    """

    text: str
    better: bool | None
    against: str
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class CardData:
    indicator: str
    name: str
    value: Value
    number: str  # "96,4" or "không đủ số liệu"
    unit: str  # "%", "hồ sơ"
    period: str  # "Tuần 47/2026 (đến 20/11)"
    change: Change | None
    target: str | None  # "mục tiêu ≥ 98%"
    status_word: str  # "Đạt", "Cần chú ý", "Vượt ngưỡng", ""
    sparkline: tuple[tuple[str, float | None], ...]
    source: str  # "Một cửa điện tử · 08:15 20/11/2026"
    rules: str  # legal name of the rule set, "" where none applies


@dataclass(frozen=True, slots=True)
class Series:
    name: str
    values: tuple[float | None, ...]
    role: Role = "normal"


@dataclass(frozen=True, slots=True)
class ChartData:
    """`keys` are the members behind `categories` (period ids, hamlets), for drilling.

    left_out   members a bar chart has beside those; the finding counts them too
    source     where its numbers are from and how old they are, in words
    """

    id: str
    kind: Literal["trend", "bars", "before_after"]
    title: str
    finding: str  # one sentence that says what is to be seen
    unit: str
    categories: tuple[str, ...]
    keys: tuple[str, ...]
    series: tuple[Series, ...]
    by: str | None = None
    partial_last: bool = False  # the last period still runs
    left_out: int = 0
    source: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to see: a target alone is no picture."""
        return not any(x is not None for series in self.series if series.role != "target" for x in series.values)


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source as the screens show it."""

    name: str
    title: str
    freshness: Literal["fresh", "late", "stale", "never"]
    as_of: datetime | None
    last_success: datetime | None
    sentence: str  # "Số liệu đến 08:15 ngày 20/11/2026" or why it is late, since when
    failures: int = 0  # runs in a row that ended badly

    @property
    def troubled(self) -> bool:
        """A run was missed: worth a badge (failures.md R3)."""
        return self.failures > 0 or self.freshness != "fresh"

    @property
    def alarming(self) -> bool:
        """Three runs were missed, or the promise is broken: worth a notice across the page."""
        return self.failures >= MANY_FAILURES or self.freshness in ("late", "stale")


@dataclass(frozen=True, slots=True)
class PanelData:
    panel: str
    title: str
    unit: str
    unit_name: str
    period: str
    period_name: str
    language: str
    version: int
    demo: bool
    computed_at: datetime
    cards: tuple[CardData, ...]
    charts: tuple[ChartData, ...]
    sources: tuple[SourceState, ...]
