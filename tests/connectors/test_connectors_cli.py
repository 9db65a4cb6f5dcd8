"""The commands, as a person or a program runs them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from connectors.__main__ import main
from connectors.commands import COMMANDS
from connectors.connector import RawRecord
from connectors.field_map import MAPS, FieldMap
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.settings import load_settings
from tests.connectors.one_stop_server import OneStop, dossier, write_config

NOW = "2026-11-20T09:00:00+07:00"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass
class Centre:
    """A configuration in a folder of its own, its one-stop system, and a way to run commands."""

    folder: Path
    system: OneStop
    run: Callable[..., Ran]

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    def rewrite(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        content = path.read_text("utf-8")
        assert old in content
        path.write_text(content.replace(old, new), "utf-8")


@pytest.fixture
def centre(
    tmp_path: Path, sqlite_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Centre]:
    monkeypatch.setattr("connectors.http_client.time.sleep", lambda seconds: None)
    system = OneStop()
    system.dossiers = [dossier(number) for number in range(1, 5)]
    config = write_config(tmp_path, "sqlite:///data/ioc.db", system.url)

    def run(*words: str) -> Ran:
        environ = {"IOC_CONFIG": config, "IOC_STORE_URL": sqlite_url, "IOC_NOW": NOW}
        try:
            code = main(list(words), environ)
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    yield Centre(tmp_path, system, run)
    system.close()


def test_pull_prints_a_line_per_source_with_what_became_of_its_records(centre: Centre):
    centre.system.dossiers[0] |= {"MaDonVi": "X9999"}
    assert centre.run("pull") == Ran(0, "one_stop read=4 new=3 changed=0 unchanged=0 quarantined=1\n", "")
    assert centre.run("pull", "one_stop").out == "one_stop read=4 new=0 changed=0 unchanged=3 quarantined=1\n"


def test_a_failed_pull_exits_with_1_and_says_one_sentence_without_a_traceback(centre: Centre):
    centre.system.status = 500
    ran = centre.run("pull")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("one_stop: ")
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err


def test_a_fault_of_ours_is_one_sentence_too_unless_debug_asks_for_more(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
):
    def stumble(*_: object) -> object:
        raise KeyError("secret")

    monkeypatch.setattr(COMMANDS["status"], "run", stumble)
    ran = centre.run("status")
    assert (ran.code, ran.err.count("\n")) == (1, 1)
    assert "secret" not in ran.err
    with pytest.raises(KeyError):
        centre.run("status", "--debug")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pull", "no_such_source"], "no_such_source"),
        (["quarantine"], "SOURCE"),
        (["pull", "--wrong"], "--wrong"),
        (["status", "--format", "xml"], "xml"),
        (["template", "no_such_dataset", "-o", "form.xlsx"], "no_such_dataset"),
        ([], "COMMAND"),
    ],
    ids=["unknown source", "missing source", "unknown option", "unknown format", "unknown dataset", "no command"],
)
def test_wrong_use_exits_with_2_and_names_what_is_wrong(centre: Centre, words: list[str], said: str):
    ran = centre.run(*words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err


def test_every_command_has_help_in_vietnamese_and_takes_a_config(centre: Centre):
    for name in COMMANDS:
        ran = centre.run(name, "--help")
        assert ran.code == 0
        assert "--config" in ran.out
        assert "tuỳ chọn" in ran.out


def test_the_commands_of_an_english_centre_speak_english(centre: Centre):
    centre.rewrite("config.yaml", "language: vi", "language: en")
    assert "options" in centre.run("pull", "--help").out
    assert centre.run("pull", "--wrong").err.startswith("Unknown argument: --wrong")
    centre.rewrite("config.yaml", "    stale_after: 2h", "    stale_after: soon")
    said = centre.run("pull").err
    assert said.startswith("The configuration has 1 faults")


def test_the_sandbox_says_in_one_sentence_that_its_port_is_taken_or_none(centre: Centre):
    port = centre.system.port
    for said in (f"--port={port}", "--port=99999", "--port=many"):
        ran = centre.run("sandbox", said)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert said.partition("=")[2] in ran.err


def test_a_missing_configuration_exits_with_2(centre: Centre):
    ran = centre.run("pull", "--config", str(centre.folder / "elsewhere.yaml"))
    assert ran.code == 2
    assert "elsewhere.yaml" in ran.err


def test_check_says_that_all_is_well(centre: Centre):
    ran = centre.run("check")
    assert (ran.code, ran.err) == (0, "")
    assert "one_stop" in ran.out


def test_check_gathers_the_faults_of_map_units_and_centre_each_with_file_and_line(centre: Centre):
    centre.rewrite("one_stop_map.yaml", "  procedure_code: MaTTHC", "  procedure_kode: MaTTHC")
    centre.rewrite("config.yaml", 'unit: "T01"', 'unit: "T99"')
    ran = centre.run("check")
    assert ran.code == 2
    assert f"{centre.folder / 'one_stop_map.yaml'}:4: " in ran.err
    assert f"{centre.config}:1: " in ran.err
    assert "T99" in ran.err


def test_check_finds_a_clock_and_a_briefing_s_unit_that_are_none(centre: Centre, monkeypatch: pytest.MonkeyPatch):
    with centre.config.open("a", encoding="utf-8") as config:
        config.write('briefing: {units: ["T01", "T77"]}\n')
    line = len(centre.config.read_text("utf-8").splitlines())
    monkeypatch.setattr("tests.connectors.test_connectors_cli.NOW", "lunch time")
    ran = centre.run("check")
    assert ran.code == 2
    assert f"{centre.config}:{line}: briefing.units.1: " in ran.err
    assert "T77" in ran.err
    assert "IOC_NOW: " in ran.err


def test_check_finds_a_cursor_that_the_map_does_not_read(centre: Centre):
    centre.rewrite("config.yaml", "field: NgayCapNhat", "field: NgaySua")
    ran = centre.run("check")
    assert ran.code == 2
    assert f"{centre.config}:15: " in ran.err
    assert "NgaySua" in ran.err


def test_check_names_the_line_of_a_map_that_is_not_there(centre: Centre):
    centre.rewrite("config.yaml", "map: one_stop_map.yaml", "map: lost_map.yaml")
    ran = centre.run("check")
    assert ran.code == 2
    assert f"{centre.config}:9: " in ran.err


def test_check_says_a_fault_of_the_settings_and_goes_on_to_the_catalogue(centre: Centre):
    centre.rewrite("config.yaml", "    stale_after: 2h", "    stale_after: soon\n    colour: red")
    ran = centre.run("check")
    assert ran.code == 2
    assert "config.yaml:17: " in ran.err
    assert "config.yaml:18: " in ran.err


def test_check_exits_with_1_when_only_a_source_cannot_be_reached(centre: Centre):
    centre.system.close()
    ran = centre.run("check")
    assert ran.code == 1
    assert "one_stop: " in ran.err


def test_check_asks_for_a_folder_that_only_a_person_can_make(centre: Centre):
    with centre.config.open("a", encoding="utf-8") as config:
        config.write("  ours: {dataset: observation, connector: files, map: observation_form, path: data/inbox/new}\n")
        config.write(
            "  theirs: {dataset: observation, connector: files, map: observation_form, path: /nowhere/share}\n"
        )
    ran = centre.run("check")
    assert ran.code == 1
    assert "/nowhere/share" in ran.err
    assert "ours" not in ran.err


def test_status_before_the_first_pull_says_never(centre: Centre):
    (line,) = json.loads(centre.run("status", "--format", "json").out)
    assert (line["verdict"], line["freshness"], line["rows"], line["last_success"]) == ("never", "never", 0, None)


def test_status_as_json_has_the_raw_words_and_as_a_table_vietnamese_ones(centre: Centre):
    centre.system.dossiers[0] |= {"MaDonVi": "X9999"}
    centre.run("pull")
    (line,) = json.loads(centre.run("status", "--format", "json").out)
    assert line == {
        "source": "one_stop",
        "title": "Một cửa",
        "dataset": "dossier",
        "verdict": "partial",
        "last_success": NOW,
        "last_attempt": NOW,
        "next_run": None,  # the clock stands still
        "bookmark": "2026-11-02T08:00:04+07:00",
        "as_of": NOW,
        "rows": 3,
        "quarantined": 1,
        "freshness": "fresh",
        "since": None,
        "why": None,
        "sentence": "Số liệu đến 09:00 20/11/2026.",
        "todo": "Mở nguồn này xem 1 bản ghi bị giữ lại và lý do; báo người quản lý nguồn sửa tại nguồn.",
        "contact": None,
        "failures": 0,
        "last_pull": {"read": 4, "new": 3, "changed": 0, "unchanged": 0, "duplicates": 0, "quarantined": 1},
        "notices": [
            "Mã mới chưa biết ở cột MaDonVi: «X9999» (1); 1 bản ghi bị giữ lại. Hỏi nguồn mã ấy nghĩa là gì, thêm vào "
            "bảng ánh xạ hoặc danh mục đơn vị, rồi bấm «Kiểm tra lại»."
        ],
        "drift": [{"kind": "new_code", "column": "MaDonVi", "canonical": "unit", "count": 1, "codes": {"X9999": 1}}],
        "vanished": 0,
        "refused_files": [],
        "reconciled": None,
        "reconciled_at": None,
        "scheduler_last_seen": None,
        "scheduler_silent": False,
    }
    table = centre.run("status").out
    assert "Mã mới chưa biết ở cột MaDonVi: «X9999» (1)" in table
    assert "Có bản ghi bị giữ lại" in table
    assert "09:00 20/11/2026" in table


def test_status_says_why_a_source_is_in_trouble(centre: Centre):
    centre.system.status = 500
    centre.run("pull")
    (line,) = json.loads(centre.run("status", "--format", "json").out)
    assert (line["verdict"], line["since"]) == ("failed", NOW)
    assert line["why"] in centre.run("status").out


def test_quarantine_lists_each_problem_with_its_place_and_reason(centre: Centre):
    centre.system.dossiers[0] |= {"TrangThaiHoSo": "77"}
    centre.run("pull")
    (line,) = csv.DictReader(io.StringIO(centre.run("quarantine", "one_stop", "--format", "csv").out))
    assert (line["record"], line["field"], line["code"], line["value"], line["times"]) == (
        "X0001/H99.01-261102-000001", "status", "unknown_code", "77", "1",
    )  # fmt: skip
    assert line["first_seen"] == NOW
    assert "H99.01-261102-000001" in centre.run("quarantine", "one_stop").out


def test_a_value_that_looks_like_a_formula_is_harmless_in_the_csv(centre: Centre):
    centre.system.dossiers[0] |= {"TrangThaiHoSo": "=HYPERLINK(1)"}
    centre.run("pull")
    (line,) = csv.DictReader(io.StringIO(centre.run("quarantine", "one_stop", "--format", "csv").out))
    assert line["value"] == "'=HYPERLINK(1)"


def test_replay_takes_in_what_is_good_after_the_unit_list_was_mended(centre: Centre):
    centre.system.dossiers[0] |= {"MaDonVi": "X0003"}
    centre.run("pull")
    assert centre.run("replay", "one_stop").out == "one_stop read=1 new=0 changed=0 unchanged=0 quarantined=1\n"
    with (centre.folder / "units.csv").open("a", encoding="utf-8") as units:
        units.write("X0003,Xã Ba,commune,T01,commune,,,,5000,1200\n")
    assert centre.run("replay", "one_stop").out == "one_stop read=1 new=1 changed=0 unchanged=0 quarantined=0\n"
    assert "X0003" not in centre.run("quarantine", "one_stop").out


@pytest.mark.parametrize(("dataset", "map_name"), [("observation", "observation_form"), ("dossier", "one_stop_list")])
def test_the_example_of_an_entry_form_is_a_record_that_its_map_can_read(centre: Centre, dataset: str, map_name: str):
    """Read back by another library: the form's headers and example, mapped as a filled line would be."""
    form = centre.folder / "forms" / "form.xlsx"
    assert centre.run("template", dataset, "-o", str(form)).code == 0
    settings = load_settings(centre.config, {})
    _, example, headers = CalamineWorkbook.from_path(form).get_sheet_by_index(0).to_python()[:3]
    mapper = FieldMap.load(MAPS / f"{map_name}.yaml").bind(BY_NAME[dataset], None, settings.centre.time_zone)
    assert mapper.missing([str(header) for header in headers]) == ()
    row = mapper.map(RawRecord("1", dict(zip(map(str, headers), example, strict=True))))
    assert isinstance(row, dict), row
    assert row["unit"] == "T01"
    if dataset == "observation":
        assert row["value"] == 1250
        assert Period.parse(str(row["period"])).end <= date(2026, 11, 20)
    else:
        assert row["status"] == "returned"
        assert row["received_at"] == date(2026, 11, 20) - timedelta(days=10)


def test_a_form_offers_the_units_and_elements_by_code_and_name_on_its_second_sheet(centre: Centre):
    form = centre.folder / "form.xlsx"
    centre.run("template", "observation", "-o", str(form))
    cells = {str(cell) for line in CalamineWorkbook.from_path(form).get_sheet_by_index(1).to_python() for cell in line}
    assert {"X0001", "Xã Một", "se_population", "Dân số"} <= cells


def test_a_form_that_cannot_be_written_says_where_and_why(centre: Centre):
    ran = centre.run("template", "observation", "-o", str(centre.folder))
    assert ran.code == 1
    assert str(centre.folder) in ran.err


def test_replay_and_pull_wait_for_nobody_for_ever(centre: Centre, monkeypatch: pytest.MonkeyPatch):
    from datasets.clock import system_clock
    from datasets.store import open_store

    for command in ("pull", "replay"):
        monkeypatch.setattr(COMMANDS[command], "PATIENCE_SECONDS", 0.0)
    store = open_store(f"sqlite:///{centre.folder / 'ioc.db'}", system_clock)
    with store.lease("source-one_stop"):
        assert centre.run("pull").code == 1
        assert centre.run("replay", "one_stop").code == 1
    store.close()
