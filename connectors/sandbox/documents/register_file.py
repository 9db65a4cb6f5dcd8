"""The register as clerks export it: a workbook, dropped into the centre's inbox at half past five.

The first file holds the whole history, as CSV (a workbook of it takes half a minute to
write); each later one, a workbook, what changed since the one before.
Its name carries the moment it goes up to; the folder itself is the memory of what was
dropped, wherever the centre moved the files to.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random

import xlsxwriter

from connectors.sandbox.documents.course import WORDS, Document
from connectors.sandbox.documents.message import department, issuer, staff
from connectors.sandbox.documents.system import DocumentSystem
from connectors.sandbox.one_stop.people import full_name

NAME = "document_register"
DROPPED_AT = time(17, 30)
_STAMP = re.compile(r"so-van-ban-(\d{8})-(\d{6})")


def drop_register(system: DocumentSystem, units: Sequence[str], inbox: Path, now: datetime) -> Path | None:
    """Drop the file that is due, whole or not at all. None when none is."""
    last = max((at for at in map(_moment_of, inbox.rglob("*so-van-ban-*")) if at and at <= now), default=None)
    due = datetime.combine(now.date(), DROPPED_AT)
    while due > now or not system.office.works(due.date()):
        due -= timedelta(days=1)
    if last is not None and last >= due:
        return None
    inbox.mkdir(parents=True, exist_ok=True)
    name = f"so-van-ban-{now:%Y%m%d-%H%M%S}"
    whole = inbox / f".{name}.tmp"
    with whole.open("wb") as file:
        file.write(workbook(system, units, last, now) if last else history(system, units, now))
        file.flush()
        os.fsync(file.fileno())
    target = inbox / f"{name}.{'xlsx' if last else 'csv'}"
    whole.replace(target)
    return target


def workbook(system: DocumentSystem, units: Sequence[str], since: datetime | None, now: datetime) -> bytes:
    """What changed after `since` up to `now`, as an export looks: title, header, rows, a note."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"constant_memory": True})
    sheet = book.add_worksheet("So van ban")
    columns = WORDS["columns"]
    sheet.write_string(0, 0, WORDS["title"])
    sheet.write_string(1, 0, f"{WORDS['until']} {now:%H:%M %d/%m/%Y}")
    for place, column in enumerate(columns):
        sheet.write_string(3, place, column)
    line = 4
    for document, step in system.standing(units, since, now):
        for place, cell in enumerate(_cells(document, step, system.names)):
            if isinstance(cell, int):
                sheet.write_number(line, place, cell)
            elif cell:
                sheet.write_string(line, place, cell)
        line += 1
    sheet.write_string(line + 1, 0, WORDS["footer"])
    book.close()
    return content.getvalue()


def history(system: DocumentSystem, units: Sequence[str], now: datetime) -> bytes:
    """Everything up to `now`, as CSV."""
    content = io.StringIO()
    rows = csv.writer(content)
    rows.writerow(WORDS["columns"])
    rows.writerows(_cells(document, step, system.names) for document, step in system.standing(units, None, now))
    return content.getvalue().encode("utf-8-sig")


def _cells(document: Document, step: int, names: dict[str, str]) -> tuple[str | int, ...]:
    came = document.steps[0][0]
    changed, code = document.steps[step]
    handled = document.incoming and code in ("04", "05", "06")
    return (
        document.unit,
        WORDS["registers"]["in" if document.incoming else "out"],
        document.number,
        document.code,
        WORDS["types"][document.kind][0],
        issuer(document, names),
        f"{document.issued:%d/%m/%Y}",
        f"{came:%d/%m/%Y %H:%M}",
        f"{document.due:%d/%m/%Y}" if document.due else "",
        WORDS["urgency"][document.urgency],
        WORDS["secret"] if document.secret else WORDS["open"],
        WORDS["statuses"][code],
        staff(document) if handled else "",
        department(document) if handled else "",
        f"{changed:%d/%m/%Y %H:%M}" if code == "06" else "",
        WORDS["signed"][document.signed],
        WORDS["interlink"][document.interlink],
        f"{WORDS['subject']} {full_name(Random(document.salt))}",
        f"{changed:%d/%m/%Y %H:%M:%S}",
    )


def _moment_of(path: Path) -> datetime | None:
    found = _STAMP.search(path.name)
    return datetime.strptime(found[1] + found[2], "%Y%m%d%H%M%S") if found else None
