"""README's walk "Adding a source, in ten minutes", done with the very lines that stand there."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from connectors.__main__ import main as connectors
from dashboard.__main__ import main as dashboard

ROOT = Path(__file__).parents[2]
NOW = "2026-11-20T09:00:00+07:00"
START = """\
centre: {name: "Xã An Bình Đông", unit: "99001"}
units: units.csv
sources:
"""


def walk() -> str:
    """The section of the README, from its heading to the next."""
    readme = (ROOT / "README.md").read_text("utf-8")
    return re.split(r"^## ", readme.split("## Adding a source, in ten minutes", 1)[1], flags=re.MULTILINE)[0]


def snippet(language: str, place: int = 0) -> str:
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```", walk(), re.MULTILINE | re.DOTALL)
    return found[place]


@pytest.fixture
def commune(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A commune without any source yet, where the reader begins."""
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    shutil.copy(ROOT / "datasets/demo/units.csv", tmp_path / "units.csv")
    (tmp_path / "config.yaml").write_text(START, "utf-8")
    return tmp_path


def follow(folder: Path) -> None:
    """Steps 1 to 3: the file into its folder, the map beside the configuration, the block under `sources:`."""
    block = snippet("yaml", 1)
    (source,) = yaml.safe_load(block).values()
    inbox = folder / source["path"]
    inbox.mkdir(parents=True)
    name = re.search(r"`([\w-]+\.csv)`", walk())
    assert name is not None
    (inbox / name[1]).write_text(snippet("csv"), "utf-8")
    field_map = folder / source["map"]
    field_map.parent.mkdir()
    field_map.write_text(snippet("yaml", 0), "utf-8")
    (folder / "config.yaml").write_text(START + block, "utf-8")


def commands() -> list[list[str]]:
    """Step 4, as it is typed: the module and its words."""
    lines = snippet("sh").strip().splitlines()
    typed = [re.fullmatch(r"\.venv/bin/python -m (connectors|dashboard) (.+)", line) for line in lines]
    return [[said[1], *said[2].split()] for said in typed if said]


def test_the_walk_of_the_readme_brings_the_figures_of_an_unknown_system(
    commune: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(commune)
    environ = {"IOC_CONFIG": str(commune / "config.yaml"), "IOC_NOW": NOW}
    check, pull, values = commands()
    assert (check[:2], pull[:2], values[:2]) == (
        ["connectors", "check"],
        ["connectors", "pull"],
        ["dashboard", "values"],
    )
    assert connectors(check[1:], environ) == 0
    assert connectors(pull[1:], environ) == 0
    assert "read=2 new=2 changed=0 unchanged=0 quarantined=0" in capsys.readouterr().out
    monkeypatch.setenv("IOC_CONFIG", environ["IOC_CONFIG"])
    monkeypatch.setenv("IOC_NOW", NOW)
    assert dashboard([*values[1:], "--format", "json"]) == 0
    (figure,) = json.loads(capsys.readouterr().out)
    assert (figure["unit"], figure["period"], figure["value"]) == ("99001", "202610", 21)
    assert connectors(["status", "--format", "json"], environ) == 0
    (line,) = json.loads(capsys.readouterr().out)
    assert (line["verdict"], line["freshness"], line["rows"]) == ("ok_changed", "fresh", 2)


def test_nothing_that_names_a_person_is_kept_of_the_walks_file(commune: Path) -> None:
    follow(commune)
    connectors(commands()[1][1:], {"IOC_CONFIG": str(commune / "config.yaml"), "IOC_NOW": NOW})
    engine = sa.create_engine(f"sqlite:///{commune}/data/ioc.db")
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM observation")).scalar() == 2
    engine.dispose()
    kept = b"".join(path.read_bytes() for path in (commune / "data").glob("ioc.db*"))
    for personal in ("Trần Văn Bình", "0912345678"):
        assert personal in snippet("csv")
        assert personal.encode() not in kept


def test_a_mistake_in_the_walks_map_is_named_with_its_file_and_line(
    commune: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    follow(commune)
    field_map = commune / "maps/radio.yaml"
    field_map.write_text(field_map.read_text("utf-8").replace("units: code", "unist: code"), "utf-8")
    assert connectors(["check"], {"IOC_CONFIG": str(commune / "config.yaml"), "IOC_NOW": NOW}) == 2
    assert "radio.yaml:3" in capsys.readouterr().err
