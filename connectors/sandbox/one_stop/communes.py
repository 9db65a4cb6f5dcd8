"""The invented communes and their characters.

Sizes after domain.md 1.9 (real communes report 931 to 2,699 dossiers a month), the
good one's late share after the pilots' 3.4 %. Names and hamlets come from the demo's
table of units where it has them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from connectors.sandbox.one_stop.people import WORDS

ONLINE_BEGINS = date(2023, 11, 1)
ONLINE_YEARS = 3


@dataclass(frozen=True, slots=True)
class Character:
    """How a commune works.

    agency      electronic identification code, first part of every MaHoSo
    monthly     dossiers a month, about
    late        share of results given after the due day
    delay       how late, when late: mean working days
    online      share sent online on 1/11/2023, and three years on
    apology     share of late dossiers with a letter of apology
    silent      stopped sending in the weeks before the sandbox first started
    dirty       share of records with something wrong in them
    months      of history
    merged      last day before it was merged into another; what is under way then is still finished
    """

    code: str
    agency: str
    monthly: int
    late: float
    delay: float
    online: tuple[float, float]
    apology: float = 0.7
    silent: bool = False
    dirty: float = 0.0
    months: int = 15
    merged: date | None = None


CHARACTERS = (
    Character("99001", "H99.01.01", 900, late=0.031, delay=2.0, online=(0.30, 0.85), months=36),
    Character("99002", "H99.01.02", 1250, late=0.170, delay=6.0, online=(0.25, 0.62), apology=0.25),
    Character("99003", "H99.01.03", 700, late=0.050, delay=3.0, online=(0.15, 0.95)),
    Character("99004", "H99.01.04", 500, late=0.060, delay=3.0, online=(0.28, 0.70), silent=True),
    Character("99005", "H99.01.05", 420, late=0.045, delay=3.0, online=(0.25, 0.75), dirty=0.04),
    Character("99006", "H99.01.06", 250, late=0.020, delay=1.5, online=(0.20, 0.66), apology=0.9),
    Character("99007", "H99.01.07", 95, late=0.085, delay=2.5, online=(0.15, 0.50), merged=date(2026, 6, 30)),
)
MAIN = "99001"
"""The demo centre's own commune: the one that has visitors when the sandbox starts."""


@dataclass(frozen=True, slots=True)
class Commune:
    """A character with its name and hamlets (names, as one-stop systems send them)."""

    character: Character
    name: str
    hamlets: tuple[str, ...]

    @property
    def code(self) -> str:
        return self.character.code


def communes(units: Path | None) -> dict[str, Commune]:
    """The invented communes by code, with names from the table of units when it is there."""
    names: dict[str, str] = {}
    hamlets: dict[str, list[str]] = {}
    if units is not None and units.is_file():
        with units.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(line for line in lines if not line.startswith("#")):
                names[row["code"]] = row["name"]
                if row["level"] == "hamlet" and row.get("kind") in ("hamlet", "", None):
                    hamlets.setdefault(row["parent"], []).append(row["name"])
    return {
        character.code: Commune(
            character,
            names.get(character.code, f"{WORDS['commune'][0]} {character.code}"),
            tuple(hamlets.get(character.code, [f"{WORDS['hamlet'][0]} {number}" for number in range(1, 9)])),
        )
        for character in CHARACTERS
    }


def online_share(character: Character, day: date) -> float:
    """The share of dossiers sent online on a day: a straight line, then level."""
    first, last = character.online
    passed = (day - ONLINE_BEGINS).days / (365.25 * ONLINE_YEARS)
    return first + (last - first) * min(max(passed, 0.0), 1.1)
