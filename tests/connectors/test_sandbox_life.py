"""How dossiers live in the simulated one-stop: worked by hand, or as shares with bounds."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from connectors.connector import RawRecord
from connectors.field_map import FieldMap
from connectors.sandbox.one_stop.arrivals import DIRECT, ONLINE, Arrival
from connectors.sandbox.one_stop.communes import CHARACTERS
from connectors.sandbox.one_stop.course import Dossier, plan
from connectors.sandbox.one_stop.office import OFFICE_DAY, Office
from connectors.sandbox.one_stop.one_stop import OneStop, months_before
from connectors.sandbox.one_stop.procedures import procedures
from connectors.sandbox.one_stop.record import Record
from connectors.sandbox.starts import note_start, read_starts
from datasets.schema.dossier import DOSSIER
from datasets.units import UnitTree
from datasets.working_days import WorkingCalendar

NOW = datetime(2026, 11, 20, 9, 0)  # a Friday
UNITS = Path("datasets/demo/units.csv")
GOOD, LATE, SILENT, CARELESS, SMALL = "99001", "99002", "99004", "99005", "99006"


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return WorkingCalendar()


@pytest.fixture(scope="module")
def office(calendar: WorkingCalendar) -> Office:
    return Office(calendar, date(2026, 1, 1))


@pytest.fixture(scope="module")
def one_stop(calendar: WorkingCalendar) -> OneStop:
    return OneStop(7, [NOW], calendar, UNITS, lively=False)


@pytest.fixture(scope="module")
def good(one_stop: OneStop) -> list[Record]:
    return records(one_stop, GOOD, NOW)


def records(one_stop: OneStop, unit: str, now: datetime, since: datetime | None = None) -> list[Record]:
    return [one_stop.record(entry) for entry in one_stop.changed([unit], since, now)]


def day_of(record: Record, field: str = "NgayTiepNhan") -> date:
    return datetime.strptime(str(record[field])[:8], "%Y%m%d").date()


def late_share(found: list[Record]) -> float:
    done = [record for record in found if record["TrangThaiHoSo"] in ("9", "10")]
    late = [record for record in done if day_of(record, "NgayKetThucXuLy") > day_of(record, "NgayHenTra")]
    return len(late) / len(done)


def course(office: Office, procedure: str, received: datetime, channel: int, seed: int = 1) -> Dossier:
    kind = next(kind for kind in procedures() if kind.code == procedure)
    return plan("H99.01.01-261015-0001", Arrival(received, kind, channel), CHARACTERS[0], office, Random(seed))


def test_two_office_hours_from_eleven_end_at_half_past_two(office: Office) -> None:
    eleven = office.position(datetime(2026, 10, 15, 11, 0))
    assert office.moment(eleven + 2 * 3600) == datetime(2026, 10, 15, 15, 0)
    assert office.moment(eleven + 2 * 3600 - 1800) == datetime(2026, 10, 15, 14, 30)


def test_the_office_opens_on_monday_for_what_comes_on_friday_evening_or_sunday(office: Office) -> None:
    opening = datetime(2026, 10, 19, 7, 30)
    assert office.moment(office.position(datetime(2026, 10, 16, 19, 0))) == opening
    assert office.moment(office.position(datetime(2026, 10, 18, 3, 0))) == opening
    assert OFFICE_DAY == 7.5 * 3600


def test_tet_is_found_in_the_calendar(office: Office) -> None:
    first, last = office.festivals[2026]
    assert first <= date(2026, 2, 17) <= last  # the first day of the year Bính Ngọ
    assert 7 <= (last - first).days + 1 <= 10


@pytest.mark.parametrize(
    ("procedure", "received", "channel", "due"),
    [
        ("2.000815", datetime(2026, 10, 16, 14, 0), DIRECT, datetime(2026, 10, 16, 17, 0)),  # same day
        ("2.000815", datetime(2026, 10, 16, 15, 30), DIRECT, datetime(2026, 10, 19, 17, 0)),  # after 15:00 on a Friday
        ("1.004873", datetime(2026, 10, 15, 9, 0), DIRECT, datetime(2026, 10, 20, 17, 0)),  # Thursday and 3 days
        ("1.004873", datetime(2026, 10, 17, 9, 0), DIRECT, datetime(2026, 10, 21, 17, 0)),  # the Saturday desk
    ],
)
def test_a_promise_counts_working_days_without_the_first(
    office: Office, procedure: str, received: datetime, channel: int, due: datetime
) -> None:
    assert course(office, procedure, received, channel).due == due


def test_a_course_goes_forward_only_and_through_lawful_steps(office: Office) -> None:
    follows = {
        1: {2, 3}, 2: {4, 6}, 3: set(), 4: {5, 7, 8, 9}, 5: {4, 7, 8},
        6: {4, 8}, 7: set(), 8: {7}, 9: {10}, 10: set(),
    }  # fmt: skip
    kinds = [kind.code for kind in procedures()]
    seen: set[tuple[int, ...]] = set()
    for seed in range(3000):
        received = datetime(2026, 10, 15, 8, 0) + timedelta(minutes=seed)
        dossier = course(office, kinds[seed % len(kinds)], received, (DIRECT, ONLINE)[seed % 2], seed)
        assert dossier.moments[0] == received
        assert all(a < b for a, b in zip(dossier.moments, dossier.moments[1:], strict=False))
        assert all(b in follows[a] for a, b in zip(dossier.path, dossier.path[1:], strict=False))
        seen.add(dossier.path)
    assert {status for path in seen for status in path} == set(range(1, 11))


def test_an_online_dossier_of_the_night_is_accepted_when_the_office_opens(office: Office) -> None:
    dossier = course(office, "1.001776", datetime(2026, 10, 15, 2, 0), ONLINE)
    assert dossier.path[0] == 1
    assert dossier.moments[1] >= datetime(2026, 10, 15, 7, 30)


def test_the_main_commune_has_about_nine_hundred_dossiers_in_an_ordinary_month(good: list[Record]) -> None:
    months = Counter(str(record["NgayTiepNhan"])[:6] for record in good)
    del months["202611"]  # under way
    assert len(months) == 36
    assert 850 < sum(months.values()) / 36 < 980
    assert all(560 < count < 1250 for count in months.values())


def test_working_days_see_about_forty_and_mondays_more_than_fridays(
    good: list[Record], calendar: WorkingCalendar
) -> None:
    days = Counter(map(day_of, good))
    working = [days[day] for day in days if calendar.is_working(day)]
    assert 38 < sum(working) / len(working) < 47
    weekdays: dict[int, list[int]] = {}
    day = date(2023, 11, 1)
    while day < NOW.date():
        if calendar.is_working(day) or day.weekday() > 4:
            weekdays.setdefault(day.weekday(), []).append(days[day])
        day += timedelta(days=1)
    mean = {weekday: sum(counts) / len(counts) for weekday, counts in weekdays.items()}
    assert mean[0] > 1.25 * mean[4]
    assert 0 < mean[6] < 0.15 * mean[0]
    assert mean[6] < mean[5] < 0.3 * mean[0]


def test_nobody_comes_during_tet_and_many_come_before(good: list[Record], calendar: WorkingCalendar) -> None:
    days = Counter(map(day_of, good))
    assert sum(days[date(2026, 2, 16) + timedelta(days=n)] for n in range(5)) == 0
    assert sum(days[date(2025, 1, 28) + timedelta(days=n)] for n in range(5)) == 0
    rush = [days[calendar.add(date(2026, 2, 13), -n)] for n in range(3, 9)]
    usual = [days[calendar.add(date(2026, 5, 15), -n)] for n in range(3, 9)]
    assert sum(rush) > 1.2 * sum(usual)


def test_people_come_to_the_desk_in_office_hours_and_on_saturday_mornings_only(
    good: list[Record], calendar: WorkingCalendar
) -> None:
    saturdays = 0
    for record in good:
        if record["KenhThucHien"] in ("1", None):
            received = datetime.strptime(str(record["NgayTiepNhan"]), "%Y%m%d%H%M%S")
            assert "0730" <= f"{received:%H%M}" <= "1645"
            if not calendar.is_working(received.date()):
                assert received.weekday() == 5
                assert received.hour < 12
                saturdays += 1
    assert 100 < saturdays < 800  # about three a week


def test_the_good_commune_is_late_as_seldom_as_the_pilots_and_the_late_one_is_not(
    one_stop: OneStop, good: list[Record]
) -> None:
    assert 0.027 < late_share(good) < 0.041
    assert 0.12 < late_share(records(one_stop, LATE, NOW)) < 0.22


def test_the_online_share_rises_from_a_third_to_five_sixths(good: list[Record]) -> None:
    def share(month: str) -> float:
        found = [record for record in good if str(record["NgayTiepNhan"]).startswith(month)]
        return sum(record["KenhThucHien"] == "2" for record in found) / len(found)

    assert 0.27 < share("202311") < 0.40
    assert 0.50 < share("202505") < 0.70
    assert 0.78 < share("202610") < 0.90


def test_payments_parts_and_results_become_digital(good: list[Record]) -> None:
    def shares(year: str) -> tuple[float, float]:
        found = [record for record in good if str(record["NgayTiepNhan"]).startswith(year)]
        fees = [record for record in found if any(fee["Gia"] != "0" for fee in record["DanhSachLePhi"])]  # type: ignore[attr-defined]
        done = [record for record in found if record["TrangThaiHoSo"] == "10"]
        paid = sum(record["DuocThanhToanTrucTuyen"] in ("1", "2") for record in fees)
        return paid / len(fees), sum(bool(record["DanhSachGiayToKetQua"]) for record in done) / len(done)

    early, recent = shares("2024"), shares("2026")
    assert recent[0] > early[0] + 0.1
    assert recent[1] > early[1] + 0.2


def test_the_same_seed_tells_the_same_story_and_another_seed_another(calendar: WorkingCalendar) -> None:
    def texts(seed: int) -> list[str]:
        one_stop = OneStop(seed, [NOW], calendar, UNITS, lively=False)
        return [one_stop.text(entry) for entry in one_stop.changed([SMALL], None, NOW)]

    assert texts(7) == texts(7)
    assert texts(7) != texts(8)


def test_history_once_seen_does_not_change(calendar: WorkingCalendar) -> None:
    lasting = ("MaTTHC", "NgayTiepNhan", "KenhThucHien", "ChuHoSo", "SoDienThoai", "Thon", "NguoiXuLy", "MaDonVi")
    one_stop = OneStop(7, [NOW], calendar, UNITS, lively=False)
    before = {record["MaHoSo"]: record for record in records(one_stop, SMALL, NOW)}
    later = NOW + timedelta(days=4)
    after = {record["MaHoSo"]: record for record in records(one_stop, SMALL, later)}
    assert before.keys() < after.keys()
    moved = 0
    for code, was in before.items():
        now = after[code]
        assert {name: was[name] for name in lasting} == {name: now[name] for name in lasting}
        if now != was:
            moved += 1
            assert str(now["NgayCapNhat"]) > f"{NOW:%Y%m%d%H%M%S}"
    assert moved > 8
    assert {record["MaHoSo"]: record for record in records(one_stop, SMALL, NOW)} == before  # the clock set back


def test_nothing_is_known_before_it_happened(good: list[Record]) -> None:
    now = f"{NOW:%Y%m%d%H%M%S}"
    statuses = Counter(str(record["TrangThaiHoSo"]) for record in good)
    assert set(statuses) == {str(status) for status in range(1, 11)}
    for record in good:
        status = record["TrangThaiHoSo"]
        assert str(record["NgayTiepNhan"]) <= str(record["NgayCapNhat"]) <= now
        assert bool(record["NgayHenTra"]) == (status not in ("1", "3"))
        assert bool(record["NgayKetThucXuLy"]) == (status in ("3", "7", "8", "9", "10"))
        assert bool(record["NgayTra"]) == (status == "10")


def test_an_answered_supplement_moves_the_promise(good: list[Record]) -> None:
    answered = 0
    for record in good:
        asked = record["DanhSachHoSoBoSung"]
        assert isinstance(asked, list)
        if asked and asked[-1]["NgayTiepNhanBoSung"]:
            assert asked[-1]["NgayBoSung"] < asked[-1]["NgayTiepNhanBoSung"]
            assert asked[-1]["NgayHenTraTruoc"] <= asked[-1]["NgayHenTraMoi"] == record["NgayHenTra"]
            answered += 1
    assert 0.01 < answered / len(good) < 0.05


def test_codes_and_people_look_real_and_are_nobodys(good: list[Record]) -> None:
    form = re.compile(r"^(?P<dv>[0-9A-Z.]+)-(?P<ngay>\d{6})-(?P<stt>\d{4})$")  # domain.md 1.2
    assert len({record["MaHoSo"] for record in good}) == len(good)
    for record in good:
        found = form.match(str(record["MaHoSo"]))
        assert found
        assert found["ngay"] == str(record["NgayTiepNhan"])[2:8]
        assert str(record["SoDienThoai"]).startswith("010")
        assert str(record["MaDoiTuong"]).startswith("099")
        assert len(str(record["ChuHoSo"]).split()) == 3


def test_the_silent_commune_sends_nothing_since_three_weeks_before_the_first_start(one_stop: OneStop) -> None:
    fell_silent = "20261026000000"  # the Monday of the week three weeks before 20/11/2026
    for now in (NOW, NOW + timedelta(days=7)):
        newest = records(one_stop, SILENT, now)[-1]
        assert "20261019000000" < str(newest["NgayCapNhat"]) < fell_silent


def test_the_careless_commune_spoils_few_records_and_the_others_none(
    one_stop: OneStop, good: list[Record], calendar: WorkingCalendar
) -> None:
    zone = ZoneInfo("Asia/Ho_Chi_Minh")
    mapper = FieldMap.load(Path("connectors/maps/one_stop_dvcqg.yaml")).bind(DOSSIER, UnitTree.load(UNITS), zone)

    def refused(found: list[Record]) -> int:
        return sum(isinstance(mapper.map(RawRecord(str(record["MaHoSo"]), record)), list) for record in found)

    assert refused(good[-3000:]) == 0
    assert not mapper.unknown  # the map knows every column we send
    careless = records(one_stop, CARELESS, NOW)
    assert 0.005 < refused(careless) / len(careless) < 0.06


def test_whoever_starts_it_at_three_on_a_sunday_sees_dossiers_come(calendar: WorkingCalendar, tmp_path: Path) -> None:
    start = datetime(2026, 11, 22, 3, 0)
    lively = OneStop(7, [start], calendar, UNITS)
    before = lively.changed([GOOD], None, start)
    within_ten_minutes = lively.changed([GOOD], None, start + timedelta(minutes=10))
    assert len(within_ten_minutes) - len(before) >= 3
    an_hour_later = {entry.code for entry in lively.changed([GOOD], None, start + timedelta(hours=2))}
    restarted = OneStop(7, [start, start + timedelta(days=2)], calendar, UNITS)
    again = {entry.code for entry in restarted.changed([GOOD], None, start + timedelta(hours=2))}
    assert again == an_hour_later


def test_starts_are_kept_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "data" / "starts.txt"
    assert read_starts(path) == []
    first, second = datetime(2026, 11, 20, 9, 0, 0, 5), datetime(2026, 11, 21, 9, 0)
    assert note_start(path, first) == [datetime(2026, 11, 20, 9, 0)]
    path.write_text(path.read_text("utf-8") + "half a li\n", "utf-8")
    assert note_start(path, second) == [datetime(2026, 11, 20, 9, 0), second]


def test_the_history_begins_on_the_first_of_a_month() -> None:
    assert months_before(date(2026, 11, 20), 36) == date(2023, 11, 1)
    assert months_before(date(2026, 1, 31), 1) == date(2025, 12, 1)
    assert months_before(date(2026, 12, 31), 12) == date(2025, 12, 1)
