"""The scene of what calls for direction: one row each, the worst first, never more than six."""

from __future__ import annotations

from collections.abc import Sequence

from dash.development.base_component import Component

from dashboard.directing import Todo
from dashboard.present import status_word
from dashboard.wall.layouts import GAP, Layout
from dashboard.wall.moments import short_moment
from dashboard.wall.tiles import PAD_X, Telling
from dashboard.wall.tree import box, leaf
from dashboard.wall.type_sizes import Fitter, lines_of, width_of
from datasets.indicators.value import Status
from datasets.messages import text

ROWS = 6
TALLEST = 230.0
COUNT_SHARE = 0.21
LARGEST = 120  # px of a count
ROOMY = 160.0  # a row this high has room for larger letters
LINE = 1.22
PAD_Y = 12


def rows(key: str, todos: Sequence[Todo], fitter: Fitter, telling: Telling, layout: Layout) -> Component:
    """All rows of the page, those without a matter hidden; their number is fixed, so that matters come and go."""
    shown = todos[:ROWS]
    height = min(TALLEST, (layout.body.height - (max(len(shown), 1) - 1) * GAP) / max(len(shown), 1))
    calm = "" if shown else text("wall.todo.none", telling.language)
    padded = [*shown, *[None] * (ROWS - len(shown))]
    left = _left(shown, fitter, layout)
    return box(
        "todos",
        *[_row(f"{key}.todo{i}", todo, (left, height), fitter, telling, layout) for i, todo in enumerate(padded)],
        leaf("calm", f"{key}.calm", calm, max(40, fitter.scale.label)),
    )


def _left(todos: Sequence[Todo], fitter: Fitter, layout: Layout) -> float:
    """Width of the column of counts: what the widest needs, and no more than its share."""
    wanted = [max(width_of(t.count, LARGEST, 700), width_of(t.unit, fitter.scale.note)) + 8 for t in todos]
    return min(max(wanted, default=0.0), (layout.body.width - 2 * PAD_X - 2) * COUNT_SHARE)


def _row(
    key: str, todo: Todo | None, size: tuple[float, float], fitter: Fitter, telling: Telling, layout: Layout
) -> Component:
    """One row; `size` is the width of the column of counts and the row's height."""
    scale, width = fitter.scale, layout.body.width - 2 * PAD_X - 2
    left, height = size
    room = height - 2 * PAD_Y
    right = width - left - 24
    count, unit, title, detail, age = _words(todo, telling)
    word = status_word(todo.status, telling.language) if todo else ""
    note = scale.note
    side = max(width_of(word, note, 700) + note, width_of(age, scale.floor)) + 24 if todo else 0
    # a narrow canvas has no room for the status beside the words
    below = right - side < 620
    texts = right if below else right - side
    free = room - (note * LINE + 2 if below else 0)
    unit_px = fitter.fit(title, unit, left, note, 2)
    count_px = _largest(count, left, free - unit_px * LINE * lines_of(unit, unit_px, left), scale.floor)
    if width_of(count, count_px, 700) > left:
        fitter.faults.append(title)
    title_px, detail_px = _texts(title, detail, texts, free, fitter)
    return box(
        "todo",
        box(
            "todo-count",
            leaf("number", f"{key}.count", count, count_px),
            leaf("todo-unit", f"{key}.unit", unit, unit_px),
            key=f"{key}.left",
            style={"width": f"{left:.0f}px"},
        ),
        box(
            "todo-words",
            leaf("todo-title", f"{key}.title", title, title_px),
            leaf("todo-detail", f"{key}.detail", detail, detail_px),
        ),
        box(
            "todo-side",
            leaf("todo-status", f"{key}.word", word, note),
            leaf("todo-age", f"{key}.age", age, scale.floor),
            key=f"{key}.side",
            style={"paddingLeft": f"{left + 24:.0f}px" if below else "0px"},
        ),
        key=key,
        status=todo.status.value if todo else Status.NONE.value,
        off="" if todo else "1",
        below="1" if below else "",
        style={"height": f"{height:.1f}px"},
    )


def _words(todo: Todo | None, telling: Telling) -> tuple[str, str, str, str, str]:
    if todo is None:
        return "", "", "", "", ""
    moment = short_moment(todo.as_of, telling.now, telling.zone) if todo.as_of else ""
    age = text("wall.as_of", telling.language, as_of=moment) if moment else ""
    return todo.count, todo.unit, todo.title, todo.detail, age


def _texts(title: str, detail: str, width: float, height: float, fitter: Fitter) -> tuple[int, int]:
    """Sizes of title and detail that share the height: the title gives way first, down to the floor."""
    floor, note = fitter.scale.floor, fitter.scale.note

    def needed(words: str, px: int, weight: int) -> float:
        return lines_of(words, px, width, weight) * px * LINE if words else 0.0

    largest, detailed = (60, round(note * 1.4)) if height > ROOMY else (48, note + 2)
    for title_px in range(max(min(round(fitter.scale.label * 1.4), largest), floor), floor - 1, -1):
        left = height - needed(title, title_px, 700)
        for detail_px in range(detailed, floor - 1, -1):
            if needed(detail, detail_px, 500) <= left:
                return title_px, detail_px
    fitter.faults.append(title)
    return floor, floor


def _largest(number: str, width: float, height: float, floor: int) -> int:
    px = max(int(min(height / 1.04, LARGEST)), floor)
    while px > floor and width_of(number, px, 700) > width:
        px -= 2
    return px
