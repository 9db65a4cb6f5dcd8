"""The frame around the scenes: emblem, clock, demo banner, progress marks, the band for a silent server."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.wall.tiles import Telling
from dashboard.wall.tree import box, leaf
from dashboard.wall.type_sizes import TypeScale
from datasets.messages import text


def empty_scene(scale: TypeScale, centre: str, language: str) -> Component:
    """What stands there before the first figures: a plain sentence, not a blank."""
    return box(
        "heading-and-body",
        box(
            "heading",
            leaf("scene-title", "empty.title", text("wall.empty_title", language), scale.title),
            leaf("centre", "empty.centre", centre, scale.note),
        ),
        box("body", leaf("empty", "empty.text", text("wall.empty", language), max(48, scale.label))),
        key="empty",
        seconds="15",
    )


def frame(
    scenes: Sequence[Component], scale: TypeScale, telling: Telling, centre: str, demo: bool, **about: str
) -> Component:
    """The whole canvas with its scenes, the first of them shown.

    `about` (version, build, period of the poll) becomes data- attributes that the script reads.
    """
    language = telling.language
    local = telling.now.astimezone(telling.zone)
    weekdays = text("wall.weekdays", language)
    week = text("wall.week", language, week=local.isocalendar().week)
    date = f"{weekdays.split('|')[(local.weekday() + 1) % 7]}, {local:%d/%m/%Y} · {week}"
    words = {
        "weekdays": weekdays.split("|"),
        "week": text("wall.week", language, week="{week}"),
        "gone": text("wall.gone", language, since="{since}"),
        "zone": str(telling.zone),
    }
    banner = (
        box("demo", text("wall.demo", language), style={"fontSize": f"{scale.floor}px"}) if demo else box("no-demo")
    )
    attributes: dict[str, Any] = {
        "data-words": json.dumps(words, ensure_ascii=False),
        "data-now": local.isoformat(timespec="seconds"),
        "data-state": "ok",
        **{f"data-{name}": value for name, value in about.items()},
    }
    return html.Div(
        [
            box("emblem", _initials(centre)),
            banner,
            box(
                "time",
                box("clock", f"{local:%H:%M}", style={"fontSize": f"{scale.clock}px"}),
                box("date", date, style={"fontSize": f"{scale.note}px"}, fit=""),
            ),
            box(
                "scenes",
                *[box("scene", scene, on="1" if i == 0 else "") for i, scene in enumerate(scenes)],
            ),
            box(
                "marks",
                *[box("mark", html.I(className="mark-fill"), on="1" if i == 0 else "") for i in range(len(scenes))],
                box("paused", text("wall.paused", language), style={"fontSize": f"{scale.floor}px"}),
            ),
            box(
                "gone",
                box("gone-since", "", style={"fontSize": f"{max(scale.note, 34)}px"}),
                box("gone-note", text("wall.gone_note", language), style={"fontSize": f"{scale.note}px"}),
            ),
        ],
        className="wall",
        lang=language,
        **attributes,
    )


def _initials(centre: str) -> str:
    """Two capitals for the emblem: of the last two capitalised words, which are the commune's own name."""
    named = [word for word in re.sub(r"\(.*?\)", " ", centre).split() if word[0].isupper()]
    return "".join(word[0] for word in named[-2:])
