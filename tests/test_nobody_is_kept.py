"""Nobody whom a source names is found in any byte that the product writes, says or serves.

All cases of map_cases.py are pulled into one centre, some of it set aside, refused, handed
in as forms; then every file below it, the log, the API, lists and pages are searched. That
the search would find somebody is shown with a planted value in each kind of place.
"""

from __future__ import annotations

import io
import json
import logging
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from plotly.utils import PlotlyJSONEncoder

from connectors.house import House, open_house
from connectors.jobs import work_off
from connectors.old_files import forget_files
from connectors.pull import pull
from connectors.raw_answers import FOLDER
from dashboard.__main__ import main
from dashboard.app import build_server
from dashboard.desk.render import render
from dashboard.open_queries import open_queries
from datasets import uploads
from datasets.errors import BatchRejected, PullError
from datasets.forms import TYPED
from datasets.standing import is_folder
from datasets.store.jobs import Kind
from tests.connectors import conformance
from tests.connectors.conformance import ENVIRON
from tests.connectors.fixtures import exports
from tests.connectors.map_cases import CASES, NOW, UNITS
from tests.connectors.no_personal_values import nowhere_else

PEOPLE = tuple(dict.fromkeys(value for case in CASES for value in case.people))
ASKED = (
    ("ps_received", "202611", "99"), ("doc_incoming", "202611", "99001"), ("doc_outgoing", "202611", "99001"),
    ("pt_received", "202611", "99001"), ("se_population", "202610", "99001"), ("ed_pupils", "202609", "99001"),
    ("hl_cases", "2026W46", "99001"),
)  # fmt: skip
"""(indicator, period, unit) with figures behind them."""
SENSITIVE = ("ed_", "hl_")
"""Of these nobody is given the records, only figures."""
PAGES = ("/", "/kinh-te-xa-hoi", "/dich-vu-cong", "/van-ban", "/y-te", "/giao-duc", "/nguon-so-lieu", "/canh-bao")


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """(folder, all that was logged) of a centre that pulled every case, good and bad."""
    root = tmp_path_factory.mktemp("everybody") / "centre"
    root.mkdir()
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    logger = logging.getLogger()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        with conformance.services() as services, pytest.MonkeyPatch.context() as patch:
            patch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
            house = _laid(root, services)
            for name in house.settings.sources:
                pull(name, house)
            _spoiled(root, house)
            _handed_in(house)
            assert forget_files(house.settings, date(2027, 6, 1)) > 5  # what was refused has waited for its owner
            house.store.close()
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)
    yield root, said.getvalue()


def _laid(root: Path, services: str) -> House:
    (root / "units.csv").write_text(UNITS, "utf-8")
    blocks = [case.source(f"s{place}", f"{services}/{place}", f"inbox/s{place}") for place, case in enumerate(CASES)]
    head = 'centre: {name: Thử, unit: "99"}\nunits: units.csv\nstore: {url: "sqlite:///ioc.db"}\nsources:\n'
    (root / "config.yaml").write_text(head + "".join(blocks), "utf-8")
    for place, case in enumerate(CASES):
        case.drop(root / "inbox" / f"s{place}")
        if case.script:
            with closing(sqlite3.connect(root / "register.db")) as database:
                database.executescript(case.script)
    return open_house(str(root / "config.yaml"), ENVIRON)


def _spoiled(root: Path, house: House) -> None:
    """The same sources once more, each damaged: rows set aside, whole files refused, columns nobody knows."""
    for place, case in enumerate(CASES):
        inbox = root / "inbox" / f"s{place}"
        for name, content in case.files.items():
            for way, damage in enumerate((_other_units, _cut, _unknown_column)):
                spoiled = damage(content)
                if spoiled is not None:
                    (inbox / f"{way}-{name}").write_bytes(spoiled)
                    with suppress(PullError):
                        pull(f"s{place}", house)
                    (inbox / f"{way}-{name}").unlink(missing_ok=True)


def _refused(root: Path) -> None:
    """The services and databases once more, refused as a whole: their answers are kept."""
    with conformance.services() as services:
        config = root / "config.yaml"
        config.write_text(re.sub(r"http://127\.0\.0\.1:\d+", services, config.read_text("utf-8")), "utf-8")
        house = open_house(str(config), ENVIRON)
        for name, source in house.settings.sources.items():
            if is_folder(source):
                continue
            hard = source.model_copy(update={"expect": source.expect.model_copy(update={"min_rows": 10**6})})
            settings = house.settings.model_copy(update={"sources": {**house.settings.sources, name: hard}})
            with pytest.raises(BatchRejected):
                pull(name, replace(house, settings=settings))
        house.store.close()


def _inside(content: bytes, change: Callable[[str], str]) -> bytes:
    """The content with a change of its text; of a workbook or zip, of every part of it."""
    if not content.startswith(b"PK"):
        with suppress(UnicodeDecodeError):
            return change(content.decode("utf-8")).encode()
        return content
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = old.read(entry)
            with suppress(UnicodeDecodeError):
                part = change(part.decode("utf-8")).encode()
            new.writestr(entry, part)
    return changed.getvalue()


def _other_units(content: bytes) -> bytes:
    return _inside(content, lambda text: text.replace("99001", "77777").replace("99002", "77778"))


def _cut(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


def _unknown_column(content: bytes) -> bytes:
    return _inside(content, lambda text: text.replace("Ghi chú", "Lời kể").replace("Họ tên", "Tên gọi ở nhà"))


def _handed_in(house: House) -> None:
    """Forms with people beside the columns: looked at, taken, taken again, and one that is refused."""
    petitions, figures = exports.petition_book(), exports.figures()
    for dataset, content, kinds in (
        ("petition", petitions, (Kind.PREVIEW, Kind.ACCEPT)),
        ("observation", figures, (Kind.PREVIEW, Kind.ACCEPT)),
        ("observation", figures, (Kind.PREVIEW, Kind.ACCEPT)),
        ("observation", petitions, (Kind.PREVIEW,)),
        ("petition", _other_units(petitions), (Kind.PREVIEW, Kind.ACCEPT)),
    ):
        stored = uploads.keep(house.settings.root, "bieu.xlsx", content)
        payload = {"dataset": dataset, "stored": stored, "name": "bieu.xlsx"}
        for kind in kinds:
            digest = uploads.digest_of(content)
            house.store.jobs.ask(kind, TYPED, payload, asked_by="Văn phòng", digest=digest)
            assert work_off(house) == 1


def _served(root: Path) -> Path:
    """All that the web gives out about records, sources and what was set aside, written down beside the centre."""
    target = root.parent / "served"
    target.mkdir()
    queries = open_queries(root / "config.yaml", ENVIRON)
    client: Any = build_server(queries).test_client()
    asked = ["/api/v1/sources"]
    for indicator, period, unit in ASKED:
        query = f"indicator={indicator}&period={period}&unit={unit}"
        asked.append(f"/api/v1/values?{query}")
        if not indicator.startswith(SENSITIVE):
            asked += [f"/api/v1/records?{query}&format={kind}" for kind in ("json", "csv")]
            asked += [f"/api/v1/records.{kind}?{query}" for kind in ("xlsx", "csv")]
    asked += [f"/nguon-so-lieu/{name}/cach-ly.csv" for name in (*queries.settings.sources, TYPED)]
    whole = 0
    for place, address in enumerate(asked):
        answer = client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code}"
        whole += len(answer.data) > 300
        (target / f"answer-{place}").write_bytes(answer.data)
        answer.close()
    assert whole > len(asked) // 3, "the answers say next to nothing: the search proves nothing"
    jobs = [job.id for kind in (Kind.PREVIEW, Kind.ACCEPT) for job in queries.store.jobs.latest(kind)]
    pages = [(path, "?don-vi=99001") for path in PAGES]
    pages += [("/nguon-so-lieu", f"?nguon={name}") for name in (*queries.settings.sources, TYPED)]
    pages += [("/nguon-so-lieu", f"?nguon={TYPED}&viec={job}") for job in jobs]
    for place, (path, search) in enumerate(pages):
        said = json.dumps(render(queries, path, search), cls=PlotlyJSONEncoder, ensure_ascii=False)
        assert len(said) > 2000
        (target / f"page-{place}").write_text(said, "utf-8")
    queries.store.close()
    return target


def _briefing(root: Path) -> None:
    """The weekly report of a commune, in the kinds that people pass on."""
    target = root.parent / "briefing"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IOC_NOW", NOW)
        patch.setenv("KEY", ENVIRON["KEY"])
        config = str(root / "config.yaml")
        words = ["briefing", "--config", config, "--period", "2026W46", "--unit", "99001", "--to", str(target)]
        assert main([*words, "--formats", "docx,xlsx,pptx"]) == 0
    assert len(list(target.iterdir())) == 3


def _sources(root: Path) -> list[Path]:
    """What the sources themselves hold, written down beside the centre."""
    own = root.parent / "sources"
    own.mkdir()
    (root / "register.db").unlink()
    for place, case in enumerate(CASES):
        for name, content in case.files.items():
            (own / f"{place}-{name}").write_bytes(content)
        if case.script:
            (own / f"{place}.sql").write_text(case.script, "utf-8")
        if case.answer is not None:
            asked = {"page": ["1"], "size": ["1000"], "period": ["202610"], "dataSet": ["BC_TYT"]}
            (own / f"{place}-answer").write_bytes(case.answer(asked))
    return sorted(own.iterdir())


def test_nobody_is_found_in_any_byte_that_is_kept_said_or_served(
    centre: tuple[Path, str], caplog: pytest.LogCaptureFixture
) -> None:
    root, said = centre
    _served(root)
    _briefing(root)
    _refused(root)
    assert (root / uploads.FOLDER).is_dir() and not list((root / uploads.FOLDER).iterdir())
    assert list(root.rglob("*.bao-cao.txt")), "no report was written: the search proves nothing"
    assert len(list((root / FOLDER).rglob("*.refused"))) > 3, "no answer is kept: the search proves nothing"
    assert len(PEOPLE) > 60
    nowhere_else(PEOPLE, root.parent, _sources(root), said + caplog.text, fewest=60)


PLANTED = "Nguyễn Thị Bị Lộ"
OTHERS = ("0911222333", "001099000333", "Trần Văn Kín Đáo", "Thôn Rất Riêng Tư")


def _in_the_database(root: Path, value: str) -> str:
    with closing(sqlite3.connect(root / "ioc.db")) as database, database:
        database.execute("CREATE TABLE dossier (handler TEXT)")
        database.execute("INSERT INTO dossier VALUES (?)", (value,))
    return ""


def _in_the_log_of_the_database(root: Path, value: str) -> str:
    database = sqlite3.connect(root / "ioc.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE quarantine (payload TEXT)")
    database.execute("INSERT INTO quarantine VALUES (?)", (json.dumps({"handler": value}),))
    database.commit()
    wal = (root / "ioc.db-wal").read_bytes()  # before the last connection folds it into the database
    database.close()
    (root / "ioc.db").unlink()
    (root / "ioc.db-wal").write_bytes(wal)
    return ""


def _in_a_workbook(root: Path, value: str) -> str:
    (root / "export.xlsx").write_bytes(
        exports.sheet(["DANH SÁCH"], ["TT", "Thôn", "Xã", "Người xử lý"], [[1, "", "", value]])
    )
    return ""


def _in_a_report_written_apart(root: Path, value: str) -> str:
    (root / "a.csv.bao-cao.txt").write_text(normalize("NFD", f"giá trị «{value}»"), "utf-16")
    return ""


def _in_an_answer(root: Path, value: str) -> str:
    (root / "answer.json").write_text(json.dumps([{"handler": value.upper()}]), "utf-8")
    return ""


def _in_the_log(root: Path, value: str) -> str:
    return f"WARNING cannot read {value}"


@pytest.mark.parametrize(
    "plant",
    [
        _in_the_database, _in_the_log_of_the_database, _in_a_workbook, _in_a_report_written_apart, _in_an_answer,
        _in_the_log,
    ],
)  # fmt: skip
def test_whoever_is_planted_is_found(plant: Callable[[Path, str], str], tmp_path: Path) -> None:
    source = tmp_path / "source.txt"
    source.write_text("\n".join([PLANTED, *OTHERS]), "utf-8")
    root = tmp_path / "centre"
    root.mkdir()
    nowhere_else([PLANTED, *OTHERS], root, [source], "nobody is named here")
    said = plant(root, PLANTED)
    with pytest.raises(AssertionError, match="Bị Lộ"):
        nowhere_else([PLANTED, *OTHERS], root, [source], said)
