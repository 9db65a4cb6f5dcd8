"""What a dataset is: one canonical table with declared fields.

A dataset file declares its fields, its natural key, what is derived once at
ingestion, which changes are logged, and what is counted per day. Validation, the
tables, the merge, the rollups and the indicators all read this declaration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from datasets.working_days import WorkingCalendar

Row = dict[str, object]
"""One canonical row by field name; absent and None both mean unknown."""


class FieldType(StrEnum):
    """How a field is read and stored."""

    TEXT = "text"
    UNIT = "unit"  # the code of an org unit, text
    PERIOD = "period"  # a period id, text
    DATE = "date"
    MOMENT = "moment"  # a datetime with a zone; stored in UTC
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"  # text, one of `choices`


@dataclass(frozen=True, slots=True)
class Field:
    """One canonical column.

    name         as in design.md 6.4; `_at` is a moment, `_on` a date
    choices      the only values of a CHOICE
    minimum, maximum   inclusive bounds of a number
    end_of_day   a bare date in this MOMENT means the end of that day (due dates),
                 otherwise its start
    one_spelling   a free TEXT that counts are divided by: texts that differ in capitals only are one,
                 shown as whoever came first wrote it (store/spelling.py)
    """

    name: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    end_of_day: bool = False
    one_spelling: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What validation knows beside the row itself; `today` is the day of `now` in the centre's zone."""

    now: datetime
    time_zone: ZoneInfo
    calendar: WorkingCalendar
    today: date = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "today", self.now.astimezone(self.time_zone).date())


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row cannot stand: a field and a message code `problem.<code>`."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class DailyCount:
    """A count kept per unit and day by the write, so that panels need no raw rows.

    name   column of the rollup
    day    DATE column whose day the row is counted on
    where  column -> value, list of values, or None; all must hold
    """

    name: str
    day: str
    where: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartCount:
    """Of a daily count the part of one member of a dimension: a column of a rollup that is not divided by it.

    name   column of that rollup
    of     name of the daily count
    """

    name: str
    of: str
    dimension: str
    member: str


class Rollup(NamedTuple):
    """A table of daily counts: the columns it is divided by beside unit and day, and its counts of parts."""

    name: str
    by: tuple[str, ...]
    parts: tuple[PartCount, ...] = ()


@dataclass(frozen=True, slots=True)
class Dataset:
    """One canonical table.

    key            natural key, beginning with `unit`; `source` is filled by the pull
    derived        columns computed by `derive` at ingestion, from a row whose fields are valid;
                   the row has every column, None where unknown
    check          faults that need more than one field, on a row that has its derived columns
    tracked        columns whose changes go to the change log
    identity       columns that never change under one key; a change is quarantined
    rollup_by      columns beside unit and day that the daily counts are grouped by
    total_by       those of them by which they are kept in a second, smaller table: what most figures need
    whole_parts    the counts of parts of a third, a row for each unit and day; none: there is no such table
    same           (column, members), (column, member): who has one of the first has the second, and nobody else
    series         columns that name a series of which a row stands until a newer one begins (store/succession.py);
                   the dataset has `period_start` and `period_end`
    indexes        extra indexes as (name, columns)
    """

    name: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    derived: tuple[Field, ...] = ()
    derive: Callable[[Row, Context], None] = lambda row, context: None
    check: Callable[[Row, Context], list[Fault]] = lambda row, context: []
    tracked: tuple[str, ...] = ()
    identity: tuple[str, ...] = ()
    daily_counts: tuple[DailyCount, ...] = ()
    rollup_by: tuple[str, ...] = ()
    total_by: tuple[str, ...] = ()
    whole_parts: tuple[PartCount, ...] = ()
    same: tuple[tuple[tuple[str, frozenset[str]], tuple[str, str]], ...] = ()
    series: tuple[str, ...] = ()
    indexes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Stored columns in their order: source, the fields, the derived ones."""
        return ("source", *(f.name for f in self.fields), *(f.name for f in self.derived))

    @property
    def rollups(self) -> tuple[Rollup, ...]:
        """The tables of daily counts, smallest first: the last is counted from the rows, each other from the next."""
        if not self.daily_counts:
            return ()
        whole = (Rollup(f"{self.name}_whole", (), self.whole_parts),) if self.whole_parts else ()
        return (*whole, Rollup(f"{self.name}_total", self.total_by), Rollup(f"{self.name}_daily", self.rollup_by))

    def field(self, name: str) -> Field:
        """The declared field. Raises KeyError for a name the dataset does not have."""
        for candidate in (*self.fields, *self.derived):
            if candidate.name == name:
                return candidate
        raise KeyError(name)


def local_day(moment: object, time_zone: ZoneInfo) -> date | None:
    """The calendar day of a moment in the centre's zone; None stays None."""
    if not isinstance(moment, datetime):
        return None
    return (moment if moment.tzinfo is time_zone else moment.astimezone(time_zone)).date()
