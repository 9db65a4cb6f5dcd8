"""The simulated petition system, and the centre that reads it over HTTP."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from connectors.connector import RawRecord
from connectors.field_map import FieldMap
from connectors.sandbox.faults import Faults
from connectors.sandbox.one_stop.communes import communes
from connectors.sandbox.petitions.api import petitions_api
from connectors.sandbox.petitions.cases import Petitions, record
from datasets.schema import PETITION
from datasets.schema.dataset import Context
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 20, 9, 0)
UNITS = Path(__file__).parents[2] / "datasets" / "demo" / "units.csv"
CALENDAR = WorkingCalendar()


@pytest.fixture(scope="module")
def petitions() -> Petitions:
    return Petitions(communes(UNITS), 7, [NOW], CALENDAR)


def test_each_commune_gets_between_fifteen_and_forty_a_month(petitions: Petitions) -> None:
    found = petitions.changed(petitions.units, None, NOW)
    months = Counter((case.unit, f"{case.received:%Y%m}") for _, case in found)
    whole = {key: number for key, number in months.items() if key[1] not in ("202611", "202610") and key[0] != "99004"}
    by_unit = {
        unit: [n for (code, _), n in whole.items() if code == unit] for unit in petitions.units if unit != "99004"
    }
    for numbers in by_unit.values():
        assert len(numbers) == 35
        assert 12 <= sum(numbers) / len(numbers) <= 45
    assert not [key for key in months if key[0] == "99004" and key[1] > "202610"]  # it has stopped reporting


def test_the_same_seed_tells_the_same_story_whenever_it_is_asked(petitions: Petitions) -> None:
    again = Petitions(communes(UNITS), 7, [NOW], CALENDAR)
    earlier = NOW - timedelta(days=30)
    assert petitions.changed(["99001"], None, earlier) == again.changed(["99001"], None, earlier)
    later = {case.code for _, case in petitions.changed(["99001"], None, NOW)}
    assert {case.code for _, case in again.changed(["99001"], None, earlier)} <= later
    assert petitions.changed(["99001"], None, NOW) != Petitions(communes(UNITS), 8, [NOW], CALENDAR).changed(
        ["99001"], None, NOW
    )


def test_all_but_the_dirty_ones_pass_the_map_and_validation_and_no_person_comes_through(petitions: Petitions) -> None:
    mapper = FieldMap.find("petitions_cong_dan_so", Path()).bind(PETITION, None, ZONE)
    validator = Validator(PETITION, Context(NOW.replace(tzinfo=ZONE), ZONE, CALENDAR), "petitions", None)
    good, bad, on_time, answered = 0, Counter[str](), 0, 0
    for _, case in petitions.changed(petitions.units, None, NOW):
        said = record(case, NOW)
        row = mapper.map(RawRecord("x", said))
        checked = validator.check(row, "x") if isinstance(row, dict) else row
        if isinstance(checked, list):
            bad[case.unit] += 1
            continue
        good += 1
        assert isinstance(row, dict)
        stored = repr(row)
        for personal in ("HoTen", "SoDienThoai", "DiaChi", "NoiDung", "TieuDe"):
            assert str(said[personal]) not in stored
        if row["status"] == "answered":
            answered += 1
            on_time += row["answered_at"].date() <= row["due_at"].date()  # type: ignore[union-attr]
    assert set(bad) == {"99005"}
    assert 5 <= bad["99005"] <= 60
    assert good > 4000
    assert 0.80 < on_time / answered < 0.97
    assert mapper.unknown == {}


def client(petitions: Petitions, faults: Faults | None = None) -> Flask:
    app = Flask("petitions-test")
    clock = lambda: NOW.replace(tzinfo=ZONE)  # noqa: E731
    app.register_blueprint(petitions_api(petitions, {"mo-cua"}, faults or Faults(1), clock, ZONE, lambda seconds: None))
    return app


def test_pages_together_are_the_list_and_only_a_bearer_gets_them(petitions: Petitions) -> None:
    asked = client(petitions).test_client()
    assert asked.get("/api/phan-anh").status_code == 401
    assert asked.get("/api/phan-anh", headers={"Authorization": "Bearer sai"}).status_code == 401
    found, page = [], 0
    while True:
        query = f"/api/phan-anh?donVi=99001&tuNgay=2026-10-01T00:00:00&soBanGhi=20&trang={page}"
        answer = asked.get(query, headers={"Authorization": "Bearer mo-cua"}).get_json()
        if not answer["ketQua"]:
            break
        found += answer["ketQua"]
        page += 1
    assert len(found) == answer["tongSo"] == len({item["MaPhanAnh"] for item in found})
    assert found == sorted(found, key=lambda item: (item["NgayCapNhat"], item["MaPhanAnh"]))
    assert all(item["NgayCapNhat"] >= "2026-10-01" and item["MaDonVi"] == "99001" for item in found)


@pytest.mark.parametrize("query", ["trang=-1", "trang=x", "soBanGhi=0", "tuNgay=hom-qua"])
def test_a_parameter_that_cannot_be_read_is_refused(petitions: Petitions, query: str) -> None:
    answer = client(petitions).test_client().get(f"/api/phan-anh?{query}", headers={"Authorization": "Bearer mo-cua"})
    assert answer.status_code == 400
