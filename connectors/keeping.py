"""Whether a file that was taken may lie in done/: only where nothing in it can name a person or a secret.

The store keeps what the field map reads and nothing else; a file kept whole would keep
the rest beside it. So a file is kept only when everything in it is figures that the map
reads. Of any other the hash and the report are kept, and the file itself goes once its
rows are safe (design.md "personal fields dropped at the door"; domain.md 10).

    secret    rows that are marked secret
    people    rows about people, cases or documents, or a column of personal values
    strange   a column that nobody has said to be harmless
    unread    titles, notes and signatures around the table, columns that the map passes over
    more      other sheets, pictures or comments, which nobody has read
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from connectors.archive import open_archive
from connectors.field_map import FieldMap
from connectors.header import Names
from datasets.errors import SourceChanged
from datasets.vietnamese import fold

_PARTS = re.compile(r"xl/(worksheets/[^/]+\.xml|chartsheets/|media/|embeddings/|drawings/|comments|threadedComments)")


_NUMBERING = frozenset({"stt", "tt"})
_READ_OR_EMPTY = frozenset({"blank", "header", "numbers"})
"""Kinds of rows beside the records in which nobody can be named."""


def reason_to_let_go(
    field_map: FieldMap, columns: Collection[str], content: bytes, left_out: Iterable[str] = (), *, secret: bool
) -> str:
    """Why a file is not kept: one of the words above; "" for one that is.

    left_out   kinds of rows that were no records (table.py)
    """
    file = field_map.file
    if secret:
        return "secret"
    if about_people(field_map):
        return "people"
    personal = {fold(name) for name in file.personal}
    if any(fold(column) in personal for column in columns):
        return "people"
    names = Names(field_map.names)
    if not all(names.known(column) for column in columns):
        return "strange"
    ignored = {fold(name) for name in file.ignore} - _NUMBERING
    if any(fold(column) in ignored for column in columns) or not _READ_OR_EMPTY.issuperset(left_out):
        return "unread"
    return "more" if _holds_more(content) else ""


def about_people(field_map: FieldMap) -> bool:
    """Whether every row of such a file is a person, a case or a document."""
    return field_map.file.wide.counting is not None or field_map.dataset.name != "observation"


def _holds_more(content: bytes) -> bool:
    """Whether a workbook has more than one plain sheet; of the older kinds nobody looks, so they may."""
    if not content.startswith(b"PK"):
        return content.startswith(b"\xd0\xcf")
    try:
        with open_archive(content) as archive:
            return sum(bool(_PARTS.match(name)) for name in archive.namelist()) != 1
    except SourceChanged:
        return True
