"""Files dropped into a folder: CSV, XLSX, XLS, ODS and JSON lines, one file per delivery, each taken once.

After the commit a file moves to done/, after a refusal to refused/ with a report beside
it; when the house itself is at fault, or the file is still being written, it stays and
is read again at the next run.
"""

from __future__ import annotations

import hashlib
import logging
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.connector import Batch, Counts, RawRecord
from connectors.delimited import read_delimited
from connectors.field_map import FieldMap
from connectors.file_report import Report, write_report
from connectors.header import Names
from connectors.inbox import Inbox, Waiting
from connectors.json_lines import JsonLines, looks_like_json_lines
from connectors.old_sheets import OLE, is_ods, read_ods, read_xls
from connectors.spreadsheet import read_workbook
from connectors.table import Columns, Records, Table
from datasets.clock import Clock
from datasets.errors import BatchRejected, OpsError, SourceChanged, SourceUnavailable
from datasets.messages import text
from datasets.schema.dataset import FieldType
from datasets.settings import FilesSource, Settings
from datasets.vietnamese import day as written_day
from datasets.vietnamese import fold

if TYPE_CHECKING:
    from datasets.validate import Problem

log = logging.getLogger(__name__)

BATCH_ROWS = 1000
_LINE = "\0"
"""Stands for the number of the line while the sentence around it is made once."""
EMPTY_WAITS = timedelta(hours=1)
"""An empty file may be one whose copying has just begun; after this it is refused."""


class FilesConnector:
    """One pull from one folder; it takes the oldest file that is ready."""

    confirms_when_empty = False

    def __init__(
        self,
        source: FilesSource,
        settings: Settings,
        clock: Clock,
        field_map: FieldMap,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.more = False
        self._source, self._clock, self._sleep = source, clock, sleep
        self._root, self._zone = settings.root, settings.centre.time_zone
        self._language = settings.centre.language
        self._map = field_map
        self._columns = _columns(field_map)
        self._inbox = Inbox(source.path, source.pattern, source.done, source.refused)
        self._file: Waiting | None = None
        self._hash = ""
        self._records = Records(self._columns)
        self._repaired = ""

    def fetch(self, since: datetime | None) -> Iterator[Batch]:
        """Yield the oldest ready file's rows; nothing when there is none. `since` means nothing here.

        Raises
            SourceUnavailable   the folder cannot be opened, the file is still being written
            SourceChanged       this file is refused, with the reason
        """
        self._make_folder()
        waiting = self._inbox.steady(self._sleep)
        for place, file in enumerate(waiting):
            self.more = place + 1 < len(waiting)
            content = self._claimed(file)
            if content is None:
                continue
            yield from self._batches(file, content)
            return

    def settle(self, end: Counts | OpsError, problems: Sequence[Problem] = ()) -> None:
        """Move the file to where it belongs and lay the report beside it."""
        file, self._file = self._file, None
        if file is None:
            return
        if not isinstance(end, OpsError):
            report = Report(
                file.name,
                "taken",
                read=end.read,
                quarantined=end.quarantined,
                left_out=self._records.left_out,
                repaired=self._repaired,
                problems=problems,
            )
            self._put_away(file, self._inbox.done, report)
        elif isinstance(end, (SourceChanged, BatchRejected)):
            report = Report(
                file.name,
                "refused",
                reason=end.message("vi"),
                folder=self._source.path,
                left_out=self._records.left_out,
                problems=problems,
            )
            self._put_away(file, self._inbox.refused, report)

    def _make_folder(self) -> None:
        """A folder of our own is made; one elsewhere (a network drive) must be there."""
        path = self._source.path
        if not path.exists() and self._root.resolve() in path.resolve().parents:
            path.mkdir(parents=True, exist_ok=True)

    def _claimed(self, file: Waiting) -> bytes | JsonLines | None:
        """The content of a file that is to be read now; None for one that waits or is an old one.

        JSON lines stay on the disk: they are read as they are handed on.

        Raises SourceChanged when the file is to be refused whatever it holds.
        """
        if file.size == 0 and not file.leads_out:
            modified = file.modified_ns / 1e9
            if self._clock().timestamp() - modified < EMPTY_WAITS.total_seconds():
                return None
        self._file = file
        if file.leads_out:
            raise SourceChanged("files.link")
        if file.size == 0:
            raise SourceChanged("files.empty")
        if file.size > self._source.max_bytes:
            raise SourceChanged("files.too_large", megabytes=f"{self._source.max_bytes / 1e6:.0f}")
        content: bytes | JsonLines
        try:
            if looks_like_json_lines(file.path):
                content = JsonLines(file.path)
                self._hash = content.digest()
            else:
                content = file.path.read_bytes()
                self._hash = hashlib.sha256(content).hexdigest()
        except OSError as error:
            raise SourceUnavailable("files.cannot_read", file=file.name, reason=error.strerror) from None
        if before := self._inbox.taken(self._hash):
            day = written_day(date.fromisoformat(before.get("day", "")))
            reason = text("files.repeated", "vi", day=day, first=before.get("name", ""))
            self._put_away(file, self._inbox.done, Report(file.name, "repeated", reason=reason))
            self._file = None
            return None
        return content

    def _batches(self, file: Waiting, content: bytes | JsonLines) -> Iterator[Batch]:
        row_id = text("files.row", self._language, file=file.name, line=_LINE)
        before, _, after = row_id.partition(_LINE)
        rows = iter(self._rows(content))
        held: list[RawRecord] = []
        while stretch := list(islice(rows, BATCH_ROWS)):
            if held:
                yield self._batch(file, held)
            held = [RawRecord(f"{before}{line}{after}", values, fault) for line, values, fault in stretch]
        if not held:
            raise SourceChanged("files.no_rows")
        if not self._inbox.unchanged(file):
            raise SourceUnavailable("files.being_written", file=file.name)
        yield self._batch(file, held)

    def _rows(self, content: bytes | JsonLines) -> Iterator[tuple[int, dict[str, object], str]]:
        """(line, values, fault) of each record."""
        if isinstance(content, JsonLines):
            return content.read()
        table = self._opened(content)
        self._repaired = table.note
        return self._records.read(table)

    def _batch(self, file: Waiting, records: list[RawRecord]) -> Batch:
        """Some of the file's records; a sheet has its header's columns, JSON lines those that its records name."""
        found = self._records
        shapes = {tuple(record.values) for record in records if not record.fault} if not found.columns else ()
        columns = frozenset(found.columns).union(*shapes)
        return Batch(records, columns or None, found.titles, unicodedata.normalize("NFC", file.name))

    def _opened(self, content: bytes) -> Table:
        """The rows, by what the content is; names and endings of files are not believed."""
        if content.startswith(b"PK") and is_ods(content):
            return read_ods(content, self._columns.names, self._source.sheet)
        if content.startswith(b"PK"):
            return read_workbook(content, self._columns.names, self._source.sheet)
        if content.startswith(OLE):
            return read_xls(content, self._columns.names, self._source.sheet)
        if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
            raise SourceChanged("files.web_page")
        return read_delimited(
            content, self._columns.names, delimiter=self._source.delimiter, encoding=self._source.encoding
        )

    def _put_away(self, file: Waiting, folder: Path, report: Report) -> None:
        """Move and report. The data are safe by now: a folder that cannot be written is only logged."""
        if not self._inbox.unchanged(file):
            return  # somebody wrote to it meanwhile: the next run reads it, and what is known changes nothing
        try:
            if report.kind == "taken":
                self._inbox.remember(self._hash, file.name, self._today())
            moved = self._inbox.move(file, folder, self._today())
            if report.worth_writing:
                labels = self._labels()
                write_report(moved, report.written(self._clock(), self._zone, self._map.dataset, labels))
        except OSError as error:
            log.error("files source=%s cannot put a file away: %s", self._source.name, error.strerror)

    def _labels(self) -> dict[str, str]:
        """The file's own column for each canonical field."""
        there = {fold(name): name for name in self._records.columns}
        labels = {}
        for spec in self._map.file.fields:
            found = (there[fold(name)] for name in spec.sources if fold(name) in there)
            name = spec.sources[0] if spec.sources and not spec.unfolded else spec.field.name
            labels[spec.field.name] = next(found, name)
        return labels

    def _today(self) -> date:
        return self._clock().astimezone(self._zone).date()


def _columns(field_map: FieldMap) -> Columns:
    specs = field_map.file.fields
    given = [spec for spec in specs if spec.sources and not spec.unfolded]
    needed = [spec for spec in given if spec.field.required and spec.missing is None]
    if all(spec.optional for spec in needed) and not field_map.file.wide.required:
        needed = [spec for spec in given if not spec.optional]  # a paper register: judged by the columns it must have
    dates = (spec for spec in specs if spec.field.type in (FieldType.MOMENT, FieldType.DATE))
    return Columns(
        names=Names(field_map.names),
        required=(
            *(spec.sources for spec in needed),
            *field_map.file.wide.required,
        ),
        dates=frozenset(fold(name) for spec in dates for name in spec.sources),
    )


def files_connector(source: FilesSource, settings: Settings, clock: Clock) -> FilesConnector:
    """The connector of a configured source. Raises ConfigError when its field map is at fault."""
    return FilesConnector(source, settings, clock, FieldMap.find(source.map, settings.root))
