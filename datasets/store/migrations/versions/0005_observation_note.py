"""A note beside an observation: why a cumulative figure was corrected downwards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("observation", sa.Column("note", sa.Text(), nullable=True))
