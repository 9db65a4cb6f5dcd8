"""A daily count of documents done on their due day, apart from those that nobody set one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_NAME = "done_on_time_with_due"


def upgrade() -> None:
    for rollup in ("document_daily", "document_total"):
        with op.batch_alter_table(rollup) as batch:
            batch.add_column(sa.Column(_NAME, sa.Integer(), nullable=False, server_default="0"))
        with op.batch_alter_table(rollup) as batch:
            batch.alter_column(_NAME, server_default=None, existing_type=sa.Integer(), existing_nullable=False)
    rows = _table("document", "unit", "direction", "urgency", "end_on", "end_class", "timeliness", "due_on")
    daily = _table("document_daily", "unit", "day", "direction", "urgency", "done_on_time", _NAME)
    total = _table("document_total", "unit", "day", "direction", "done_on_time", _NAME)
    with_due = sa.select(sa.func.count()).where(
        rows.c.unit == daily.c.unit,
        rows.c.end_on == daily.c.day,
        *(sa.func.coalesce(rows.c[name], "") == daily.c[name] for name in ("direction", "urgency")),
        rows.c.end_class == "done",
        rows.c.timeliness == "on_time",
        rows.c.due_on.is_not(None),
    )
    added_up = sa.select(sa.func.sum(daily.c[_NAME])).where(
        *(daily.c[name] == total.c[name] for name in ("unit", "day", "direction"))
    )
    for counted, count in ((daily, with_due), (total, added_up)):
        some = counted.c.done_on_time > 0
        op.execute(counted.update().values({_NAME: count.scalar_subquery()}).where(some))


def _table(name: str, *columns: str) -> sa.TableClause:
    return sa.table(name, *(sa.column(column) for column in columns))
