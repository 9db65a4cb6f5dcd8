"""Is a row right, and is a delivery believable?

A row is checked field by field, then as a whole (the dataset's `check`), then its
derived columns are filled and it becomes a tuple of stored values. What is wrong with
it becomes problems, never an exception. A delivery is judged against its expectations
before anything is written (`refusal`).

This is the hot path of every backfill, so rows come by pages and are looked at column by
column: "is this surely right?". Only a row with a doubtful value goes the slow way
(`_settle`), which mends the value or names the problem.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any

from datasets.errors import BatchRejected, UsageError
from datasets.periods import Period
from datasets.schema.dataset import Context, Dataset, Field, FieldType, Row
from datasets.stamps import DAY_TEXT, utc_texts

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


Columns = dict[str, list[Any]]
"""Rows by field: the values of one field, one place a row."""
Doubts = Callable[[list[Any]], Iterable[int]]


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
        self._required = tuple(field.name for field in dataset.fields if field.required)
        self._fields = {field.name: field for field in dataset.fields}
        self._sure = tuple((field.name, self._doubts(field)) for field in dataset.fields)
        kinds = {field.name: field.type for field in (*dataset.fields, *dataset.derived)}
        self._kinds = tuple(kinds.get(name) for name in dataset.columns)
        self._stored_of: Callable[[Row], tuple[object, ...]] = itemgetter(*dataset.columns)

    def check(self, row: Row, row_id: str) -> tuple[object, ...] | list[Problem]:
        """`check_columns` of one row."""
        return self.check_all((row,), (row_id,))[0]

    def check_all(self, rows: Sequence[Row], row_ids: Sequence[str]) -> list[tuple[object, ...] | list[Problem]]:
        """`check_columns` of rows, which are left as they are."""
        return self.check_columns(self._columns(rows), row_ids, {})

    def check_columns(
        self, columns: Columns, row_ids: Sequence[str], known: Mapping[int, list[Problem]]
    ) -> list[tuple[object, ...] | list[Problem]]:
        """For each row its stored values in the order of `dataset.columns`, or everything wrong with it.

        columns   the rows' values by field, one place a row; values are mended in place
        known     by place what is wrong with a row already; it is not looked at

        Moments become UTC text, dates ISO text and truths 0 or 1, which both databases take
        as they are (and sqlite3 takes six times faster than a bool).
        A bare date in a moment is the start of that day, or its end (`end_of_day`); a
        moment without a zone is meant in the centre's; empty text is unknown.
        """
        full = self._full(columns, len(row_ids))
        wrong = dict(known)
        for place, doubted in self._doubtful(full).items():
            if place not in wrong and (problems := self._mend(full, place, doubted, row_ids[place])):
                wrong[place] = problems
        derive, check, context, stored_of = self._dataset.derive, self._dataset.check, self._context, self._stored_of
        names, stored = tuple(full), []
        for place, values in enumerate(zip(*full.values(), strict=True)):
            if place in wrong:
                continue
            row = self._blank.copy()
            row.update(zip(names, values, strict=True))
            derive(row, context)
            if faults := check(row, context):
                wrong[place] = [Problem.of(f.field, f.code, row.get(f.field), row_ids[place]) for f in faults]
            else:
                stored.append(stored_of(row))
        found = zip(*map(_as_stored, self._kinds, zip(*stored, strict=True)), strict=True)
        if not wrong:
            return list(found)
        return [wrong[place] if place in wrong else next(found) for place in range(len(row_ids))]

    def keys(self, rows: Sequence[Row]) -> list[tuple[object, ...] | None]:
        """For each row, which may be only a part of one, its natural key; None while a part of that is unknown."""
        doubtful = self._doubtful(self._full(self._columns(rows), len(rows)))
        found: list[tuple[object, ...] | None] = []
        for place, part in enumerate(rows):
            row = {**self._blank, **part}
            for name in doubtful.get(place, ()):
                value, code = self._settle(self._fields[name], row[name])
                row[name] = None if code else value
            self._dataset.derive(row, self._context)
            key = tuple(row[name] for name in self._dataset.key)
            found.append(None if None in key else key)
        return found

    def _columns(self, rows: Sequence[Row]) -> Columns:
        return {name: [row.get(name) for row in rows] for name in self._fields}

    def _full(self, columns: Columns, count: int) -> Columns:
        """Every declared column; those that nobody gave are one list of Nones."""
        unknown: list[Any] = [None] * count
        return {name: columns.get(name, unknown) for name in self._fields}

    def _mend(self, full: Columns, place: int, names: Iterable[str], row_id: str) -> list[Problem]:
        """Put right, in place, the values that are only written otherwise; the problems of the rest."""
        problems: list[Problem] = []
        for name in dict.fromkeys(names):  # a name may come twice
            value = full[name][place]
            value, code = (None, "") if value is None else self._settle(self._fields[name], value)
            if code:
                problems.append(Problem.of(name, code, value, row_id))
            elif value is not full[name][place]:
                full[name][place] = value
        missing = (name for name in self._required if full[name][place] is None)
        return problems + [Problem(name, "required", "", row_id) for name in missing]

    def _doubtful(self, full: Columns) -> dict[int, list[str]]:
        """By place the names of the fields whose value is not surely right as it stands, or is required and unknown."""
        found: dict[int, list[str]] = {}
        for name, sure in self._sure:
            for place in sure(full[name]):
                found.setdefault(place, []).append(name)
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

    def _doubts(self, field: Field) -> Doubts:
        """A function that names the places of a column whose values are not surely right."""
        required = field.required
        match field.type:
            case FieldType.TEXT | FieldType.UNIT | FieldType.CHOICE:
                return _text_doubts(self._sure_text(field), required=required)
            case FieldType.BOOLEAN:
                return lambda column: _where(column, lambda value: value is True or value is False, required=required)
            case FieldType.MOMENT:
                latest = self._tomorrow if field.name == "updated_at" else None
                return lambda column: _moment_doubts(column, latest, required=required)
            case FieldType.NUMBER | FieldType.INTEGER:
                kind = float if field.type is FieldType.NUMBER else int
                least, most = _bounds(field)
                return lambda column: _where(
                    column, lambda value: value.__class__ is kind and least <= value <= most, required=required
                )
            case FieldType.DATE:
                return lambda column: _where(column, lambda value: False, required=required)
            case FieldType.PERIOD:
                return _text_doubts(lambda value: not _period_fault(value), required=required)

    def _sure_text(self, field: Field) -> Callable[[object], bool]:
        longest, units, choices = self._longest(field), self._units, field.choices
        if field.type is FieldType.CHOICE:
            return lambda value: value.__class__ is str and value in choices
        if field.type is FieldType.UNIT and units is not None:
            return lambda value: value.__class__ is str and value in units
        return lambda value: isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()

    def _longest(self, field: Field) -> int:
        return LONGEST_KEY if field.name in self._dataset.key else LONGEST_TEXT


def _as_stored(kind: FieldType | None, column: Sequence[Any]) -> Sequence[object]:
    if kind is FieldType.MOMENT:
        return utc_texts(column)
    if kind is FieldType.DATE:
        return [value if value is None else DAY_TEXT[value] for value in column]
    if kind is FieldType.BOOLEAN:
        return [value if value is None else 1 if value else 0 for value in column]
    return column


def _text_doubts(sure: Callable[[object], bool], *, required: bool) -> Doubts:
    """Texts recur, so each is looked at once; only a page with a strange one is gone through."""

    def doubts(column: list[Any]) -> Iterable[int]:
        try:
            strange = {value for value in set(column) if (required if value is None else not sure(value))}
        except TypeError:  # a list or an object where a text should be
            return _where(column, sure, required=required)
        return [place for place, value in enumerate(column) if value in strange] if strange else ()

    return doubts


def _where(column: list[Any], sure: Callable[[Any], bool], *, required: bool) -> Iterable[int]:
    if column.count(None) == len(column) and not required:
        return ()
    return [place for place, value in enumerate(column) if (required if value is None else not sure(value))]


def _moment_doubts(column: list[Any], latest: datetime | None, *, required: bool) -> Iterable[int]:
    found = [
        place
        for place, value in enumerate(column)
        if (
            required
            if value is None
            else value.__class__ is not datetime or value.tzinfo is None or not 1900 < value.year < 2200
        )
    ]
    if latest is None:
        return found
    unsure = set(found)
    known = (place for place, value in enumerate(column) if value is not None and place not in unsure)
    return [*found, *(place for place in known if column[place] > latest)]


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
