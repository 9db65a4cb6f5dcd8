"""Scenes: what the wall shows at a time.

A panel is one scene, its tiles above and its charts below, where that can be read from
the seats; otherwise two, tiles and then charts, each with larger letters. Boxes are
fixed on the 1920 x 1080 canvas, so that what fits is known before anybody looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dash import html
from dash.development.base_component import Component

from dashboard.panel import CardData, ChartData, PanelData, SourceState
from dashboard.wall.charts import chart
from dashboard.wall.moments import short_moment
from dashboard.wall.tiles import Box, Telling, tile
from dashboard.wall.tree import box, leaf
from dashboard.wall.type_sizes import CANVAS, Fitter, TypeScale, lines_of, width_of
from datasets.messages import text

MOST_TILES, MOST_CHARTS = 6, 2
EDGE_X, EDGE_Y, GAP = 28, 18, 16
HEAD, FOOT = 92, 40
BODY = Box(CANVAS[0] - 2 * EDGE_X, CANVAS[1] - 2 * EDGE_Y - HEAD - FOOT - 2 * GAP)
ROW_WITH_CHARTS = {1: 262, 2: 212}  # height of a row of tiles above charts, by number of rows
HEADING_WIDTH = BODY.width - 96 - 480 - 230
FOOT_WIDTH = BODY.width - 330


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
    def has_data(self) -> bool:
        return any(c.value.value is not None for c in self.cards) or any(
            v is not None for c in self.charts for s in c.series for v in s.values
        )


def paint(
    scenes: Sequence[Scene], scale: TypeScale, telling: Telling, centre: str
) -> tuple[list[Component], list[str]]:
    """Each scene painted, split in two where together it cannot be read; and what cannot be read even so."""
    painted: list[Component] = []
    faults: list[str] = []
    for scene in scenes:
        fitter = Fitter(scale)
        nodes = [_scene(scene, fitter, telling, centre)]
        if fitter.faults and scene.cards and scene.charts:
            fitter = Fitter(scale)
            parts = (replace(scene, charts=(), part="_tiles"), replace(scene, cards=(), part="_charts"))
            nodes = [_scene(part, fitter, telling, centre) for part in parts]
        painted += nodes
        faults += [f"{scene.data.title}: {name}" for name in dict.fromkeys(fitter.faults)]
    return painted, faults


def _scene(scene: Scene, fitter: Fitter, telling: Telling, centre: str) -> Component:
    key = scene.key
    cards, charts = scene.cards[:MOST_TILES], scene.charts[:MOST_CHARTS]
    rows, columns = _grid(len(cards))
    tiles_height = _tiles_height(rows, bool(charts))
    room = Box((BODY.width - (columns - 1) * GAP) / columns, (tiles_height - (rows - 1) * GAP) / rows) if rows else BODY
    below = Box(
        (BODY.width - (len(charts) - 1) * GAP) / max(len(charts), 1),
        BODY.height - (tiles_height + GAP if rows else 0),
    )
    heading, foot = _words(scene, fitter, telling, centre)
    return box(
        "heading-and-body",
        heading,
        box(
            "body",
            *(
                [
                    box(
                        "tiles",
                        *[tile(key, card, scene.data.sources, room, fitter, telling) for card in cards],
                        style={
                            "gridTemplateColumns": f"repeat({columns}, 1fr)",
                            "gridAutoRows": f"{room.height:.1f}px",
                        },
                    )
                ]
                if rows
                else []
            ),
            *(
                [
                    box(
                        "charts",
                        *[chart(key, data, below, fitter, telling.language) for data in charts],
                        style={
                            "gridTemplateColumns": f"repeat({len(charts)}, 1fr)",
                            "height": f"{below.height:.1f}px",
                        },
                    )
                ]
                if charts
                else []
            ),
        ),
        foot,
        key=key,
        seconds=f"{scene.seconds:g}",
    )


def _grid(tiles: int) -> tuple[int, int]:
    """Rows and columns for so many tiles."""
    if tiles <= 3:
        return (1 if tiles else 0), max(tiles, 1)
    return 2, 2 if tiles == 4 else 3


def _tiles_height(rows: int, with_charts: bool) -> float:
    if not rows:
        return 0
    return rows * ROW_WITH_CHARTS[rows] + (rows - 1) * GAP if with_charts else BODY.height


def _words(scene: Scene, fitter: Fitter, telling: Telling, centre: str) -> tuple[Component, Component]:
    """Heading and foot: what, where, when, compared with what; counted how, from which sources.

    A rate never stands without its rules: they outrank the names of the sources where
    there is no room for both.
    """
    key, scale, language, title = scene.key, fitter.scale, telling.language, scene.data.title
    title_px = fitter.fit(title, title, HEADING_WIDTH, scale.title, 1, 700)
    left = HEADING_WIDTH - width_of(title, title_px, 700) - 24
    centre_px = fitter.fit(centre, centre, left, scale.note)
    compared, counted = _against(scene), _rules(scene, language)
    period = scene.data.period_name
    with_compared = f"{period}, {compared}" if compared else period
    if lines_of(with_compared, scale.floor, HEADING_WIDTH) <= 1:
        period, compared = with_compared, ""
    period_px = fitter.fit(title, period, HEADING_WIDTH, scale.note)
    used = {name for c in scene.cards for name in c.value.sources}
    sources = [s for s in scene.data.sources if s.name in used or not scene.cards]
    named = ", ".join(_source(s, telling, dated=not scene.cards) for s in sources)
    full = text("wall.sources", language, sources=named) if named else ""
    short = text("wall.many_sources", language, count=len(sources)) if named else ""
    compared = compared[:1].upper() + compared[1:]
    for wanted in ((compared, counted, full), (compared, counted, short), (counted, full), (counted, short)):
        foot = " · ".join(w for w in wanted if w)
        if lines_of(foot, scale.floor, FOOT_WIDTH) <= 1:
            break
    foot_px = fitter.fit(title, foot, FOOT_WIDTH, scale.note)
    heading = box(
        "heading",
        html.Div(
            [
                leaf("scene-title", f"{key}.title", title, title_px, html.Span),
                leaf("centre", f"{key}.centre", centre, centre_px, html.Span),
            ],
            className="heading-line",
        ),
        leaf("scene-period", f"{key}.period", period, period_px),
    )
    return heading, leaf("scene-foot", f"{key}.foot", foot, foot_px)


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
