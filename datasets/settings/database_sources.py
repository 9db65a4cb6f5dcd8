"""Databases (`sql`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Literal

from pydantic import Field, model_validator

from datasets.settings.source import Positive, Reconcile, SourceBase
from datasets.settings.values import Duration, ExistingFile, Lasting, Part, Secret, SqlAddress, Text, fault


class SqlCursor(Part):
    """Asking only for what changed: the moment is the query's parameter :since, in the centre's zone.

    field      the query's column that holds a row's moment of change
    format     strftime format where the database keeps moments as text; SQLite's own by default
    lookback   how far before the bookmark each pull begins again
    """

    field: Text
    format: Text | None = None
    lookback: Duration = timedelta(days=7)


class SqlSource(SourceBase):
    """A database, asked by one SELECT.

    url          SQLAlchemy's address without a password, or a reference to a whole one
    password     reference
    query, query_file   the SELECT, here or in a file; :since where there is a cursor
    time_limit   of the whole reading
    batch        rows held at a time
    reconcile    None: only when a person asks for it
    """

    connector: Literal["sql"]
    url: Text = Field(repr=False)
    password: Secret | None = None
    address: SqlAddress
    query: Text | None = None
    query_file: ExistingFile | None = None
    cursor: SqlCursor | None = None
    time_limit: Lasting = timedelta(minutes=5)
    batch: Positive = 1000
    reconcile: Reconcile | None = None

    @model_validator(mode="before")
    @classmethod
    def _addressed(cls, raw: Any) -> Any:
        if not isinstance(raw, dict):
            return raw
        return {**raw, "address": {"url": raw.get("url"), "password": raw.get("password")}}

    @model_validator(mode="after")
    def _one_query(self) -> SqlSource:
        if (self.query is None) == (self.query_file is None):
            raise fault("sql_query")
        return self
