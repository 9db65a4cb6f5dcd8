"""Of the thousands of people whom the simulated systems name, not one is found in what the centre keeps.

Every source of config.yaml is pulled from a sandbox of a few weeks; who is named is read
from the very answers that went out and from the files that were dropped, not from what
our maps call personal. Links to a citizen's papers count as the citizen's.
"""

from __future__ import annotations

import io
import json
import logging
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from threading import Thread
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

import pytest
import yaml

from connectors.house import open_house
from connectors.old_files import forget_files
from connectors.pull import pull
from connectors.sandbox.documents.office_day import NEIGHBOURS
from connectors.sandbox.documents.register_file import workbook
from connectors.sandbox.education.drops import drop_education
from connectors.sandbox.faults import Faults
from connectors.sandbox.health.drop import KINDS, drop_forms
from connectors.sandbox.inbox import drop
from connectors.sandbox.server import listen, server_on
from connectors.sandbox.systems import Systems, build_systems, lay_out_society
from datasets.errors import PullError
from datasets.settings import Settings, load_settings
from tests.connectors.people_of_answers import Search, listened, people_in, people_of

NOW = datetime(2026, 11, 20, 9, 0)  # a Friday
ENVIRON = {"IOC_NOW": "2026-11-20T09:00:00+07:00"}
SINCE = {"one_stop": "20261110000000", "one_stop_neighbours": "20261026000000", "documents": "20261119000000"}
LISTS = ("hoc-sinh_99001-TH", "giao-vien_99001-TH", "diem-danh", "bao-cao-truong")
"""Of the schools' files these: the others are of the same make."""


@dataclass
class Centre:
    """What the centre has on its disk after every source was pulled, and who was named to it."""

    root: Path
    search: Search
    answers: list[bytes]
    own: list[Path]
    said: str
    settings: Settings
    read: dict[str, int]


def _config(root: Path, address: str) -> Path:
    """The configuration of the demonstration, asking for a few weeks only."""
    said: dict[str, Any] = yaml.safe_load(Path("config.yaml").read_text("utf-8").replace("127.0.0.1:8061", address))
    said["units"] = str(Path("datasets/demo/units.csv").absolute())
    sources = said["sources"]
    for name, since in SINCE.items():
        sources[name]["params"]["tuNgay"] = since
    sources["one_stop_neighbours"]["params"]["maDonVi"] = "99005"  # the careless one: much of it is set aside
    sources["petitions"]["params"] = {"tuNgay": "2026-10-01T00:00:00"}
    del sources["health_dhis2"]["reconcile"]
    sources["health_dhis2"] |= {"history": "30d", "lookback": "20d"}
    (root / "deploy").mkdir()
    (root / "deploy" / "demo-secret.txt").write_text("only-for-this-test", "utf-8")
    (root / "config.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
    return root / "config.yaml"


def _dropped(systems: Systems, settings: Settings) -> None:
    """All files that the sandbox drops, of a short while; and one list that was cut on its way."""
    folders = {name: Path(source.path) for name, source in settings.sources.items() if source.connector == "files"}
    lay_out_society(systems, settings, 7, NOW, NOW)
    for path in drop_education(systems.schools, settings, NOW):
        if not path.name.startswith(LISTS):
            path.unlink()
    for kind in KINDS:
        drop_forms(systems.health, kind, folders[kind], NOW)
    folders["document_register"].mkdir(parents=True, exist_ok=True)
    register = workbook(systems.documents, NEIGHBOURS, datetime(2026, 11, 18), NOW)
    (folders["document_register"] / "so-van-ban-20261120-090000.xlsx").write_bytes(register)
    drop(Path("datasets/demo/pilot_facts.csv"), folders["pilot_facts"])
    whole = next(folders["school_pupils"].iterdir())
    (folders["school_pupils"] / "hoc-sinh_99002-TH_202609.xlsx").write_bytes(whole.read_bytes()[:6000])


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    root = tmp_path_factory.mktemp("province") / "centre"
    root.mkdir()
    said = io.StringIO()
    handler, logger = logging.StreamHandler(said), logging.getLogger()
    before = logger.level
    listening = listen("127.0.0.1", 0)
    config = _config(root, f"127.0.0.1:{listening.getsockname()[1]}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
        patch.setattr("connectors.sandbox.education.drops.YEARS", 1)
        patch.setattr("connectors.sandbox.petitions.cases.MONTHS", 2)
        for module in ("forms", "register"):
            patch.setattr(f"connectors.sandbox.society.{module}.MONTHS", 3)
        patch.setattr("connectors.sandbox.society.forms.RECENT", 1)
        settings = load_settings(config, ENVIRON)
        moment = NOW.replace(tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
        systems = build_systems(settings, 7, [NOW], Faults(7), lambda: moment, lambda seconds: None, lively=False)
        server = server_on(listening, systems.app)
        heard = listened(server)
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        serving.start()
        _dropped(systems, settings)
        register = root / "data" / "sandbox" / "ho-tich.db"
        people = set(_registered(register))
        for path in (root / "data" / "inbox").rglob("*"):
            if path.is_file():
                with suppress(Exception):  # the one that was cut
                    people.update(people_in(path))
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
        house = open_house(config, ENVIRON)
        read = {}
        try:
            for name in house.settings.sources:
                with suppress(PullError):
                    pull(name, house)
                read[name] = max((line.read for line in house.store.ledger.runs(name)), default=0)
            people.update(value for body in heard.bodies for value in people_of(body))
            yield Centre(root, Search(people), heard.bodies, [register], said.getvalue(), house.settings, read)
        finally:
            logger.setLevel(before)
            logger.removeHandler(handler)
            house.store.close()
            server.shutdown()
            serving.join()
            server.server_close()


def _registered(register: Path) -> Iterator[str]:
    with closing(sqlite3.connect(register)) as database:
        for line in database.execute("SELECT ho_ten, so_dinh_danh FROM so_ho_tich"):
            yield from line


def test_whom_the_sandbox_names_is_in_no_byte_that_the_centre_keeps_or_says(centre: Centre) -> None:
    assert {name: count for name, count in centre.read.items() if not count} == {}, "sources that brought nothing"
    assert len(centre.search.values) > 5000
    spoken = centre.search.of_bytes(b"\n".join(body for body in centre.answers if not body.startswith(b"PK")))
    assert len(spoken) > 2000, "the search finds too few of the people in the answers themselves"
    assert (centre.root / "data" / "ioc.db-wal").stat().st_size > 100_000, "what is not yet folded in is searched too"
    refused = [path for path in centre.root.rglob("*.xlsx") if path.parent.name == "refused"]
    assert len(refused) == 1
    assert list(refused[0].parent.glob("*.bao-cao.txt")), "the refused list has its report"
    forget_files(centre.settings, date(2027, 6, 1))  # its owner has had half a year to fetch it
    assert not refused[0].exists()
    assert centre.search.below(centre.root, but=centre.own) == {}
    assert "pull source=one_stop" in centre.said
    assert centre.search.of_text(centre.said) == set()


PLANTED = "Nguyễn Thị Bị Lộ"


def _zipped(value: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<si><t>{value}</t></si>")
    return content.getvalue()


@pytest.mark.parametrize(
    "written",
    [
        lambda value: f"| {value.upper()} |".encode(),
        lambda value: normalize("NFD", value).encode(),
        lambda value: json.dumps({"handler": value}).encode(),
        lambda value: f"báo cáo: {value}".encode("utf-16-le"),
        lambda value: b"\0\xff\x12" + value.encode() + b"\0\0\x93",
        _zipped,
    ],
    ids=["capitals", "decomposed", "escaped", "wide letters", "among other bytes", "in a zip"],
)
def test_the_search_finds_whoever_is_planted(written: Callable[[str], bytes], tmp_path: Path) -> None:
    search = Search([PLANTED, "0101234567", "Nam"])
    (tmp_path / "a").write_bytes(written("Trần Văn Khác"))
    assert search.below(tmp_path) == {}
    (tmp_path / "b").write_bytes(written(PLANTED))
    (tmp_path / "c").write_bytes(written("số 0101234567"))
    assert search.below(tmp_path) == {"b": {PLANTED.casefold()}, "c": {"0101234567"}}
