"""Pickles that make nothing but values a source can give: what runs on loading is left out.

Dates stay dates, which JSON would make texts of. For bytes that strangers may have had a hand in.
"""

from __future__ import annotations

import io
import pickle
from datetime import date, datetime, time, timedelta, timezone
from typing import IO, Any
from zoneinfo import ZoneInfo

_KINDS = {kind.__name__: kind for kind in (date, datetime, time, timedelta, timezone, ZoneInfo)}


class _Pickler(pickle.Pickler):
    dispatch_table = {ZoneInfo: lambda zone: (ZoneInfo, (zone.key,))}  # by itself it asks for getattr


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if module in ("datetime", "zoneinfo") and name in _KINDS:
            return _KINDS[name]
        raise pickle.UnpicklingError("a value of no plain kind")


def dumps(value: object) -> bytes:
    content = io.BytesIO()
    _Pickler(content, pickle.HIGHEST_PROTOCOL).dump(value)
    return content.getvalue()


def loads(content: bytes) -> Any:
    """The value. Raises UnpicklingError for one that is not plain."""
    return _Unpickler(io.BytesIO(content)).load()


def load(stream: IO[bytes]) -> Any:
    """The stream's next value. Raises EOFError at its end, UnpicklingError for one that is cut or not plain."""
    return _Unpickler(stream).load()
