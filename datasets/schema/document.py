"""Documents (văn bản đến, văn bản đi) of the document system.

Fields after the registers of NĐ 30/2020 and the edXML header (domain.md 3.1-3.3);
statuses are the interlink codes 01-06 and 13 (3.2). Secret documents never get here.

An incoming document comes in when it arrived, an outgoing one when it was issued. It
ends done, refused or recalled. Hạn xử lý is a local term and may be absent. Only incoming
documents are ever pending: whoever counts those asks for `direction: in`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from datasets.schema.dataset import Context, DailyCount, Dataset, Fault, Field, FieldType, Row, local_day
from datasets.schema.lifecycle import follow, lifecycle_counts, lifecycle_fields, lifecycle_indexes

DIRECTIONS = ("in", "out")
URGENCIES = ("normal", "urgent", "very_urgent", "express")
STATUSES = ("arrived", "refused", "accepted", "assigned", "processing", "done", "recalled")
END_CLASSES = ("done", "refused", "recalled")

FIELDS = (
    Field("unit", FieldType.UNIT, required=True),
    Field("direction", FieldType.CHOICE, required=True, choices=DIRECTIONS),
    Field("register_year", FieldType.INTEGER, minimum=1945, maximum=2200),
    Field("register_number"),
    Field("interlink_id"),
    Field("number_notation"),
    Field("document_type", one_spelling=True),
    Field("issuer", one_spelling=True),
    Field("urgency", FieldType.CHOICE, choices=URGENCIES),
    Field("issued_on", FieldType.DATE),
    Field("arrived_at", FieldType.MOMENT),
    Field("due_at", FieldType.MOMENT, end_of_day=True),
    Field("done_at", FieldType.MOMENT),
    Field("status", FieldType.CHOICE, required=True, choices=STATUSES),
    Field("handler", one_spelling=True),
    Field("department", one_spelling=True),
    Field("signed_organisation", FieldType.BOOLEAN),
    Field("signed_person", FieldType.BOOLEAN),
    Field("via_interlink", FieldType.BOOLEAN),
    Field("updated_at", FieldType.MOMENT),
)


def derive(row: Row, context: Context) -> None:
    """Fill the key and the lifecycle of a row whose fields are valid, in place."""
    number, interlink = row["register_number"], row["interlink_id"]
    received_on = _begun(row, context)
    if number is not None and row["register_year"] is None and received_on is not None:
        row["register_year"] = received_on.year  # số đến runs over the calendar year (NĐ 30/2020, Điều 22)
    row["document_key"] = f"{row['register_year']}/{number}" if number is not None else interlink
    end_class = str(row["status"]) if row["status"] in END_CLASSES else None
    end_at = (row["done_at"] or row["updated_at"]) if end_class else None
    follow(
        row,
        context,
        received_on=received_on or context.now.astimezone(context.time_zone).date(),
        end_class=end_class,
        end_at=end_at,  # type: ignore[arg-type]
        ended=end_class is not None or row["direction"] == "out",  # it was issued: nothing is awaited of it
    )


def _begun(row: Row, context: Context) -> date | None:
    arrived, issued = local_day(row["arrived_at"], context.time_zone), row["issued_on"]
    first, second = (arrived, issued) if row["direction"] == "in" else (issued, arrived)
    return first or second  # type: ignore[return-value]


def check(row: Row, context: Context) -> list[Fault]:
    """No key, no day, ended without a date or before it came, in the future."""
    faults = []
    begun, end_at, end_on = _begun(row, context), row["end_at"], row["end_on"]
    tomorrow = context.now + timedelta(days=1)
    if row["document_key"] is None:
        faults.append(Fault("register_number", "key_missing"))
    if begun is None:
        faults.append(Fault("arrived_at", "required"))
    elif begun > tomorrow.astimezone(context.time_zone).date():
        faults.append(Fault("arrived_at", "in_future"))
    elif isinstance(end_on, date) and end_on < begun:
        faults.append(Fault("done_at", "end_before_received"))
    if row["end_class"] is not None and end_at is None:
        faults.append(Fault("done_at", "end_missing"))
    if isinstance(end_at, datetime) and end_at > tomorrow:
        faults.append(Fault("done_at", "in_future"))
    return faults


DOCUMENT = Dataset(
    name="document",
    fields=FIELDS,
    key=("unit", "source", "direction", "document_key"),
    derived=(Field("document_key", required=True), *lifecycle_fields(END_CLASSES)),
    derive=derive,
    check=check,
    tracked=("status", "due_at", "done_at"),
    daily_counts=(
        *lifecycle_counts(END_CLASSES),
        DailyCount(
            "done_on_time_with_due",
            "end_on",
            {"end_class": "done", "timeliness": "on_time", "due_on": {"known": True}},
        ),
        DailyCount("received_signed_organisation", "received_on", {"signed_organisation": True}),
        DailyCount("received_signed_person", "received_on", {"signed_person": True}),
        DailyCount("received_signed", "received_on", {"signed_organisation": True, "signed_person": True}),
        DailyCount("received_via_interlink", "received_on", {"via_interlink": True}),
    ),
    rollup_by=("direction", "urgency"),
    total_by=("direction",),
    indexes=lifecycle_indexes("direction", "status"),
)
