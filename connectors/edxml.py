"""Document systems that hand over edXML messages (QCVN 102:2016), over HTTP or through a folder.

A document message becomes a record of its header; a status message becomes a record
with `ResponseFor`, which the field map lays over its document (overlay.py). Columns:

    DocumentId, Unit, Direction     whose register it stands in: out when it is from one of
                                    our organisations, in when it is to one
    Code, PromulgationDate, TypeName, Issuer, Priority, DueDate
    StatusCode                      01-16 of the interlink; a document of ours is done (06)
                                    when it is sent, one that came has arrived (01)
    ArrivedAt, DoneAt, ChangedAt    moments: passed on to us; done; of the message itself
    Staff, Department               who handles it, of a status message
    SignedOrganisation, SignedPerson     true or false
    ViaInterlink                    true when another system than ours passed it on (TraceHeader)
    DoMat                           mark of secrecy, where there is one: such a record is refused

Answers of others to what we sent, and messages between others, are passed over.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.connector import Batch, Connector, Counts, RawRecord
from connectors.edxml_message import Header, HeaderReader
from connectors.http_client import Request
from connectors.inbox import Inbox, Waiting
from connectors.reducers import dig
from connectors.rest import RestConnector
from connectors.secrecy import is_secret
from connectors.secret_ids import SecretIds
from datasets.clock import Clock
from datasets.errors import OpsError
from datasets.messages import text
from datasets.settings import EdxmlSource, Settings

if TYPE_CHECKING:
    from datasets.validate import Problem

log = logging.getLogger("connectors.edxml")

COLUMNS = frozenset(
    [
        "DocumentId",
        "ResponseFor",
        "Unit",
        "Direction",
        "Code",
        "PromulgationDate",
        "TypeName",
        "Issuer",
        "Priority",
        "DueDate",
        "StatusCode",
        "ArrivedAt",
        "DoneAt",
        "ChangedAt",
        "Staff",
        "Department",
        "SignedOrganisation",
        "SignedPerson",
        "ViaInterlink",
        "DoMat",
    ]
)
MOST_FILES = 2000
"""Messages of a folder taken in one delivery; the rest wait for the next."""
BATCH_MESSAGES = 500
SECRETS = Path("data/edxml")
CHUNK = 1 << 16
TAKEN, SECRET, REFUSED = "taken", "secret", "refused"
"""What becomes of a file of a folder."""
ARRIVED, DONE, RECALLED = "01", "06", "13"
_BY_BUSINESS = {"1": RECALLED, "2": None}  # taken back; updated: its status stays what it is


class Register:
    """What a message is to the organisations whose register this is."""

    def __init__(self, organisations: Mapping[str, str]) -> None:
        self._units = organisations

    def records(self, header: Header) -> list[dict[str, object]]:
        """A document between two of ours stands in two registers; what concerns none of ours in none."""
        return self._status(header) if header.is_status else self._document(header)

    def _document(self, header: Header) -> list[dict[str, object]]:
        sender = header.first("From.OrganId")
        business = header.first("Bussiness.BussinessDocType") or header.first("Business.BusinessDocType")
        moments = [moment for _, moment in header.traces if moment]
        number, notation = header.first("Code.CodeNumber"), header.first("Code.CodeNotation")
        issued = header.first("PromulgationInfo.PromulgationDate")
        said: dict[str, object] = {
            "DocumentId": header.first("MessageHeader.DocumentId"),
            "Code": "/".join(part for part in (number, notation) if part),
            "PromulgationDate": issued,
            "TypeName": header.first("DocumentType.TypeName"),
            "Issuer": header.first("From.OrganName"),
            "Priority": header.first("OtherInfo.Priority"),
            "DueDate": header.first("MessageHeader.DueDate"),
            "ChangedAt": moments[-1] if moments else "",
            "SignedOrganisation": header.signed_by_organisation,
            "SignedPerson": header.signed_by_person,
            "ViaInterlink": any(organ not in self._units for organ, _ in header.traces),
        }
        found = []
        if sender in self._units:
            sent = moments[0] if moments else issued
            found.append({**said, "Unit": self._units[sender], "Direction": "out", "DoneAt": sent, "StatusCode": DONE})
        arrived: dict[str, object] = {"Direction": "in", "StatusCode": ARRIVED}
        for organisation in dict.fromkeys(header.values.get("To.OrganId", ())):
            if organisation in self._units:
                passed = [moment for organ, moment in header.traces if organ == organisation and moment]
                at = passed[0] if passed else moments[-1] if moments else issued
                found.append({**said, **arrived, "Unit": self._units[organisation], "ArrivedAt": at})
        for record in found:
            if business in _BY_BUSINESS:
                record["StatusCode"] = _BY_BUSINESS[business]
        return found

    def _status(self, header: Header) -> list[dict[str, object]]:
        sender, owner = header.first("From.OrganId"), header.first("ResponseFor.OrganId")
        if sender in self._units and sender != owner:
            unit, direction = self._units[sender], "in"
        elif sender in self._units:
            unit, direction = self._units[sender], "out"
        elif sender == owner:  # the sender of a document takes it back
            to = next((organ for organ in header.values.get("To.OrganId", ()) if organ in self._units), None)
            if to is None and len(self._units) > 1:
                return []
            unit, direction = self._units[to or next(iter(self._units))], "in"
        else:
            return []
        code, at = header.first("Status.StatusCode"), header.first("Status.Timestamp")
        return [
            {
                "DocumentId": header.first("ResponseFor.DocumentId"),
                "ResponseFor": header.first("ResponseFor.DocumentId"),
                "Unit": unit,
                "Direction": direction,
                "StatusCode": code,
                "ChangedAt": at,
                "DoneAt": at if code == DONE else "",
                "Staff": header.first("StaffInfo.Staff"),
                "Department": header.first("StaffInfo.Department"),
            }
        ]


class _Reading:
    """Turns headers into raw records and remembers what it passed over."""

    def __init__(self, source: EdxmlSource, settings: Settings) -> None:
        self._register, self._language = Register(source.organisations), settings.centre.language
        self._secret = SecretIds(settings.root / SECRETS / f"{source.name}.txt")
        self.passed_over = 0

    def records(self, header: Header, message: str) -> list[RawRecord]:
        if header.fault:
            mark = hashlib.sha256(message.encode()).hexdigest()[:10]
            return [RawRecord(text("connectors.edxml.nameless", self._language, mark=mark), {}, header.fault)]
        row_id = text("connectors.edxml.row", self._language, id=message)
        if is_secret(header.marks):
            self._secret.add(header.first("MessageHeader.DocumentId"))
            return [RawRecord(row_id, {"DoMat": "x"})]
        if header.is_status and header.first("ResponseFor.DocumentId") in self._secret:
            self.passed_over += 1
            return []
        found = self._register.records(header)
        self.passed_over += not found
        return [RawRecord(row_id, values) for values in found]


class EdxmlService:
    """Messages from an HTTP service: a list since a moment, each with its message or fetched by id."""

    confirms_when_empty = True
    more = False
    file = ""

    def __init__(
        self,
        source: EdxmlSource,
        settings: Settings,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._source = source
        self._list = RestConnector(source, settings, clock, lambda entry: entry.get(source.id), sleep=sleep)
        self._reading = _Reading(source, settings)

    def fetch(self, since: datetime | None) -> Iterator[Batch]:
        for page in self._list.fetch(since):
            records = [record for entry in page.records for record in self._message(entry)]
            yield Batch(records, COLUMNS if records else None)
        log.info("edxml source=%s passed_over=%d", self._source.name, self._reading.passed_over)

    def settle(self, end: Counts | OpsError, problems: Sequence[Problem] = ()) -> None:
        """Nothing to tidy: the source keeps its own messages."""

    def _message(self, entry: RawRecord) -> list[RawRecord]:
        source = self._source
        said = dig(entry.values, tuple(source.id.split(".")))
        message = str(said) if isinstance(said, (str, int)) else entry.row_id
        reader = HeaderReader(source.header_bytes)
        content = dig(entry.values, tuple(source.content.split("."))) if source.content else None
        if isinstance(content, str):
            reader.take(content.encode())
        elif source.message_url:
            reader = self._fetched(source.message_url.replace("{id}", _quoted(message)))
        return self._reading.records(reader.finish(), message)

    def _fetched(self, address: str) -> HeaderReader:
        readers: list[HeaderReader] = []

        def taste() -> Callable[[bytes], bool]:
            readers.append(HeaderReader(self._source.header_bytes))
            return readers[-1].take

        headers = {**self._source.headers, "Accept": "application/xml"}
        self._list.fetch_aside(Request(address, headers=headers, taste=taste))
        return readers[-1]


class EdxmlFolder:
    """Messages dropped into a folder, one a file; all that are ready are one delivery.

    Once the delivery is committed, of a message that was read the hash is kept in done/ and the file goes: its
    attachments are nobody's business here, and the document system has its own. The hash of a secret one is kept
    without a name. Unreadable ones go to refused/ as they are.
    """

    confirms_when_empty = False
    file = ""

    def __init__(
        self,
        source: EdxmlSource,
        settings: Settings,
        clock: Clock,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.more = False
        self._source, self._clock, self._sleep = source, clock, sleep
        self._root, self._zone = settings.root, settings.centre.time_zone
        assert source.path is not None
        assert source.done is not None
        assert source.refused is not None
        self._path = source.path
        self._inbox = Inbox(source.path, source.pattern, source.done, source.refused)
        self._reading = _Reading(source, settings)
        self._read: list[tuple[Waiting, str]] = []

    def fetch(self, since: datetime | None) -> Iterator[Batch]:
        """Raises SourceUnavailable when the folder cannot be opened."""
        if not self._path.exists() and self._root.resolve() in self._path.resolve().parents:
            self._path.mkdir(parents=True, exist_ok=True)
        waiting = self._inbox.steady(self._sleep)
        self.more = len(waiting) > MOST_FILES
        for start in range(0, min(len(waiting), MOST_FILES), BATCH_MESSAGES):
            records = []
            for file in waiting[start : min(start + BATCH_MESSAGES, MOST_FILES)]:
                found = self._records(file)
                self._read.append((file, _fate(found)))
                records += found
            yield Batch(records, COLUMNS if records else None)

    def settle(self, end: Counts | OpsError, problems: Sequence[Problem] = ()) -> None:
        if isinstance(end, OpsError):
            return
        read = [(file, fate) for file, fate in self._read if self._inbox.unchanged(file)]
        try:
            hashes = [(_hash(file.path), "" if fate == SECRET else file.name) for file, fate in read if fate != REFUSED]
            if hashes:
                self._inbox.remember_all(hashes, self._today())
            for file, fate in read:
                if fate == REFUSED:
                    self._inbox.move(file, self._inbox.refused, self._today())
                else:
                    file.path.unlink()
        except OSError as error:
            log.error("edxml source=%s cannot put a file away: %s", self._source.name, error.strerror)

    def _records(self, file: Waiting) -> list[RawRecord]:
        reader = HeaderReader(self._source.header_bytes)
        if not file.leads_out:
            _feed(reader, file.path)
        return self._reading.records(reader.finish(), file.name)

    def _today(self) -> date:
        return self._clock().astimezone(self._zone).date()


def _fate(found: Sequence[RawRecord]) -> str:
    if any(record.fault for record in found):
        return REFUSED
    return SECRET if any(is_secret(record.values) for record in found) else TAKEN


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _feed(reader: HeaderReader, path: Path) -> None:
    """The file's pieces, no further than the header goes; one that cannot be read feeds nothing."""
    try:
        with path.open("rb") as stream:
            while (piece := stream.read(CHUNK)) and not reader.take(piece):
                pass
    except OSError:
        return


def _quoted(message: str) -> str:
    return quote(message, safe="")


def edxml_connector(source: EdxmlSource, settings: Settings, clock: Clock) -> Connector:
    """The connector of a configured source."""
    return EdxmlFolder(source, settings, clock) if source.path else EdxmlService(source, settings, clock)
