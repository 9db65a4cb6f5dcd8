"""Every system that the pilots' reports name has a place in the store and a way in (domain.md 12)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from connectors.field_map import FieldMap
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.definition import PANELS
from datasets.schema import BY_NAME

ROOT = Path(__file__).parents[2]
NAMED = (Path(__file__).parent / "fixtures/systems_named_in_the_pilots.txt").read_text("utf-8").splitlines()
with (ROOT / "datasets/indicators/systems.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))
CATALOGUE = load_catalogue()
MAPS = {path.stem: FieldMap.load(path) for path in (ROOT / "connectors/maps").glob("*.yaml")}


def test_the_table_names_the_systems_of_the_reports_and_no_others() -> None:
    assert [row["system"] for row in TABLE] == NAMED


@pytest.mark.parametrize("row", TABLE, ids=[row["system"] for row in TABLE])
def test_each_system_is_held_by_something_that_exists_and_comes_in_by_a_map_that_exists(row: dict[str, str]) -> None:
    held, ways = row["holds"].split(";"), row["way_in"].split(";")
    assert [name for name in held if name not in BY_NAME and name not in CATALOGUE.elements] == []
    assert [way for way in ways if way not in MAPS] == []
    assert row["panel"] in {*PANELS.values(), "all"}


def brings(way: str, held: str) -> bool:
    """Whether a map fills the dataset or the element."""
    field_map = MAPS[way]
    if field_map.dataset.name != "observation":
        return field_map.dataset.name == held
    if held not in CATALOGUE.elements:
        return False
    if field_map.file.wide.elements:
        return held in field_map.file.wide.elements
    (said,) = [spec.codes for spec in field_map.file.fields if spec.field.name == "element"]
    return said is None or held in said.values()  # an entry form takes every element


@pytest.mark.parametrize("row", TABLE, ids=[row["system"] for row in TABLE])
def test_each_thing_held_is_brought_by_one_of_its_ways_and_no_way_brings_nothing(row: dict[str, str]) -> None:
    held, ways = row["holds"].split(";"), row["way_in"].split(";")
    assert [name for name in held if not any(brings(way, name) for way in ways)] == []
    assert [way for way in ways if not any(brings(way, name) for name in held)] == []


def test_every_map_is_the_way_in_of_a_system_that_the_reports_name() -> None:
    of_a_system = {way for row in TABLE for way in row["way_in"].split(";")}
    assert MAPS.keys() - of_a_system == {"socio_monthly"}  # the office's own table, out of no system
