"""Form II.06a/VPCP/KSTT, from the export of a one-stop system to the figures beside those counted from dossiers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from datasets.indicators.catalogue import load_catalogue
from tests.connectors.fault_ground import Ground, prepare
from tests.connectors.fixtures.form_06a import LINES, one_stop_report
from tests.connectors.map_cases import UNITS

CONFIG = """\
centre: {name: "Thử", unit: "99001"}
units: units.csv
sources:
  report:
    {dataset: observation, connector: files, map: one_stop_report, path: inbox, expect: {max_quarantined_share: 0.5}}
"""
Line = Sequence[object]


@pytest.fixture
def ground(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "inbox").mkdir()
    made = prepare(str(tmp_path / "config.yaml"), sqlite_url, monkeypatch)
    yield made
    made.house.store.close()


def drop(ground: Ground, lines: Sequence[Line] = LINES, period: str = "Quý III/Năm 2026") -> None:
    (ground.house.settings.root / "inbox" / "06a.xlsx").write_bytes(one_stop_report(lines, period))


def held(ground: Ground, period: str = "2026Q3") -> dict[tuple[str, str], float]:
    rows = ground.rows("observation")
    assert {(row["unit"], row["period"]) for row in rows} <= {("99001", period)}
    return {(row["element"], row["category"]): row["value"] for row in rows}


def reasons(ground: Ground) -> list[str]:
    return [line.problems[0]["code"] for line in ground.house.store.quarantine.list("report")]


def test_every_column_of_the_form_is_a_figure_of_the_commune_and_of_each_field(ground: Ground) -> None:
    drop(ground)
    counts = ground.pull("report")
    assert (counts.new, counts.quarantined) == (32, 0)  # the dash in column 13 says nothing
    found = held(ground)
    assert found["ps_form_received", ""] == 1164
    assert found["ps_form_received", "certification"] == 1024
    assert found["ps_form_late", "civil_status"] == 4
    assert found["ps_form_pending_overdue", ""] == 3
    assert ("ps_form_pending_overdue", "certification") not in found
    declared = load_catalogue().elements
    assert all(not part or part in declared[element].categories for element, part in found)


@pytest.mark.parametrize(
    ("said", "period"),
    [
        ("Tháng 10/2026", "202610"),
        ("quý IV năm 2026", "2026Q4"),
        ("6 tháng đầu năm 2026", "2026S1"),
        ("Năm 2025", "2025"),
    ],
)
def test_the_period_is_the_reports_own_and_not_the_circulars_date(ground: Ground, said: str, period: str) -> None:
    drop(ground, period=said)
    ground.pull("report")
    assert held(ground, period)["ps_form_resolved", ""] == 1140


def test_a_line_whose_parts_do_not_make_its_total_is_set_aside_whole(ground: Ground) -> None:
    wrong = [*LINES[1]]
    wrong[9] = 40  # typed 40 for 4: 80 + 36 + 40 is not 120
    drop(ground, [LINES[0], wrong, LINES[2]])
    counts = ground.pull("report")
    assert (counts.new, counts.quarantined) == (21, 1)
    assert reasons(ground) == ["parts_differ"]
    assert not any(part == "civil_status" for _, part in held(ground))


def test_figures_of_no_field_never_pass_for_the_communes(ground: Ground) -> None:
    nameless = [*LINES[1]]
    nameless[1] = ""
    drop(ground, [LINES[0], nameless, ["", "", *LINES[2][2:]]])
    ground.pull("report")
    assert reasons(ground) == ["part_unnamed", "part_unnamed"]
    assert {part for _, part in held(ground)} == {"certification"}


def test_a_total_that_is_written_over_both_first_columns_is_the_communes(ground: Ground) -> None:
    drop(ground, [*LINES[:2], ["Tổng cộng", "", *LINES[2][2:]]])
    ground.pull("report")
    assert held(ground)["ps_form_received", ""] == 1164


def test_a_field_the_map_does_not_know_is_told_and_waits(ground: Ground) -> None:
    strange = [*LINES[1]]
    strange[1] = "Lâm nghiệp"
    drop(ground, [LINES[0], strange, LINES[2]])
    assert ground.pull("report").quarantined == 11
    (found,) = ground.line.drift
    assert (found.kind, list(found.codes)) == ("new_code", ["Lâm nghiệp"])
