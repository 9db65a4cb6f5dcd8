"""Observations: one number for one element, unit and period.

All of health, education and socio-economics, attendance by day and diseases by week.
Elements are declared in datasets/indicators/elements.yaml; the period's type must be
the element's. `period_start` and `period_end` (exclusive) are dates, so that periods
are compared by day and never as text.
"""

from __future__ import annotations

from datasets.periods import Period
from datasets.schema.dataset import Context, Dataset, Fault, Field, FieldType, Row

FIELDS = (
    Field("unit", FieldType.UNIT, required=True),
    Field("element", required=True),
    Field("period", FieldType.PERIOD, required=True),
    Field("category", one_spelling=True),
    Field("value", FieldType.NUMBER, required=True),
    Field("entered_by"),
    Field("note"),  # why a cumulative figure was corrected downwards (store/falls.py)
    Field("source_document"),  # what a typed figure was taken from: number, name and date of a report
    Field("updated_at", FieldType.MOMENT),
)
DERIVED = (
    Field("period_start", FieldType.DATE, required=True),
    Field("period_end", FieldType.DATE, required=True),
)


def check(row: Row, context: Context) -> list[Fault]:
    """A period that has not begun yet cannot have been observed."""
    return [Fault("period", "in_future")] if row["period_start"] > context.today else []  # type: ignore[operator]


def derive(row: Row, context: Context) -> None:
    """Fill the period's days and the default category, in place."""
    period = Period.parse(str(row["period"]))
    row["period"] = period.id
    row["period_start"], row["period_end"] = period.start, period.end
    row["category"] = row.get("category") or ""


OBSERVATION = Dataset(
    name="observation",
    fields=FIELDS,
    key=("unit", "element", "period", "category"),
    derived=DERIVED,
    derive=derive,
    check=check,
    tracked=("value",),
    series=("unit", "element"),
    indexes=(("element", ("unit", "element", "period_start")),),
)
