"""Indexes of what every page asks of every source: its last comparison, and how many records wait to be put right."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    compared, waiting = sa.text("reconciled IS NOT NULL"), sa.text("settled_at IS NULL")
    op.create_index("ix_pull_compared", "pull", ["source", "id"], sqlite_where=compared, postgresql_where=compared)
    op.create_index("ix_quarantine_open", "quarantine", ["source"], sqlite_where=waiting, postgresql_where=waiting)
