"""The schools' rosters as a OneRoster CSV zip, 1.1 or 1.2, whole or changes only.

The zip holds names, dates of birth and phones, as the real ones do: the centre must be
seen to pass them over.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from connectors.sandbox.education.schools import WORDS, Person, School, Schools

Rows = list[Sequence[object]]
Table = tuple[Sequence[str], Rows]

ORGS = ("sourcedId", "status", "dateLastModified", "name", "type", "identifier", "parentSourcedId")
SESSIONS = (
    "sourcedId", "status", "dateLastModified", "title", "type", "startDate", "endDate", "parentSourcedId", "schoolYear",
)  # fmt: skip
COURSES = ("sourcedId", "status", "dateLastModified", "schoolYearSourcedId", "title", "courseCode", "orgSourcedId")
CLASSES = (
    "sourcedId", "status", "dateLastModified", "title", "grades", "courseSourcedId", "classCode", "classType",
    "location", "schoolSourcedId", "termSourcedIds", "subjects", "subjectCodes", "periods",
)  # fmt: skip
USERS = {
    "1.1": (
        "sourcedId", "status", "dateLastModified", "enabledUser", "orgSourcedIds", "role", "username", "userIds",
        "givenName", "familyName", "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades",
        "password",
    ),
    "1.2": (
        "sourcedId", "status", "dateLastModified", "enabledUser", "username", "userIds", "givenName", "familyName",
        "middleName", "identifier", "email", "sms", "phone", "agentSourcedIds", "grades", "password",
        "userMasterIdentifier", "resourceSourcedIds", "preferredGivenName", "preferredMiddleName",
        "preferredFamilyName", "primaryOrgSourcedId", "pronouns",
    ),
}  # fmt: skip
ROLES = (
    "sourcedId", "status", "dateLastModified", "userSourcedId", "roleType", "role", "beginDate", "endDate",
    "orgSourcedId", "userProfileSourcedId",
)  # fmt: skip
DEMOGRAPHICS = ("sourcedId", "status", "dateLastModified", "birthDate", "sex")
ENROLLMENTS = (
    "sourcedId", "status", "dateLastModified", "classSourcedId", "schoolSourcedId", "userSourcedId", "role", "primary",
    "beginDate", "endDate",
)  # fmt: skip
BULK = ("", "")


def roster_zip(
    schools: Schools, chosen: Iterable[School], now: datetime, version: str = "1.2", since: date | None = None
) -> bytes:
    """The rosters of schools as of `now` (naive local). `since`: a delta of what changed from that day on.

    What changes within a school year here: pupils leave, a few each month.
    """
    year = schools.year_of(now.date())
    listed = [school for school in chosen if schools.speaks(school, now.date())]
    if since is not None:
        tables = _changes(schools, listed, year, since, now)
    else:
        tables = _whole(schools, listed, year, now, version)
    return _zipped(tables, version, "bulk" if since is None else "delta", now)


def _whole(schools: Schools, listed: list[School], year: int, now: datetime, version: str) -> dict[str, Table]:
    first, last = schools.span(year)
    term = f"nam-hoc-{year}"
    orgs: Rows = []
    classes: Rows = []
    users: Rows = []
    roles: Rows = []
    demographics: Rows = []
    enrollments: Rows = []
    for commune in dict.fromkeys(school.commune for school in listed):
        orgs.append((commune, *BULK, commune, "local", commune, ""))
    for school in listed:
        orgs.append((school.code, *BULK, school.name, "school", school.code, school.commune))
        gone = schools.leavers(school, year)
        for school_class in schools.classes(school, year):
            own = f"{school.code}.{year}.{school_class.name}"
            classes.append(
                (own, *BULK, school_class.name, school_class.grade["code"], "", school_class.name, "homeroom", "",
                 school.code, term, "", "", "")
            )  # fmt: skip
            for pupil in school_class.here:
                until = gone.get(pupil)
                person = schools.person(pupil.key, pupil.born, female=pupil.female)
                users.append(_user(version, pupil.key, person, "student", school.code, school_class.grade["code"]))
                sex = "female" if pupil.female else "male"
                demographics.append((pupil.key, *BULK, person.born.isoformat(), sex))
                roles.append((f"r.{pupil.key}", *BULK, pupil.key, "primary", "student", first, "", school.code, ""))
                enrollments.append(
                    (f"e.{own}.{pupil.key}", *BULK, own, school.code, pupil.key, "student", "true", first,
                     until if until and until <= now.date() else "")
                )  # fmt: skip
        for number in range(schools.teachers(school, year)):
            key = f"gv.{school.code}.{number}"
            female = schools.draw(f"sex/{key}") < 0.7
            person = schools.person(f"teacher/{school.code}/{number}", 1984, female=female)
            users.append(_user(version, key, person, "teacher", school.code, ""))
            demographics.append((key, *BULK, person.born.isoformat(), "female" if female else "male"))
            roles.append((f"r.{key}", *BULK, key, "primary", "teacher", "", "", school.code, ""))
    sessions: Rows = [(term, *BULK, WORDS["pupils"]["title"], "schoolYear", first, last, "", year + 1)]
    tables: dict[str, Table] = {
        "orgs": (ORGS, orgs),
        "academicSessions": (SESSIONS, sessions),
        "classes": (CLASSES, classes),
        "users": (USERS[version], users),
        "demographics": (DEMOGRAPHICS, demographics),
        "enrollments": (ENROLLMENTS, enrollments),
    }
    if version == "1.2":
        tables["roles"] = (ROLES, roles)
    return tables


def _user(version: str, key: str, person: Person, role: str, school: str, grade: str) -> Sequence[object]:
    family, _, given = person.name.partition(" ")
    said = {
        "sourcedId": key,
        "enabledUser": "true",
        "username": key,
        "givenName": given,
        "familyName": family,
        "identifier": person.identity,
        "phone": person.phone,
        "grades": grade,
        "role": role,
        "orgSourcedIds": school,
    }
    return [said.get(column, "") for column in USERS[version]]


def _changes(schools: Schools, listed: list[School], year: int, since: date, now: datetime) -> dict[str, Table]:
    """The enrolments of those who left from `since` on, to be deleted."""
    rows: Rows = []
    for school in listed:
        gone = schools.leavers(school, year)
        for school_class in schools.classes(school, year):
            own = f"{school.code}.{year}.{school_class.name}"
            for pupil in school_class.here:
                day = gone.get(pupil)
                if day and since <= day <= now.date():
                    changed = f"{day}T00:00:00.000Z"
                    rows.append(
                        (f"e.{own}.{pupil.key}", "tobedeleted", changed, own, school.code, pupil.key, "student",
                         "true", "", "")
                    )  # fmt: skip
    return {"enrollments": (ENROLLMENTS, rows)}


def _zipped(tables: dict[str, Table], version: str, mode: str, now: datetime) -> bytes:
    files = ("academicSessions", "classes", "courses", "demographics", "enrollments", "orgs", "roles", "users")
    manifest: Rows = [("propertyName", "value"), ("manifest.version", "1.0"), ("oneroster.version", version)]
    manifest += [(f"file.{name}", mode if name in tables else "absent") for name in files]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, rows in [("manifest", manifest), *((name, [head, *body]) for name, (head, body) in tables.items())]:
            text = io.StringIO()
            csv.writer(text).writerows(rows)
            entry = zipfile.ZipInfo(f"{name}.csv", (now.year, now.month, now.day, now.hour, now.minute, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, text.getvalue().encode())
    return content.getvalue()
