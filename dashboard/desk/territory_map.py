"""A map of units without a script: polygons cut out of plain links, or a grid of tiles.

Every place is a link with its words, so that the keyboard reaches it and a reader hears it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from urllib.parse import quote

from dash.development.base_component import Component

from dashboard.desk.attributes import aria
from dashboard.desk.light import dcc, html
from dashboard.queries import Queries
from datasets.units_map import PlaceMap, Ring, read_map


@dataclass(frozen=True, slots=True)
class Place:
    """One unit on the map: what is written on it, its tone, where it leads, and all of it in words."""

    key: str
    name: str
    said: str
    tone: str
    href: str
    words: str


def place_map(queries: Queries) -> PlaceMap:
    """The map of the settings, read once; the settings were checked at start."""

    def read() -> PlaceMap:
        said = queries.settings.map
        return read_map(said.geojson, said.code, said.tiles, queries.units, queries.settings.centre.language)

    return queries.answer("map", read)


def picture(places: Sequence[Place], drawn: PlaceMap) -> Component:
    """Polygons where every place has one, else tiles."""
    if places and all(place.key in drawn.shapes for place in places):
        return _polygons(places, drawn)
    return _tiles(places, drawn.tiles)


def _polygons(places: Sequence[Place], drawn: PlaceMap) -> Component:
    links: list[Component] = []
    lines: list[str] = []
    labels: list[Component] = []
    left, top, wide, tall = _window([ring for place in places for ring in drawn.shapes[place.key]])

    def put(ring: Ring) -> list[tuple[float, float]]:
        return [(100 * (x - left) / wide, 100 * (y - top) / tall) for x, y in ring]

    for place in places:
        rings = [put(ring) for ring in drawn.shapes[place.key]]
        largest = max(rings, key=_area)
        for ring in rings:
            cut = ", ".join(f"{x:.2f}% {y:.2f}%" for x, y in ring)
            main = ring is largest
            links.append(
                dcc.Link(
                    html.Span(place.words, className="unseen") if main else "",
                    href=place.href,
                    className=f"shape-link tone-{place.tone}",
                    style={"clipPath": f"polygon({cut})"},
                    title=place.words,
                )
            )
            lines.append("M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in ring) + "Z")
        x, y = _middle(largest)
        labels.append(
            html.Span(
                [html.B(place.name), html.Span(place.said)],
                className="shape-label",
                style={"left": f"{x:.1f}%", "top": f"{y:.1f}%"},
                **aria(hidden="true"),
            )
        )
    borders = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100' preserveAspectRatio='none'>"
        f"<path d='{' '.join(lines)}' fill='none' stroke='#000' stroke-width='2' stroke-linejoin='round' "
        "vector-effect='non-scaling-stroke'/></svg>"
    )
    mask = f'url("data:image/svg+xml,{quote(borders)}")'
    return html.Div(
        [
            *links,
            html.Div(className="shape-borders", style={"maskImage": mask, "WebkitMaskImage": mask}),
            *labels,
        ],
        className="shapes",
        style={"aspectRatio": f"{drawn.ratio * wide / tall:.4f}"},
    )


def _window(rings: Sequence[Ring]) -> tuple[float, float, float, float]:
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    return min(xs), min(ys), (max(xs) - min(xs)) or 1.0, (max(ys) - min(ys)) or 1.0


def _area(ring: Sequence[tuple[float, float]]) -> float:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(x * b - a * y for (x, y), (a, b) in pairs)) / 2


def _middle(ring: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The centre of gravity; of a line the mean of its points."""
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    whole = sum(x * b - a * y for (x, y), (a, b) in pairs)
    if not whole:
        return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)
    return (
        sum((x + a) * (x * b - a * y) for (x, y), (a, b) in pairs) / (3 * whole),
        sum((y + b) * (x * b - a * y) for (x, y), (a, b) in pairs) / (3 * whole),
    )


def _few_enough(count: int) -> int:
    """Columns of tiles in order: three while they are few, so that names have room; then about as wide as high."""
    return min(count, 3) if count <= 12 else ceil(sqrt(count))


def _tiles(places: Sequence[Place], tiles: Mapping[str, tuple[int, int]]) -> Component:
    """At their places where the settings give every one a place, else in order, a little wider than high."""
    placed = bool(places) and all(place.key in tiles for place in places)
    columns = max((tiles[p.key][1] for p in places), default=1) if placed else _few_enough(len(places))
    links: list[Component] = []
    for place in places:
        row, column = tiles.get(place.key, (0, 0))
        style = {"gridRow": str(row), "gridColumn": str(column)} if placed else {}
        links.append(
            dcc.Link(
                [html.B(place.name), html.Span(place.said)],
                href=place.href,
                className=f"tile-place tone-{place.tone}",
                style=style,
                title=place.words,
            )
        )
    many = " tiles-many" if columns > 5 else ""
    return html.Div(links, className=f"tiles-grid{many}", style={"gridTemplateColumns": f"repeat({columns}, 1fr)"})
