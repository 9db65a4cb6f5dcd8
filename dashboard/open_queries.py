"""The door to the store, opened from a configuration file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dashboard.queries import Queries
from datasets.grounds import read_grounds
from datasets.indicators.catalogue import load_catalogue
from datasets.store import open_store


def open_queries(config: Path | str | None, environ: Mapping[str, str]) -> Queries:
    """Everything a question needs.

    Raises ConfigError, CatalogueError and StoreError as their openers do.
    """
    ground = read_grounds(config, environ)
    settings = ground.settings
    return Queries(
        store=open_store(settings.store.url, ground.clock, time_zone=settings.centre.time_zone),
        catalogue=load_catalogue(),
        settings=settings,
        units=ground.units,
        calendar=ground.calendar,
        clock=ground.clock,
    )
