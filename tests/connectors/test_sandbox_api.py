"""The simulated one-stop over real HTTP: tokens, pages, the change-date filter."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from connectors.encodings import Damage
from connectors.sandbox.__main__ import PILOT_FACTS
from connectors.sandbox.inbox import drop
from connectors.sandbox.server import listen
from connectors.sandbox.systems import clients
from datasets.errors import UsageError
from datasets.settings import load_settings
from datasets.working_days import WorkingCalendar
from tests.connectors.sandbox_server import CREDENTIALS, SMALL, Sandbox, running


@pytest.fixture
def sandbox(calendar: WorkingCalendar) -> Iterator[Sandbox]:
    with running(calendar) as one:
        yield one


def sweep(sandbox: Sandbox, **params: object) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    page = 1
    while items := sandbox.items(page, **params):
        found += items
        page += 1
    return found


def test_a_client_gets_a_token_and_a_stranger_none(sandbox: Sandbox) -> None:
    answer = sandbox.client.post("/token", data=CREDENTIALS)
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 1800
    basic = sandbox.client.post(
        "/token",
        data={"grant_type": "client_credentials"},
        auth=httpx.BasicAuth(CREDENTIALS["client_id"], CREDENTIALS["client_secret"]),
    )
    assert basic.status_code == 200
    wrong = sandbox.client.post("/token", data={**CREDENTIALS, "client_secret": "guessed"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert sandbox.client.post("/token", data={**CREDENTIALS, "grant_type": "password"}).status_code == 400


def test_without_a_token_or_with_a_made_up_one_nothing_is_given(sandbox: Sandbox) -> None:
    for header in ({"Authorization": ""}, {"Authorization": "Bearer 1.2"}, {"Authorization": "Bearer x"}):
        answer = sandbox.client.get("/api/ho-so", headers=header)
        assert answer.status_code == 401
        assert answer.json()["data"] is None


def test_a_token_lives_thirty_minutes(sandbox: Sandbox) -> None:
    sandbox.wait(minutes=29, seconds=59)
    assert sandbox.page().status_code == 200
    sandbox.wait(seconds=1)
    assert sandbox.page().status_code == 401
    sandbox.sign_in()
    assert sandbox.page().status_code == 200


def test_every_answer_says_that_it_is_simulated(sandbox: Sandbox) -> None:
    answers = [sandbox.page(), sandbox.client.get("/"), sandbox.client.get("/faults"), sandbox.page(0)]
    answers.append(sandbox.client.post("/token", data=CREDENTIALS))
    assert [answer.headers["X-So-Lieu"] for answer in answers] == ["minh-hoa"] * 5
    assert [answer.json()["so_lieu"] for answer in answers] == ["minh-hoa"] * 5


def test_the_pages_together_hold_every_dossier_once(sandbox: Sandbox) -> None:
    total = sandbox.page().json()["data"]["total"]
    found = sweep(sandbox)
    assert len(found) == total > 3000
    assert len({record["MaHoSo"] for record in found}) == total
    keys = [(record["NgayCapNhat"], record["MaHoSo"]) for record in found]
    assert keys == sorted(keys)
    by_other_size = sweep(sandbox, pageSize=777)
    assert by_other_size == found


def test_only_what_changed_since_comes_the_very_second_included(sandbox: Sandbox) -> None:
    everything = sweep(sandbox)
    since = str(everything[-100]["NgayCapNhat"])
    wanted = [record for record in everything if str(record["NgayCapNhat"]) >= since]
    assert sweep(sandbox, tuNgay=since) == wanted
    assert sweep(sandbox, tuNgay="20261120") == [
        record for record in everything if str(record["NgayCapNhat"]) >= "20261120000000"
    ]


def test_changes_come_with_the_clock(sandbox: Sandbox) -> None:
    before = sandbox.now.strftime("%Y%m%d%H%M%S")
    sandbox.wait(hours=8)
    sandbox.sign_in()
    changed = sweep(sandbox, maDonVi="99001", tuNgay=before)
    assert 30 < len(changed) < 250
    assert {str(record["NgayTiepNhan"])[:8] for record in changed} >= {"20261119", "20261120"}


def test_one_commune_some_or_all_may_be_asked_for(sandbox: Sandbox) -> None:
    def total(**params: object) -> int:
        return int(sandbox.page(pageSize=1, **params).json()["data"]["total"])

    alone = {unit: total(maDonVi=unit) for unit in ("99005", SMALL)}
    assert total(maDonVi=f"99005,{SMALL}") == sum(alone.values())
    assert total(maDonVi="") > 60_000
    assert total(maDonVi="01234") == 0
    assert {record["MaDonVi"] for record in sandbox.items(maDonVi="99005")} == {"99005"}


@pytest.mark.parametrize(
    "wrong", [{"page": "0"}, {"page": "x"}, {"pageSize": "0"}, {"pageSize": "5000"}, {"tuNgay": "20/11/2026"}]
)
def test_a_wrong_parameter_is_refused_in_words(sandbox: Sandbox, wrong: dict[str, str]) -> None:
    answer = sandbox.client.get("/api/ho-so", params=wrong)
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "01"
    assert "Tham số không hợp lệ" in answer.json()["error_message"]


def test_a_port_in_use_is_said_in_one_sentence(sandbox: Sandbox) -> None:
    port = int(sandbox.address.rpartition(":")[2])
    with pytest.raises(UsageError, match=f"Không mở được cổng {port}"):
        listen("127.0.0.1", port)


def test_the_demo_configuration_opens_the_sandbox() -> None:
    settings = load_settings(Path("config.yaml"), {})
    assert settings.centre.demo
    assert clients(settings) == {"ioc-minh-hoa": Path("deploy/demo-secret.txt").read_text("utf-8").strip()}
    assert {"one_stop", "one_stop_neighbours", "pilot_facts"} <= set(settings.sources)


def test_the_pilots_figures_are_dropped_once_per_content(tmp_path: Path) -> None:
    table, inbox = tmp_path / "facts.csv", tmp_path / "inbox"
    table.write_text("unit,element,period,value\nX,se_a,2022,1\n", "utf-8")
    first = drop(table, inbox)
    assert first is not None
    assert first.read_bytes() == table.read_bytes()
    assert drop(table, inbox) is None
    (inbox / "done").mkdir()
    first.rename(inbox / "done" / f"2026-11-20 {first.name}")
    assert drop(table, inbox) is None
    table.write_text("unit,element,period,value\nX,se_a,2022,2\n", "utf-8")
    second = drop(table, inbox)
    assert second is not None
    assert second.name != first.name
    assert [path.suffix for path in inbox.iterdir() if path.is_file()] == [".csv"]  # no half-written file is left


def test_the_pilots_quotations_are_not_taken_for_an_old_font() -> None:
    with PILOT_FACTS.open(encoding="utf-8", newline="") as table:
        cells = [cell for row in csv.reader(table) for cell in row]
    assert sum("«" in cell for cell in cells) > 50
    damage = Damage()
    for cell in cells:
        damage.see(cell)  # raises SourceChanged when it finds three signs of damage
