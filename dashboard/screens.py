"""Approving, listing and revoking the wall's screens: what the command and the desk's page both do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.panels import PANELS
from dashboard.queries import Queries
from dashboard.wall.frame import Framing
from dashboard.wall.layouts import LAYOUTS
from dashboard.wall.poll import Board, View
from dashboard.wall.profile import DWELL_SECONDS, Profile, known_scenes, usual_profile
from dashboard.wall.readings import HouseReader
from dashboard.wall.type_sizes import Screen, TypeScale
from datasets.errors import UsageError
from datasets.messages import text
from datasets.store.screens import ScreenLine, Screens, ScreenState
from datasets.vietnamese import moment

SHORTEST, LONGEST = 5.0, 3600.0  # seconds a scene may stay


@dataclass(frozen=True, slots=True)
class Approval:
    """What an administrator says of a screen; None for the centre's own."""

    code: str
    name: str
    unit: str | None = None
    scenes: str | None = None
    diagonal: float | None = None
    distance: float | None = None


def screens_of(queries: Queries) -> Screens:
    return Screens(queries.store.engine, queries.clock)


def approve(queries: Queries, said: Approval) -> ScreenLine:
    """Let a screen in. Raises UsageError for an unknown code, unit or scene, and for texts nobody could read."""
    name = said.name.strip()
    if not name:
        raise UsageError("screen.no_unit_name")
    usual = usual_profile(queries.settings, PANELS)
    unit = queries.units.get(said.unit or usual.unit).code
    scenes = wanted_scenes(said.scenes) if said.scenes else None
    screen = Screen(said.diagonal or usual.screen.diagonal_inch, said.distance or usual.screen.distance_m)
    _refuse_illegible(queries, Profile(unit, scenes or usual.scenes, screen))
    return screens_of(queries).approve(
        said.code, name=name, unit=unit, scenes=scenes, diagonal=said.diagonal, distance=said.distance
    )


def wanted_scenes(said: str) -> tuple[tuple[str, float], ...]:
    """ "directing,public_services:40" as scenes with their seconds. Raises UsageError for a scene there is not."""
    known = known_scenes(PANELS)
    found = []
    for part in filter(None, (part.strip() for part in said.split(","))):
        name, _, seconds = part.partition(":")
        try:
            stays = float(seconds) if seconds else DWELL_SECONDS
        except ValueError:
            stays = 0.0
        if name not in known or not SHORTEST <= stays <= LONGEST:
            raise UsageError("screen.bad_scene", name=part, known=", ".join(known))
        found.append((name, stays))
    return tuple(found)


def silent_screens(queries: Queries, language: str) -> list[str]:
    """A sentence for each screen that has not been heard of for ten minutes."""
    now = queries.now()
    return [
        text("screen.silent", language, name=line.name, since=moment(since, queries.zone))
        for line in screens_of(queries).all(ScreenState.APPROVED)
        if line.silent(now) and (since := line.beat_at or line.approved_at)
    ]


def name_of(line: ScreenLine, language: str) -> str:
    if line.state is ScreenState.HERE:
        return text("screen.here", language)
    return line.name or line.code


def table(queries: Queries, language: str) -> list[tuple[ScreenLine, tuple[str, ...]]]:
    """Each screen with what is told of it, in the order of HEADS."""
    return [(line, _cells(queries, line, language)) for line in screens_of(queries).all()]


HEADS = ("id", "state", "name", "unit", "scene", "beat", "data", "memory", "size", "build")


def _cells(queries: Queries, line: ScreenLine, language: str) -> tuple[str, ...]:
    beat = line.beat
    unit = queries.units.find(line.unit or queries.settings.centre.unit)
    told = line.beat_at is not None
    since = line.beat_at.timestamp() - float(beat.get("age", 0)) if line.beat_at else 0.0
    seen = line.asked_at.fromtimestamp(since, queries.zone) if told else None
    heap = beat.get("heap")
    return (
        str(line.id),
        text(f"screen.state.{line.state.value}", language),
        name_of(line, language),
        unit.name if unit and line.state is not ScreenState.WAITING else "",
        str(beat.get("scene", "")),
        moment(line.beat_at, queries.zone) if line.beat_at else "",
        moment(seen, queries.zone) if seen else "",
        f"{heap:.0f} MB" if heap is not None else "",
        f"{beat['width']}x{beat['height']}" if told else "",
        str(beat.get("build", "")),
    )


def _refuse_illegible(queries: Queries, profile: Profile) -> None:
    language, centre = queries.settings.centre.language, queries.settings.centre
    board = Board(HouseReader(queries), PANELS, Framing(centre.name, centre.unit, centre.demo), "check")
    names: Sequence[str] = [
        name for layout in LAYOUTS.values() for name in board.illegible(View(profile, language, layout))
    ]
    if names:
        raise UsageError(
            "screen.too_small",
            diagonal=f"{profile.screen.diagonal_inch:g}",
            distance=f"{profile.screen.distance_m:g}",
            floor=TypeScale.of(profile.screen).floor,
            tiles="; ".join(dict.fromkeys(names)),
        )
