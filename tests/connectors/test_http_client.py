"""What the HTTP client survives, over real sockets; only the waiting is not real."""

from __future__ import annotations

import json
import socket
import time
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest

from connectors.http_client import HttpClient, Limits, Request, Unauthorised
from datasets.clock import Clock
from datasets.errors import PullError, SourceChanged, SourceRefused, SourceUnavailable
from datasets.settings.web_sources import Timeout
from tests.connectors.scripted_server import Answer, Handler, Seen, gives, gives_packed, hangs_up, serving

GOOD = {"items": []}
LIMITS = Limits(run_seconds=300, total_seconds=20, retries=3)


class Waits(list[float]):
    """Stands in for sleep: notes the wait and moves its own monotonic clock on."""

    def __init__(self) -> None:
        super().__init__()
        self.moved = 0.0

    def sleep(self, seconds: float) -> None:
        self.append(seconds)
        self.moved += seconds

    def monotonic(self) -> float:
        return time.monotonic() + self.moved


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def client_of(clock: Clock, waits: Waits) -> Callable[..., HttpClient]:
    def make(*hosts: str, limits: Limits = LIMITS) -> HttpClient:
        return HttpClient(
            frozenset(hosts), limits, clock, sleep=waits.sleep, monotonic=waits.monotonic, random=lambda: 0.5
        )

    return make


Make = Callable[..., HttpClient]


def failure(client: HttpClient, request: Request) -> PullError:
    with client, pytest.raises(PullError) as caught:
        client.fetch_json(request)
    return caught.value


def test_a_good_answer_comes_back_as_json(client_of: Make, waits: Waits) -> None:
    with serving(gives({"tên": "Thôn Đông", "số": 3})) as source, client_of(source.host) as client:
        answer, _ = client.fetch_json(Request(source.url("/api"), params={"trang": "1"}))
    assert answer == {"tên": "Thôn Đông", "số": 3}
    assert source.seen[0].query == {"trang": "1"}
    assert waits == []


def test_two_server_errors_are_waited_out_with_growing_back_off(client_of: Make, waits: Waits) -> None:
    with serving(gives({}, 503), gives({}, 500), gives(GOOD)) as source, client_of(source.host) as client:
        assert client.fetch_json(Request(source.url()))[0] == GOOD
    assert waits == [0.5, 1.0]  # 0.5 s doubled, times 0.5 + the random 0.5


def test_a_source_that_stays_broken_is_given_up_after_three_retries(client_of: Make, waits: Waits) -> None:
    with serving(gives({}, 502)) as source:
        error = failure(client_of(source.host), Request(source.url()))
    assert isinstance(error, SourceUnavailable)
    assert error.key == "pull.server_error"
    assert len(source.seen) == 4
    assert len(waits) == 3


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("7", 7.0),
        ("-5", 0.5),  # negative asks nothing: the back-off of the first retry
        ("nonsense", 0.5),
        (format_datetime(datetime.fromisoformat("2026-11-20T09:00:30+07:00")), 30.0),
        (format_datetime(datetime.fromisoformat("2020-01-01T00:00:00+07:00")), 0.5),
    ],
)
def test_retry_after_is_obeyed_as_seconds_and_as_a_date(client_of: Make, waits: Waits, said: str, wait: float) -> None:
    with serving(gives({}, 429, Retry_After=said), gives(GOOD)) as source, client_of(source.host) as client:
        client.fetch_json(Request(source.url()))
    assert waits == [wait]


@pytest.mark.parametrize("said", ["301", str(31 * 365 * 86400)])
def test_a_wait_beyond_the_run_is_left_to_the_next_run_without_another_request(client_of: Make, said: str) -> None:
    with serving(gives({}, 503, Retry_After=said)) as source:
        error = failure(client_of(source.host), Request(source.url()))
    assert isinstance(error, SourceUnavailable)
    assert error.key == "pull.wait_too_long"
    assert len(source.seen) == 1


def test_the_run_ends_at_its_deadline_whatever_the_retries_allow(client_of: Make, waits: Waits) -> None:
    with serving(gives({}, 503, Retry_After="100")) as source:
        failure(client_of(source.host), Request(source.url()))
    assert waits == [100.0, 100.0]  # a third would end after 300 s


def test_401_is_refused_and_not_retried(client_of: Make) -> None:
    with serving(gives({}, 401)) as source:
        error = failure(client_of(source.host), Request(source.url()))
    assert isinstance(error, Unauthorised)
    assert len(source.seen) == 1


def test_403_is_refused_and_not_retried(client_of: Make) -> None:
    with serving(gives({}, 403)) as source:
        error = failure(client_of(source.host), Request(source.url()))
    assert isinstance(error, SourceRefused)
    assert len(source.seen) == 1


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_other_refusals_mean_the_source_changed(client_of: Make, status: int) -> None:
    with serving(gives({}, status)) as source:
        error = failure(client_of(source.host), Request(source.url("/api"), params={"khoa": "bi-mat"}))
    assert isinstance(error, SourceChanged)
    assert error.params == {"address": source.url("/api"), "status": str(status)}


def test_nobody_at_the_door_is_unavailable(client_of: Make, waits: Waits) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    error = failure(client_of(host), Request(f"http://{host}/"))
    assert isinstance(error, SourceUnavailable)
    assert error.key == "pull.no_connection"
    assert len(waits) == 3


def test_a_connection_dropped_in_mid_answer_is_tried_again(client_of: Make) -> None:
    with serving(hangs_up, gives(GOOD)) as source, client_of(source.host) as client:
        assert client.fetch_json(Request(source.url()))[0] == GOOD
    assert len(source.seen) == 2


def short_of_its_length(handler: Handler, seen: Seen) -> None:
    handler.give(200, b'{"items": [', {"Content-Length": "500"})
    handler.close_connection = True


def packed_and_cut(handler: Handler, seen: Seen) -> None:
    whole = zlib.compress(json.dumps(GOOD).encode())
    handler.give(200, whole[:-6], {"Content-Encoding": "deflate"})


@pytest.mark.parametrize(
    "broken",
    [
        short_of_its_length,
        packed_and_cut,
        gives(b'{"items": [{"a": 1}, {"a"'),
        gives(b"plain words", Content_Encoding="gzip"),
        gives(b""),
    ],
    ids=["shorter than it said", "packed and cut", "cut json", "no gzip at all", "nothing"],
)
def test_an_answer_cut_short_is_tried_again_and_never_half_used(client_of: Make, broken: Answer) -> None:
    with serving(broken, gives(GOOD)) as source, client_of(source.host) as client:
        assert client.fetch_json(Request(source.url()))[0] == GOOD
    assert len(source.seen) == 2


@pytest.mark.parametrize("body", [b'{"a": NaN}', b'{"a": 1, "a": 2}', b'{"a": 1} x', b"'a'", b"\xff\xfe\xfa"])
def test_json_that_is_not_strict_json_is_not_read(client_of: Make, body: bytes) -> None:
    with serving(gives(body)) as source:
        error = failure(client_of(source.host), Request(source.url()))
    assert isinstance(error, SourceChanged)
    assert error.key == "pull.not_json"


def test_json_nested_without_end_is_not_read(client_of: Make) -> None:
    with serving(gives(b"[" * 100_000)) as source:
        error = failure(client_of(source.host), Request(source.url()))
    assert error.key == "pull.too_deep"


@pytest.mark.parametrize(
    "page",
    ["<html><form>Đăng nhập hệ thống</form>", '<!DOCTYPE html><input type="password">', "\n <html>Please log in"],
)
def test_a_login_page_is_a_matter_of_credentials(client_of: Make, page: str) -> None:
    with serving(gives(page.encode(), Content_Type="application/json")) as source:
        error = failure(client_of(source.host), Request(source.url()))
    assert isinstance(error, SourceRefused)
    assert "trang đăng nhập" in error.message("vi")
    assert len(source.seen) == 1


def test_another_web_page_is_no_answer(client_of: Make) -> None:
    with serving(gives(b"<html>Bao tri he thong</html>")) as source:
        error = failure(client_of(source.host), Request(source.url()))
    assert isinstance(error, SourceChanged)
    assert error.key == "pull.web_page"


def drip(handler: Handler, seen: Seen) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "400")
    handler.end_headers()
    for _ in range(400):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def drip_headers(handler: Handler, seen: Seen) -> None:
    for sign in b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 400:
        handler.wfile.write(bytes([sign]))
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize("slow", [drip, drip_headers])
def test_a_source_that_drips_byte_by_byte_is_cut_at_the_total_deadline(client_of: Make, slow: Answer) -> None:
    limits = Limits(total_seconds=0.6, read_seconds=20, retries=0)
    with serving(slow) as source:
        began = time.monotonic()
        error = failure(client_of(source.host, limits=limits), Request(source.url()))
        took = time.monotonic() - began
    assert error.key == "pull.too_slow"
    assert 0.5 < took < 2.5  # dripped to its end it would take 20 s


def test_a_request_has_twenty_seconds_and_a_run_five_minutes_unless_a_source_says_otherwise() -> None:
    limits, said = Limits(), Timeout()
    assert (limits.total_seconds, limits.run_seconds, limits.retries) == (20, 300, 3)
    assert (said.total.total_seconds(), said.run.total_seconds()) == (20, 300)


def test_a_source_that_never_answers_is_cut_at_the_read_limit(client_of: Make) -> None:
    limits = Limits(total_seconds=20, read_seconds=0.3, retries=0)
    with serving(lambda handler, seen: time.sleep(2)) as source:
        error = failure(client_of(source.host, limits=limits), Request(source.url()))
    assert isinstance(error, SourceUnavailable)
    assert error.key == "pull.too_slow"


def test_an_answer_beyond_the_size_limit_is_not_read_to_its_end(client_of: Make) -> None:
    with serving(gives(b" " * 2_000_000)) as source:
        error = failure(client_of(source.host, limits=Limits(max_bytes=1_000_000)), Request(source.url()))
    assert error.key == "pull.too_large"


def test_a_small_answer_that_unpacks_beyond_the_limit_is_not_unpacked_to_its_end(client_of: Make) -> None:
    with serving(gives_packed(b" " * 30_000_000)) as source:  # about 30 kB on the way
        error = failure(client_of(source.host, limits=Limits(max_bytes=1_000_000)), Request(source.url()))
    assert error.key == "pull.too_large"


def test_a_packed_answer_is_unpacked(client_of: Make) -> None:
    with serving(gives_packed(json.dumps(GOOD).encode() + b" " * 200_000)) as source, client_of(source.host) as client:
        assert client.fetch_json(Request(source.url()))[0] == GOOD


def test_an_unknown_packing_is_refused(client_of: Make) -> None:
    with serving(gives(b"???", Content_Encoding="br")) as source:
        assert failure(client_of(source.host), Request(source.url())).key == "pull.content_encoding"


def test_a_redirect_off_the_list_is_not_followed(client_of: Make) -> None:
    with serving(gives(GOOD)) as elsewhere, serving() as source:
        source.answers.append(gives(b"", 302, Location=elsewhere.url("/x?khoa=1")))
        error = failure(client_of(source.host), Request(source.url(), authorization="Bearer bi-mat"))
    assert isinstance(error, SourceChanged)
    assert error.params == {"address": elsewhere.url("/x")}
    assert elsewhere.seen == []


def test_a_redirect_to_a_named_host_is_followed_without_the_token(client_of: Make) -> None:
    with serving(gives(GOOD)) as other, serving() as source:
        source.answers.append(gives(b"", 307, Location=other.url("/x")))
        with client_of(source.host, other.host) as client:
            request = Request(source.url(), headers={"X-Key": "bi-mat"}, authorization="Bearer bi-mat")
            assert client.fetch_json(request)[0] == GOOD
    assert source.seen[0].headers["authorization"] == "Bearer bi-mat"
    assert source.seen[0].headers["x-key"] == "bi-mat"
    assert {"authorization", "x-key"}.isdisjoint(other.seen[0].headers)


def test_redirects_in_a_circle_come_to_an_end(client_of: Make) -> None:
    with serving(gives(b"", 302, Location="/again")) as source:
        assert failure(client_of(source.host), Request(source.url())).key == "pull.redirects"
    assert len(source.seen) == 4  # the request and three redirects


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://user:pass@127.0.0.1/", "http://127.0.0.1:1/"]
)
def test_only_http_to_named_hosts_and_ports(client_of: Make, url: str) -> None:
    error = failure(client_of("127.0.0.1"), Request(url))
    assert isinstance(error, SourceChanged)
    assert error.key == "pull.foreign_address"


def test_no_secret_is_in_an_error_or_a_log(client_of: Make, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"), serving(gives({"ten": "Nguyễn Văn A"}, 500)) as source:
        request = Request(source.url("/api"), params={"khoa": "bi-mat"}, authorization="Bearer bi-mat")
        error = failure(client_of(source.host), request)
    assert "bi-mat" not in repr(error) + error.message("vi") + repr(request.authorization is None) + caplog.text
    assert "Nguyễn" not in error.message("vi") + caplog.text


def test_fifty_runs_over_two_faults_all_succeed(client_of: Make, clock: Clock) -> None:
    faults = [gives({}, 500), gives({}, 503), hangs_up, short_of_its_length]
    for run in range(50):
        two = [faults[run % 4], faults[(run // 4) % 4]]
        with serving(*two, gives(GOOD)) as source, client_of(source.host) as client:
            assert client.fetch_json(Request(source.url()))[0] == GOOD


def test_retry_after_as_a_date_is_measured_by_the_clock_given(client_of: Make, clock: Clock, waits: Waits) -> None:
    later = format_datetime(clock() + timedelta(seconds=12))
    with serving(gives({}, 429, Retry_After=later), gives(GOOD)) as source, client_of(source.host) as client:
        client.fetch_json(Request(source.url()))
    assert waits == [12.0]
