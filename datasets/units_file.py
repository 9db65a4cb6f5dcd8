"""The file of org units, read and checked; units.py says what it means."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypedDict

from datasets.csv_file import read_table
from datasets.errors import Fault
from datasets.messages import text
from datasets.vietnamese import parse_day, parse_number

_SPOILT = re.compile(r"[0-9]+\.0+|[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+")  # 1.0 and 1E+05: a code read as a number
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]*")
_Report = Callable[..., None]  # (line, key, **params)


class UnitRow(TypedDict):
    """The fields of one OrgUnit."""

    code: str
    name: str
    level: str
    parent: str | None
    kind: str
    valid_from: date | None
    valid_to: date | None
    successor: str | None
    population: int | None
    households: int | None


COLUMNS = tuple(UnitRow.__annotations__)


def read_units(path: Path, language: str) -> tuple[list[UnitRow], list[Fault]]:
    """The rows in the file's order, and every fault found; faulty rows are still in the list."""
    faults: list[Fault] = []

    def report(line: int, key: str, /, **params: object) -> None:
        faults.append(Fault(path, line, text(key, language, **params)))

    rows = [(line, _row(cells, line, report)) for line, cells in read_table(path, COLUMNS, faults, language)]
    if not rows and not faults:
        report(0, "unit.none")
    versions: dict[str, list[tuple[int, UnitRow]]] = defaultdict(list)
    for line, row in rows:
        versions[row["code"]].append((line, row))
    for of_one_code in versions.values():
        _check_overlap(of_one_code, report)
    for line, row in rows:
        _check_parent(line, row, versions, report)
        _check_successor(line, row, versions, report)
    _check_circles(rows, report)
    return [row for _, row in rows], sorted(faults, key=lambda fault: fault.line)


def _row(cells: dict[str, str], line: int, report: _Report) -> UnitRow:
    for column in ("code", "name", "level", "kind"):
        if not cells[column]:
            report(line, "unit.empty", column=column)
    for column in ("code", "parent", "successor"):
        code = cells[column]
        if code and (_SPOILT.fullmatch(code) or not _CODE.fullmatch(code)):
            report(line, "unit.code", column=column, value=code)

    def day(column: str) -> date | None:
        try:
            return parse_day(cells[column]) if cells[column] else None
        except ValueError:
            report(line, "unit.date", column=column, value=cells[column])
            return None

    def count(column: str) -> int | None:
        if not cells[column]:
            return None
        try:
            number = parse_number(cells[column])
        except ValueError:
            number = -1
        if number < 0 or number != int(number):
            report(line, "unit.whole_number", column=column, value=cells[column])
            return None
        return int(number)

    row = UnitRow(
        code=cells["code"],
        name=cells["name"],
        level=cells["level"],
        parent=cells["parent"] or None,
        kind=cells["kind"],
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
        successor=cells["successor"] or None,
        population=count("population"),
        households=count("households"),
    )
    if _begin(row) > _end(row):
        report(line, "unit.ends_first", code=row["code"])
    return row


def _begin(row: UnitRow) -> date:
    return row["valid_from"] or date.min


def _end(row: UnitRow) -> date:
    return row["valid_to"] or date.max


def _check_overlap(versions: list[tuple[int, UnitRow]], report: _Report) -> None:
    in_time = sorted(versions, key=lambda entry: _begin(entry[1]))
    for (first_line, first), (line, row) in pairwise(in_time):
        if _begin(row) <= _end(first):
            report(line, "unit.twice", code=row["code"], other=first_line)


def _check_parent(line: int, row: UnitRow, versions: dict[str, list[tuple[int, UnitRow]]], report: _Report) -> None:
    """The parent must be in the file, and stand on every day the unit does."""
    parent = row["parent"]
    if parent is None:
        return
    if parent not in versions:
        report(line, "unit.parent_unknown", code=row["code"], parent=parent)
        return
    day = _begin(row)
    for _, version in sorted(versions[parent], key=lambda entry: _begin(entry[1])):
        if _begin(version) <= day <= _end(version):
            if _end(version) >= _end(row):
                return
            day = _end(version) + timedelta(days=1)
    missing = day if day > date.min else "…"
    report(line, "unit.parent_gap", code=row["code"], parent=parent, day=missing)


def _check_successor(line: int, row: UnitRow, versions: dict[str, list[tuple[int, UnitRow]]], report: _Report) -> None:
    successor = row["successor"]
    if successor is None:
        return
    if successor not in versions:
        report(line, "unit.successor_unknown", code=row["code"], successor=successor)
    elif row["valid_to"] is None:
        report(line, "unit.successor_early", code=row["code"])
    elif not any(_end(version) > row["valid_to"] for _, version in versions[successor]):
        report(line, "unit.successor_gone", code=row["code"], successor=successor)


def _check_circles(rows: list[tuple[int, UnitRow]], report: _Report) -> None:
    """On no day may a unit be its own ancestor; one report for each circle."""
    reported: set[frozenset[str]] = set()
    for day in sorted({_begin(row) for _, row in rows}):
        standing = {row["code"]: (line, row) for line, row in rows if _begin(row) <= day <= _end(row)}
        safe: set[str] = set()
        for start in standing:
            path: list[str] = []
            code: str | None = start
            while code in standing and code not in safe and code not in path:
                path.append(code)
                code = standing[code][1]["parent"]
            if code in path:
                circle = path[path.index(code) :]
                if frozenset(circle) not in reported:
                    reported.add(frozenset(circle))
                    report(standing[code][0], "unit.circle", circle=" → ".join([*circle, code]))
            safe.update(path)
