"""The worked examples of the catalogue as full canonical rows, ready to be validated and stored."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from datasets.indicators.definition import Definition
from datasets.schema import BY_NAME
from datasets.schema.dataset import FieldType, Row

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
UNIT = "99001"
"""The unit of rows that name none: the demo's first commune."""


def complete_rows(definition: Definition) -> list[Row]:
    """The example's rows with what they leave out, as a field map would hand them to validation.

    Both    unit: 99001
    dossier  dossier_code: "1", "2", ... by position; channel: direct; status: finished when
             finished_at is given, returned when only returned_at is, else processing
    petition  petition_code: "1", "2", ...; status: answered when answered_at is given, else processing
    document  direction: in; register_number: "1", "2", ... by position; status: done when done_at
             is given, else processing
    observation  element: the numerator's; period: the example's; category: ""

    Moments are aware (Asia/Ho_Chi_Minh when they name no zone); a day alone in a moment's
    place stays a date, which validation turns into the start or end of that day.
    """
    dataset = BY_NAME[definition.numerator.dataset]
    moments = {field.name for field in dataset.fields if field.type is FieldType.MOMENT}
    days = {field.name for field in dataset.fields if field.type is FieldType.DATE}
    rows: list[Row] = []
    for position, written in enumerate(definition.example.rows, start=1):
        row: Row = {"unit": UNIT, **written}
        for name in moments & row.keys():
            row[name] = _moment(str(row[name]))
        for name in days & row.keys():
            row[name] = date.fromisoformat(str(row[name]))
        if dataset.name == "dossier":
            ended = "finished" if "finished_at" in row else "returned" if "returned_at" in row else "processing"
            row = {"dossier_code": str(position), "channel": "direct", "status": ended, **row}
        elif dataset.name == "petition":
            ended = "answered" if "answered_at" in row else "processing"
            row = {"petition_code": str(position), "status": ended, **row}
        elif dataset.name == "document":
            ended = "done" if "done_at" in row else "processing"
            row = {"direction": "in", "register_number": str(position), "status": ended, **row}
        elif dataset.name == "observation":
            row = {"element": definition.numerator.element, "period": definition.example.period, "category": "", **row}
        rows.append(row)
    return rows


def _moment(written: str) -> datetime | date:
    if len(written) == len("2026-11-02"):
        return date.fromisoformat(written)
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
