"""Folders of JSON lines: read line by line, bad lines aside, cut files back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from connectors.house import House, open_house
from connectors.plain_json import plain_object
from connectors.pull import pull
from datasets.errors import SourceChanged
from datasets.store import Counts
from tests.connectors.one_stop_server import UNITS

CONFIG = """\
centre: {name: "Thử", unit: "T01"}
units: units.csv
sources:
  inbox:
    dataset: observation
    connector: files
    map: observation_form
    path: inbox
    expect: {max_quarantined_share: 0.6}
"""


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    (tmp_path / "units.csv").write_text(UNITS, "utf-8")
    (tmp_path / "config.yaml").write_text(CONFIG, "utf-8")
    (tmp_path / "inbox").mkdir()
    environ = {"IOC_STORE_URL": sqlite_url, "IOC_NOW": "2026-11-20T09:00:00+07:00"}
    opened = open_house(str(tmp_path / "config.yaml"), environ)
    yield opened
    opened.store.close()


def line(period: str, value: object, **more: object) -> str:
    return json.dumps({"unit": "X0001", "element": "se_population", "period": period, "value": value, **more})


def dropped(house: House, content: str | bytes, name: str = "so-lieu.jsonl") -> None:
    content = content.encode() if isinstance(content, str) else content
    (house.settings.root / "inbox" / name).write_bytes(content)


def values(house: House) -> dict[str, float]:
    with house.store.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(sa.text("SELECT period, value FROM observation"))}


def test_each_line_is_a_record_whatever_the_ending_the_mark_and_the_blank_lines(house: House) -> None:
    dropped(house, b"\xef\xbb\xbf" + f"{line('202601', 12)}\r\n\r\n  {line('202602', '1.250,5')}".encode())
    assert pull("inbox", house) == Counts(read=2, new=2)
    assert values(house) == {"202601": 12.0, "202602": 1250.5}
    version = house.store.version()
    dropped(house, f"{line('202602', 1250.5)}\n{line('202601', 12)}\n", "again.ndjson")
    assert pull("inbox", house) == Counts(read=2, unchanged=2)
    assert house.store.version() == version


@pytest.mark.parametrize(
    "bad",
    [
        "[1, 2]",
        "nonsense",
        '{"value": NaN}',
        '{"unit": "X0001", "unit": "X0002"}',
        '{"unit": "' + "x" * 1_100_000 + '"}',
        "[" * 100_000,
    ],
    ids=["a list", "a word", "no number", "a name twice", "too long", "too deep"],
)
def test_a_line_that_is_no_plain_object_is_set_aside_with_its_place(house: House, bad: str) -> None:
    dropped(house, f"{line('202601', 1)}\n{bad}\n{line('202603', 3)}\n")
    assert pull("inbox", house) == Counts(read=3, new=2, quarantined=1)
    (entry,) = house.store.quarantine.list("inbox")
    assert (entry.row_id, entry.problems[0]["code"]) == ("tệp so-lieu.jsonl dòng 2", "not_json")
    assert values(house) == {"202601": 1.0, "202603": 3.0}


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (f"{line('202601', 1)}\n{line('202602', 2)[:-9]}".encode(), "files.cut_line"),
        (b'{\n "items": [1]\n}\n', "files.not_json_lines"),
        (f"{line('202601', 1)}\n".encode() + b'{"unit": "Th\xf4n"}\n', "files.line_not_utf8"),
        (f"{json.dumps({'unit': 'X0001', 'period': '202601', 'value': 1})}\n".encode(), "connectors.columns_gone"),
    ],
    ids=["cut", "one document", "not UTF-8", "a column gone"],
)
def test_a_file_that_cannot_be_believed_goes_back_whole(house: House, content: bytes, key: str) -> None:
    dropped(house, content)
    with pytest.raises(SourceChanged) as refused:
        pull("inbox", house)
    assert refused.value.key == key
    assert values(house) == {}
    assert [path.name for path in (house.settings.root / "inbox" / "refused").glob("*.jsonl")]


def test_a_file_of_many_batches_keeps_every_line(house: House) -> None:
    lines = [line(f"{year}{month:02}", year + month) for year in range(1800, 2026) for month in range(1, 13)]
    dropped(house, "\n".join(lines) + "\n")
    assert pull("inbox", house) == Counts(read=len(lines), new=len(lines))
    assert len(values(house)) == len(lines) == 2712


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ('{"a": 1, "b": "x"}', {"a": 1, "b": "x"}),
        ('{"a":1,"b":{"a":2}}', {"a": 1, "b": {"a": 2}}),
        ('{"a": "he said \\":\\""}', {"a": 'he said ":"'}),
        ('{ "a" : 1 , "b" : [ {"a" : 2} ] }', {"a": 1, "b": [{"a": 2}]}),
        ("{}", {}),
        ("[1]", None),
    ],
)
def test_an_object_is_read_the_same_way_flat_or_not(said: str, wanted: object) -> None:
    assert plain_object(said) == wanted


@pytest.mark.parametrize(
    "said",
    [
        '{"a": 1, "a": 1}', '{"a" :1,"a":1,"b":2}', '{"a":1,"a"\t:1,"b":2}', '{"a":1,"b":{"c":1,"c":1}}',
        '{"a": NaN}', '{"a": Infinity}', '{"a": 1} {"b": 2}', '{"a": 1',
    ],
)  # fmt: skip
def test_a_name_twice_and_what_is_no_number_are_never_read(said: str) -> None:
    with pytest.raises(ValueError):
        plain_object(said)
