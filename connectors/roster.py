"""A roster in memory: who is in which class of which school, without who they are.

A person's id is replaced by a keyed hash the moment it is read; of names, dates of
birth, addresses and phones nothing is read at all. What is left (hash, school, class,
grade, sex, role) is counted, and only counts leave.

Counting rules (OneRoster 1.2, information model; domain.md 5.2):
    a class counts where its term runs; of a school that has homerooms only these count
    a pupil counts once per school, by an enrolment as student in such a class
    a teacher counts once per school, by the role teacher at it (1.1: users.orgSourcedIds)
    an end date is the first day after (exclusive)
Between two terms the roster is counted as it was on the last day of the latest one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from connectors.oneroster_files import RosterFiles
from datasets.errors import SourceChanged

SCHOOLS, PUPILS, CLASSES, TEACHERS = "schools", "pupils", "classes", "teachers"
SEXES = {"male": "nam", "female": "nu"}
UNKNOWN = "?"
PRESCHOOL = {"IT": "nha_tre", "PR": "3_4", "PK": "4_5", "KG": "5_6"}
"""CEDS grade codes below the first: crèche, then kindergarten groups by age."""
BROKEN = "oneroster_broken"
"""Problem code of an enrolment that leads nowhere."""

Cells = tuple[str, ...]
Counts = Counter[tuple[str, str, str]]
"""(school id, quantity, category) -> how many; category "" is the total."""

_SHAPES: dict[str, tuple[str, ...]] = {
    "orgs": ("type", "identifier"),
    "academicSessions": ("startDate", "endDate"),
    "classes": ("schoolSourcedId", "classType", "grades", "termSourcedIds"),
    "users": ("role", "orgSourcedIds", "enabledUser", "grades"),
    "roles": ("userSourcedId", "role", "orgSourcedId", "beginDate", "endDate"),
    "demographics": ("sex",),
    "enrollments": ("classSourcedId", "schoolSourcedId", "userSourcedId", "role", "beginDate", "endDate"),
}
"""What is kept of each row; nothing else of it is looked at."""
_PERSONS = frozenset({"users", "roles", "demographics", "enrollments"})
_DELETED = "tobedeleted"
_DATES = ("beginDate", "endDate", "startDate")


@dataclass(slots=True)
class Roster:
    """The tables as far as they are needed: table -> id (hashed where it is a person's) -> cells of _SHAPES."""

    tables: dict[str, dict[str, Cells]] = field(default_factory=lambda: {name: {} for name in _SHAPES})

    def take(self, files: RosterFiles, key: bytes) -> None:
        """Lay a zip over what is known: a bulk table replaces, a delta table changes and deletes.

        Raises SourceChanged for a damaged table; the roster is then not to be used.
        """
        for name, shape in _SHAPES.items():
            mode = files.modes[name]
            if mode == "absent":
                continue
            rows = self.tables[name] if mode == "delta" else {}
            for line, row in files.rows(name):
                own = row["sourcedId"].strip()
                if not own:
                    raise SourceChanged("oneroster.bad_row", file=f"{name}.csv", line=line)
                own = hashed(key, own) if name in _PERSONS else own
                if row.get("status", "").strip().lower() == _DELETED:
                    rows.pop(own, None)
                    continue
                if any(row.get(column, "").strip() and _day(row[column].strip()) is None for column in _DATES):
                    raise SourceChanged("oneroster.bad_row", file=f"{name}.csv", line=line)
                rows[own] = tuple(
                    hashed(key, row[column].strip()) if column == "userSourcedId" else row.get(column, "").strip()
                    for column in shape
                )
            self.tables[name] = rows

    def counts(self, day: date) -> tuple[Counts, int]:
        """What is counted on a day, and how many enrolments lead to no class, school or person."""
        count = _Count(self, self._counted_on(day))
        return count.run()

    def schools(self) -> dict[str, str]:
        """School id -> its identifier, the id itself where it has none."""
        return {own: cells[1] or own for own, cells in self.tables["orgs"].items() if cells[0].lower() == "school"}

    def _counted_on(self, day: date) -> date:
        sessions = [(_day(start), _day(end)) for start, end in self.tables["academicSessions"].values()]
        known = [(start, end) for start, end in sessions if start and end and start <= day]
        if not known or any(day < end for _, end in known):
            return day
        return max(end for _, end in known) - timedelta(days=1)


@dataclass(slots=True)
class _Count:
    roster: Roster
    day: date
    found: Counts = field(default_factory=Counter)

    def run(self) -> tuple[Counts, int]:
        schools = self.roster.schools()
        classes = self._classes(schools)
        for school in schools:
            self.found[school, SCHOOLS, ""] = 1
            for quantity in (PUPILS, CLASSES, TEACHERS):
                self.found[school, quantity, ""] = 0  # a school without any is 0, not unknown
        for school, grade in classes.values():
            self._add(school, CLASSES, grade)
        broken = self._pupils(schools, classes)
        self._teachers(schools)
        return self.found, broken

    def _add(self, school: str, quantity: str, grade: str = "", sex: str = "") -> None:
        parts = [f"lop={grade}" if grade else "", f"gioi={sex}" if sex else ""]
        for category in {"", *parts, ";".join(part for part in parts if part)}:
            self.found[school, quantity, category] += 1

    def _classes(self, schools: dict[str, str]) -> dict[str, tuple[str, str]]:
        """Class id -> (school, grade) of the classes that count."""
        tables = self.roster.tables
        running = {own for own, (start, end) in tables["academicSessions"].items() if self._runs(start, end)}
        found: dict[str, tuple[str, str, bool]] = {}
        for own, (school, kind, grades, terms) in tables["classes"].items():
            named = [term for term in _list(terms) if term in tables["academicSessions"]]
            if school in schools and (not named or running.intersection(named)):
                found[own] = (school, _grade(grades), kind.lower() == "homeroom")
        with_homerooms = {school for school, _, homeroom in found.values() if homeroom}
        return {
            own: (school, grade)
            for own, (school, grade, homeroom) in found.items()
            if homeroom or school not in with_homerooms
        }

    def _pupils(self, schools: dict[str, str], classes: dict[str, tuple[str, str]]) -> int:
        tables = self.roster.tables
        seen: set[tuple[str, str]] = set()
        broken = 0
        for class_id, school, person, role, begin, end in tables["enrollments"].values():
            if role.lower() != "student" or not self._runs(begin, end):
                continue
            if class_id not in tables["classes"] or person not in tables["users"] or school not in schools:
                broken += 1
                continue
            _, _, enabled, own_grades = tables["users"][person]
            if class_id not in classes or enabled.lower() == "false":
                continue
            school, grade = classes[class_id]  # noqa: PLW2901 - the class knows better
            if (school, person) not in seen:
                seen.add((school, person))
                self._add(school, PUPILS, grade if grade != UNKNOWN else _grade(own_grades), self._sex(person))
        return broken

    def _teachers(self, schools: dict[str, str]) -> None:
        seen: set[tuple[str, str]] = set()
        for school, person in self._teaching():
            if school in schools and (school, person) not in seen:
                seen.add((school, person))
                self._add(school, TEACHERS, sex=self._sex(person))

    def _teaching(self) -> Iterator[tuple[str, str]]:
        users = self.roster.tables["users"]
        for person, (role, orgs, enabled, _) in users.items():
            if role.lower() == "teacher" and enabled.lower() != "false":
                yield from ((school, person) for school in _list(orgs))
        for person, role, school, begin, end in self.roster.tables["roles"].values():
            user = users.get(person)
            if user and user[2].lower() != "false" and role.lower() == "teacher" and self._runs(begin, end):
                yield school, person

    def _sex(self, person: str) -> str:
        said = self.roster.tables["demographics"].get(person, ("",))[0]
        return SEXES.get(said.lower(), UNKNOWN)

    def _runs(self, begin: str, end: str) -> bool:
        first, after = _day(begin), _day(end)
        return (first is None or first <= self.day) and (after is None or self.day < after)


def hashed(key: bytes, person: str) -> str:
    """The keyed hash that stands for a person: HMAC-SHA-256, 128 bits of it."""
    return hmac.new(key, person.encode(), hashlib.sha256).hexdigest()[:32]


def _list(written: str) -> list[str]:
    return [part.strip() for part in written.split(",") if part.strip()]


def _grade(written: str) -> str:
    """The one grade of a class: "06" is "6"; "?" where there is none or several."""
    grades = _list(written)
    if len(grades) != 1:
        return UNKNOWN
    grade = grades[0].upper()
    return PRESCHOOL.get(grade) or (str(int(grade)) if grade.isdecimal() else UNKNOWN)


def _day(written: str) -> date | None:
    """An ISO date, with or without a time; None for blank, and for what cannot be read."""
    try:
        return date.fromisoformat(written[:10])
    except ValueError:
        return None
