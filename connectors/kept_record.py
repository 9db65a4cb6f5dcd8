"""What the quarantine keeps of a bad record, so that it can be tried again.

Only what the field map reads: mapped columns and, of nested lists, the fields that a
reduction looks at. Of a link or name of which the map asks only whether there is one, only
that is kept. Personal, ignored and unknown columns are gone before this.
Typed cells of a sheet are kept as {"$date": iso} and {"$datetime": iso}. All of it stands
under the key "$raw", so that it is not taken for a canonical row.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from connectors.map_file import FieldSpec, MapFile
from datasets.validate import LONGEST_TEXT
from datasets.vietnamese import fold

RAW = "$raw"
THERE = "x"
"""Stands for a value that was there."""
LONGEST = LONGEST_TEXT + 1  # characters of one value: enough to be still too long when it is tried again


class Keeper:
    """Makes and reads what is kept, by one field map."""

    def __init__(self, file: MapFile) -> None:
        self._scalars: set[str] = set()
        self._lists: dict[str, set[str]] = {}
        read: set[tuple[str, str]] = set()
        whether: set[tuple[str, str]] = set()
        if file.wide.counting is None:  # rows that are counted are people: nothing of them is kept
            self._scalars |= {fold(name) for column in file.wide.columns for name in column.sources}
        for spec in file.fields:
            self._scalars |= {fold(name) for name in spec.sources}
            if spec.reducer is not None:
                path, inside = _looked_at(spec)
                self._lists.setdefault(fold(path), set()).update(inside)
                name, arguments = spec.reducer
                only = {str(arguments["field"])} if name == "any_of" and not arguments.get("equals") else set()
                whether |= {(fold(path), field) for field in only}
                read |= {(fold(path), field) for field in inside - only}
        self._asked_whether = whether - read

    def keep(self, values: Mapping[str, object]) -> dict[str, object]:
        """The record by the source's own names, as JSON can hold it."""
        pruned = {name: self._prune(fold(name), value) for name, value in values.items()}
        known = {name: value for name, value in pruned.items() if value is not None or fold(name) in self._scalars}
        return {RAW: known}

    def _prune(self, path: str, value: object) -> object:
        if isinstance(value, list):
            inside = self._lists.get(path)
            if inside is None:
                return None
            items = [item for item in value if isinstance(item, Mapping)]
            return [{name: self._within(path, name, item[name]) for name in inside if name in item} for item in items]
        if isinstance(value, Mapping):
            below = {name: self._prune(f"{path}.{fold(name)}", item) for name, item in value.items()}
            return {name: item for name, item in below.items() if item is not None} or None
        return _plain(value) if path in self._scalars else None

    def _within(self, path: str, name: str, value: object) -> object:
        if isinstance(value, str) and (path, name) in self._asked_whether:
            return THERE if fold(value) else ""
        return _plain(value)


def restore(kept: Mapping[str, object] | None) -> dict[str, object] | None:
    """The record as the source gave it, as far as it was kept; None when nothing of it was."""
    raw = kept.get(RAW) if kept else None
    return {name: _typed(value) for name, value in raw.items()} if isinstance(raw, Mapping) else None


def _looked_at(spec: FieldSpec) -> tuple[str, set[str]]:
    assert spec.reducer is not None
    name, arguments = spec.reducer
    path = str(arguments["path"])
    if name == "sum_of":
        path, _, field = path.rpartition(".")
        return path, {field}
    inside = {str(arguments[key]) for key in ("field", "from", "to") if key in arguments}
    unless = arguments.get("unless")
    return path, inside | set(unless if isinstance(unless, Mapping) else ())


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, str):
        return value[:LONGEST]
    return value if isinstance(value, int | float | bool) else None


def _typed(value: object) -> object:
    if isinstance(value, Mapping):
        if set(value) == {"$datetime"}:
            return datetime.fromisoformat(str(value["$datetime"]))
        if set(value) == {"$date"}:
            return date.fromisoformat(str(value["$date"]))
    return value
