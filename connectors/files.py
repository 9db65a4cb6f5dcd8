"""Files dropped into a folder: CSV, XLSX, XLS, ODS and JSON lines, one file per delivery, each taken once.

After the commit a file moves to done/, after a refusal to refused/ with a report beside
it; when the house itself is at fault, or the file is still being written, it stays and
is read again at the next run. A file that may name people or secrets does not lie in
done/: its hash and the report do (keeping.py).

Of a zip each file is a delivery of its own, so that a bad one takes no good one down; the
zip is put away with one report once all have ended, in refused/ when one was refused. The
good ones are known by their content, so the mended zip may simply be dropped again.
"""

from __future__ import annotations

import hashlib
import logging
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.bundle import Bundle, Member, is_bundle, open_bundle
from connectors.confined import confined_workbook, is_workbook
from connectors.connector import Batch, Counts, RawRecord
from connectors.delimited import read_delimited
from connectors.field_map import FieldMap
from connectors.file_report import BundleReport, Report, write_report
from connectors.header import Names
from connectors.inbox import Inbox, Waiting
from connectors.json_lines import JsonLines, looks_like_json_lines
from connectors.keeping import reason_to_let_go
from connectors.secrecy import MARK, is_secret_row
from connectors.table import Columns, Records, Table
from connectors.words import is_secret_title
from datasets.clock import Clock
from datasets.errors import BatchRejected, OpsError, SourceChanged, SourceUnavailable
from datasets.messages import text
from datasets.schema.dataset import FieldType
from datasets.schema.document import DOCUMENT
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
_BUNDLES: dict[tuple[Path, str], BundleReport] = {}
"""Zips half read, by folder and hash: what became of their files so far. A process that
dies forgets; the files it took are then known by their content."""


class FilesConnector:
    """One pull from one folder; it takes the oldest file that is ready.

    file            name of the file being read, for the ledger; "" before one is
    opens_bundles   whether a zip is a bundle of files
    private         every file of this kind is about people, so none is kept
    """

    confirms_when_empty = False
    opens_bundles = True
    private = False

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
        self.file = ""
        self._source, self._clock, self._sleep = source, clock, sleep
        self._root, self._zone = settings.root, settings.centre.time_zone
        self._language = settings.centre.language
        self._map = field_map
        self._columns = _columns(field_map)
        self._inbox = Inbox(source.path, source.pattern, source.done, source.refused, bundles=self.opens_bundles)
        self._waiting: Waiting | None = None
        self._hash = ""
        self._bundle: Bundle | None = None
        self._member: Member | None = None
        self._member_hash = ""
        self._records = Records(self._columns)
        self._repaired = ""
        self._secret = False
        self._let_go = "people" if self.private else ""

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
            if isinstance(content, bytes) and self.opens_bundles and is_bundle(file.name, content):
                content = self._next_member(file, content)
            if content is None:
                continue
            yield from self._batches(file, content)
            return

    def settle(self, end: Counts | OpsError, problems: Sequence[Problem] = ()) -> None:
        """Move the file to where it belongs and lay the report beside it."""
        file, self._waiting = self._waiting, None
        report = self._report(end, problems) if file is not None else None
        if file is None or report is None:
            return
        if self._bundle is None or self._member is None:
            self._put_away(file, report)
            return
        if report.kind == "taken":
            self._remember(self._member_hash, self.file)
        self._ended(file, self._bundle, self._member, report)

    def _report(self, end: Counts | OpsError, problems: Sequence[Problem]) -> Report | None:
        """What there is to say; None when the house is at fault, and the file is to be read again."""
        report = Report(self.file, "taken", left_out=self._records.left_out, problems=problems)
        if not isinstance(end, OpsError):
            report.read, report.quarantined = end.read, end.quarantined
            report.repaired, report.let_go = self._repaired, self._let_go
        elif isinstance(end, SourceChanged | BatchRejected):
            report.kind, report.reason, report.folder = "refused", end.message("vi"), self._source.path
            report.let_go = "secret" if self._secret else ""
        else:
            return None
        return report

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
        self._waiting, self.file = file, file.name
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
            self._put_away(file, _repeated(file.name, before))
            self._waiting = None
            return None
        return content

    def _next_member(self, file: Waiting, content: bytes) -> bytes | JsonLines | None:
        """The content of the zip's next file that is to be read; None when none is left.

        Raises SourceChanged when the zip, or that file, is to be refused whatever it says.
        """
        bundle = open_bundle(content)
        ended = _BUNDLES.setdefault((self._inbox.path, self._hash), BundleReport(file.name, bundle.passed_over))
        left = [member for member in bundle.members if member.place not in ended.places]
        more_files = self.more
        for place, member in enumerate(left, 1):
            self._bundle, self._member, self.file = bundle, member, f"{file.name}/{member.name}"
            self.more = more_files or place < len(left)
            inside = bundle.read(member, self._source.max_bytes)
            self._member_hash = hashlib.sha256(inside).hexdigest()
            before = self._inbox.taken(self._member_hash)
            if before is None:
                return JsonLines(inside) if looks_like_json_lines(inside) else inside
            self._ended(file, bundle, member, _repeated(self.file, before))
        self._waiting = None
        return None

    def _ended(self, file: Waiting, bundle: Bundle, member: Member, report: Report) -> None:
        """Note the end of one file of a zip; after the last one the zip itself is put away."""
        key = self._inbox.path, self._hash
        ended = _BUNDLES.setdefault(key, BundleReport(file.name, bundle.passed_over))
        ended.add(member.place, report, self._written(report))
        if len(ended.places) == len(bundle.members):
            del _BUNDLES[key]
            self._put_away(file, ended)

    def _batches(self, file: Waiting, content: bytes | JsonLines) -> Iterator[Batch]:
        before, _, after = text("files.row", self._language, file=self.file, line=_LINE).partition(_LINE)
        guarded = self._map.dataset is DOCUMENT
        records: list[RawRecord] = []
        count = 0
        for line, values, fault in self._rows(content):
            if guarded and not count and not records and is_secret_title(self._records.titles):
                self._secret = True
                raise SourceChanged("files.secret")
            row_id = f"{before}{line}{after}"
            if guarded and is_secret_row(values):
                self._secret = True
                records.append(RawRecord(row_id, {MARK: "x"}))
            else:
                records.append(RawRecord(row_id, values, fault))
            if len(records) == BATCH_ROWS:
                yield self._batch(file, records)
                count, records = count + len(records), []
        if not records and not count:
            raise SourceChanged("files.no_rows")
        if not self._inbox.unchanged(file):
            raise SourceUnavailable("files.being_written", file=file.name)
        whole = content if isinstance(content, bytes) else b""
        found = self._records
        self._let_go = reason_to_let_go(self._map, found.columns, whole, found.left_out, secret=self._secret)
        yield self._batch(file, records)

    def _batch(self, file: Waiting, records: list[RawRecord]) -> Batch:
        found = self._records
        columns = frozenset(found.columns) | ({MARK} if self._secret else frozenset())
        name = self._member.leaf if self._member else file.name
        return Batch(records, columns, found.titles, unicodedata.normalize("NFC", name), self._repaired)

    def _rows(self, content: bytes | JsonLines) -> Iterator[tuple[int, dict[str, object], str]]:
        """(line, values, fault) of each record. The columns of JSON lines are those named so far."""
        if isinstance(content, bytes):
            with self._opened(content) as table:
                self._repaired = table.note
                yield from self._records.read(table)
            return
        named: dict[str, None] = {}
        for line, values, fault in content.read():
            if not named.keys() >= values.keys():
                named |= dict.fromkeys(values)
                self._records.columns = tuple(named)
            yield line, values, fault

    @contextmanager
    def _opened(self, content: bytes) -> Iterator[Table]:
        """The rows, by what the content is; names and endings of files are not believed."""
        said = self._source
        if is_workbook(content):
            with confined_workbook(content, self._columns.names, said.sheet) as table:
                yield table
        elif content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
            raise SourceChanged("files.web_page")
        else:
            yield read_delimited(content, self._columns.names, delimiter=said.delimiter, encoding=said.encoding)

    def _put_away(self, file: Waiting, report: Report | BundleReport) -> None:
        """Move and report. The data are safe by now: a folder that cannot be written is only logged.

        What is not kept goes after its report is written; a crash in between leaves a known content behind.
        """
        if not self._inbox.unchanged(file):
            return  # somebody wrote to it meanwhile: the next run reads it, and what is known changes nothing
        folder = self._inbox.refused if report.kind == "refused" else self._inbox.done
        try:
            if report.kind == "taken":
                self._inbox.remember(self._hash, file.name, self._today())
            if report.let_go or report.kind == "repeated":
                write_report(self._inbox.place(file, folder, self._today()), self._written(report))
                file.path.unlink()
                return
            moved = self._inbox.move(file, folder, self._today())
            if report.worth_writing:
                write_report(moved, self._written(report))
        except OSError as error:
            log.error("files source=%s cannot put a file away: %s", self._source.name, error.strerror)

    def _remember(self, content_hash: str, name: str) -> None:
        try:
            self._inbox.remember(content_hash, name, self._today())
        except OSError as error:
            log.error("files source=%s cannot remember a file: %s", self._source.name, error.strerror)

    def _written(self, report: Report | BundleReport) -> str:
        if isinstance(report, BundleReport):
            return report.written(self._clock(), self._zone, self._hash)
        content_hash = self._member_hash if self._member else self._hash
        return report.written(self._clock(), self._zone, self._map.dataset, self._labels(), content_hash)

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


def _repeated(name: str, before: dict[str, str]) -> Report:
    day = written_day(date.fromisoformat(before.get("day", "")))
    return Report(name, "repeated", reason=text("files.repeated", "vi", day=day, first=before.get("name", "")))


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
