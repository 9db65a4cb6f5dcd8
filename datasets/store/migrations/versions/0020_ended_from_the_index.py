"""What pages look at of rows that have ended stands in the index that leads to them."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"

_LOOKED_AT = {"dossier": ("satisfaction", "apology_sent"), "document": ("direction", "status"), "petition": ()}


def upgrade() -> None:
    for name, looked_at in _LOOKED_AT.items():
        op.drop_index(f"ix_{name}_end", name)
        columns = ["unit", "end_on", "end_class", *looked_at, "due_on", "received_on", "working_days"]
        op.create_index(f"ix_{name}_end", name, columns)
