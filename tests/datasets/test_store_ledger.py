"""The ledger: every pull leaves a line, whatever its end; the quarantine; the lease."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from datasets.clock import Clock
from datasets.errors import BatchRejected, OpsError, SourceChanged, SourceUnavailable, StoreError
from datasets.schema.dataset import Row
from datasets.store import Outcome, Store, Verdict, open_store
from datasets.validate import Expectations

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
Deliver = Callable[..., Outcome]


def dossiers(*codes: str, **fields: object) -> list[Row]:
    return [
        {
            "unit": "26275",
            "dossier_code": code,
            "channel": "direct",
            "received_at": NOW - timedelta(days=3),
            "status": "processing",
            **fields,
        }
        for code in codes
    ]


class Hand:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def clock(hand: Hand) -> Clock:
    return hand


def test_a_source_never_pulled_has_a_line_without_a_verdict(store: Store) -> None:
    line = store.ledger.status("one_stop")
    assert (line.verdict, line.last_success, line.running, line.read) == (None, None, False, 0)


def test_a_good_pull_shows_its_counts_and_when_it_succeeded(store: Store, deliver: Deliver) -> None:
    deliver(store, dossiers("A", "B"), bookmark="x", note="tệp tháng 11")
    line = store.ledger.status("one_stop")
    assert (line.verdict, line.read, line.new, line.bookmark) == (Verdict.OK_CHANGED, 2, 2, "x")
    assert (line.last_success, line.as_of, line.since) == (NOW, NOW, None)
    (run,) = store.ledger.runs("one_stop")
    assert (run.dataset, run.bookmark_from, run.bookmark_to, run.note) == ("dossier", None, "x", "tệp tháng 11")


def test_trouble_is_dated_from_its_first_pull_and_ends_with_a_good_one(
    store: Store, deliver: Deliver, hand: Hand
) -> None:
    deliver(store, dossiers("A"), bookmark="x")
    for _ in range(3):
        hand.now += timedelta(hours=1)
        store.ledger.fail(store.ledger.begin("one_stop"), SourceUnavailable("error.store_locked"))
    line = store.ledger.status("one_stop")
    assert (line.verdict, line.error_key, line.since) == (
        Verdict.FAILED,
        "error.store_locked",
        NOW + timedelta(hours=1),
    )
    assert (line.last_success, line.as_of, line.bookmark) == (NOW, NOW, "x")
    deliver(store, dossiers("A"))
    assert store.ledger.status("one_stop").since is None


def test_an_answer_that_changed_its_shape_is_refused_not_failed(store: Store) -> None:
    store.ledger.fail(store.ledger.begin("one_stop"), SourceChanged("error.lease_taken", name="Ngày hẹn trả"))
    line = store.ledger.status("one_stop")
    assert (line.verdict, line.error_params) == (Verdict.REFUSED, {"name": "Ngày hẹn trả"})


def test_a_pull_that_has_ended_keeps_its_end(store: Store, deliver: Deliver) -> None:
    with pytest.raises(BatchRejected) as refused:
        deliver(store, dossiers("A"), expect=Expectations(min_rows=9))
    (run,) = store.ledger.runs("one_stop")
    store.ledger.fail(run.id, OpsError("error.interrupted"))
    assert store.ledger.runs("one_stop") == [run]
    assert run.error_key == refused.value.key == "error.too_few_rows"


def test_pulls_left_running_by_a_dead_process_are_closed_for_their_source_only(store: Store) -> None:
    store.ledger.begin("one_stop")
    store.ledger.begin("petitions")
    assert store.ledger.status("one_stop").running
    assert store.ledger.interrupted("one_stop") == 1
    line = store.ledger.status("one_stop")
    assert (line.verdict, line.error_key, line.running) == (Verdict.FAILED, "error.interrupted", False)
    assert store.ledger.status("petitions").running
    assert store.ledger.interrupted() == 1
    assert store.ledger.interrupted() == 0


def test_a_folder_without_a_new_file_is_no_confirmation_of_what_we_hold(store: Store, hand: Hand) -> None:
    store.ledger.idle(store.ledger.begin("school"))
    line = store.ledger.status("school")
    assert (line.verdict, line.as_of, line.last_success) == (Verdict.EMPTY_EXPECTED, None, NOW)


def test_nothing_where_this_weekday_usually_brings_something_is_suspect(
    store: Store, deliver: Deliver, hand: Hand
) -> None:
    for codes in ("ABCD", "ABCDE", "ABC"):  # three Fridays; usual is the middle one, 4
        deliver(store, dossiers(*codes), bookmark=codes, as_of=hand.now)
        hand.now += timedelta(days=7)
    outcome = deliver(store, [], bookmark="later", as_of=hand.now)
    assert outcome.verdict is Verdict.EMPTY_SUSPECT
    line = store.ledger.status("one_stop")
    assert (line.bookmark, line.as_of, line.since) == ("ABC", NOW + timedelta(days=14), hand.now)
    hand.now += timedelta(days=1)
    assert deliver(store, []).verdict is Verdict.EMPTY_EXPECTED  # nothing is known of Saturdays


def test_a_drop_is_judged_against_the_middle_of_the_last_four_pulls_of_the_weekday(
    store: Store, deliver: Deliver, hand: Hand
) -> None:
    expect = Expectations(max_drop_share=0.5)
    deliver(store, dossiers(*"ABCDEFGHIJ"), expect=expect)  # 10 on a Friday
    hand.now += timedelta(days=7)
    deliver(store, dossiers("A"), expect=expect)  # 1: only one Friday is known, nobody judges
    hand.now += timedelta(days=7)
    deliver(store, dossiers(*"ABCDEF"), expect=expect)  # 6; from here the middle of 10, 1, 6 is 6
    hand.now += timedelta(days=7)
    deliver(store, dossiers(*"ABC"), expect=expect)  # 3 is half of 6: still believed
    hand.now += timedelta(days=7)
    with pytest.raises(BatchRejected) as refused:  # the middle of 10, 1, 6, 3 is 4.5; 2 is under half
        deliver(store, dossiers(*"AB"), expect=expect)
    assert (refused.value.key, refused.value.params["read"]) == ("error.unusual_drop", "2")


def test_the_weekday_is_that_of_the_centre_not_of_greenwich(sqlite_url: str) -> None:
    late_on_thursday_in_greenwich = datetime(2026, 11, 19, 18, 0, tzinfo=UTC)
    store = open_store(sqlite_url, lambda: late_on_thursday_in_greenwich)
    store.ledger.begin("one_stop")
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT weekday FROM pull").scalar() == 4  # Friday
    store.close()


def test_the_same_bad_record_in_every_pull_is_one_line_until_it_comes_right(
    store: Store, deliver: Deliver, hand: Hand
) -> None:
    good = dossiers("A", "B", "C")
    bad = dossiers("D", channel="pigeon")
    deliver(store, good + bad)
    hand.now += timedelta(hours=1)
    deliver(store, good + bad)
    (line,) = store.quarantine.list("one_stop")
    assert (line.record_key, line.row_id, line.times_seen) == ("26275/D", "row 4", 2)
    assert (line.first_seen_at, line.last_seen_at) == (NOW, NOW + timedelta(hours=1))
    assert line.problems == [{"field": "channel", "code": "not_allowed", "value": "pigeon"}]
    assert line.payload is not None
    assert line.payload["received_at"] == "2026-11-17T09:00:00+07:00"
    deliver(store, dossiers("D"))
    assert store.quarantine.count("one_stop") == 0
    (line,) = store.quarantine.list("one_stop", settled=True)
    assert line.settled_at == hand.now
    deliver(store, good + bad)
    assert store.quarantine.counts() == {"one_stop": 1}


def test_a_record_without_a_key_goes_by_its_place_and_a_replay_settles_it(
    store: Store, deliver: Deliver, hand: Hand
) -> None:
    nameless = dossiers("")
    deliver(store, [*dossiers("A", "B"), *nameless])
    (line,) = store.quarantine.list("one_stop")
    assert line.record_key == "row 3"
    assert store.quarantine.take([line.id]) == [line]
    deliver(store, dossiers("C"), replayed=[line.id])
    assert store.quarantine.count("one_stop") == 0


def test_rows_kept_with_the_quarantine_are_forgotten_when_told(store: Store, deliver: Deliver) -> None:
    deliver(store, [*dossiers("A", "B"), *dossiers("C", channel="pigeon")])
    assert store.quarantine.forget_payloads(NOW) == 0
    assert store.quarantine.forget_payloads(NOW + timedelta(seconds=1)) == 1
    (line,) = store.quarantine.list("one_stop")
    assert (line.payload, line.problems[0]["code"]) == (None, "not_allowed")


def test_a_lease_is_held_by_one_and_free_again_afterwards(store: Store) -> None:
    with store.lease("scheduler"):
        with pytest.raises(StoreError) as taken, store.lease("scheduler"):
            pass
        assert taken.value.key == "error.lease_taken"
        with store.lease("source one_stop"):
            pass
    with store.lease("scheduler"):
        pass
