"""Until when each observation stands: the first day of any newer one of its unit and element."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_KEY = ("unit", "element", "period", "category")


def upgrade() -> None:
    connection = op.get_bind()
    until = sa.Column("superseded_on", sa.Date(), nullable=False, server_default="9999-12-31")
    op.add_column("observation", until)
    table = sa.Table("observation", sa.MetaData(), autoload_with=connection)
    there = sa.case((table.c.vanished_at.is_(None), table.c.period_start))
    newer = sa.func.min(there).over(
        partition_by=(table.c.unit, table.c.element),
        order_by=(table.c.period_end.desc(), table.c.period_start.desc()),
        groups=(None, -1),
    )
    stands = sa.case((table.c.vanished_at.is_not(None), table.c.period_start), else_=sa.func.coalesce(newer, date.max))
    found = sa.select(*(table.c[name] for name in _KEY), stands.label("stands")).subquery()
    same = (table.c[name] == found.c[name] for name in _KEY)
    connection.execute(table.update().values(superseded_on=found.c.stands).where(*same))
    op.create_index("ix_observation_standing", "observation", ["unit", "element", "superseded_on"])
