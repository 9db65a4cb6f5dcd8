"""The folder people put files into: which are ready, which were taken, where they go.

A file is taken once, by its content: `done/.taken` keeps the hash of each, one JSON line
per file, written before the file is moved. A crash in between leaves a known content in
the folder, which is then passed over; a crash before it leaves the file to be read once
more, and the merge finds its rows unchanged.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

from datasets.errors import SourceUnavailable
from datasets.vietnamese import clean

REPORT = ".bao-cao.txt"
TAKEN = ".taken"
_PASSING = (".tmp", ".part", ".partial", ".crdownload", ".download", "~", ".lock", ".swp", REPORT)
_BUNDLE = ".zip"
_LONGEST_NAME = 180
LOOK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file in the folder as two looks found it."""

    path: Path
    size: int
    modified_ns: int
    leads_out: bool = False

    @property
    def name(self) -> str:
        return clean(self.path.name)


_SEEN: dict[Path, dict[Path, tuple[Waiting, float]]] = {}
"""By folder what this process saw and when (seconds of time.monotonic): one wait serves all files that lie there.

Folders are looked into by several threads at once, each folder by one.
"""


class Inbox:
    """One source's folder with its `done` and `refused`.

    bundles   a zip is wanted too when it is called as a wanted file would be
    """

    def __init__(self, path: Path, pattern: str, done: Path, refused: Path, *, bundles: bool = False) -> None:
        self.path, self.pattern, self.done, self.refused = path, pattern, done, refused
        self._bundles = bundles

    def steady(self, sleep: Callable[[float], None]) -> list[Waiting]:
        """Files whose size and time stay the same over two looks, oldest first (failures.md F25).

        One wait serves all files that lie there, in this delivery and in those after it.

        Raises SourceUnavailable when the folder cannot be opened.
        """
        first = self._look()
        if not first:
            return []
        now = time.monotonic()
        before = _SEEN.get(self.path, {})
        long_seen = [
            waiting
            for waiting in first
            if (seen := before.get(waiting.path)) and seen[0] == waiting and now - seen[1] >= LOOK_AGAIN_SECONDS
        ]
        changed = [waiting for waiting in first if before.get(waiting.path, (None, 0.0))[0] != waiting]
        lying = {waiting.path: before[waiting.path] for waiting in first if waiting not in changed}
        # an empty file that stays hides no other
        _SEEN[self.path] = lying | {waiting.path: (waiting, now) for waiting in changed}
        if any(waiting.size for waiting in long_seen) or (long_seen and not changed):
            return sorted(long_seen, key=lambda waiting: (waiting.modified_ns, waiting.path.name))
        sleep(LOOK_AGAIN_SECONDS)
        again = {waiting.path: waiting for waiting in self._look()}
        same = [waiting for waiting in first if again.get(waiting.path) == waiting]
        return sorted(same, key=lambda waiting: (waiting.modified_ns, waiting.path.name))

    def unchanged(self, waiting: Waiting) -> bool:
        """Whether the file is still as it was when it was found steady."""
        return self._stat(waiting.path) == waiting

    def taken(self, content_hash: str) -> dict[str, str] | None:
        """When and under which name this content was taken; None when it never was."""
        for line in self._taken_lines():
            if line.get("sha256") == content_hash:
                return line
        return None

    def remember(self, content_hash: str, name: str, day: date) -> None:
        """Note a content as taken, safely on disk before this returns."""
        self.remember_all([(content_hash, name)], day)

    def remember_all(self, taken: Sequence[tuple[str, str]], day: date) -> None:
        """The same for several contents, each with its file's name."""
        self.done.mkdir(parents=True, exist_ok=True)
        lines = "\n".join(
            json.dumps({"sha256": content_hash, "name": name, "day": day.isoformat()}, ensure_ascii=False)
            for content_hash, name in taken
        )
        with (self.done / TAKEN).open("ab+") as file:
            if file.tell() and file.seek(-1, os.SEEK_END) is not None and file.read(1) != b"\n":
                file.write(b"\n")  # the last line was cut by a crash
            file.write(lines.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def move(self, waiting: Waiting, folder: Path, day: date) -> Path:
        """Move a file to <folder>/<day>-<name>, beside what is already there. Answers where it is now."""
        target = self.place(waiting, folder, day)
        try:
            waiting.path.rename(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            whole = target.with_name(f".{target.name}.tmp")
            shutil.copy2(waiting.path, whole, follow_symlinks=False)
            whole.rename(target)
            waiting.path.unlink()
        return target

    def place(self, waiting: Waiting, folder: Path, day: date) -> Path:
        """A free place <folder>/<day>-<name>, beside what is already there and reported on."""
        folder.mkdir(parents=True, exist_ok=True)
        suffix = waiting.path.suffix[:20]
        stem = f"{day.isoformat()}-{waiting.path.stem}"[: _LONGEST_NAME - len(suffix)]
        target, number = folder / f"{stem}{suffix}", 1
        while target.exists() or target.is_symlink() or report_of(target).exists():
            number += 1
            target = folder / f"{stem}-{number}{suffix}"
        return target

    def _look(self) -> list[Waiting]:
        try:
            paths = sorted(self.path.iterdir())
        except OSError:
            raise SourceUnavailable("files.no_folder", folder=self.path) from None
        found = (self._stat(path) for path in paths if self._wanted(path.name))
        return [waiting for waiting in found if waiting is not None]

    def _wanted(self, name: str) -> bool:
        if name.startswith((".", "~$")) or name.lower().endswith(_PASSING):
            return False
        name, pattern = clean(name).casefold(), clean(self.pattern).casefold()
        if self._bundles and name.endswith(_BUNDLE):
            return fnmatch(name, pattern) or fnmatch(name.removesuffix(_BUNDLE), pattern.rpartition(".")[0] or pattern)
        return fnmatch(name, pattern)

    def _stat(self, path: Path) -> Waiting | None:
        try:
            known = path.lstat()
            if stat.S_ISLNK(known.st_mode):
                inside = path.resolve().parent == self.path.resolve()
                if not inside:
                    return Waiting(path, 0, known.st_mtime_ns, leads_out=True)
                known = path.stat()
        except OSError:
            return None  # gone, or a link to nothing
        return Waiting(path, known.st_size, known.st_mtime_ns) if stat.S_ISREG(known.st_mode) else None

    def _taken_lines(self) -> Iterator[dict[str, str]]:
        try:
            lines = (self.done / TAKEN).read_bytes().splitlines()
        except OSError:
            return
        for line in lines:
            try:
                said = json.loads(line)
            except ValueError:
                continue  # cut by a crash: its file is read again, which changes nothing
            if isinstance(said, dict):
                yield said


def report_of(path: Path) -> Path:
    """Where the report about a file lies."""
    return path.with_name(path.name + REPORT)
