"""The ground on which faults are tried: a house with a real store, its sources, and short questions.

Nobody waits: what the connector would sleep is noted in `waits`, and the durations it
measures grow by as much. `pull` checks each time that every record is accounted for.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from connectors.field_map import FieldMap
from connectors.house import House, open_house
from connectors.pull import Caller, pull
from connectors.registry import CONNECTORS
from connectors.rest import RestConnector
from datasets.clock import Clock
from datasets.errors import OpsError
from datasets.settings import RestSource, Settings
from datasets.store import Counts, PullLine, SourceLine
from tests.connectors.one_stop_server import OneStop, dossier, write_config
from tests.connectors.sandbox_server import CLIENT, SECRET, SMALL, Sandbox

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
NINE = datetime(2026, 11, 20, 9, 0, tzinfo=ZONE)  # a Friday
SINCE = "20261110000000"
SANDBOX = """\
centre: {{name: "Trung tâm thử", unit: "99001", time_zone: Asia/Ho_Chi_Minh, language: vi, demo: true}}
units: {units}
store: {{url: "sqlite:///data/ioc.db"}}
sources:
  one_stop:
    dataset: dossier
    connector: rest
    map: one_stop_dvcqg
    url: {address}/api/ho-so
    params: {{maDonVi: "{unit}", tuNgay: "{since}"}}
    auth:
      {{type: oauth2_client_credentials, token_url: {address}/token, client_id: {client}, client_secret: "env:SECRET"}}
    paging: {{type: page_number, page_param: page, size_param: pageSize, size: 50}}
    records: data.items
    total: data.total
    success: {{path: error_code, values: ["00"]}}
    cursor: {{param: tuNgay, field: NgayCapNhat, format: "%Y%m%d%H%M%S", lookback: 7d}}
    max_pages: 40
    expect: {{max_quarantined_share: 0.5}}
    schedule: "*/10 * * * *"
"""


@dataclass
class Ground:
    """A house and how to ask it."""

    house: House
    now: datetime = NINE
    waits: list[float] = field(default_factory=list)

    def pull(self, name: str = "one_stop", **caller: Any) -> Counts:
        """One pull. Raises as a pull does; either way the ledger's count balances."""
        try:
            counts = pull(name, self.house, Caller(**caller))
        finally:
            self.balances(name)
        return counts

    def fails(self, name: str = "one_stop", **caller: Any) -> OpsError:
        """One pull that must fail and leave rows, bookmark and data version as they were."""
        return self.fails_of(name, "dossier", **caller)

    def fails_of(self, name: str, table: str, **caller: Any) -> OpsError:
        """The same for a source of another dataset."""

        def state() -> tuple[object, ...]:
            line = self.status(name)
            return self.rows(table), self.house.store.version(), line.bookmark, line.as_of

        before = state()
        with pytest.raises(OpsError) as caught:
            self.pull(name, **caller)
        assert state() == before
        assert self.status(name).error_key == caught.value.key
        return caught.value

    def balances(self, name: str = "one_stop") -> None:
        for line in self.house.store.ledger.runs(name):
            found = line.new + line.changed + line.unchanged + line.duplicates + line.quarantined
            assert line.read == found or line.error_key, line

    def rows(self, table: str = "dossier") -> list[dict[str, Any]]:
        columns = self.house.store.tables[table]
        with self.house.store.engine.connect() as connection:
            found = connection.execute(sa.select(columns).order_by(*columns.primary_key)).mappings()
            return [dict(row) for row in found]

    def held(self) -> dict[str, str]:
        """Code -> status of every dossier; fails when a code is there twice."""
        rows = self.rows()
        found = {str(row["dossier_code"]): str(row["status"]) for row in rows}
        assert len(found) == len(rows)
        return found

    def counted(self, name: str = "received") -> int:
        """The sum of a daily count, as the panels read it."""
        daily = self.house.store.tables["dossier_daily"]
        with self.house.store.engine.connect() as connection:
            return int(connection.scalar(sa.select(sa.func.sum(daily.c[name]))) or 0)

    def status(self, name: str = "one_stop") -> SourceLine:
        return self.house.store.ledger.status(name)

    @property
    def line(self) -> PullLine:
        return self.house.store.ledger.runs(limit=1)[0]

    def everything(self) -> str:
        """Every value of every table, as one text."""
        with self.house.store.engine.connect() as connection:
            tables = sa.inspect(connection).get_table_names()
            return "\n".join(str(list(connection.execute(sa.text(f"SELECT * FROM {table}")))) for table in tables)

    def set_source(self, name: str = "one_stop", **changed: Any) -> None:
        """Other limits for one source, as the configuration would give them."""
        settings = self.house.settings
        source = settings.sources[name].model_copy(update=changed)
        sources = {**settings.sources, name: source}
        self.house = dataclasses.replace(self.house, settings=settings.model_copy(update={"sources": sources}))

    def hurry(self, **seconds: float) -> None:
        """Shorter limits of time: connect, read, total, run."""
        source = self.house.settings.sources["one_stop"]
        assert isinstance(source, RestSource)
        limits = {name: timedelta(seconds=value) for name, value in seconds.items()}
        self.set_source(timeout=source.timeout.model_copy(update=limits))

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


def prepare(
    config: str, store_url: str, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str] | None = None
) -> Ground:
    """Open the house of a configuration; its clock is `ground.now`, its web connector does not really wait."""
    ground: Ground

    def connector(source: RestSource, settings: Settings, clock: Clock) -> RestConnector:
        identity = FieldMap.find(source.map, settings.root).identity()
        sleep: Callable[[float], None] = ground.waits.append

        def monotonic() -> float:
            return time.monotonic() + sum(ground.waits)

        return RestConnector(source, settings, clock, identity, sleep=sleep, monotonic=monotonic)

    monkeypatch.setitem(CONNECTORS, "rest", connector)
    monkeypatch.setattr("datasets.grounds.clock_from", lambda environ, zone: lambda: ground.now)
    monkeypatch.setattr("connectors.inbox.LOOK_AGAIN_SECONDS", 0.0)
    ground = Ground(open_house(config, {"IOC_STORE_URL": store_url, **(environ or {})}))
    return ground


def ground_on(
    system: OneStop, folder: Path, store_url: str, monkeypatch: pytest.MonkeyPatch, *, dossiers: int = 5, size: int = 50
) -> Ground:
    """A house that pulls from the small one-stop of the tests, which holds `dossiers`."""
    system.dossiers = [dossier(number) for number in range(1, dossiers + 1)]
    return prepare(write_config(folder, "sqlite:///data/ioc.db", system.url, size=size), store_url, monkeypatch)


def ground_on_sandbox(sandbox: Sandbox, folder: Path, store_url: str, monkeypatch: pytest.MonkeyPatch) -> Ground:
    """A house that pulls a small commune of the simulated one-stop, since 10 November."""
    units = Path("datasets/demo/units.csv").absolute()
    said = SANDBOX.format(units=units, address=sandbox.address, unit=SMALL, since=SINCE, client=CLIENT)
    config = folder / "config.yaml"
    config.write_text(said, "utf-8")
    return prepare(str(config), store_url, monkeypatch, {"SECRET": SECRET})
