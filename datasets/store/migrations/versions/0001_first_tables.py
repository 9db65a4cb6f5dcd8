"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dossier",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("dossier_code", sa.Text(), nullable=False),
        sa.Column("procedure_code", sa.Text(), nullable=True),
        sa.Column("procedure_name", sa.Text(), nullable=True),
        sa.Column("procedure_field", sa.Text(), nullable=True),
        sa.Column("service_level", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("returned_at", sa.DateTime(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("hamlet", sa.Text(), nullable=True),
        sa.Column("receiving_unit", sa.Text(), nullable=True),
        sa.Column("supporting_unit", sa.Text(), nullable=True),
        sa.Column("handler", sa.Text(), nullable=True),
        sa.Column("supplement_requests", sa.BigInteger(), nullable=True),
        sa.Column("paused_seconds", sa.BigInteger(), nullable=True),
        sa.Column("fee_amount", sa.Double(), nullable=True),
        sa.Column("paid_online", sa.Boolean(), nullable=True),
        sa.Column("parts_digital", sa.Boolean(), nullable=True),
        sa.Column("result_digital", sa.Boolean(), nullable=True),
        sa.Column("data_reused", sa.Boolean(), nullable=True),
        sa.Column("citizen_data_used", sa.Boolean(), nullable=True),
        sa.Column("satisfaction", sa.BigInteger(), nullable=True),
        sa.Column("apology_sent", sa.Boolean(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("end_class", sa.Text(), nullable=True),
        sa.Column("end_at", sa.DateTime(), nullable=True),
        sa.Column("end_on", sa.Date(), nullable=True),
        sa.Column("timeliness", sa.Text(), nullable=True),
        sa.Column("late_766", sa.Boolean(), nullable=True),
        sa.Column("overdue_from", sa.Date(), nullable=True),
        sa.Column("settled_on", sa.Date(), nullable=True),
        sa.Column("maybe_open", sa.Boolean(), nullable=False),
        sa.Column("working_days", sa.BigInteger(), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("pull_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "source", "dossier_code", name="pk_dossier"),
    )
    op.create_index("ix_dossier_end", "dossier", ["unit", "end_on"])
    op.create_index("ix_dossier_open", "dossier", ["unit", "maybe_open", "due_at"])
    op.create_index("ix_dossier_overdue", "dossier", ["unit", "overdue_from"])
    op.create_index("ix_dossier_received", "dossier", ["unit", "received_on"])
    op.create_index("ix_dossier_settled", "dossier", ["unit", "settled_on"])
    op.create_table(
        "dossier_daily",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("procedure_field", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("received_full_service", sa.Integer(), nullable=False),
        sa.Column("received_parts_digital", sa.Integer(), nullable=False),
        sa.Column("received_data_reused", sa.Integer(), nullable=False),
        sa.Column("received_with_fee", sa.Integer(), nullable=False),
        sa.Column("received_paid_online", sa.Integer(), nullable=False),
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
        sa.Column("stopped_early", sa.Integer(), nullable=False),
        sa.Column("stopped_on_time", sa.Integer(), nullable=False),
        sa.Column("stopped_late", sa.Integer(), nullable=False),
        sa.Column("supplement_early", sa.Integer(), nullable=False),
        sa.Column("supplement_on_time", sa.Integer(), nullable=False),
        sa.Column("supplement_late", sa.Integer(), nullable=False),
        sa.Column("done_late_766", sa.Integer(), nullable=False),
        sa.Column("refused_late_766", sa.Integer(), nullable=False),
        sa.Column("withdrawn_late_766", sa.Integer(), nullable=False),
        sa.Column("stopped_late_766", sa.Integer(), nullable=False),
        sa.Column("supplement_late_766", sa.Integer(), nullable=False),
        sa.Column("done_settled", sa.Integer(), nullable=False),
        sa.Column("refused_settled", sa.Integer(), nullable=False),
        sa.Column("withdrawn_settled", sa.Integer(), nullable=False),
        sa.Column("stopped_settled", sa.Integer(), nullable=False),
        sa.Column("supplement_settled", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "day", "procedure_field", "channel", name="pk_dossier_daily"),
    )
    op.create_table(
        "observation",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("entered_by", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("pull_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("unit", "element", "period", "category", name="pk_observation"),
    )
    op.create_index("ix_observation_element", "observation", ["unit", "element", "period_start"])
    op.create_table(
        "pull",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("read", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("new", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("changed", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("unchanged", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("duplicates", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("quarantined", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("bookmark_from", sa.Text(), nullable=True),
        sa.Column("bookmark_to", sa.Text(), nullable=True),
        sa.Column("as_of", sa.DateTime(), nullable=True),
        sa.Column("error_key", sa.Text(), nullable=True),
        sa.Column("error_params", sa.Text(), nullable=True),
        sa.Column("data_version", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_pull_source", "pull", ["source", "id"])
    op.create_index("ix_pull_weekday", "pull", ["source", "weekday", "id"])
    op.create_table(
        "source_state",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("bookmark", sa.Text(), nullable=True),
        sa.Column("last_success_at", sa.DateTime(), nullable=True),
        sa.Column("as_of", sa.DateTime(), nullable=True),
        sa.Column("last_pull_id", sa.BigInteger(), nullable=True),
        sa.Column("trouble_since", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("source"),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(), nullable=False),
        sa.Column("first_pull_id", sa.BigInteger(), nullable=False),
        sa.Column("last_pull_id", sa.BigInteger(), nullable=False),
        sa.Column("times_seen", sa.Integer(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "dataset", "record_key", name="uq_quarantine_record"),
    )
    op.create_table(
        "change_log",
        sa.Column("id", ID, autoincrement=True, nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("record_key", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("old_value", sa.Text(), nullable=True),
        sa.Column("new_value", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("pull_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_change_log_record", "change_log", ["unit", "dataset", "record_key"])
    op.create_table(
        "data_version",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO data_version (id, version) VALUES (1, 0)")
