"""A record's columns and values for people: headings, dates dd/mm/yyyy, codes as their names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from dashboard import present
from dashboard.members import CHOICES, member_name
from dashboard.queries import Queries
from datasets.messages import text
from datasets.periods import Period
from datasets.schema import BY_NAME
from datasets.schema.dataset import FieldType
from datasets.vietnamese import day, moment

Kind = Literal["text", "number", "day", "moment"]
Plain = str | int | float | date | datetime | None

COLUMNS: dict[str, tuple[tuple[str, int], ...]] = {
    "dossier": (
        ("dossier_code", 215), ("procedure_name", 320), ("procedure_field", 190), ("hamlet", 165), ("channel", 120),
        ("received_at", 165), ("due_at", 165), ("finished_at", 165), ("returned_at", 165), ("status", 170),
        ("timeliness", 130), ("working_days", 130), ("handler", 160), ("unit", 180), ("source", 180),
    ),
    "document": (
        ("number_notation", 170), ("register_number", 120), ("direction", 90), ("document_type", 150),
        ("issuer", 260), ("urgency", 120), ("issued_on", 120), ("arrived_at", 165), ("due_at", 165), ("done_at", 165),
        ("status", 150), ("timeliness", 130), ("working_days", 130), ("handler", 160), ("department", 180),
        ("unit", 180), ("source", 180),
    ),
    "petition": (
        ("petition_code", 180), ("category", 220), ("channel", 140), ("hamlet", 165), ("received_at", 165),
        ("due_at", 165), ("answered_at", 165), ("status", 150), ("timeliness", 130), ("working_days", 130),
        ("satisfied", 110), ("repeated", 110), ("unit", 180), ("source", 180),
    ),
    "observation": (
        ("unit", 220), ("element", 320), ("period", 140), ("category", 160), ("value", 140), ("source", 200),
        ("entered_by", 160), ("source_document", 220), ("updated_at", 165),
    ),
}  # fmt: skip
"""What a list shows of each dataset, and the widths in px."""
KINDS: dict[FieldType, Kind] = {
    FieldType.DATE: "day",
    FieldType.MOMENT: "moment",
    FieldType.INTEGER: "number",
    FieldType.NUMBER: "number",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a list. `width` in px."""

    name: str
    heading: str
    kind: Kind
    width: int


def columns(dataset: str, language: str) -> tuple[Column, ...]:
    """The columns of a dataset's list, those it does not have left out."""
    declared = BY_NAME[dataset]
    types = {field.name: field.type for field in (*declared.fields, *declared.derived)}
    return tuple(
        Column(name, text(f"desk.column.{name}", language), KINDS.get(types.get(name, FieldType.TEXT), "text"), width)
        for name, width in COLUMNS[dataset]
        if name in declared.columns
    )


def plain(queries: Queries, name: str, value: object, language: str) -> Plain:
    """A value for a typed cell: numbers and days as they are, moments local without zone, all else in words."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.astimezone(queries.zone).replace(tzinfo=None)
    if isinstance(value, bool):
        return text(f"choice.yes.{str(value).lower()}", language)
    if isinstance(value, int | float | date):
        return value
    if name == "source":
        return queries.source_title(str(value), language)
    if name == "element":
        element = queries.catalogue.elements.get(str(value))
        return element.name[language] if element else str(value)
    if name == "period":
        return Period.parse(str(value)).label(language)
    if name in CHOICES or name in ("unit", "hamlet", "category"):
        return member_name(queries, name, str(value), language) if value else ""
    return str(value)


def said(queries: Queries, name: str, value: object, language: str) -> str:
    """The same for reading: a number with its marks, a moment "08:15 20/11/2026"."""
    if isinstance(value, datetime):
        return moment(value, queries.zone)
    shown = plain(queries, name, value, language)
    if isinstance(shown, date):
        return day(shown)
    return present.as_reported(shown, language) if isinstance(shown, int | float) else shown or ""
