"""Rows by their natural keys, as they are known in the middle of a delivery.

A source may say only what changed of a record (a status message of a document). Such a
record is laid over the row of its key before it is checked; here that row is found:
among those staged already in this delivery, else in the store.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from datasets.schema.dataset import Dataset, Row
from datasets.store.staging import Staging
from datasets.store.tables import TABLES

Key = tuple[object, ...]
"""Values of `dataset.key`, in its order."""


def rows_of(connection: sa.Connection, staging: Staging, keys: Collection[Key]) -> dict[Key, Row]:
    """The canonical row of each key that is known; of several staged the last one."""
    if not keys:
        return {}
    return stored_rows(connection, staging.dataset, keys) | _read(connection, staging.dataset, staging.rows, keys)


def stored_rows(connection: sa.Connection, dataset: Dataset, keys: Collection[Key]) -> dict[Key, Row]:
    """The same of the store alone."""
    return _read(connection, dataset, TABLES[dataset.name], keys) if keys else {}


def _read(connection: sa.Connection, dataset: Dataset, table: sa.Table, keys: Collection[Key]) -> dict[Key, Row]:
    fields = [field.name for field in dataset.fields]
    each = zip(dataset.key, zip(*keys, strict=True), strict=True)
    within = [table.c[name].in_(sorted(set(values), key=str)) for name, values in each]
    asked = sa.select(*(table.c[name] for name in dict.fromkeys((*dataset.key, *fields)))).where(*within)
    if "seq" in table.c:
        asked = asked.order_by(table.c.seq)
    wanted = set(keys)
    rows: dict[Key, Row] = {}
    for row in connection.execute(asked).mappings():
        key = tuple(row[name] for name in dataset.key)
        if key in wanted:
            rows[key] = {name: row[name] for name in fields}
    return rows
