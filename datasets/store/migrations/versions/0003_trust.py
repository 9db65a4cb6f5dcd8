"""What a source no longer gives, drift and reconciliation in the ledger, and heartbeats."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    gone = sa.text("vanished_at IS NOT NULL")
    for name in ("dossier", "document", "petition", "observation"):
        op.add_column(name, sa.Column("vanished_at", sa.DateTime(), nullable=True))
        op.create_index(f"ix_{name}_vanished", name, ["source"], sqlite_where=gone, postgresql_where=gone)
    for column in ("drift", "reconciled", "confirmed"):
        op.add_column("pull", sa.Column(column, sa.Text(), nullable=True))
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
