"""JSON as its standard has it: no NaN, no Infinity, no name given twice in one object."""

from __future__ import annotations

import json
import re


def plain_json(text: str) -> object:
    """The value a text says. Raises ValueError for what is no JSON, RecursionError for too deep a nesting."""
    return _STRICT.decode(text)


def plain_object(text: str) -> dict[str, object] | None:
    """The object a line says, None for any other value; in half the time where the object is flat.

    Every name of an object is followed by a colon: where the text has as many of these
    pairs of signs as the object has names, it is flat and no name was given twice.
    Raises as `plain_json`.
    """
    found = _QUICK.decode(text)
    if not isinstance(found, dict):
        return None
    if text.count('":') == len(found) and _SPACED.search(text) is None:
        return found
    found = _STRICT.decode(text)
    return found if isinstance(found, dict) else None


def _no_constant(name: str) -> object:
    raise ValueError(name)


def _once_each(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a name given twice")
    return values


_SPACED = re.compile(r'"[ \t\r\n]')
_STRICT = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_once_each)
_QUICK = json.JSONDecoder(parse_constant=_no_constant)
