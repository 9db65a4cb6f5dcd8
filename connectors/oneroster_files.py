"""The tables of a OneRoster CSV zip (1EdTech; versions 1.1 and 1.2), as rows of text.

The zip holds one RFC 4180 file per table, in UTF-8, and `manifest.csv`, which says for
each file whether it is absent, bulk (the whole table) or delta (only what changed).
Rows are handed on one by one and none is kept; a damaged file refuses the whole zip,
for machines write these files and half a roster gives wrong counts.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from connectors.archive import DAMAGED, checked_archive
from datasets.errors import SourceChanged
from datasets.vietnamese import clean

VERSIONS = ("1.1", "1.2")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "orgs": ("sourcedId", "name", "type", "identifier"),
    "academicSessions": ("sourcedId", "startDate", "endDate"),
    "classes": ("sourcedId", "grades", "classType", "schoolSourcedId", "termSourcedIds"),
    "enrollments": ("sourcedId", "classSourcedId", "schoolSourcedId", "userSourcedId", "role"),
    "users": ("sourcedId",),
    "demographics": ("sourcedId",),
    "roles": ("sourcedId", "userSourcedId", "role", "orgSourcedId"),
}
"""The tables that are read, with the columns each must have. All others, and all other columns, are passed over."""
NEEDED = ("orgs", "classes", "enrollments", "users")
_MANIFEST = "manifest.csv"
_LONGEST_CELL = 10_000

Mode = Literal["absent", "bulk", "delta"]


@dataclass(frozen=True, slots=True)
class RosterFiles:
    """A checked zip.

    version   1.1 or 1.2
    modes     table -> how it is given, for the tables of COLUMNS
    made      when the zip was made, by the clock of the machine that made it; None when it does not say
    """

    version: str
    modes: Mapping[str, Mode]
    made: datetime | None
    archive: zipfile.ZipFile

    @property
    def is_bulk(self) -> bool:
        """Whether it gives every needed table as a whole."""
        return all(self.modes[name] == "bulk" for name in needed(self.version))

    def rows(self, table: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield (line, row) of a table, lines from 1; nothing for an absent one.

        Raises SourceChanged: a column gone, a row that is no row of the table.
        """
        if self.modes[table] == "absent":
            return
        name = f"{table}.csv"
        lines = _lines(self.archive, name)
        header = next(lines, (0, []))[1]
        names = [clean(cell) for cell in header]
        wanted = [*COLUMNS[table], *(("status", "dateLastModified") if self.modes[table] == "delta" else ())]
        gone = [column for column in wanted if column not in names]
        if gone:
            raise SourceChanged("oneroster.columns_gone", file=name, columns=", ".join(gone))
        for line, cells in lines:
            if not cells:
                continue
            if len(cells) != len(names):
                raise SourceChanged("oneroster.bad_row", file=name, line=line)
            yield line, dict(zip(names, cells, strict=True))


def open_roster(content: bytes) -> RosterFiles:
    """The zip with its manifest read.

    Raises SourceChanged: no zip, unsafe, another version, a file that the manifest
    promises and that is not there, a needed table that is absent.
    """
    archive = checked_archive(content, "oneroster.not_zip")
    if _MANIFEST not in archive.namelist():
        raise SourceChanged("oneroster.no_manifest")
    said = {cells[0].strip(): cells[1].strip() for _, cells in _lines(archive, _MANIFEST) if len(cells) >= 2}
    version = said.get("oneroster.version", "")
    if version not in VERSIONS:
        raise SourceChanged("oneroster.version", version=version[:20] or "-", known=", ".join(VERSIONS))
    modes: dict[str, Mode] = {}
    for table in COLUMNS:
        match said.get(f"file.{table}", "absent").lower():
            case "bulk":
                modes[table] = "bulk"
            case "delta":
                modes[table] = "delta"
            case _:
                modes[table] = "absent"
        if modes[table] != "absent" and f"{table}.csv" not in archive.namelist():
            raise SourceChanged("oneroster.file_missing", file=f"{table}.csv")
    changes_only = "delta" in modes.values()
    for table in needed(version):
        if modes[table] == "absent" and not changes_only:
            raise SourceChanged("oneroster.file_missing", file=f"{table}.csv")
    return RosterFiles(version, modes, _made(archive), archive)


def needed(version: str) -> tuple[str, ...]:
    """Tables without which pupils, classes and teachers cannot be counted; 1.2 has roles in a table of their own."""
    return (*NEEDED, "roles") if version == "1.2" else NEEDED


def _made(archive: zipfile.ZipFile) -> datetime | None:
    """The manifest's own time stamp; 1980 is what archivers write who know none."""
    stamp = archive.getinfo(_MANIFEST).date_time
    try:
        made = datetime(*stamp)
    except ValueError:
        return None
    return made if made.year > 1980 else None


def _lines(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of a file with the number of their last line. Raises SourceChanged, quoting none of them."""
    line = 0
    try:
        with archive.open(name) as stream, io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            for cells in reader:
                line = reader.line_num
                if any(len(cell) > _LONGEST_CELL for cell in cells):
                    raise SourceChanged("oneroster.bad_row", file=name, line=line)
                yield line, cells
    except UnicodeDecodeError:
        raise SourceChanged("oneroster.not_utf8", file=name) from None
    except csv.Error:
        raise SourceChanged("oneroster.bad_row", file=name, line=line + 1) from None
    except DAMAGED:
        raise SourceChanged("oneroster.damaged", file=name) from None
