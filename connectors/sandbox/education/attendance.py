"""Who is absent: by weekday, season, two small outbreaks and the character of the commune."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from random import Random

from connectors.sandbox.education.schools import WORDS, Pupil, School, SchoolClass, Schools, staff_names

Cells = tuple[object, ...]
Roll = tuple[SchoolClass, str, tuple[Pupil, ...], dict[Pupil, date]]


@dataclass(frozen=True, slots=True)
class ClassDay:
    """One class on one day. The names are there to be dropped by whoever reads the export."""

    school: School
    day: date
    name: str
    pupils: int
    excused: int
    unexcused: int
    absent_names: str
    homeroom: str


def class_days(schools: Schools, school: School, day: date) -> Iterator[ClassDay]:
    """The classes of a school on a school day."""
    year = schools.year_of(day)
    character = school.character
    likely = character["absent"] * WORDS["weekdays"][day.weekday()] * _times(school, day, year)
    random = Random(f"{schools.seed}/attendance/{school.code}/{day}")
    for found, homeroom, listed, gone in _roll(schools, school, year):
        here = [pupil for pupil in listed if pupil not in gone or day < gone[pupil]] if gone else listed
        absent = [pupil for pupil in here if random.random() < likely]
        unexcused = sum(random.random() < character["without_leave"] for _ in absent)
        names = ", ".join(schools.person(pupil.key, pupil.born, female=pupil.female).name for pupil in absent)
        yield ClassDay(school, day, found.name, len(here), len(absent) - unexcused, unexcused, names, homeroom)


@lru_cache(maxsize=256)
def _roll(schools: Schools, school: School, year: int) -> list[Roll]:
    """Each class with its teacher, its pupils, and those of them who leave during the year."""
    leaving = schools.leavers(school, year)
    names = staff_names(schools, school, year)
    return [
        (found, name, found.here, {pupil: leaving[pupil] for pupil in found.here if pupil in leaving})
        for found, name in zip(schools.classes(school, year), names, strict=True)
    ]


def cells(schools: Schools, number: int, found: ClassDay) -> Cells:
    """A row of the export, now and then with a mistake where the commune is careless."""
    row: list[object] = [
        number,
        f"{found.day:%d/%m/%Y}",
        found.school.code,
        found.school.name,
        found.name,
        found.pupils,
        found.excused,
        found.unexcused,
        found.absent_names,
        found.homeroom,
    ]
    drawn = schools.draw(f"mistake/{found.school.code}/{found.day}/{found.name}")
    careless = found.school.character.get("careless", 0.0)
    if drawn < careless:
        at, wrong = (
            (5, WORDS["mistakes"]["words"]),
            (2, WORDS["mistakes"]["unknown_school"]),
            (6, -1),
            (6, found.pupils + 5),
        )[int(drawn / careless * 4)]
        row[at] = wrong
    return tuple(row)


def _times(school: School, day: date, year: int) -> float:
    times = 1.0
    for season in WORDS["seasons"]:
        if season["from"] <= f"{day:%m-%d}" <= season["to"]:
            times *= season["times"]
    for outbreak in WORDS["outbreaks"]:
        if outbreak["school"] == school.code and outbreak["year"] == year:
            times *= outbreak["times"] if outbreak["from"] <= f"{day:%m-%d}" <= outbreak["to"] else 1.0
    return times
