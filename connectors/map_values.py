"""Text, numbers, truth values, codes and periods as sources write them.

Each function makes a reader: raw value -> canonical value, None for blank; what
cannot be read raises Unreadable with the code of its message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from math import isfinite

from connectors.map_dates import Reader, Unreadable
from datasets.errors import UsageError
from datasets.periods import Period, PeriodType
from datasets.units import UnitTree
from datasets.vietnamese import clean, fold, parse_number

TRUTH = {"1": True, "true": True, "co": True, "0": False, "false": False, "khong": False}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_SAID = (
    (re.compile(r"(?:ngay )?(\d{1,2})/(\d{1,2})/(\d{4})"), lambda d, m, y: f"{y}{int(m):02}{int(d):02}"),
    (re.compile(r"(?:thang )?(\d{1,2})[/-](\d{4})"), lambda m, y: f"{y}{int(m):02}"),
    (re.compile(r"thang (\d{1,2}) nam (\d{4})"), lambda m, y: f"{y}{int(m):02}"),
    (re.compile(r"tuan (\d{1,2})(?:/| nam )(\d{4})"), lambda w, y: f"{y}W{int(w)}"),
    (re.compile(r"quy (iv|i{1,3}|[1-4])(?:/| nam )(\d{4})"), lambda q, y: f"{y}Q{_ROMAN.get(q) or q}"),
    (re.compile(r"(?:6|sau) thang (dau|cuoi) nam (\d{4})"), lambda h, y: f"{y}S{1 if h == 'dau' else 2}"),
    (re.compile(r"nam (\d{4})"), lambda y: y),
)


def as_text(raw: object) -> str:
    """A scalar as text: whole floats without their ".0" (Excel has no integers). Raises Unreadable."""
    if isinstance(raw, str):
        return clean(raw)
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() else repr(raw)
    if isinstance(raw, (date, datetime)):
        return raw.isoformat()
    raise Unreadable("not_text")


def text_reader() -> Reader:
    """Text in NFC without invisible marks; blank is None."""
    return lambda raw: as_text(raw) or None


def unit_reader(units: UnitTree | None) -> Reader:
    """The code of an org unit as the unit table writes it, whatever its capitals here."""
    if units is None:
        return text_reader()
    spelled = units.spelled
    return lambda raw: spelled(as_text(raw)) or None


def number_reader(*, whole: bool) -> Reader:
    """Numbers; text by the rules of Vietnamese sheets (datasets.vietnamese.parse_number)."""
    code = "not_whole" if whole else "not_a_number"

    def read(raw: object) -> object:
        if isinstance(raw, str):
            text = clean(raw)
            if not text:
                return None
            try:
                value = parse_number(text)
            except ValueError:
                raise Unreadable(code) from None
        elif raw is None:
            return None
        elif isinstance(raw, (int, float)) and not isinstance(raw, bool):
            value = float(raw)
        else:
            raise Unreadable(code)
        if not isfinite(value):
            raise Unreadable(code)
        if not whole:
            return value
        if not value.is_integer():
            raise Unreadable(code)
        return int(value)

    return read


def code_reader(codes: Mapping[str, object], problem: str = "unknown_code") -> Reader:
    """The canonical value of a source's code; codes match without case, spaces and diacritics."""
    table = {fold(code): value for code, value in codes.items()}

    def read(raw: object) -> object:
        text = as_text(raw)
        if not text:
            return None
        try:
            return table[fold(text)]
        except KeyError:
            raise Unreadable(problem) from None

    return read


def boolean_reader() -> Reader:
    """1, 0, true, false, có, không."""
    return code_reader(TRUTH, "not_yes_no")


def period_reader(date_cells: PeriodType | None) -> Reader:
    """A period id, also as people write it: 11/2026, tháng 11/2026, tuần 47/2026, quý IV/2026,
    6 tháng đầu năm 2026, năm 2026, 20/11/2026.

    date_cells   the period type meant by a typed date cell. Excel turns "11/2026" into
                 the first of November by itself; without `date_cells` such a first of a
                 month is unclear and only other days are taken, as days.
    """

    def read(raw: object) -> object:
        if isinstance(raw, date):
            day = raw.date() if isinstance(raw, datetime) else raw
            if date_cells is None and day.day == 1:
                raise Unreadable("period_unclear")
            return Period.of(day, date_cells or PeriodType.DAY).id
        text = as_text(raw)
        if not text:
            return None
        try:
            return Period.parse(_period_id(text)).id
        except UsageError:
            raise Unreadable("not_a_period") from None

    return read


def _period_id(text: str) -> str:
    said = fold(text)
    for pattern, make in _SAID:
        found = pattern.fullmatch(said)
        if found:
            return str(make(*found.groups()))
    return text.upper()
