"""Documents and petitions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("register_year", sa.BigInteger(), nullable=True),
        sa.Column("register_number", sa.Text(), nullable=True),
        sa.Column("interlink_id", sa.Text(), nullable=True),
        sa.Column("number_notation", sa.Text(), nullable=True),
        sa.Column("document_type", sa.Text(), nullable=True),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("urgency", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("arrived_at", sa.DateTime(), nullable=True),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=True),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("signed_organisation", sa.Boolean(), nullable=True),
        sa.Column("signed_person", sa.Boolean(), nullable=True),
        sa.Column("via_interlink", sa.Boolean(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=True),
        sa.Column("document_key", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("end_class", sa.Text(), nullable=True),
        sa.Column("end_at", sa.DateTime(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("timeliness", sa.Text(), nullable=True),
        sa.Column("overdue_from", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("maybe_open", sa.Boolean(), nullable=False),
        sa.Column("working_days", sa.BigInteger(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("pull_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "source", "direction", "document_key", name="pk_document"),
    )
    op.create_index("ix_document_end", "document", ["unit", "end_on"])
    op.create_index("ix_document_open", "document", ["unit", "maybe_open", "due_at"])
    op.create_index("ix_document_overdue", "document", ["unit", "overdue_from"])
    op.create_index("ix_document_received", "document", ["unit", "received_on"])
    op.create_index("ix_document_settled", "document", ["unit", "settled_on"])
    op.create_table(
        "document_daily",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("done_early", sa.Integer(), nullable=False),
        sa.Column("done_on_time", sa.Integer(), nullable=False),
        sa.Column("done_late", sa.Integer(), nullable=False),
        sa.Column("refused_early", sa.Integer(), nullable=False),
        sa.Column("refused_on_time", sa.Integer(), nullable=False),
        sa.Column("refused_late", sa.Integer(), nullable=False),
        sa.Column("recalled_early", sa.Integer(), nullable=False),
        sa.Column("recalled_on_time", sa.Integer(), nullable=False),
        sa.Column("recalled_late", sa.Integer(), nullable=False),
        sa.Column("done_settled", sa.Integer(), nullable=False),
        sa.Column("refused_settled", sa.Integer(), nullable=False),
        sa.Column("recalled_settled", sa.Integer(), nullable=False),
        sa.Column("received_signed_organisation", sa.Integer(), nullable=False),
        sa.Column("received_signed", sa.Integer(), nullable=False),
        sa.Column("received_via_interlink", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "day", "direction", "urgency", name="pk_document_daily"),
    )
    op.create_table(
        "petition",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("petition_code", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("hamlet", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("satisfied", sa.Boolean(), nullable=True),
        sa.Column("repeated", sa.Boolean(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("end_class", sa.Text(), nullable=True),
        sa.Column("end_at", sa.DateTime(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("timeliness", sa.Text(), nullable=True),
        sa.Column("overdue_from", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("maybe_open", sa.Boolean(), nullable=False),
        sa.Column("working_days", sa.BigInteger(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("pull_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "source", "petition_code", name="pk_petition"),
    )
    op.create_index("ix_petition_end", "petition", ["unit", "end_on"])
    op.create_index("ix_petition_open", "petition", ["unit", "maybe_open", "due_at"])
    op.create_index("ix_petition_overdue", "petition", ["unit", "overdue_from"])
    op.create_index("ix_petition_received", "petition", ["unit", "received_on"])
    op.create_index("ix_petition_settled", "petition", ["unit", "settled_on"])
    op.create_table(
        "petition_daily",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("due", sa.Integer(), nullable=False),
        sa.Column("done_early", sa.Integer(), nullable=False),
        sa.Column("done_on_time", sa.Integer(), nullable=False),
        sa.Column("done_late", sa.Integer(), nullable=False),
        sa.Column("refused_early", sa.Integer(), nullable=False),
        sa.Column("refused_on_time", sa.Integer(), nullable=False),
        sa.Column("refused_late", sa.Integer(), nullable=False),
        sa.Column("withdrawn_early", sa.Integer(), nullable=False),
        sa.Column("withdrawn_on_time", sa.Integer(), nullable=False),
        sa.Column("withdrawn_late", sa.Integer(), nullable=False),
        sa.Column("done_settled", sa.Integer(), nullable=False),
        sa.Column("refused_settled", sa.Integer(), nullable=False),
        sa.Column("withdrawn_settled", sa.Integer(), nullable=False),
        sa.Column("received_repeated", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "day", "category", "channel", name="pk_petition_daily"),
    )
