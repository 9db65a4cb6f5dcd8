"""Dossiers (hồ sơ thủ tục hành chính) of the one-stop system.

Fields after the DVCQG sync format (domain.md 1.1-1.3), statuses are its codes 1-10.

How a dossier ends. `end_class` says which kind of end its status is, `end_on` the
local day of it; which kinds count as an end is the rule set's business
(datasets/indicators/rules.py):

    done         finished or returned: finished_at, else returned_at
    refused, withdrawn, stopped, supplement
                 finished_at, else returned_at, else the moment of the status (updated_at)

`timeliness` compares the day of the end with the due day: early, on_time or late;
without a due date on_time. `late_766` is the stricter comparison of QĐ 766 (2.1):
the moment of the end less the paused seconds, against the due moment; waiting for
more than one supplement is late whatever the due moment.

A pending dossier is overdue from the day after `overdue_from` (the due day, or the
day received where the source set a due day before it).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from datasets.schema.dataset import Context, DailyCount, Dataset, Fault, Field, FieldType, Row, local_day

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
TIMELINESS = ("early", "on_time", "late")
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
    Field("procedure_field"),
    Field("service_level", FieldType.CHOICE, choices=SERVICE_LEVELS),
    Field("channel", FieldType.CHOICE, required=True, choices=CHANNELS),
    Field("received_at", _MOMENT, required=True),
    Field("due_at", _MOMENT, end_of_day=True),
    Field("finished_at", _MOMENT),
    Field("returned_at", _MOMENT),
    Field("status", FieldType.CHOICE, required=True, choices=STATUSES),
    Field("hamlet"),
    Field("receiving_unit"),
    Field("supporting_unit"),
    Field("handler"),
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
DERIVED = (
    Field("received_on", FieldType.DATE, required=True),
    Field("due_on", FieldType.DATE),
    Field("end_class", FieldType.CHOICE, choices=END_CLASSES),
    Field("end_at", _MOMENT),
    Field("end_on", FieldType.DATE),
    Field("timeliness", FieldType.CHOICE, choices=TIMELINESS),
    Field("late_766", _BOOL),
    Field("overdue_from", FieldType.DATE),
    Field("settled_on", FieldType.DATE),  # the later of end_on and overdue_from, when both are known
    Field("maybe_open", _BOOL, required=True),  # some rule set may still hold it pending
    Field("working_days", FieldType.INTEGER),  # from the day received to the day ended
)


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
    zone = context.time_zone
    received_on = local_day(row["received_at"], zone)
    assert received_on is not None
    due_at = row["due_at"]
    due_on = local_day(due_at, zone)
    end_class = END_CLASS.get(row["status"])  # type: ignore[call-overload]
    row["received_on"] = received_on
    row["due_on"] = due_on
    row["end_class"] = end_class
    row["maybe_open"] = end_class not in SURELY_ENDED
    row["overdue_from"] = None if due_on is None else due_on if due_on > received_on else received_on
    row["end_at"] = end_at = end_moment(row)
    if end_at is None:
        row["end_on"] = row["timeliness"] = row["late_766"] = row["settled_on"] = row["working_days"] = None
        return
    row["end_on"] = end_on = end_at.astimezone(zone).date()
    row["timeliness"] = timeliness(end_on, due_on)
    row["working_days"] = context.calendar.difference(received_on, end_on)
    late = end_class == "supplement" and int(row["supplement_requests"] or 0) > 1  # type: ignore[call-overload]
    if due_on is None:
        row["settled_on"] = None
    else:
        assert isinstance(due_at, datetime)
        row["settled_on"] = max(end_on, due_on, received_on)
        paused = row["paused_seconds"]
        late = late or (end_at - timedelta(seconds=paused) if paused else end_at) > due_at  # type: ignore[arg-type]
    row["late_766"] = late


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


def timeliness(end_on: date, due_on: date | None) -> str:
    """early, on_time or late by calendar day (design.md 4); without a due date on_time."""
    if due_on is None or end_on == due_on:
        return "on_time"
    return "early" if end_on < due_on else "late"


DAILY_COUNTS = (
    DailyCount("received", "received_on"),
    DailyCount("received_full_service", "received_on", {"service_level": "full"}),
    DailyCount("received_parts_digital", "received_on", {"parts_digital": True}),
    DailyCount("received_data_reused", "received_on", {"data_reused": True}),
    DailyCount("received_with_fee", "received_on", {"fee_amount": {"above": 0}}),
    DailyCount("received_paid_online", "received_on", {"fee_amount": {"above": 0}, "paid_online": True}),
    DailyCount("due", "overdue_from"),
    *(
        DailyCount(f"{end_class}_{when}", "end_on", {"end_class": end_class, "timeliness": when})
        for end_class in END_CLASSES
        for when in TIMELINESS
    ),
    *(
        DailyCount(f"{end_class}_late_766", "end_on", {"end_class": end_class, "late_766": True})
        for end_class in END_CLASSES
    ),
    *(DailyCount(f"{end_class}_settled", "settled_on", {"end_class": end_class}) for end_class in END_CLASSES),
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
    indexes=(
        ("received", ("unit", "received_on")),
        ("end", ("unit", "end_on")),
        ("overdue", ("unit", "overdue_from")),
        ("settled", ("unit", "settled_on")),
        # Not a partial index: without statistics SQLite takes any other index of `unit` before it.
        ("open", ("unit", "maybe_open", "due_at")),
    ),
)
