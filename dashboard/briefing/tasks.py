"""What must be pushed: overdue items, those due in the next period, by code and unit, never by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dashboard.briefing.brief import Brief
from dashboard.briefing.letterhead import plain_name
from dashboard.briefing.model import Cell, Column, Table
from datasets.indicators.records import RecordPage, RecordRequest
from datasets.schema.dataset import Row
from datasets.vietnamese import day, number

ON_PAPER = {"overdue": 60, "due": 30}
"""Rows of a list that are printed; the workbook has all of them."""


@dataclass(frozen=True, slots=True)
class WorkList:
    """Rows to be ended, the earliest due first.

    kind   "overdue" or "due"
    of     "dossiers" or "documents"
    """

    kind: str
    of: str
    rows: tuple[Row, ...]


LISTS = (
    ("overdue", "dossiers", "ps_pending_overdue"),
    ("due", "dossiers", "ps_pending"),
    ("overdue", "documents", "doc_overdue_open"),
    ("due", "documents", "doc_backlog"),
)


def work_lists(brief: Brief) -> list[WorkList]:
    """The lists of the unit that are not empty."""
    found = []
    for kind, of, indicator in LISTS:
        if brief.known(indicator) and brief.number(indicator):
            rows = _rows(brief, indicator, _due_next(brief) if kind == "due" else {})
            if rows:
                found.append(WorkList(kind, of, tuple(rows)))
    return found


def _rows(brief: Brief, indicator: str, filters: Mapping[str, object]) -> list[Row]:
    page: RecordPage = brief.queries.records(
        RecordRequest(indicator, brief.unit.code, brief.period, rules=brief.rules, filters=filters, limit=None)
    )
    return sorted(page.rows, key=lambda row: str(row.get("due_at") or ""))  # a long list comes unit by unit


def _due_next(brief: Brief) -> dict[str, object]:
    first, last = due_days(brief)
    return {"due_on": {"min": first, "max": last}}


def due_days(brief: Brief) -> tuple[date, date]:
    """From the day after the report's last to the end of the next period; of a running one, to its own end."""
    last = brief.period.end if brief.is_running else brief.period.next().end
    return brief.last_day + timedelta(days=1), last - timedelta(days=1)


def days_late(brief: Brief, row: Row) -> int:
    """Working days from the due day to the report's last day; at least 1 for what is overdue."""
    due = row_day(brief, row, "due_at")
    return max(1, brief.queries.calendar.difference(due, brief.last_day)) if due else 0


def row_day(brief: Brief, row: Row, column: str) -> date | None:
    at = row.get(column)
    return at.astimezone(brief.queries.zone).date() if at is not None else None  # type: ignore[attr-defined]


def list_table(brief: Brief, work: WorkList) -> Table:
    """The list as an annex: code, what it is, where, when due, how late."""
    code = {"dossiers": "dossier_code", "documents": "number_notation"}[work.of]
    what = {"dossiers": "procedure_field", "documents": "document_type"}[work.of]
    where = {"dossiers": "hamlet", "documents": "department"}[work.of]
    columns = [
        Column(brief.say("list.number"), 9, "center"),
        Column(brief.say(f"list.{work.of}.code"), 49 if work.of == "dossiers" else 34),
        Column(brief.say(f"list.{work.of}.what"), 30 if work.of == "dossiers" else 24),
        Column(brief.say("list.commune" if brief.communes else f"list.{work.of}.where"), 36),
        Column(brief.say("list.due"), 24, "center"),
        Column(brief.say(f"list.{work.kind}.days"), 20, "right"),
    ]
    rows = []
    for place, row in enumerate(work.rows, start=1):
        due = row_day(brief, row, "due_at")
        at = _place(brief, row, where)
        days = days_late(brief, row) if work.kind == "overdue" else _days_left(brief, due)
        rows.append(
            (
                Cell(str(place), "number", place),
                Cell(str(row.get(code) or row.get("register_number") or row.get("interlink_id") or "")),
                Cell(str(row.get(what) or brief.say("list.unknown"))),
                Cell(at or brief.say("list.unknown")),
                Cell(day(due) if due else "", "date", day=due.isoformat() if due else None),
                Cell(number(days, 0, brief.language), "number", days, tone="bad" if work.kind == "overdue" else ""),
            )
        )
    span = {"day": day(brief.last_day)}
    if work.kind == "due":
        span = {name: day(on) for name, on in zip(("first", "last"), due_days(brief), strict=True)}
    return Table(
        id=f"{work.kind}_{work.of}",
        title=brief.say(f"list.{work.kind}.{work.of}", count=number(len(work.rows), 0, brief.language), **span),
        columns=tuple(columns),
        rows=tuple(rows),
        shown=min(len(rows), ON_PAPER[work.kind]),
    )


def _place(brief: Brief, row: Row, where: str) -> str:
    """The hamlet or the desk; in a list of a unit above communes, the commune."""
    unit = str(row["unit"]) if brief.communes else str(row.get(where) or "")
    known = brief.queries.units.find(unit)
    return plain_name(known.name) if known else unit


def _days_left(brief: Brief, due: date | None) -> int:
    return brief.queries.calendar.difference(brief.last_day, due) if due else 0
