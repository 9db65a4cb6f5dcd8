"""What raw values read as, kept: dates, codes and names recur in an export."""

from __future__ import annotations

from connectors.map_dates import Reader

_REMEMBERED = 4096


class Readings(dict[object, object]):
    """By text what it reads as; forgotten when the texts are too many to be recurring ones.

    Only for texts (`of` takes anything): 1, 1.0 and True are one key of a dictionary.
    Raises Unreadable as the reader does.
    """

    def __init__(self, read: Reader) -> None:
        self.read = read

    def __missing__(self, raw: object) -> object:
        value = self.read(raw)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[raw] = value
        return value

    def of(self, raw: object) -> object:
        """What the raw value reads as."""
        return self[raw] if raw.__class__ is str else self.read(raw)
