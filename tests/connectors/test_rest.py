"""One web service read page by page: paging, tokens, shifting pages, lies."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connectors.field_map import FieldMap
from connectors.rest import RestConnector
from datasets.clock import Clock
from datasets.errors import PullError, SourceChanged, SourceRefused, SourceUnavailable
from datasets.settings import RestSource, Settings, load_settings
from tests.connectors.read_through import Reading, read_through
from tests.connectors.scripted_server import Answer, Handler, Script, Seen, gives, serving

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
FIXTURES = Path(__file__).parent / "fixtures"
CONFIG = """\
centre: {{name: Thử, unit: "T01", time_zone: Asia/Ho_Chi_Minh}}
units: units.csv
sources:
  one_stop:
    dataset: dossier
    connector: rest
    map: one_stop_dvcqg
    url: "{url}"
{more}
"""
NUMBERED = """\
    paging: {type: page_number, page_param: page, size_param: pageSize, size: 3}
    records: data.items
    total: data.total
"""
TOKEN = """\
    auth: {{type: oauth2_client_credentials, token_url: "{url}", client_id: ioc, client_secret: "env:SECRET"}}
"""


@pytest.fixture
def connect(tmp_path: Path) -> Callable[[Script, str], RestConnector]:
    """A connector on a scripted source, with the given lines of configuration."""

    def make(source: Script, more: str) -> RestConnector:
        return connector_on(tmp_path, source, more)

    return make


Connect = Callable[[Script, str], RestConnector]


def connector_on(folder: Path, source: Script, more: str) -> RestConnector:
    (folder / "units.csv").write_text(
        "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\nT01,Tỉnh,province,,province,,,,,\n",
        "utf-8",
    )
    config = folder / "config.yaml"
    config.write_text(CONFIG.format(url=source.url("/api/ho-so"), more=more), "utf-8")
    settings: Settings = load_settings(config, {"SECRET": "bi-mat"})
    said = settings.sources["one_stop"]
    assert isinstance(said, RestSource)
    clock: Clock = lambda: NOW  # noqa: E731
    identity = FieldMap.find("one_stop_dvcqg", folder).identity()
    return RestConnector(said, settings, clock, identity, sleep=lambda seconds: None)


def codes(connector: RestConnector, since: datetime | None = None) -> list[str]:
    """The codes of all records in the order they came."""
    return [str(record.values["MaHoSo"]) for batch in connector.fetch(since) for record in batch.records]


def failure(connector: RestConnector) -> PullError:
    with pytest.raises(PullError) as caught:
        codes(connector)
    return caught.value


def dossier(number: int, version: int = 0) -> dict[str, object]:
    return {"MaDonVi": "X0001", "MaHoSo": f"H{number:03}", "PhienBan": version}


class List:
    """A source that holds a list, changes it on the way as told, and serves pages of it."""

    def __init__(self, *numbers: int) -> None:
        self.items = [dossier(number) for number in numbers]
        self.before_request: list[Callable[[], None]] = []
        self.total_says: int | None = None

    def __call__(self, handler: Handler, seen: Seen) -> None:
        if self.before_request:
            self.before_request.pop(0)()
        page, size = int(seen.query["page"]), int(seen.query["pageSize"])
        items = self.items[(page - 1) * size : page * size]
        total = len(self.items) if self.total_says is None else self.total_says
        gives({"data": {"total": total, "items": items}})(handler, seen)


def names(*numbers: int) -> list[str]:
    return [f"H{number:03}" for number in numbers]


def test_all_pages_are_read_and_each_is_one_batch(connect: Connect) -> None:
    with serving(List(*range(7))) as source:
        batches = list(connect(source, NUMBERED).fetch(None))
    assert [len(batch.records) for batch in batches] == [3, 3, 1]
    assert batches[0].columns == {"MaDonVi", "MaHoSo", "PhienBan"}
    assert batches[1].records[0].row_id == "trang 2, bản ghi 1"
    assert [seen.query["page"] for seen in source.seen] == ["1", "2", "3"]


def test_only_one_page_is_held_at_a_time(connect: Connect) -> None:
    with serving(List(*range(7))) as source:
        fetching = connect(source, NUMBERED).fetch(None)
        next(fetching)
        assert len(source.seen) == 1
        next(fetching)
        assert len(source.seen) == 2


def test_an_empty_source_confirms_itself_with_an_empty_batch(connect: Connect) -> None:
    with serving(gives({"data": {"total": 0, "items": None}})) as source:
        connector = connect(source, NUMBERED)
        batches = list(connector.fetch(None))
    assert connector.confirms_when_empty
    assert [(list(batch.records), batch.columns) for batch in batches] == [([], None)]


def test_a_page_size_the_source_ignores_loses_nothing(connect: Connect) -> None:
    whole = [dossier(number) for number in range(5)]

    def two_at_most(handler: Handler, seen: Seen) -> None:
        start = 2 * (int(seen.query["page"]) - 1)
        gives({"data": {"total": 5, "items": whole[start : start + 2]}})(handler, seen)

    with serving(two_at_most) as source:
        assert codes(connect(source, NUMBERED)) == names(0, 1, 2, 3, 4)


def test_since_goes_out_in_the_centres_zone_and_the_sources_format(connect: Connect) -> None:
    more = NUMBERED + "    cursor: {param: tuNgay, field: NgayCapNhat}\n    params: {maDonVi: X0001}\n"
    with serving(List(1)) as source:
        codes(connect(source, more), datetime.fromisoformat("2026-11-19T17:30:00+00:00"))
    assert source.seen[0].query == {"page": "1", "pageSize": "3", "tuNgay": "20261120003000", "maDonVi": "X0001"}


def test_offsets_count_the_records_that_came_not_those_asked_for(connect: Connect) -> None:
    whole = [dossier(number) for number in range(5)]

    def two_at_most(handler: Handler, seen: Seen) -> None:
        start = int(seen.query["offset"])
        gives({"items": whole[start : start + 2], "count": 5})(handler, seen)

    more = "    paging: {type: offset, size: 100}\n    records: items\n    total: count\n"
    with serving(two_at_most) as source:
        assert codes(connect(source, more)) == names(0, 1, 2, 3, 4)
    assert [seen.query["offset"] for seen in source.seen] == ["0", "2", "4"]


def test_without_a_total_an_empty_page_ends_the_reading(connect: Connect) -> None:
    pages = [gives([dossier(1), dossier(2)]), gives([dossier(3)]), gives([])]
    with serving(*pages) as source:
        assert codes(connect(source, "    paging: {type: page_number, size: 2}\n")) == names(1, 2, 3)
    assert len(source.seen) == 3


def test_a_short_page_ends_the_reading_only_where_that_is_declared(connect: Connect) -> None:
    with serving(gives([dossier(1), dossier(2)]), gives([dossier(3)]), gives([])) as source:
        more = "    paging: {type: page_number, size: 2, short_page_ends: true}\n"
        assert codes(connect(source, more)) == names(1, 2, 3)
    assert len(source.seen) == 2


def test_a_cursor_is_followed_to_its_end(connect: Connect) -> None:
    pages = [
        gives({"rows": [dossier(1)], "meta": {"next": "abc"}}),
        gives({"rows": [dossier(2)], "meta": {"next": None}}),
    ]
    with serving(*pages) as source:
        more = "    paging: {type: cursor, cursor_param: sau, next: meta.next}\n    records: rows\n"
        assert codes(connect(source, more)) == names(1, 2)
    assert source.seen[1].query == {"sau": "abc"}


def test_a_link_in_the_answer_or_in_the_header_is_followed(connect: Connect) -> None:
    with serving(gives({"rows": [dossier(1)], "next": "/api/ho-so?trang=2"}), gives({"rows": [dossier(2)]})) as source:
        assert codes(connect(source, "    paging: {type: link, next: next}\n    records: rows\n")) == names(1, 2)
    assert source.seen[1].query == {"trang": "2"}
    linked = gives([dossier(1)], Link='</api/ho-so?p=2>; rel="next"')
    with serving(linked, gives([dossier(2)])) as source:
        assert codes(connect(source, "    paging: {type: link}\n")) == names(1, 2)


def test_a_next_link_to_another_host_is_not_followed(connect: Connect) -> None:
    with serving(gives([])) as elsewhere, serving() as source:
        source.answers.append(gives({"rows": [dossier(1)], "next": elsewhere.url("/x")}))
        error = failure(connect(source, "    paging: {type: link, next: next}\n    records: rows\n"))
    assert error.key == "pull.foreign_address"
    assert elsewhere.seen == []


def test_a_link_that_loops_is_an_error_with_a_name(connect: Connect) -> None:
    def loop(handler: Handler, seen: Seen) -> None:
        number = len(source.seen)
        gives({"rows": [dossier(number)], "next": "/api/ho-so?p=2"})(handler, seen)

    with serving(loop) as source:
        error = failure(connect(source, "    paging: {type: link, next: next}\n    records: rows\n"))
    assert isinstance(error, SourceChanged)
    assert error.key == "pull.pages_repeat"


def test_a_source_that_gives_the_same_page_for_ever_is_an_error_with_a_name(connect: Connect) -> None:
    with serving(gives([dossier(1), dossier(2)])) as source:
        error = failure(connect(source, "    paging: {type: page_number, size: 2}\n"))
    assert error.key == "pull.pages_repeat"
    assert len(source.seen) == 8  # two pages in each of four readings


def test_a_source_that_never_ends_is_stopped_at_the_page_cap(connect: Connect) -> None:
    def endless(handler: Handler, seen: Seen) -> None:
        gives([dossier(int(seen.query["page"]))])(handler, seen)

    with serving(endless) as source:
        error = failure(connect(source, "    paging: {type: page_number, size: 1}\n    max_pages: 20\n"))
    assert error.key == "pull.too_many_pages"
    assert len(source.seen) == 20


def test_a_full_last_page_is_no_reason_to_fail_where_there_is_no_further_page(connect: Connect) -> None:
    whole = List(1, 2, 3)

    def not_found_beyond(handler: Handler, seen: Seen) -> None:
        (whole if seen.query["page"] == "1" else gives({}, 404))(handler, seen)

    def same_again_beyond(handler: Handler, seen: Seen) -> None:
        whole(handler, Seen(seen.method, seen.path, {**seen.query, "page": "1"}, seen.headers, seen.body))

    for beyond in (not_found_beyond, same_again_beyond):
        with serving(beyond) as source:
            assert codes(connect(source, NUMBERED)) == names(1, 2, 3)


@pytest.mark.parametrize("says", [2, 3, 6, 50])
def test_a_total_that_lies_is_never_believed(connect: Connect, says: int) -> None:
    held = List(1, 2, 3, 4)
    held.total_says = says
    with serving(held) as source:
        error = failure(connect(source, NUMBERED))
    assert isinstance(error, SourceUnavailable)
    assert error.key == "pull.unsteady"


def test_rows_deleted_while_paging_make_the_reading_start_again(connect: Connect) -> None:
    held = List(0, 1, 2, 3, 4, 5, 6)
    held.before_request = [lambda: None, lambda: held.items.pop(0)]  # type: ignore[list-item, return-value]
    with serving(held) as source:
        read = codes(connect(source, NUMBERED))
    assert set(read) == set(names(0, 1, 2, 3, 4, 5, 6))  # 3 had slipped between the pages
    assert len(read) == len(set(read))  # and none was handed on twice


def test_a_row_that_moves_to_the_end_while_paging_takes_none_with_it(connect: Connect) -> None:
    held = List(0, 1, 2, 3, 4, 5, 6)

    def changed() -> None:
        held.items.pop(0)
        held.items.append(dossier(0, version=1))

    held.before_request = [lambda: None, changed]
    with serving(held) as source:
        read = codes(connect(source, NUMBERED))
    assert set(read) == set(names(0, 1, 2, 3, 4, 5, 6))


def test_a_source_that_never_stands_still_publishes_nothing(connect: Connect) -> None:
    held = List(*range(9))
    held.before_request = [lambda: held.items.append(dossier(len(held.items) + 9)) for _ in range(100)]
    with serving(held) as source:
        error = failure(connect(source, NUMBERED))
    assert isinstance(error, SourceUnavailable)


def test_a_row_that_the_source_itself_holds_twice_is_no_shift(connect: Connect) -> None:
    with serving(List(1, 2, 3, 3, 4)) as source:
        assert sorted(codes(connect(source, NUMBERED))) == names(1, 2, 3, 3, 4)  # the merge absorbs the second


SHIFT = st.tuples(st.sampled_from(["nothing", "insert", "delete", "touch"]), st.integers(0, 40))


def test_no_row_is_lost_over_random_shifts(tmp_path: Path) -> None:
    """Between any two requests of a reading a row comes, goes, or changes and moves to the end."""
    with serving(List()) as source:
        fresh_connector = partial(connector_on, tmp_path, source, NUMBERED)
        fresh_connector()  # the configuration is the same for all

        published: list[bool] = []

        @given(size=st.integers(3, 30), shifts=st.lists(SHIFT, min_size=1, max_size=8))
        @hypothesis_settings(max_examples=200)
        def all_come(size: int, shifts: list[tuple[str, int]]) -> None:
            held = List(*range(size))
            there = {str(item["MaHoSo"]) for item in held.items}
            fresh = iter(range(500, 600))

            def shift(action: str, place: int) -> None:
                at = place % max(len(held.items), 1)
                if action == "insert":
                    held.items.insert(at, dossier(next(fresh)))
                elif action != "nothing" and held.items:
                    moved = held.items.pop(at)
                    if action == "touch":
                        held.items.append({**moved, "PhienBan": 1})
                    else:
                        there.discard(str(moved["MaHoSo"]))

            held.before_request = [lambda: None, *(partial(shift, *said) for said in shifts)]
            source.answers[:] = [held]
            try:
                read = set(codes(fresh_connector()))
            except SourceUnavailable:
                published.append(False)  # nothing of it: the next run reads again
                return
            published.append(True)
            assert there <= read  # what was there from beginning to end has come

        all_come()
        assert sum(published) > len(published) / 2  # giving up is no way of losing nothing


def with_token(*answers: Answer) -> Answer:
    """A source that hands out the tokens t1, t2, … and takes the latest only, as `answers` go."""
    state = {"issued": 0}
    rest: Iterator[Answer] = iter(answers)

    def answer(handler: Handler, seen: Seen) -> None:
        if seen.path == "/token":
            state["issued"] += 1
            gives({"access_token": f"t{state['issued']}", "expires_in": 1800})(handler, seen)
        else:
            next(rest)(handler, seen)

    return answer


def test_a_token_is_fetched_once_and_sent_with_every_page(connect: Connect) -> None:
    held = List(1, 2, 3, 4)
    with serving(with_token(held, held)) as source:
        assert len(codes(connect(source, TOKEN.format(url=source.url("/token")) + NUMBERED))) == 4
    asked = [seen for seen in source.seen if seen.path == "/token"]
    assert [seen.form for seen in asked] == [
        {"grant_type": "client_credentials", "client_id": "ioc", "client_secret": "bi-mat"}
    ]
    assert [seen.headers.get("authorization") for seen in source.seen] == [None, "Bearer t1", "Bearer t1"]


def test_a_token_that_expires_between_pages_is_renewed_once_and_reading_goes_on(connect: Connect) -> None:
    held = List(1, 2, 3, 4)
    with serving(with_token(held, gives({}, 401), held)) as source:
        assert codes(connect(source, TOKEN.format(url=source.url("/token")) + NUMBERED)) == names(1, 2, 3, 4)
    assert [seen.headers.get("authorization") for seen in source.seen if seen.path != "/token"] == [
        "Bearer t1",
        "Bearer t1",
        "Bearer t2",
    ]


def test_a_revoked_account_is_not_hammered(connect: Connect) -> None:
    with serving(with_token(*[gives({}, 401)] * 20)) as source:
        error = failure(connect(source, TOKEN.format(url=source.url("/token")) + NUMBERED))
    assert isinstance(error, SourceRefused)
    assert sum(seen.path == "/token" for seen in source.seen) == 2
    assert len(source.seen) == 4


@pytest.mark.parametrize("status", [400, 401, 403])
def test_wrong_client_credentials_are_refused_at_the_first_answer(connect: Connect, status: int) -> None:
    with serving(gives({"error": "invalid_client"}, status)) as source:
        error = failure(connect(source, TOKEN.format(url=source.url("/token")) + NUMBERED))
    assert isinstance(error, SourceRefused)
    assert error.key == "pull.token_refused"
    assert len(source.seen) == 1


def test_a_broken_token_service_is_asked_three_times_a_run_at_most(connect: Connect) -> None:
    with serving(gives({}, 500)) as source:
        error = failure(connect(source, TOKEN.format(url=source.url("/token")) + NUMBERED))
    assert isinstance(error, SourceUnavailable)
    assert len(source.seen) == 3


def test_basic_and_bearer_are_sent_as_said(connect: Connect) -> None:
    for auth, header in (
        ('{type: basic, username: ioc, password: "env:SECRET"}', "Basic aW9jOmJpLW1hdA=="),
        ('{type: bearer, token: "env:SECRET"}', "Bearer bi-mat"),
    ):
        with serving(List(1)) as source:
            codes(connect(source, f"    auth: {auth}\n{NUMBERED}"))
        assert source.seen[0].headers["authorization"] == header


ENVELOPE = NUMBERED + '    success: {path: error_code, values: ["00", 0], refused: ["-1"]}\n'


def test_an_error_in_a_good_answer_is_an_error_and_its_words_are_not_repeated(connect: Connect) -> None:
    body = {"error_code": "99", "error_message": "Nguyễn Văn A không hợp lệ", "data": {"total": 0, "items": []}}
    with serving(gives(body)) as source:
        error = failure(connect(source, ENVELOPE))
    assert isinstance(error, SourceChanged)
    assert error.params == {"code": "99"}


def test_an_error_code_for_bad_credentials_is_a_refusal(connect: Connect) -> None:
    with serving(gives({"error_code": "-1", "data": None})) as source:
        assert isinstance(failure(connect(source, ENVELOPE)), SourceRefused)


@pytest.mark.parametrize("code", ["00", 0])
def test_the_codes_that_mean_well_are_taken_as_text_or_number(connect: Connect, code: object) -> None:
    with serving(gives({"error_code": code, "data": {"total": 1, "items": [dossier(1)]}})) as source:
        assert codes(connect(source, ENVELOPE)) == names(1)


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"data": {"total": 1}}, "pull.no_records"),
        ({"data": {"total": 1, "items": {"a": 1}}}, "pull.no_records"),
        ([], "pull.total"),
        ({"data": {"total": "nhiều", "items": []}}, "pull.total"),
        ({"data": {"total": 1, "items": ["H001"]}}, "pull.record_not_object"),
    ],
)
def test_an_answer_of_another_shape_means_the_source_changed(connect: Connect, body: object, key: str) -> None:
    with serving(gives(body)) as source:
        error = failure(connect(source, NUMBERED))
    assert isinstance(error, SourceChanged)
    assert error.key == key


def test_the_dvcqg_map_on_a_rest_source_conforms(connect: Connect, tmp_path: Path) -> None:
    page = json.loads((FIXTURES / "one_stop_page.json").read_text("utf-8"))
    field_map = FieldMap.find("one_stop_dvcqg", tmp_path)
    more = "    paging: {type: none}\n    records: data.items\n    total: data.total\n"
    with serving(gives(page)) as source:
        rows = read_through(Reading(lambda: connect(source, more), field_map, NOW, ZONE, rows=3))
    stored = dict(zip(field_map.dataset.columns, rows[1], strict=True))
    assert stored["dossier_code"] == "H99.1-261103-0002"
    assert stored["received_on"] == "2026-11-03"
    assert stored["paused_seconds"] == 86_400  # the second supplement has not come back yet
