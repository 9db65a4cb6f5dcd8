"""The band across a scene whose source has failed or broken its promise: which, since when and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dash.development.base_component import Component

from dashboard.panel import SourceState
from dashboard.wall.layouts import GAP, Layout
from dashboard.wall.moments import short_moment
from dashboard.wall.tiles import LINE, PAD_X, Box, Telling
from dashboard.wall.tree import leaf
from dashboard.wall.type_sizes import Fitter, lines_of
from datasets.messages import text

MOST_LINES = 2
PAD = 10


@dataclass(frozen=True, slots=True)
class Band:
    """What the band says; all empty while every source keeps its promise.

    told    names of the sources it speaks of, so that their tiles need not say why once more
    height  in design pixels, border to border
    """

    words: str = ""
    px: int = 0
    height: float = 0.0
    told: frozenset[str] = frozenset()


def band_of(sources: Sequence[SourceState], fitter: Fitter, telling: Telling, layout: Layout) -> Band:
    """The band for a scene fed by `sources`: the oldest of the alarming ones in full, others by name or number."""
    alarming = sorted((s for s in sources if s.alarming), key=lambda s: (s.as_of is not None, s.as_of or telling.now))
    if not alarming:
        return Band()
    worst, *others = alarming
    floor, want = fitter.scale.floor, fitter.scale.note + 2
    width = layout.body.width - 2 * PAD_X - 2
    options = [(_words(worst, others, telling, named), named) for named in (True, False)]
    fitting = (one for one in options if lines_of(one[0], floor, width, 700) <= MOST_LINES)
    words, named = next(fitting, (_short(worst, others, telling), False))
    lines = min(lines_of(words, floor, width, 700), MOST_LINES)
    px = fitter.fit(worst.title, words, width, want, int(lines), 700)
    told = alarming if named else alarming[:1]
    return Band(words, px, math.ceil(lines * px * LINE) + 2 * PAD + 2, frozenset(s.name for s in told))


def band_box(key: str, band: Band) -> Component:
    """Its place in the page, hidden while it has nothing to say."""
    return leaf("band", f"{key}.band", band.words, band.px or None)


def below(band: Band, layout: Layout) -> Layout:
    """The layout that is left for the rest of the scene."""
    if not band.words:
        return layout
    return replace(layout, body=Box(layout.body.width, layout.body.height - band.height - GAP))


def _words(worst: SourceState, others: Sequence[SourceState], telling: Telling, named: bool) -> str:
    said = text("wall.band", telling.language, title=worst.title, sentence=worst.sentence.rstrip("."))
    if not others:
        return said
    if named:
        return said + text("wall.band_and", telling.language, others=", ".join(_dated(s, telling) for s in others))
    return said + text("wall.band_more", telling.language, count=len(others))


def _short(worst: SourceState, others: Sequence[SourceState], telling: Telling) -> str:
    """Without the reason, which the page of the sources tells: for one too long for two lines."""
    said = _dated(worst, telling)
    return said + text("wall.band_more", telling.language, count=len(others)) if others else said


def _dated(source: SourceState, telling: Telling) -> str:
    if source.as_of is None:
        return text("wall.source_never", telling.language, title=source.title)
    as_of = short_moment(source.as_of, telling.now, telling.zone)
    return text("wall.source", telling.language, title=source.title, as_of=as_of)
