"""Maps of units: read whole, checked, fitted into the picture."""

import json

import pytest

from datasets.errors import ConfigError
from datasets.units import OrgUnit, UnitTree
from datasets.units_map import MOST_POINTS, read_map


def unit(code):
    return OrgUnit(code, f"Xã {code}", "commune", None, "commune", None, None, None, None, None)


TREE = UnitTree((unit("A"), unit("B")))
SQUARE = [[[106.0, 20.0], [107.0, 20.0], [107.0, 21.0], [106.0, 21.0], [106.0, 20.0]]]
EAST = [[[107.0, 20.0], [108.0, 20.0], [108.0, 21.0], [107.0, 21.0], [107.0, 20.0]]]


def geojson(tmp_path, *features):
    path = tmp_path / "map.geojson"
    shapes = [
        {"type": "Feature", "properties": {"ma": code}, "geometry": {"type": kind, "coordinates": coordinates}}
        for code, kind, coordinates in features
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": shapes}), "utf-8")
    return path


def test_polygons_become_percents_of_the_picture_with_north_above(tmp_path):
    found = read_map(geojson(tmp_path, ("A", "Polygon", SQUARE), ("B", "MultiPolygon", [EAST])), "ma", None, TREE)
    assert found.shapes["A"] == (((0, 100), (50, 100), (50, 0), (0, 0), (0, 100)),)
    assert found.shapes["B"][0][1] == (100, 100)
    # two degrees of longitude at 20.5 degrees north are 2 x cos(20.5) of a degree of latitude
    assert found.ratio == pytest.approx(2 * 0.93667, rel=1e-4)


def test_every_fault_of_a_map_is_told_with_its_feature(tmp_path):
    path = geojson(
        tmp_path,
        ("A", "Polygon", SQUARE),
        ("X", "Polygon", SQUARE),
        ("A", "Polygon", EAST),
        ("B", "Point", [106.0, 20.0]),
    )
    with pytest.raises(ConfigError) as refused:
        read_map(path, "ma", None, TREE)
    said = [(fault.line, fault.message) for fault in refused.value.faults]
    assert [line for line, _ in said] == [2, 3, 4]
    assert "«X»" in said[0][1] and "B" in said[2][1]


def test_metres_are_not_degrees(tmp_path):
    path = geojson(tmp_path, ("A", "Polygon", [[[5e5, 2e6], [5e5, 3e6], [6e5, 3e6], [5e5, 2e6]]]))
    with pytest.raises(ConfigError, match="kinh độ"):
        read_map(path, "ma", None, TREE)


def test_a_map_that_is_no_json_is_told(tmp_path):
    path = tmp_path / "map.geojson"
    path.write_text("<svg/>", "utf-8")
    with pytest.raises(ConfigError, match="GeoJSON"):
        read_map(path, "ma", None, TREE)


def test_tiles_have_a_place_each(tmp_path):
    path = tmp_path / "tiles.csv"
    path.write_text("code,row,column\nA,1,1\nB,1,2\n", "utf-8")
    assert read_map(None, "code", path, TREE).tiles == {"A": (1, 1), "B": (1, 2)}
    path.write_text("code,row,column\nA,1,1\nB,1,1\nX,2,2\nB,0,3\n", "utf-8")
    with pytest.raises(ConfigError) as refused:
        read_map(None, "code", path, TREE)
    assert [fault.line for fault in refused.value.faults] == [3, 4, 5]


def test_a_very_fine_outline_is_thinned_alike_on_both_sides_of_a_border(tmp_path):
    border = [[107.0, 20 + i / 9000] for i in range(9001)]
    west = [[[106.0, 20.0], *border, [106.0, 21.0], [106.0, 20.0]]]
    east = [[[108.0, 20.0], *border, [108.0, 21.0], [108.0, 20.0]]]
    found = read_map(geojson(tmp_path, ("A", "Polygon", west), ("B", "Polygon", east)), "ma", None, TREE)
    left, right = (set(found.shapes[code][0]) for code in "AB")
    assert len(left) + len(right) < MOST_POINTS * 1.2
    assert {p for p in left if p[0] == 50} == {p for p in right if p[0] == 50} != set()
