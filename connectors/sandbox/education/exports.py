"""The schools' exports, as people send them: merged titles, the header in row 4, a note below, personal columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import xlsxwriter

from connectors.sandbox.education.attendance import cells, class_days
from connectors.sandbox.education.schools import WORDS, School, Schools

Cells = Sequence[object]


def pupils(schools: Schools, school: School, year: int) -> bytes:
    """The list of pupils of a school, exported in September of the year it begins in."""
    said = WORDS["pupils"]
    rows: list[Cells] = []
    for school_class in schools.classes(school, year):
        for pupil in school_class.pupils:
            person = schools.person(pupil.key, pupil.born, female=pupil.female)
            drawn = schools.draw(f"family/{pupil.key}")
            rows.append(
                (
                    len(rows) + 1, int(f"36{pupil.key[-8:]}"), person.name, f"{person.born:%d/%m/%Y}",
                    WORDS["sexes"]["female" if pupil.female else "male"], _of(WORDS["ethnic"], drawn),
                    WORDS["states"][pupil.state], person.phone, WORDS["province"], person.hamlet, WORDS["province"],
                    WORDS["town"], person.hamlet, person.identity, f"{exported(year):%d/%m/%Y}", WORDS["province"],
                    person.father, _of(WORDS["jobs"], drawn), pupil.born - 28, person.mother,
                    _of(WORDS["jobs"], 1 - drawn), pupil.born - 26, school_class.name, school_class.grade["name"],
                    person.identity,
                )
            )  # fmt: skip
    titles = [school.name, f"{said['title']} {year}-{year + 1}", f"{said['exported']} {exported(year):%d/%m/%Y}"]
    return _workbook(titles, said["columns"], rows, f"{said['note']} {rows[0][16]}")


def teachers(schools: Schools, school: School, year: int) -> bytes:
    """The list of staff of a school; who is no teacher is in it too."""
    said, kind = WORDS["teachers"], WORDS["kinds"][school.kind]
    number = schools.teachers(school, year)
    posts = [kind["post"]] * number + list(WORDS["posts"])
    rows = []
    for at, post in enumerate(posts):
        key = f"teacher/{school.code}/{at}" if at < number else f"staff/{school.code}/{at}"
        person = schools.person(key, 1984, female=at % 3 > 0)
        rows.append(
            (
                at + 1, school.commune, school.name, int(f"37{school.commune[-3:]}{at:05}"), person.name,
                f"{person.born:%d/%m/%Y}", WORDS["states"]["works"], post,
            )
        )  # fmt: skip
    exported_on = f"{WORDS['pupils']['exported']} {exported(year):%d/%m/%Y}"
    return _workbook([school.name, f"{said['title']} {year}-{year + 1}", exported_on], said["columns"], rows, "")


def attendance_day(schools: Schools, chosen: Iterable[School], day: date, title: str) -> bytes:
    """The classes of a commune's schools on one day."""
    said = WORDS["attendance"]
    rows = list(_attendance(schools, chosen, [day]))
    note = f"{said['note']}: {rows[0][-1]}" if rows else ""
    return _workbook([title, said["title"], f"{day:%d/%m/%Y}"], said["columns"], rows, note)


def attendance_history(schools: Schools, first: date, last: date) -> bytes:
    """All schools over many days, as one CSV (a workbook of it takes half a minute to write)."""
    return _csv(WORDS["attendance"]["columns"], _attendance(schools, schools.all, schools.days(first, last)))


def report(schools: Schools, months: Sequence[date], *, history: bool) -> bytes:
    """The schools' monthly report: of one month as a workbook, of many as one CSV."""
    said = WORDS["report"]
    rows = [row for month in months for row in _report_rows(schools, month)]
    if history:
        return _csv(said["columns"], rows)
    title = f"{said['title']} {_MONTH.format(months[0])}"
    return _workbook([title], said["columns"], rows, "")


_MONTH = "{0:%m/%Y}"


def exported(year: int) -> date:
    month, day = map(int, WORDS["calendar"]["exported"].split("-"))
    return date(year, month, day)


def _attendance(schools: Schools, chosen: Iterable[School], days: Sequence[date]) -> Iterator[Cells]:
    number = 0
    for school in chosen:
        for day in days:
            if schools.speaks(school, day):
                for found in class_days(schools, school, day):
                    number += 1
                    yield cells(schools, number, found)


def _report_rows(schools: Schools, month: date) -> Iterator[Cells]:
    """One row a school. Shares grow slowly with the months."""
    year = schools.year_of(month)
    grown = (month.year - 2023) * 12 + month.month
    for number, school in enumerate(schools.all, 1):
        if not schools.speaks(school, month):
            continue
        character = school.character
        here = sum(len(each.here) for each in schools.classes(school, year))
        drawn = schools.draw(f"report/{school.code}/{month}")
        fees = round(here * (55_000 + 30_000 * drawn))
        cashless = round(fees * min(0.99, character["cashless"] * (0.55 + 0.011 * grown)))
        contact: object = round(here * min(0.99, character["contact"] * (0.8 + 0.005 * grown)))
        if drawn < character.get("careless", 0.0) * 4:
            contact = WORDS["mistakes"]["nothing"]
        yield (
            number, _MONTH.format(month), school.code, school.name,
            1 if schools.draw(f"standard/{school.code}") < 0.67 else 0,
            *_universal(schools, school, year),
            "" if school.kind == "MN" else here,
            "" if school.kind == "MN" else round(here * min(1.0, 0.1 + 0.018 * grown)),
            here, contact, fees, cashless, round(20 + 90 * schools.draw(f"plans/{school.code}/{month}")),
            int(8 * drawn), schools.person(f"staff/{school.code}/0", 1975, female=True).name,
        )  # fmt: skip


def _universal(schools: Schools, school: School, year: int) -> tuple[object, ...]:
    """Universal education: each school reports the ages that are its own."""
    five, eleven = (schools.cohort(school.commune, year - age) for age in (5, 11))
    young = sum(schools.cohort(school.commune, year - age) for age in (15, 16, 17, 18))
    done = 0.9 + 0.08 * schools.draw(f"done/{school.commune}")
    match school.kind:
        case "MN":
            return (five, round(five * (0.93 + 0.05 * done)), "", "", "", "")
        case "TH":
            return ("", "", eleven, round(eleven * (0.06 + 0.95 * done)), "", "")
        case _:
            return ("", "", "", "", young, round(young * done))


def _workbook(titles: Sequence[str], columns: Sequence[str], rows: Iterable[Cells], note: str) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    sheet = book.add_worksheet("Sheet1")
    centred = book.add_format({"bold": True, "align": "center"})
    for line, title in enumerate(titles):
        sheet.merge_range(line, 0, line, len(columns) - 1, title, centred)
    sheet.write_row(3, 0, columns)
    line = 3
    for line, row in enumerate(rows, 4):
        sheet.write_row(line, 0, row)
    if note:
        sheet.write_string(line + 2, 0, note)
    book.close()
    return content.getvalue()


def _csv(columns: Sequence[str], rows: Iterable[Cells]) -> bytes:
    content = io.StringIO()
    writer = csv.writer(content, delimiter=";")
    writer.writerow(columns)
    writer.writerows(rows)
    return content.getvalue().encode("utf-8-sig")


def _of(words: Sequence[str], drawn: float) -> str:
    return words[int(drawn * len(words))]
