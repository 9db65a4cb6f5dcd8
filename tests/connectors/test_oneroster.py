"""Rosters after OneRoster: counted by hand, with every person left at the door."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from connectors.connector import RawRecord
from connectors.field_map import FieldMap
from connectors.house import House, open_house
from connectors.oneroster import OneRosterFolder, OneRosterService, Register
from connectors.pull import pull
from datasets.errors import SourceChanged
from datasets.settings import OneRosterSource, load_settings
from tests.connectors.no_personal_values import nowhere_else
from tests.connectors.read_through import Reading, read_through
from tests.connectors.roster_zip import (
    ENROLMENTS,
    MADE,
    ORGS,
    PEOPLE,
    WORKED_OUT,
    Table,
    delta,
    enrolment,
    package,
    tables,
)
from tests.connectors.scripted_server import serving

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)


def configured(root: Path, more: str = ", key: 'env:KEY'", way: str = "path: inbox") -> None:
    (root / "units.csv").write_text(
        "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\n"
        "99,Tỉnh,province,,province,,,,,\n99001,Xã,commune,99,commune,,,,,\n"
        "99001-TH,TH,facility,99001,school,,,,,\n99001-CS,CS,facility,99001,school,,,,,\n",
        "utf-8",
    )
    (root / "config.yaml").write_text(
        'centre: {name: Thử, unit: "99001"}\nunits: units.csv\nstore: {url: "sqlite:///data/ioc.db"}\nsources:\n'
        f"  rosters: {{dataset: observation, connector: oneroster, map: oneroster, {way}{more}}}\n",
        "utf-8",
    )


def source_in(root: Path) -> OneRosterSource:
    found = load_settings(root / "config.yaml", {"KEY": "khoá thử"}).sources["rosters"]
    assert isinstance(found, OneRosterSource)
    return found


def register(root: Path, now: datetime = NOW) -> Register:
    return Register(source_in(root), load_settings(root / "config.yaml", {"KEY": "khoá thử"}), lambda: now)


def counted(records: Sequence[RawRecord]) -> dict[tuple[str, str, str], int]:
    return {
        (str(r.values["school"]), str(r.values["quantity"]), str(r.values["category"])): int(str(r.values["value"]))
        for r in records
        if not r.fault
    }


def taken(root: Path, content: bytes, now: datetime = NOW) -> dict[tuple[str, str, str], int]:
    """One zip counted and remembered."""
    mine = register(root, now)
    batch = mine.batch(content)
    mine.remember()
    return counted(batch.records)


def refusal(root: Path, content: bytes) -> SourceChanged:
    with pytest.raises(SourceChanged) as caught:
        register(root).batch(content)
    assert caught.value.message("vi") != caught.value.message("en")
    return caught.value


def opened(root: Path, now: datetime = NOW) -> House:
    return open_house(root / "config.yaml", {"KEY": "khoá thử", "IOC_NOW": now.isoformat()})


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_both_versions_give_the_counts_worked_out_by_hand(tmp_path: Path, version: str) -> None:
    configured(tmp_path)
    assert taken(tmp_path, package(tables(version), version)) == WORKED_OUT


def test_schools_whose_identifiers_differ_in_capitals_only_are_one_and_their_counts_are_added(tmp_path: Path) -> None:
    configured(tmp_path)
    content = tables("1.2")
    content["orgs"] = [{**org, "identifier": "99001-th"} if org["sourcedId"] == "s2" else org for org in ORGS]
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "roster.zip").write_bytes(package(content))
    house = opened(tmp_path)
    pull("rosters", house)
    c = house.store.tables["observation"].c
    with house.store.engine.connect() as connection:
        found = connection.execute(sa.select(c.unit, c.element, c.value).where(c.category == "")).all()
    assert set(map(tuple, found)) == {
        ("99001-TH", "ed_schools", 1.0),
        ("99001-TH", "ed_classes", 3.0),
        ("99001-TH", "ed_pupils", 5.0),
        ("99001-TH", "ed_teachers", 3.0),
    }


def test_the_month_is_that_in_which_the_roster_was_made(tmp_path: Path) -> None:
    configured(tmp_path)
    old = register(tmp_path).batch(package(tables("1.2"), made=datetime(2026, 10, 2, 6)))
    assert {record.values["period"] for record in old.records} == {"202610"}
    ahead = register(tmp_path).batch(package(tables("1.2"), made=datetime(2026, 12, 24)))
    assert {record.values["period"] for record in ahead.records} == {"202611"}


def test_in_summer_the_roster_counts_as_on_the_last_day_of_school(tmp_path: Path) -> None:
    configured(tmp_path)
    august = taken(tmp_path, package(tables("1.2"), made=datetime(2026, 8, 3)))
    assert august["99001-TH", "classes", ""] == 1
    assert august["99001-TH", "pupils", ""] == 1
    assert august["99001-CS", "pupils", ""] == 0


def test_an_enrolment_ends_before_its_last_day_and_begins_on_its_first(tmp_path: Path) -> None:
    configured(tmp_path)
    content = tables("1.2")
    dates = {"e1": {"endDate": "2026-11-19"}, "e2": {"endDate": "2026-11-20"}, "e4": {"beginDate": "2026-11-20"}}
    content["enrollments"] = [enrolment(*line, **dates.get(line[0], {})) for line in ENROLMENTS]
    found = taken(tmp_path, package(content))
    assert found["99001-TH", "pupils", ""] == 2  # e1 was gone on 19/11, e2 not yet
    assert found["99001-CS", "pupils", ""] == 1  # e4 came the day after


def test_a_delta_is_laid_over_the_roster_before_it(tmp_path: Path) -> None:
    configured(tmp_path)
    taken(tmp_path, package(tables("1.2")))
    rows = [
        enrolment("e3", "2A", "s1", "hs-003", status="tobedeleted"),
        enrolment("e9", "1A", "s1", "hs-009"),
    ]
    users = [{"sourcedId": "hs-009", "enabledUser": "true", "givenName": "Ngô Văn Ớt Xanh"}]
    found = taken(tmp_path, delta(rows, datetime(2026, 11, 20, 6), users=users))
    assert found["99001-TH", "pupils", ""] == 3
    assert found["99001-TH", "pupils", "lop=1"] == 3
    assert found["99001-TH", "pupils", "lop=2"] == 0, "a grade that is empty now is 0, not what it was"
    assert found["99001-TH", "pupils", "lop=2;gioi=nu"] == 0
    assert found["99001-CS", "pupils", ""] == 2


def test_a_delta_and_the_whole_roster_after_it_give_the_same_counts(tmp_path: Path) -> None:
    configured(tmp_path)
    taken(tmp_path, package(tables("1.2")))
    gone = [enrolment("e5", "6A", "s2", "hs-005", status="tobedeleted")]
    by_delta = taken(tmp_path, delta(gone, datetime(2026, 11, 20, 6)))
    content = tables("1.2")
    content["enrollments"] = [enrolment(*line) for line in ENROLMENTS if line[0] != "e5"]
    whole = taken(tmp_path, package(content, made=datetime(2026, 11, 20, 7)))
    assert by_delta == whole
    assert whole["99001-CS", "pupils", "lop=6"] == 1


def test_the_same_delta_twice_changes_nothing(tmp_path: Path) -> None:
    configured(tmp_path)
    taken(tmp_path, package(tables("1.2")))
    change = delta([enrolment("e3", "2A", "s1", "hs-003", status="tobedeleted")], datetime(2026, 11, 20, 6))
    assert taken(tmp_path, change) == taken(tmp_path, change)


@pytest.mark.parametrize(
    ("more", "before", "age", "key"),
    [
        ("", True, 1, "oneroster.delta_without_key"),
        (", key: 'env:KEY'", False, 1, "oneroster.delta_without_bulk"),
        (", key: 'env:KEY', bulk_within: 10d", True, 11, "oneroster.bulk_too_old"),
        (", key: 'env:KEY'", True, -1, "oneroster.older"),
    ],
)
def test_a_delta_that_cannot_be_counted_truly_is_refused(
    tmp_path: Path, more: str, before: bool, age: int, key: str
) -> None:
    configured(tmp_path, more)
    made = datetime(2026, 11, 18, 6)
    if before:
        taken(tmp_path, package(tables("1.2"), made=made - timedelta(days=age)))
    assert refusal(tmp_path, delta([enrolment("e1", "1A", "s1", "hs-001")], made)).key == key


def test_another_key_makes_the_remembered_roster_useless_and_is_noticed(tmp_path: Path) -> None:
    configured(tmp_path)
    taken(tmp_path, package(tables("1.2")))
    settings = load_settings(tmp_path / "config.yaml", {"KEY": "khoá khác"})
    source = settings.sources["rosters"]
    assert isinstance(source, OneRosterSource)
    with pytest.raises(SourceChanged) as caught:
        Register(source, settings, lambda: NOW).batch(delta([enrolment("e1", "1A", "s1", "hs-001")], MADE))
    assert caught.value.key == "oneroster.delta_without_bulk"


def test_without_a_key_the_state_file_holds_nothing_of_any_person(tmp_path: Path) -> None:
    configured(tmp_path, more="")
    taken(tmp_path, package(tables("1.2")))
    state = source_in(tmp_path).state
    assert set(json.loads(state.read_text("utf-8"))) == {"format", "made", "bulk", "period", "cells"}
    assert state.stat().st_mode & 0o077 == 0


def broken(name: str, **change: object) -> dict[str, Table]:
    content = tables("1.2")
    content[name] = [{**row, **change} for row in content[name]]
    return content


def zip_of(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "x")
    return buffer.getvalue()


REFUSED = {
    "oneroster.not_zip": b"PK but no zip",
    "oneroster.no_manifest": zip_of("orgs.csv"),
    "oneroster.version": package(tables("1.2"), version="2.0"),
    "oneroster.file_missing": package({k: v for k, v in tables("1.2").items() if k != "roles"}),
    "oneroster.columns_gone": package({**tables("1.2"), "classes": [{"sourcedId": "1A", "title": "1A"}]}),
    "oneroster.bad_row": package(broken("enrollments", beginDate="05/09/2026")),
    "files.bomb": package({**tables("1.2"), "orgs": [{**ORGS[0], "name": "0" * 30_000_000}]}),
}


@pytest.mark.parametrize("key", REFUSED)
def test_a_zip_that_is_not_what_was_agreed_is_refused_in_words(tmp_path: Path, key: str) -> None:
    configured(tmp_path)
    assert refusal(tmp_path, REFUSED[key]).key == key


def test_a_promised_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    configured(tmp_path)
    content = package(tables("1.1"), version="1.1", file__roles="bulk")
    assert refusal(tmp_path, content).params["file"] == "roles.csv"


def test_enrolments_that_lead_nowhere_are_set_aside_and_the_rest_is_counted(tmp_path: Path) -> None:
    configured(tmp_path)
    content = tables("1.2")
    content["enrollments"] = [*content["enrollments"], enrolment("e90", "9Z", "s2", "hs-004")]
    records = register(tmp_path).batch(package(content)).records
    assert [record.fault for record in records if record.fault] == ["oneroster_broken"]
    assert counted(records) == WORKED_OUT


def test_a_folder_of_zips_is_pulled_the_whole_way_and_no_person_is_kept_anywhere(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    configured(tmp_path)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.zip").write_bytes(package(tables("1.2")))
    (tmp_path / "sent.zip").write_bytes(package(tables("1.2")))  # the sender's own copy; the centre keeps none
    house = opened(tmp_path)
    counts = pull("rosters", house)
    assert (counts.read, counts.new, counts.quarantined) == (len(WORKED_OUT), len(WORKED_OUT), 0)
    gone = [enrolment("e3", "2A", "s1", "hs-003", status="tobedeleted")]
    (inbox / "b.zip").write_bytes(delta(gone, datetime(2026, 11, 20, 6)))
    assert pull("rosters", house).changed == 4  # pupils, girls, grade 2, girls of grade 2; the class stays
    (inbox / "c.zip").write_bytes(package(tables("1.2"))[:200])
    with pytest.raises(SourceChanged):
        pull("rosters", house)
    table = house.store.tables["observation"]
    with house.store.engine.connect() as connection:
        rows = connection.execute(sa.select(table.c.unit, table.c.element, table.c.category, table.c.value)).all()
    house.store.engine.dispose()
    assert {row[:3]: row[3] for row in rows}["99001-TH", "ed_pupils", ""] == 2
    people = [value for own, name, phone, *_ in PEOPLE for value in (own, name, phone)]
    assert list(inbox.glob("done/*.zip")) == []
    nowhere_else(people, tmp_path, [tmp_path / "sent.zip", *inbox.glob("refused/*.zip")], caplog.text)


def test_over_http_the_zip_is_asked_for_with_the_authorization_and_a_login_page_is_no_roster(tmp_path: Path) -> None:
    answers = [package(tables("1.2")), b"<html>login</html>"]
    with serving(*(lambda handler, seen, body=body: handler.give(200, body) for body in answers)) as script:
        url = script.url("/zip")
        configured(tmp_path, way=f"url: '{url}', auth: {{type: bearer, token: 'env:KEY'}}", more="")
        settings = load_settings(tmp_path / "config.yaml", {"KEY": "the-token"})
        source = settings.sources["rosters"]
        assert isinstance(source, OneRosterSource)
        service = OneRosterService(source, settings, lambda: NOW, sleep=lambda seconds: None)
        (batch,) = service.fetch(None)
        assert counted(batch.records) == WORKED_OUT
        assert script.seen[0].headers["authorization"] == "Bearer the-token"
        with pytest.raises(SourceChanged) as caught:
            list(service.fetch(None))
        assert caught.value.key == "oneroster.not_zip"


def test_the_connector_keeps_the_contract_of_all_connectors(tmp_path: Path) -> None:
    configured(tmp_path)
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.zip").write_bytes(package(tables("1.2")))
    settings = load_settings(tmp_path / "config.yaml", {"KEY": "khoá thử"})
    field_map = FieldMap.find("oneroster", tmp_path)
    source = source_in(tmp_path)

    def connect() -> OneRosterFolder:
        return OneRosterFolder(source, settings, lambda: NOW, field_map, sleep=lambda seconds: None)

    rows = read_through(Reading(connect, field_map, NOW, ZONE, len(WORKED_OUT)))
    assert sum(float(str(row[5])) for row in rows) == sum(WORKED_OUT.values())
