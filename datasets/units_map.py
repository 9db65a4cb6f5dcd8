"""Where units lie: polygons from a GeoJSON file, or places on a grid of tiles from a CSV.

Read whole and checked before anything is drawn; every fault is reported with its file and line
(of a GeoJSON: the number of the feature). Nothing is fetched from anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import cos, isfinite, radians
from pathlib import Path
from typing import Any

from datasets.csv_file import read_table
from datasets.errors import ConfigError, Fault
from datasets.messages import text
from datasets.units import UnitTree

Ring = tuple[tuple[float, float], ...]
MOST_POINTS = 6_000
"""Of a whole map; finer outlines are thinned to this, which no screen shows a difference of."""
TILE_COLUMNS = ("code", "row", "column")


@dataclass(frozen=True, slots=True)
class PlaceMap:
    """Outer rings of each unit's polygons in percent of the picture (0-100, y downwards); tiles as (row, column).

    ratio   width of the picture over its height
    """

    shapes: dict[str, tuple[Ring, ...]] = field(default_factory=dict)
    ratio: float = 1.0
    tiles: dict[str, tuple[int, int]] = field(default_factory=dict)


def read_map(geojson: Path | None, code: str, tiles: Path | None, units: UnitTree, language: str = "vi") -> PlaceMap:
    """The map of the settings. Raises ConfigError with every fault of both files."""
    faults: list[Fault] = []
    shapes = _shapes(geojson, code, units, faults, language) if geojson else {}
    places = _tiles(tiles, units, faults, language) if tiles else {}
    if faults:
        raise ConfigError(faults)
    drawn, ratio = _fitted(shapes)
    return PlaceMap(drawn, ratio, places)


def _shapes(path: Path, code: str, units: UnitTree, faults: list[Fault], language: str) -> dict[str, tuple[Ring, ...]]:
    def report(feature: int, key: str, /, **params: object) -> None:
        faults.append(Fault(path, feature, text(key, language, **params)))

    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError):
        report(0, "place.not_json")
        return {}
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not features:
        report(0, "place.no_features")
        return {}
    found: dict[str, tuple[Ring, ...]] = {}
    for number, feature in enumerate(features, start=1):
        said = (feature.get("properties") or {}).get(code) if isinstance(feature, dict) else None
        if not isinstance(said, str) or said not in units:
            report(number, "place.unknown_unit", feature=number, property=code, value=said)
        elif said in found:
            report(number, "place.twice", feature=number, value=said)
        elif rings := _rings(feature.get("geometry")):
            found[said] = rings
        else:
            report(number, "place.no_polygon", feature=number, value=said)
    return found


def _rings(geometry: Any) -> tuple[Ring, ...]:
    """The outer rings; () for anything that is no polygon in degrees."""
    if not isinstance(geometry, dict) or not isinstance(geometry.get("coordinates"), list):
        return ()
    several = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}
    found: list[Ring] = []
    for polygon in several.get(str(geometry.get("type")), []):
        try:
            ring = tuple((float(point[0]), float(point[1])) for point in polygon[0])
        except (TypeError, ValueError, IndexError, KeyError):
            return ()
        on_earth = all(isfinite(x) and isfinite(y) and abs(x) <= 180 and abs(y) <= 90 for x, y in ring)
        if len(ring) < 4 or not on_earth:
            return ()
        found.append(ring)
    return tuple(found)


def _tiles(path: Path, units: UnitTree, faults: list[Fault], language: str) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for line, cells in read_table(path, TILE_COLUMNS, faults, language):
        place = tuple(int(cells[name]) if cells[name].isdecimal() else 0 for name in ("row", "column"))
        if cells["code"] not in units:
            faults.append(Fault(path, line, text("place.tile_unit", language, value=cells["code"])))
        elif min(place) < 1:
            faults.append(Fault(path, line, text("place.tile_place", language, value=cells["code"])))
        elif place in found.values() or cells["code"] in found:
            faults.append(Fault(path, line, text("place.tile_twice", language, value=cells["code"])))
        else:
            found[cells["code"]] = (place[0], place[1])
    return found


def _fitted(shapes: dict[str, tuple[Ring, ...]]) -> tuple[dict[str, tuple[Ring, ...]], float]:
    """Degrees to percent of the picture, with a degree of longitude as short as it is at that latitude."""
    points = [point for rings in shapes.values() for ring in rings for point in ring]
    if not points:
        return {}, 1.0
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    wide = (east - west) * cos(radians((south + north) / 2)) or 1e-9
    tall = (north - south) or 1e-9
    every = _thinner(shapes, len(points))

    def put(ring: Ring) -> Ring:
        return tuple(
            (round(100 * (x - west) / ((east - west) or 1e-9), 2), round(100 * (north - y) / tall, 2))
            for x, y in every(ring)
        )

    return {code: tuple(put(ring) for ring in rings) for code, rings in shapes.items()}, wide / tall


def _thinner(shapes: dict[str, tuple[Ring, ...]], count: int) -> Callable[[Ring], Iterator[tuple[float, float]]]:
    """Takes as many points of a ring as the whole map may have; the same points of a border on both its sides."""
    if count <= MOST_POINTS:
        return iter
    share = MOST_POINTS / count
    borders: dict[tuple[float, float], int] = {}
    for rings in shapes.values():
        for ring in rings:
            for point in dict.fromkeys(ring):
                borders[point] = borders.get(point, 0) + 1
    step = max(round(1 / share), 2)

    def some(ring: Ring) -> Iterator[tuple[float, float]]:
        chosen = [p for p in ring[:-1] if borders[p] > 2 or hash(p) % step == 0]
        return iter(chosen if len(chosen) > 2 else ring)

    return some
