"""JSON lines (.jsonl, .ndjson): one object a line, read line by line whatever the file's size.

The file stays where it lies while it is read (or is bytes, out of a zip); a line that is no object is set aside, a
file that was cut in its last line is refused whole.
"""

from __future__ import annotations

import codecs
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from connectors.plain_json import plain_object
from datasets.errors import SourceChanged

LONGEST_LINE = 1_000_000
"""Bytes of one line; more is no record."""
_SNIFFED = 64


@dataclass(frozen=True, slots=True)
class JsonLines:
    """A file of JSON lines that waits to be read: where it lies, or its content."""

    source: Path | bytes

    def digest(self) -> str:
        """SHA-256 of the content. Raises OSError."""
        with self._open() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def read(self) -> Iterator[tuple[int, dict[str, object], str]]:
        """Yield (line from 1, the object, fault): `fault` is a problem code, "" for none; blank lines are no records.

        Raises SourceChanged when the first line is no object, when the last one was cut or
        a text is not UTF-8; OSError when the disk fails.
        """
        with self._open() as file:
            begun = False
            for number, content in enumerate(_lines(file), 1):
                said = content.removeprefix(codecs.BOM_UTF8).strip() if number == 1 else content.strip()
                if not said:
                    continue
                values = _object(said, number)
                if values is None:
                    if not begun:
                        raise SourceChanged("files.not_json_lines")
                    if not content.endswith(b"\n") and len(content) < LONGEST_LINE:
                        raise SourceChanged("files.cut_line", line=number)
                begun = True
                yield number, values or {}, "" if values is not None else "not_json"

    def _open(self) -> io.BytesIO | io.BufferedReader:
        return io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb")


def looks_like_json_lines(source: Path | bytes) -> bool:
    """Whether the content begins as an object; names and endings of files are not believed. Raises OSError."""
    if isinstance(source, bytes):
        begin = source[:_SNIFFED]
    else:
        with source.open("rb") as file:
            begin = file.read(_SNIFFED)
    return begin.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Each line, one that is too long cut to LONGEST_LINE."""
    while line := file.readline(LONGEST_LINE):
        rest = line
        while len(rest) == LONGEST_LINE and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE)
        yield line


def _object(said: bytes, number: int) -> dict[str, object] | None:
    """The line's object; None for anything else."""
    try:
        return plain_object(said.decode())
    except UnicodeDecodeError:
        raise SourceChanged("files.line_not_utf8", line=number) from None
    except (ValueError, RecursionError):
        return None
