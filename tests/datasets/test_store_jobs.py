"""Requests from the screens: asked for once, done once, never lost, and their answers kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from datasets.errors import SourceUnavailable, UsageError
from datasets.store import Store
from datasets.store.jobs import MOST_WAITING, Kind, State


def test_a_request_is_handed_over_claimed_once_and_answered(store: Store) -> None:
    assert not store.jobs.waiting()
    asked = store.jobs.ask(Kind.REPLAY, "one_stop", asked_by="Nguyễn Thị Lan")
    assert store.jobs.waiting()
    job = store.jobs.claim()
    assert job is not None
    assert (job.id, job.kind, job.source, job.asked_by, job.state) == (
        asked, Kind.REPLAY, "one_stop", "Nguyễn Thị Lan", State.RUNNING,
    )  # fmt: skip
    assert store.jobs.claim() is None
    store.jobs.done(asked, {"new": 3})
    done = store.jobs.get(asked)
    assert done is not None
    assert (done.state, done.result, done.open) == (State.DONE, {"new": 3}, False)
    assert store.jobs.get(asked + 1) is None


def test_requests_are_worked_off_in_the_order_they_were_made(store: Store) -> None:
    asked = [store.jobs.ask(Kind.REPLAY, name) for name in ("b", "a", "c")]
    claimed = [job.id for _ in asked if (job := store.jobs.claim())]
    assert claimed == asked


def test_two_who_claim_at_once_never_get_the_same_request(store: Store) -> None:
    asked = [store.jobs.ask(Kind.REPLAY, f"source_{number}") for number in range(12)]
    with ThreadPoolExecutor(4) as pool:
        claimed = [job.id for job in pool.map(lambda _: store.jobs.claim(), range(16)) if job]
    assert sorted(claimed) == asked


def test_asking_again_for_what_already_waits_asks_for_nothing_more(store: Store) -> None:
    first = store.jobs.ask(Kind.REPLAY, "one_stop")
    assert store.jobs.ask(Kind.REPLAY, "one_stop") == first
    assert store.jobs.ask(Kind.REPLAY, "reports") != first
    store.jobs.claim()
    assert store.jobs.ask(Kind.REPLAY, "one_stop") != first


def test_too_many_waiting_requests_are_refused_with_a_sentence(store: Store) -> None:
    for number in range(MOST_WAITING):
        store.jobs.ask(Kind.REPLAY, f"source_{number}")
    with pytest.raises(UsageError) as refused:
        store.jobs.ask(Kind.REPLAY, "one_more")
    assert refused.value.key == "jobs.too_many"


def test_a_failed_request_keeps_its_reason_and_one_left_by_a_dead_process_is_ended(store: Store) -> None:
    first, second = store.jobs.ask(Kind.REPLAY, "a"), store.jobs.ask(Kind.REPLAY, "b")
    store.jobs.claim()
    store.jobs.failed(first, SourceUnavailable("files.no_folder", folder="x"))
    store.jobs.claim()
    assert store.jobs.interrupted() == 1
    failed, left = store.jobs.get(first), store.jobs.get(second)
    assert failed is not None and left is not None
    assert failed.result == {"error_key": "files.no_folder", "error_params": {"folder": "x"}}
    assert (left.state, left.result["error_key"]) == (State.FAILED, "error.interrupted")


def test_only_a_file_that_was_taken_counts_as_taken(store: Store) -> None:
    preview = store.jobs.ask(Kind.PREVIEW, "typed", digest="d1")
    accept = store.jobs.ask(Kind.ACCEPT, "typed", {"name": "a.xlsx"}, digest="d1")
    assert store.jobs.taken("d1") is None
    store.jobs.done(preview, {})
    assert store.jobs.taken("d1") is None
    store.jobs.done(accept, {})
    taken = store.jobs.taken("d1")
    assert taken is not None and taken.payload == {"name": "a.xlsx"}
    assert store.jobs.taken("d2") is None


def test_the_stamp_moves_with_every_step_of_a_request(store: Store) -> None:
    stamps = [store.jobs.stamp()]
    asked = store.jobs.ask(Kind.REPLAY, "one_stop")
    stamps.append(store.jobs.stamp())
    store.jobs.claim()
    stamps.append(store.jobs.stamp())
    store.jobs.done(asked, {})
    stamps.append(store.jobs.stamp())
    assert len(set(stamps)) == 4
