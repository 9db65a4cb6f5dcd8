"""Every system that the pilots' reports name has a place in the store and a way in (domain.md 12)."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.definition import PANELS
from datasets.schema import BY_NAME

ROOT = Path(__file__).parents[2]
NAMED = (Path(__file__).parent / "fixtures/systems_named_in_the_pilots.txt").read_text("utf-8").splitlines()
with (ROOT / "datasets/indicators/systems.csv").open(encoding="utf-8", newline="") as file:
    TABLE = list(csv.DictReader(file))
CATALOGUE = load_catalogue()


def test_the_table_names_the_systems_of_the_reports_and_no_others() -> None:
    assert [row["system"] for row in TABLE] == NAMED


@pytest.mark.parametrize("row", TABLE, ids=[row["system"] for row in TABLE])
def test_each_system_is_held_by_something_that_exists_and_comes_in_by_a_map_that_exists(row: dict[str, str]) -> None:
    held, ways = row["holds"].split(";"), row["way_in"].split(";")
    assert [name for name in held if name not in BY_NAME and name not in CATALOGUE.elements] == []
    assert [way for way in ways if not (ROOT / f"connectors/maps/{way}.yaml").exists()] == []
    assert row["panel"] in {*PANELS.values(), "all"}
