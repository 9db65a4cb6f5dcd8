"""The simulated schools: the same every time, in step with each other, and taken the whole way."""

from __future__ import annotations

import csv
import io
import logging
import re
import shutil
from datetime import date, datetime
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import httpx
import pytest
import sqlalchemy as sa
from flask import Flask

from connectors.house import House, open_house
from connectors.oneroster_files import open_roster
from connectors.pull import pull
from connectors.roster import Roster
from connectors.sandbox.education.api import add_education
from connectors.sandbox.education.drops import drop_education
from connectors.sandbox.education.exports import attendance_history
from connectors.sandbox.education.rosters import roster_zip
from connectors.sandbox.education.schools import Schools
from connectors.sandbox.faults import Faults
from connectors.sandbox.one_stop.tokens import Tokens
from connectors.sandbox.server import listen, server_on
from datasets.indicators.calculate import Calculator, Request
from datasets.indicators.catalogue import load_catalogue
from datasets.periods import Period
from datasets.working_days import WorkingCalendar
from tests.connectors.no_personal_values import nowhere_else

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0)
UNITS = Path("datasets/demo/units.csv")
MAIN_SCHOOLS = ("99001-MN", "99001-TH", "99001-CS")


@pytest.fixture(scope="module")
def schools() -> Schools:
    return Schools(7, WorkingCalendar(), UNITS, NOW.date())


def counts(content: bytes, day: date, roster: Roster | None = None) -> dict[tuple[str, str], int]:
    roster = roster or Roster()
    roster.take(open_roster(content), b"key")
    found, broken = roster.counts(day)
    assert broken == 0
    return {(school, quantity): number for (school, quantity, category), number in found.items() if not category}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(schools: Schools) -> None:
    again = Schools(7, WorkingCalendar(), UNITS, NOW.date())
    other = Schools(8, WorkingCalendar(), UNITS, NOW.date())
    first, last = date(2026, 11, 16), date(2026, 11, 20)
    history = attendance_history(schools, first, last)
    assert attendance_history(again, first, last) == history
    assert attendance_history(other, first, last) != history
    assert roster_zip(again, again.all[:3], NOW) == roster_zip(schools, schools.all[:3], NOW)


def test_no_school_in_summer_at_weekends_on_holidays_and_around_tet(schools: Schools) -> None:
    held = [
        schools.is_held(date.fromisoformat(day))
        for day in ("2026-11-20", "2026-11-21", "2026-07-15", "2026-09-02", "2026-02-17", "2026-02-12", "2026-06-01")
    ]
    assert held == [True, False, False, False, False, False, False]
    assert 165 <= len(schools.days(*schools.span(2025))) <= 185


def test_more_are_absent_on_mondays_and_fridays_and_in_the_influenza_weeks(schools: Schools) -> None:
    def share(days: list[date]) -> float:
        rows = [row for day in days for row in csv.DictReader(
            io.StringIO(attendance_history(schools, day, day).decode("utf-8-sig")), delimiter=";"
        ) if row["Mã trường"] in MAIN_SCHOOLS]  # fmt: skip
        absent = sum(int(row["Vắng có phép (P)"]) + int(row["Vắng không phép (K)"]) for row in rows)
        return absent / sum(int(row["Sĩ số"]) for row in rows)

    october = schools.days(date(2025, 10, 1), date(2025, 10, 31))
    edges = share([day for day in october if day.weekday() in (0, 4)])
    middle = share([day for day in october if day.weekday() in (1, 2, 3)])
    influenza = share(schools.days(date(2025, 12, 8), date(2025, 12, 19)))
    assert 0.01 < middle < edges < influenza < 0.10


def test_rosters_and_attendance_agree_on_how_many_pupils_a_school_has(schools: Schools) -> None:
    mine = [school for school in schools.all if school.code in MAIN_SCHOOLS]
    roster = counts(roster_zip(schools, mine, NOW), NOW.date())
    rows = csv.DictReader(
        io.StringIO(attendance_history(schools, NOW.date(), NOW.date()).decode("utf-8-sig")), delimiter=";"
    )
    by_school = dict.fromkeys(MAIN_SCHOOLS, 0)
    for row in rows:
        if row["Mã trường"] in by_school:
            by_school[row["Mã trường"]] += int(row["Sĩ số"])
    assert {school: roster[school, "pupils"] for school in MAIN_SCHOOLS} == by_school
    assert 1100 < sum(by_school.values()) < 1500


def test_both_versions_and_a_whole_roster_with_its_deltas_come_to_the_same(schools: Schools) -> None:
    september = datetime(2026, 9, 10, 6)
    whole = counts(roster_zip(schools, schools.all, NOW), NOW.date())
    assert counts(roster_zip(schools, schools.all, NOW, "1.1"), NOW.date()) == whole
    mine = [school for school in schools.all if schools.speaks(school, NOW.date())]
    roster = Roster()
    counts(roster_zip(schools, mine, september), september.date(), roster)
    by_delta = counts(roster_zip(schools, mine, NOW, since=september.date()), NOW.date(), roster)
    assert by_delta == whole


def configured(root: Path, address: str) -> House:
    """The demonstration's own sources of education, in a folder of their own."""
    said = Path("config.yaml").read_text("utf-8")
    found = re.search(r"(?s)(  oneroster:.*?)\n  # [^\n]*\n  (?!attendance|school_)[a-z_]+:\n    title", said)
    assert found
    blocks = found[1].replace("http://127.0.0.1:8061", address).replace("deploy/", f"{Path('deploy').resolve()}/")
    (root / "config.yaml").write_text(
        f'centre: {{name: Thử, unit: "99001"}}\nunits: {UNITS.resolve()}\n'
        f'store: {{url: "sqlite:///data/ioc.db"}}\nsources:\n{blocks}\n',
        "utf-8",
    )
    return open_house(root / "config.yaml", {"IOC_NOW": NOW.replace(tzinfo=ZONE).isoformat()})


def test_the_demonstrations_sources_are_taken_the_whole_way_to_figures(
    tmp_path: Path, schools: Schools, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = Flask(__name__)
    secret = Path("deploy/demo-secret.txt").read_text("utf-8").strip()
    clock = lambda: NOW.replace(tzinfo=ZONE)  # noqa: E731
    tokens = Tokens({"ioc-minh-hoa": secret}, 7, clock)
    add_education(app, schools, tokens, Faults(7), clock, ZONE, lambda seconds: None)

    @app.post("/token")
    def token() -> dict[str, object]:
        return {"access_token": tokens.issue("ioc-minh-hoa", secret), "expires_in": 1800}

    server = server_on(listen("127.0.0.1", 0), app)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.port}"
        assert httpx.get(f"{address}/oneroster/csv").status_code == 401
        house = configured(tmp_path, address)
        taken = tmp_path / "data/inbox/education/attendance/done"
        taken.mkdir(parents=True)
        for year, until in ((2024, "20250531"), (2025, "20260531")):
            (taken / f"2026-06-01-diem-danh-{year}-{year + 1}-den-{until}.csv").write_text("x")
        first = drop_education(schools, house.settings, NOW)
        assert drop_education(schools, house.settings, NOW) == [], "each file is dropped once"
        sent = tmp_path / "sent_from"  # the senders' own copies; the centre keeps none
        shutil.copytree(tmp_path / "data/inbox/education", sent)
        late = [path for path in first if not re.search(r"2026-2027|99001-TH_2026|99001-CS_2026|truong-den", path.name)]
        for path in late:
            path.unlink()  # the rest is more of the same
        results = {
            name: pull(name, house) for name in house.settings.sources if name == "oneroster" or "school" in name
        }
        results["attendance"] = pull("attendance", house)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert all(result.new for result in results.values())
    assert results["attendance"].quarantined, "the careless commune has rows set aside"
    assert results["oneroster"].quarantined == 0

    calculator = Calculator(house.store, load_catalogue(), house.units, house.calendar, ZONE, house.clock)

    def value(indicator: str, unit: str, period: str) -> float | None:
        (found,) = calculator.values(Request((indicator,), (unit,), (Period.parse(period),)))
        return found.value

    rate = value("ed_attendance_rate", "99001", "2026W46")
    assert rate is not None and 96 < rate < 99.5
    assert value("ed_attendance_rate", "99004", "2026W46") is None, "it stopped sending"
    assert value("ed_attendance_rate", "99004", "2026W39") is not None
    assert value("ed_attendance_rate", "99001", "20261122") is None, "no school on Sunday"
    assert value("ed_schools", "99001", "202611") == 3
    listed = counts(roster_zip(schools, schools.all, datetime(2026, 11, 20, 6)), NOW.date())
    assert value("ed_pupils", "99001", "202611") == sum(listed[school, "pupils"] for school in MAIN_SCHOOLS)
    cashless = value("ed_cashless_rate", "99001", "202610")
    assert cashless is not None and 50 < cashless < 95
    outbreak, usual = (
        value("ed_attendance_rate", "99002-MN", "2026W43"),
        value("ed_attendance_rate", "99002-MN", "2026W40"),
    )
    assert outbreak is not None and usual is not None and outbreak < usual - 3

    house.store.engine.dispose()
    people = [
        value
        for school in schools.all[1:3]
        for pupil in schools.classes(school, 2026)[0].pupils[:20]
        for person in [schools.person(pupil.key, pupil.born, female=pupil.female)]
        for value in (person.identity, person.phone)
    ]
    nowhere_else(people, tmp_path, [*sent.rglob("*hoc-sinh*.xlsx")], caplog.text)
    table = house.store.tables["observation"]
    with house.store.engine.connect() as connection:
        units = set(connection.execute(sa.select(table.c.unit).distinct()).scalars())
    house.store.engine.dispose()
    assert units <= set(house.units.codes)


def test_a_day_later_each_commune_that_still_speaks_sends_one_workbook(tmp_path: Path, schools: Schools) -> None:
    house = configured(tmp_path, "http://127.0.0.1:1")
    inbox = tmp_path / "data/inbox/education/attendance"
    inbox.mkdir(parents=True)
    for year, until in ((2024, "20250531"), (2025, "20260531"), (2026, "20261119")):
        (inbox / f"2026-11-19-diem-danh-{year}-{year + 1}-den-{until}.csv").write_text("x")
    only = house.settings.model_copy(update={"sources": {"attendance": house.settings.sources["attendance"]}})
    names = sorted(path.name for path in drop_education(schools, only, NOW))
    assert names == [f"diem-danh-{commune}-20261120.xlsx" for commune in ("99001", "99002", "99003", "99005", "99006")]
    house.store.engine.dispose()
