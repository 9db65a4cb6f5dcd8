"""The daily counts once more by fewer dimensions, added up from those that are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_DIMENSIONS = {
    "dossier": (("procedure_field", "channel"), ("channel",)),
    "document": (("direction", "urgency"), ("direction",)),
    "petition": (("category", "channel"), ()),
}
"""Of each dataset those of its daily counts, and those that the totals keep."""


def upgrade() -> None:
    connection = op.get_bind()
    for dataset, (known, kept) in _DIMENSIONS.items():
        daily = sa.Table(f"{dataset}_daily", sa.MetaData(), autoload_with=connection)
        counts = [column.name for column in daily.columns if column.name not in ("unit", "day", *known)]
        total = op.create_table(
            f"{dataset}_total",
            sa.Column("unit", sa.Text(), nullable=False),
            sa.Column("day", sa.Date(), nullable=False),
            *(sa.Column(name, sa.Text(), nullable=False) for name in kept),
            *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
            sa.PrimaryKeyConstraint("unit", "day", *kept, name=f"pk_{dataset}_total"),
        )
        groups = [daily.c[name] for name in ("unit", "day", *kept)]
        added = sa.select(*groups, *(sa.func.sum(daily.c[name]) for name in counts)).group_by(*groups)
        connection.execute(total.insert().from_select([column.name for column in total.columns], added))
