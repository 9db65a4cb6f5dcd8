"""What every connector and every field map must keep, the same for each case of map_cases.py.

connects         the source is read, batch by batch
stable           read twice: the same columns and records
keys, types      no part of a key unknown, no key twice, values as the dataset declares them
idempotent       pulled again, also after the folder forgot what it took: nothing is
                 written and the data version stays
resumable        killed at any batch, before the commit and after it: the next pull
                 comes to what an undisturbed one comes to
nobody stored    no personal value in any byte below the centre's folder nor in the log
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

import connectors.edxml
import connectors.files
import connectors.inbox
from connectors.connector import Batch, Connector
from connectors.house import House, open_house
from connectors.registry import CONNECTORS
from datasets.schema import BY_NAME
from datasets.schema.dataset import Field, FieldType
from tests.connectors.map_cases import CASES, NOW, Case

ENVIRON = {"IOC_NOW": NOW, "KEY": "khoá thử"}
STEP = 2
"""Records of a batch in these tests, so that every source has several."""
BOOKKEEPING = {"first_seen_at", "changed_at", "pull_id"}
STORED_TYPES: dict[FieldType, type | tuple[type, ...]] = {
    FieldType.TEXT: str,
    FieldType.UNIT: str,
    FieldType.PERIOD: str,
    FieldType.CHOICE: str,
    FieldType.DATE: date,
    FieldType.MOMENT: datetime,
    FieldType.INTEGER: int,
    FieldType.NUMBER: (int, float),
    FieldType.BOOLEAN: bool,
}


def small_steps() -> None:
    """Batches of a few records, and no second of watching a folder: for this process."""
    connectors.files.BATCH_ROWS = STEP
    connectors.edxml.BATCH_MESSAGES = STEP
    connectors.inbox.LOOK_AGAIN_SECONDS = 0.0


@contextmanager
def services() -> Iterator[str]:
    """The web services of all cases at <address>/<place of the case>."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            case = CASES[int(parts.path.split("/")[1])]
            assert case.answer is not None
            body = case.answer(parse_qs(parts.query))
            kind = "application/zip" if body.startswith(b"PK") else "application/json"
            self.send_response(200)
            for name, value in (("Content-Type", kind), ("Content-Length", str(len(body)))):
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def laid(case: Case, root: Path, services: str, template: Path) -> Path:
    """A centre with this one source and an empty store; answers its configuration."""
    root.mkdir(parents=True)
    config = case.lay(root, f"{services}/{CASES.index(case)}")
    (root / "ioc.db").write_bytes(template.read_bytes())
    return config


def opened(config: Path) -> House:
    return open_house(str(config), ENVIRON)


def connected(house: House) -> Connector:
    """A fresh connector, as each pull makes one."""
    source = house.settings.sources["it"]
    return CONNECTORS[source.connector](source, house.settings, house.clock)


def read(house: House) -> tuple[list[frozenset[str] | None], list[tuple[str, dict[str, object]]]]:
    """(columns of each batch, records) as the connector gives them."""
    columns, records = [], []
    connector = connected(house)
    assert isinstance(connector.confirms_when_empty, bool)
    more = True
    while more:
        for batch in connector.fetch(None):
            assert isinstance(batch, Batch)
            columns.append(batch.columns)
            records += [(record.row_id, dict(record.values)) for record in batch.records]
            assert all(record.row_id for record in batch.records), "every record says where it stood"
        assert isinstance(connector.more, bool)
        more = False
    return columns, records


def kept(house: House, dataset: str, *, bookkeeping: bool = False) -> dict[str, list[tuple[Any, ...]]]:
    """All that a pull leaves of a dataset: rows, counts of days, what was set aside.

    bookkeeping   also when and by which pull each row came and was changed
    """
    tables = house.store.tables
    found: dict[str, list[tuple[Any, ...]]] = {}
    with house.store.engine.connect() as connection:
        for name in (dataset, f"{dataset}_daily", f"{dataset}_total", "quarantine"):
            table = tables.get(name)
            if table is None:
                continue
            columns = [column for column in table.c if bookkeeping or column.name not in BOOKKEEPING]
            if name == "quarantine":
                columns = [table.c.record_key, table.c.problems]
            rows = [tuple(row) for row in connection.execute(sa.select(*columns))]
            found[name] = sorted(rows, key=repr)
    return found


def wrong_types(house: House, dataset: str) -> list[str]:
    """Stored values that are not as declared, and keys that are unknown or there twice."""
    declared = BY_NAME[dataset]
    fields: dict[str, Field] = {each.name: each for each in (*declared.fields, *declared.derived)}
    table = house.store.tables[dataset]
    wrong: list[str] = []
    with house.store.engine.connect() as connection:
        rows = connection.execute(sa.select(*(table.c[name] for name in declared.columns))).mappings().all()
    keys = [tuple(row[name] for name in declared.key) for row in rows]
    wrong += [f"{key}: a part of the key is unknown" for key in keys if None in key]
    wrong += [f"{key}: twice" for key in set(keys) if keys.count(key) > 1]
    for row in rows:
        for name, each in fields.items():
            value = row[name]
            if value is None:
                if each.required:
                    wrong.append(f"{name}: required, and unknown")
                continue
            if not isinstance(value, STORED_TYPES[each.type]) or (each.choices and value not in each.choices):
                wrong.append(f"{name}: {value!r} is no {each.type}")
            if each.type is FieldType.MOMENT and value.tzinfo is None:
                wrong.append(f"{name}: {value!r} says no zone")
            if isinstance(value, str) and value != value.strip():
                wrong.append(f"{name}: {value!r} has stray spaces")
    return wrong


def forgotten(case: Case, root: Path) -> None:
    """Drop the files again, and let the folder forget that it took them."""
    for memory in (root / "inbox").rglob(".taken"):
        memory.unlink()
    case.drop(root / "inbox")


def deadly(at: int, batches: int, die: Callable[[], None]) -> None:
    """Let every connector of this process die before it hands on batch `at`; see crash_nursery.py."""

    class Deadly:
        def __init__(self, inner: Any) -> None:
            self._inner = inner

        def __getattr__(self, name: str) -> object:
            return getattr(self._inner, name)

        def fetch(self, since: datetime | None) -> Iterator[Batch]:
            place = 0
            for place, batch in enumerate(self._inner.fetch(since), 1):
                if place - 1 == at:
                    die()
                yield batch
            if at == batches == place:
                die()

        def settle(self, *end: Any) -> None:
            if at == batches + 1:
                die()
            self._inner.settle(*end)

    for name, factory in list(CONNECTORS.items()):
        CONNECTORS[name] = _killing(factory, Deadly)


def _killing(factory: Callable[..., Any], wrap: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda *said: wrap(factory(*said))
