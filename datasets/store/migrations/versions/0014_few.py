"""An index of the small numbers: those that privacy may have to withhold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_COLUMNS = ["element", "unit", "superseded_on", "period_start", "period_end", "category", "value"]


def upgrade() -> None:
    few = sa.text("value != 0 AND value < 20")
    op.create_index("ix_observation_few", "observation", _COLUMNS, sqlite_where=few, postgresql_where=few)
