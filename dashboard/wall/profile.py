"""What one screen shows: a unit, its scenes and their times, and from how far it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.panel import Panel
from dashboard.wall.scenes import DIRECTING
from dashboard.wall.type_sizes import Screen
from datasets.settings import Settings

DWELL_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class Profile:
    """Screens with equal profiles share one painting.

    scenes   (panel id or "directing", seconds) in order
    """

    unit: str
    scenes: tuple[tuple[str, float], ...]
    screen: Screen


def usual_profile(settings: Settings, panels: Sequence[Panel]) -> Profile:
    """The centre's own: the scenes of the settings, else what calls for direction, then all panels."""
    wanted: list[tuple[str, float]] = [(scene.panel, scene.seconds) for scene in settings.wall.scenes]
    scenes = wanted or [(name, DWELL_SECONDS) for name in known_scenes(panels)]
    screen = Screen(settings.wall.diagonal_inch, settings.wall.distance_m)
    return Profile(settings.centre.unit, tuple(scenes), screen)


def known_scenes(panels: Sequence[Panel]) -> tuple[str, ...]:
    """Names of all scenes there are."""
    return (DIRECTING, *(panel.id for panel in panels))
