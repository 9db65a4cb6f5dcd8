"""The simulated document system: how documents live in it, over real HTTP, and the whole way into figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import httpx
import pytest
import sqlalchemy as sa

from connectors.edxml import edxml_connector
from connectors.edxml_message import read_header
from connectors.field_map import FieldMap
from connectors.house import House, open_house
from connectors.pull import pull
from connectors.sandbox.documents.api import add_documents
from connectors.sandbox.documents.message import message
from connectors.sandbox.documents.register_file import drop_register
from connectors.sandbox.documents.system import DocumentSystem
from connectors.sandbox.faults import Faults
from connectors.sandbox.one_stop.api import create_api
from connectors.sandbox.one_stop.one_stop import OneStop
from connectors.sandbox.one_stop.tokens import Tokens
from connectors.sandbox.server import listen, server_on
from datasets.errors import PullError
from datasets.indicators.calculate import Calculator, Request
from datasets.indicators.catalogue import load_catalogue
from datasets.periods import Period
from datasets.working_days import WorkingCalendar
from tests.connectors.read_through import Reading, read_through
from tests.connectors.sandbox_server import CLIENT, CREDENTIALS, SECRET

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9)
NEIGHBOURS = ("99002", "99003", "99004", "99005", "99006")
UNITS = Path("datasets/demo/units.csv")
CONFIG = """
centre: {{name: "Thử", unit: "99001", demo: true}}
units: {units}
store: {{url: "sqlite:///ioc.db"}}
sources:
  documents:
    dataset: document
    connector: edxml
    map: edxml_document
    url: {address}/api/van-ban
    params: {{maDonVi: "99006"{whole}}}
    content: edxml
    message_url: {address}/api/van-ban/{{id}}
    organisations: {{H99.01.06: "99006"}}
    auth: {{type: oauth2_client_credentials, token_url: "{address}/token", client_id: {client}, client_secret: "env:S"}}
    paging: {{type: page_number, size_param: pageSize, size: {size}}}
    retries: 0
    records: data.items
    total: data.total
    cursor: {{param: tuNgay, field: ChangedAt, lookback: 2d}}
  document_register:
    dataset: document
    connector: files
    map: ioffice_export
    path: inbox
"""


@pytest.fixture(scope="module")
def system() -> DocumentSystem:
    return DocumentSystem(7, [NOW], WorkingCalendar(), UNITS)


class Server:
    """The system over HTTP, with a clock that can be moved."""

    def __init__(self, system: DocumentSystem) -> None:
        self.now = NOW.replace(tzinfo=ZONE)
        self.faults = Faults(7)
        self.slept: list[float] = []
        tokens = Tokens({CLIENT: SECRET}, 7, lambda: self.now)
        one_stop = OneStop(7, [NOW], WorkingCalendar(), UNITS, lively=False)
        app = create_api(one_stop, tokens, self.faults, lambda: self.now, ZONE, self.slept.append)
        add_documents(app, system, tokens, self.faults, lambda: self.now, ZONE, self.slept.append)
        self._server = server_on(listen("127.0.0.1", 0), app)
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def house(self, folder: Path, *, whole: bool = True, size: int = 1000) -> House:
        config = folder / "config.yaml"
        more = ', kemNoiDung: "1"' if whole else ""
        written = CONFIG.format(units=UNITS.absolute(), address=self.address, client=CLIENT, whole=more, size=size)
        config.write_text(written, "utf-8")
        return open_house(config, {"S": SECRET, "IOC_NOW": self.now.isoformat()})


@pytest.fixture
def server(system: DocumentSystem) -> Iterator[Server]:
    one = Server(system)
    yield one
    one.close()


# --------------------------------------------------------------------------------------------- how documents live


def test_the_same_seed_and_moment_give_the_same_messages(system: DocumentSystem) -> None:
    again = DocumentSystem(7, [NOW], WorkingCalendar(), UNITS)
    since = NOW - timedelta(days=10)
    assert system.changed(["99002"], since, NOW) == again.changed(["99002"], since, NOW)
    other = DocumentSystem(8, [NOW], WorkingCalendar(), UNITS)
    assert system.changed(["99002"], since, NOW) != other.changed(["99002"], since, NOW)


def test_what_was_seen_once_stays_as_it_was(system: DocumentSystem) -> None:
    fresh = DocumentSystem(7, [NOW], WorkingCalendar(), UNITS)
    early = fresh.changed(["99006"], None, NOW)[:]
    fresh.changed(["99006"], None, NOW + timedelta(days=5))
    assert fresh.changed(["99006"], None, NOW) == early
    assert len(fresh.changed(["99006"], None, NOW + timedelta(days=5))) > len(early)


def test_the_main_commune_has_the_traffic_of_a_real_one_and_three_years_of_it(system: DocumentSystem) -> None:
    came = [entry for entry in system.changed(["99001"], None, NOW) if entry.place == 0]
    october = [entry.document for entry in came if (entry.moment.year, entry.moment.month) == (2026, 10)]
    incoming = sum(document.incoming for document in october)
    assert 1000 < incoming < 1500
    assert 220 < len(october) - incoming < 350
    assert came[0].moment.date().isoformat() == "2023-11-01"


def test_documents_come_on_working_days_and_are_handled_in_office_hours(system: DocumentSystem) -> None:
    by_weekday = Counter(entry.moment.weekday() for entry in system.changed(["99001"], None, NOW) if entry.place == 0)
    assert by_weekday[6] < by_weekday[0] / 15
    for entry in system.changed(["99006"], NOW - timedelta(days=30), NOW):
        if entry.place:
            assert 7 <= entry.moment.hour < 18
            assert system.office.works(entry.moment.date())


def test_numbers_run_over_the_year_in_each_register(system: DocumentSystem) -> None:
    numbers = [d.number for d, _ in system.standing(["99006"], None, NOW) if d.incoming and d.steps[0][0].year == 2026]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_message_is_readable_edxml_and_some_are_secret(system: DocumentSystem) -> None:
    marks = 0
    for entry in system.changed(["99006"], None, NOW):
        found = read_header(message(entry.document, entry.place, system.names).encode(), 100_000)
        assert found.fault == ""
        assert found.is_status == (entry.place > 0)
        marks += bool(found.marks)
    assert marks > 2


# ------------------------------------------------------------------------------------------------------ over HTTP


@contextmanager
def signed_in(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address) as client:
        token = client.post("/token", data=CREDENTIALS).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


def test_a_stranger_gets_neither_list_nor_message(server: Server) -> None:
    assert httpx.get(f"{server.address}/api/van-ban").status_code == 401
    assert httpx.get(f"{server.address}/api/van-ban/99006-261120-0001-0").status_code == 401


def test_the_list_begins_at_the_moment_asked_for_and_a_message_is_there_by_its_id(server: Server) -> None:
    with signed_in(server) as client:
        asked = {"maDonVi": "99006", "tuNgay": "20261119000000", "pageSize": "500"}
        items = client.get("/api/van-ban", params=asked).json()["data"]["items"]
        assert items
        assert all(item["thoiGian"] >= "20261119000000" and "edxml" not in item for item in items)
        answer = client.get(f"/api/van-ban/{items[0]['id']}")
        assert answer.headers["Content-Type"].startswith("application/xml")
        assert read_header(answer.content, 100_000).fault == ""
        assert client.get("/api/van-ban/99006-270101-0001-0").status_code == 404
        assert client.get("/api/van-ban", params={"page": "0"}).status_code == 400


def test_messages_listed_and_messages_fetched_become_the_same_rows(server: Server, tmp_path: Path) -> None:
    found = []
    for whole in (True, False):
        folder = tmp_path / str(whole)
        folder.mkdir()
        house = server.house(folder, whole=whole)
        source = house.settings.sources["documents"]
        since = server.now - timedelta(days=3)
        connector = edxml_connector(source, house.settings, house.clock)
        found.append([record for batch in connector.fetch(since) for record in batch.records])
        house.store.close()
    assert found[0] == found[1]
    assert len(found[0]) > 20


def test_the_connector_keeps_the_contract_of_all_connectors(server: Server, tmp_path: Path) -> None:
    house = server.house(tmp_path)
    source = house.settings.sources["documents"]

    class Documents:
        """Only whole documents: changes of others are not rows by themselves."""

        confirms_when_empty, more = True, False

        def fetch(self, since: datetime | None) -> Iterator[object]:
            for batch in edxml_connector(source, house.settings, house.clock).fetch(since):
                records = [r for r in batch.records if "ResponseFor" not in r.values and r.values.get("DoMat") is None]
                yield type(batch)(records, batch.columns)

    rows = sum(1 for batch in Documents().fetch(None) for _ in batch.records)  # type: ignore[attr-defined]
    assert rows > 2000
    read_through(Reading(Documents, FieldMap.find("edxml_document", tmp_path), server.now, ZONE, rows))  # type: ignore[arg-type]
    house.store.close()


@pytest.mark.parametrize("kind", ["error", "truncated", "broken_json", "login_page"])
def test_a_fault_of_the_system_writes_nothing_and_the_next_pull_is_whole(
    server: Server, tmp_path: Path, kind: str
) -> None:
    house = server.house(tmp_path)
    server.faults.add({"kind": kind, "skip": 1})
    with pytest.raises(PullError):
        pull("documents", house)
    assert house.store.version() == 0
    server.faults.clear()
    assert pull("documents", house).new > 2000
    house.store.close()


# --------------------------------------------------------------------------------------------------- the whole way


def truth(system: DocumentSystem, unit: str, now: datetime) -> Counter[str]:
    """What the simulation itself knows of November 2026, counted by hand; secret documents left out."""
    found: Counter[str] = Counter()
    for document, step in system.standing([unit], None, now):
        if document.secret:
            continue
        came, (at, code) = document.steps[0][0], document.steps[step]
        month = (came.year, came.month) == (2026, 11)
        if not document.incoming:
            found["doc_outgoing"] += month
            continue
        found["doc_incoming"] += month
        ended = code in ("02", "06")
        found["doc_done"] += code == "06" and (at.year, at.month) == (2026, 11)
        found["doc_backlog"] += not ended
        found["doc_overdue_open"] += not ended and document.due is not None and document.due < now.date()
    return found


def figures(house: House, unit: str) -> dict[str, float | None]:
    names = ("doc_incoming", "doc_outgoing", "doc_done", "doc_backlog", "doc_overdue_open")
    zone = house.settings.centre.time_zone
    calculator = Calculator(house.store, load_catalogue(), house.units, house.calendar, zone, house.clock)
    values = calculator.values(Request(names, (unit,), (Period.parse("202611"),)))
    return {value.indicator: value.value for value in values}


def test_messages_become_the_figures_the_simulation_itself_counts(
    server: Server, system: DocumentSystem, tmp_path: Path
) -> None:
    house = server.house(tmp_path)
    counts = pull("documents", house)
    assert counts.quarantined == 0
    assert figures(house, "99006") == dict(truth(system, "99006", NOW))
    house.store.close()


def test_day_by_day_gives_the_same_rows_as_all_at_once(server: Server, tmp_path: Path) -> None:
    step, whole = tmp_path / "step", tmp_path / "whole"
    step.mkdir()
    whole.mkdir()
    server.now -= timedelta(days=4)
    house = server.house(step)
    pull("documents", house)
    house.store.close()
    for _ in range(4):
        server.now += timedelta(days=1)
        house = server.house(step)
        pull("documents", house)
        house.store.close()
    other = server.house(whole)
    pull("documents", other)
    house = server.house(step)
    assert held(house) == held(other)
    house.store.close()
    other.store.close()


def held(house: House) -> list[tuple[object, ...]]:
    table = house.store.tables["document"]
    names = [column.name for column in table.columns if column.name not in ("first_seen_at", "changed_at", "pull_id")]
    with house.store.engine.connect() as connection:
        asked = sa.select(*(table.c[name] for name in names)).order_by(table.c.document_key)
        return [tuple(row) for row in connection.execute(asked)]


def test_the_daily_file_brings_the_neighbours_up_to_date(
    server: Server, system: DocumentSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    units = ("99002", "99006")
    house = server.house(tmp_path)
    first = drop_register(system, units, tmp_path / "inbox", NOW)
    assert first is not None
    assert first.suffix == ".csv"
    assert drop_register(system, units, tmp_path / "inbox", NOW) is None
    counts = pull("document_register", house)
    assert counts.quarantined == 0
    assert drop_register(system, units, tmp_path / "inbox", NOW.replace(hour=17, minute=29)) is None
    evening = NOW.replace(hour=17, minute=31)
    daily = drop_register(system, units, tmp_path / "inbox", evening)
    assert daily is not None
    assert daily.suffix == ".xlsx"
    house.store.close()
    server.now = evening.replace(tzinfo=ZONE)
    house = server.house(tmp_path)
    again = pull("document_register", house)
    assert again.new > 10
    assert again.changed > 10
    for unit in units:
        assert figures(house, unit) == dict(truth(system, unit, evening))
    house.store.close()


def test_the_late_commune_has_a_backlog_and_the_good_one_has_none_to_speak_of(system: DocumentSystem) -> None:
    late, good = truth(system, "99002", NOW), truth(system, "99001", NOW)
    assert late["doc_overdue_open"] > 20 > good["doc_overdue_open"]
    assert late["doc_backlog"] / late["doc_incoming"] > 2 * good["doc_backlog"] / good["doc_incoming"]
