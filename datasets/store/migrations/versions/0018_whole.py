"""Daily counts of what a page asked the rows of its week for, and those of dossiers once more by nothing but unit and
day."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_DIMENSIONS = {
    "dossier": ("procedure_field", "channel"),
    "document": ("direction", "urgency"),
    "petition": ("category", "channel"),
}
_TOTALS = {"dossier": ("channel",), "document": ("direction",), "petition": ()}
_NEW: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "dossier": {
        "received_citizen_data": ("received_on", "citizen_data_used IS TRUE"),
        "received_elsewhere": ("received_on", "receiving_unit <> unit"),
        "received_supplemented": ("received_on", "supplement_requests >= 1"),
        "done_result_digital": ("end_on", "end_class = 'done' AND result_digital IS TRUE"),
        "done_digitised": ("end_on", "end_class = 'done' AND parts_digital IS TRUE AND result_digital IS TRUE"),
    },
    "document": {"received_signed_person": ("received_on", "signed_person IS TRUE")},
    "petition": {"done_dissatisfied": ("end_on", "end_class = 'done' AND satisfied IS FALSE")},
}
"""Of each dataset its new counts: the day they are counted on, and of which rows."""
_PARTS = {
    "received_direct": ("received", "direct"),
    "received_online": ("received", "online"),
    "received_postal": ("received", "postal"),
    "received_full_service_online": ("received_full_service", "online"),
}
"""Of dossiers those of one channel, beside those of all."""


def upgrade() -> None:
    for dataset, counts in _NEW.items():
        daily, total, names = f"{dataset}_daily", f"{dataset}_total", list(counts)
        _add(daily, names)
        _add(total, names)
        for day in sorted({day for day, _ in counts.values()}):
            _count(dataset, day, {name: which for name, (on, which) in counts.items() if on == day})
        _sum(daily, total, ("unit", "day", *_TOTALS[dataset]), names)
    _whole()


def _add(rollup: str, names: list[str]) -> None:
    with op.batch_alter_table(rollup) as batch:
        for name in names:
            batch.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table(rollup) as batch:
        for name in names:
            batch.alter_column(name, server_default=None, existing_type=sa.Integer(), existing_nullable=False)


def _count(dataset: str, day: str, counts: Mapping[str, str]) -> None:
    """The rows counted on their day in one of the columns."""
    by = _DIMENSIONS[dataset]
    rows = _table(dataset, "unit", day, *by)
    key = [rows.c.unit, rows.c[day].label("day"), *(sa.func.coalesce(rows.c[name], "").label(name) for name in by)]
    numbers = (sa.func.count().filter(sa.text(which)).label(name) for name, which in counts.items())
    some = sa.or_(*map(sa.text, counts.values()))
    found = sa.select(*key, *numbers).where(some, rows.c[day].is_not(None)).group_by(*key).subquery("found")
    _put(f"{dataset}_daily", found, ("unit", "day", *by), list(counts))


def _sum(daily: str, total: str, key: tuple[str, ...], names: list[str]) -> None:
    rows = _table(daily, *key, *names)
    numbers = (sa.func.sum(rows.c[name]).label(name) for name in names)
    some = sa.or_(*(rows.c[name] > 0 for name in names))
    groups = [rows.c[name] for name in key]
    _put(total, sa.select(*groups, *numbers).where(some).group_by(*groups).subquery("found"), key, names)


def _put(rollup: str, found: sa.Subquery, key: tuple[str, ...], names: list[str]) -> None:
    """What was found in the place of 0."""
    kept = _table(rollup, *key, *names)
    numbers = {name: found.c[name] for name in names}
    op.execute(kept.update().values(numbers).where(*(kept.c[name] == found.c[name] for name in key)))


def _whole() -> None:
    total = sa.Table("dossier_total", sa.MetaData(), autoload_with=op.get_bind())
    counts = [column.name for column in total.columns if column.name not in ("unit", "day", "channel")]
    whole = op.create_table(
        "dossier_whole",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in (*counts, *_PARTS)),
        sa.PrimaryKeyConstraint("unit", "day", name="pk_dossier_whole"),
    )
    sums: list[sa.ColumnElement[int]] = [sa.func.sum(total.c[name]) for name in counts]
    for of, channel in _PARTS.values():
        part = sa.func.sum(total.c[of]).filter(total.c.channel == channel)
        sums.append(sa.func.coalesce(part, sa.literal_column("0")))
    added = sa.select(total.c.unit, total.c.day, *sums).group_by(total.c.unit, total.c.day)
    op.execute(whole.insert().from_select(["unit", "day", *counts, *_PARTS], added))


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))
