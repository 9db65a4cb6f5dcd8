"""Records that say only what changed, laid over what is known of the same key.

A field map with `overlay: COLUMN` belongs to a source that sends a record once and its
changes later, each as a record of its own (a document, then its status messages). A
record that has that column is such a change. Each record, change or not, is laid over
the row its key has already: what the newer one says wins, the older one fills what the
newer leaves open, so that the order of arrival does not matter. A change whose record
nobody knows waits in the quarantine ("not_known_yet") and is tried again at every pull.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from connectors.connector import RawRecord
from connectors.map_file import MapFile
from datasets.schema.dataset import Row
from datasets.store.known import Key
from datasets.validate import Problem, Validator
from datasets.vietnamese import fold

NOT_KNOWN_YET = "not_known_yet"
REMEMBERED = 5000
"""Rows kept at hand; those before them are found among the staged ones."""
Known = Callable[[Collection[Key]], dict[Key, Row]]
"""The canonical rows that are known, of those keys: Delivery.known."""


class Overlay:
    """Serves one delivery. `look_up` the rows of a batch, then for each of its `stretches` `lay`, and `remember`."""

    def __init__(self, file: MapFile, validator: Validator) -> None:
        self._column = fold(file.overlay or "")
        self._validator = validator
        self._rows: dict[Key, Row] = {}
        self._keys: dict[int, Key | None] = {}

    def is_change(self, record: RawRecord) -> bool:
        return any(value not in (None, "") and fold(name) == self._column for name, value in record.values.items())

    def look_up(self, rows: Sequence[Row | list[Problem]], known: Known) -> None:
        """Find out what is known of these rows, before the first of them is laid over it."""
        if len(self._rows) > REMEMBERED:
            self._rows.clear()
        whole = [row for row in rows if isinstance(row, dict)]
        self._keys = dict(zip(map(id, whole), self._validator.keys(whole), strict=True))
        asked = {key for key in self._keys.values() if key is not None}
        self._rows |= known(asked - self._rows.keys())

    def stretches(self, rows: Sequence[Row | list[Problem]]) -> list[slice]:
        """The batch in parts in which no key comes twice, so that a part can be judged as one."""
        parts: list[slice] = []
        start, seen = 0, set[Key]()
        for place, row in enumerate(rows):
            key = self._keys.get(id(row))
            if key in seen:
                parts.append(slice(start, place))
                start, seen = place, set()
            if key is not None:
                seen.add(key)
        return [*parts, slice(start, len(rows))]

    def lay(self, records: Sequence[RawRecord], rows: Sequence[Row | list[Problem]]) -> list[Row | list[Problem]]:
        """The rows of one stretch as they are now known, or why they cannot be known."""
        return [
            self._lay(record, row) if isinstance(row, dict) else row for record, row in zip(records, rows, strict=True)
        ]

    def _lay(self, record: RawRecord, row: Row) -> Row | list[Problem]:
        key = self._keys[id(row)]
        known = self._rows.get(key) if key is not None else None
        if known is None:
            return [Problem("", NOT_KNOWN_YET, "", record.row_id)] if self.is_change(record) else row
        laid = _laid(row, known)
        self._keys[id(laid)] = key
        return laid

    def remember(self, row: Row) -> None:
        """A row that `lay` gave was accepted: what comes after is laid over it."""
        key = self._keys[id(row)]
        if key is not None:
            self._rows[key] = row


def _laid(row: Row, known: Row) -> Row:
    """The newer over the older of two rows of one key; of equally old ones the one known already is kept."""
    came, stood = row.get("updated_at"), known.get("updated_at")
    newer = not isinstance(stood, datetime) or (isinstance(came, datetime) and came > stood)
    above, below = (row, known) if newer else (known, row)
    return {**below, **{name: value for name, value in above.items() if value is not None}}
