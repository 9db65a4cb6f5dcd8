"""JSON as its standard has it: no NaN, no Infinity, no name given twice in one object."""

from __future__ import annotations

import json


def plain_json(text: str) -> object:
    """The value a text says. Raises ValueError for what is no JSON, RecursionError for too deep a nesting."""
    return _DECODER.decode(text)


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name given twice")
    return values


_DECODER = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_once_each)
