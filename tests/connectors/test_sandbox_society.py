"""The simulated monthly forms and the civil register, read by the centre as it reads real ones."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.house import House, open_house
from connectors.pull import pull
from connectors.sandbox.society.digital import lines
from connectors.sandbox.society.figures import TEMPERS, figures
from connectors.sandbox.society.forms import Forms
from connectors.sandbox.society.register import write_register
from datasets.indicators.catalogue import load_catalogue

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 20, 9, 0)
NAMES = {unit: f"Xã {unit}" for unit in TEMPERS}
FIRST = date(2023, 11, 1)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The demo's own configuration in a folder of its own, with the forms dropped and all six sources pulled."""
    root = tmp_path_factory.mktemp("society")
    shutil.copy(ROOT / "config.yaml", root)
    shutil.copytree(ROOT / "deploy", root / "deploy")
    (root / "datasets" / "demo").mkdir(parents=True)
    shutil.copy(ROOT / "datasets" / "demo" / "units.csv", root / "datasets" / "demo")
    Forms(NAMES, 7, NOW).drop(root / "data" / "inbox" / "socio_economic", NOW.date())
    write_register(root / "data" / "sandbox" / "ho-tich.db", 7, NOW, NOW)
    opened = open_house(root / "config.yaml", {"IOC_NOW": "2026-11-20T09:00:00+07:00"})
    for source in ("society_history", "budget", "living", "counters", "digital", "civil_register"):
        pull(source, opened)
    return opened


def stored(house: House, unit: str, element: str) -> dict[str, float]:
    c = house.store.tables["observation"].c
    with house.store.engine.connect() as connection:
        asked = sa.select(c.period, c.value).where(c.unit == unit, c.element == element, c.category == "")
        return {str(period): float(value) for period, value in connection.execute(asked)}


@pytest.mark.parametrize(
    "element", ["se_budget_revenue", "se_budget_revenue_month", "se_poor_households", "se_cameras"]
)
def test_what_was_invented_is_what_is_stored(house: House, element: str) -> None:
    for unit in ("99001", "99003", "99006"):
        found = stored(house, unit, element)
        assert len(found) == 36
        for period, value in found.items():
            said = figures(unit, date(int(period[:4]), int(period[4:]), 1), 7, FIRST)[element]
            assert value == pytest.approx(said, abs=0.06)


def test_counts_of_digital_life_are_stored_as_invented_and_never_exceed_what_they_are_a_part_of(house: House) -> None:
    adults = stored(house, "99001", "se_people_15")
    for element in ("se_smartphone_people", "se_bank_account_people", "se_cashless_people", "se_online_shoppers"):
        found = stored(house, "99001", element)
        assert len(found) == 36
        assert all(found[month] <= adults[month] for month in found)
        invented = {e: value for e, _, _, value in lines("99001", date(2026, 10, 1), 7, FIRST)}
        assert found["202610"] == invented[element]
    parts = dict(_parts_of(house, "99001", "se_land_area", "2026"))
    assert sum(value for part, value in parts.items() if part) == pytest.approx(parts[""], abs=0.02)


def _parts_of(house: House, unit: str, element: str, period: str) -> list[tuple[str, float]]:
    c = house.store.tables["observation"].c
    with house.store.engine.connect() as connection:
        asked = sa.select(c.category, c.value).where(c.unit == unit, c.element == element, c.period == period)
        return [(str(part), float(value)) for part, value in connection.execute(asked)]


def test_the_commune_that_stopped_reporting_has_nothing_of_the_last_months(house: House) -> None:
    assert max(stored(house, "99004", "se_budget_revenue")) == "202607"
    assert max(stored(house, "99004", "se_births")) == "202608"
    assert max(stored(house, "99001", "se_budget_revenue")) == "202610"


def test_mistakes_of_the_dirty_commune_are_set_aside_and_nobody_elses(house: House) -> None:
    aside = [line for source in ("budget", "living", "counters") for line in house.store.quarantine.list(source)]
    assert 5 <= len(aside) <= 30
    assert {line.problems[0]["code"] for line in aside} == {"unknown_code", "not_a_number"}
    assert all("99005" in line.row_id or "thong-ke-so" in line.row_id for line in aside)
    assert max(stored(house, "99005", "se_budget_revenue")) == "202610"  # its good lines are in


def test_births_are_counted_in_the_register_and_no_name_leaves_it(house: House) -> None:
    register = sqlite3.connect(house.settings.root / "data" / "sandbox" / "ho-tich.db")
    rows = register.execute("SELECT ma_xa, loai, substr(ngay_dang_ky, 1, 7), ho_ten FROM so_ho_tich").fetchall()
    register.close()
    counted = Counter((unit, kind, month) for unit, kind, month, _ in rows)
    assert stored(house, "99002", "se_births")["202603"] == counted["99002", "khai sinh", "2026-03"]
    assert stored(house, "99002", "se_marriages")["202512"] == counted["99002", "kết hôn", "2025-12"]
    house.store.checkpoint()
    content = (house.settings.root / "data" / "ioc.db").read_bytes()
    assert not [name for name in {row[3] for row in rows} if name.encode() in content]


def test_the_budget_rises_to_about_its_plan_and_dips_at_tet() -> None:
    for unit, temper in TEMPERS.items():
        december = figures(unit, date(2025, 12, 1), 7, FIRST)
        assert december["se_budget_revenue"] / december["se_budget_revenue_plan"] == pytest.approx(
            temper.reaches, abs=0.05
        )
        months = [figures(unit, date(2025, month, 1), 7, FIRST)["se_budget_revenue_month"] for month in range(1, 13)]
        assert min(months) in months[:2]
        assert max(months) == months[11]


def test_cumulative_figures_never_fall_within_a_year() -> None:
    cumulative = load_catalogue().cumulative
    for unit in TEMPERS:
        for month in range(2, 13):
            now, before = (figures(unit, date(2025, number, 1), 7, FIRST) for number in (month, month - 1))
            assert all(now[name] >= before[name] for name in now if name in cumulative)


def test_a_file_is_dropped_once_even_after_it_was_taken(tmp_path: Path) -> None:
    forms = Forms(NAMES, 7, NOW)
    assert forms.drop(tmp_path, NOW.date()) == 79
    assert forms.drop(tmp_path, NOW.date()) == 0
    (tmp_path / "done").mkdir()
    for path in list(tmp_path.glob("*.xlsx")):
        path.rename(tmp_path / "done" / f"2026-11-20-{path.name}")
    assert forms.drop(tmp_path, NOW.date()) == 0
    assert forms.drop(tmp_path, date(2026, 12, 4)) == 0  # November is handed in on the fifth
    assert forms.drop(tmp_path, date(2026, 12, 5)) == 12
