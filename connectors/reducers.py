"""The closed set of reductions from a record's nested lists to one value.

A field map names one of them; nothing in a map is executed. Each takes its arguments
from the map and makes a function from a record to a value. A list that the record
does not have (or null) answers None: unknown, not zero. An empty list is a fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeGuard

from connectors.map_dates import Reader, Unreadable
from connectors.map_values import as_text, number_reader
from connectors.readings import Readings
from datasets.vietnamese import fold

Record = Mapping[str, object]
Reduce = Callable[[Record], object]


def dig(record: Record, path: tuple[str, ...]) -> object:
    """The value at a dotted path through objects; None when any step is not there."""
    value: object = record
    for step in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(step)
    return value


def items_at(record: Record, path: tuple[str, ...]) -> list[Record] | None:
    """The list of objects at a path; None when it is not there or null. Raises Unreadable for another shape."""
    value = record.get(path[0]) if len(path) == 1 else dig(record, path)
    if value is None or value == "":
        return None
    if not _is_objects(value):
        raise Unreadable("not_a_list")
    return value


def _is_objects(value: object) -> TypeGuard[list[Record]]:
    if value.__class__ is not list:
        return False
    for item in value:  # noqa: SIM110  a plain loop is twice as fast on these short lists
        if item.__class__ is not dict:
            return False
    return True


def count_of(path: tuple[str, ...]) -> Reduce:
    """How many items the list has."""

    def count(record: Record) -> object:
        items = items_at(record, path)
        return None if items is None else len(items)

    return count


def sum_of(path: tuple[str, ...], field: str) -> Reduce:
    """The sum of one number over the list; blank counts as nothing, an empty list is 0."""
    number = Readings(number_reader(whole=False)).of

    def total(record: Record) -> object:
        items = items_at(record, path)
        if items is None:
            return None
        value = 0.0
        for item in items:
            value += number(item.get(field)) or 0.0  # type: ignore[operator]
        return value

    return total


def any_of(path: tuple[str, ...], field: str, equals: tuple[str, ...], unless: Mapping[str, tuple[str, ...]]) -> Reduce:
    """Whether any item has one of the values (none given: anything but blank) in `field`.

    unless   items with one of these values are left out, e.g. deleted attachments
    """
    wanted = frozenset(map(fold, equals))
    is_wanted = Readings(lambda raw: bool(said := fold(as_text(raw))) and (not wanted or said in wanted)).of
    left_out = [(name, Readings(_is_one_of(values)).of) for name, values in unless.items()]

    def anyone(record: Record) -> object:
        items = items_at(record, path)
        if items is None:
            return None
        for item in items:
            if is_wanted(item.get(field)) and not any(is_one(item.get(name)) for name, is_one in left_out):
                return True
        return False

    return anyone


def _is_one_of(values: tuple[str, ...]) -> Reader:
    said = frozenset(map(fold, values))
    return lambda raw: fold(as_text(raw)) in said


def pause_of(path: tuple[str, ...], start: str, end: str, date: Reader) -> Reduce:
    """Seconds between each item's `start` and `end` moments, overlaps counted once.

    An item without an end is a pause that still runs: it is not counted, since its
    length is not known (QĐ 766 2.1 takes the moment of such a request as the end).
    """

    def seconds(record: Record) -> object:
        items = items_at(record, path)
        if items is None:
            return None
        spans = []
        for item in items:
            began, ended = date(item.get(start)), date(item.get(end))
            if began is None or ended is None:
                continue
            if not isinstance(began, datetime) or not isinstance(ended, datetime):
                raise Unreadable("not_a_moment")
            if ended < began:
                raise Unreadable("pause_backwards")
            spans.append((began, ended))
        spans.sort()
        total, until = 0.0, None
        for began, ended in spans:
            counted_from = began if until is None else max(began, until)
            if ended > counted_from:
                total += (ended - counted_from).total_seconds()
                until = ended
        return int(total)

    return seconds
