"""`python -m dashboard`: what it prints, and how it ends."""

import csv
import io
import json
import socket

import pytest

from dashboard.__main__ import main
from dashboard.answers import VALUE_KEYS
from dashboard.serve import refuse_taken
from datasets.errors import UsageError


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch):
    monkeypatch.setenv("IOC_NOW", "2026-11-20T09:00:00+07:00")
    monkeypatch.delenv("LANG", raising=False)


def run(commune, capsys, *arguments):
    code = main([*arguments, "--config", str(commune)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_values_as_json_are_the_contract_s_list(commune, capsys):
    code, out, err = run(
        commune,
        capsys,
        "values",
        "--period",
        "2026W47",
        "--indicator",
        "ps_received",
        "ps_on_time_rate",
        "--format",
        "json",
    )
    rows = json.loads(out)
    assert (code, err) == (0, "")
    assert [list(row) for row in rows] == [list(VALUE_KEYS)] * 2
    assert [row["value"] for row in rows] == [6, pytest.approx(200 / 3)]


def test_values_as_csv_and_as_a_table_say_the_same(commune, capsys):
    _, out, _ = run(
        commune, capsys, "values", "--period", "2026W47", "--indicator", "ps_on_time_rate", "--format", "csv"
    )
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["numerator"], row["denominator"], row["status"]) == ("2", "3", row["status"])
    _, out, _ = run(commune, capsys, "values", "--period", "2026W47", "--indicator", "ps_on_time_rate")
    assert "66,7%" in out and "2 / 3" in out and "Tuần 47/2026" in out


def test_records_are_the_rows_of_the_number(commune, capsys):
    code, out, _ = run(
        commune, capsys, "records", "--indicator", "ps_on_time_rate", "--period", "2026W47", "--part", "denominator"
    )
    assert code == 0
    assert sorted(row["dossier_code"] for row in csv.DictReader(io.StringIO(out))) == ["A1", "A2", "A3"]


def test_records_may_be_narrowed(commune, capsys):
    _, out, _ = run(
        commune, capsys, "records", "--indicator", "ps_received", "--period", "2026W47", "--filter", "channel=online",
        "--format", "json",
    )  # fmt: skip
    assert sorted(row["dossier_code"] for row in json.loads(out)) == ["A1", "A2", "A5"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("values", "--period", "2026-47"),
        ("values", "--period", "2026W47", "--indicator", "ps_nothing"),
        ("values", "--period", "2026W47", "--unit", "00000"),
        ("values",),
        ("records", "--indicator", "ps_received", "--period", "2026W47", "--filter", "channel"),
        ("nothing",),
        ("briefing", "--period", "2026W46"),
        ("briefing", "--period", "2026W48", "--to", "somewhere"),
        ("briefing", "--period", "2026W46", "--to", "somewhere", "--formats", "doc"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(commune, capsys, arguments):
    code, out, err = run(commune, capsys, *arguments)
    assert (code, out) == (2, "")
    assert len(err.strip().splitlines()) == 1 and "Traceback" not in err


def test_a_missing_configuration_is_exit_2(tmp_path, capsys):
    assert main(["values", "--period", "2026W47", "--config", str(tmp_path / "none.yaml")]) == 2
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("port", ["0", "99999", "-1", "many"])
def test_a_port_that_is_none_is_wrong_use(commune, capsys, port):
    code, out, err = run(commune, capsys, "serve", f"--port={port}")
    assert (code, out) == (2, "")
    assert port in err and len(err.strip().splitlines()) == 1


def test_an_address_that_is_not_this_machine_s_is_not_called_a_port_in_use():
    with pytest.raises(UsageError) as refused:
        refuse_taken("192.0.2.1", 8050)
    assert refused.value.key == "api.cannot_listen"


def test_a_wall_that_cannot_be_read_is_said_before_anything_is_served(commune, capsys, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(commune.read_text("utf-8") + "wall: {diagonal_inch: 20, distance_m: 9}\n", "utf-8")
    (tmp_path / "units.csv").write_text((commune.parent / "units.csv").read_text("utf-8"), "utf-8")
    code, out, err = run(config, capsys, "serve", "--port", "8139")
    line = len(config.read_text("utf-8").splitlines())
    assert (code, out) == (2, "")
    assert f"{config}:{line}: " in err and "Traceback" not in err


def test_a_fault_of_ours_is_one_sentence_too_unless_debug_asks_for_more(commune, capsys, monkeypatch):
    def stumble(*_):
        raise KeyError("secret")

    monkeypatch.setattr("dashboard.answers.values", stumble)
    code, out, err = run(commune, capsys, "values", "--period", "2026W47")
    assert (code, out) == (1, "")
    assert "secret" not in err and len(err.strip().splitlines()) == 1
    with pytest.raises(KeyError):
        run(commune, capsys, "values", "--period", "2026W47", "--debug")


def test_a_report_of_faults_is_in_one_language_whatever_the_shell_speaks(commune, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    config = tmp_path / "config.yaml"
    config.write_text(commune.read_text("utf-8") + "colour: red\n", "utf-8")
    code, _, err = run(config, capsys, "values", "--period", "2026W47")
    assert code == 2
    assert err.startswith("Cấu hình có ") and "Không có khoá này" in err
    config.write_text(config.read_text("utf-8").replace("demo: true", "demo: true, language: en"), "utf-8")
    _, _, err = run(config, capsys, "values", "--period", "2026W47")
    assert err.startswith("The configuration has ") and "There is no such key" in err


def test_a_port_in_use_is_said_in_one_sentence(commune, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, out, err = run(commune, capsys, "serve", "--port", str(port))
    assert (code, out) == (2, "")
    assert str(port) in err and len(err.strip().splitlines()) == 1
