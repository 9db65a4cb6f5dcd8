"""Documents that were issued are not pending: they are not read with those that may be."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    document = sa.table("document", sa.column("direction"), sa.column("maybe_open", sa.Boolean))
    issued = (document.c.direction == "out") & document.c.maybe_open
    op.execute(document.update().values(maybe_open=False).where(issued))
