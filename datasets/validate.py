"""Is a row right, and is a delivery believable?

A row is checked field by field, then as a whole (the dataset's `check`), then its
derived columns are filled and it becomes a tuple of stored values. What is wrong with
it becomes problems, never an exception. A delivery is judged against its expectations
before anything is written (`refusal`).

This is the hot path of every backfill. Fields are grouped by kind once; for a row a
loop per kind only asks "is this surely right?", and whatever is not goes the slow way
(`_settle`), which mends it or names the problem.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any

from datasets.errors import BatchRejected, UsageError
from datasets.periods import Period
from datasets.schema.dataset import Context, Dataset, Field, FieldType, Row
from datasets.stamps import DAY_TEXT, utc_text

LONGEST_TEXT = 2000
LONGEST_KEY = 200
LARGEST_NUMBER = 2.0**53  # beyond it neither floats nor spreadsheets count exactly
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 1, 1)
MOST_QUARANTINED_SHARE = 0.5  # failures.md R7: more than half set aside refuses the delivery
LEAST_SHARE_LEFT = 0.5  # failures.md R6
SHOWN_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one record was set aside. The sentence of `code` is the message `problem.<code>`.

    field   canonical field, or the source's column where there is no field yet
    value   what stood there, cut to 80 characters
    row     where the record stood: "tệp X dòng 12", or its key
    """

    field: str
    code: str
    value: str
    row: str

    @classmethod
    def of(cls, field: str, code: str, value: object, row: str) -> Problem:
        return cls(field, code, "" if value is None else str(value)[:SHOWN_LENGTH], row)


class Validator:
    """Turns canonical rows of one dataset into tuples ready to stage.

    source        written into the column of that name
    known_units   codes a UNIT field may have; None: any
    """

    def __init__(self, dataset: Dataset, context: Context, source: str, known_units: Container[str] | None) -> None:
        self._dataset = dataset
        self._context = context
        self._units = known_units
        self._zone = context.time_zone
        self._tomorrow = context.now + timedelta(days=1)
        self._blank: Row = dict.fromkeys(dataset.columns)
        self._blank["source"] = source
        self._stored: Callable[[Row], tuple[object, ...]] = itemgetter(*dataset.columns)
        self._required = tuple(field.name for field in dataset.fields if field.required)
        self._fields = {field.name: field for field in dataset.fields}
        self._texts = tuple((f.name, self._longest(f)) for f in self._of(FieldType.TEXT, FieldType.UNIT))
        self._units_of = tuple(field.name for field in self._of(FieldType.UNIT)) if known_units is not None else ()
        self._choices = tuple((f.name, frozenset(f.choices)) for f in self._of(FieldType.CHOICE))
        self._moments = tuple(field.name for field in self._of(FieldType.MOMENT))
        self._numbers = tuple(
            (f.name, float if f.type is FieldType.NUMBER else int, *_bounds(f))
            for f in self._of(FieldType.NUMBER, FieldType.INTEGER)
        )
        self._booleans = tuple(field.name for field in self._of(FieldType.BOOLEAN))
        self._others = tuple(field.name for field in self._of(FieldType.DATE, FieldType.PERIOD))
        stored = (*dataset.fields, *dataset.derived)
        self._to_utc = tuple(field.name for field in stored if field.type is FieldType.MOMENT)
        self._to_iso = tuple(field.name for field in stored if field.type is FieldType.DATE)
        self._to_bit = tuple(field.name for field in stored if field.type is FieldType.BOOLEAN)

    def check(self, row: Row, row_id: str) -> tuple[object, ...] | list[Problem]:
        """Stored values in the order of `dataset.columns`, or everything wrong with the row.

        Moments become UTC text, dates ISO text and truths 0 or 1, which both databases take
        as they are (and sqlite3 takes six times faster than a bool).
        A bare date in a moment is the start of that day, or its end (`end_of_day`); a
        moment without a zone is meant in the centre's; empty text is unknown.
        """
        full: Row = {**self._blank, **row}
        problems: list[Problem] = []
        for name in dict.fromkeys(self._doubtful(full)):  # a name may come twice
            value, code = self._settle(self._fields[name], full[name])
            if code:
                problems.append(Problem.of(name, code, value, row_id))
            else:
                full[name] = value
        for name in self._required:
            if full[name] is None:
                problems.append(Problem(name, "required", "", row_id))
        if problems:
            return problems
        self._dataset.derive(full, self._context)
        faults = self._dataset.check(full, self._context)
        if faults:
            return [Problem.of(fault.field, fault.code, full.get(fault.field), row_id) for fault in faults]
        return self._as_stored(full)

    def key(self, row: Row) -> tuple[object, ...] | None:
        """The natural key of a row that may be only a part of one; None while a part of the key is unknown."""
        full: Row = {**self._blank, **row}
        for name in self._doubtful(full):
            value, code = self._settle(self._fields[name], full[name])
            full[name] = None if code else value
        self._dataset.derive(full, self._context)
        key = tuple(full[name] for name in self._dataset.key)
        return None if None in key else key

    def _as_stored(self, full: dict[str, Any]) -> tuple[object, ...]:
        for name in self._to_utc:
            if (moment := full[name]) is not None:
                full[name] = utc_text(moment)
        for name in self._to_iso:
            if (day := full[name]) is not None:
                full[name] = DAY_TEXT[day]
        for name in self._to_bit:
            if (truth := full[name]) is not None:
                full[name] = 1 if truth else 0
        return self._stored(full)

    def _doubtful(self, full: Mapping[str, Any]) -> list[str]:  # noqa: PLR0912 - one loop per kind, unrolled for speed
        """Names of the fields whose value is not surely right as it stands."""
        found = []
        for name, longest in self._texts:
            text = full[name]
            if text is not None and (
                text.__class__ is not str or not text or len(text) > longest or not text.isprintable()
            ):
                found.append(name)
        for name in self._units_of:
            unit = full[name]
            if unit is not None and (unit.__class__ is not str or unit not in self._units):  # type: ignore[operator]
                found.append(name)
        for name, choices in self._choices:
            choice = full[name]
            if choice is not None and (choice.__class__ is not str or choice not in choices):
                found.append(name)
        for name in self._moments:
            moment = full[name]
            if moment is not None and (
                moment.__class__ is not datetime or moment.tzinfo is None or not 1900 < moment.year < 2200
            ):
                found.append(name)
        for name, kind, least, most in self._numbers:
            number = full[name]
            if number is not None and (number.__class__ is not kind or not least <= number <= most):
                found.append(name)
        for name in self._booleans:
            truth = full[name]
            if truth is not None and truth is not True and truth is not False:
                found.append(name)
        for name in self._others:
            if full[name] is not None:
                found.append(name)
        updated = full.get("updated_at")
        if updated.__class__ is datetime and updated.tzinfo is not None and updated > self._tomorrow:
            found.append("updated_at")
        return found

    def _settle(self, field: Field, value: object) -> tuple[object, str]:
        """The value as it is kept and "", or the value as it came and a problem code."""
        if value == "":
            return None, ""
        match field.type:
            case FieldType.TEXT | FieldType.UNIT | FieldType.CHOICE:
                return value, self._text_fault(field, value)
            case FieldType.PERIOD:
                return value, _period_fault(value)
            case FieldType.BOOLEAN:
                return value, "" if isinstance(value, bool) else "not_yes_no"
            case FieldType.INTEGER | FieldType.NUMBER:
                return _settle_number(field, value)
            case FieldType.DATE:
                day = value.astimezone(self._zone).date() if isinstance(value, datetime) else value
                return (day, _day_fault(day)) if isinstance(day, date) else (value, "not_a_date")
            case FieldType.MOMENT:
                return self._settle_moment(field, value)

    def _settle_moment(self, field: Field, value: object) -> tuple[object, str]:
        if isinstance(value, datetime):
            moment = value if value.tzinfo else value.replace(tzinfo=self._zone)
        elif isinstance(value, date):
            moment = datetime.combine(value, time.max if field.end_of_day else time.min, self._zone)
        else:
            return value, "not_a_moment"
        code = _day_fault(moment.date())
        if not code and field.name == "updated_at" and moment > self._tomorrow:
            code = "in_future"
        return moment, code

    def _text_fault(self, field: Field, value: object) -> str:
        if not isinstance(value, str):
            return "not_text"
        if len(value) > self._longest(field):
            return "too_long"
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            return "unreadable"
        if field.type is FieldType.CHOICE and value not in field.choices:
            return "not_allowed"
        if field.type is FieldType.UNIT and self._units is not None and value not in self._units:
            return "unknown_unit"
        return ""

    def _of(self, *types: FieldType) -> list[Field]:
        return [field for field in self._dataset.fields if field.type in types]

    def _longest(self, field: Field) -> int:
        return LONGEST_KEY if field.name in self._dataset.key else LONGEST_TEXT


def _bounds(field: Field) -> tuple[float, float]:
    least = -LARGEST_NUMBER if field.minimum is None else field.minimum
    return least, LARGEST_NUMBER if field.maximum is None else field.maximum


def _settle_number(field: Field, value: object) -> tuple[object, str]:
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return value, "not_a_number"
    least, most = _bounds(field)
    if value < least:
        return value, "too_small"
    if value > most:
        return value, "too_large"
    if field.type is FieldType.NUMBER:
        return float(value), ""
    return (int(value), "") if value == int(value) else (value, "not_whole")


def _day_fault(day: date) -> str:
    return "" if EARLIEST <= day < LATEST else "day_out_of_range"


def _period_fault(value: object) -> str:
    try:
        Period.parse(value)  # type: ignore[arg-type]
    except (UsageError, TypeError):
        return "not_a_period"
    return ""


def record_key(dataset: Dataset, row: Mapping[str, object]) -> str:
    """The natural key as one text, without the source; "" when a part of it is missing.

    The quarantine's name for a record; the merge builds the same text in SQL to see
    which set-aside records have come right.
    """
    parts = []
    for name in dataset.key:
        if name == "source":
            continue
        field, value = dataset.field(name), row.get(name)
        if value in (None, "") and field.required:
            return ""
        if field.type is FieldType.PERIOD and not _period_fault(value):
            value = Period.parse(str(value)).id
        parts.append("" if value is None else str(value)[:LONGEST_KEY])
    return "/".join(parts)


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a delivery must look like to be believed; from the source's `expect` settings.

    min_rows                records read, at least
    max_quarantined_share   of the records read, 0-1; never more than half
    max_drop_share          of the usual count of this weekday, 0-1; None: not judged
    snapshot                each delivery is all the source has: under half of the last one is held for a person
    confirmed               a person has looked: a small delivery is right this time
    """

    min_rows: int = 0
    max_quarantined_share: float = MOST_QUARANTINED_SHARE
    max_drop_share: float | None = None
    snapshot: bool = False
    confirmed: bool = False


def shrunk(held: int, left: int) -> BatchRejected | None:
    """failures.md R6: less than half of what there was is held for a person, who confirms with a reason."""
    return BatchRejected("error.mass_shrink", held=held, left=left) if left < held * LEAST_SHARE_LEFT else None


def refusal(
    expect: Expectations, read: int, quarantined: int, usual: float | None, last: int | None = None
) -> BatchRejected | None:
    """Why a delivery is not believed, or None.

    usual   records read on this weekday; None: unknown
    last    records of the last delivery that was believed; None: unknown
    """
    if read < expect.min_rows and not expect.confirmed:
        return BatchRejected("error.too_few_rows", read=read, minimum=expect.min_rows)
    limit = min(expect.max_quarantined_share, MOST_QUARANTINED_SHARE)
    if quarantined > read * limit:
        percent = f"{limit * 100:.0f}"
        return BatchRejected("error.too_many_quarantined", quarantined=quarantined, read=read, limit=percent)
    if expect.confirmed:
        return None
    if expect.snapshot and last is not None and (error := shrunk(last, read)):
        return error
    if expect.max_drop_share is not None and usual and read < usual * (1 - expect.max_drop_share):
        return BatchRejected("error.unusual_drop", read=read, usual=f"{usual:.0f}")
    return None
