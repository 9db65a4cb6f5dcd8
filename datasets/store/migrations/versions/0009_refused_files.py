"""An index of the refused pulls: which files wait to be mended is asked by every page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    refused = sa.text("verdict = 'refused'")
    op.create_index("ix_pull_refused", "pull", ["source", "id"], sqlite_where=refused, postgresql_where=refused)
