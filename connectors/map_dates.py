"""Dates and moments as sources write them, read without a guess.

A reader takes a text, a number or a typed cell and answers an aware datetime, or a
date where no time of day was given; None for blank. What fits no declared shape, or
two shapes with different results, raises Unreadable.

Shapes: patterns of %Y %y %m %d %H %M %S %f %z and literal text, and by name
    iso        2026-11-20, 2026-11-20T08:15:00+07:00, with a space, with fractions
    epoch_s, epoch_ms   seconds, milliseconds since 1970 (UTC), as number or digits
    dotnet     /Date(1763600400000)/
A bare number from 30000 to 60000 is an Excel serial (1982 to 2064; failures.md F16).
A value without an offset is in the given zone. 23:59:60 is read as 23:59:59 (F35).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from datasets.vietnamese import clean

Reader = Callable[[object], object]


class Unreadable(Exception):
    """A value that cannot be read; `code` names the message problem.<code>."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


NAMED = ("iso", "epoch_s", "epoch_ms", "dotnet")
DEFAULT = (
    "iso",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%H:%M %d/%m/%Y",
    "%H:%M:%S %d/%m/%Y",
    "%d-%m-%Y",
    "dotnet",
)
FIRST_SERIAL, LAST_SERIAL = 30_000, 60_000
FIRST_YEAR, LAST_YEAR = 1900, 2100

_EXCEL_ZERO = datetime(1899, 12, 30)
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]+)?")
_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ]([0-9]{2}:[0-9]{2})(:[0-9]{2})?(?:[.,]([0-9]+))? ?(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_DOTNET = re.compile(r"/Date\((-?[0-9]{1,15})([+-][0-9]{4})?\)/")
_WIDTHS = {"Y": "{4}", "y": "{2}", "f": "{1,6}"}
_DIRECTIVE = re.compile(r"%(.)")

Match = Callable[[str], "datetime | date | None"]


def date_reader(formats: Sequence[str], zone: ZoneInfo, *, day_only: bool) -> Reader:
    """A reader for the declared shapes; none declared: DEFAULT.

    day_only   answers dates: the local day of whatever moment was given
    Raises ValueError when a pattern cannot be compiled.
    """
    shapes = [_shape(name, zone) for name in (formats or DEFAULT)]
    epoch = next((1000.0 if name == "epoch_ms" else 1.0 for name in formats if name.startswith("epoch")), None)

    def from_text(text: str) -> datetime | date | None:
        found = {value for value in (shape(text) for shape in shapes) if value is not None}
        if len(found) > 1:
            raise Unreadable("date_ambiguous")
        if found:
            return found.pop()
        if _NUMBER.fullmatch(text):
            return _serial(float(text), zone)
        return None

    # no other shape takes 14 digits
    hot = _Fourteen(zone).read if "%Y%m%d%H%M%S" in formats and epoch is None and not day_only else None

    def read(raw: object) -> object:  # noqa: PLR0912  one branch per kind of cell
        value: datetime | date | None
        if raw is None:
            return None
        if hot and raw.__class__ is str:
            value = hot(raw)
            if value is not None and FIRST_YEAR <= value.year <= LAST_YEAR:
                return value
        if isinstance(raw, str):
            text = clean(raw)
            if not text:
                return None
            value = from_text(text)
        elif isinstance(raw, datetime):
            value = raw.replace(tzinfo=zone) if raw.tzinfo is None else raw
        elif isinstance(raw, date):
            value = raw
        elif isinstance(raw, (int, float)) and not isinstance(raw, bool):
            whole = isinstance(raw, int) or raw.is_integer()
            if epoch is not None:
                value = _epoch(raw / epoch, zone)
            else:
                value = from_text(str(int(raw))) if whole else _serial(raw, zone)
        else:
            raise Unreadable("not_a_date")
        if value is None or not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise Unreadable("not_a_date")
        if day_only and isinstance(value, datetime):
            return value.astimezone(zone).date()
        return value

    return read


def _shape(name: str, zone: ZoneInfo) -> Match:
    if name == "iso":
        return lambda text: _iso(text, zone)
    if name == "dotnet":
        return lambda text: _epoch(int(found[1]) / 1000, zone) if (found := _DOTNET.fullmatch(text)) else None
    if name == "epoch_ms":
        return lambda text: _epoch(float(text) / 1000, zone) if _NUMBER.fullmatch(text) else None
    if name == "epoch_s":
        return lambda text: _epoch(float(text), zone) if _NUMBER.fullmatch(text) else None
    if name == "%Y%m%d%H%M%S":
        return _Fourteen(zone).read
    return _pattern(name, zone)


class _Fourteen:
    """yyyyMMddHHmmss, the shape of the DVCQG sync: the hot path, so days and times are kept once read."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._days = _Midnights(zone)

    def read(self, text: str) -> datetime | None:
        if len(text) != 14:
            return None
        try:
            return self._days[text[:8]] + _TIMES[text[8:]]
        except ValueError:
            return None


class _Midnights(dict[str, datetime]):
    """The start of a day by its eight digits; raises ValueError for what is none."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def __missing__(self, digits: str) -> datetime:
        if not digits.isdigit() or not digits.isascii():
            raise ValueError(digits)
        midnight = self[digits] = datetime.fromisoformat(digits).replace(tzinfo=self._zone)
        return midnight


class _Times(dict[str, timedelta]):
    """Time since midnight by its six digits; the leap second is the one before. Raises ValueError."""

    def __missing__(self, digits: str) -> timedelta:
        if not digits.isdigit() or not digits.isascii():
            raise ValueError(digits)
        seconds = digits[:4] + "59" if digits.endswith("60") else digits
        at = time.fromisoformat(seconds)
        since = self[digits] = timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
        return since


_TIMES = _Times()


def _iso(text: str, zone: ZoneInfo) -> datetime | date | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    day, minutes, seconds, fraction, offset = found.groups()
    try:
        if minutes is None:
            return date.fromisoformat(day)
        seconds = ":59" if seconds == ":60" else seconds or ":00"
        micro = f".{fraction[:6]:0<6}" if fraction else ""
        value = datetime.fromisoformat(f"{day}T{minutes}{seconds}{micro}{offset or ''}")
    except ValueError:
        return None
    return value.replace(tzinfo=zone) if value.tzinfo is None else value


def _epoch(seconds: float, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC).astimezone(zone)
    except (OverflowError, OSError, ValueError):
        return None


def _serial(number: float, zone: ZoneInfo) -> datetime | date | None:
    """An Excel serial of the 1900 epoch, to the second; whole days answer a date."""
    if not FIRST_SERIAL <= number <= LAST_SERIAL:
        return None
    value = _EXCEL_ZERO + timedelta(seconds=round(number * 86_400))
    return value.date() if float(number).is_integer() else value.replace(tzinfo=zone)


def _pattern(pattern: str, zone: ZoneInfo) -> Match:
    """Compile one pattern. Numbers beside other directives have fixed width, so nothing is guessed."""
    parts = _DIRECTIVE.split(pattern)
    names = parts[1::2]
    known = "YymdHMSfz"
    if not names or any(name not in known for name in names) or len(set(names)) != len(names):
        raise ValueError(pattern)
    if not {"m", "d"} <= set(names) or not {"Y", "y"} & set(names):
        raise ValueError(pattern)
    timed = "H" in names
    regex = ""
    for place, part in enumerate(parts):
        if place % 2 == 0:
            regex += r"\s+".join(re.escape(word) for word in re.split(r"\s+", part)) if part else ""
            continue
        alone = (parts[place - 1] != "" or place == 1) and (parts[place + 1] != "" or place == len(parts) - 2)
        if part == "z":
            regex += r"(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})"
        else:
            regex += f"(?P<{part}>[0-9]{_WIDTHS.get(part) or ('{1,2}' if alone else '{2}')})"
    compiled = re.compile(regex, re.IGNORECASE)

    def match(text: str) -> datetime | date | None:
        found = compiled.fullmatch(text)
        if found is None:
            return None
        part = found.groupdict()
        year = int(part["Y"]) if "Y" in part else 2000 + int(part["y"])
        try:
            if not timed:
                return date(year, int(part["m"]), int(part["d"]))
            second = min(int(part.get("S") or 0), 59) if part.get("S") == "60" else int(part.get("S") or 0)
            micro = int(f"{part.get('f') or '0':0<6}")
            value = datetime(
                year, int(part["m"]), int(part["d"]), int(part["H"]), int(part.get("M") or 0), second, micro
            )
        except ValueError:
            return None
        offset = part.get("z")
        if offset is None:
            return value.replace(tzinfo=zone)
        return datetime.fromisoformat(f"{value.isoformat()}{offset}")

    return match
