"""An independent count of dossiers: walks the calendar day by day over the raw rows.

Knows nothing of rollups, derived columns or SQL. Rules from domain.md 1.6-1.7 and 2.3,
written down here a second time on purpose.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
Row = dict[str, object]


def day_of(moment: object) -> date:
    assert isinstance(moment, datetime)
    return moment.astimezone(ZONE).date()


def due_moment(row: Row) -> datetime | None:
    due = row.get("due_at")
    if isinstance(due, datetime) or due is None:
        return due
    assert isinstance(due, date)
    return datetime.combine(due, time(23, 59, 59), ZONE)


def end_of(row: Row, rules: str) -> tuple[datetime, str] | None:
    """The moment the rule set takes as the end, and the column it goes to."""
    status = row["status"]
    finished = row.get("finished_at") or row.get("returned_at")
    other = finished or row.get("updated_at") or row["received_at"]
    due = due_moment(row)
    if status in ("finished", "returned"):
        moment = finished
    elif status == "stopped":
        if rules == "06a":
            return None
        moment = other
    elif status in ("refused", "withdrawn"):
        moment = other
    elif status == "awaiting_supplement":
        if rules == "07a":
            return None
        moment = other
    else:
        return None
    assert isinstance(moment, datetime)
    if rules == "06a" and status in ("refused", "withdrawn", "awaiting_supplement"):
        return moment, "on_time"
    if rules == "07a" and status in ("refused", "withdrawn", "stopped"):
        return moment, str(status)
    if rules == "766":
        if status == "awaiting_supplement" and int(row.get("supplement_requests") or 0) > 1:
            return moment, "late"
        pause = timedelta(seconds=int(row.get("paused_seconds") or 0))
        return moment, "late" if due is not None and moment - pause > due else "on_time"
    if due is None or day_of(moment) == day_of(due):
        return moment, "on_time"
    return moment, "early" if day_of(moment) < day_of(due) else "late"


def form(rows: list[Row], start: date, end: date, now: datetime, rules: str) -> Counter[str]:
    """The columns of the report form for days [start, end), by walking every day from the first row on."""
    columns: Counter[str] = Counter()
    ends = [end_of(row, rules) for row in rows]
    pending: set[int] = set()
    first = min([start, *(day_of(row["received_at"]) for row in rows)])
    day = first
    while day < end:
        if day == start:
            columns["carried_over"] = len(pending)
        inside = day >= start
        for i, row in enumerate(rows):
            if day_of(row["received_at"]) == day:
                pending.add(i)
                if inside:
                    columns["received"] += 1
                    columns[f"received_{row['channel']}"] += 1
        for i, ended in enumerate(ends):
            if ended is not None and day_of(ended[0]) == day:
                pending.discard(i)
                if inside:
                    columns[ended[1]] += 1
        day += timedelta(days=1)
    as_of = min(datetime.combine(end, time(), ZONE), now)
    for i in pending:
        due = due_moment(rows[i])
        columns["pending_overdue" if due is not None and due < as_of else "pending_in_time"] += 1
    columns["pending"] = len(pending)
    columns["in_hand"] = columns["carried_over"] + columns["received"]
    columns["resolved"] = columns["early"] + columns["on_time"] + columns["late"]
    return columns
