"""The stations of the invented communes, and how each of them reports."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
WORDS: dict[str, Any] = yaml.safe_load((HERE / "words.yaml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Station:
    """A station, its people, and its character.

    punctual     share of its weekly reports that come by the Tuesday after
    silent       stopped reporting some weeks before the sandbox first started
    dirty        share of its forms that are filled in carelessly
    immunised    infants fully immunised, of those due by then
    records      health records in use, share of the people now
    """

    code: str
    name: str
    commune: str
    population: int
    punctual: float
    silent: bool = False
    dirty: float = 0.0
    immunised: float = 0.97
    records: float = 0.45


_CHARACTERS: dict[str, dict[str, Any]] = {
    "99001": {"punctual": 0.99, "immunised": 0.98, "records": 0.62},
    "99002": {"punctual": 0.62, "immunised": 0.90, "records": 0.40},
    "99003": {"punctual": 0.95, "immunised": 0.96, "records": 0.55},
    "99004": {"punctual": 0.90, "immunised": 0.88, "records": 0.33, "silent": True},
    "99005": {"punctual": 0.88, "immunised": 0.93, "records": 0.38, "dirty": 0.8},
    "99006": {"punctual": 0.97, "immunised": 0.99, "records": 0.50},
}


def stations(units: Path | None) -> dict[str, Station]:
    """The stations by code, with names and people from the table of units where it has them."""
    names: dict[str, str] = {}
    people: dict[str, int] = {}
    if units is not None and units.is_file():
        with units.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(line for line in lines if not line.startswith("#")):
                names[row["code"]] = row["name"]
                people[row["code"]] = int(row.get("population") or 0)
    found = (
        Station(f"{commune}-TYT", names.get(f"{commune}-TYT", commune), commune, people.get(commune) or 8000, **said)
        for commune, said in _CHARACTERS.items()
    )
    return {station.code: station for station in found}
