"""What a source answered, kept encrypted until its delivery is settled (failures.md R4).

    data/raw/<source>/<moment>-<pull>.part      while a delivery is fetched
                                     .refused   one that came whole and was not published: replayed as it came
                                     .aside     of a published one, the records that were set aside

Kept are the records as the connector handed them on, not the bytes on the wire: so every
connector, databases too, is served in one place, no token or address is kept, and a
replay asks nobody. Files in folders are kept as files (keeping.py) and not a second time.

A published delivery without records set aside leaves nothing behind; those of one with
some go when the quarantine's last line of that pull is settled, a refused delivery when
one is published after it, and all of them after `privacy.keep_set_aside`. Documents marked
secret are never kept. Keeping too much, or on a full disk, is given up and never fails a pull.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from connectors.connector import Batch, Connector, Counts, RawRecord
from connectors.sealed import KEY_BYTES, SealedWriter, Unreadable, read_sealed
from connectors.secrecy import is_secret
from datasets.errors import BatchRejected, OpsError, SourceChanged, StoreError
from datasets.schema.document import DOCUMENT
from datasets.settings import Settings, SourceBase
from datasets.standing import is_folder
from datasets.validate import Problem

log = logging.getLogger(__name__)

FOLDER = Path("data") / "raw"
MOST_BYTES = 500_000_000
"""Of all sources together; a dossier takes some 50 bytes, packed with its like."""
PART, REFUSED, ASIDE = ".part", ".refused", ".aside"
MOMENT = "%Y%m%dT%H%M%SZ"
KEY = "key"


class RawAnswers:
    """What is kept of one source, for whoever holds the source's lease."""

    def __init__(self, settings: Settings, source: SourceBase) -> None:
        self.name = source.name
        self.root = settings.root / FOLDER
        self.folder = self.root / source.name
        self._secret = settings.privacy.raw_key
        self._is_folder = is_folder(source)
        self._may_be_secret = source.dataset == DOCUMENT.name

    def keeping(self, pull_id: int, started: datetime, connector: Connector, *, reconcile: bool) -> Keeping:
        """Keeps what one delivery brings, from its first batch on; nothing of a file or of what is kept already."""
        self._remove(f"*{PART}")  # of a process that died
        name = f"{started.astimezone(UTC):{MOMENT}}-{pull_id}"
        head = (started, reconcile, connector.confirms_when_empty)
        whole = None if isinstance(connector, KeptDelivery) else _Growing(self, f"{name}{REFUSED}", head)
        if self._is_folder:
            return Keeping(self, None, None)
        return Keeping(self, whole, _Growing(self, f"{name}{ASIDE}", None))

    def delivery(self) -> KeptDelivery | None:
        """The delivery that came whole and was refused; None when there is none.

        Raises StoreError for one that cannot be read any more.
        """
        for path in sorted(self.folder.glob(f"*{REFUSED}")):
            values = self._values(path)
            try:
                started, reconcile, empty = next(values)
            except (Unreadable, OSError):
                raise StoreError("connectors.raw_unreadable") from None
            return KeptDelivery(values, started, reconcile=reconcile, empty=empty)
        return None

    def set_aside_by(self, pull_id: int) -> dict[str, Mapping[str, object]]:
        """The records that a pull set aside, as the source gave them, by where they stood; those that can be read."""
        found: dict[str, Mapping[str, object]] = {}
        try:
            for path in self.folder.glob(f"*-{pull_id}{ASIDE}"):
                found |= {row_id: values for some in self._values(path) for row_id, values in some}
        except (Unreadable, OSError) as error:
            log.warning("raw source=%s pull=%d cannot be read: %s", self.name, pull_id, type(error).__name__)
        return found

    def settle(self, open_pulls: Collection[int], *, published: bool = False) -> None:
        """Let go what nothing waits for: records of pulls without open lines, what was refused before a publication."""
        kept = {f"-{pull_id}{ASIDE}" for pull_id in open_pulls}
        for path in self.folder.glob(f"*{ASIDE}"):
            if path.name[path.name.rindex("-") :] not in kept:
                path.unlink()
        if published:
            self._remove(f"*{REFUSED}")

    def keeps(self, ending: str) -> bool:
        return any(self.folder.glob(f"*{ending}"))

    def without_secrets(self, records: Sequence[RawRecord]) -> Sequence[RawRecord]:
        return [each for each in records if not is_secret(each.values)] if self._may_be_secret else records

    def key(self) -> bytes:
        """Of the configuration, else a key of our own beside what it opens. Raises OSError."""
        if self._secret is not None:
            return hashlib.sha256(self._secret.get_secret_value().encode()).digest()
        path = self.root / KEY
        with suppress(FileNotFoundError):
            return path.read_bytes()
        self.root.mkdir(parents=True, exist_ok=True)
        own = path.with_name(f".{KEY}-{secrets.token_hex(8)}")
        with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
        with suppress(FileExistsError):
            path.hardlink_to(own)  # of two that make one at once the first wins, whole
        own.unlink()
        return path.read_bytes()

    def _values(self, path: Path) -> Iterator[Any]:
        return read_sealed(path, self.key(), f"{self.name}/{path.name}")

    def _remove(self, pattern: str) -> None:
        for path in self.folder.glob(pattern):
            path.unlink()


class KeptDelivery:
    """A delivery that came whole and was refused: a connector that gives it once more.

    started     when it was fetched
    reconcile   whether the longer stretch had been asked for
    """

    more, file = False, ""

    def __init__(self, batches: Iterator[Any], started: datetime, *, reconcile: bool, empty: bool) -> None:
        self.started, self.reconcile, self.confirms_when_empty = started, reconcile, empty
        self._batches = batches

    def fetch(self, since: datetime | None) -> Iterator[Batch]:
        """Its batches as they came; `since` was asked then. Raises StoreError when they cannot be read any more."""
        try:
            for records, *about in self._batches:
                yield Batch([RawRecord(*record) for record in records], *about)
        except (Unreadable, OSError):
            raise StoreError("connectors.raw_unreadable") from None

    def settle(self, end: Counts | OpsError, problems: Sequence[Problem] = ()) -> None:
        """What becomes of it is for RawAnswers to say."""


class Keeping:
    """Keeps one delivery while it comes in; left without `published`, it was refused or failed.

    with answers.keeping(...) as keeping:
        for batch in keeping.through(connector.fetch(since)):
            keeping.set_aside(batch, row_ids)
        keeping.published(open_pulls)
    """

    def __init__(self, answers: RawAnswers, whole: _Growing | None, asides: _Growing | None) -> None:
        self._answers, self._whole, self._asides = answers, whole, asides
        self._coming: Iterator[Batch] = iter(())
        self._came_whole = False

    def through(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        """The batches, each kept before it is handed on."""
        self._coming = self._kept(batches)
        return self._coming

    def set_aside(self, batch: Batch, row_ids: Collection[str]) -> None:
        """Of these records the quarantine has a line that may be tried again."""
        if self._asides is None or not row_ids:
            return
        records = self._answers.without_secrets([each for each in batch.records if each.row_id in row_ids])
        if records:
            self._asides.add([(each.row_id, dict(each.values)) for each in records])

    def published(self, open_pulls: Callable[[], Collection[int]]) -> None:
        """The data are safe: a folder that cannot be written is only logged."""
        try:
            if self._whole is not None:
                self._whole.drop()
                self._whole = None
            if self._asides is not None:
                self._asides.keep()
                self._asides = None
            if self._answers.keeps(ASIDE) or self._answers.keeps(REFUSED):
                self._answers.settle(open_pulls(), published=True)
        except OSError as error:
            log.error("raw source=%s cannot be tidied up: %s", self._answers.name, error.strerror)

    def __enter__(self) -> Keeping:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._asides is not None:
                self._asides.drop()
            if self._whole is None:
                return
            refused = isinstance(error, SourceChanged | BatchRejected) and not self._answers.keeps(REFUSED)
            if refused and self._is_whole():
                self._whole.keep()
            else:
                self._whole.drop()
        except OSError as fault:
            log.error("raw source=%s cannot be kept: %s", self._answers.name, fault.strerror)
        finally:
            self._coming = iter(())

    def _is_whole(self) -> bool:
        """Fetch what is left of a delivery that was refused before its end, for half of it cannot be replayed."""
        with suppress(OpsError):
            for _ in self._coming:
                pass
        return self._came_whole

    def _kept(self, batches: Iterator[Batch]) -> Iterator[Batch]:
        for batch in batches:
            if self._whole is not None:
                records = [(r.row_id, r.values, r.fault) for r in self._answers.without_secrets(batch.records)]
                self._whole.add((records, batch.columns, batch.titles, batch.file, batch.encoding))
            yield batch
        self._came_whole = True


class _Growing:
    """A file that begins with its first value, and is given up where there is no room for it."""

    def __init__(self, answers: RawAnswers, name: str, head: object) -> None:
        self._answers, self._name, self._head = answers, name, head
        self._writer: SealedWriter | None = None
        self._given_up = False

    def add(self, value: object) -> None:
        if self._given_up:
            return
        try:
            if self._writer is None:
                self._begin()
            assert self._writer is not None
            self._writer.write(value)
            if self._writer.written > self._room:
                raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        except OSError as error:
            log.warning("raw source=%s is not kept: %s", self._answers.name, error.strerror)
            self._given_up = True
            self.drop()

    def keep(self) -> None:
        if self._writer is not None:
            self._writer.finish(self._answers.folder / self._name)

    def drop(self) -> None:
        if self._writer is not None:
            self._writer.discard()
            self._writer = None

    def _begin(self) -> None:
        others = sum(path.stat().st_size for path in self._answers.root.rglob("*") if path.is_file())
        self._room = MOST_BYTES - others
        path = self._answers.folder / f"{self._name}{PART}"
        self._writer = SealedWriter(path, self._answers.key(), f"{self._answers.name}/{self._name}")
        if self._head is not None:
            self._writer.write(self._head)


def forget_raw(root: Path, before: datetime) -> int:
    """Remove what was fetched before that moment; how many files."""
    gone = 0
    for path in (root / FOLDER).glob("*/*-*"):
        with suppress(ValueError, OSError):
            if datetime.strptime(path.name.partition("-")[0], MOMENT).replace(tzinfo=UTC) < before:
                path.unlink()
                gone += 1
    return gone
