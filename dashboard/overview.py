"""The whole centre at a glance: the worst first, then what changed most, then each panel in a few figures.

Every figure is a card of its panel, for the panel's own kind of period; only the paths and charts are left away,
so that the page costs one period of each panel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from dashboard.directing import Todo, todos
from dashboard.panel import CardData, Panel, PanelData, Section
from dashboard.panels import PANELS
from dashboard.present import is_of_few
from dashboard.queries import EVERYONE, Ask, Queries, Viewer
from datasets.indicators.value import Status
from datasets.periods import Period, PeriodType

HOME = "/"
MOVES = {True: 5.0, False: 20.0}
"""What counts as one step of change: points of a rate, percent of a count."""
SHORT = (PeriodType.DAY, PeriodType.WEEK)


@dataclass(frozen=True, slots=True)
class Tile:
    """One panel: its figures for `period`, and how many of them stand how."""

    panel: Panel
    period: Period
    data: PanelData
    cards: tuple[CardData, ...]
    standing: dict[Status, int]


@dataclass(frozen=True, slots=True)
class Matter:
    """A figure that is past its threshold, or that changed much, with the panel it stands on."""

    tile: Tile
    card: CardData


@dataclass(frozen=True, slots=True)
class Overview:
    """home: its own panel; directing: overdue work and silence; troubled: figures past their threshold; moved: the
    most changed."""

    home: PanelData
    directing: tuple[Todo, ...]
    troubled: tuple[Matter, ...]
    moved: tuple[Matter, ...]
    tiles: tuple[Tile, ...]


def overview(queries: Queries, ask: Ask, viewer: Viewer = EVERYONE) -> Overview:
    """Everything the overview shows for a unit and period."""
    with queries.sitting():
        home, tiles = _figures(queries, ask, viewer)
        directing = todos(queries, ask.unit, ask.language, viewer)
    matters = [Matter(tile, card) for tile in tiles for card in tile.cards if card.value.value is not None]
    told = {todo.indicator for todo in directing}
    return Overview(home, directing, _troubled(matters, told), _moved(matters), tiles)


def _figures(queries: Queries, ask: Ask, viewer: Viewer) -> tuple[PanelData, tuple[Tile, ...]]:
    """The overview's own panel, and a tile of each other; their figures are read together."""
    (home,) = (panel for panel in PANELS if panel.path == HOME)
    others = [panel for panel in PANELS if panel is not home]
    period = Period.parse(ask.period)
    pages = [(_lean(panel), replace(ask, period=period_for(panel, period, queries).id, filters=())) for panel in others]
    own, *made = queries.panels_data("overview", ((home, ask), *pages), viewer)
    return own, tuple(_tile(panel, data) for panel, data in zip(others, made, strict=True))


def _lean(panel: Panel) -> Panel:
    """The panel with its cards alone, and no paths in them."""
    return replace(panel, sections=(Section("flow", tuple(replace(card, path=False) for card in panel.cards)),))


def _tile(panel: Panel, data: PanelData) -> Tile:
    statuses = [card.value.status for card in data.cards if card.value.value is not None]
    standing = {status: statuses.count(status) for status in Status}
    return Tile(panel, Period.parse(data.period), data, data.cards, standing)


def period_for(panel: Panel, period: Period, queries: Queries) -> Period:
    """The page's period, or for a panel that lives by the month the month of the page's day or week."""
    if panel.default_period != PeriodType.MONTH or period.type not in SHORT:
        return period
    return Period.of(min(period.end - timedelta(days=1), queries.today()), PeriodType.MONTH)


def _troubled(matters: list[Matter], told: set[str]) -> tuple[Matter, ...]:
    """Bad before to be watched; within them those whose change makes them worse first. What already stands among
    the things to direct is not said twice."""
    found = [
        matter
        for matter in matters
        if matter.card.value.status in (Status.BAD, Status.WATCH)
        and matter.card.indicator not in told
        and not is_of_few(matter.card.value.denominator)
    ]
    return tuple(sorted(found, key=lambda m: (m.card.value.status is not Status.BAD, -_worsening(m.card))))


def _worsening(card: CardData) -> float:
    if card.change is None or card.change.better is None:
        return 0.0
    return -_steps(card) if card.change.better else _steps(card)


def _moved(matters: list[Matter]) -> tuple[Matter, ...]:
    """The largest changes, counted in steps, of those figures that are better high or low."""
    found = [
        matter
        for matter in matters
        if matter.card.change is not None
        and matter.card.change.better is not None
        and _steps(matter.card) >= 1
        and not is_of_few(matter.card.value.denominator)
    ]
    return tuple(sorted(found, key=lambda matter: -_steps(matter.card)))


def _steps(card: CardData) -> float:
    return card.change.size / MOVES[card.unit == "%"] if card.change else 0.0
