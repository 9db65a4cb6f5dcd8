"""One connector read through its field map and the validator, without a store: the rows as they would be staged.

For a test that makes its own server or folder; every connector and map keeps the whole
contract in test_conformance.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from connectors.connector import Batch, Connector
from connectors.field_map import FieldMap
from datasets.schema.dataset import Context
from datasets.validate import Validator
from datasets.working_days import WorkingCalendar

SCALARS = (str, int, float, bool, datetime, type(None))


@dataclass(frozen=True, slots=True)
class Reading:
    """connect makes a fresh connector on the same source, as each pull does."""

    connect: Callable[[], Connector]
    field_map: FieldMap
    now: datetime
    zone: ZoneInfo
    rows: int


def read_through(case: Reading) -> list[tuple[object, ...]]:
    """Assert the contract; answers the stored rows of one reading."""
    first, columns = _read(case)
    again, columns_again = _read(case)
    assert len(first) == case.rows, "every record of the source becomes a row"
    assert first == again, "the same source read twice gives the same rows"
    assert columns == columns_again, "and the same columns"
    names = case.field_map.dataset.columns
    key = [names.index(name) for name in case.field_map.dataset.key]
    for row in first:
        assert len(row) == len(names)
        assert all(row[at] is not None for at in key), "no part of a key is unknown"
        assert all(isinstance(value, SCALARS) for value in row), "only stored types"
    assert len({tuple(row[at] for at in key) for row in first}) == case.rows, "keys are distinct"
    return first


def _read(case: Reading) -> tuple[list[tuple[object, ...]], set[str]]:
    mapper = case.field_map.bind(case.field_map.dataset, None, case.zone)
    context = Context(case.now, case.zone, WorkingCalendar())
    validator = Validator(case.field_map.dataset, context, "source", None)
    rows: list[tuple[object, ...]] = []
    columns: set[str] = set()
    connector = case.connect()
    assert isinstance(connector.confirms_when_empty, bool)
    for batch in connector.fetch(None):
        assert isinstance(batch, Batch)
        assert mapper.missing(batch.columns) == ()
        columns |= batch.columns or set()
        for record in batch.records:
            assert record.row_id, "every record says where it stood"
            row = mapper.map(record)
            assert isinstance(row, dict), row
            stored = validator.check(row, record.row_id)
            assert isinstance(stored, tuple), stored
            rows.append(stored)
    assert isinstance(connector.more, bool)
    return rows, columns
