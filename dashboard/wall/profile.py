"""What one screen shows: a unit, its scenes and their times, and from how far it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.panel import Panel
from dashboard.wall.scenes import DIRECTING
from dashboard.wall.type_sizes import Screen
from datasets.errors import ConfigError, Fault
from datasets.messages import text
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
    """The centre's own: the scenes of the settings; where those name none, what calls for direction, then all panels.

    Raises ConfigError for a scene that names no panel.
    """
    known = known_scenes(panels)
    wanted = [(scene.panel, scene.seconds) for scene in settings.wall.scenes]
    unknown = [name for name, _ in wanted if name not in known]
    if unknown:
        said = ", ".join(known)
        raise ConfigError(
            [Fault(settings.path, 0, text("wall.unknown_panel", panel=name, known=said)) for name in unknown]
        )
    scenes = wanted or [(name, DWELL_SECONDS) for name in known]
    screen = Screen(settings.wall.diagonal_inch, settings.wall.distance_m)
    return Profile(settings.centre.unit, tuple(scenes), screen)


def known_scenes(panels: Sequence[Panel]) -> tuple[str, ...]:
    """Names of all scenes there are."""
    return (DIRECTING, *(panel.id for panel in panels))
