"""The same figure everywhere: command, API, card, indicator page, list of records, workbook."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Iterator
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from every_figure import COMMUNE, documents, dossiers, observations, petitions
from invented_commune import CONFIG, UNITS, ZONE, deliver
from openpyxl import load_workbook
from werkzeug.serving import make_server

from dashboard.__main__ import main
from dashboard.app import build_server
from dashboard.open_queries import open_queries
from dashboard.panels import PANELS
from dashboard.present import figure_text
from dashboard.queries import EVERYONE, Queries
from datasets.indicators.calculate import Request
from datasets.indicators.value import Value
from datasets.indicators.window import Window
from datasets.periods import Period
from datasets.schema.dataset import Context

NOW = "2026-11-20T09:00:00+07:00"
MONTH = "202610"
FRIDAY = date(2026, 11, 13)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("every-figure")
    (folder / "units.csv").write_text(UNITS, "utf-8")
    (folder / "config.yaml").write_text(CONFIG, "utf-8")
    opened = open_queries(folder / "config.yaml", {"IOC_NOW": NOW})
    context = Context(now=opened.clock(), time_zone=ZONE, calendar=opened.calendar)
    for name, rows in (("dossier", dossiers()), ("document", documents()), ("petition", petitions())):
        deliver(opened.store, context, "one_stop", name, list(rows))
    deliver(opened.store, context, "reports", "observation", list(observations(opened.catalogue)))
    opened.store.checkpoint()
    opened.store.close()
    return folder / "config.yaml"


@pytest.fixture(scope="module")
def everything(config: Path) -> Iterator[Queries]:
    opened = open_queries(config, {"IOC_NOW": NOW})
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def ask(everything: Queries) -> Iterator[Any]:
    """Asks the served desk over a socket: (path, headers) -> (headers, body)."""
    server = make_server("127.0.0.1", 0, build_server(everything), threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def get(path: str, **headers: str) -> tuple[Any, bytes]:
        connection = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        assert answer.status == 200, (path, answer.status, body[:300])
        return answer.headers, body

    yield get
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def figures(everything: Queries) -> dict[str, Value]:
    """Every indicator of the commune in the month, by its id."""
    indicators = tuple(everything.catalogue.indicators)
    values = everything.values(Request(indicators, (COMMUNE,), (Period.parse(MONTH),)))
    return {value.indicator: value for value in values}


def test_what_is_asked_together_is_what_is_asked_one_by_one(everything: Queries) -> None:
    calculator, catalogue = everything.calculator, everything.catalogue
    every = tuple(catalogue.indicators)
    months = tuple(Period.parse(MONTH).previous(n) for n in range(12))
    pair = (Window("2026W47", date(2026, 11, 16), date(2026, 11, 20)), Window("2026W46", date(2026, 11, 9), FRIDAY))
    requests = [
        Request(every, (COMMUNE,), months),
        Request(every, (COMMUNE,), (Period.parse("2026W47"), Period.parse("2026")), rules="766"),
        Request(every, (COMMUNE,), pair),
        Request(every, tuple(unit.code for unit in everything.scope(EVERYONE)), (Period.parse(MONTH),)),
        *(
            Request((definition.id,), (COMMUNE,), (Period.parse("2026W47"), Period.parse(MONTH)), by=dimension)
            for definition in catalogue.indicators.values()
            for dimension in ("unit", *definition.drill_by)
        ),
    ]
    together = calculator.answers(requests)
    for request, values in zip(requests, together, strict=True):
        # a member that is known from another question's time only counts nothing in this one's
        assert [v for v in values if v.value or not request.by] == [
            v for v in calculator.values(request) if v.value or not request.by
        ], request


def page(ask: Any, address: str) -> Any:
    return json.loads(ask("/_dash-layout", Referer=f"http://127.0.0.1{address}")[1])


def nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """The props of every component of a layout."""
    if isinstance(tree, list):
        for each in tree:
            yield from nodes(each)
    elif isinstance(tree, dict) and "props" in tree:
        yield tree["props"]
        yield from nodes(tree["props"].get("tree") or tree["props"].get("children"))


def said(number: float | None) -> str:
    return "" if number is None else repr(number)


def test_the_commune_has_something_of_nearly_everything(figures: dict[str, Value]) -> None:
    known = [value for value in figures.values() if value.value is not None]
    assert len(known) > 0.95 * len(figures)


def test_command_and_api_print_the_values(config, figures, ask, capsys, monkeypatch) -> None:
    monkeypatch.setenv("IOC_NOW", NOW)
    assert main(["values", "--period", MONTH, "--format", "json", "--config", str(config)]) == 0
    printed = {row["indicator"]: row for row in json.loads(capsys.readouterr().out)}
    asked = {row["indicator"]: row for row in json.loads(ask(f"/api/v1/values?period={MONTH}")[1])}
    assert printed == asked
    assert {name: (row["value"], row["numerator"], row["denominator"]) for name, row in printed.items()} == {
        name: (value.value, value.numerator, value.denominator) for name, value in figures.items()
    }


def test_every_card_shows_the_value_and_leads_to_its_page(ask, figures) -> None:
    shown: set[str] = set()
    for panel in PANELS:
        for props in nodes(page(ask, f"{panel.path}?ky={MONTH}")):
            if "data-indicator" not in props or "card" not in str(props.get("className", "")).split():
                continue
            name = props["data-indicator"]
            inside = list(nodes(props["children"]))
            number = next(p["children"] for p in inside if str(p.get("className", "")).startswith("card-number"))
            assert number == figure_text(figures[name], "vi"), name
            assert any(str(p.get("href", "")).startswith(f"/chi-so/{name}?ky={MONTH}") for p in inside), name
            shown.add(name)
    assert len(shown) > 100


def test_page_list_and_workbook_of_every_indicator_say_its_figure(ask, everything, figures) -> None:
    for name, value in figures.items():
        definition = everything.definition(name)
        props = list(nodes(page(ask, f"/chi-so/{name}?ky={MONTH}")))
        told = next(p for p in props if p.get("id") == "indicator-value")
        assert (told["data-value"], told["data-numerator"], told["data-denominator"]) == (
            said(value.value),
            said(value.numerator),
            said(value.denominator),
        ), name
        listed = [p for p in props if p.get("id") == "records-count"]
        if definition.sensitive:
            assert listed == [], "people stand behind it"
            continue
        counted = int(listed[0]["data-of"])
        asked = f"indicator={name}&period={MONTH}"
        headers, _ = ask(f"/api/v1/records?{asked}&limit=1")
        assert int(headers["X-Total-Count"]) == counted, name
        rows, facts, values = workbook(ask(f"/api/v1/records.xlsx?{asked}")[1])
        assert rows == counted == facts["Số bản ghi"], name
        for label, number in (("Giá trị chỉ số", value.value), ("Mẫu số", value.denominator)):
            assert facts.get(label) == (None if number is None else pytest.approx(number)), (name, label)
        if definition.numerator.dataset == "observation":
            assert sum(values) == pytest.approx(value.numerator or 0), name
        elif value.value is not None:
            kind = definition.numerator.kind
            assert counted == (value.denominator if kind in ("median", "average") else value.numerator), name


def workbook(content: bytes) -> tuple[int, dict[str, Any], list[float]]:
    """Rows of the list, the definitions, and of reported figures the listed values."""
    book = load_workbook(io.BytesIO(content), read_only=True)
    facts = dict(book["Định nghĩa"].iter_rows(values_only=True))
    rows = list(book["Danh sách"].iter_rows(values_only=True))
    book.close()
    head = next(i for i, row in enumerate(rows) if sum(cell is not None for cell in row) > 4)
    at = rows[head].index("Giá trị") if "Giá trị" in rows[head] else None
    listed = rows[head + 1 :]
    return len(listed), facts, [float(row[at]) for row in listed] if at is not None else []


def test_a_workbook_is_no_zip_of_formulas_or_links(ask) -> None:
    _, body = ask(f"/api/v1/records.xlsx?indicator=ps_received&period={MONTH}")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        content = b"".join(archive.read(name) for name in sheets)
    assert len(sheets) == 2
    assert b"=HYPERLINK(1)" in content and b"<f>" not in content and b"hyperlink " not in content
