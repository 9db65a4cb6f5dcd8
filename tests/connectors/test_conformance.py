"""Every connector and every field map keeps the contract (conformance.py says which)."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.pull import pull
from connectors.registry import CONNECTORS
from tests.connectors import conformance
from tests.connectors.conformance import ENVIRON, kept, laid, opened, read
from tests.connectors.map_cases import CASES, Case, copied
from tests.connectors.no_personal_values import nowhere_else

MAPS = Path(__file__).parents[2] / "connectors" / "maps"
NURSERY = Path(__file__).with_name("crash_nursery.py")
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
FIRST_OF_ITS_WAY = {(case.connector, case.way): case.name for case in reversed(CASES)}
"""One case for each way of a connector is killed everywhere; the others, which differ in their map only, midway."""


@pytest.fixture(autouse=True)
def _small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.files.BATCH_ROWS", conformance.STEP)
    monkeypatch.setattr("connectors.edxml.BATCH_MESSAGES", conformance.STEP)
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)


@pytest.fixture(scope="module")
def services() -> Iterator[str]:
    with conformance.services() as address:
        yield address


@pytest.fixture(scope="module")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    environ = {**ENVIRON, "PATH": "/usr/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        [sys.executable, str(NURSERY)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, env=environ
    )
    yield process
    assert process.stdin is not None and process.stdout is not None
    process.stdin.close()
    process.wait(timeout=20)
    process.stdout.close()


def test_every_map_and_every_connector_has_a_case() -> None:
    assert {case.map for case in CASES} == {path.stem for path in MAPS.glob("*.yaml")}
    assert {case.connector for case in CASES} == set(CONNECTORS)


@every_case
def test_a_source_read_twice_says_the_same(case: Case, tmp_path: Path, services: str, sqlite_template: Path) -> None:
    house = opened(laid(case, tmp_path / "it", services, sqlite_template))
    columns, records = read(house)
    assert records and read(house) == (columns, records)
    assert len(columns) > 1 or case.connector == "oneroster", "too few batches to be killed between"
    house.store.close()


@every_case
def test_what_is_stored_is_typed_keyed_complete_and_about_nobody_and_comes_once(
    case: Case, tmp_path: Path, services: str, sqlite_template: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    root = tmp_path / "it"
    house = opened(laid(case, root, services, sqlite_template))
    counts = pull("it", house)
    assert (counts.new, counts.quarantined) == (case.rows, case.aside)
    assert conformance.wrong_types(house, case.dataset) == []
    first, version = kept(house, case.dataset, bookkeeping=True), house.store.version()
    assert len(first[case.dataset]) == case.rows
    pull("it", house)
    conformance.forgotten(case, root)
    again = pull("it", house)
    assert (again.new, again.changed, again.quarantined) == (0, 0, case.aside)
    assert again.unchanged or case.connector == "edxml"
    assert kept(house, case.dataset, bookkeeping=True) == first  # not even a time stamp (failures.md R5)
    assert house.store.version() == version
    house.store.close()
    if case.people:
        sources = _sources(case, root)
        nowhere_else(case.people, root, sources, caplog.text, fewest=len(case.people))


def _sources(case: Case, root: Path) -> list[Path]:
    """The files that a source itself holds its people in; of a web service its answers are written down."""
    own = root.parent / "source"
    own.mkdir()
    if case.answer is not None:
        asked = {"page": ["1"], "size": ["1000"], "period": ["202610"], "dataSet": ["BC_TYT"]}
        (own / "answer").write_bytes(case.answer(asked))
    for name, content in case.files.items():
        (own / name).write_bytes(content)
    if case.script:
        (own / "register.sql").write_text(case.script, "utf-8")
        (root / "register.db").unlink()
    return sorted(own.iterdir())


@every_case
def test_killed_at_any_batch_the_next_pull_comes_to_the_same(
    case: Case, tmp_path: Path, services: str, sqlite_template: Path, nursery: subprocess.Popen[str]
) -> None:
    assert nursery.stdin is not None and nursery.stdout is not None
    template = tmp_path / "template"
    laid(case, template, services, sqlite_template)
    house = opened(copied(template, tmp_path / "calm"))
    batches = len(read(house)[0])
    pull("it", house)
    wanted = kept(house, case.dataset)
    house.store.close()
    everywhere = FIRST_OF_ITS_WAY[case.connector, case.way] == case.name
    for at in range(batches + 2) if everywhere else (batches // 2,):
        config = copied(template, tmp_path / f"killed-{at}")
        nursery.stdin.write(json.dumps([str(config), at, batches]) + "\n")
        assert nursery.stdout.readline() == "died\n"
        house = opened(config)
        before = kept(house, case.dataset)[case.dataset]
        assert before == (wanted[case.dataset] if at > batches else []), "whole or nothing"
        pull("it", house)
        assert kept(house, case.dataset) == wanted
        house.store.close()
