"""Messages in edXML (QCVN 102:2016/BTTTT), with people in them who do not exist."""

from __future__ import annotations

from random import Random
from xml.sax.saxutils import escape

from connectors.sandbox.documents.communes import BY_CODE
from connectors.sandbox.documents.course import WORDS, Document
from connectors.sandbox.one_stop.people import full_name, identity_number, phone

NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
ATTACHMENT = "TsOzaSBkdW5nIG1pbmggaG/huqEu"
_HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<edXML xmlns="{NAMESPACE}"><edXMLEnvelope><edXMLHeader>'
_TAIL = (
    "</edXMLHeader><edXMLBody><edXMLManifest><Reference><AttachmentName>van-ban.pdf</AttachmentName>"
    "<ContentType>application/pdf</ContentType></Reference></edXMLManifest></edXMLBody></edXMLEnvelope>"
    f"<AttachmentEncoded>{ATTACHMENT}</AttachmentEncoded></edXML>"
)


def message(document: Document, place: int, names: dict[str, str]) -> str:
    """The document itself (place 0), or the message of one of its later states."""
    return _document(document, names) if place == 0 else _status(document, place, names)


def document_id(document: Document) -> str:
    """{OrganId},{yyyy/MM/dd},{number/notation}; the last part made distinct by the document's own id."""
    return f"{_sender(document)[1]},{document.issued:%Y/%m/%d},{document.code}.{document.id}"


def staff(document: Document) -> str:
    return f"CB{document.unit[-2:]}-{document.staff + 1:02d}"


def department(document: Document) -> str:
    return str(WORDS["departments"][document.staff % len(WORDS["departments"])])


def issuer(document: Document, names: dict[str, str]) -> str:
    return _own(document.unit, names) if document.issuer < 0 else str(WORDS["issuers"][document.issuer][0])


def _own(unit: str, names: dict[str, str]) -> str:
    return f"{WORDS['authority']} {names.get(unit, unit)}"


def _sender(document: Document) -> tuple[str, str]:
    """Name and identification code; those without one of their own send through the commune's office."""
    if document.issuer < 0:
        return "", BY_CODE[document.unit].agency
    name, code = WORDS["issuers"][document.issuer][:2]
    return name, code or f"H99.KHAC.{document.issuer}"


def _document(document: Document, names: dict[str, str]) -> str:
    random = Random(document.salt)
    signer, signers_phone = full_name(random), phone(random)
    agency, code = BY_CODE[document.unit].agency, _sender(document)[1]
    own, other = _own(document.unit, names), issuer(document, names)
    sender, receiver = (other, own) if document.incoming else (own, WORDS["issuers"][0][0])
    to = agency if document.incoming else WORDS["issuers"][0][1]
    number, _, notation = document.code.partition("/")
    at = f"{document.steps[0][0]:%Y/%m/%d %H:%M:%S}"
    traces = "".join(
        f"<TraceHeader><OrganId>{organ}</OrganId><Timestamp>{at}</Timestamp></TraceHeader>"
        for organ in ((code, to) if document.interlink else (agency,))
    )
    subjects = [f"CN={escape(sender)}, UID=MST:0990000000, C=VN"] if document.signed else []
    if document.signed == 2:
        subjects.append(f"CN={signer}, UID=CCCD:{identity_number(random)}, C=VN")
    signatures = "".join(
        f"<Signature><KeyInfo><X509Data><X509SubjectName>{subject}</X509SubjectName></X509Data></KeyInfo></Signature>"
        for subject in subjects
    )
    due = f"<DueDate>{document.due:%Y/%m/%d}</DueDate>" if document.due else ""
    secret = f"<DoMat>{WORDS['secret']}</DoMat>" if document.secret else ""
    return (
        f"{_HEAD}<MessageHeader><From><OrganId>{code}</OrganId>"
        f"<OrganName>{escape(sender)}</OrganName><Email>vanthu@vidu.example</Email>"
        f"<Telephone>{signers_phone}</Telephone></From>"
        f"<To><OrganId>{to}</OrganId><OrganName>{escape(receiver)}</OrganName></To>"
        f"<Code><CodeNumber>{number}</CodeNumber><CodeNotation>{notation}</CodeNotation></Code>"
        f"<PromulgationInfo><PromulgationDate>{document.issued:%Y/%m/%d}</PromulgationDate></PromulgationInfo>"
        f"<DocumentType><TypeName>{WORDS['types'][document.kind][0]}</TypeName></DocumentType>"
        f"<Subject>{WORDS['subject']} {signer}</Subject>"
        f"<SignerInfo><Position>{WORDS['position']}</Position><FullName>{signer}</FullName></SignerInfo>"
        f"{due}<OtherInfo><Priority>{document.urgency}</Priority>{secret}</OtherInfo>"
        f"<DocumentId>{escape(document_id(document))}</DocumentId></MessageHeader>"
        f"<TraceHeaderList>{traces}<Bussiness><BussinessDocType>0</BussinessDocType></Bussiness></TraceHeaderList>"
        f"<DigitalSignature>{signatures}</DigitalSignature>{_TAIL}"
    )


def _status(document: Document, place: int, names: dict[str, str]) -> str:
    moment, code = document.steps[place]
    who = ""
    if code not in ("02", "03"):
        who = (
            f"<StaffInfo><Department>{department(document)}</Department><Staff>{staff(document)}</Staff>"
            f"<Mobile>{phone(Random(document.salt))}</Mobile></StaffInfo>"
        )
    number, _, _ = document.code.partition("/")
    return (
        f"{_HEAD}<Status><ResponseFor><OrganId>{_sender(document)[1]}</OrganId><Code>{number}</Code>"
        f"<PromulgationDate>{document.issued:%Y/%m/%d}</PromulgationDate>"
        f"<DocumentId>{escape(document_id(document))}</DocumentId></ResponseFor>"
        f"<From><OrganId>{BY_CODE[document.unit].agency}</OrganId>"
        f"<OrganName>{escape(_own(document.unit, names))}</OrganName></From>"
        f"<StatusCode>{code}</StatusCode><Description/><Timestamp>{moment:%Y/%m/%d %H:%M:%S}</Timestamp>{who}</Status>"
        "</edXMLHeader></edXMLEnvelope></edXML>"
    )
