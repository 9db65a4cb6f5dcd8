"""One tile: a figure with all that makes it one to trust.

    Tỷ lệ đúng hạn                          label
    96,4 %             ▲ 1,3 điểm           number, unit | change (shape, colour and words)
                       ● Đạt                             | status (shape, colour and word)
    mục tiêu ≥ 98%             đến 08:15    target | as-of, or since when and why it is old

Sizes are chosen here, in Python, from the room and the texts: the number takes what the
other lines leave. Nothing wraps or is cut in a way this file has not foreseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from dashboard.panel import CardData, SourceState
from dashboard.wall.moments import short_moment
from dashboard.wall.tree import box, leaf
from dashboard.wall.type_sizes import Fitter, lines_of, width_of
from datasets.indicators.value import Status
from datasets.messages import text

PAD_X, PAD_Y = 24, 14
LINE = 1.22  # line height of texts
NUMBER_LINE = 1.04
SIDE_LINE = 1.12
NUMBER_LEAST = 54  # a headline number smaller than this is no headline
NUMBER_NARROW = 34  # in a narrow tile, a number of ten digits with its unit
GAP = 18
UNIT_GAP = 12


@dataclass(frozen=True, slots=True)
class Box:
    """Room on the design canvas, in design pixels, border to border."""

    width: float
    height: float

    @property
    def inner_width(self) -> float:
        return self.width - 2 * PAD_X - 2

    @property
    def inner_height(self) -> float:
        return self.height - 2 * PAD_Y - 2


@dataclass(frozen=True, slots=True)
class Telling:
    """What a tile needs to know beside its card."""

    now: datetime
    zone: ZoneInfo
    language: str


def lateness(
    card: CardData, sources: Sequence[SourceState], telling: Telling, told: frozenset[str] = frozenset()
) -> tuple[str, ...]:
    """Since when the tile's data are old, with the reason and without it, which the page of the sources tells; empty
    while its sources keep their promise.

    told  sources whose reason stands in the scene's band already
    """
    feeding = [s for s in sources if s.name in card.value.sources and s.troubled]
    if not feeding:
        return ()
    worst = min(feeding, key=lambda s: (s.as_of is not None, s.as_of or telling.now))
    since = text("wall.late_never", telling.language)
    if worst.as_of is not None:
        since = text("wall.late", telling.language, since=short_moment(worst.as_of, telling.now, telling.zone))
    return (worst.sentence, since) if worst.sentence and worst.name not in told else (since,)


def age(card: CardData, telling: Telling) -> str:
    """Of when the number is: the moment of its data, or the older period that stands in."""
    if card.value.period_of_value != card.value.period:
        return card.period
    if card.value.as_of is None:
        return ""
    return text("wall.as_of", telling.language, as_of=short_moment(card.value.as_of, telling.now, telling.zone))


def tile(
    scene: str,
    card: CardData,
    sources: Sequence[SourceState],
    room: Box,
    fitter: Fitter,
    telling: Telling,
    *,
    told: frozenset[str] = frozenset(),
    span: int = 1,
) -> Component:
    """A tile that fits `room`. What cannot be kept legible is noted in the fitter under the card's name.

    told  sources that the scene's band speaks of; span  columns of the grid
    """
    key = f"{scene}.{card.indicator}"
    scale, width = fitter.scale, room.inner_width
    large = room.inner_height > 300
    note = round(scale.note * 1.2) if large else scale.note

    most = 3 if large else 2
    said = lateness(card, sources, telling, told)
    late = next((each for each in said if lines_of(each, scale.floor, width) <= most), said[-1] if said else "")
    wanted = lines_of(card.name, max(30, scale.floor), width)
    label_lines = int(min(max(wanted, 1), 4 if large else 2))
    label_want = min(scale.label, 38)
    if large:
        label_want = round(scale.label * 1.25)
    elif late or label_lines > 1:
        label_want = note + 4  # the number needs the room
    label_px = fitter.fit(card.name, card.name, width, label_want, label_lines)

    target = "" if late else card.target or ""
    foot = late or age(card, telling)
    foot_px, foot_lines = _foot(fitter, card, target, foot, width, note, most)

    change = card.change.text if card.change and card.value.value is not None else ""
    way, change = _way(change)
    word = card.status_word if card.value.value is not None else ""
    side_px = note if large else max(scale.floor, min(note + 2, 34))
    parts = (_side_width(change, side_px, way != ""), _side_width(word, side_px, True))
    side, in_a_row = max(parts), sum(parts) + 24

    height = room.inner_height - label_lines * label_px * LINE - foot_lines * foot_px * LINE
    number_px, unit_px, below = _number(fitter, card, width, height, side, in_a_row, note)
    tone = "none" if card.change is None or card.change.better is None else "good" if card.change.better else "bad"
    return box(
        "tile",
        leaf("label", f"{key}.label", card.name, label_px),
        box(
            "figure",
            html.Div(
                [
                    leaf("number", f"{key}.number", card.number, number_px, html.Span),
                    leaf("unit", f"{key}.unit", "" if card.value.value is None else card.unit, unit_px, html.Span),
                ],
                className="value",
            ),
            box(
                "side",
                leaf("change", f"{key}.change", change, side_px, way=way, tone=tone),
                leaf("status", f"{key}.status", word, side_px),
            ),
            key=f"{key}.figure",
            below=below,
        ),
        box(
            "foot",
            leaf("target", f"{key}.target", target, foot_px),
            leaf("age", f"{key}.age", foot, foot_px),
        ),
        key=key,
        status=card.value.status.value if card.value.value is not None else Status.NONE.value,
        late="1" if late else "",
        style={"gridColumn": f"span {span}"},
    )


def _way(change: str) -> tuple[str, str]:
    """The arrow of a change's text as a word, and the text without it: arrows are drawn, not typed."""
    for arrow, way in (("▲", "up"), ("▼", "down")):
        if change.startswith(arrow):
            return way, change.removeprefix(arrow).strip()
    return "", change


def _side_width(words: str, px: int, shape: bool) -> float:
    return width_of(words, px, 700) + (px * 0.95 if shape else 0) if words else 0.0


def _foot(
    fitter: Fitter, card: CardData, target: str, foot: str, width: float, want: int, most: int
) -> tuple[int, int]:
    """Size and number of lines of the bottom: target and age side by side, else beneath each other."""
    floor = fitter.scale.floor
    if target and foot:
        for px in range(want, floor - 1, -1):
            if width_of(target, px) + width_of(foot, px) + GAP <= width:
                return px, 1
        return min(fitter.fit(card.name, words, width, want) for words in (target, foot)), 2
    words = target or foot
    for lines in range(1, most + 1):
        if lines_of(words, floor, width) <= lines:
            return fitter.fit(card.name, words, width, want, lines), lines
    return fitter.fit(card.name, words, width, want, most), most


def _number(
    fitter: Fitter, card: CardData, width: float, height: float, side: float, in_a_row: float, note: int
) -> tuple[int, int, str]:
    """Sizes of number and unit, and where change and status stand: beside (""), below in a row ("1") or in two ("2").

    Beside leaves the number its height, below its width: the way with the larger number wins.
    """
    unit, floor = card.unit if card.value.value is not None else "", fitter.scale.floor
    narrow = max(NUMBER_NARROW, floor)
    side_height = 2 * note * SIDE_LINE + 6
    beside = _largest(card.number, unit, width - (side + GAP if side else 0), height, note)
    ways = (("1", in_a_row, note * SIDE_LINE + 6), ("2", side, side_height + 6))
    for below, needs, takes in ways if side and card.value.value is not None else ():
        if needs <= width and height >= takes + narrow * NUMBER_LINE:
            under = _largest(card.number, unit, width, height - takes, note)
            if under > beside * 1.1 and under >= narrow:
                return under, _unit_px(unit, under, note), below
    least = max(NUMBER_LEAST, floor) if card.value.value is not None else floor
    if beside < least or (card.value.value is not None and height < side_height):
        fitter.faults.append(card.name)
    if card.value.value is None:
        beside = min(beside, round(note * 1.4))
    return max(beside, floor), _unit_px(unit, beside, note), ""


def _unit_px(unit: str, number_px: int, note: int) -> int:
    return max(note, round(number_px * (0.46 if unit == "%" else 0.32)))


def _largest(number: str, unit: str, width: float, height: float, note: int) -> int:
    px = int(min(height / NUMBER_LINE, 190))
    while px > 20:
        wide = width_of(number, px, 700)
        if unit:
            wide += UNIT_GAP + width_of(unit, _unit_px(unit, px, note))
        if wide <= width:
            return px
        px -= 2
    return px
