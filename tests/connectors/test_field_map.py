"""Field maps: what a source's columns and codes become, and every fault of the file."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from connectors.connector import RawRecord
from connectors.field_map import MAPS, FieldMap, Mapper
from datasets.errors import ConfigError
from datasets.schema import DOSSIER, OBSERVATION
from datasets.schema.dataset import Row
from datasets.validate import Problem

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FIXTURES = Path(__file__).parent / "fixtures"


def mapper(folder: Path, fields: str, dataset: str = "dossier", more: str = "") -> Mapper:
    """A map of these fields alone; the required ones that it lacks are constants."""
    declared = {"dossier": DOSSIER, "observation": OBSERVATION}[dataset]
    path = folder / "map.yaml"
    path.write_text(f"dataset: {dataset}\nfields:\n{fields}{more}", "utf-8")
    constants = {field.name: None for field in declared.fields if field.required and f"  {field.name}:" not in fields}
    return FieldMap.load(path).bind(declared, None, ZONE, constants)


def read(made: Mapper, **values: object) -> Row:
    row = made.map(RawRecord("dòng 2", values))
    assert isinstance(row, dict), row
    return row


def problems(made: Mapper, **values: object) -> list[tuple[str, str, str]]:
    found = made.map(RawRecord("dòng 2", values))
    assert isinstance(found, list), found
    assert all(isinstance(problem, Problem) and problem.row == "dòng 2" for problem in found)
    return [(problem.field, problem.code, problem.value) for problem in found]


def faults(folder: Path, content: str) -> list[tuple[int, str]]:
    path = folder / "map.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(ConfigError) as caught:
        FieldMap.load(path, "en")
    return [(fault.line, fault.message) for fault in caught.value.faults]


def test_a_dvcqg_record_becomes_a_dossier_without_its_people() -> None:
    page = json.loads((FIXTURES / "one_stop_page.json").read_text("utf-8"))
    made = FieldMap.find("one_stop_dvcqg", Path()).bind(DOSSIER, None, ZONE)
    rows = [made.map(RawRecord(str(place), record)) for place, record in enumerate(page["data"]["items"])]
    assert all(isinstance(row, dict) for row in rows)
    first, second, third = rows
    assert first["received_at"] == datetime(2026, 11, 2, 8, 30, tzinfo=ZONE)
    assert (first["status"], first["channel"], first["service_level"]) == ("returned", "direct", "other")
    assert first["fee_amount"] == 3000.0  # 2.000 + 1.000 dong
    assert first["parts_digital"] is False  # its only attachment was deleted
    assert (first["supplement_requests"], first["paused_seconds"]) == (0, 0)
    assert (second["status"], second["service_level"], second["paid_online"]) == ("processing", "full", True)
    assert (second["supplement_requests"], second["paused_seconds"]) == (2, 86_400)
    assert second["parts_digital"] is True
    assert second["satisfaction"] is None
    assert third["channel"] == "direct"  # null counts as direct (domain.md 1.1)
    assert (third["due_at"], third["result_digital"], third["apology_sent"]) == (None, True, True)
    stored = repr(rows)
    for personal in ("Mẫu", "001099", "0900000", "example.invalid/9", "khai sinh của"):
        assert personal not in stored
    assert made.unknown == {}


def test_names_match_without_case_spaces_diacritics_and_in_any_normal_form(tmp_path: Path) -> None:
    made = mapper(tmp_path, '  dossier_code: "Mã hồ sơ"\n')
    for name in ("MÃ HỒ SƠ", " ma  ho so", "Mã hồ sơ", "Mã\u00a0hồ sơ"):
        assert read(made, **{name: "H1"})["dossier_code"] == "H1"


def test_the_first_name_that_a_record_has_is_taken(tmp_path: Path) -> None:
    made = mapper(tmp_path, "  dossier_code: [SoHoSo, MaHoSo]\n")
    assert read(made, MaHoSo="b")["dossier_code"] == "b"
    assert read(made, MaHoSo="b", SoHoSo="a")["dossier_code"] == "a"


def test_a_dotted_name_goes_into_objects(tmp_path: Path) -> None:
    made = mapper(tmp_path, "  unit: {from: DonVi.Ma, units: code}\n")
    assert read(made, DonVi={"Ma": "X1", "Ten": "Xã Một"})["unit"] == "X1"
    assert read(made, DonVi=None)["unit"] is None
    assert made.unknown == {}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("  Thôn \u200bĐông ", "Thôn Đông"),
        ("Tho\u0302n", "Thôn"),
        (12, "12"),
        (12.0, "12"),
        ("01", "01"),
        ("", None),
        ("   ", None),
        (None, None),
    ],
)
def test_text_is_cleaned_and_blank_is_unknown(tmp_path: Path, raw: object, expected: str | None) -> None:
    assert read(mapper(tmp_path, "  hamlet: Thon\n"), Thon=raw)["hamlet"] == expected


MOMENT = datetime(2026, 11, 20, 8, 15, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("shape", "raw", "expected"),
    [
        ('"%Y%m%d%H%M%S"', "20261120081500", MOMENT),
        ('"%Y%m%d%H%M%S"', 20261120081500, MOMENT),
        ('"%Y%m%d%H%M%S"', "20261120081560", datetime(2026, 11, 20, 8, 15, 59, tzinfo=ZONE)),
        ('["%Y%m%d%H%M%S", "%Y%m%d"]', "20261120", date(2026, 11, 20)),
        ('"%d/%m/%Y"', "5/11/2026", date(2026, 11, 5)),
        ('"%d/%m/%y"', "05/11/26", date(2026, 11, 5)),
        ('"ngày %d tháng %m năm %Y"', "Ngày 20 tháng 11 năm 2026", date(2026, 11, 20)),
        ("iso", "2026-11-20T01:15:00Z", MOMENT),
        ("iso", "2026-11-20T08:15:00.1234567+07:00", MOMENT.replace(microsecond=123456)),
        ("iso", "2026-11-19T17:00:00Z", datetime(2026, 11, 20, tzinfo=ZONE)),
        ("epoch_ms", 1795137300000, MOMENT),
        ("epoch_s", "1795137300", MOMENT),
        ("dotnet", "/Date(1795137300000)/", MOMENT),
    ],
)
def test_a_date_in_a_declared_shape_is_read(tmp_path: Path, shape: str, raw: object, expected: object) -> None:
    made = mapper(tmp_path, f"  received_at: {{from: Ngay, format: {shape}}}\n")
    assert read(made, Ngay=raw)["received_at"] == expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("20/11/2026", date(2026, 11, 20)),
        ("20/11/2026 08:15", MOMENT),
        ("08:15 20/11/2026", MOMENT),
        ("2026-11-20", date(2026, 11, 20)),
        (46346, date(2026, 11, 20)),
        (46346.34375, MOMENT),
        ("46346", date(2026, 11, 20)),
        (datetime(2026, 11, 20, 8, 15), MOMENT),
        (date(2026, 11, 20), date(2026, 11, 20)),
    ],
)
def test_undeclared_dates_are_read_in_the_countrys_order_and_as_excel_serials(
    tmp_path: Path, raw: object, expected: object
) -> None:
    assert read(mapper(tmp_path, "  received_at: Ngay\n"), Ngay=raw)["received_at"] == expected


@pytest.mark.parametrize("raw", ["31/02/2026", "11/20/2026", "29999", 60001, "20/11/26", "hôm qua", "0026-11-20", [1]])
def test_what_is_no_date_is_a_problem_and_never_a_guess(tmp_path: Path, raw: object) -> None:
    found = problems(mapper(tmp_path, "  received_at: Ngay\n"), Ngay=raw)
    assert [(field, code) for field, code, _ in found] == [("received_at", "not_a_date")]


def test_a_date_that_two_declared_shapes_read_differently_is_a_problem(tmp_path: Path) -> None:
    made = mapper(tmp_path, '  received_at: {from: Ngay, format: ["%d/%m/%Y", "%m/%d/%Y"]}\n')
    assert problems(made, Ngay="05/11/2026") == [("received_at", "date_ambiguous", "05/11/2026")]
    assert read(made, Ngay="20/11/2026")["received_at"] == date(2026, 11, 20)


def test_moments_without_an_offset_are_in_the_zone_the_map_declares(tmp_path: Path) -> None:
    made = mapper(tmp_path, "  received_at: Ngay\n", more="time_zone: UTC\n")
    assert read(made, Ngay="2026-11-20 01:15:00")["received_at"] == MOMENT


def test_any_instant_keeps_its_local_day_through_every_shape(tmp_path: Path) -> None:
    writers = {
        '"%Y%m%d%H%M%S"': lambda instant: f"{instant.astimezone(ZONE):%Y%m%d%H%M%S}",
        "iso": datetime.isoformat,
        "epoch_s": lambda instant: int(instant.timestamp()),
        "epoch_ms": lambda instant: int(instant.timestamp()) * 1000,
        "dotnet": lambda instant: f"/Date({int(instant.timestamp()) * 1000})/",
        '"%d/%m/%Y %H:%M:%S"': lambda instant: f"{instant.astimezone(ZONE):%d/%m/%Y %H:%M:%S}",
    }
    made = [(mapper(tmp_path, f"  received_at: {{from: N, format: {shape}}}\n"), writers[shape]) for shape in writers]

    @given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)), min_size=20, max_size=20))
    @hypothesis_settings(max_examples=500, deadline=None)
    def keeps(several: list[datetime]) -> None:
        """20 instants at a time: 10,000 in all."""
        for instant in (naive.replace(tzinfo=UTC, microsecond=0) for naive in several):
            for reader, write in made:
                moment = read(reader, N=write(instant))["received_at"]
                assert isinstance(moment, datetime)
                assert moment == instant
                assert moment.astimezone(ZONE).date() == instant.astimezone(ZONE).date()

    keeps()


@pytest.mark.parametrize(
    ("raw", "expected"), [("1.234,5", 1234.5), (3, 3.0), ("-2", -2.0), (None, None), ("12.000", 12000.0)]
)
def test_numbers_follow_vietnamese_sheets(tmp_path: Path, raw: object, expected: float | None) -> None:
    assert read(mapper(tmp_path, "  fee_amount: Phi\n"), Phi=raw)["fee_amount"] == expected


def test_a_number_that_is_none_is_a_problem(tmp_path: Path) -> None:
    made = mapper(tmp_path, "  fee_amount: Phi\n  satisfaction: Diem\n")
    assert problems(made, Phi="miễn", Diem="4,5") == [
        ("fee_amount", "not_a_number", "miễn"),
        ("satisfaction", "not_whole", "4,5"),
    ]


def test_a_code_that_the_map_does_not_know_is_a_problem_and_a_missing_one_has_its_value(tmp_path: Path) -> None:
    made = mapper(tmp_path, '  channel: {from: Kenh, codes: {"1": direct, "Trực tuyến": online}, missing: direct}\n')
    assert read(made, Kenh=1)["channel"] == "direct"
    assert read(made, Kenh="trực  tuyến")["channel"] == "online"
    assert read(made, Kenh="")["channel"] == "direct"
    assert read(made, Khac=1)["channel"] == "direct"
    assert problems(made, Kenh="9") == [("channel", "unknown_code", "9")]


def test_true_and_one_are_not_mixed_up_by_the_memory_of_readings(tmp_path: Path) -> None:
    made = mapper(tmp_path, "  hamlet: A\n  paid_online: B\n")
    assert read(made, A=1, B="1") == read(made, A="1", B=True)
    assert read(made, A=True, B=1)["hamlet"] == "true"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("202611", "202611"),
        (202611.0, "202611"),
        ("11/2026", "202611"),
        ("Tháng 11/2026", "202611"),
        ("tháng 11 năm 2026", "202611"),
        ("Tuần 47/2026", "2026W47"),
        ("Quý IV/2026", "2026Q4"),
        ("quý 1 năm 2026", "2026Q1"),
        ("6 tháng đầu năm 2026", "2026S1"),
        ("Năm 2026", "2026"),
        ("20/11/2026", "20261120"),
        (date(2026, 11, 20), "20261120"),
    ],
)
def test_periods_are_read_as_people_write_them(tmp_path: Path, raw: object, expected: str) -> None:
    made = mapper(tmp_path, '  period: "Kỳ"\n', "observation")
    assert read(made, **{"Kỳ": raw})["period"] == expected


def test_the_first_of_a_month_as_a_date_cell_is_unclear_unless_the_map_says_what_it_means(tmp_path: Path) -> None:
    first = date(2026, 11, 1)
    assert problems(mapper(tmp_path, "  period: K\n", "observation"), K=first) == [
        ("period", "period_unclear", "2026-11-01")
    ]
    assert read(mapper(tmp_path, "  period: {from: K, type: month}\n", "observation"), K=first)["period"] == "202611"


def test_every_problem_of_a_record_is_told_at_once(tmp_path: Path) -> None:
    made = mapper(tmp_path, "  received_at: A\n  fee_amount: B\n")
    assert len(problems(made, A="x", B="y")) == 2


def test_overlapping_pauses_count_once_and_backwards_ones_are_a_problem(tmp_path: Path) -> None:
    fields = "  paused_seconds: {pause_of: {path: L, from: a, to: b}, format: iso}\n"
    made = mapper(tmp_path, fields)
    at = "2026-11-20T{:02}:00"
    spans = [{"a": at.format(8), "b": at.format(10)}, {"a": at.format(9), "b": at.format(11)}, {"a": at.format(13)}]
    assert read(made, L=spans)["paused_seconds"] == 3 * 3600
    assert problems(made, L=[{"a": at.format(9), "b": at.format(8)}]) == [("paused_seconds", "pause_backwards", "")]


def test_a_list_that_is_not_there_is_unknown_and_an_empty_one_is_nothing(tmp_path: Path) -> None:
    made = mapper(tmp_path, "  supplement_requests: {count_of: L}\n  fee_amount: {sum_of: M.Gia}\n")
    assert read(made, Khac=1)["supplement_requests"] is None
    empty = read(made, L=[], M=[])
    assert (empty["supplement_requests"], empty["fee_amount"]) == (0, 0.0)
    assert problems(made, L="x", M=[1]) == [("supplement_requests", "not_a_list", ""), ("fee_amount", "not_a_list", "")]


def test_unknown_columns_are_counted_by_name_and_personal_ones_are_not_even_that(tmp_path: Path) -> None:
    made = mapper(tmp_path, "  hamlet: Thon\n", more="personal: [ChuHoSo]\nignore: [STT]\n")
    for _ in range(3):
        read(made, Thon="1", ChuHoSo="Nguyễn Văn A", STT=1, CotLa={"SoCCCD": "001099000001"})
    assert made.unknown == {"CotLa": 3}


def test_a_column_that_is_gone_is_named_unless_it_is_optional(tmp_path: Path) -> None:
    made = mapper(tmp_path, '  due_at: ["Ngày hẹn trả", Han]\n  hamlet: {from: Thon, optional: true}\n')
    assert made.missing(frozenset({"Khac"})) == ("Ngày hẹn trả",)
    assert made.missing(frozenset({"han"})) == ()
    assert made.missing(None) == ()


def test_a_damaged_record_goes_to_quarantine_whatever_it_says(tmp_path: Path) -> None:
    made = mapper(tmp_path, "  hamlet: Thon\n")
    found = made.map(RawRecord("dòng 2", {"Thon": "1"}, fault="error_cell"))
    assert found == [Problem("", "error_cell", "", "dòng 2")]


def test_every_fault_of_a_map_is_told_with_its_line(tmp_path: Path) -> None:
    content = """\
dataset: dossier
fields:
  dossier_code: MaHoSo
  dossier_code: SoHoSo
  hamlets: Thon
  status: {from: T, codes: {1: processing, "2": doing}}
  received_at: {from: N, format: "%d/%m"}
  channel: {codes: {"1": direct}}
  unit: {from: 5}
  hamlet: ChuHoSo
  fee_amount: {sum_of: Gia, form: x}
constants: {source: a}
personal: [ChuHoSo]
time_zone: Mars
more: 1
"""
    assert [line for line, _ in faults(tmp_path, content)] == [4, 5, 6, 6, 7, 8, 9, 10, 11, 11, 12, 14, 15]


@pytest.mark.parametrize("content", ["", "- 1", "a: [", "dataset: doc\nfields: {}", "fields: {}"])
def test_a_file_that_is_no_map_is_a_fault_of_the_file(tmp_path: Path, content: str) -> None:
    assert len(faults(tmp_path, content)) == 1


def test_a_map_that_leaves_a_required_field_empty_cannot_be_bound(tmp_path: Path) -> None:
    path = tmp_path / "map.yaml"
    path.write_text("dataset: observation\nfields: {unit: A, element: B, value: C}\n", "utf-8")
    with pytest.raises(ConfigError) as caught:
        FieldMap.load(path).bind(OBSERVATION, None, ZONE)
    assert "period" in caught.value.message()
    with pytest.raises(ConfigError):
        FieldMap.load(path).bind(DOSSIER, None, ZONE)
    assert FieldMap.load(path).bind(OBSERVATION, None, ZONE, {"period": "2026"})


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_map_loads_and_binds(path: Path) -> None:
    field_map = FieldMap.load(path)
    assert FieldMap.find(path.stem, Path()).file.path == path
    assert field_map.bind(field_map.dataset, None, ZONE)
