"""A zip of files handed in as one: looked over before anything is unpacked, then read file by file.

Refused as a whole: more than MOST_MEMBERS files, too much unpacked or packed too well
(archive.py), a password, a link, a name that leads out of the zip. Refused alone, beside
its good neighbours: a file that is too large, damaged, or a zip itself.

Names are UTF-8 where the zip says so; else Info-ZIP's own UTF-8 name, else UTF-8 where
the bytes are that, else cp437 as the format has it (PKWARE APPNOTE 4.4.4, 4.6.9, appendix D).
"""

from __future__ import annotations

import posixpath
import re
import stat
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.archive import DAMAGED, checked_archive, open_archive
from connectors.old_sheets import is_ods
from datasets.errors import SourceChanged
from datasets.vietnamese import clean

MOST_MEMBERS = 200
ENDING = ".zip"
_WORKBOOK = "xl/workbook.xml"
_UTF8 = 0x800
_UNICODE_PATH = 0x7075
_DRIVE = re.compile(r"[A-Za-z]:")
_SYSTEM = re.compile(r"(^|/)(__MACOSX/|\.|~\$|thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
"""What archivers and desktops add by themselves."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a zip: its place there, and its name with the folders inside."""

    place: int
    name: str

    @property
    def leaf(self) -> str:
        """The name without folders, as it would lie in an inbox."""
        return posixpath.basename(self.name)


@dataclass(slots=True)
class Bundle:
    """A zip that is safe to read. `passed_over`: files of the system, such as Thumbs.db."""

    archive: zipfile.ZipFile
    members: tuple[Member, ...]
    passed_over: int

    def read(self, member: Member, most_bytes: int) -> bytes:
        """A member's content. Raises SourceChanged for one that is to be refused whatever it says."""
        entry = self.archive.infolist()[member.place]
        if not entry.file_size:
            raise SourceChanged("files.empty")
        if entry.file_size > most_bytes:
            raise SourceChanged("files.too_large", megabytes=f"{most_bytes / 1e6:.0f}")
        try:
            with self.archive.open(entry) as stream:
                content = stream.read(entry.file_size)
        except DAMAGED:
            raise SourceChanged("files.zip.damaged_member") from None
        if content.startswith(b"PK") and not _is_sheet(content):
            raise SourceChanged("files.zip.nested")
        return content


def is_bundle(name: str, content: bytes) -> bool:
    """Whether a file is a zip of files: it is called one, and is no workbook under a false name."""
    return name.lower().endswith(ENDING) and not _is_sheet(content)


def open_bundle(content: bytes) -> Bundle:
    """The zip, looked over. Raises SourceChanged, saying why, when it is to be refused as a whole."""
    archive = checked_archive(content, "files.zip.unsafe")
    members, passed_over = [], 0
    for place, entry in enumerate(archive.infolist()):
        name = written_name(entry)
        if _DRIVE.match(name) or name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name):
            raise SourceChanged("files.zip.unsafe")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise SourceChanged("files.link")
        if entry.is_dir():
            continue
        name = clean(name.replace("\\", "/"))
        if _SYSTEM.search(name):
            passed_over += 1
            continue
        members.append(Member(place, name))
    if not members:
        raise SourceChanged("files.zip.empty")
    if len(members) > MOST_MEMBERS:
        raise SourceChanged("files.zip.too_many", count=len(members), limit=MOST_MEMBERS)
    return Bundle(archive, tuple(members), passed_over)


def written_name(entry: zipfile.ZipInfo) -> str:
    """A member's name in the letters its maker meant."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    for kind, body in _extra(entry.extra):
        if kind == _UNICODE_PATH and len(body) > 5:
            return body[5:].decode("utf-8", "replace")
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _extra(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + size]
        at += 4 + size


def _is_sheet(content: bytes) -> bool:
    if is_ods(content):
        return True
    try:
        with open_archive(content) as archive:
            return _WORKBOOK in archive.namelist()
    except SourceChanged:
        return False
