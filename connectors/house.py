"""What one process holds while it works: opened once, handed to whoever needs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from datasets.clock import Clock
from datasets.errors import UsageError
from datasets.grounds import read_grounds
from datasets.indicators.catalogue import load_catalogue
from datasets.schema.dataset import Dataset
from datasets.schema.observation import OBSERVATION
from datasets.settings import Settings, Source
from datasets.store import Delivery, Store, open_store
from datasets.units import UnitTree
from datasets.working_days import WorkingCalendar


@dataclass(frozen=True, slots=True)
class House:
    """Settings, store, org units, working calendar, clock and environment of one process."""

    settings: Settings
    store: Store
    units: UnitTree
    calendar: WorkingCalendar
    clock: Clock
    environ: Mapping[str, str]

    @property
    def clock_stands_still(self) -> bool:
        """Whether IOC_NOW holds the clock, for tests and demonstrations."""
        return bool(self.environ.get("IOC_NOW"))

    def source(self, name: str) -> Source:
        """The settings of one source. Raises UsageError for a name the configuration does not have."""
        try:
            return self.settings.sources[name]
        except KeyError:
            known = ", ".join(sorted(self.settings.sources))
            raise UsageError("connectors.unknown_source", source=name, known=known) from None

    def delivery(self, dataset: Dataset, source: str, pull_id: int) -> Delivery:
        """What one pull brings; categories that the catalogue names stay as it writes them."""
        declared = {"category": load_catalogue().categories} if dataset is OBSERVATION else {}
        return self.store.delivery(dataset, source, pull_id, declared)


def open_house(config: Path | str | None, environ: Mapping[str, str]) -> House:
    """Read the configuration and open the store.

    Raises ConfigError with every fault of the configuration and of what it names,
    StoreError when the database cannot be used as it is.
    """
    ground = read_grounds(config, environ)
    settings = ground.settings
    return House(
        settings=settings,
        units=ground.units,
        calendar=ground.calendar,
        store=open_store(settings.store.url, ground.clock, time_zone=settings.centre.time_zone),
        clock=ground.clock,
        environ=environ,
    )
