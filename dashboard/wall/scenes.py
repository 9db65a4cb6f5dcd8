"""Scenes: what the wall shows at a time.

A panel is one scene, its tiles above and its charts below, where that can be read from
the seats; otherwise two, tiles and then charts, each with larger letters. Boxes are
fixed on the canvas (layouts.py), so that what fits is known before anybody looks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.directing import Todo
from dashboard.panel import CardData, ChartData, PanelData, SourceState
from dashboard.wall.band import band_box, band_of, below
from dashboard.wall.charts import chart
from dashboard.wall.layouts import GAP, Layout
from dashboard.wall.moments import short_moment
from dashboard.wall.tiles import Box, Telling, tile
from dashboard.wall.todo_rows import ROWS, rows
from dashboard.wall.tree import box, leaf
from dashboard.wall.type_sizes import Fitter, TypeScale, lines_of, width_of
from datasets.indicators.value import Status
from datasets.messages import text

MOST_TILES, MOST_CHARTS = 6, 2
RED_STAYS = 1.5  # a scene with something red stays longer by this factor
DIRECTING = "directing"


@dataclass(frozen=True, slots=True)
class Scene:
    """What one scene shows: `part` tells the scenes of one panel apart; dwell in seconds."""

    data: PanelData
    cards: tuple[CardData, ...]
    charts: tuple[ChartData, ...]
    seconds: float
    part: str = ""

    @property
    def key(self) -> str:
        return f"{self.data.panel}{self.part}"

    @property
    def red(self) -> bool:
        return any(c.value.status is Status.BAD and c.value.value is not None for c in self.cards)

    @property
    def has_data(self) -> bool:
        return any(c.value.value is not None for c in self.cards) or any(
            v is not None for c in self.charts for s in c.series for v in s.values
        )


@dataclass(frozen=True, slots=True)
class DirectingScene:
    """What calls for direction in one unit; skipped while nothing does."""

    todos: tuple[Todo, ...]
    sources: tuple[SourceState, ...]
    seconds: float
    period: str

    @property
    def red(self) -> bool:
        return any(todo.status is Status.BAD for todo in self.todos)


AnyScene = Scene | DirectingScene


def paint(
    scenes: Sequence[AnyScene], scale: TypeScale, telling: Telling, centre: str, layout: Layout
) -> tuple[list[Component], list[str]]:
    """Each scene painted, split in two where together it cannot be read; and what cannot be read even so."""
    painted: list[Component] = []
    faults: list[str] = []
    for scene in scenes:
        fitter = Fitter(scale)
        if isinstance(scene, DirectingScene):
            painted.append(_directing(scene, fitter, telling, centre, layout))
            faults += [f"{text('wall.directing', telling.language)}: {name}" for name in dict.fromkeys(fitter.faults)]
            continue
        nodes = [_scene(scene, fitter, telling, centre, layout)]
        if fitter.faults and scene.cards and scene.charts:
            fitter = Fitter(scale)
            parts = (replace(scene, charts=(), part="_tiles"), replace(scene, cards=(), part="_charts"))
            nodes = [_scene(part, fitter, telling, centre, layout) for part in parts]
        painted += nodes
        faults += [f"{scene.data.title}: {name}" for name in dict.fromkeys(fitter.faults)]
    return painted, faults


def _scene(scene: Scene, fitter: Fitter, telling: Telling, centre: str, layout: Layout) -> Component:
    key = scene.key
    cards, charts = scene.cards[:MOST_TILES], scene.charts[:MOST_CHARTS]
    used = _used(scene)
    band = band_of([s for s in scene.data.sources if s.name in used or not scene.cards], fitter, telling, layout)
    layout = below(band, layout)
    grid = layout.grid(len(cards))
    lines, columns = len(grid), math.lcm(*grid)
    height = layout.tiles_height(lines, bool(charts))
    row = (height - (lines - 1) * GAP) / lines if lines else 0
    spans = [columns // in_row for in_row in grid for _ in range(in_row)]
    beneath = layout.chart_room(len(charts), height)
    heading, foot = _words(scene, fitter, telling, centre, layout)
    tiles = box(
        "tiles",
        *[
            tile(
                key,
                card,
                scene.data.sources,
                _room(layout, columns // span, row),
                fitter,
                telling,
                told=band.told,
                span=span,
            )
            for card, span in zip(cards, spans, strict=True)
        ],
        style={"gridTemplateColumns": f"repeat({columns}, 1fr)", "gridAutoRows": f"{row:.1f}px"},
    )
    pictures = box(
        "charts",
        *[chart(key, data, beneath, fitter, telling.language) for data in charts],
        style={
            "gridTemplateColumns": f"repeat({1 if layout.stacked else len(charts)}, 1fr)",
            "gridAutoRows": f"{beneath.height:.1f}px",
        },
    )
    return box(
        "heading-and-body",
        heading,
        box("body", band_box(key, band), *([tiles] if lines else []), *([pictures] if charts else [])),
        foot,
        key=key,
        **_turn(scene),
    )


def _room(layout: Layout, in_row: int, height: float) -> Box:
    return Box((layout.body.width - (in_row - 1) * GAP) / in_row, height)


def _used(scene: Scene) -> set[str]:
    return {name for card in scene.cards for name in card.value.sources}


def _turn(scene: AnyScene) -> dict[str, Any]:
    """When and how long the scene has its turn, as the script reads it: red ones first and longer."""
    seconds = scene.seconds * (RED_STAYS if scene.red else 1)
    skipped = isinstance(scene, DirectingScene) and not scene.todos
    return {"seconds": f"{seconds:g}", "rank": "0" if scene.red else "1", "skip": "1" if skipped else ""}


def _directing(scene: DirectingScene, fitter: Fitter, telling: Telling, centre: str, layout: Layout) -> Component:
    language = telling.language
    title = text("wall.directing", language)
    named = [source for source in scene.sources if source.as_of is not None]
    full = ", ".join(_source(source, telling, dated=True) for source in named)
    short = text("wall.many_sources", language, count=len(named)) if named else ""
    fits = lines_of(text("wall.sources", language, sources=full), fitter.scale.floor, layout.foot_width)
    foot = text("wall.sources", language, sources=full) if named and fits <= layout.foot_lines else short
    beyond = len(scene.todos) - ROWS
    period = text("wall.todo.more", language, period=scene.period, count=beyond) if beyond > 0 else scene.period
    return box(
        "heading-and-body",
        _heading(DIRECTING, title, period, fitter, centre, layout),
        box("body", rows(DIRECTING, scene.todos, fitter, telling, layout)),
        _foot(DIRECTING, title, foot, fitter, layout),
        key=DIRECTING,
        **_turn(scene),
    )


def _words(scene: Scene, fitter: Fitter, telling: Telling, centre: str, layout: Layout) -> tuple[Component, Component]:
    """Heading and foot: what, where, when, compared with what; counted how, from which sources.

    A rate never stands without its rules: they outrank the names of the sources where
    there is no room for both.
    """
    key, floor, language, title = scene.key, fitter.scale.floor, telling.language, scene.data.title
    compared, counted = _against(scene), _rules(scene, language)
    period = scene.data.period_name
    with_compared = f"{period}, {compared}" if compared else period
    if lines_of(with_compared, floor, layout.heading_width) <= 1:
        period, compared = with_compared, ""
    used = _used(scene)
    sources = [s for s in scene.data.sources if s.name in used or not scene.cards]
    named = ", ".join(_source(s, telling, dated=not scene.cards) for s in sources)
    full = text("wall.sources", language, sources=named) if named else ""
    short = text("wall.many_sources", language, count=len(sources)) if named else ""
    compared = compared[:1].upper() + compared[1:]
    for wanted in ((compared, counted, full), (compared, counted, short), (counted, full), (counted, short)):
        foot = " · ".join(w for w in wanted if w)
        if lines_of(foot, floor, layout.foot_width) <= layout.foot_lines:
            break
    return _heading(key, title, period, fitter, centre, layout), _foot(key, title, foot, fitter, layout)


def _heading(key: str, title: str, period: str, fitter: Fitter, centre: str, layout: Layout) -> Component:
    """The scene's name with the centre's, and the period beneath."""
    scale, width = fitter.scale, layout.heading_width
    title_px = fitter.fit(title, title, width, scale.title, 1, 700)
    beside = layout.heading_lines == 1
    while beside and title_px > scale.floor and lines_of(centre, scale.floor, _rest(width, title, title_px)) > 1:
        title_px -= 1  # the centre's name needs the room
    left = _rest(width, title, title_px) if beside else width
    centre_px = fitter.fit(centre, centre, left, scale.note)
    return box(
        "heading",
        html.Div(
            [
                leaf("scene-title", f"{key}.title", title, title_px, html.Span),
                leaf("centre", f"{key}.centre", centre, centre_px, html.Span),
            ],
            className="heading-line",
        ),
        leaf("scene-period", f"{key}.period", period, fitter.fit(title, period, width, scale.note)),
    )


def _rest(width: float, title: str, title_px: int) -> float:
    return width - width_of(title, title_px, 700) - 24


def _foot(key: str, title: str, words: str, fitter: Fitter, layout: Layout) -> Component:
    px = fitter.fit(title, words, layout.foot_width, fitter.scale.note, layout.foot_lines)
    return leaf("scene-foot", f"{key}.foot", words, px)


def _against(scene: Scene) -> str:
    """What the scene's changes are against, where that is one thing for all of them."""
    against = {c.change.against for c in scene.cards if c.change and c.value.value is not None}
    return against.pop() if len(against) == 1 else ""


def _rules(scene: Scene, language: str) -> str:
    rules = list(dict.fromkeys(c.rules for c in scene.cards if c.rules))
    return text("wall.rules", language, rules=", ".join(rules)) if rules else ""


def _source(source: SourceState, telling: Telling, dated: bool) -> str:
    """A source by its title; with the moment of its data where no tile of the scene tells it."""
    if source.as_of is None:
        return text("wall.source_never", telling.language, title=source.title)
    if not dated:
        return source.title
    moment = short_moment(source.as_of, telling.now, telling.zone)
    return text("wall.source", telling.language, title=source.title, as_of=moment)
