"""How a source stands, in words: how often it failed in a row, its days, and what a person should do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from datasets.errors import SourceRefused, SourceUnavailable
from datasets.settings import Settings, load_settings
from datasets.standing import comparison_of, expectations_of, silent_for, standings
from datasets.store import Store, Verdict, open_store
from datasets.store.roll_call import roll_call

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
CONFIG = """\
centre: {name: "Thử", unit: "X0001"}
units: units.csv
sources:
  one_stop: {dataset: dossier, connector: files, map: one_stop_list, path: in, schedule: "*/10 * * * *",
             stale_after: 2h, contact: Bộ phận Một cửa}
"""
UNITS = "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\nX0001,Xã Một,commune,,,,,,,\n"
MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=VIETNAM)


class Hands:
    """A clock whose hands the test moves."""

    now = MORNING

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def kept(store_url: str, hands: Hands) -> Store:
    return open_store(store_url, hands)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    return load_settings(tmp_path / "config.yaml", {})


def fail(store: Store, key: str = "pull.no_connection") -> None:
    refused = SourceRefused(key, host="x") if key == "pull.forbidden" else SourceUnavailable(key, host="x")
    store.ledger.fail(store.ledger.begin("one_stop", "dossier"), refused)


def test_failures_are_counted_from_the_last_good_run_on(kept: Store, hands: Hands, settings: Settings) -> None:
    def failures() -> int:
        (standing,) = standings(kept, settings, hands.now, "vi")
        return standing.failures

    fail(kept)
    hands.now += timedelta(minutes=10)
    kept.ledger.idle(kept.ledger.begin("one_stop"))
    assert failures() == 0
    for _ in range(2):
        hands.now += timedelta(minutes=10)
        fail(kept)
    kept.ledger.begin("one_stop")  # under way: neither good nor bad
    assert failures() == 2
    kept.close()


def test_every_source_answers_the_roll_call_for_itself(kept: Store, hands: Hands) -> None:
    kept.ledger.idle(kept.ledger.begin("good"), as_of=hands.now)
    for source in ("bad", "bad", "worse", "bad", "worse"):
        hands.now += timedelta(minutes=10)
        kept.ledger.fail(kept.ledger.begin(source), SourceUnavailable("pull.no_connection", host="x"))
    kept.ledger.idle(kept.ledger.begin("good"))
    kept.ledger.begin("worse")
    with kept.engine.connect() as connection:
        called = roll_call(connection, ["worse", "good", "never", "bad"], MORNING)
    assert {name: (each.failures, each.line.verdict, each.line.running) for name, each in called.items()} == {
        "worse": (2, Verdict.FAILED, True),
        "good": (0, Verdict.EMPTY_EXPECTED, False),
        "never": (0, None, False),
        "bad": (3, Verdict.FAILED, False),
    }
    assert called["bad"].line.since == MORNING + timedelta(minutes=10)
    assert (called["good"].line.as_of, called["good"].line.last_success) == (MORNING, hands.now)
    kept.close()


def test_a_run_belongs_to_the_day_its_people_had_and_not_to_that_of_greenwich(kept: Store, hands: Hands) -> None:
    for hour, day in ((23, 18), (0, 19), (6, 19)):
        hands.now = datetime(2026, 11, day, hour, 30, tzinfo=VIETNAM)
        kept.ledger.idle(kept.ledger.begin("one_stop"))
    hands.now = datetime(2026, 11, 19, 8, 0, tzinfo=VIETNAM)
    fail(kept)
    kept.ledger.begin("one_stop")
    assert kept.ledger.days(datetime(2026, 11, 1, tzinfo=VIETNAM))["one_stop"] == {
        date(2026, 11, 18): {Verdict.EMPTY_EXPECTED: 1},
        date(2026, 11, 19): {Verdict.EMPTY_EXPECTED: 2, Verdict.FAILED: 1},
    }
    assert kept.ledger.days(datetime(2026, 11, 19, 7, 0, tzinfo=VIETNAM)) == {
        "one_stop": {date(2026, 11, 19): {Verdict.FAILED: 1}}
    }
    kept.close()


def test_activity_changes_when_a_pull_begins_gets_on_and_ends(kept: Store) -> None:
    seen = [kept.ledger.activity()]
    pull = kept.ledger.begin("one_stop")
    seen.append(kept.ledger.activity())
    kept.ledger.progress(pull, 20_000)
    seen.append(kept.ledger.activity())
    assert kept.ledger.status("one_stop").reading == 20_000
    kept.ledger.idle(pull)
    kept.ledger.progress(pull, 30_000)  # a late word changes nothing
    seen.append(kept.ledger.activity())
    assert len(set(seen)) == 4
    assert (kept.ledger.status("one_stop").read, kept.ledger.status("one_stop").reading) == (0, 0)
    kept.close()


def test_what_to_do_depends_on_what_is_wrong_and_how_long(kept: Store, hands: Hands, settings: Settings) -> None:
    def todo() -> str:
        (standing,) = standings(kept, settings, hands.now, "vi")
        return standing.todo

    assert todo() == "Chờ lần lấy đầu tiên (09:00 20/11/2026)."
    kept.ledger.idle(kept.ledger.begin("one_stop"))
    assert todo().startswith("Nhắc Bộ phận Một cửa gửi")  # the folder was opened and nobody has ever fed it
    kept.ledger.idle(kept.ledger.begin("one_stop"), as_of=hands.now)
    assert todo() == "Không phải làm gì."
    hands.now += timedelta(minutes=5)
    fail(kept)
    assert todo() == "Chưa phải làm gì: hệ thống tự thử lại lúc 09:10 20/11/2026."
    for _ in range(2):
        hands.now += timedelta(minutes=10)
        fail(kept)
    assert todo().startswith("Gọi Bộ phận Một cửa: nguồn hỏng từ 09:05 20/11/2026.")
    fail(kept, "pull.forbidden")
    assert todo().startswith("Gọi Bộ phận Một cửa: tài khoản kết nối")
    kept.close()


def test_a_silent_scheduler_promises_no_next_run(kept: Store, hands: Hands, settings: Settings) -> None:
    kept.ledger.idle(kept.ledger.begin("one_stop"), as_of=hands.now)
    kept.heartbeats.beat()
    hands.now += timedelta(minutes=5)
    fail(kept)
    (attended,) = standings(kept, settings, hands.now, "vi")
    assert attended.next_run == MORNING + timedelta(minutes=10)
    hands.now += timedelta(minutes=1)
    (unattended,) = standings(kept, settings, hands.now, "vi")
    assert unattended.next_run is None
    assert "xem bộ lập lịch có đang chạy không" in unattended.todo
    kept.close()


def test_the_sentence_tells_until_when_since_when_and_why(kept: Store, hands: Hands, settings: Settings) -> None:
    kept.ledger.idle(kept.ledger.begin("one_stop"), as_of=MORNING)
    hands.now += timedelta(minutes=10)
    fail(kept)
    (standing,) = standings(kept, settings, hands.now, "vi")
    assert standing.sentence.startswith("Số liệu đến 09:00 20/11/2026. Từ 09:10 20/11/2026: Không kết nối được")
    assert standing.failures == 1
    kept.close()


def test_a_short_silence_is_told_in_minutes_and_never_as_no_hours() -> None:
    told = [silent_for(timedelta(minutes=minutes), "vi") for minutes in (35, 119, 120, 48 * 60)]
    assert [said.split(" không")[0] for said in told] == ["Đã 35 phút", "Đã 119 phút", "Đã 2 giờ", "Đã 2 ngày"]


@pytest.mark.parametrize(
    ("hours", "said", "silence"),
    [
        (2, "fresh", ""),
        (3, "late", "Đã 3 giờ không có số liệu mới."),
        (7, "stale", "Đã 7 giờ không có số liệu mới."),
        (80, "stale", "Đã 3 ngày không có số liệu mới."),
    ],
)
def test_a_folder_that_nobody_feeds_turns_late_and_stale_however_often_it_was_found_empty(
    kept: Store, hands: Hands, settings: Settings, hours: int, said: str, silence: str
) -> None:
    """Promised within 2 hours, owed from the first run after what came last, 10 minutes past it."""
    kept.ledger.idle(kept.ledger.begin("one_stop"), as_of=MORNING)  # as a delivery of 09:00 leaves it
    for _ in range(hours):
        hands.now += timedelta(hours=1)
        kept.ledger.idle(kept.ledger.begin("one_stop"))
    (standing,) = standings(kept, settings, hands.now, "vi")
    assert (standing.freshness, standing.as_of) == (said, MORNING)
    assert standing.sentence.startswith("Số liệu đến 09:00 20/11/2026.")
    assert standing.sentence.endswith(silence)
    assert standing.todo.startswith("Nhắc Bộ phận Một cửa gửi") == (said != "fresh")
    assert standing.line.last_success == hands.now  # the folder itself is well
    kept.close()


def test_a_folder_that_was_only_ever_empty_has_no_data_and_no_age(
    kept: Store, hands: Hands, settings: Settings
) -> None:
    kept.ledger.idle(kept.ledger.begin("one_stop"))
    (standing,) = standings(kept, settings, hands.now, "vi")
    assert (standing.freshness, standing.as_of, standing.why) == ("never", None, None)
    assert standing.sentence == "Chưa lấy được số liệu lần nào."
    kept.close()


def test_how_a_source_is_compared_is_said_in_words_and_a_folder_says_why_not(
    tmp_path: Path, settings: Settings
) -> None:
    said = CONFIG + (
        '  register: {dataset: observation, connector: sql, map: civil_register, url: "sqlite:///x.db",\n'
        '             query: "SELECT 1", reconcile: {schedule: "0 2 * * 0", days: 120}}\n'
        '  other: {dataset: observation, connector: sql, map: civil_register, url: "sqlite:///x.db",\n'
        '          query: "SELECT 1"}\n'
    )
    (tmp_path / "config.yaml").write_text(said, "utf-8")
    sources = load_settings(tmp_path / "config.yaml", {}).sources

    def compared(name: str) -> str:
        return comparison_of(sources[name], VIETNAM, MORNING, "vi")

    assert compared("register") == "Lần tới đối soát với số đang giữ: 02:00 22/11/2026; mỗi lần đọc lại 120 ngày."
    assert compared("other").startswith("Chưa hẹn đối soát")
    assert "là thư mục tệp nên không đối soát được" in compared("one_stop")


def test_what_a_delivery_must_look_like_is_said_with_what_is_usual_on_the_weekday(settings: Settings) -> None:
    source = settings.sources["one_stop"]
    friday = MORNING.date()
    assert expectations_of(source, None, friday, "en") == (
        "A delivery is taken only when: at most 20% of its records are set aside. "
        "Otherwise nothing is written and the old figures stay."
    )
    expect = source.expect.model_copy(update={"min_rows": 5, "max_drop_share": 0.5, "wanted": ["MaHoSo"]})
    strict = source.model_copy(update={"expect": expect})
    said = expectations_of(strict, 1204.5, friday, "vi")
    assert said.startswith("Một lần lấy chỉ được nhận khi: có ít nhất 5 bản ghi; không quá 20% bản ghi bị giữ lại; ")
    assert "thường lệ của cùng thứ trong tuần quá 50%; đủ các cột MaHoSo." in said
    assert said.endswith("Thường lệ của Thứ Sáu: 1.204 bản ghi mỗi lần lấy.")
    assert "not known yet" in expectations_of(strict, None, friday, "en")
