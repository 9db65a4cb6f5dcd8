"""What the wall's pages ask for: the painted board, computed once per data version, told only when new.

`GET /man-hinh/state?since=TAG` answers 304 while nothing has changed; otherwise the text,
attributes and styles of every node that may change, which the page's script puts in
place. The tag covers everything painted, so a source that goes late or a day that turns
is news even when the data version stands still.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

import brotli
from dash.development.base_component import Component
from flask import Response, request

from dashboard.panel import Panel, PanelData
from dashboard.wall import tree
from dashboard.wall.frame import empty_scene, frame
from dashboard.wall.scenes import Scene, paint
from dashboard.wall.tiles import Telling
from dashboard.wall.type_sizes import TypeScale
from datasets.messages import LANGUAGES

Answer = TypeVar("Answer")
QUALITY = 5  # of compression: quick, for what is sent a few times


class Reader(Protocol):
    """What the wall needs of `Queries`."""

    zone: ZoneInfo

    def now(self) -> datetime: ...
    def version(self) -> int: ...
    def answer(self, question: object, compute: Callable[[], Answer]) -> Answer: ...


PanelReader = Callable[[Panel, str], PanelData]
"""The data of a panel for the wall's unit and the running period, in a language."""


@dataclass(frozen=True, slots=True)
class Showing:
    """A panel on this wall and for how many seconds."""

    panel: Panel
    seconds: float


@dataclass(frozen=True, slots=True)
class Painted:
    """The board at one moment: as a tree to mount and as bytes to send."""

    layout: Component
    tag: str
    body: bytes
    body_br: bytes


class Board:
    """Paints the wall from the panels' data; one painting serves every screen."""

    def __init__(
        self,
        reader: Reader,
        read_panel: PanelReader,
        showings: Sequence[Showing],
        scale: TypeScale,
        centre: str,
        demo: bool,
        build: str,
        period_seconds: float = 15,
    ) -> None:
        self.reader, self.read_panel, self.showings = reader, read_panel, tuple(showings)
        self.scale, self.centre, self.demo = scale, centre, demo
        self.build, self.period_seconds = build, period_seconds
        self.paintings = 0

    def painted(self, language: str) -> Painted:
        """The board as of now; painted anew only for a new data version or minute."""
        return self.reader.answer(("wall", language), lambda: self._paint(language))

    def illegible(self, language: str) -> tuple[str, ...]:
        """Names of all that could not be read from the seats, scenes without data included."""
        telling = Telling(self.reader.now(), self.reader.zone, language)
        scenes = [self._scene(showing, language) for showing in self.showings]
        return tuple(paint(scenes, self.scale, telling, self.centre)[1])

    def _paint(self, language: str) -> Painted:
        self.paintings += 1
        version = self.reader.version()
        now = self.reader.now()
        telling = Telling(now, self.reader.zone, language)
        scenes = [scene for showing in self.showings if (scene := self._scene(showing, language)).has_data]
        painted, _ = paint(scenes, self.scale, telling, self.centre)
        if not painted:
            painted = [empty_scene(self.scale, self.centre, language)]
        about = {"version": str(version), "build": self.build, "period": f"{self.period_seconds:g}"}
        nodes: dict[str, object] = {}
        for node in painted:
            nodes.update(tree.state(node))
        shape = hashlib.sha256("".join(map(tree.shape, painted)).encode()).hexdigest()[:12]
        told = json.dumps([shape, self.build, nodes], ensure_ascii=False, sort_keys=True)
        tag = hashlib.sha256(told.encode()).hexdigest()[:16]
        layout = frame(painted, self.scale, telling, self.centre, self.demo, **about, shape=shape, tag=tag)
        said = {
            "version": version,
            "tag": tag,
            "build": self.build,
            "shape": shape,
            "now": now.astimezone(self.reader.zone).isoformat(timespec="seconds"),
            "nodes": nodes,
        }
        body = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
        return Painted(layout, tag, body, brotli.compress(body, quality=QUALITY))

    def _scene(self, showing: Showing, language: str) -> Scene:
        data = self.read_panel(showing.panel, language)
        cards = {card.indicator for card in showing.panel.cards if card.on_wall}
        charts = {chart.id for chart in showing.panel.charts if chart.on_wall}
        return Scene(
            data=data,
            cards=tuple(card for card in data.cards if card.indicator in cards),
            charts=tuple(chart for chart in data.charts if chart.id in charts and chart.keys),
            seconds=showing.seconds,
        )

    def state(self, default_language: str) -> Response:
        """The answer to a poll (a Flask view)."""
        painted = self.painted(asked_language(request.args.get("ngon-ngu"), default_language))
        known = {request.args.get("since", ""), *request.if_none_match.as_set()}
        if painted.tag in known:
            response = Response(status=304)
        elif accepts_brotli():
            response = Response(painted.body_br, mimetype="application/json", headers={"Content-Encoding": "br"})
        else:
            response = Response(painted.body, mimetype="application/json")
        response.set_etag(painted.tag)
        response.headers["Cache-Control"] = "no-cache"
        response.vary.add("Accept-Encoding")
        return response


def accepts_brotli() -> bool:
    return "br" in request.headers.get("Accept-Encoding", "")


def asked_language(said: str | None, default: str) -> str:
    return said if said in LANGUAGES else default
