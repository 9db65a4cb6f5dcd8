"""Every one of the 167 figures of the pilots' reports is somewhere: observed, aimed at, or left out with a reason."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from datasets.indicators.catalogue import load_catalogue
from datasets.periods import Period, PeriodType
from datasets.schema import BY_NAME
from datasets.schema.dataset import Context
from datasets.units import UnitTree
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar

HERE = Path(__file__).parent
DEMO = HERE.parents[1] / "datasets" / "demo"
CATALOGUE = load_catalogue()
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = UnitTree.load(DEMO / "units.csv")
CODES = {
    "3 xã thí điểm Thành Sơn, Minh Hợp, Khánh Hợp (Nghệ An)": "TD-NA-TD3",
    "Tỉnh Nghệ An": "40",
    "TT Phục vụ hành chính công tỉnh Nghệ An": "40-TTPVHCC",
    "8 xã/phường thí điểm, tỉnh Bắc Kạn": "TD-BK-TD8",
    "Xã Như Cố, huyện Chợ Mới, tỉnh Bắc Kạn": "TD-BK-CM-NC",
    "Tỉnh Bắc Kạn": "TD-BK",
    "Xã Yên Hòa, huyện Yên Mô, tỉnh Ninh Bình": "TD-NB-YM-YH",
    "Tỉnh Ninh Bình": "TD-NB",
}
HALF_YEAR = {("2022-06-30", "001"): "2022S1"}  # "6 tháng đầu năm 2022"

PROVINCE = "aim of the province's own bodies; no commune figure can be held against it"
LEFT_OUT = {
    "Điểm nghiệm thu đề tài chuyển đổi số cấp xã": "mark of a research project",
    "Số tỉnh học tập kinh nghiệm": "study trips of a research project",
    "Tỷ lệ hồ sơ trực tuyến tại thời điểm cao nhất": "'below 50%' is a bound from above, no figure",
    "Thứ tự địa phương triển khai phần mềm tương tác số trong tỉnh": "order in which districts began, no quantity",
    "Cơ quan đảng, chính quyền, MTTQ, tổ chức CT-XH kết nối mạng truyền số liệu chuyên dùng": PROVINCE,
    "CSDL dùng chung của tỉnh trên nền tảng điện toán đám mây": PROVINCE,
    "Cơ quan cấp tỉnh, cấp huyện có cán bộ phụ trách CNTT": PROVINCE,
    "Chế độ báo cáo, chỉ tiêu tổng hợp định kỳ và báo cáo thống kê KT-XH thực hiện trực tuyến, liên thông hệ thống báo "
    "cáo quốc gia": PROVINCE,
    "CSDL quốc gia được kết nối, ứng dụng trên địa bàn tỉnh": PROVINCE,
    "CSDL của ban, sở, ngành kết nối liên thông CSDL mở của tỉnh": PROVINCE,
    "Số cơ sở giáo dục đào tạo về thương mại điện tử (tối thiểu)": PROVINCE,
    "Số cơ sở giáo dục đào tạo về thương mại điện tử (cận trên của khoảng)": PROVINCE,
    "Lượt DN/HTX/hộ/CBCC... được đào tạo, tập huấn TMĐT": PROVINCE,
    "Số trụ cột chuyển đổi số": "headings of a plan",
    "Giờ phát thanh buổi sáng": "a time of day, no quantity",
    "Giờ phát thanh buổi chiều": "a time of day, no quantity",
    "Năm triển khai hệ thống QLVB&ĐH": "a year of beginning, no quantity",
    "Năm mở trang thông tin điện tử": "a year of beginning, no quantity",
    "Lượt truy cập tăng thêm sau gần 2 năm": "difference of two stored figures: 60,075 - 6,325",
    "Hợp phần của hệ thống giám sát, điều hành thông minh (COC)": "describes this centre itself",
    "Mức tăng thu nhập lao động HTX": "ratio of two stored figures: 4.5 / 1.5",
    "Công chức đảm nhiệm mỗi vị trí chuyên môn": "a way of saying that posts are single-handed",
    "Giai đoạn triển khai chuyển đổi số giáo dục": "headings of a plan",
    "Nhóm nhiệm vụ, giải pháp của Nghị quyết 01-NQ/TU": "headings of a plan",
}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SEEDS = rows(HERE / "fixtures" / "seed_facts.csv")
OBSERVED = rows(DEMO / "pilot_facts.csv")


def observed_key(seed: dict[str, str]) -> tuple[str, str, str, float, str]:
    number = seed["seed"][:3]
    period = HALF_YEAR.get((seed["as_of"], number), seed["as_of"].replace("-", ""))
    return number, CODES[seed["unit"]], period, float(seed["value"]), seed["indicator_vi"].replace("... ", "… ")


def words(row: dict[str, str]) -> str:
    return row["note"].partition("«")[2].partition("»")[0]


def test_there_are_167_facts_three_of_them_without_a_number() -> None:
    assert len(SEEDS) == 167
    assert sum(seed["value"] == "" for seed in SEEDS) == 3


def test_every_reported_figure_is_an_observation_in_the_sources_own_words_or_left_out_with_a_reason() -> None:
    facts = [s for s in SEEDS if s["kind"] == "fact" and s["value"] and s["indicator_vi"] not in LEFT_OUT]
    stored = Counter(
        (row["source_document"][-4:-1], row["unit"], row["period"], float(row["value"]), words(row)) for row in OBSERVED
    )
    assert Counter(observed_key(seed) for seed in facts) == stored


def test_every_aim_is_a_dated_target_with_its_basis_or_left_out_with_a_reason() -> None:
    targets = [target for definition in CATALOGUE.indicators.values() for target in definition.targets]
    missing = []
    for seed in SEEDS:
        if seed["kind"] != "target" or not seed["value"] or seed["indicator_vi"] in LEFT_OUT:
            continue
        year = int(seed["as_of"][:4])
        code = CODES.get(seed["unit"])
        decision = next((name for name in ("09-NQ/TU", "01-NQ/TU", "1127/QĐ-BTTTT") if name in seed["note"]), "Như Cố")
        if not any(
            target.value == float(seed["value"])
            and decision in target.basis["vi"]
            and (code in target.units if code else target.group is not None)
            and target.from_ <= date(year, 12, 31)
            and target.to is not None
            and target.to > date(year, 12, 31)
            for target in targets
        ):
            missing.append((seed["unit"], seed["indicator_vi"]))
    assert missing == []


def test_nothing_is_left_out_that_is_not_in_the_reports() -> None:
    assert sorted(set(LEFT_OUT) - {seed["indicator_vi"] for seed in SEEDS}) == []


def test_every_observation_fits_its_element_and_has_a_unit() -> None:
    for row in OBSERVED:
        element = CATALOGUE.elements[row["element"]]
        assert Period.parse(row["period"]).type in element.periods
        assert row["category"] in {"", *element.categories}
        assert row["unit"] in UNITS.codes
    keys = [(row["unit"], row["element"], row["period"], row["category"]) for row in OBSERVED]
    assert len(set(keys)) == len(keys)


def test_every_observation_passes_validation() -> None:
    context = Context(datetime(2026, 11, 20, 9, tzinfo=ZONE), ZONE, WorkingCalendar())
    validator = Validator(BY_NAME["observation"], context, "pilot_facts", UNITS.codes)
    names = ("unit", "element", "period", "category")
    checked = [validator.check({n: row[n] for n in names} | {"value": float(row["value"])}, "") for row in OBSERVED]
    assert [problems for problems in checked if isinstance(problems, list)] == []


def test_contradictions_of_the_sources_are_kept_beside_the_figures() -> None:
    notes = {(row["unit"], row["element"], row["category"]): row["note"] for row in OBSERVED}
    yen_hoa, nhu_co = "TD-NB-YM-YH", "TD-BK-CM-NC"
    assert "801,03" in notes[yen_hoa, "se_land_area", ""]
    assert "2.484 hộ" in notes[yen_hoa, "se_digital_addresses", ""]
    assert "trưởng Công an xã" in notes[yen_hoa, "doc_accounts", "officials"]
    assert "hai định nghĩa" in notes[nhu_co, "hl_health_record_rate", ""]
    assert "hai định nghĩa" in notes[nhu_co, "se_cashless_account_rate", ""]
    assert "không phải số đo" in notes["40-TTPVHCC", "ps_reported_on_time_rate", ""]


def test_the_parts_of_the_land_do_not_add_up_to_the_whole_and_nobody_mended_it() -> None:
    land = {row["category"]: float(row["value"]) for row in OBSERVED if row["element"] == "se_land_area"}
    assert round(land.pop("") - sum(land.values()), 2) == 1.00


def test_the_real_places_are_shown_as_they_were_and_the_invented_ones_are_marked() -> None:
    yen_hoa = UNITS.get("TD-NB-YM-YH", date(2022, 5, 11))
    above = [unit.name for unit in UNITS.ancestors("TD-NB-YM-YH")]
    assert above == ["Huyện Yên Mô", "Tỉnh Ninh Bình (trước 01/7/2025)"]
    assert yen_hoa.valid_to == date(2025, 6, 30)
    assert [unit.code for unit in UNITS.successors("TD-BK")] == ["19"]
    demo = UNITS.children("99")
    assert [unit.code for unit in demo] == [f"9900{n}" for n in range(1, 7)]
    assert all("(minh hoạ)" in unit.name and unit.kind == "demo_commune" for unit in demo)
    assert not [row for row in OBSERVED if row["unit"].startswith("99")]


def test_hamlets_of_an_invented_commune_add_up_to_it() -> None:
    for commune in UNITS.children("99"):
        hamlets = UNITS.subtree(commune.code, kind="hamlet")
        assert len(hamlets) == 8
        assert sum(hamlet.population or 0 for hamlet in hamlets) == commune.population
        assert sum(hamlet.households or 0 for hamlet in hamlets) == commune.households


def test_periods_of_the_pilots_are_days_months_half_years_and_years() -> None:
    assert {Period.parse(row["period"]).type for row in OBSERVED} == {
        PeriodType.DAY,
        PeriodType.MONTH,
        PeriodType.HALF_YEAR,
        PeriodType.YEAR,
    }
