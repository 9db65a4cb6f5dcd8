"""Each fault of the sandbox, as a reader meets it over real HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
import pytest

from connectors.sandbox.faults import DEFAULTS, Faults, parse_fault, read_fault
from datasets.errors import UsageError
from datasets.working_days import WorkingCalendar
from tests.connectors.sandbox_server import Sandbox, running


@pytest.fixture(scope="module")
def server(calendar: WorkingCalendar) -> Iterator[Sandbox]:
    with running(calendar) as one:
        yield one


@pytest.fixture
def sandbox(server: Sandbox) -> Iterator[Sandbox]:
    yield server
    server.client.delete("/faults")
    server.slept.clear()


def codes(items: list[dict[str, object]]) -> list[object]:
    return [item["MaHoSo"] for item in items]


def test_a_slow_source_waits_before_its_first_byte(sandbox: Sandbox) -> None:
    sandbox.fault("slow", seconds=30)
    assert len(sandbox.items()) == 200
    assert sandbox.slept == [30.0]


def test_a_dripping_source_sends_a_few_bytes_at_a_time(sandbox: Sandbox) -> None:
    sandbox.fault("drip", bytes=1000, seconds=0.3)
    answer = sandbox.page(pageSize=3)
    assert len(answer.json()["data"]["items"]) == 3
    pauses = [0.3] * -(-len(answer.content) // 1000)
    for _ in range(200):  # the last pause comes after the last bytes have gone
        if sandbox.slept == pauses:
            break
        time.sleep(0.01)
    assert sandbox.slept == pauses


def test_too_many_requests_say_when_to_come_again(sandbox: Sandbox) -> None:
    for asked in ("5", "-1", "Fri, 20 Nov 2026 02:05:00 GMT", "977616000"):
        sandbox.fault("too_many", retry_after=asked, times=1)
        answer = sandbox.page()
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, asked)
    assert sandbox.page().status_code == 200


def test_a_server_error_may_pass_after_two_requests(sandbox: Sandbox) -> None:
    sandbox.fault("error", status=503, times=2)
    assert [sandbox.page().status_code for _ in range(3)] == [503, 503, 200]


def test_a_truncated_answer_ends_before_its_length(sandbox: Sandbox) -> None:
    sandbox.fault("truncated")
    with pytest.raises(httpx.RemoteProtocolError):
        sandbox.page()


def test_broken_json_has_the_right_length(sandbox: Sandbox) -> None:
    sandbox.fault("broken_json")
    answer = sandbox.page()
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_rows_that_move_to_the_end_while_paging_leave_a_gap_and_come_twice(sandbox: Sandbox) -> None:
    first, second, last = sandbox.items(1), sandbox.items(2), -(-sandbox.page().json()["data"]["total"] // 200)
    total = sandbox.page().json()["data"]["total"]
    sandbox.fault("shifted_pages", mode="move", rows=3)
    assert sandbox.items(1) == first
    assert codes(sandbox.items(2))[:197] == codes(second)[3:]  # the first three of page 2 are never seen
    assert codes(sandbox.items(last))[-3:] == codes(first)[:3]  # those of page 1 come again
    assert sandbox.page(2).json()["data"]["total"] == total  # and the total does not tell


def test_inserted_rows_repeat_and_deleted_rows_hide_others(sandbox: Sandbox) -> None:
    first, second = sandbox.items(1), sandbox.items(2)
    total = sandbox.page().json()["data"]["total"]
    sandbox.fault("shifted_pages", mode="insert", rows=2)
    shifted = sandbox.page(2).json()["data"]
    assert codes(shifted["items"])[:2] == codes(first)[-2:]
    assert shifted["total"] == total + 2
    sandbox.client.delete("/faults")
    sandbox.fault("shifted_pages", mode="delete", rows=2)
    shifted = sandbox.page(2).json()["data"]
    assert codes(shifted["items"])[0] == codes(second)[2]
    assert shifted["total"] == total - 2


def test_duplicates_repeat_the_end_of_the_page_before(sandbox: Sandbox) -> None:
    first, second = sandbox.items(1), sandbox.items(2)
    sandbox.fault("duplicates", rows=4)
    assert sandbox.items(1) == first[:4] + first
    assert sandbox.items(2) == first[-4:] + second


def test_a_column_more_and_a_column_renamed(sandbox: Sandbox) -> None:
    sandbox.fault("unknown_column", name="TenChaMe", value="Trần Thị Minh Họa")
    assert {item["TenChaMe"] for item in sandbox.items()} == {"Trần Thị Minh Họa"}
    sandbox.fault("renamed_column", column="NgayHenTra", name="HanTra")
    item = sandbox.items()[0]
    assert "NgayHenTra" not in item
    assert item["HanTra"]


def test_a_good_token_is_refused_once_in_mid_paging(sandbox: Sandbox) -> None:
    sandbox.fault("expired_token", skip=1, times=1)
    assert [sandbox.page(page).status_code for page in (1, 2, 2)] == [200, 401, 200]


def test_a_login_page_comes_with_status_200(sandbox: Sandbox) -> None:
    sandbox.fault("login_page")
    answer = sandbox.page()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "Đăng nhập" in answer.text


def test_an_error_comes_in_the_body_of_a_200(sandbox: Sandbox) -> None:
    sandbox.fault("error_envelope")
    answer = sandbox.page()
    assert (answer.status_code, answer.json()["error_code"], answer.json()["data"]) == (200, "99", None)


def test_a_total_that_lies(sandbox: Sandbox) -> None:
    total = sandbox.page().json()["data"]["total"]
    sandbox.fault("wrong_total", by=-7)
    assert sandbox.page().json()["data"]["total"] == total - 7


def test_dirty_rows_are_always_the_same_ones(sandbox: Sandbox) -> None:
    clean = sandbox.items()
    sandbox.fault("dirty_rows", share=0.3)
    dirty = sandbox.items()
    assert 30 < sum(a != b for a, b in zip(clean, dirty, strict=True)) < 90
    assert dirty == sandbox.items()


def test_pages_without_end_and_a_page_without_rows(sandbox: Sandbox) -> None:
    first, last = sandbox.items(1), -(-sandbox.page().json()["data"]["total"] // 200)
    sandbox.fault("endless_pages")
    assert sandbox.items(last + 1) == first
    sandbox.client.delete("/faults")
    sandbox.fault("empty_page", skip=1, times=1)
    assert [len(sandbox.items(page)) for page in (1, 2, 3)] == [200, 0, 200]


def test_a_redirect_leads_to_another_host(sandbox: Sandbox) -> None:
    sandbox.fault("redirect", to="http://198.51.100.1/elsewhere")
    answer = sandbox.page()
    assert (answer.status_code, answer.headers["Location"]) == (302, "http://198.51.100.1/elsewhere")


def test_faults_are_listed_with_their_counts_and_cleared(sandbox: Sandbox) -> None:
    sandbox.fault("error", times=1)
    sandbox.page()
    sandbox.page()
    listed = sandbox.client.get("/faults").json()["faults"]
    assert [(fault["kind"], fault["requests"], fault["struck"]) for fault in listed] == [("error", 2, 1)]
    assert sandbox.client.delete("/faults").json()["faults"] == []
    assert sandbox.client.get("/faults").json()["faults"] == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "fire"}, "Không có loại lỗi"),
        ({"kind": "slow", "minutes": 1}, "không có tham số minutes"),
        ({"kind": "slow", "seconds": "long"}, "giá trị không hợp lệ"),
        ({"kind": "error", "probability": 2}, "giá trị không hợp lệ"),
        ({"kind": "shifted_pages", "mode": "sideways"}, "giá trị không hợp lệ"),
    ],
)
def test_a_fault_that_does_not_exist_is_refused(sandbox: Sandbox, wrong: dict[str, object], said: str) -> None:
    answer = sandbox.client.post("/faults", json=wrong)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert sandbox.client.post("/faults", content="kind=error").status_code == 400


def test_the_same_requests_are_struck_under_the_same_seed() -> None:
    def struck(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.add({"kind": "error", "probability": 0.3})
        return [bool(faults.strike()) for _ in range(200)]

    assert struck(7) == struck(7)
    assert struck(7) != struck(8)
    assert 35 < sum(struck(7)) < 85


def test_faults_from_the_command_line() -> None:
    assert read_fault(parse_fault("error:0.1")).probability == 0.1
    assert read_fault(parse_fault("login_page")).probability == 1.0
    for wrong in ("error:often", "error:", "fire:0.1"):
        with pytest.raises(UsageError):
            read_fault(parse_fault(wrong))
    assert all(read_fault({"kind": kind}).said()["struck"] == 0 for kind in DEFAULTS)
