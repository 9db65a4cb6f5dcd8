"""Sums that a form must keep: a total and its parts, said in a field map and held on every row.

    sums:
      ps_form_pending: [ps_form_pending_in_time, ps_form_pending_overdue]

A part that is blank counts as nothing; a total that is blank promises nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from connectors.map_wide import Reader

DIFFERS = "parts_differ"
"""The problem of a row whose parts do not make its total."""
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Sum:
    """An element and those of the same row that it is the sum of."""

    total: str
    parts: tuple[str, ...]

    def kept(self, values: Mapping[str, float]) -> bool:
        """Whether a row keeps it; `values` by element, those that are blank left out."""
        if self.total not in values:
            return True
        return abs(values[self.total] - sum(values.get(part, 0.0) for part in self.parts)) <= _ROUNDING


def read_sums(reader: Reader, node: yaml.Node, elements: Collection[str]) -> tuple[Sum, ...]:
    """The sums of a map; one that names an element which no column gives is a fault."""
    found = []
    for total, at, value in reader.entries(node):
        parts = reader.texts_at(value)
        for name in (total, *parts):
            if name not in elements:
                reader.fault(at, "map.unknown_key", name=name, known=", ".join(elements))
        found.append(Sum(total, parts))
    return tuple(found)


def all_kept(sums: Sequence[Sum], values: Mapping[str, float]) -> bool:
    return all(each.kept(values) for each in sums)
