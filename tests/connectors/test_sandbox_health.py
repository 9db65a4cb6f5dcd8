"""The simulated health system over real HTTP and files, and the whole way to the figures on the screens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import httpx
import pytest
import sqlalchemy as sa
from flask import Flask

from connectors.house import House, open_house
from connectors.pull import pull
from connectors.sandbox.faults import Faults
from connectors.sandbox.health.dhis2 import dhis2_api
from connectors.sandbox.health.drop import IMMUNISATION, KINDS, MONTHLY, WEEKLY, drop_forms
from connectors.sandbox.health.system import HealthSystem
from connectors.sandbox.server import listen, server_on
from dashboard.queries import Queries
from datasets.errors import PullError
from datasets.indicators.calculate import Request
from datasets.indicators.catalogue import load_catalogue
from datasets.periods import Period, PeriodType
from datasets.working_days import WorkingCalendar

DEMO_UNITS = Path("datasets/demo/units.csv")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0)
TOKEN = "d2pat_thu"
STATIONS = [f"9900{number}-TYT" for number in range(1, 7)]
CONFIG = """\
centre: {{name: Thử, unit: "99001", time_zone: Asia/Ho_Chi_Minh, demo: true}}
units: {units}
sources:
  health_dhis2:
    dataset: observation
    connector: dhis2
    map: dhis2_values
    url: "{address}/dhis2"
    auth: {{type: api_token, token: "env:DHIS2_TOKEN"}}
    queries:
      - {{analytics: [BTN_MAC, BTN_TUVONG], org_units: {stations}, period: week}}
      - {{analytics: [BTN_MAC], by_combo: true, org_units: {stations}, period: week}}
      - analytics: [BC_BTN_TUAN.EXPECTED_REPORTS, BC_BTN_TUAN.ACTUAL_REPORTS_ON_TIME, BC_BTN_TUAN.REPORTING_RATE]
        org_units: {stations}
        period: week
      - {{data_sets: [BC_TYT_THANG], org_units: {communes}, children: true, period: month}}
    history: {history}
    retries: 0
"""
FORMS = """\
  {name}:
    {{dataset: observation, connector: files, map: {map}, path: "inbox/{name}", expect: {{max_quarantined_share: 0.5}}}}
"""
MAPS = {WEEKLY: "disease_weekly", MONTHLY: "station_monthly", IMMUNISATION: "immunisation"}


@pytest.fixture(scope="module")
def system() -> HealthSystem:
    return HealthSystem(7, [NOW], WorkingCalendar(), DEMO_UNITS)


@contextmanager
def serving(system: HealthSystem, faults: Faults, now: datetime = NOW, most_rows: int = 50_000) -> Iterator[str]:
    """The DHIS2-shaped server on a free port."""
    app = Flask(__name__)
    aware = now.replace(tzinfo=ZONE)
    app.register_blueprint(
        dhis2_api(system, frozenset({TOKEN}), faults, lambda: aware, ZONE, lambda seconds: None, most_rows=most_rows)
    )
    server = server_on(listen("127.0.0.1", 0), app)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def centre(root: Path, url: str, address: str, history: str = "120d") -> Iterator[House]:
    forms = "".join(FORMS.format(name=name, map=name_of_map) for name, name_of_map in MAPS.items())
    communes = [code[:5] for code in STATIONS]
    text = CONFIG.format(
        units=DEMO_UNITS.resolve(), address=address, stations=STATIONS, communes=communes, history=history
    )
    (root / "config.yaml").write_text(text + forms, "utf-8")
    environ = {"IOC_STORE_URL": url, "IOC_NOW": "2026-11-20T09:00:00+07:00", "DHIS2_TOKEN": TOKEN}
    house = open_house(str(root / "config.yaml"), environ)
    try:
        yield house
    finally:
        house.store.close()


def asking(house: House) -> Queries:
    return Queries(house.store, load_catalogue(), house.settings, house.units, house.calendar, house.clock)


def value(queries: Queries, indicator: str, unit: str, period: str) -> float | None:
    (found,) = queries.values(Request((indicator,), (unit,), (Period.parse(period),)))
    return found.value


def weekly(system: HealthSystem, station: str, week: str) -> dict[str, int]:
    counts = system.weeks.week(system.stations[station], Period.parse(week))
    return {disease: count.cases for disease, count in counts.items()}


def test_the_same_seed_gives_the_same_figures(system: HealthSystem) -> None:
    other = HealthSystem(7, [NOW], WorkingCalendar(), DEMO_UNITS)
    for station in system.stations.values():
        for text in ("2023W40", "2026W44"):
            week = Period.parse(text)
            assert system.weeks.week(station, week) == other.weeks.week(other.stations[station.code], week)
        month = Period.parse("202609")
        assert system.months.month(station, month) == other.months.month(other.stations[station.code], month)
    assert weekly(system, "99001-TYT", "2026W40") != weekly(
        HealthSystem(8, [NOW], WorkingCalendar(), DEMO_UNITS), "99001-TYT", "2026W40"
    ) or weekly(system, "99002-TYT", "2026W40") != weekly(
        HealthSystem(8, [NOW], WorkingCalendar(), DEMO_UNITS), "99002-TYT", "2026W40"
    )


def test_dengue_has_its_season_and_stands_out_in_99003_this_autumn(system: HealthSystem) -> None:
    def total(weeks: range, disease: str) -> int:
        return sum(
            weekly(system, code, f"{year}W{week}")[disease]
            for code in STATIONS
            for year in (2023, 2024)
            for week in weeks
        )

    assert total(range(32, 44), "dengue") > 3 * total(range(6, 18), "dengue")  # August-October against February-April
    assert total(range(48, 53), "influenza") > total(range(28, 33), "influenza")
    autumn = [weekly(system, "99003-TYT", f"2026W{week}")["dengue"] for week in range(40, 47)]
    usual = [weekly(system, "99003-TYT", f"2025W{week}")["dengue"] for week in range(40, 47)]
    assert sum(autumn) >= sum(usual) + 30 and max(autumn) >= 12


def test_fewer_see_a_doctor_at_tet(system: HealthSystem) -> None:
    """Tết 2026 is 17 February: that week has no working day."""

    def all_cases(week: str) -> int:
        return sum(sum(weekly(system, code, week).values()) for code in STATIONS)

    assert all_cases("2026W8") < 0.7 * (all_cases("2026W6") + all_cases("2026W10")) / 2


def test_a_year_of_a_station_has_magnitudes_one_may_believe(system: HealthSystem) -> None:
    station = system.stations["99001-TYT"]
    months = [system.months.month(station, Period.parse(f"2025{month:02}")) for month in range(1, 13)]
    assert 80 <= sum(month["hl_births", ""] for month in months) <= 150  # about 14 per thousand of 8,074
    assert 30 <= sum(month["hl_deaths", ""] for month in months) <= 75
    assert all(600 <= month["hl_visits", ""] <= 1300 for month in months)
    for month in months:
        assert month["hl_health_records_in_use", ""] <= month["hl_health_records_created", ""] <= 8074
        assert month["hl_antenatal_4", ""] <= month["hl_deliveries", ""]
        assert month["hl_fully_immunised", ""] <= month["hl_infants", ""]
        assert month["hl_staff", ""] == sum(
            value for (name, kind), value in month.items() if name == "hl_staff" and kind
        )
    fully = [month["hl_fully_immunised", ""] for month in months]
    assert fully == sorted(fully), "what counts from January never falls within the year"


def test_the_silent_station_reported_until_october_and_no_longer(system: HealthSystem) -> None:
    station = system.stations["99004-TYT"]
    assert system.report(station, Period.parse("2026W40"), NOW).sent is not None
    for week in range(42, 47):
        assert system.report(station, Period.parse(f"2026W{week}"), NOW).sent is None


def test_the_server_asks_for_credentials_and_for_all_three_dimensions(system: HealthSystem) -> None:
    with serving(system, Faults(7)) as address:
        asked = f"{address}/dhis2/api/analytics?dimension=dx:BTN_MAC&dimension=pe:2026W40&dimension=ou:99001-TYT"
        assert httpx.get(asked).status_code == 401
        headers = {"Authorization": f"ApiToken {TOKEN}"}
        assert httpx.get(asked.rpartition("&")[0], headers=headers).json()["errorCode"] == "E7124"
        answer = httpx.get(asked, auth=("ioc", TOKEN)).json()
        (row,) = answer["rows"]
        assert row[:3] == ["BTN_MAC", "2026W40", "99001-TYT"]
        assert float(row[3]) == sum(weekly(system, "99001-TYT", "2026W40").values())
        commune = httpx.get(asked.replace("99001-TYT", "99001"), headers=headers).json()["rows"][0]
        assert commune[3] == row[3]


def test_the_whole_way_from_server_and_forms_to_figures(
    system: HealthSystem, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    with serving(system, Faults(7)) as address, centre(tmp_path, sqlite_url, address) as house:
        brought = pull("health_dhis2", house)
        assert brought.new == brought.read and brought.quarantined == 0
        for kind in KINDS:
            assert drop_forms(system, kind, tmp_path / "inbox" / kind, NOW) > 0
            assert drop_forms(system, kind, tmp_path / "inbox" / kind, NOW) == 0, "dropped once"
            taken = pull(kind, house)
            assert taken.changed == taken.unchanged == 0, "no figure comes from the server and a form"
        again = pull("health_dhis2", house)
        assert (again.new, again.changed) == (0, 0)

        queries = asking(house)
        cases = weekly(system, "99003-TYT", "2026W45")
        assert value(queries, "hl_cases", "99003", "2026W45") == sum(cases.values())
        parts = queries.values(Request(("hl_cases",), ("99003",), (Period.parse("2026W45"),), by="category"))
        told = {part.by["category"]: part.value for part in parts if part.by}
        assert told["dengue"] == cases["dengue"] >= 5
        small = {disease for disease, count in cases.items() if 0 < count < 5}
        assert all(told[disease] is None for disease in small)
        assert {disease for disease, count in told.items() if count == 0} == {
            d for d, count in cases.items() if count == 0
        }

        months = [system.months.month(system.stations[code], Period.parse("202609")) for code in STATIONS]
        assert value(queries, "hl_visits", "99", "202609") == sum(month["hl_visits", ""] for month in months)
        (rate,) = queries.values(Request(("hl_full_immunisation_rate",), ("99001",), (Period.parse("202609"),)))
        assert rate.value == pytest.approx(100 * months[0]["hl_fully_immunised", ""] / months[0]["hl_infants", ""])
        assert rate.target == pytest.approx(75)  # nine twelfths
        reports = [system.report(station, Period.parse("2026W44"), NOW) for station in system.stations.values()]
        on_time = sum(report.on_time for report in reports if report)
        assert value(queries, "hl_reports_on_time_rate", "99", "2026W44") == pytest.approx(100 * on_time / 6)
        assert value(queries, "hl_reporting_rate", "99004-TYT", "2026W44") == 0
        stored = sa.text("SELECT COUNT(*) FROM observation WHERE entered_by IS NOT NULL")
        with house.store.engine.connect() as connection:
            assert connection.scalar(stored) == 0


def test_incremental_pulls_with_late_and_corrected_reports_end_where_a_full_one_does(
    tmp_path: Path, sqlite_url: str
) -> None:
    began = datetime(2026, 8, 3, 9, 0)
    system = HealthSystem(7, [began], WorkingCalendar(), DEMO_UNITS)

    def rows(house: House) -> set[tuple[object, ...]]:
        with house.store.engine.connect() as connection:
            found = connection.execute(sa.text("SELECT unit, element, period, category, value FROM observation"))
            return {tuple(row) for row in found}

    corrections = 0
    for folder in ("step", "full"):
        (tmp_path / folder).mkdir()
    stepwise = f"sqlite:///{tmp_path}/step/ioc.db"
    for day in (0, 11, 30, 52, 75, 100):
        now = began + timedelta(days=day)
        with serving(system, Faults(7), now) as address, centre(tmp_path / "step", stepwise, address, "400d") as house:
            corrections += pull("health_dhis2", replace(house, clock=lambda now=now: now.replace(tzinfo=ZONE))).changed
            last = rows(house)
    with serving(system, Faults(7), now) as address, centre(tmp_path / "full", sqlite_url, address, "400d") as house:
        pull("health_dhis2", replace(house, clock=lambda: now.replace(tzinfo=ZONE)))
        whole = rows(house)
    first_of_whole = {row for row in last if row in whole}
    assert whole - last == set(), "nothing is missing, nothing is stale"
    assert len(first_of_whole) == len(whole)
    assert corrections > 0, "the history holds corrections, or this test shows nothing"


@pytest.mark.parametrize(
    "kind",
    ["error", "truncated", "broken_json", "login_page", "expired_token", "too_many", "renamed_column", "redirect"],
)
def test_a_fault_of_the_server_changes_nothing_that_is_stored(
    system: HealthSystem, tmp_path: Path, sqlite_url: str, kind: str
) -> None:
    faults = Faults(7)
    with serving(system, faults) as address, centre(tmp_path, sqlite_url, address, "60d") as house:
        pull("health_dhis2", house)
        version = house.store.version()
        faults.add(
            {"kind": kind, "skip": 1, **({"column": "value", "name": "giaTri"} if kind == "renamed_column" else {})}
        )
        with pytest.raises(PullError):
            pull("health_dhis2", house)
        assert house.store.version() == version


def test_an_answer_at_the_servers_limit_is_split_and_nothing_is_lost(
    system: HealthSystem, tmp_path: Path, sqlite_url: str
) -> None:
    with serving(system, Faults(7), most_rows=40) as address, centre(tmp_path, sqlite_url, address) as house:
        split = pull("health_dhis2", house)
    (tmp_path / "whole").mkdir()
    whole_url = f"sqlite:///{tmp_path}/whole/ioc.db"
    with serving(system, Faults(7)) as address, centre(tmp_path / "whole", whole_url, address) as house:
        assert pull("health_dhis2", house) == split


def test_a_value_that_is_no_number_is_set_aside(system: HealthSystem, tmp_path: Path, sqlite_url: str) -> None:
    faults = Faults(7)
    faults.add({"kind": "dirty_rows", "times": 1})
    with serving(system, faults) as address, centre(tmp_path, sqlite_url, address) as house:
        assert pull("health_dhis2", house).quarantined == 1


def test_careless_forms_keep_their_good_lines(
    system: HealthSystem, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    with serving(system, Faults(7)) as address, centre(tmp_path, sqlite_url, address) as house:
        for kind in (WEEKLY, MONTHLY):
            drop_forms(system, kind, tmp_path / "inbox" / kind, NOW)
            pull(kind, house)
        aside = [entry for kind in (WEEKLY, MONTHLY) for entry in house.store.quarantine.list(kind)]
    assert aside and all("99005-TYT" in entry.row_id for entry in aside)
    assert not list((tmp_path / "inbox").rglob("refused/*.xlsx"))


def test_the_history_of_five_years_is_made_in_seconds() -> None:
    system = HealthSystem(7, [NOW], WorkingCalendar(), DEMO_UNITS)
    begin = time.process_time()
    weeks = sum(
        len(system.figures(report.station, report.period, NOW)) for report in system.reports(PeriodType.WEEK, NOW)
    )
    months = sum(
        len(system.figures(report.station, report.period, NOW)) for report in system.reports(PeriodType.MONTH, NOW)
    )
    assert weeks > 28_000 and months > 8_000
    assert time.process_time() - begin < 8
