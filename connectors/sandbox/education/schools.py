"""The simulated schools: who is in which class in which school year, and when school is held.

A child is one of a commune's cohort of a year of birth, so it moves up a grade each year
and all systems agree on it. Everything follows from the seed; nobody exists.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from math import ceil
from pathlib import Path
from random import Random
from typing import Any, cast

import yaml

from connectors.sandbox.one_stop.office import Office
from connectors.sandbox.one_stop.people import full_name, identity_number, phone
from datasets.working_days import WorkingCalendar

WORDS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
YEARS = 3
"""School years of history."""
LEAVING = 0.006
"""Share of pupils who leave in the course of a school year."""
_LETTERS = "ABCDEFGHIJKLMNOP"
_USUAL_POPULATION = 7500


@dataclass(frozen=True, slots=True)
class Pupil:
    """A child of a cohort: `number` counts within commune and year of birth."""

    commune: str
    born: int
    number: int
    female: bool
    state: str  # a key of words.yaml's `states`

    @property
    def key(self) -> str:
        return f"{self.commune}{self.born}{self.number:04}"


@dataclass(frozen=True, slots=True)
class Person:
    """What a school holds of somebody and nobody else may."""

    name: str
    born: date
    phone: str
    identity: str
    father: str
    mother: str
    hamlet: str


@dataclass(frozen=True, slots=True)
class SchoolClass:
    name: str
    grade: dict[str, Any]
    pupils: tuple[Pupil, ...]

    @property
    def here(self) -> tuple[Pupil, ...]:
        return tuple(pupil for pupil in self.pupils if pupil.state == "here")


@dataclass(frozen=True, slots=True)
class School:
    code: str
    name: str
    commune: str
    kind: str

    @property
    def character(self) -> dict[str, Any]:
        found: dict[str, Any] = WORDS["communes"][self.commune]
        return found


class Schools:
    """All schools of the invented communes.

    units     the table of units, for names and populations
    started   (naive local) first start of the sandbox: from then counts the silence of the silent
    """

    def __init__(self, seed: int, calendar: WorkingCalendar, units: Path | None, started: date) -> None:
        self.seed, self._calendar = seed, calendar
        self.silent_from = started - timedelta(weeks=WORDS["silent_weeks"])
        self._names: dict[str, str] = {}
        self._populations: dict[str, int] = {}
        if units is not None and units.is_file():
            with units.open(encoding="utf-8-sig", newline="") as lines:
                for row in csv.DictReader(line for line in lines if not line.startswith("#")):
                    self._names[row["code"]] = row["name"]
                    self._populations[row["code"]] = int(row["population"] or 0)
        self._office = Office(calendar, date(started.year - YEARS - 1, 1, 1))

    @cached_property
    def all(self) -> tuple[School, ...]:
        return tuple(
            School(code, self._names.get(code, code), commune, kind)
            for commune in WORDS["communes"]
            for kind in WORDS["kinds"]
            for code in [f"{commune}-{kind}"]
        )

    def name_of(self, commune: str) -> str:
        return self._names.get(commune, commune)

    def speaks(self, school: School, day: date) -> bool:
        """Whether its commune still sends anything on a day."""
        return not school.character.get("silent") or day < self.silent_from

    def classes(self, school: School, year: int) -> tuple[SchoolClass, ...]:
        """The classes of the school year that begins in `year`."""
        return _classes(self, school, year)

    def teachers(self, school: School, year: int) -> int:
        return ceil(len(self.classes(school, year)) * float(WORDS["kinds"][school.kind]["teachers"]))

    def cohort(self, commune: str, born: int) -> int:
        """Children of a commune born in a year."""
        population = self._populations.get(commune) or _USUAL_POPULATION
        return round(population * float(WORDS["births"]) * (0.94 + 0.12 * self.draw(f"cohort/{commune}/{born}")))

    def draw(self, what: str) -> float:
        """A number from 0 to 1 that always is the same for the same thing."""
        digest = hashlib.blake2b(f"{self.seed}/{what}".encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / 2**56

    def person(self, key: str, born: int, *, female: bool) -> Person:
        return _person(self.seed, key, born, female)

    def leavers(self, school: School, year: int) -> dict[Pupil, date]:
        """Pupils who leave during the school year, and from which day they are gone."""
        return _leavers(self, school, year)

    # -- the calendar ---------------------------------------------------------------

    def year_of(self, day: date) -> int:
        """The school year that a day belongs to; the summer belongs to the year that ended."""
        return day.year if day >= _day(day.year, WORDS["calendar"]["begins"]) else day.year - 1

    def span(self, year: int) -> tuple[date, date]:
        """First and last school day."""
        return _day(year, WORDS["calendar"]["begins"]), _day(year + 1, WORDS["calendar"]["ends"])

    def is_held(self, day: date) -> bool:
        first, last = self.span(self.year_of(day))
        if not first <= day <= last or day.weekday() > 4 or not self._calendar.is_working(day):
            return False
        begins, ends = self._office.festivals[day.year]
        around = timedelta(days=WORDS["calendar"]["tet_days"])
        return not begins - around <= day <= ends + around

    def days(self, first: date, last: date) -> list[date]:
        """The school days from first to last, both included."""
        found = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return [day for day in found if self.is_held(day)]


def staff_names(schools: Schools, school: School, year: int) -> Sequence[str]:
    """The names of the homeroom teachers, a class each."""
    return [
        schools.person(f"teacher/{school.code}/{number}", 1984, female=True).name
        for number in range(len(schools.classes(school, year)))
    ]


@lru_cache(maxsize=256)
def _classes(schools: Schools, school: School, year: int) -> tuple[SchoolClass, ...]:
    found = []
    for grade in WORDS["grades"][school.kind]:
        born = year - grade["age"]
        size = round(schools.cohort(school.commune, born) * grade["share"])
        number = max(1, ceil(size / WORDS["kinds"][school.kind]["class_size"]))
        pupils = [_pupil(schools, school, born, place, year) for place in range(size)]
        found += [
            SchoolClass(f"{grade['class']}{_LETTERS[at]}", grade, tuple(pupils[at::number])) for at in range(number)
        ]
    return tuple(found)


@lru_cache(maxsize=256)
def _leavers(schools: Schools, school: School, year: int) -> dict[Pupil, date]:
    first, last = schools.span(year)
    found = {}
    for pupil in (pupil for each in schools.classes(school, year) for pupil in each.here):
        drawn = schools.draw(f"leaves/{pupil.key}/{year}")
        if drawn < LEAVING:
            found[pupil] = first + (last - first) * (drawn / LEAVING)
    return found


def _pupil(schools: Schools, school: School, born: int, number: int, year: int) -> Pupil:
    key = f"{school.commune}/{born}/{number}"
    drawn = schools.draw(f"state/{key}/{year}")
    left = school.character["left"] if school.kind == "CS" else school.character["left"] / 8
    state = "left" if drawn < left else "moved" if drawn < left + 0.008 else "here"
    return Pupil(school.commune, born, number, schools.draw(f"sex/{key}") < 0.482, state)


class _Dice:
    """Random numbers for one person, 21 of them, all from one hash: ten times as quick as seeding a Random."""

    def __init__(self, what: str) -> None:
        self._bits = int.from_bytes(hashlib.blake2b(what.encode()).digest(), "big")

    def random(self) -> float:
        self._bits, drawn = divmod(self._bits, 1 << 24)
        return drawn / (1 << 24)


@lru_cache(maxsize=100_000)
def _person(seed: int, key: str, born: int, female: bool) -> Person:
    random = cast("Random", _Dice(f"{seed}/{key}"))
    name = full_name(random)
    return Person(
        name=name,
        born=date(born, 1, 1) + timedelta(days=int(random.random() * 365)),
        phone=phone(random),
        identity=identity_number(random),
        father=full_name(random),
        mother=full_name(random),
        hamlet=f"{WORDS['town']} {1 + int(random.random() * 8)}",
    )


def _day(year: int, written: str) -> date:
    month, day = map(int, written.split("-"))
    return date(year, month, day)
