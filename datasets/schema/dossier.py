"""Dossiers (hồ sơ thủ tục hành chính) of the one-stop system.

Fields after the DVCQG sync format (domain.md 1.1-1.3), statuses are its codes 1-10.

Its life is that of lifecycle.py. The kinds of end (which of them count as an end is the
rule set's business, datasets/indicators/rules.py):

    done         finished or returned: finished_at, else returned_at
    refused, withdrawn, stopped, supplement
                 finished_at, else returned_at, else the moment of the status (updated_at)

`late_766` is the stricter comparison of QĐ 766 (2.1): the moment of the end less the
paused seconds, against the due moment; waiting for more than one supplement is late
whatever the due moment.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from datasets.schema.dataset import Context, DailyCount, Dataset, Fault, Field, FieldType, PartCount, Row, local_day
from datasets.schema.lifecycle import follow, lifecycle_counts, lifecycle_fields, lifecycle_indexes

STATUSES = (
    "registered",
    "accepted",
    "refused",
    "processing",
    "awaiting_supplement",
    "awaiting_payment",
    "withdrawn",
    "stopped",
    "finished",
    "returned",
)
CHANNELS = ("direct", "online", "postal")
SERVICE_LEVELS = ("full", "partial", "other")
END_CLASS = {
    "finished": "done",
    "returned": "done",
    "refused": "refused",
    "withdrawn": "withdrawn",
    "stopped": "stopped",
    "awaiting_supplement": "supplement",
}
END_CLASSES = ("done", "refused", "withdrawn", "stopped", "supplement")
SURELY_ENDED = ("done", "refused", "withdrawn")
"""End classes that every rule set takes as an end; all other rows may be pending."""

_TEXT, _MOMENT, _BOOL = FieldType.TEXT, FieldType.MOMENT, FieldType.BOOLEAN

FIELDS = (
    Field("unit", FieldType.UNIT, required=True),
    Field("dossier_code", required=True),
    Field("procedure_code"),
    Field("procedure_name"),
    Field("procedure_field", one_spelling=True),
    Field("service_level", FieldType.CHOICE, choices=SERVICE_LEVELS),
    Field("channel", FieldType.CHOICE, required=True, choices=CHANNELS),
    Field("received_at", _MOMENT, required=True),
    Field("due_at", _MOMENT, end_of_day=True),
    Field("finished_at", _MOMENT),
    Field("returned_at", _MOMENT),
    Field("status", FieldType.CHOICE, required=True, choices=STATUSES),
    Field("hamlet", one_spelling=True),
    Field("receiving_unit", one_spelling=True),
    Field("supporting_unit", one_spelling=True),
    Field("handler", one_spelling=True),
    Field("supplement_requests", FieldType.INTEGER, minimum=0),
    Field("paused_seconds", FieldType.INTEGER, minimum=0),
    Field("fee_amount", FieldType.NUMBER, minimum=0),
    Field("paid_online", _BOOL),
    Field("parts_digital", _BOOL),
    Field("result_digital", _BOOL),
    Field("data_reused", _BOOL),
    Field("citizen_data_used", _BOOL),
    Field("satisfaction", FieldType.INTEGER, minimum=1, maximum=5),
    Field("apology_sent", _BOOL),
    Field("updated_at", _MOMENT),
)
DERIVED = (*lifecycle_fields(END_CLASSES), Field("late_766", _BOOL))


def end_moment(row: Row) -> datetime | None:
    """The moment the dossier's present status ended it, or None while it runs."""
    end_class = END_CLASS.get(row["status"])  # type: ignore[call-overload]
    if end_class is None:
        return None
    moment = row["finished_at"] or row["returned_at"]
    if moment is None and end_class != "done":
        moment = row["updated_at"] or row["received_at"]
    return moment  # type: ignore[return-value]


def derive(row: Row, context: Context) -> None:
    """Fill the derived columns of a row whose fields are valid, in place."""
    received_on = local_day(row["received_at"], context.time_zone)
    assert received_on is not None
    end_class = END_CLASS.get(row["status"])  # type: ignore[call-overload]
    end_at = end_moment(row)
    ended = end_class in SURELY_ENDED
    follow(row, context, received_on=received_on, end_class=end_class, end_at=end_at, ended=ended)
    row["late_766"] = None if end_at is None else _late_766(row, end_at)


def _late_766(row: Row, end_at: datetime) -> bool:
    if row["end_class"] == "supplement" and int(row["supplement_requests"] or 0) > 1:  # type: ignore[call-overload]
        return True
    due_at, paused = row["due_at"], row["paused_seconds"]
    if due_at is None:
        return False
    return (end_at - timedelta(seconds=paused) if paused else end_at) > due_at  # type: ignore


def check(row: Row, context: Context) -> list[Fault]:
    """Impossible histories: ended without a date, ended before it was received, in the future."""
    faults = []
    received_at, received_on, end_at, end_on = row["received_at"], row["received_on"], row["end_at"], row["end_on"]
    tomorrow = context.now + timedelta(days=1)
    if end_at is None and row["end_class"] == "done":
        faults.append(Fault("finished_at", "end_missing"))
    if end_on is not None and end_on < received_on:  # type: ignore[operator]
        faults.append(Fault("finished_at", "end_before_received"))
    if received_at > tomorrow:  # type: ignore[operator]
        faults.append(Fault("received_at", "in_future"))
    if end_at is not None and end_at > tomorrow:  # type: ignore[operator]
        faults.append(Fault("finished_at", "in_future"))
    return faults


DAILY_COUNTS = (
    *lifecycle_counts(END_CLASSES),
    DailyCount("received_full_service", "received_on", {"service_level": "full"}),
    DailyCount("received_parts_digital", "received_on", {"parts_digital": True}),
    DailyCount("received_data_reused", "received_on", {"data_reused": True}),
    DailyCount("received_citizen_data", "received_on", {"citizen_data_used": True}),
    DailyCount("received_elsewhere", "received_on", {"receiving_unit": {"other_than": "unit"}}),
    DailyCount("received_supplemented", "received_on", {"supplement_requests": {"min": 1}}),
    DailyCount("received_with_fee", "received_on", {"fee_amount": {"above": 0}}),
    DailyCount("received_paid_online", "received_on", {"fee_amount": {"above": 0}, "paid_online": True}),
    *(
        DailyCount(f"{end_class}_late_766", "end_on", {"end_class": end_class, "late_766": True})
        for end_class in END_CLASSES
    ),
    DailyCount("done_result_digital", "end_on", {"end_class": "done", "result_digital": True}),
    DailyCount("done_digitised", "end_on", {"end_class": "done", "parts_digital": True, "result_digital": True}),
)

DOSSIER = Dataset(
    name="dossier",
    fields=FIELDS,
    key=("unit", "source", "dossier_code"),
    derived=DERIVED,
    derive=derive,
    check=check,
    tracked=("status", "due_at", "finished_at", "returned_at"),
    identity=("procedure_code", "received_on"),
    daily_counts=DAILY_COUNTS,
    rollup_by=("procedure_field", "channel"),
    total_by=("channel",),
    whole_parts=(
        *(PartCount(f"received_{channel}", "received", "channel", channel) for channel in CHANNELS),
        PartCount("received_full_service_online", "received_full_service", "channel", "online"),
    ),
    same=((("status", frozenset(("finished", "returned"))), ("end_class", "done")),),
    indexes=lifecycle_indexes("satisfaction", "apology_sent"),
)
