"""edXML messages (QCVN 102:2016): their headers, the way of documents and their states, and what must never get in."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from connectors.edxml import Register
from connectors.edxml_message import Header, HeaderReader, read_header
from connectors.house import House, open_house
from connectors.pull import Caller, pull
from connectors.replay import replay
from connectors.secret_ids import SecretIds
from datasets.errors import ConfigError
from datasets.settings import load_settings
from datasets.store import Counts

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
OURS, PROVINCE, OTHER = "H99.01.01", "H99", "H99.01.02"
PERSONAL = (
    "Nguyễn Văn Ký Tên",
    "0912345678",
    "kyten@vidu.example",
    "Lê Thị Bí Mật Riêng",
    "001099000123",
    "TEPDINHKEM",
)
UNITS = """code,name,level,parent,kind,valid_from,valid_to,successor,population,households
99,Tỉnh,province,,province,,,,,
99001,Xã Mẫu,commune,99,commune,,,,,
99002,Xã Bạn,commune,99,commune,,,,,
"""
CONFIG = """
centre: {centre}
units: units.csv
store: {{url: "{store}"}}
sources:
  documents:
    dataset: document
    connector: edxml
    map: edxml_document
    organisations: {{H99.01.01: "99001"}}
    expect: {{max_quarantined_share: 0.5}}
    {way}
"""


def document(
    number: str = "15/KH-UBND",
    at: str = "2026/11/02 08:00:00",
    *,
    sender: str = PROVINCE,
    to: str = OURS,
    due: str = "2026/11/09",
    more: str = "",
    business: str = "0",
    signature: str = "CN=Nguyễn Văn Ký Tên, UID=CCCD:001099000123",
    attachment: str = "TEPDINHKEM",
) -> str:
    code, _, notation = number.partition("/")
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<e:edXML xmlns:e="http://www.mic.gov.vn/TBT/QCVN_102_2016"><e:edXMLEnvelope><e:edXMLHeader><e:MessageHeader>
<e:From><e:OrganId>{sender}</e:OrganId><e:OrganName>UBND tỉnh &amp; bạn</e:OrganName>
<e:Email>kyten@vidu.example</e:Email></e:From>
<e:To><e:OrganId>{to}</e:OrganId><e:OrganName>UBND xã</e:OrganName></e:To>
<e:Code><e:CodeNumber>{code}</e:CodeNumber><e:CodeNotation>{notation}</e:CodeNotation></e:Code>
<e:PromulgationInfo><e:Place/><e:PromulgationDate>2026/11/01</e:PromulgationDate></e:PromulgationInfo>
<e:DocumentType><e:Type>1</e:Type><e:TypeName>Kế hoạch</e:TypeName></e:DocumentType>
<e:Subject>Về việc bà Lê Thị Bí Mật Riêng</e:Subject><e:Content>Lê Thị Bí Mật Riêng</e:Content>
<e:SignerInfo><e:FullName>Nguyễn Văn Ký Tên</e:FullName></e:SignerInfo><e:DueDate>{due}</e:DueDate>
<e:OtherInfo><e:Priority>1</e:Priority>{more}</e:OtherInfo><e:DocumentId>{sender},2026/11/01,{number}</e:DocumentId>
</e:MessageHeader><e:TraceHeaderList><e:TraceHeader><e:OrganId>{to}</e:OrganId><e:Timestamp>{at}</e:Timestamp></e:TraceHeader>
<e:Bussiness><e:BussinessDocType>{business}</e:BussinessDocType>
<e:StaffInfo><e:Mobile>0912345678</e:Mobile></e:StaffInfo></e:Bussiness>
</e:TraceHeaderList><e:DigitalSignature>
<Signature><KeyInfo><X509Data><X509SubjectName>{signature}</X509SubjectName></X509Data>
</KeyInfo></Signature></e:DigitalSignature></e:edXMLHeader></e:edXMLEnvelope>
<e:AttachmentEncoded>{attachment}</e:AttachmentEncoded></e:edXML>"""


def status(
    code: str, at: str, number: str = "15/KH-UBND", *, sender: str = OURS, of: str = PROVINCE, staff: str = ""
) -> str:
    who = f"<StaffInfo><Department>Văn phòng</Department><Staff>{staff}</Staff><Mobile>0912345678</Mobile></StaffInfo>"
    return f"""<edXML><edXMLEnvelope><edXMLHeader><Status><ResponseFor><OrganId>{of}</OrganId><Code>15</Code>
<DocumentId>{of},2026/11/01,{number}</DocumentId></ResponseFor><From><OrganId>{sender}</OrganId></From>
<StatusCode>{code}</StatusCode><Description>Lê Thị Bí Mật Riêng</Description><Timestamp>{at}</Timestamp>
{who if staff else ""}
</Status></edXMLHeader></edXMLEnvelope></edXML>"""


class Folder:
    """A centre whose document system drops its messages into a folder."""

    def __init__(self, root: Path, store: str) -> None:
        self.inbox = root / "inbox"
        self.inbox.mkdir(parents=True)
        (root / "units.csv").write_text(UNITS, "utf-8")
        config = root / "config.yaml"
        centre = '{name: "Thử", unit: "99001", demo: true}'
        config.write_text(CONFIG.format(centre=centre, store=store, way="path: inbox"), "utf-8")
        self.house: House = open_house(config, {"IOC_NOW": "2026-11-20T09:00:00+07:00"})
        self._count = 0

    def pull(self, *messages: str) -> Counts:
        for message in messages:
            self._count += 1
            (self.inbox / f"m{self._count:03}.edxml").write_text(message, "utf-8")
        return pull("documents", self.house)

    def rows(self, *columns: str) -> list[tuple[object, ...]]:
        table = self.house.store.tables["document"]
        with self.house.store.engine.connect() as connection:
            asked = sa.select(*(table.c[name] for name in columns)).order_by(table.c.direction, table.c.document_key)
            return [tuple(row) for row in connection.execute(asked)]

    def everything(self) -> str:
        with self.house.store.engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
            return "\n".join(str(connection.execute(sa.text(f"SELECT * FROM {table}")).all()) for table in tables)


@pytest.fixture
def folder(tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    made = Folder(tmp_path / "centre", store_url)
    yield made
    made.house.store.close()


def header(message: str) -> Header:
    return read_header(message.encode(), 100_000)


# ------------------------------------------------------------------------------------------------- one message


def test_a_header_is_read_and_nothing_that_names_a_person_is_held() -> None:
    found = header(document())
    assert found.first("MessageHeader.DocumentId") == "H99,2026/11/01,15/KH-UBND"
    assert found.first("From.OrganName") == "UBND tỉnh & bạn"
    assert (found.signed_by_person, found.signed_by_organisation) == (True, False)
    assert found.traces == [(OURS, "2026/11/02 08:00:00")]
    held = {name: value for name, value in found.values.items() if name != "X509Data.X509SubjectName"}
    assert not any(word in str(held) for word in PERSONAL)


def test_a_signature_that_names_no_person_is_the_organisations() -> None:
    found = header(document(signature="CN=UBND tỉnh, UID=MST:0990000000"))
    assert (found.signed_by_person, found.signed_by_organisation) == (False, True)


def test_reading_ends_with_the_header_however_long_the_attachment() -> None:
    reader = HeaderReader(100_000)
    start = document(attachment="").partition("<e:AttachmentEncoded>")[0].encode()
    assert reader.take(start)
    tracemalloc.start()
    for _ in range(50):
        assert reader.take(b"A" * 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000
    assert reader.finish().fault == ""


@pytest.mark.parametrize("cut", [1, 7, 100])
def test_a_message_may_come_in_pieces_of_any_size(cut: int) -> None:
    content = document().encode()
    reader = HeaderReader(100_000)
    for start in range(0, len(content), cut):
        if reader.take(content[start : start + cut]):
            break
    assert reader.finish().values == header(document()).values


BOMB = '<!DOCTYPE b [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><edXML>&b;</edXML>'
OUTSIDE = '<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]><edXML>&x;</edXML>'


@pytest.mark.parametrize("message", [BOMB, OUTSIDE, "<!DOCTYPE edXML>" + document()[38:]])
def test_a_document_type_refuses_a_message(message: str) -> None:
    assert header(message).fault == "xml_unsafe"


@pytest.mark.parametrize("message", ["", "no xml", "<a><b></a>", "<edXML><edXMLEnvelope></edXMLEnvelope></edXML>"])
def test_what_is_no_message_is_said_to_be_none(message: str) -> None:
    assert header(message) == Header(fault="xml_broken")


def test_a_header_beyond_the_limit_is_given_up() -> None:
    endless = "<edXML><edXMLHeader><Subject>" + "x" * 200_000
    assert header(endless) == Header(fault="header_too_long")


# ------------------------------------------------------------------------------------- whose register it stands in


def test_a_document_between_two_of_ours_stands_in_both_registers() -> None:
    register = Register({OURS: "99001", OTHER: "99002"})
    found = register.records(header(document(sender=OTHER, to=OURS)))
    assert [(record["Unit"], record["Direction"], record["StatusCode"]) for record in found] == [
        ("99002", "out", "06"),
        ("99001", "in", "01"),
    ]


def test_messages_between_others_are_passed_over() -> None:
    register = Register({OURS: "99001"})
    assert register.records(header(document(sender=PROVINCE, to=OTHER))) == []
    assert register.records(header(status("03", "2026/11/02 09:00:00", sender=OTHER, of=OURS))) == []


# --------------------------------------------------------------------------------------------------- the whole way


def test_a_document_and_its_states_become_one_row(folder: Folder) -> None:
    assert folder.pull(
        document(),
        status("03", "2026/11/02 10:00:00"),
        status("04", "2026/11/02 14:00:00", staff="CB01-03"),
        status("06", "2026/11/09 16:00:00"),
    ) == Counts(read=4, new=1, duplicates=3)
    columns = ("unit", "direction", "status", "urgency", "handler", "department", "received_on", "end_on", "timeliness")
    assert folder.rows(*columns) == [
        ("99001", "in", "done", "urgent", "CB01-03", "Văn phòng", date(2026, 11, 2), date(2026, 11, 9), "on_time")
    ]


def test_a_state_that_comes_later_is_laid_over_the_stored_document(folder: Folder) -> None:
    folder.pull(document())
    assert folder.pull(status("04", "2026/11/03 08:00:00", staff="CB01-03")) == Counts(read=1, changed=1)
    assert folder.pull(status("06", "2026/11/05 08:00:00")) == Counts(read=1, changed=1)
    columns = ("status", "handler", "issuer", "number_notation", "due_on", "done_at")
    assert folder.rows(*columns) == [
        ("done", "CB01-03", "UBND tỉnh & bạn", "15/KH-UBND", date(2026, 11, 9), datetime(2026, 11, 5, 8, tzinfo=ZONE))
    ]


def test_states_in_any_order_end_in_the_same_row(folder: Folder) -> None:
    folder.pull(document(), status("06", "2026/11/05 08:00:00"))
    folder.pull(status("04", "2026/11/03 08:00:00", staff="CB01-03"))
    assert folder.rows("status", "end_on") == [("done", date(2026, 11, 5))]


def test_a_document_that_comes_again_does_not_undo_its_states(folder: Folder) -> None:
    folder.pull(document(), status("06", "2026/11/05 08:00:00"))
    version = folder.house.store.version()
    assert folder.pull(document(attachment="again")) == Counts(read=1, unchanged=1)
    assert folder.rows("status") == [("done",)]
    assert folder.house.store.version() == version


def test_a_document_sent_by_us_is_done_and_the_answers_to_it_change_nothing(folder: Folder) -> None:
    folder.pull(
        document("7/BC-UBND", sender=OURS, to=PROVINCE),
        status("03", "2026/11/03 08:00:00", "7/BC-UBND", sender=PROVINCE, of=OURS),
    )
    assert folder.rows("direction", "status", "end_on") == [("out", "done", date(2026, 11, 2))]


def test_a_document_its_sender_takes_back_is_recalled(folder: Folder) -> None:
    folder.pull(document(), status("13", "2026/11/03 08:00:00", sender=PROVINCE))
    assert folder.rows("status", "end_class") == [("recalled", "recalled")]


def test_a_document_updated_by_its_sender_keeps_its_state(folder: Folder) -> None:
    folder.pull(document(), status("04", "2026/11/03 08:00:00", staff="CB01-03"))
    folder.pull(document(at="2026/11/04 08:00:00", due="2026/11/20", business="2"))
    assert folder.rows("status", "due_on", "handler") == [("assigned", date(2026, 11, 20), "CB01-03")]


def test_a_state_whose_document_is_not_known_waits_and_comes_in_with_it(folder: Folder) -> None:
    folder.pull(document("9/X"))
    states = status("06", "2026/11/05 08:00:00"), status("04", "2026/11/03 08:00:00", staff="CB01-03")
    assert folder.pull(*states, document("1/X"), document("2/X")) == Counts(read=4, new=2, quarantined=2)
    lines = folder.house.store.quarantine.list("documents")
    assert {line.problems[0]["code"] for line in lines} == {"not_known_yet"}
    assert folder.pull(document()) == Counts(read=3, new=1, duplicates=2)
    assert folder.house.store.quarantine.count("documents") == 0
    row = [("done", "CB01-03")]
    assert [
        found[1:] for found in folder.rows("number_notation", "status", "handler") if found[0] == "15/KH-UBND"
    ] == row


def test_a_waiting_state_is_replayed_by_hand_too(folder: Folder) -> None:
    folder.pull(document("9/X"))
    folder.pull(document("8/X"), status("06", "2026/11/05 08:00:00"))
    assert replay("documents", folder.house, Caller()) == Counts(read=1, quarantined=1)


# ------------------------------------------------------------------------------------------- what must never get in


@pytest.mark.parametrize(
    "mark", ["<e:DoMat>Mật</e:DoMat>", "<SecurityLevel>2</SecurityLevel>", "<e:MucDoMat>Tối mật</e:MucDoMat>"]
)
def test_a_secret_document_and_its_states_are_refused_and_leave_no_trace(
    folder: Folder, mark: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    secret = document("66/BIMAT-CA", more=mark)
    assert folder.pull(document(), secret, status("03", "2026/11/03 08:00:00", "66/BIMAT-CA")) == Counts(read=1, new=1)
    folder.pull(status("06", "2026/11/04 08:00:00", "66/BIMAT-CA"))
    with folder.house.store.engine.connect() as connection:
        notes = connection.execute(sa.text("SELECT note FROM pull ORDER BY id")).scalars().all()
    assert notes[0].startswith("Đã từ chối 1 văn bản mật")
    assert "BIMAT" not in folder.everything() + caplog.text
    remembered = "".join(path.read_text() for path in (folder.house.settings.root / "data" / "edxml").iterdir())
    assert "BIMAT" not in remembered
    left = [path for path in folder.inbox.rglob("*") if path.is_file()]
    assert [path.name for path in left] == [".taken"]  # the message is gone, its hash is known without a name
    assert '"name": ""' in left[0].read_text("utf-8")
    assert "BIMAT" not in left[0].read_text("utf-8")
    assert folder.house.store.quarantine.count("documents") == 0


def test_a_mark_that_says_not_secret_lets_a_document_in(folder: Folder) -> None:
    assert folder.pull(document(more="<e:DoMat>Thường</e:DoMat>")) == Counts(read=1, new=1)


def test_secret_ids_are_remembered_over_restarts_and_cannot_be_read(tmp_path: Path) -> None:
    SecretIds(tmp_path / "a" / "ids.txt").add("H99,2026/11/01,66/X")
    again = SecretIds(tmp_path / "a" / "ids.txt")
    again.add("H99,2026/11/01,67/X")
    assert "H99,2026/11/01,66/X" in SecretIds(tmp_path / "a" / "ids.txt")
    assert "H99,2026/11/01,68/X" not in again
    assert "H99" not in (tmp_path / "a" / "ids.txt").read_text()


def test_an_unsafe_message_is_set_aside_and_takes_no_other_down(folder: Folder) -> None:
    assert folder.pull(document(), BOMB, OUTSIDE, "junk", document("16/X"), document("17/X")) == Counts(
        read=6, new=3, quarantined=3
    )
    codes = [line.problems[0]["code"] for line in folder.house.store.quarantine.list("documents")]
    assert sorted(codes) == ["xml_broken", "xml_unsafe", "xml_unsafe"]
    assert len(list(folder.inbox.glob("refused/*"))) == 3
    assert len((folder.inbox / "done" / ".taken").read_text("utf-8").splitlines()) == 3
    assert [path.name for path in folder.inbox.rglob("*.xml") if path.parent.name != "refused"] == []


def test_no_personal_value_is_stored_logged_or_quarantined(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    folder.pull(
        document(),
        document("2/X", due="không phải ngày"),
        *(document(f"{number}/Y") for number in range(4)),
        status("99", "2026/11/03 08:00:00", staff="CB01-01"),
        status("04", "2026/11/03 08:00:00", "no/such", staff="CB01-01"),
    )
    assert folder.house.store.quarantine.count("documents") == 3
    assert not any(word in folder.everything() + caplog.text for word in PERSONAL)


# ------------------------------------------------------------------------------------------------------- settings


def test_an_edxml_source_names_one_way_and_where_its_messages_are(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    config = tmp_path / "config.yaml"
    for way, words in (
        ("path: inbox\n    url: http://x.example/list\n    content: xml", "url"),
        ("stale_after: 1h", "path"),
        ("url: http://x.example/list", "message_url"),
        ("url: http://x.example/list\n    message_url: http://x.example/one", "message_url"),
    ):
        config.write_text(
            CONFIG.format(centre='{name: "Thử", unit: "99001"}', store="sqlite:///a.db", way=way), "utf-8"
        )
        with pytest.raises(ConfigError) as caught:
            load_settings(config, {})
        assert words in caught.value.message("vi")
