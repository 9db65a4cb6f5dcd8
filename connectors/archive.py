"""Zip archives, looked over before anything is unpacked (failures.md F24).

No more than MOST_ENTRIES parts, MOST_BYTES unpacked, MOST_RATIO to one; no part twice, no
password, no path that leads out, no macro. A part is read no further than it said it was long.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from xml.parsers import expat

from datasets.errors import SourceChanged

MOST_ENTRIES = 2000
MOST_BYTES = 200_000_000
MOST_RATIO = 100
SMALL_BYTES = 1_000_000
"""A small part may be packed better than MOST_RATIO: an empty sheet is nothing but repetition."""
DAMAGED = (KeyError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
"""What reading a part of a damaged archive raises."""
_CHUNK = 1 << 16
_LISTED = b"PK\1\2"
"""How each entry of an archive's directory begins."""


def open_archive(content: bytes, unreadable: str = "files.bad_workbook") -> zipfile.ZipFile:
    """The content as an archive; its directory, which is read at once, is not endless.

    Raises SourceChanged. Entries are counted as they are written, so also those of archives
    stored inside: hence ten times as many as there may be.
    """
    if content.count(_LISTED) > 10 * MOST_ENTRIES:
        raise SourceChanged("files.bomb")
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise SourceChanged(unreadable) from None


def checked_archive(content: bytes, unreadable: str) -> zipfile.ZipFile:
    """The content as an archive that is safe to unpack.

    unreadable   key of the message for what is no archive at all, or leads out of itself
    Raises SourceChanged, saying why.
    """
    archive = open_archive(content, unreadable)
    entries = archive.infolist()
    names = [entry.filename for entry in entries]
    if len(entries) > MOST_ENTRIES or len(set(names)) != len(names):
        raise SourceChanged("files.bomb")
    if sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise SourceChanged("files.bomb")
    for entry in entries:
        if entry.flag_bits & 1:
            raise SourceChanged("files.password")
        if entry.file_size > SMALL_BYTES and entry.file_size > MOST_RATIO * max(entry.compress_size, 1):
            raise SourceChanged("files.bomb")
        if entry.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", entry.filename):
            raise SourceChanged(unreadable)
        if entry.filename.lower().endswith("vbaproject.bin"):
            raise SourceChanged("files.macro")
    return archive


def parse_part(archive: zipfile.ZipFile, part: str, parser: expat.XMLParserType) -> None:
    """Feed a part to the parser, piece by piece, no further than it said it was long.

    Raises SourceChanged for a document type, and for what is no XML in one of Unicode's encodings.
    """

    def refuse_document_type(*_: object) -> None:
        raise SourceChanged("files.document_type")

    parser.StartDoctypeDeclHandler = refuse_document_type
    try:
        with archive.open(part) as stream:
            while piece := stream.read(_CHUNK):
                parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, OSError, *DAMAGED):  # any other encoding would have to be looked up
        raise SourceChanged("files.bad_workbook") from None
