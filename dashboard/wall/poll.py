"""What the wall's pages ask for: the painted board, computed once per data version, told only when new.

`GET /man-hinh/state?since=TAG` answers 304 while nothing has changed; otherwise the text,
attributes and styles of every node that may change, which the page's script puts in
place. The tag covers everything painted, so a source that goes late or a day that turns
is news even when the data version stands still. Every answer says the server's moment:
the screen's own clock may be wrong.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

import brotli
from dash.development.base_component import Component
from flask import Response, request

from dashboard.panel import Panel
from dashboard.wall import tree
from dashboard.wall.frame import Framing, cramped, empty_scene, frame
from dashboard.wall.layouts import LANDSCAPE, LAYOUTS, Layout
from dashboard.wall.profile import Profile
from dashboard.wall.readings import Reader
from dashboard.wall.scenes import DIRECTING, AnyScene, DirectingScene, Scene, paint
from dashboard.wall.tiles import Telling
from dashboard.wall.type_sizes import TypeScale
from datasets.messages import LANGUAGES, text
from datasets.vietnamese import day

QUALITY = 5  # of compression: quick, for what is sent a few times
NOW_HEADER = "Wall-Now"


@dataclass(frozen=True, slots=True)
class Painted:
    """The board at one moment: as a tree to mount and as bytes to send."""

    layout: Component
    tag: str
    body: bytes
    body_br: bytes


@dataclass(frozen=True, slots=True)
class View:
    """One way of looking at a board. Equal views are painted once."""

    profile: Profile
    language: str
    layout: Layout = LANDSCAPE


class Board:
    """Paints the wall from the panels' data; one painting serves every screen of a profile."""

    def __init__(
        self, reader: Reader, panels: Sequence[Panel], framing: Framing, build: str, period_seconds: float = 15
    ) -> None:
        self.reader, self.framing = reader, framing
        self.panels = {panel.id: panel for panel in panels}
        self.build, self.period_seconds = build, period_seconds
        self.paintings = 0

    def painted(self, view: View) -> Painted:
        """The board as of now; painted anew only for a new data version or minute."""
        return self.reader.answer(("wall", view, self.build), lambda: self._paint(view))

    def illegible(self, view: View) -> tuple[str, ...]:
        """Names of all that could not be read from the seats, scenes without data included."""
        scale = TypeScale.of(view.profile.screen)
        scenes = self._scenes(view, all_of_them=True)
        unread = paint(scenes, scale, self._telling(view), self._centre(view), view.layout)[1]
        return (*unread, *cramped(scale, self.framing.demo, view.layout, view.language))

    def _telling(self, view: View) -> Telling:
        return Telling(self.reader.now(), self.reader.zone, view.language)

    def _centre(self, view: View) -> str:
        """The centre's name on its own screens, the unit's on others."""
        unit = view.profile.unit
        return self.framing.centre if unit == self.framing.unit else self.reader.unit_name(unit)

    def _paint(self, view: View) -> Painted:
        self.paintings += 1
        version, telling, scale = self.reader.version(), self._telling(view), TypeScale.of(view.profile.screen)
        centre = self._centre(view)
        scenes = self._scenes(view)
        painted, _ = paint(scenes, scale, telling, centre, view.layout)
        if not any(not isinstance(scene, DirectingScene) or scene.todos for scene in scenes):
            painted = [empty_scene(scale, centre, view.language)]
        about = {"version": str(version), "build": self.build, "period": f"{self.period_seconds:g}"}
        nodes: dict[str, object] = {}
        for node in painted:
            nodes.update(tree.state(node))
        shape = hashlib.sha256("".join(map(tree.shape, painted)).encode()).hexdigest()[:12]
        told = json.dumps([shape, self.build, nodes], ensure_ascii=False, sort_keys=True)
        tag = hashlib.sha256(told.encode()).hexdigest()[:16]
        layout = frame(painted, scale, telling, self.framing, centre, view.layout, **about, shape=shape, tag=tag)
        said = {"version": version, "tag": tag, "build": self.build, "shape": shape, "nodes": nodes}
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        return Painted(layout, tag, body, brotli.compress(body, quality=QUALITY))

    def _scenes(self, view: View, all_of_them: bool = False) -> list[AnyScene]:
        """The profile's scenes that have data, in its order; one that names no panel any more is left out."""
        found: list[AnyScene] = []
        for name, seconds in view.profile.scenes:
            if name == DIRECTING:
                found.append(self._directing(view, seconds))
            elif name in self.panels:
                scene = self._scene(self.panels[name], view, seconds)
                if all_of_them or scene.has_data:
                    found.append(scene)
        return found

    def _directing(self, view: View, seconds: float) -> DirectingScene:
        reader, language = self.reader, view.language
        period = text("wall.today", language, day=day(reader.now().astimezone(reader.zone).date()))
        return DirectingScene(reader.todos(view.profile.unit, language), reader.sources(language), seconds, period)

    def _scene(self, panel: Panel, view: View, seconds: float) -> Scene:
        data = self.reader.panel(panel, view.profile.unit, view.language)
        cards = {card.indicator for card in panel.cards if card.on_wall}
        charts = {chart.id for chart in panel.charts if chart.on_wall}
        return Scene(
            data=data,
            cards=tuple(card for card in data.cards if card.indicator in cards),
            charts=tuple(chart for chart in data.charts if chart.id in charts and chart.keys),
            seconds=seconds,
        )

    def state(self, view: View) -> Response:
        """The answer to a poll."""
        painted = self.painted(view)
        known = {request.args.get("since", ""), *request.if_none_match.as_set()}
        if painted.tag in known:
            response = Response(status=304)
        elif accepts_brotli():
            response = Response(painted.body_br, mimetype="application/json", headers={"Content-Encoding": "br"})
        else:
            response = Response(painted.body, mimetype="application/json")
        response.set_etag(painted.tag)
        response.headers["Cache-Control"] = "no-cache"
        response.headers[NOW_HEADER] = self.reader.now().astimezone(self.reader.zone).isoformat(timespec="seconds")
        response.vary.add("Accept-Encoding")
        return response


def accepts_brotli() -> bool:
    return "br" in request.headers.get("Accept-Encoding", "")


def asked_language(said: str | None, default: str) -> str:
    return said if said in LANGUAGES else default


def asked_layout(said: str | None) -> Layout:
    return LAYOUTS.get(said or "", LANDSCAPE)
