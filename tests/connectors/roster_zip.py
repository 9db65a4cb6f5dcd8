"""OneRoster zips for tests: two schools, five pupils, three of the staff, in 1.1 and 1.2, whole or as a delta."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime

MADE = datetime(2026, 11, 19, 6, 0)
Table = Sequence[Mapping[str, object]]

ORGS: Table = [
    {"sourcedId": "o1", "name": "An Bình Đông", "type": "local", "identifier": "99001"},
    {"sourcedId": "s1", "name": "Trường Tiểu học", "type": "school", "identifier": "99001-TH"},
    {"sourcedId": "s2", "name": "Trường THCS", "type": "school", "identifier": "99001-CS"},
]
SESSIONS: Table = [
    {
        "sourcedId": "t26",
        "title": "2026-2027",
        "type": "schoolYear",
        "startDate": "2026-09-05",
        "endDate": "2027-06-01",
    },
    {
        "sourcedId": "t25",
        "title": "2025-2026",
        "type": "schoolYear",
        "startDate": "2025-09-05",
        "endDate": "2026-06-01",
    },
]


def school_class(own: str, school: str, grade: str, kind: str = "homeroom", term: str = "t26") -> Mapping[str, object]:
    return {
        "sourcedId": own, "title": own, "grades": grade, "classType": kind, "schoolSourcedId": school,
        "termSourcedIds": term,
    }  # fmt: skip


CLASSES: Table = [
    school_class("1A", "s1", "01"),
    school_class("2A", "s1", "02"),
    school_class("6A", "s2", "06"),
    school_class("6A-toan", "s2", "06", kind="scheduled"),
    school_class("1A-cu", "s1", "01", term="t25"),
]
PEOPLE = [  # id, name, phone, sex, role, school
    ("hs-001", "Nguyễn Thị Bông Lan", "0109000001", "female", "student", "s1"),
    ("hs-002", "Trần Văn Bắp Cải", "0109000002", "male", "student", "s1"),
    ("hs-003", "Lê Thị Cà Chua", "0109000003", "female", "student", "s1"),
    ("hs-004", "Phạm Văn Đậu Phụ", "0109000004", "male", "student", "s2"),
    ("hs-005", "Vũ Thị Gừng Tươi", "0109000005", "", "student", "s2"),
    ("gv-001", "Hoàng Thị Hành Tây", "0109000006", "female", "teacher", "s1,s2"),
    ("gv-002", "Đặng Văn Khoai Lang", "0109000007", "male", "teacher", "s2"),
    ("ht-001", "Bùi Thị Mướp Đắng", "0109000008", "female", "administrator", "s1"),
]
NAMES = tuple(value for _, name, phone, *_ in PEOPLE for value in (name, phone))
ENROLMENTS = [
    ("e1", "1A", "s1", "hs-001"),
    ("e2", "1A", "s1", "hs-002"),
    ("e3", "2A", "s1", "hs-003"),
    ("e4", "6A", "s2", "hs-004"),
    ("e5", "6A", "s2", "hs-005"),
    ("e6", "6A-toan", "s2", "hs-004"),
    ("e7", "1A-cu", "s1", "hs-003"),
]
WORKED_OUT = {
    ("99001-TH", "schools", ""): 1, ("99001-TH", "classes", ""): 2, ("99001-TH", "classes", "lop=1"): 1,
    ("99001-TH", "classes", "lop=2"): 1, ("99001-TH", "pupils", ""): 3, ("99001-TH", "pupils", "gioi=nu"): 2,
    ("99001-TH", "pupils", "gioi=nam"): 1, ("99001-TH", "pupils", "lop=1"): 2, ("99001-TH", "pupils", "lop=2"): 1,
    ("99001-TH", "pupils", "lop=1;gioi=nu"): 1, ("99001-TH", "pupils", "lop=1;gioi=nam"): 1,
    ("99001-TH", "pupils", "lop=2;gioi=nu"): 1, ("99001-TH", "teachers", ""): 1,
    ("99001-TH", "teachers", "gioi=nu"): 1, ("99001-CS", "schools", ""): 1, ("99001-CS", "classes", ""): 1,
    ("99001-CS", "classes", "lop=6"): 1, ("99001-CS", "pupils", ""): 2, ("99001-CS", "pupils", "gioi=nam"): 1,
    ("99001-CS", "pupils", "gioi=?"): 1, ("99001-CS", "pupils", "lop=6"): 2,
    ("99001-CS", "pupils", "lop=6;gioi=nam"): 1, ("99001-CS", "pupils", "lop=6;gioi=?"): 1,
    ("99001-CS", "teachers", ""): 2, ("99001-CS", "teachers", "gioi=nu"): 1, ("99001-CS", "teachers", "gioi=nam"): 1,
}  # fmt: skip


def enrolment(own: str, class_id: str, school: str, person: str, **more: object) -> dict[str, object]:
    return {
        "sourcedId": own, "classSourcedId": class_id, "schoolSourcedId": school, "userSourcedId": person,
        "role": "student", "primary": "true", "beginDate": "", "endDate": "", **more,
    }  # fmt: skip


def tables(version: str) -> dict[str, Table]:
    """A whole roster. 1.1 says role and schools of a person in users, 1.2 in roles."""
    users, roles = [], []
    for own, name, phone, _, role, schools in PEOPLE:
        user = {
            "sourcedId": own,
            "enabledUser": "true",
            "givenName": name,
            "familyName": "",
            "phone": phone,
            "grades": "",
        }
        users.append(user | ({"role": role, "orgSourcedIds": schools} if version == "1.1" else {}))
        roles += [
            {"sourcedId": f"{own}/{school}", "userSourcedId": own, "role": role, "orgSourcedId": school, "endDate": ""}
            for school in schools.split(",")
        ]
    found: dict[str, Table] = {
        "orgs": ORGS,
        "academicSessions": SESSIONS,
        "classes": CLASSES,
        "users": users,
        "demographics": [{"sourcedId": own, "birthDate": "2019-05-01", "sex": sex} for own, _, _, sex, _, _ in PEOPLE],
        "enrollments": [enrolment(*line) for line in ENROLMENTS],
    }
    return found | ({"roles": roles} if version == "1.2" else {})


def package(
    content: Mapping[str, Table], version: str = "1.2", mode: str = "bulk", made: datetime = MADE, **manifest: str
) -> bytes:
    buffer = io.BytesIO()
    said = {"manifest.version": "1.0", "oneroster.version": version}
    said |= {f"file.{name}": mode for name in content} | {name.replace("__", "."): v for name, v in manifest.items()}
    listed: dict[str, Table] = {"manifest": [{"propertyName": n, "value": v} for n, v in said.items()], **content}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in listed.items():
            text = io.StringIO()
            columns = dict.fromkeys(key for row in rows for key in row)
            writer = csv.DictWriter(text, list(columns) or ["sourcedId"])
            writer.writeheader()
            writer.writerows(rows)
            entry = zipfile.ZipInfo(f"{name}.csv", made.timetuple()[:6])
            archive.writestr(entry, text.getvalue(), compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def delta(rows: Table, made: datetime, **tables: Table) -> bytes:
    stamp = {"status": "active", "dateLastModified": "2026-11-19T00:00:00Z"}
    content = {"enrollments": rows, **tables}
    return package(
        {name: [{**stamp, **row} for row in table] for name, table in content.items()}, mode="delta", made=made
    )
