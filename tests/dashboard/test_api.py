"""/api/v1, /healthz, /metrics and the promises every answer keeps."""

import json
import re

import pytest

from dashboard import answers
from dashboard.answers import VALUE_KEYS, Asked
from dashboard.api import RECORDS, SOURCES, VALUES
from dashboard.openapi import describe
from dashboard.record_words import columns

WEEK = "/api/v1/values?period=2026W47"


def test_values_are_the_contract_s_list(client):
    rows = client.get(f"{WEEK}&indicator=ps_received,ps_on_time_rate").json
    assert [row["indicator"] for row in rows] == ["ps_received", "ps_on_time_rate"]
    assert [set(row) for row in rows] == [set(VALUE_KEYS)] * 2
    assert (rows[0]["value"], rows[0]["numerator"], rows[0]["denominator"], rows[0]["rules"]) == (6, 6, None, "06a")
    assert (rows[1]["numerator"], rows[1]["denominator"]) == (2, 3)
    assert rows[0]["sources"] == ["one_stop"]
    assert rows[0]["as_of"].endswith("+07:00")


def test_what_is_not_known_is_null_and_never_absent(client):
    (row,) = client.get(f"{WEEK}&indicator=ps_received&unit=98002").json
    assert row["value"] is None and set(row) == set(VALUE_KEYS)


def test_the_api_and_the_command_give_the_same_values(client, queries):
    asked = Asked(periods=("2026W47",), units=("98001", "TD-1"))
    assert client.get(f"{WEEK}&unit=98001&unit=TD-1").json == answers.values(queries, asked)


def test_a_breakdown_names_its_member(client):
    rows = client.get(f"{WEEK}&indicator=ps_received&by=channel").json
    assert {row["by"]["channel"]: row["value"] for row in rows} == {"direct": 2, "online": 3, "postal": 1}


def test_records_are_as_many_as_the_number_and_say_so(client):
    answer = client.get("/api/v1/records?period=2026W47&indicator=ps_pending_overdue")
    assert sorted(row["dossier_code"] for row in answer.json) == ["A5", "B2"]
    assert answer.headers["X-Total-Count"] == "2"
    page = client.get("/api/v1/records?period=2026W47&indicator=ps_received&limit=2&offset=1")
    assert (len(page.json), page.headers["X-Total-Count"]) == (2, "6")


def test_records_may_be_narrowed_and_taken_home_as_a_sheet(client):
    answer = client.get("/api/v1/records?period=2026W47&indicator=ps_received&procedure_field=Hộ tịch&format=csv")
    assert answer.mimetype == "text/csv"
    head, *rows = answer.get_data(as_text=True).splitlines()
    assert head.startswith("\ufeffdossier_code,") and len(rows) == 3


def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless():
    assert answers.as_csv(("a",), [{"a": "=1+1"}, {"a": None}, {"a": "ok"}]) == 'a\n\'=1+1\n""\nok\n'


def test_sources_stand_in_the_order_of_the_configuration(client):
    one_stop, reports = client.get("/api/v1/sources").json
    assert (one_stop["source"], one_stop["freshness"], one_stop["rows"], one_stop["why"]) == (
        "one_stop",
        "fresh",
        8,
        None,
    )
    assert reports["last_pull"]["new"] == 6


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/values",
        f"{WEEK}&indicator=ps_nothing",
        f"{WEEK}&unit=00000",
        f"{WEEK}&rules=99",
        f"{WEEK}&indicator=ps_received&by=colour",
        f"{WEEK}&indicater=ps_received",
        f"{WEEK}&format=xml",
        f"{WEEK}&boundaries=tomorrow",
        "/api/v1/values?period=2026-47",
        "/api/v1/records?period=2026W47",
        "/api/v1/records?period=2026W47&indicator=ps_received&limit=many",
        "/api/v1/records?period=2026W47&indicator=hl_cases",
    ],
)
def test_every_error_has_the_one_shape_and_a_sentence(client, address):
    answer = client.get(address)
    assert answer.status_code == 400
    assert set(answer.json) == {"error"} and set(answer.json["error"]) == {"code", "message"}
    assert len(answer.json["error"]["message"]) > 20


def test_asked_again_with_its_tag_the_answer_is_304(client):
    address = f"{WEEK}&indicator=ps_received"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    other = client.get(f"{WEEK}&indicator=ps_resolved", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


def test_the_description_is_of_the_routes_and_parameters_there_are(client):
    document = client.get("/api/v1/openapi.json").json
    assert document["openapi"] == "3.1.0"
    routes = {rule.rule for rule in client.application.url_map.iter_rules() if rule.rule.startswith("/api/")}
    assert set(document["paths"]) == routes
    for path, known in (("values", VALUES), ("records", RECORDS), ("sources", SOURCES)):
        described = [p["name"] for p in document["paths"][f"/api/v1/{path}"]["get"]["parameters"]]
        assert sorted(described) == sorted(known)
    assert document["components"]["schemas"]["Value"]["required"] == list(VALUE_KEYS)
    assert set(client.get("/api/v1/sources").json[0]) == set(
        describe("")["components"]["schemas"]["Source"]["required"]
    )


def test_health_is_well_when_the_store_answers(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json["status"], answer.json["failures"]) == (200, "ok", [])


def test_metrics_tell_pulls_rows_ages_and_page_times(client):
    client.get(WEEK)
    said = client.get("/metrics").get_data(as_text=True)
    assert 'ioc_pulls_total{source="one_stop",verdict="ok_changed"} 1.0' in said
    assert 'ioc_rows_total{fate="new",source="one_stop"} 8.0' in said
    assert 'ioc_data_age_seconds{source="one_stop"} 0.0' in said
    assert re.search(r"ioc_wall_paintings_total \d", said)
    assert re.search(r'ioc_page_seconds_count\{page="api"\} [1-9]', said)


PAGES = ("/", "/kinh-te-xa-hoi", "/dich-vu-cong", "/van-ban", "/y-te", "/giao-duc", "/nguon-so-lieu", "/canh-bao",
         "/bao-cao-tuan", "/chi-so/ps_received", "/man-hinh/", "/dang-nhap")  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_every_address_of_the_contract_answers(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    assert re.search(r'<html lang="vi"', answer.get_data(as_text=True))


def test_an_address_that_is_no_page_is_404(client):
    assert client.get("/khong-co-trang-nay").status_code == 404


@pytest.mark.parametrize("address", ["/", "/man-hinh/", "/dang-nhap"])
def test_pages_run_only_scripts_from_here_and_may_not_be_framed(client, address):
    policy = client.get(address).headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'self'"
    assert "unsafe" not in rules["script-src"] and "http" not in policy
    assert rules["frame-ancestors"] == "'none'"


def test_scripts_come_compressed_and_are_kept_for_good(client):
    page = client.get("/").get_data(as_text=True)
    bundle = next(a for a in re.findall(r'src="(/assets/[^"]+)"', page) if "plotly-cartesian" in a)
    answer = client.get(bundle, headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.data) < 500_000
    assert "immutable" in answer.headers["Cache-Control"]
    plain = client.get(bundle)
    assert "Content-Encoding" not in plain.headers and len(plain.data) > 1_000_000
    plain.close()


def test_the_partial_plotly_bundle_is_there_before_dash_asks_for_the_whole_one(client):
    page = client.get("/").get_data(as_text=True)
    assert "package_data/plotly.min.js" not in page
    assert page.index("plotly-cartesian.min.js") < page.index("new DashRenderer")


def test_the_layout_brings_the_page_of_the_address_that_asks(client):
    said = client.get("/_dash-layout", headers={"Referer": "http://localhost/dich-vu-cong?ky=2026W46"})
    assert said.headers["Cache-Control"] == "no-store"
    assert "Tuần 46/2026" in json.dumps(said.json, ensure_ascii=False)


def test_further_rows_of_a_list_come_in_the_asked_order_with_what_is_shown_only(client):
    query = {"indicator": "ps_received", "unit": "98001", "period": "2026W47", "part": "numerator", "rules": "06a"}
    query |= {"filters": {}, "search": "", "boundaries": "now", "language": "vi"}
    asked = {"startRow": 2, "endRow": 5, "sortModel": [{"colId": "dossier_code", "sort": "desc"}]}
    found = client.post("/records-rows", json={"query": query, "asked": asked}).json
    assert [row["dossier_code"] for row in found["rowData"]] == ["A4", "A3", "A2"]
    assert found["rowCount"] == 6
    assert set(found["rowData"][0]) <= {column.name for column in columns("dossier", "vi")}
    assert client.post("/records-rows", json={"query": {**query, "period": "soon"}, "asked": asked}).status_code == 400
    assert client.post("/records-rows", json={"query": query}).status_code == 400


def test_the_page_of_a_source_says_what_its_deliveries_must_look_like(client):
    said = client.get("/_dash-layout", headers={"Referer": "http://localhost/nguon-so-lieu?nguon=one_stop"})
    assert "Một lần lấy chỉ được nhận khi" in json.dumps(said.json, ensure_ascii=False)


def test_the_page_of_alerts_shows_what_is_known_before_there_are_alerts(client):
    said = client.get("/_dash-layout", headers={"Referer": "http://localhost/canh-bao"})
    shown = json.dumps(said.json, ensure_ascii=False)
    assert "dưới đây là những gì đang cần chú ý" in shown
    assert "2 hồ sơ" in shown  # A5 and B2 are overdue


def test_computed_answers_are_compressed_too_when_that_is_worth_it(client):
    light = client.get("/api/v1/values?period=2026W47", headers={"Accept-Encoding": "br"})
    plain = client.get("/api/v1/values?period=2026W47")
    assert light.headers["Content-Encoding"] == "br" and len(light.data) * 5 < len(plain.data)
    assert "Content-Encoding" not in client.get("/healthz", headers={"Accept-Encoding": "br"}).headers
