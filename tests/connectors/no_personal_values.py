"""A byte search for people: what a source holds of persons must be nowhere but in its own files.

    people = values_of(...)                       # names, phones, numbers, as the fixture has them
    nowhere_else(people, tmp_path, sources=[inbox/"done"/"x.xlsx"], said=caplog.text)

Every file below a folder is searched (database, WAL, logs, reports, state files, lists of
what was taken), whatever its ending and inside zip archives too, in NFC and NFD, UTF-8 and
UTF-16, as written, in capitals and as JSON writes it. That the search can find anything is
shown first: the values must be in the source files.
"""

from __future__ import annotations

import io
import json
import unicodedata
import zipfile
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

SHORTEST = 6
"""Shorter values ("Nam", "1984") stand everywhere and prove nothing."""


def nowhere_else(
    people: Iterable[str], root: Path, sources: Collection[Path], said: str = "", *, fewest: int = 5
) -> None:
    """Assert that the people's values are in the sources, and in no other file below `root`, and were not said."""
    wanted = {value: _ways(value) for value in people if len(value) >= SHORTEST}
    assert len(wanted) >= fewest, "too few values to search for"
    own = {path.resolve() for path in sources}
    assert own, "no source file"
    held = b"".join(content for path in sorted(own) for content in _contents(path))
    lost = [value for value, ways in wanted.items() if not any(way in held for way in ways)]
    assert not lost, f"the search cannot find {len(lost)} of {len(wanted)} values in the sources themselves: {lost[:3]}"
    found = []
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and path.resolve() not in own]
    for path in files:
        for content in _contents(path):
            found += [f"{path.relative_to(root)}: {v}" for v, ways in wanted.items() if any(w in content for w in ways)]
    loud = said.encode()
    found += [f"log: {value}" for value, ways in wanted.items() if any(way in loud for way in ways)]
    assert not found, "\n".join([f"{len(found)} found", *found[:40]])


def _ways(value: str) -> set[bytes]:
    forms = {value, value.upper()}
    forms |= {json.dumps(form)[1:-1] for form in tuple(forms)}
    forms |= {unicodedata.normalize(form, text) for text in tuple(forms) for form in ("NFC", "NFD")}
    return {form.encode(encoding) for form in forms for encoding in ("utf-8", "utf-16-le")}


def _contents(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield archive.read(name)
