"""An index led by how long rows lived, so that what was pending on a past day is found at once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_LIVES = (4, 8, 16, 32, 64, 128, 256)
_DAYS = {"sqlite": "(julianday(end_on) - julianday(received_on))", "postgresql": "(end_on - received_on)"}


def upgrade() -> None:
    days = _DAYS[op.get_bind().dialect.name]
    whens = " ".join(f"WHEN ({days} < {limit}) THEN {n}" for n, limit in enumerate(_LIVES))
    life_class = sa.text(f"(CASE {whens} ELSE {len(_LIVES)} END)")
    for dataset in ("dossier", "document", "petition"):
        op.create_index(f"ix_{dataset}_pending", dataset, ["unit", "maybe_open", life_class, "end_on"])
        op.drop_index(f"ix_{dataset}_open", dataset)
