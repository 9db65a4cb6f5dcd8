"""What dossiers, documents and petitions share: they come in, are due, and end.

The derived columns below are all that counting needs (indicators/lifecycle_counts.py), so
everything with this life is counted by the same code.

    received_on    the day it came in
    due_on         the day it is due, None when nobody set one
    end_class      which kind of end its status is, None while it runs; whether that kind
                   counts as an end is the rule set's business
    end_at, end_on the moment and the day of that end
    timeliness     day of the end against the due day: early, on_time, late; on_time without a due day
    overdue_from   it is overdue from the day after (the due day, or the day received where
                   the due day was set before it)
    settled_on     the later of end_on and overdue_from: from then on it is never overdue
    maybe_open     False only where every rule set agrees that it has ended
    working_days   from the day received to the day ended
"""

from __future__ import annotations

from datetime import date, datetime

from datasets.schema.dataset import Context, DailyCount, Field, FieldType, Row, local_day

TIMELINESS = ("early", "on_time", "late")
LIFE_CLASS = "life_class"
"""In an index: no column, but what datasets/store/lived.py makes of two."""


def lifecycle_fields(end_classes: tuple[str, ...]) -> tuple[Field, ...]:
    """The derived columns of a dataset that has this life."""
    return (
        Field("received_on", FieldType.DATE, required=True),
        Field("due_on", FieldType.DATE),
        Field("end_class", FieldType.CHOICE, choices=end_classes),
        Field("end_at", FieldType.MOMENT),
        Field("end_on", FieldType.DATE),
        Field("timeliness", FieldType.CHOICE, choices=TIMELINESS),
        Field("overdue_from", FieldType.DATE),
        Field("settled_on", FieldType.DATE),
        Field("maybe_open", FieldType.BOOLEAN, required=True),
        Field("working_days", FieldType.INTEGER),
    )


def follow(
    row: Row, context: Context, *, received_on: date, end_class: str | None, end_at: datetime | None, ended: bool
) -> None:
    """Fill the lifecycle columns in place, from `due_at` and what the dataset knows of its ends.

    ended   True where every rule set takes `end_class` as an end
    """
    zone = context.time_zone
    due_on = local_day(row["due_at"], zone)
    overdue_from = None if due_on is None else due_on if due_on > received_on else received_on
    row["received_on"], row["due_on"], row["overdue_from"] = received_on, due_on, overdue_from
    row["end_class"], row["maybe_open"] = end_class, not ended
    row["end_at"], row["end_on"] = end_at, (end_on := local_day(end_at, zone))
    if end_on is None:
        row["timeliness"] = row["settled_on"] = row["working_days"] = None
        return
    row["timeliness"] = timeliness(end_on, due_on)
    row["settled_on"] = overdue_from and max(end_on, overdue_from)
    row["working_days"] = context.calendar.difference(received_on, end_on)


def timeliness(end_on: date, due_on: date | None) -> str:
    """early, on_time or late by calendar day (design.md 4); without a due date on_time."""
    if due_on is None or end_on == due_on:
        return "on_time"
    return "early" if end_on < due_on else "late"


def lifecycle_counts(end_classes: tuple[str, ...]) -> tuple[DailyCount, ...]:
    """The daily counts from which received, resolved, pending and overdue are added up."""
    return (
        DailyCount("received", "received_on"),
        DailyCount("due", "overdue_from"),
        *(
            DailyCount(f"{end_class}_{when}", "end_on", {"end_class": end_class, "timeliness": when})
            for end_class in end_classes
            for when in TIMELINESS
        ),
        *(DailyCount(f"{end_class}_settled", "settled_on", {"end_class": end_class}) for end_class in end_classes),
    )


def lifecycle_indexes(*looked_at: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The indexes by which pages find rows. `looked_at` of what has ended in a period is told by the index alone,
    beside its dates: there are so many that the rows themselves would take ten times as long."""
    return (
        ("received", ("unit", "received_on")),
        ("end", ("unit", "end_on", "end_class", *looked_at, "due_on", "received_on", "working_days")),
        ("overdue", ("unit", "overdue_from")),
        ("settled", ("unit", "settled_on")),
        # Not a partial index: without statistics SQLite takes any other index of `unit` before it.
        ("pending", ("unit", "maybe_open", LIFE_CLASS, "end_on")),
    )
