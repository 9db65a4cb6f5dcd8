"""What every process stands on is checked together, so that a person mends all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets.errors import ConfigError
from datasets.grounds import read_grounds
from datasets.settings import language_named

CONFIG = """\
centre: {name: Xã Mẫu, unit: "99997", language: LANGUAGE}
units: units.csv
calendar: calendar.csv
briefing:
  units: ["99998", "88888"]
"""
UNITS = "code,name,level,parent,kind,valid_from,valid_to,successor,population,households\n99998,Xã Mẫu,commune,,,,,,,\n"
CALENDAR = "date,working,basis\n2026-01-02,maybe,x\n"


def write(folder: Path, language: str = "vi") -> Path:
    (folder / "config.yaml").write_text(CONFIG.replace("LANGUAGE", language), "utf-8")
    (folder / "units.csv").write_text(UNITS, "utf-8")
    (folder / "calendar.csv").write_text(CALENDAR, "utf-8")
    return folder / "config.yaml"


def test_faults_of_units_calendar_clock_and_of_units_that_are_not_there_come_in_one_report(tmp_path: Path) -> None:
    config = write(tmp_path)
    with pytest.raises(ConfigError) as refused:
        read_grounds(config, {"IOC_NOW": "tomorrow"})
    found = {(fault.file.name, fault.line) for fault in refused.value.faults}
    assert found == {
        ("units.csv", 2),  # a commune without a kind
        ("calendar.csv", 2),
        ("IOC_NOW", 0),
    }
    (tmp_path / "units.csv").write_text(UNITS.replace("commune,,,", "commune,,commune,"), "utf-8")
    with pytest.raises(ConfigError) as refused:
        read_grounds(config, {})
    found = {(fault.file.name, fault.line) for fault in refused.value.faults}
    assert found == {("config.yaml", 1), ("config.yaml", 5), ("calendar.csv", 2)}
    assert "briefing.units.1: " in str(refused.value)
    assert "88888" in str(refused.value)


@pytest.mark.parametrize(("language", "word"), [("vi", "Không có đơn vị"), ("en", "has no unit")])
def test_faults_of_all_files_are_said_in_the_language_of_the_configuration(
    tmp_path: Path, language: str, word: str
) -> None:
    config = write(tmp_path, language)
    (tmp_path / "units.csv").write_text(UNITS.replace("commune,,,", "commune,,commune,"), "utf-8")
    with pytest.raises(ConfigError) as refused:
        read_grounds(config, {})
    assert word in refused.value.message(language)


def test_the_language_is_known_from_the_command_line_before_the_configuration_is_read(tmp_path: Path) -> None:
    english = str(write(tmp_path, "en"))
    assert language_named(["pull", "--config", english], {}) == "en"
    assert language_named(["pull", f"--config={english}"], {}) == "en"
    assert language_named(["pull"], {"IOC_CONFIG": english}) == "en"
    assert language_named(["pull", "--config"], {"IOC_CONFIG": str(tmp_path / "nowhere.yaml")}) == "vi"
