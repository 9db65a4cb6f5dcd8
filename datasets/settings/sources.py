"""A source's block of the configuration: one model for each connector.

A new connector adds one class, in the file of its family, its name in `CONNECTORS`, and a
member of `Source`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from datasets.settings.database_sources import SqlSource
from datasets.settings.document_sources import EdxmlSource
from datasets.settings.folder_sources import FilesSource
from datasets.settings.health_sources import Dhis2Source
from datasets.settings.school_sources import OneRosterSource
from datasets.settings.web_sources import RestSource

DATASETS = ("dossier", "document", "petition", "observation")
"""Names of datasets/schema; written out because settings lie below it. A test compares them."""
CONNECTORS = ("rest", "dhis2", "files", "edxml", "oneroster", "sql")
"""Names of connectors.registry.CONNECTORS, for the same reason."""

Source = Annotated[
    RestSource | Dhis2Source | EdxmlSource | OneRosterSource | FilesSource | SqlSource,
    Field(discriminator="connector"),
]
