"""The small numbers by category first: a page asks for those of a few categories, and most are of others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_COLUMNS = ["element", "category", "superseded_on", "period_start", "period_end", "unit", "value"]


def upgrade() -> None:
    few = sa.text("value != 0 AND value < 20")
    op.drop_index("ix_observation_few", "observation")
    op.create_index("ix_observation_few", "observation", _COLUMNS, sqlite_where=few, postgresql_where=few)
