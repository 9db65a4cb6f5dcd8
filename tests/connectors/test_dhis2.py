"""DHIS2 over real HTTP: what is asked, how answers are read, and how cut ones are asked for again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest

from connectors.dhis2 import Dhis2Connector, Slice, read_analytics, read_data_values, slices
from connectors.field_map import FieldMap
from datasets.errors import ConfigError, PullError, SourceChanged, SourceRefused, SourceUnavailable
from datasets.settings import Dhis2Source, load_settings
from tests.connectors.read_through import Reading, read_through
from tests.connectors.scripted_server import Handler, Script, Seen, gives, serving

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)
UNITS = "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\nT01,Tỉnh,province,,p,,,,,\n"
CONFIG = """\
centre: {{name: Thử, unit: "T01", time_zone: Asia/Ho_Chi_Minh}}
units: units.csv
sources:
  health:
    dataset: observation
    connector: dhis2
    map: dhis2_values
    url: "{url}"
    history: 40d
    retries: 1
{more}
"""
ANALYTICS = """\
    auth: {type: api_token, token: "env:TOKEN"}
    queries: [{analytics: [BTN_MAC], org_units: ["X1", "X2"], period: week}]
"""
DATA_SETS = """\
    auth: {type: basic, username: ioc, password: "env:TOKEN"}
    queries: [{data_sets: [BC_TYT_THANG], org_units: ["X1"], children: true, period: month}]
"""
HEADERS = [{"name": name} for name in ("dx", "pe", "ou", "value")]
Connect = Callable[[Script, str], Dhis2Connector]


@pytest.fixture
def connect(tmp_path: Path) -> Connect:
    def make(source: Script, more: str) -> Dhis2Connector:
        (tmp_path / "units.csv").write_text(UNITS, "utf-8")
        (tmp_path / "config.yaml").write_text(CONFIG.format(url=source.url("/dhis2"), more=more), "utf-8")
        settings = load_settings(tmp_path / "config.yaml", {"TOKEN": "d2pat_bi-mat"})
        said = settings.sources["health"]
        assert isinstance(said, Dhis2Source)
        return Dhis2Connector(said, settings, lambda: NOW, sleep=lambda seconds: None)

    return make


def items(seen: Seen, name: str) -> list[str]:
    """The members of an analytics dimension that a request asked for."""
    dimensions = dict(said.partition(":")[::2] for said in parse_qs(seen.raw_query)["dimension"])
    return dimensions[name].split(";")


def analytics(*rows: list[str]) -> dict[str, object]:
    return {"headers": HEADERS, "rows": list(rows)}


def of_each(handler: Handler, seen: Seen) -> None:
    """One row for each period and unit asked for."""
    rows = [["BTN_MAC", period, unit, "2.0"] for period in items(seen, "pe") for unit in items(seen, "ou")]
    gives(analytics(*rows))(handler, seen)


def read(connector: Dhis2Connector, since: datetime | None = None) -> list[dict[str, object]]:
    return [dict(record.values) for batch in connector.fetch(since) for record in batch.records]


def failure(connector: Dhis2Connector) -> PullError:
    with pytest.raises(PullError) as caught:
        read(connector)
    return caught.value


def test_analytics_is_asked_by_code_with_a_personal_access_token(connect: Connect) -> None:
    with serving(of_each) as server:
        found = read(connect(server, ANALYTICS))
    (asked,) = server.seen
    assert (asked.path, asked.headers["authorization"]) == ("/dhis2/api/analytics.json", "ApiToken d2pat_bi-mat")
    assert (asked.query["inputIdScheme"], asked.query["outputIdScheme"], asked.query["skipMeta"]) == (
        "code",
        "code",
        "true",
    )
    assert items(asked, "dx") == ["BTN_MAC"]
    # 40 days before 20 November is 11 October, a Sunday: week 41
    assert items(asked, "pe") == [f"2026W{week}" for week in range(41, 48)]
    assert found[0] == {"dataElement": "BTN_MAC", "period": "2026W41", "orgUnit": "X1", "value": 2.0}
    assert len(found) == 14


def test_a_later_pull_asks_from_the_period_of_its_bookmark_on(connect: Connect) -> None:
    with serving(of_each) as server:
        read(connect(server, ANALYTICS), since=datetime(2026, 11, 9, 8, 0, tzinfo=ZONE))
    assert items(server.seen[0], "pe") == ["2026W46", "2026W47"]


def test_data_sets_are_asked_in_full_lately_and_for_what_was_updated_since_before(connect: Connect) -> None:
    with serving(gives({})) as server:
        assert read(connect(server, DATA_SETS), since=datetime(2026, 11, 9, 8, 0, tzinfo=ZONE)) == []
    lately, before = server.seen
    assert lately.path == before.path == "/dhis2/api/dataValueSets.json"
    assert lately.headers["authorization"].startswith("Basic ")
    assert [parse_qs(asked.raw_query)["period"] for asked in (lately, before)] == [["202611"], ["202610"]]
    assert ("lastUpdated" in lately.query, before.query["lastUpdated"]) == (False, "2026-11-09")
    for asked in (lately, before):
        assert (asked.query["children"], asked.query["idScheme"], asked.query["includeDeleted"]) == (
            "true",
            "code",
            "true",
        )


def test_values_are_numbers_as_dhis2_writes_them_not_as_vietnamese_sheets_do(connect: Connect) -> None:
    with serving(
        gives(analytics(["BTN_MAC", "2026W46", "X1", "1.234"], ["BTN_MAC", "2026W46", "X2", "true"]))
    ) as server:
        assert [values["value"] for values in read(connect(server, ANALYTICS))] == [1.234, "true"]


def test_an_answer_as_long_as_the_limit_is_asked_again_in_halves_of_periods_then_units(connect: Connect) -> None:
    with serving(of_each) as server:
        found = read(connect(server, ANALYTICS + "    row_limit: 2\n"))
    # a single period has two rows, the limit: so down to one unit of one period each
    assert len(found) == 14 and len({(str(v["period"]), str(v["orgUnit"])) for v in found}) == 14
    assert [values["period"] for values in found] == sorted([str(values["period"]) for values in found])


def test_one_unit_of_one_period_beyond_the_limit_is_refused_not_cut(connect: Connect) -> None:
    with serving(of_each) as server:
        error = failure(connect(server, ANALYTICS + "    row_limit: 1\n"))
    assert (type(error), error.key) == (SourceChanged, "dhis2.too_many_rows")


def test_a_query_beyond_the_servers_own_limit_is_split_too(connect: Connect) -> None:
    def refuses_many(handler: Handler, seen: Seen) -> None:
        if len(items(seen, "pe")) > 2:
            return gives({"httpStatusCode": 409, "errorCode": "E7128"}, 409)(handler, seen)
        return of_each(handler, seen)

    with serving(refuses_many) as server:
        assert len(read(connect(server, ANALYTICS))) == 14


def test_a_query_the_server_will_never_take_is_given_up_after_a_few_halvings(connect: Connect) -> None:
    with serving(gives({"httpStatusCode": 409, "errorCode": "E7125"}, 409)) as server:
        assert failure(connect(server, ANALYTICS)).key == "pull.status"
    assert len(server.seen) <= 6


def test_a_wrong_token_is_a_matter_for_a_person_and_stays_out_of_the_error(connect: Connect) -> None:
    with serving(gives({"httpStatusCode": 401}, 401)) as server:
        error = failure(connect(server, ANALYTICS))
    assert isinstance(error, SourceRefused)
    assert "bi-mat" not in repr(error) + error.message("vi")


def test_a_busy_server_is_asked_again_and_then_left_alone(connect: Connect) -> None:
    with serving(gives(b"", 503)) as server:
        assert isinstance(failure(connect(server, ANALYTICS)), SourceUnavailable)
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        ({"status": "OK"}, "dhis2.not_analytics"),
        ({"headers": HEADERS[:3], "rows": []}, "connectors.columns_gone"),
        ({"headers": HEADERS, "rows": [["BTN_MAC", "2026W46", "X1"]]}, "dhis2.row_length"),
        ([], "dhis2.not_analytics"),
    ],
)
def test_what_is_no_analytics_table_is_refused(answer: object, key: str) -> None:
    with pytest.raises(SourceChanged) as caught:
        read_analytics(answer)
    assert caught.value.key == key


def test_columns_are_told_by_the_headers_not_by_their_place() -> None:
    names = [{"name": name} for name in ("ou", "value", "co", "dx", "pe", "numerator")]
    (values,) = read_analytics({"headers": names, "rows": [["X1", "3", "SXH", "BTN_MAC", "2026W05", "9"]]})
    assert values == {
        "dataElement": "BTN_MAC", "categoryOptionCombo": "SXH", "period": "2026W05", "orgUnit": "X1", "value": "3"
    }  # fmt: skip


def test_unit_and_period_said_once_for_a_set_go_into_each_of_its_values() -> None:
    answer = {"period": "202610", "orgUnit": "X1", "dataValues": [{"dataElement": "A", "value": "1"}]}
    assert read_data_values(answer) == [{"period": "202610", "orgUnit": "X1", "dataElement": "A", "value": "1"}]
    assert read_data_values({}) == []
    for wrong in ({"dataValues": {}}, [], {"httpStatusCode": 200, "status": "ERROR"}, {"dataValues": [1]}):
        with pytest.raises(SourceChanged):
            read_data_values(wrong)


def test_a_value_deleted_at_the_source_is_set_aside_and_seen(connect: Connect) -> None:
    value = {"dataElement": "TYT_LUOTKHAM", "period": "202610", "orgUnit": "X1", "value": "5"}
    answer = {
        "dataValues": [
            value,
            {**value, "orgUnit": "X2", "deleted": True},
            {**value, "orgUnit": "X3", "attributeOptionCombo": "DU_AN"},
            {**value, "orgUnit": "X4", "attributeOptionCombo": "default"},
        ]
    }
    with serving(gives(answer)) as server:
        batches = list(connect(server, DATA_SETS).fetch(None))
    assert [record.fault for record in batches[0].records] == ["", "deleted_at_source", "other_attribute", ""]


def test_long_histories_are_asked_a_year_of_weeks_at_a_time(connect: Connect) -> None:
    with serving(gives({})) as server:
        query = connect(server, ANALYTICS)._source.queries[0]
    found = list(slices(query, date(2021, 11, 22), date(2026, 11, 20)))
    assert [len(part.periods) for part in found] == [53, 53, 53, 53, 49]
    assert (found[0].periods[0], found[-1].periods[-1]) == ("2021W47", "2026W47")


def test_halves_hold_the_whole_and_end_at_one_cell() -> None:
    whole = Slice(("2026W1", "2026W2", "2026W3"), ("A", "B"))
    waiting, cells = [whole], []
    while waiting:
        part = waiting.pop()
        halves = part.halves()
        waiting += halves or ()
        cells += [] if halves else [(part.periods[0], part.units[0])]
    assert sorted(cells) == [(period, unit) for period in whole.periods for unit in whole.units]


def test_the_shipped_map_reads_both_resources_and_the_connector_conforms(connect: Connect) -> None:
    combos = [{"name": name} for name in ("dx", "co", "pe", "ou", "value")]
    answer = {
        "headers": combos,
        "rows": [["BTN_MAC", "SXH", "2026W46", "X1", "5.0"], ["BTN_MAC", "default", "2026W46", "X1", "9.0"]],
    }
    field_map = FieldMap.find("dhis2_values", Path())
    with serving(gives(answer)) as server:
        rows = read_through(Reading(lambda: connect(server, ANALYTICS), field_map, NOW, ZONE, rows=2))
    names = field_map.dataset.columns
    found = [
        {name: row[names.index(name)] for name in ("unit", "element", "period", "category", "value")} for row in rows
    ]
    assert found == [
        {"unit": "X1", "element": "hl_cases", "period": "2026W46", "category": "dengue", "value": 5.0},
        {"unit": "X1", "element": "hl_cases", "period": "2026W46", "category": "", "value": 9.0},
    ]
    value = {
        "dataElement": "BC_BTN_TUAN.REPORTING_RATE", "period": "2026W5", "orgUnit": "X1", "value": "83.3",
        "lastUpdated": "2026-02-03T08:00:00.000+0700", "storedBy": "nguoi.nhap",
    }  # fmt: skip
    with serving(gives({"dataValues": [value]})) as server:
        (row,) = read_through(Reading(lambda: connect(server, DATA_SETS), field_map, NOW, ZONE, rows=1))
    assert "nguoi.nhap" not in repr(row)
    assert row[names.index("element")] == "hl_reporting_rate"


@pytest.mark.parametrize(
    "queries",
    [
        '[{analytics: [A], data_sets: [B], org_units: ["X1"], period: week}]',
        '[{org_units: ["X1"], period: week}]',
        "[{analytics: [A], org_units: [], period: week}]",
        '[{analytics: [A], org_units: ["X1"], period: fortnight}]',
        "[]",
    ],
)
def test_a_query_that_asks_nothing_or_two_things_is_a_fault_of_the_configuration(
    connect: Connect, queries: str
) -> None:
    with serving(gives({})) as server, pytest.raises(ConfigError):
        connect(server, f"    queries: {queries}\n")
