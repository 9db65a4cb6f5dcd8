"""One edXML message of QCVN 102:2016/BTTTT: what its header says, and nothing behind it.

    edXML > edXMLEnvelope > edXMLHeader     read
                          > edXMLBody       never reached: reading ends with the header
          > AttachmentEncoded               never reached
    Status (in a header of its own, or bare) read

Only the elements in `_KEPT` are ever held in memory; names, phones, mail addresses, the
subject and the text of a document are passed over as they stream by. A document type
or an entity refuses the message before its first element (failures.md F24).

Spelling of the elements after domain.md 3.3. Not found written down, and so our reading:
the codes of BussinessDocType (0 new, 1 recalled, 2 updated, 3 replaced), and that the
X.509 subject of a person's signature carries CCCD, CMND or HC (an organisation's: MST).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.sax import SAXParseException

from defusedxml.common import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from connectors.secrecy import is_mark

SUBJECT = "X509Data.X509SubjectName"
TRACE = "TraceHeader"
_KEPT = frozenset(
    [
        "From.OrganId",
        "From.OrganName",
        "To.OrganId",
        "Code.CodeNumber",
        "Code.CodeNotation",
        "PromulgationInfo.PromulgationDate",
        "DocumentType.TypeName",
        "MessageHeader.DueDate",
        "OtherInfo.Priority",
        "MessageHeader.DocumentId",
        "TraceHeader.OrganId",
        "TraceHeader.Timestamp",
        "Bussiness.BussinessDocType",
        "Business.BusinessDocType",
        "ResponseFor.OrganId",
        "ResponseFor.DocumentId",
        "Status.StatusCode",
        "Status.Timestamp",
        "StaffInfo.Department",
        "StaffInfo.Staff",
        "X509Data.X509SubjectName",
    ]
)
_TELLING = frozenset(("Status", "Signature", TRACE))
_ENDS = frozenset(("edXMLHeader", "Status"))
_PERSON = re.compile(r"(?:^|[,=\s])(?:UID\s*=\s*)?(?:CCCD|CMND|HC)\s*:", re.IGNORECASE)
_PIECE = 1 << 14


@dataclass(slots=True)
class Header:
    """What was read of one message.

    values    "parent.element" -> every text it had, in the order of the message
    traces    (OrganId, Timestamp) of each system the message passed
    marks     what the message says of its secrecy, by element
    is_status it tells a status of another message
    fault     a problem code when it cannot be used, else ""
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    traces: list[tuple[str, str]] = field(default_factory=list)
    marks: dict[str, str] = field(default_factory=dict)
    is_status: bool = False
    signed: bool = False
    fault: str = ""

    def first(self, name: str) -> str:
        found = self.values.get(name)
        return found[0] if found else ""

    @property
    def signed_by_person(self) -> bool:
        return any(_PERSON.search(subject) for subject in self.values.get(SUBJECT, ()))

    @property
    def signed_by_organisation(self) -> bool:
        """A signature that names no person is the organisation's."""
        subjects = self.values.get(SUBJECT, [])
        return self.signed and (not subjects or not all(_PERSON.search(subject) for subject in subjects))


class HeaderReader(DefusedExpatParser):
    """Takes a message piece by piece until its header is complete.

    most   bytes within which the header must end

    It is the parser itself: a SAX handler behind it would make each element twice as dear.
    """

    def __init__(self, most: int) -> None:
        super().__init__(forbid_dtd=True)
        self.header = Header()
        self._most, self._fed = most, 0
        self._path: list[str] = [""]
        self._name = ""
        self._text: list[str] | None = None
        self._done = False

    def take(self, content: bytes) -> bool:
        """Whether enough has come: the header is complete, or the message is refused."""
        for start in range(0, len(content), _PIECE):
            if self._done:
                break
            piece = content[start : start + _PIECE]
            self._fed += len(piece)
            try:
                self.feed(piece)
            except DefusedXmlException:
                self._refuse("xml_unsafe")
            except (SAXParseException, ValueError, LookupError):
                if not self._done:  # what stands behind a complete header is nobody's business
                    self._refuse("xml_broken")
            if not self._done and self._fed >= self._most:
                self._refuse("header_too_long")
        return self._done

    def finish(self) -> Header:
        """The header, or one with the fault that it never ended."""
        if not self._done:
            self._refuse("xml_broken")
        return self.header

    def start_element(self, name: str, attrs: object) -> None:
        if self._done:
            return
        if ":" in name:
            name = name.rpartition(":")[2]
        path = self._path
        self._name = f"{path[-1]}.{name}"
        path.append(name)
        self._text = [] if self._name in _KEPT or is_mark(name) else None
        if name in _TELLING:
            if name == "Status":
                self.header.is_status = True
            elif name == "Signature":
                self.header.signed = True
            else:
                self.header.traces.append(("", ""))

    def reset(self) -> None:
        super().reset()
        self._parser.CharacterDataHandler = self.character_data  # type: ignore[attr-defined]

    def character_data(self, data: str) -> None:
        if self._text is not None and not self._done:
            self._text.append(data)

    def end_element(self, name: str) -> None:
        if self._done:
            return
        name = self._path.pop()
        if self._text is not None:
            said = "".join(self._text).strip()
            self._text = None
            header = self.header
            if self._path[-1] == TRACE:
                organ, moment = header.traces[-1]
                header.traces[-1] = (said, moment) if name == "OrganId" else (organ, said)
            elif is_mark(name):
                header.marks[name] = said
            else:
                header.values.setdefault(self._name, []).append(said)
        if name in _ENDS:
            self._done = True

    def _refuse(self, code: str) -> None:
        self.header = Header(fault=code)
        self._done = True


def read_header(content: bytes, most: int) -> Header:
    """The header of a whole message."""
    reader = HeaderReader(most)
    reader.take(content)
    return reader.finish()
