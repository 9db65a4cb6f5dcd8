"""The numbers that stand are told by the index that leads to them."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"

_SOUGHT = ["unit", "element", "category", "superseded_on", "period_start", "vanished_at"]


def upgrade() -> None:
    op.drop_index("ix_observation_standing", "observation")
    op.create_index("ix_observation_standing", "observation", [*_SOUGHT, "period", "value", "source"])
