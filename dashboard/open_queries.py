"""The door to the store, opened from a configuration file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dashboard.queries import Queries
from datasets.clock import clock_from
from datasets.indicators.catalogue import load_catalogue
from datasets.settings import config_path, load_settings
from datasets.store import open_store
from datasets.units import UnitTree
from datasets.working_days import WorkingCalendar


def open_queries(config: Path | str | None, environ: Mapping[str, str]) -> Queries:
    """Everything a question needs.

    Raises ConfigError, CatalogueError, UsageError (IOC_NOW) and StoreError as their openers do.
    """
    settings = load_settings(config_path(config, environ), environ)
    clock = clock_from(environ, settings.centre.time_zone)
    return Queries(
        store=open_store(settings.store.url, clock, time_zone=settings.centre.time_zone),
        catalogue=load_catalogue(),
        settings=settings,
        units=UnitTree.load(settings.units),
        calendar=WorkingCalendar.load(settings.calendar) if settings.calendar else WorkingCalendar(),
        clock=clock,
    )
