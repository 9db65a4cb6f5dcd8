from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from english import left_in_vietnamese

from datasets import lined_yaml
from datasets.errors import CatalogueError
from datasets.indicators.catalogue import load_catalogue
from datasets.indicators.definition import PANELS, UNITS
from datasets.indicators.example import complete_rows
from datasets.messages import LANGUAGES, text
from datasets.schema import BY_NAME

CATALOGUE = load_catalogue()
CONTRACT = (
    "ps_received ps_received_online ps_received_direct ps_received_postal ps_carried_over ps_resolved "
    "ps_resolved_early ps_resolved_on_time ps_resolved_late ps_pending ps_pending_in_time ps_pending_overdue "
    "ps_on_time_rate ps_online_rate ps_paid_online_rate ps_parts_digital_rate ps_median_working_days"
)
GOOD = """\
ps_received:
  panel: public_services
  name: {vi: Tiếp nhận, en: Received}
  unit: dossiers
  better: none
  numerator: {dataset: dossier, count: received}
  basis: mẫu
  example: {period: "202611", rows: [{received_at: "2026-11-02T08:00"}], expect: {value: 1}}
"""


def faults(folder: Path, **files: str) -> list[tuple[str, int, str]]:
    """File, line and sentence of each fault of a catalogue with these files."""
    for name, content in files.items():
        (folder / f"{name}.yaml").write_text(content, "utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    return [(fault.file.name, fault.line, fault.message) for fault in caught.value.faults]


def test_the_core_indicators_of_the_contract_are_there() -> None:
    assert [name for name in CONTRACT.split(" ") if name not in CATALOGUE.indicators] == []


def test_only_incoming_documents_are_ever_pending() -> None:
    """What was issued is not kept with what may be open (datasets/schema/document.py): nobody may ask for it there."""
    stocks = [
        component
        for definition in CATALOGUE.indicators.values()
        for rules in ("", *definition.under)
        for component in definition.components(rules)
        if component is not None and component.dataset == "document"
        if (component.count or component.of) in ("pending", "carried_over", "in_hand", "awaiting")
    ]
    assert stocks
    assert [component.where for component in stocks if component.where.get("direction") != "in"] == []


def test_a_sound_file_loads(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD, "utf-8")
    definition = load_catalogue(tmp_path).indicators["ps_received"]
    assert (definition.unit, definition.factor, definition.numerator.count) == ("dossiers", 1, "received")
    assert definition.example.as_of.isoformat() == "2026-12-01T09:00:00+07:00"


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("unit: dossiers", "unit: cái", 4, "đơn vị tính «cái»"),
        ("better: none", "better: none\n  colour: red", 6, "khoá «colour»"),
        ("dataset: dossier", "dataset: dossiers", 6, "tập số liệu «dossiers»"),
        ("count: received", "count: arrived", 6, "phép đếm «arrived»"),
        ("count: received", "count: received, where: {chanel: online}", 6, "trường «chanel»"),
        ("count: received", "count: received, where: {channel: on-line}", 6, "«channel: on-line»"),
        ("count: received", "count: received, where: {overdue: true}", 6, "điều kiện «overdue»"),
        ("count: received", "count: received, median: working_days", 6, "đang có 2"),
        ("count: received", "average: happiness, of: resolved", 6, "trường «happiness»"),
        (", en: Received", "", 3, "«en»"),
        ("panel: public_services", "panel: health", 2, "phải là «public_services»"),
        ("ps_received:", "xx_received:", 1, "ps, pt, doc, hl, ed, se"),
        ('period: "202611"', 'period: "202613"', 8, "kỳ «202613»"),
        ("better: none", "better: none\n  under: {06b: {numerator: {dataset: dossier, count: received}}}", 6, "«06b»"),
        ("better: none", "better: higher\n  thresholds: {watch: 80, bad: 90}", 6, "watch và bad"),
        ("better: none", "better: none\n  drill_by: [village]", 6, "trường «village»"),
        ("basis: mẫu", 'basis: mẫu\n  targets: [{value: 1, from: "2026-02-30", basis: x}]', 8, "phải là ngày thật"),
        ("basis: mẫu", 'basis: mẫu\n  minimum_denominator: "5"', 8, "«5» phải là số"),
        ("better: none", "better: up", 5, "chọn một trong: 'higher', 'lower', 'none'"),
        ('period: "202611"', "period: 202611", 8, "ngoặc kép"),
        ("basis: mẫu", "basis: mẫu\n  basis: khác", 8, "hai lần"),
        ("basis: mẫu", 'basis: " "', 7, "không được để trống"),
        ("basis: mẫu", "basis: 766", 7, "«766» phải là chữ"),
        ("basis: mẫu", "basis: {vi: mẫu}", 7, "thiếu nội dung bằng ngôn ngữ «en»"),
        ("basis: mẫu", "basis:\n    vi: mẫu\n    en: 766", 9, "«766» phải là chữ"),
        ("basis: mẫu", "basis:\n    vi: mẫu\n    en: sample\n    fr: exemple", 10, "ngôn ngữ «fr»"),
        ("basis: mẫu", 'basis: mẫu\n  targets: [{value: 1, from: "2026-01-02", basis: {en: x}}]', 8, "«vi»"),
        ("{dataset: dossier, count: received}", "{dataset: observation, element: se_x}", 6, "«se_x»"),
    ],
)
def test_each_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    (fault,) = faults(tmp_path, a=GOOD.replace(old, new))
    assert fault[:2] == ("a.yaml", line)
    assert said in fault[2]


def test_a_basis_is_one_text_for_all_languages_or_one_for_each(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.replace("basis: mẫu", "basis: 766/QĐ-TTg"), "utf-8")
    each = GOOD.replace("basis: mẫu", "basis: {vi: mẫu, en: sample}").replace("ps_received", "ps_other")
    (tmp_path / "b.yaml").write_text(each, "utf-8")
    found = load_catalogue(tmp_path).indicators
    assert found["ps_received"].basis == {"vi": "766/QĐ-TTg", "en": "766/QĐ-TTg"}
    assert found["ps_other"].basis == {"vi": "mẫu", "en": "sample"}


def test_every_english_text_is_english_but_for_names_and_the_numbers_of_legal_texts() -> None:
    texts: list[tuple[str, str]] = []
    for each in CATALOGUE.indicators.values():
        said = [each.name, each.description or {}, each.basis, *(target.basis for target in each.targets)]
        texts += [(each.id, text["en"]) for text in said if text]
    for element in CATALOGUE.elements.values():
        texts += [(element.id, text["en"]) for text in (element.name, *element.categories.values())]
    assert [(name, text) for name, text in texts if left_in_vietnamese(text, ())] == []


def test_every_basis_is_said_in_both_languages() -> None:
    cited = [one for each in CATALOGUE.indicators.values() for one in (each, *each.targets)]
    assert [one.basis["vi"] for one in cited if one.basis["vi"] == one.basis["en"]] == []


def test_an_indicator_without_an_example_is_refused(tmp_path: Path) -> None:
    without = "\n".join(line for line in GOOD.splitlines() if "example" not in line)
    assert faults(tmp_path, a=without) == [("a.yaml", 1, "ps_received.example: thiếu «example»; bổ sung")]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        a=GOOD.replace("unit: dossiers", "unit: cái").replace("count: received", "count: arrived"),
        b=GOOD.replace("ps_received", "ps_other").replace("basis: mẫu", "basis: mẫu\n  colour: red"),
        elements="se_x: {name: {vi: x, en: x}, unit: people, periods: [fortnight], over_units: sum, over_time: last}",
    )
    places = [(file, line) for file, line, _ in found]
    assert places == [("elements.yaml", 1), ("a.yaml", 4), ("a.yaml", 6), ("b.yaml", 8)]


def test_an_id_given_in_two_files_is_told_with_both_places(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, a=GOOD, b="# giống hệt\n" + GOOD)
    assert fault == ("b.yaml", 2, "mã «ps_received» đã có ở a.yaml dòng 1; mỗi chỉ tiêu một mã")


@pytest.mark.parametrize("content", ["a: [", "- ps_received", "chữ", "ps_received: 3"])
def test_a_file_that_is_no_catalogue_is_a_fault_and_no_traceback(tmp_path: Path, content: str) -> None:
    assert len(faults(tmp_path, a=content)) == 1


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
def test_both_yaml_loaders_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loader: type) -> None:
    monkeypatch.setattr("datasets.lined_yaml._FAST", loader)
    (tmp_path / "a.yaml").write_text("a: 1\nb: '1'\nc: true\nd: \"true\"\ne: 1.5\nf:\ng: >\n  1\n", "utf-8")
    read = lined_yaml.read(tmp_path / "a.yaml")
    assert read.content == {"a": 1, "b": "1", "c": True, "d": "true", "e": 1.5, "f": None, "g": "1\n"}
    assert read.line(("g",)) == 7


def test_yaml_does_not_turn_codes_dates_or_times_into_something_else(tmp_path: Path) -> None:
    rows = "{received_at: 2026-11-02, due_at: 10:30, dossier_code: 010, handler: no, hamlet: 1_000}"
    (tmp_path / "a.yaml").write_text(GOOD.replace('{received_at: "2026-11-02T08:00"}', rows), "utf-8")
    (row,) = load_catalogue(tmp_path).indicators["ps_received"].example.rows
    assert list(row.values()) == ["2026-11-02", "10:30", "010", "no", "1_000"]


def test_an_indicator_that_shows_one_element_takes_name_and_unit_from_it() -> None:
    definition, element = CATALOGUE.indicators["se_cameras"], CATALOGUE.elements["se_cameras"]
    assert (definition.name, definition.unit) == (element.name, element.unit)
    assert (definition.numerator.element, definition.denominator) == ("se_cameras", None)
    assert definition.drill_by == ("category",)


def test_an_indicator_whose_elements_are_sensitive_is_sensitive() -> None:
    def elements(name: str) -> set[str]:
        definition = CATALOGUE.indicators[name]
        return {c.element for c in definition.components("06a") if c is not None and c.element is not None}

    exposed = [
        name
        for name, definition in CATALOGUE.indicators.items()
        if not definition.sensitive and any(CATALOGUE.elements[element].sensitive for element in elements(name))
    ]
    assert exposed == []
    assert CATALOGUE.indicators["hl_cases"].sensitive and CATALOGUE.indicators["ed_pupils"].sensitive


def test_the_on_time_rate_of_decision_766_is_over_all_in_hand() -> None:
    definition = CATALOGUE.indicators["ps_on_time_rate"]
    assert [c.count for c in definition.components("06a") if c] == ["resolved", "resolved"]
    assert [c.count for c in definition.components("766") if c] == ["in_hand", "in_hand"]


def test_every_element_is_shown_by_an_indicator() -> None:
    shown = {
        component.element
        for definition in CATALOGUE.indicators.values()
        for component in definition.components("06a")
        if component is not None
    }
    assert sorted(set(CATALOGUE.elements) - shown) == []


def test_no_threshold_calls_a_value_good_that_misses_a_target_for_all() -> None:
    contradictions = [
        (definition.id, target.value)
        for definition in CATALOGUE.indicators.values()
        if definition.thresholds is not None
        for target in definition.targets
        if target.group is None and definition.thresholds.watch < target.value and definition.better == "higher"
    ]
    assert contradictions == []


def test_every_rate_refuses_to_be_judged_on_a_handful_of_dossiers() -> None:
    careless = [
        definition.id
        for definition in CATALOGUE.indicators.values()
        if definition.numerator.dataset == "dossier" and definition.denominator and definition.minimum_denominator < 5
    ]
    assert careless == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_unit_of_measure_has_a_word(language: str) -> None:
    assert [unit for unit in UNITS if text(f"unit.{unit}", language) is None] == []


def test_the_panels_of_the_catalogue_are_the_five() -> None:
    assert {definition.panel for definition in CATALOGUE.indicators.values()} == set(PANELS.values())
    assert len(CATALOGUE.for_panel("public_services")) == sum(
        name.startswith(("ps_", "pt_")) for name in CATALOGUE.indicators
    )


@pytest.mark.parametrize("name", sorted(CATALOGUE.indicators))
def test_example_rows_name_only_fields_of_their_dataset(name: str) -> None:
    definition = CATALOGUE.indicators[name]
    dataset = BY_NAME[definition.numerator.dataset]
    rows = complete_rows(definition)
    assert [set(row) - set(dataset.columns) for row in rows if set(row) - set(dataset.columns)] == []
    told_apart_by = (*dataset.key, "register_number", "interlink_id")  # a document's key is made of these
    assert len({tuple(row.get(key) for key in told_apart_by) for row in rows}) == len(rows)
