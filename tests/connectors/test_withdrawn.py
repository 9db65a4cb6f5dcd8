"""What a source takes back: figures that DHIS2 deletes or no longer gives, rows that a database no longer holds.

The whole way, from a server that forgets to the figure on the screen: a value that was
taken back is no figure any more, and is never gone without a word.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
import sqlalchemy as sa

from connectors.reconcile import declared, reconciles, routine_stretch, stretch_of
from datasets.errors import BatchRejected, UsageError
from datasets.indicators.calculate import Calculator, Request
from datasets.indicators.catalogue import load_catalogue
from datasets.periods import Period
from datasets.settings import EdxmlSource, FilesSource, OneRosterSource
from datasets.standing import standings
from datasets.store import Confirmed, Counts, Stretch
from datasets.store.tables import CHANGE_LOG
from tests.connectors.fault_ground import NINE, ZONE, Ground, prepare
from tests.connectors.scripted_server import Handler, Seen, gives, serving

UNITS = (
    "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\n"
    "99,Tỉnh,province,,province,,,,,\n99001,Xã,commune,99,commune,,,,10000,2500\n"
    "99001-TYT,Trạm,facility,99001,health_station,,,,,\n"
)
CENTRE = 'centre: {name: "Thử", unit: "99001", time_zone: Asia/Ho_Chi_Minh, language: vi}\nunits: units.csv\n'
HEALTH = """\
sources:
  health:
    dataset: observation
    connector: dhis2
    map: dhis2_values
    url: "%s/dhis2"
    auth: {type: api_token, token: "env:TOKEN"}
    queries:
      - {analytics: [BTN_MAC], org_units: ["99001-TYT"], period: week}
      - {data_sets: [BC_TYT_THANG], org_units: ["99001-TYT"], period: month}
    history: 400d
    lookback: 30d
    reconcile: {schedule: "0 2 * * 0", days: 120}
    expect: {max_quarantined_share: 0.5}
"""
STATION = "99001-TYT"
Key = tuple[str, str]


@dataclass
class Dhis2:
    """A server that answers as DHIS2 does; what it holds, a test changes.

    weeks    (data element, week) -> value, as analytics has it
    months   (data element, month) -> value, the day it was updated, whether it was deleted
    """

    weeks: dict[Key, float] = field(default_factory=dict)
    months: dict[Key, tuple[float, date, bool]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __call__(self, handler: Handler, seen: Seen) -> None:
        asked = parse_qs(seen.raw_query)
        self.asked.append(f"{seen.path.rpartition('/')[2]} {asked.get('lastUpdated', ['-'])[0]}")
        if seen.path.endswith("analytics.json"):
            wanted = dict(said.partition(":")[::2] for said in asked["dimension"])["pe"].split(";")
            rows = [
                [element, week, STATION, str(value)] for (element, week), value in self.weeks.items() if week in wanted
            ]
            gives({"headers": [{"name": name} for name in ("dx", "pe", "ou", "value")], "rows": rows})(handler, seen)
            return
        since = date.fromisoformat(asked.get("lastUpdated", ["1900-01-01"])[0])
        values = [
            {"dataElement": element, "period": month, "orgUnit": STATION, "categoryOptionCombo": "default",
             "attributeOptionCombo": "default", "value": str(value), "lastUpdated": f"{updated}T08:00:00.000",
             **({"deleted": True} if deleted else {})}
            for (element, month), (value, updated, deleted) in self.months.items()
            if month in asked["period"] and updated >= since
        ]  # fmt: skip
        gives({"dataValues": values} if values else {})(handler, seen)

    def delete(self, element: str, month: str, day: date) -> None:
        value, _, _ = self.months[element, month]
        self.months[element, month] = value, day, True


def weeks(first: int, last: int) -> dict[Key, float]:
    return {("BTN_MAC", f"2026W{week:02}"): float(week) for week in range(first, last + 1)}


@pytest.fixture
def server() -> Dhis2:
    made = Dhis2(weeks(20, 47))
    for month in range(1, 11):
        made.months["TYT_LUOTKHAM", f"2026{month:02}"] = 100.0 + month, date(2026, month, 28), False
    return made


def house(server: Dhis2, folder: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    with serving(server) as listening:
        (folder / "units.csv").write_text(UNITS, "utf-8")
        (folder / "config.yaml").write_text(CENTRE + HEALTH % listening.url(""), "utf-8")
        ground = prepare(str(folder / "config.yaml"), store_url, monkeypatch, {"TOKEN": "d2pat_x"})
        yield ground
        ground.house.store.close()


@pytest.fixture
def ground(server: Dhis2, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    yield from house(server, tmp_path, sqlite_url, monkeypatch)


@pytest.fixture
def any_ground(server: Dhis2, tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    yield from house(server, tmp_path, store_url, monkeypatch)


def withdrawn(ground: Ground) -> list[tuple[str, str]]:
    rows = ground.rows("observation")
    return sorted((row["element"], row["period"]) for row in rows if row["vanished_at"] is not None)


def figure(ground: Ground, indicator: str, period: str) -> float | None:
    made = ground.house
    calculator = Calculator(made.store, load_catalogue(), made.units, made.calendar, ZONE, made.clock)
    (found,) = calculator.values(Request((indicator,), ("99001",), (Period.parse(period),)))
    return found.value


def notices(ground: Ground) -> str:
    made = ground.house
    (standing,) = [each for each in standings(made.store, made.settings, ground.now, "vi") if each.name == "health"]
    return " ".join(standing.notices)


def log(ground: Ground) -> list[tuple[str, str | None, str | None]]:
    asked = sa.select(CHANGE_LOG.c.record_key, CHANGE_LOG.c.old_value, CHANGE_LOG.c.new_value)
    with ground.house.store.engine.connect() as connection:
        found = connection.execute(asked.where(CHANGE_LOG.c.field == "vanished_at").order_by(CHANGE_LOG.c.id))
        return [tuple(row) for row in found]  # type: ignore[misc]


def test_a_value_deleted_at_dhis2_is_withdrawn_and_no_figure_any_more(any_ground: Ground, server: Dhis2) -> None:
    ground = any_ground
    assert ground.pull("health") == Counts(read=38, new=38)
    assert figure(ground, "hl_visits", "202604") == 104
    ground.later(days=1)
    server.delete("TYT_LUOTKHAM", "202604", date(2026, 11, 20))  # long before the lookback, deleted yesterday
    version = ground.house.store.version()
    counts = ground.pull("health")
    assert (counts.read, counts.quarantined, counts.new, counts.changed) == (counts.unchanged, 0, 0, 0)
    assert withdrawn(ground) == [("hl_visits", "202604")]
    assert figure(ground, "hl_visits", "202604") is None, "unknown, and not the number that was taken back"
    assert figure(ground, "hl_visits", "202605") == 105
    assert ground.house.store.version() == version + 1
    assert "1 số liệu đã bị nguồn xoá" in notices(ground)
    assert log(ground) == [(f"{STATION}/hl_visits/202604/", None, "2026-11-21T09:00:00+07:00")]
    before = ground.rows("observation")
    ground.later(hours=1)
    ground.pull("health")  # it is told again for as long as the lookback lasts
    assert (ground.rows("observation"), len(log(ground))) == (before, 1)


def test_a_value_entered_anew_after_its_deletion_is_a_figure_again(ground: Ground, server: Dhis2) -> None:
    ground.pull("health")
    server.delete("TYT_LUOTKHAM", "202609", date(2026, 11, 20))
    ground.later(days=1)
    ground.pull("health")
    assert figure(ground, "hl_visits", "202609") is None
    server.months["TYT_LUOTKHAM", "202609"] = 90.0, date(2026, 11, 22), False
    ground.later(days=1)
    assert ground.pull("health").changed == 1
    assert (withdrawn(ground), figure(ground, "hl_visits", "202609")) == ([], 90)
    assert [(old is None, new is None) for _, old, new in log(ground)] == [(True, False), (False, True)]
    assert "nguồn xoá" not in notices(ground)


def test_a_deleted_value_that_was_never_held_is_no_row_and_no_complaint(ground: Ground, server: Dhis2) -> None:
    ground.pull("health")
    server.months["TYT_DE", "202610"] = 3.0, date(2026, 11, 20), True
    ground.later(days=1)
    ground.pull("health")
    assert len(ground.rows("observation")) == 38
    assert ground.house.store.quarantine.count("health") == 0


def test_what_analytics_no_longer_gives_of_the_weeks_it_was_asked_for_is_withdrawn(
    any_ground: Ground, server: Dhis2
) -> None:
    """The lookback of 30 days from 20 November reaches back into week 43 (19 to 25 October)."""
    ground = any_ground
    ground.pull("health")
    for week in ("2026W42", "2026W44"):
        del server.weeks["BTN_MAC", week]
    ground.later(hours=1)
    ground.pull("health")
    assert withdrawn(ground) == [("hl_cases", "2026W44")]
    assert (figure(ground, "hl_cases", "2026W44"), figure(ground, "hl_cases", "2026W42")) == (None, 42)
    assert ground.line.reconciled is None, "an ordinary pull, and told as one"
    assert ground.status("health").verdict == "ok_unchanged"


def test_weeks_before_the_lookback_are_compared_by_the_reconciling_pull(any_ground: Ground, server: Dhis2) -> None:
    """120 days before 20 November is 23 July, a Thursday of week 30."""
    ground = any_ground
    ground.pull("health")
    del server.weeks["BTN_MAC", "2026W42"]
    server.weeks["BTN_MAC", "2026W35"] = 99.0
    del server.weeks["BTN_MAC", "2026W29"]
    server.weeks["BTN_MAC", "2026W47"] = 50.0  # of the running week, which any pull would bring
    ground.later(hours=1)
    ground.pull("health", reconcile=True)
    found = ground.line.reconciled
    assert found is not None
    # weeks 30 to 47; of the months July (it ends after 23 July) to October
    assert (found.held, found.missing, found.stale, found.vanished) == (18 + 4, 0, 1, 1)
    assert withdrawn(ground) == [("hl_cases", "2026W42")]
    assert figure(ground, "hl_cases", "2026W35") == 99
    assert figure(ground, "hl_cases", "2026W29") == 29, "beyond the stretch nobody asked"


def test_a_server_that_forgets_more_than_half_is_held_for_a_person(ground: Ground, server: Dhis2) -> None:
    server.weeks |= {("BTN_TUVONG", week): 0.0 for _, week in server.weeks}
    configured = ground.house.settings.sources["health"]
    query = configured.queries[0].model_copy(update={"analytics": ["BTN_MAC", "BTN_TUVONG"]})  # type: ignore[union-attr]
    ground.set_source("health", queries=[query], lookback=timedelta(days=120))
    ground.pull("health")
    held, server.weeks = server.weeks, {}
    ground.later(hours=1)
    assert isinstance(ground.fails_of("health", "observation"), BatchRejected)
    assert withdrawn(ground) == []
    assert figure(ground, "hl_cases", "2026W44") == 44
    server.weeks = held
    ground.pull("health")
    server.weeks = {}
    person = Confirmed("lan", "đã hỏi trung tâm y tế")
    ground.pull("health", confirmed=person)
    assert len(withdrawn(ground)) == 36


def test_a_mass_of_deletions_is_held_for_a_person(ground: Ground, server: Dhis2) -> None:
    query = ground.house.settings.sources["health"].queries[1]  # type: ignore[union-attr]
    ground.set_source("health", queries=[query])
    ground.pull("health")
    for month in range(1, 8):
        server.delete("TYT_LUOTKHAM", f"2026{month:02}", date(2026, 11, 20))
    ground.later(days=1)
    assert isinstance(ground.fails_of("health", "observation"), BatchRejected)
    assert withdrawn(ground) == []
    ground.pull("health", confirmed=Confirmed("lan", "trạm nhập lại cả năm"))
    assert len(withdrawn(ground)) == 7


def test_recent_periods_are_asked_for_in_full_and_older_ones_for_their_changes(ground: Ground, server: Dhis2) -> None:
    ground.pull("health")
    assert server.asked == ["analytics.json -", "analytics.json -", "dataValueSets.json -"]
    server.asked.clear()
    ground.later(hours=1)
    ground.pull("health")
    assert server.asked == ["analytics.json -", "dataValueSets.json -", "dataValueSets.json 2026-10-21"]


SQL = """\
sources:
  register:
    dataset: observation
    connector: sql
    map: civil_register
    url: sqlite:///register.db
    query: "SELECT ma_xa, loai, ky, so, cap_nhat FROM so{where}"
    reconcile: {{schedule: "0 2 * * 0", days: 35}}
    {cursor}
"""


class Register:
    """The civil register's counts by month, in a real database."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.run("CREATE TABLE so (ma_xa TEXT, loai TEXT, ky TEXT, so INTEGER, cap_nhat TEXT)")
        for month in range(1, 11):
            day = {3: "2026-09-01", 8: "2026-10-20", 9: "2026-10-20"}.get(month, f"2026-11-{month:02}")
            self.put(f"2026{month:02}", month, f"{day} 08:00:00")

    def run(self, query: str, *values: object) -> None:
        database = sqlite3.connect(self._path)
        with database:
            database.execute(query, values)
        database.close()

    def put(self, month: str, count: int, updated: str) -> None:
        self.run("DELETE FROM so WHERE ky = ?", month)
        self.run("INSERT INTO so VALUES ('99001', 'KS', ?, ?, ?)", month, count, updated)


@pytest.mark.parametrize("cursor", [True, False])
def test_a_database_is_compared_with_what_is_held(
    tmp_path: Path, store_url: str, monkeypatch: pytest.MonkeyPatch, cursor: bool
) -> None:
    register = Register(tmp_path / "register.db")
    said = SQL.format(
        where=" WHERE cap_nhat >= :since" if cursor else "",
        cursor="cursor: {field: cap_nhat, lookback: 3d}" if cursor else "schedule: '0 * * * *'",
    )
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CENTRE + said, "utf-8")
    ground = prepare(str(tmp_path / "config.yaml"), store_url, monkeypatch)
    assert ground.pull("register") == Counts(read=10, new=10)
    register.put("202609", 90, "2026-11-03 08:00:00")  # dated back: the lookback begins on 7 November
    register.run("DELETE FROM so WHERE ky = '202610'")
    register.run("DELETE FROM so WHERE ky = '202603'")  # last touched beyond 35 days ago
    ground.later(hours=1)
    ground.pull("register")
    assert withdrawn(ground) == [], "an ordinary pull cannot know"
    register.put("202608", 80, "2026-11-02 08:00:00")
    ground.pull("register", reconcile=True)
    found = ground.line.reconciled
    assert found is not None
    gone = [("se_births", "202610")] if cursor else [("se_births", "202603"), ("se_births", "202610")]
    assert withdrawn(ground) == gone
    # without a cursor each pull reads everything, so a change is never missed, only a row that is gone
    assert (found.vanished, found.stale) == (len(gone), 2 if cursor else 0)
    assert figure(ground, "se_births", "202608") == 80
    ground.house.store.close()


def test_who_can_be_compared_and_who_cannot_is_said_with_its_reason(ground: Ground) -> None:
    health = ground.house.settings.sources["health"]
    assert reconciles(health)
    assert declared(health) is not None
    since = datetime(2026, 10, 20, 8, 0, tzinfo=ZONE)
    assert routine_stretch(health, since, NINE, ZONE) == Stretch(since, None, days=since.date(), routine=True)
    assert routine_stretch(health, None, NINE, ZONE) is None, "a first pull holds nothing to compare"
    folder = FilesSource.model_construct(name="so_van_ban", connector="files")
    roster = OneRosterSource.model_construct(name="truong", connector="oneroster", path=None)
    inbox = EdxmlSource.model_construct(name="lien_thong", connector="edxml", path=Path("x"))
    for source, said in ((folder, "là thư mục tệp"), (roster, "mỗi gói danh sách đầy đủ"), (inbox, "là thư mục tệp")):
        assert not reconciles(source)
        assert declared(source) is None
        with pytest.raises(UsageError) as wrong:
            stretch_of(source, None, None, NINE, ZONE, by_change=False)
        assert said in wrong.value.message("vi")
        assert source.name in wrong.value.message("en")
    post_box = EdxmlSource.model_construct(name="lien_thong", connector="edxml", path=None, reconcile=None)
    stretch = stretch_of(post_box, NINE, NINE, NINE, ZONE, by_change=True)
    assert (stretch.marks, stretch.since) == (False, NINE - timedelta(days=35))
