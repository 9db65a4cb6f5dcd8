"""Files of folders, forgotten after their time: refused ones, and any in done/ that should never have lain there.

A refused file waits for the person who mends it; after `privacy.keep_set_aside` it goes,
as what was kept of quarantined records does. Reports and hashes stay. What lies in done/
of a source about people (from before such files were let go at once) goes at the first look.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from connectors.field_map import FieldMap
from connectors.inbox import REPORT
from connectors.keeping import about_people
from datasets.errors import ConfigError
from datasets.settings import EdxmlSource, FilesSource, OneRosterSource, Settings

log = logging.getLogger(__name__)

_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})-")


def forget_files(settings: Settings, before: date) -> int:
    """Remove what has had its time, by the day it was put away; how many files."""
    gone = 0
    for source in settings.sources.values():
        if not isinstance(source, EdxmlSource | FilesSource | OneRosterSource):
            continue
        if source.refused is not None:
            gone += _removed(source.refused, before)
        if source.done is not None and _about_people(source, settings.root):
            gone += _removed(source.done, date.max)
    return gone


def _removed(folder: Path, before: date) -> int:
    gone = 0
    for path, day in _put_away(folder):
        if day < before:
            try:
                path.unlink()
                gone += 1
            except OSError as error:
                log.warning("a file in %s cannot be removed: %s", folder, error.strerror)
    return gone


def _put_away(folder: Path) -> Iterator[tuple[Path, date]]:
    """The files we put into a folder, reports aside, with their days."""
    for path in folder.iterdir() if folder.is_dir() else ():
        found = _DAY.match(path.name)
        if found is None or path.name.endswith(REPORT) or path.is_dir():
            continue
        try:
            yield path, date.fromisoformat(found[1])
        except ValueError:
            continue


def _about_people(source: EdxmlSource | FilesSource | OneRosterSource, root: Path) -> bool:
    if not isinstance(source, FilesSource):
        return True
    try:
        return about_people(FieldMap.find(source.map, root))
    except ConfigError:
        return False
