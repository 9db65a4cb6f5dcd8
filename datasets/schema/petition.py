"""Petitions (phản ánh, kiến nghị) of citizens.

No text of a petition and no name is kept: a category, a hamlet and the dates are enough
to count. Terms: domain.md 2.2, 5.2. A petition ends answered, refused or withdrawn.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from datasets.schema.dataset import Context, DailyCount, Dataset, Fault, Field, FieldType, Row, local_day
from datasets.schema.lifecycle import follow, lifecycle_counts, lifecycle_fields, lifecycle_indexes

CHANNELS = ("app", "portal", "phone", "direct", "zalo", "other")
STATUSES = ("received", "processing", "answered", "refused", "withdrawn")
END_CLASS = {"answered": "done", "refused": "refused", "withdrawn": "withdrawn"}
END_CLASSES = ("done", "refused", "withdrawn")

FIELDS = (
    Field("unit", FieldType.UNIT, required=True),
    Field("petition_code", required=True),
    Field("channel", FieldType.CHOICE, choices=CHANNELS),
    Field("category", one_spelling=True),
    Field("hamlet", one_spelling=True),
    Field("received_at", FieldType.MOMENT, required=True),
    Field("due_at", FieldType.MOMENT, end_of_day=True),
    Field("answered_at", FieldType.MOMENT),
    Field("status", FieldType.CHOICE, required=True, choices=STATUSES),
    Field("satisfied", FieldType.BOOLEAN),
    Field("repeated", FieldType.BOOLEAN),
    Field("updated_at", FieldType.MOMENT),
)


def derive(row: Row, context: Context) -> None:
    """Fill the lifecycle of a row whose fields are valid, in place."""
    end_class = END_CLASS.get(str(row["status"]))
    end_at = row["answered_at"]
    if end_at is None and end_class in ("refused", "withdrawn"):
        end_at = row["updated_at"] or row["received_at"]
    received_on = local_day(row["received_at"], context.time_zone)
    assert received_on is not None
    follow(
        row,
        context,
        received_on=received_on,
        end_class=end_class,
        end_at=end_at if end_class else None,  # type: ignore[arg-type]
        ended=end_class is not None,
    )


def check(row: Row, context: Context) -> list[Fault]:
    """Answered without a date or before it came, in the future."""
    faults = []
    received_at, received_on, end_at, end_on = row["received_at"], row["received_on"], row["end_at"], row["end_on"]
    tomorrow = context.now + timedelta(days=1)
    if row["end_class"] == "done" and end_at is None:
        faults.append(Fault("answered_at", "end_missing"))
    if isinstance(end_on, date) and isinstance(received_on, date) and end_on < received_on:
        faults.append(Fault("answered_at", "end_before_received"))
    if isinstance(received_at, datetime) and received_at > tomorrow:
        faults.append(Fault("received_at", "in_future"))
    if isinstance(end_at, datetime) and end_at > tomorrow:
        faults.append(Fault("answered_at", "in_future"))
    return faults


PETITION = Dataset(
    name="petition",
    fields=FIELDS,
    key=("unit", "source", "petition_code"),
    derived=lifecycle_fields(END_CLASSES),
    derive=derive,
    check=check,
    tracked=("status", "due_at", "answered_at"),
    identity=("received_on",),
    daily_counts=(
        *lifecycle_counts(END_CLASSES),
        DailyCount("received_repeated", "received_on", {"repeated": True}),
        DailyCount("done_dissatisfied", "end_on", {"end_class": "done", "satisfied": False}),
    ),
    rollup_by=("category", "channel"),
    indexes=lifecycle_indexes(),
)
