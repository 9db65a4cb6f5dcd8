"""The frame around the scenes: emblem, clock, calendar, demo banner, progress marks, the band for a silent server."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard.wall.layouts import Layout
from dashboard.wall.tiles import Telling
from dashboard.wall.tree import box, leaf
from dashboard.wall.type_sizes import TypeScale, lines_of, width_of
from datasets.lunar import lunar_date
from datasets.messages import text

DATE_WIDTH, LUNAR_WIDTH, DEMO_WIDTH = 508, 268, 172
LUNAR_LINES, DEMO_LINES, GONE_GAP = 2, 2, 28
LUNAR_DAYS = 45  # told ahead, so that a page that cannot ask still knows its date


@dataclass(frozen=True, slots=True)
class Framing:
    """What is the same on all screens of a centre. dim, blank: spans of hours such as "19:00-06:30", or ""."""

    centre: str
    unit: str
    demo: bool
    dim: str = ""
    blank: str = ""


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
        rank="1",
        skip="",
    )


def frame(
    scenes: Sequence[Component],
    scale: TypeScale,
    telling: Telling,
    framing: Framing,
    centre: str,
    layout: Layout,
    **about: str,
) -> Component:
    """The whole canvas with its scenes, the first of them shown.

    `about` (version, build, period of the poll) becomes data- attributes that the script reads.
    """
    language = telling.language
    local = telling.now.astimezone(telling.zone)
    weekdays = text("wall.weekdays", language).split("|")
    week = text("wall.week", language, week=f"{local.isocalendar().week:02}")
    words = {
        "weekdays": weekdays,
        "week": text("wall.week", language, week="{week}"),
        "gone": text("wall.gone", language, since="{since}"),
        "kept": text("wall.kept", language, since="{since}"),
        "zone": str(telling.zone),
        "lunar": {f"{d:%Y-%m-%d}": lunar_words(d, language) for d in _days(local.date())},
        "dim": framing.dim,
        "blank": framing.blank,
    }
    note = {"fontSize": f"{scale.note}px"}
    attributes: dict[str, Any] = {
        "data-words": json.dumps(words, ensure_ascii=False),
        "data-now": local.isoformat(timespec="seconds"),
        "data-state": "ok",
        "data-light": _light(framing, local),
        "data-layout": layout.name,
        **{f"data-{name}": value for name, value in about.items()},
    }
    first = _first(scenes)
    banner = text("wall.demo", language)
    return html.Div(
        [
            box("emblem", _initials(centre)),
            box("demo", banner, style={"fontSize": f"{scale.floor}px"}) if framing.demo else box("no-demo"),
            box(
                "time",
                box("lunar", lunar_words(local.date(), language), style=note, fit=""),
                box("clock", f"{local:%H:%M}", style={"fontSize": f"{scale.clock}px"}),
                box("date", f"{weekdays[(local.weekday() + 1) % 7]}, {local:%d/%m/%Y} · {week}", style=note, fit=""),
            ),
            box("scenes", *[box("scene", scene, on="1" if i == first else "") for i, scene in enumerate(scenes)]),
            box(
                "marks",
                *[box("mark", html.I(className="mark-fill"), on="") for _ in scenes],
                box("paused", text("wall.paused", language), style={"fontSize": f"{scale.floor}px"}),
            ),
            box(
                "gone",
                box("gone-since", "", style={"fontSize": f"{max(scale.note, 34)}px"}),
                box("gone-note", text("wall.gone_note", language), style=note),
            ),
            box("shade"),
        ],
        className="wall",
        lang=language,
        **attributes,
    )


def cramped(scale: TypeScale, demo: bool, layout: Layout, language: str) -> list[str]:
    """Texts of the frame that have no room at this scale; what their boxes are is in assets/wall/wall.css."""
    week, since = text("wall.week", language, week="53"), text("wall.gone", language, since="23:59 31/12")
    dates = [f"{name}, 30/12/2026 · {week}" for name in text("wall.weekdays", language).split("|")]
    years = [lunar_words(date(year, 2, 25), language) for year in range(2024, 2036)]
    banner, note = text("wall.demo", language), text("wall.gone_note", language)
    gone = width_of(since, max(scale.note, 34), 700) + GONE_GAP, width_of(note, scale.note)
    beside = sum(gone) if layout.heading_lines == 1 else max(gone)
    return [
        *[words for words in dates if width_of(words, scale.note) > DATE_WIDTH][:1],
        *[words for words in years if lines_of(words, scale.note, LUNAR_WIDTH) > LUNAR_LINES][:1],
        *([banner] if demo and lines_of(banner, scale.floor, DEMO_WIDTH, 700) > DEMO_LINES else []),
        *([since] if beside > layout.canvas[0] else []),
    ]


def lunar_words(day: date, language: str) -> str:
    """ "Âm lịch 12/10 Bính Ngọ"; the doubled month says so."""
    lunar = lunar_date(day)
    stems, branches = text("wall.stems", language).split("|"), text("wall.branches", language).split("|")
    leap = text("wall.leap", language) if lunar.leap else ""
    return text(
        "wall.lunar",
        language,
        day=lunar.day,
        month=f"{lunar.month}{leap}",
        year=f"{stems[lunar.stem]} {branches[lunar.branch]}",
    )


def _days(today: date) -> list[date]:
    return [today + timedelta(days=n) for n in range(LUNAR_DAYS)]


def _light(framing: Framing, local: datetime) -> str:
    """ "blank", "dim" or "" by the hours of the settings; the script follows them from then on."""
    clock = f"{local:%H:%M}"
    for name, span in (("blank", framing.blank), ("dim", framing.dim)):
        begin, _, end = span.partition("-")
        if span and (begin <= clock < end if begin < end else clock >= begin or clock < end):
            return name
    return ""


def _first(scenes: Sequence[Component]) -> int:
    """The scene shown first: the first red one, else the first that is not skipped."""

    def turn(index: int) -> tuple[bool, str, int]:
        props = scenes[index].to_plotly_json()["props"]
        return bool(props.get("data-skip")), props.get("data-rank", "1"), index

    return min(range(len(scenes)), key=turn, default=0)


def _initials(centre: str) -> str:
    """Two capitals for the emblem: of the last two capitalised words, which are the commune's own name."""
    named = [word for word in re.sub(r"\(.*?\)", " ", centre).split() if word[0].isupper()]
    return "".join(word[0] for word in named[-2:])
