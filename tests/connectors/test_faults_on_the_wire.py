"""What the simulated one-stop does to those who read it, the whole way into the store (F04-F12, F17, F18)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from datasets.errors import SourceRefused
from datasets.store import Verdict
from datasets.working_days import WorkingCalendar
from tests.connectors.fault_ground import SINCE, Ground, ground_on_sandbox
from tests.connectors.sandbox_server import Sandbox, running


@pytest.fixture(scope="module")
def server(calendar: WorkingCalendar) -> Iterator[Sandbox]:
    with running(calendar) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(server: Sandbox) -> Iterator[Sandbox]:
    yield server
    server.client.delete("/faults")


@pytest.fixture
def ground(sandbox: Sandbox, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    made = ground_on_sandbox(sandbox, tmp_path, sqlite_url, monkeypatch)
    yield made
    made.house.store.close()


def there(sandbox: Sandbox) -> set[str]:
    """The codes that the source holds of the stretch."""
    first = sandbox.page(1, tuNgay=SINCE, pageSize=1000).json()["data"]
    assert first["total"] == len(first["items"]) > 100  # three pages of 50
    return {str(item["MaHoSo"]) for item in first["items"]}


PASSING = {
    "F04 two server errors": ("error", {"times": 2}),
    "F05 come again in five seconds": ("too_many", {"retry_after": "5", "times": 1}),
    "F05 come again two seconds ago": ("too_many", {"retry_after": "-2", "times": 1}),
    "F07 a body cut short": ("truncated", {"skip": 1, "times": 1}),
    "F08 a row moves to the end": ("shifted_pages", {"mode": "move", "rows": 3, "skip": 1, "times": 2}),
    "F08 rows come in between": ("shifted_pages", {"mode": "insert", "rows": 2, "skip": 1, "times": 2}),
    "F08 rows go in between": ("shifted_pages", {"mode": "delete", "rows": 2, "skip": 1, "times": 1}),
    "F09 rows on two pages": ("duplicates", {"rows": 5}),
    "F10 an empty page in the middle": ("empty_page", {"times": 1}),
    "F10 pages beyond the last one": ("endless_pages", {}),
    "F12 the token expires between pages": ("expired_token", {"skip": 1, "times": 1}),
    "F18 a column more": ("unknown_column", {}),
}


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_costs_no_row_and_doubles_none(sandbox: Sandbox, ground: Ground, name: str) -> None:
    expected = there(sandbox)
    kind, setting = PASSING[name]
    sandbox.fault(kind, **setting)
    ground.pull()
    assert set(ground.held()) == expected
    assert ground.counted() == len(expected)
    assert ground.status().verdict in (Verdict.OK_CHANGED, Verdict.PARTIAL)
    assert ground.pull().new == 0


LASTING = {
    "F04 errors for ever": ("error", {}, "pull.server_error"),
    "F04 a server that is busy for ever": ("error", {"status": 503}, "pull.server_error"),
    "F04 a second page that never comes": ("error", {"skip": 1}, "pull.server_error"),
    "F05 come again in 31 years": ("too_many", {"retry_after": "978307200"}, "pull.wait_too_long"),
    "F06 a login page": ("login_page", {}, "pull.login_page"),
    "F06 an error in a good answer": ("error_envelope", {}, "pull.envelope"),
    "F07 cut short for ever": ("truncated", {}, "pull.cut_short"),
    "F07 no JSON": ("broken_json", {}, "pull.not_json"),
    "F10 a total that lies": ("wrong_total", {}, "pull.unsteady"),
    "F11 a redirect to another host": ("redirect", {}, "pull.foreign_address"),
    "F12 an account that was closed": ("expired_token", {}, "pull.unauthorised"),
    "F17 a column renamed": ("renamed_column", {}, "connectors.columns_renamed"),
}


@pytest.mark.parametrize("name", LASTING)
def test_a_fault_that_stays_changes_nothing_says_why_and_is_caught_up(
    sandbox: Sandbox, ground: Ground, name: str
) -> None:
    expected = there(sandbox)
    ground.pull()
    known = ground.held()
    kind, setting, key = LASTING[name]
    sandbox.fault(kind, **setting)
    ground.later(minutes=10)
    error = ground.fails()
    assert error.key == key
    assert ground.status().verdict in (Verdict.FAILED, Verdict.REFUSED)
    assert ground.status().since is not None
    assert ground.held() == known
    sandbox.client.delete("/faults")
    ground.later(minutes=10)
    ground.pull()
    assert set(ground.held()) == expected
    assert ground.status().since is None


@pytest.mark.parametrize("name", LASTING)
def test_of_a_first_pull_that_fails_nothing_at_all_is_published(sandbox: Sandbox, ground: Ground, name: str) -> None:
    kind, setting, key = LASTING[name]
    sandbox.fault(kind, **setting)
    assert ground.fails().key == key
    assert ground.rows() == []
    assert ground.status().bookmark is None


def test_no_request_goes_out_earlier_than_the_source_asked(sandbox: Sandbox, ground: Ground) -> None:
    sandbox.fault("too_many", retry_after="7", times=2)
    ground.pull()
    assert [wait >= 7 for wait in ground.waits] == [True, True]


def test_a_source_that_is_always_busy_is_asked_at_most_twenty_times(sandbox: Sandbox, ground: Ground) -> None:
    sandbox.fault("too_many", retry_after="1")
    ground.fails()
    (fault,) = sandbox.client.get("/faults").json()["faults"]
    assert fault["requests"] <= 20


def test_an_account_that_is_refused_is_a_matter_for_a_person_and_is_not_hammered(
    sandbox: Sandbox, ground: Ground
) -> None:
    sandbox.fault("expired_token")
    error = ground.fails()
    assert isinstance(error, SourceRefused)
    (fault,) = sandbox.client.get("/faults").json()["faults"]
    assert fault["requests"] <= 3


def test_a_strange_column_is_told_by_its_name_and_its_value_is_nowhere(
    sandbox: Sandbox, ground: Ground, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sandbox.fault("unknown_column", name="SoTaiKhoan", value="9704366812345678")
    ground.pull()
    (found,) = [found for found in ground.line.drift if found.kind == "new_column"]
    assert (found.column, found.count) == ("SoTaiKhoan", len(there(sandbox)))
    assert ground.line.note is not None
    assert "SoTaiKhoan" in ground.line.note
    assert "9704366812345678" not in ground.everything() + caplog.text


def test_rows_that_are_wrong_are_set_aside_and_the_others_come(sandbox: Sandbox, ground: Ground) -> None:
    expected = there(sandbox)
    sandbox.fault("dirty_rows", share=0.2)
    counts = ground.pull()
    assert 0 < counts.quarantined < counts.read / 2
    aside = ground.house.store.quarantine.list("one_stop")
    assert len(aside) == counts.quarantined
    assert all(line.problems for line in aside)
    sandbox.client.delete("/faults")
    ground.pull(reconcile=True)  # the source was mended without a new date of change
    assert expected <= set(ground.held())
    assert ground.house.store.quarantine.count("one_stop") < counts.quarantined / 2  # spoilt keys stay, unlike others
