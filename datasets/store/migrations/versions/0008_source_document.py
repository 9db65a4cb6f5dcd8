"""Beside an observation the document that its figure was taken from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("observation", sa.Column("source_document", sa.Text(), nullable=True))
