"""A commune that stopped sending while its neighbour goes on by the same source: told on every screen that shows it.

Both sent a dossier each working day from 7/9/2026; 97001 up to Friday 23/10, 97002 up to yesterday, 19/11.
One more of 97002 is due today.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import pytest
from invented_commune import deliver
from supervised_province import CONFIG, UNITS, ZONE

from dashboard.app import build_server
from dashboard.briefing.compose import compose
from dashboard.desk.territory_view import overview_part
from dashboard.desk.visit import visit
from dashboard.directing import Todo, todos
from dashboard.open_queries import open_queries
from dashboard.queries import Queries
from datasets.indicators.records import RecordRequest
from datasets.indicators.value import Status
from datasets.periods import Period
from datasets.schema.dataset import Context

NOW = "2026-11-20T09:00:00+07:00"
WEEK = Period.parse("2026W47")


def rows() -> Iterator[dict[str, object]]:
    for unit, last in (("97001", date(2026, 10, 23)), ("97002", date(2026, 11, 19))):
        day = date(2026, 9, 7)
        while day <= last:
            if day.weekday() < 5:
                yield dossier(unit, day, day)
            day += timedelta(days=1)
    yield dossier("97002", date(2026, 11, 18), date(2026, 11, 20), done=False)


def dossier(unit: str, received: date, due: date, *, done: bool = True) -> dict[str, object]:
    moment = datetime.combine(received, time(8), ZONE)
    return {
        "unit": unit, "dossier_code": f"{unit}-{received}-{due}", "procedure_name": "Thủ tục",
        "procedure_field": "Hộ tịch", "channel": "direct", "received_at": moment, "due_at": due,
        "status": "finished" if done else "processing", **({"finished_at": moment} if done else {}),
    }  # fmt: skip


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queries]:
    folder = tmp_path_factory.mktemp("silent")
    (folder / "units.csv").write_text(UNITS, "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    opened = open_queries(folder / "config.yaml", {"IOC_NOW": NOW})
    context = Context(now=opened.clock(), time_zone=ZONE, calendar=opened.calendar)
    deliver(opened.store, context, "one_stop", "dossier", list(rows()))
    yield opened
    opened.store.close()


def of(queries: Queries, unit: str, language: str = "vi") -> dict[str, Todo]:
    return {todo.key: todo for todo in todos(queries, unit, language)}


def everything(component) -> str:
    return json.dumps(component.to_plotly_json(), default=lambda each: each.to_plotly_json(), ensure_ascii=False)


def test_the_province_is_told_who_stopped_since_when_and_what_is_usual(province):
    told = of(province, "97")["silent_units"]
    assert (told.count, told.unit, told.status, told.place) == ("1", "đơn vị", Status.BAD, "97001")
    assert told.title == "Đơn vị ngừng gửi số liệu từ 26/10/2026"
    assert told.detail == ("Xã An: 19 ngày làm việc liền không có hồ sơ một cửa mới; thường cách nhau không quá 1 ngày")
    assert of(province, "97", "en")["silent_units"].title == "No data from the unit since 26/10/2026"


def test_the_commune_itself_is_told_and_its_neighbour_is_not(province):
    assert of(province, "97001")["silent_units"].place == ""
    assert "silent_units" not in of(province, "97002")


def test_the_matrix_names_the_state_beside_the_silent_commune_only(province):
    said = everything(overview_part(visit(province, "/", "?don-vi=97&ky=2026W47", "week")))
    assert said.count("ngừng gửi từ 26/10/2026") == 1
    assert said.index("Xã An") < said.index("ngừng gửi từ 26/10/2026")


def test_each_card_of_the_silent_commune_says_it_where_its_age_stood(province):
    client = build_server(province).test_client()

    def page(unit: str, period: str = "2026W47") -> str:
        address = f"http://localhost/dich-vu-cong?don-vi={unit}&ky={period}"
        return client.get("/_dash-layout", headers={"Referer": address}).get_data(as_text=True)

    silent = json.loads(page("97001"))
    said = json.dumps(silent, ensure_ascii=False)
    assert said.count("Ngừng gửi số liệu từ 26/10/2026") > 5
    assert "● Đạt" not in said  # nothing overdue where nobody told is nothing good
    before = json.dumps(json.loads(page("97001", "2026W43")), ensure_ascii=False)  # up to 25/10: all of it was told
    assert "Ngừng gửi" not in before and "● Đạt" in before
    assert "Ngừng gửi" not in json.dumps(json.loads(page("97002")), ensure_ascii=False)


def test_due_today_leads_to_the_very_dossiers_that_are(province):
    told = of(province, "97002")["due_dossier"]
    assert (told.count, dict(told.filters)) == ("1", {"due_on": "2026-11-20"})
    page = province.records(RecordRequest(told.indicator, "97002", WEEK, filters=dict(told.filters)))
    assert [row["dossier_code"] for row in page.rows] == ["97002-2026-11-18-2026-11-20"]
    address = visit(province, "/chi-so/ps_pending", "?don-vi=97002&ngay-hen=2026-11-20", "week").address
    assert address.filters == {"due_on": "2026-11-20"}
    assert "ngay-hen=2026-11-20" in address.search()
    assert visit(province, "/", "?ngay-hen=hom-nay", "week").address.filters == {}  # what is no day is left out


def test_its_briefing_says_so_is_not_complete_and_does_not_call_it_a_week_without_dossiers(province):
    report = compose(province, "97001", "2026W46")
    said = "Xã An ngừng gửi số liệu hồ sơ một cửa từ ngày 26/10/2026; số liệu của kỳ báo cáo chưa đủ."
    assert (report.complete, said in report.warnings) == (False, True)
    (told,) = (s for part in report.sections[0].sections for s in part.sections if s.id == "public_services")
    text = " ".join(paragraph.text for paragraph in told.paragraphs)
    assert said in text and "không tiếp nhận" not in text


def test_the_briefing_of_the_unit_above_names_it_and_shows_no_0_for_it(province):
    report = compose(province, "97", "2026W46")
    (faults,) = (part for part in report.sections[1].sections if part.id == "faults")
    assert any(paragraph.text.startswith("Xã An ngừng gửi") for paragraph in faults.paragraphs)
    (ranking,) = (part.tables[0] for part in report.sections[0].sections if part.id == "communes")
    received = {row[1].text: row[2].text for row in ranking.rows}
    assert received["Xã An"] == "—" and received["Xã Bé"] == "5"


def test_a_week_before_it_stopped_is_whole(province):
    assert not any("ngừng gửi" in warning for warning in compose(province, "97001", "2026W42").warnings)
