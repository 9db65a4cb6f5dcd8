"""The tables, built from the declarations of the datasets.

Per dataset
    <name>         its columns (datasets/schema), then first_seen_at, changed_at and
                   pull_id: who brought the row as it stands. Primary key = natural key,
                   which begins with the unit, so that it distributes by unit
    <name>_daily   unit, day, the dimensions (unknown is ''), one integer per DailyCount
    <name>_total   the same by fewer dimensions: most figures need no more
    <name>_whole   the same by none, with counts of parts beside: what goes on of many units

Kept by the store itself: pull (the ledger), source_state, quarantine, change_log,
data_version (one row), spelling. JSON is text on both databases.

Rows carry no content hash: whether a row changed is found by comparing its columns in
the merge (IS DISTINCT FROM), which costs less than hashing every incoming row in
Python, cannot collide, and also sees a derived column that a new rule changed.

Moments are stored as timestamps without zone, in UTC; they come back aware, in UTC.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from datasets.schema import DATASETS
from datasets.schema.dataset import Dataset, Field, FieldType, Rollup
from datasets.schema.lifecycle import LIFE_CLASS
from datasets.store.lived import life_class


class Moment(sa.TypeDecorator[datetime]):
    """An aware datetime, stored naive in UTC. A naive one is refused with ValueError."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its zone: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Json(sa.TypeDecorator[Any]):
    """A JSON document as text, readable by a person looking into the database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:
        return None if value is None else json.loads(value)


SQL_TYPES: dict[FieldType, type[sa.types.TypeEngine[Any]]] = {
    FieldType.TEXT: sa.Text,
    FieldType.UNIT: sa.Text,
    FieldType.PERIOD: sa.Text,
    FieldType.CHOICE: sa.Text,
    FieldType.DATE: sa.Date,
    FieldType.MOMENT: Moment,
    FieldType.INTEGER: sa.BigInteger,
    FieldType.NUMBER: sa.Double,
    FieldType.BOOLEAN: sa.Boolean,
}

METADATA = sa.MetaData()

FEW = 20
"""Numbers below it are in an index of their own: those that privacy may have to withhold."""
STANDS_STILL = date.max
"""The `superseded_on` of what nothing newer has taken the place of."""


def columns_of(dataset: Dataset) -> list[sa.Column[Any]]:
    """Fresh columns for `dataset.columns`, in their order: also those of the staging table."""
    columns: list[sa.Column[Any]] = [sa.Column("source", sa.Text, nullable=False)]
    fields: tuple[Field, ...] = (*dataset.fields, *dataset.derived)
    for field in fields:
        needed = field.required or field.name in dataset.key
        columns.append(sa.Column(field.name, SQL_TYPES[field.type](), nullable=not needed))
    return columns


def rollup_columns_of(dataset: Dataset, rollup: Rollup) -> list[sa.Column[Any]]:
    """Fresh columns for one of a dataset's rollups."""
    return [
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in rollup.by),
        *(sa.Column(count.name, sa.Integer, nullable=False) for count in dataset.daily_counts),
        *(sa.Column(part.name, sa.Integer, nullable=False) for part in rollup.parts),
    ]


def _fact_table(dataset: Dataset) -> sa.Table:
    table = sa.Table(
        dataset.name,
        METADATA,
        *columns_of(dataset),
        sa.Column("first_seen_at", Moment, nullable=False),
        sa.Column("changed_at", Moment, nullable=False),
        sa.Column("pull_id", sa.BigInteger, nullable=False),
        sa.Column("vanished_at", Moment),  # since when the source no longer gives it; it stays counted
        *([sa.Column("superseded_on", sa.Date, nullable=False, server_default="9999-12-31")] if dataset.series else []),
        sa.PrimaryKeyConstraint(*dataset.key, name=f"pk_{dataset.name}"),
    )
    if dataset.series:
        sa.Index(f"ix_{dataset.name}_standing", *(table.c[name] for name in (*dataset.series, "superseded_on")))
        few = (table.c.value != sa.literal_column("0")) & (table.c.value < sa.literal_column(str(FEW)))
        asked = (
            table.c[name]
            for name in ("element", "category", "superseded_on", "period_start", "period_end", "unit", "value")
        )
        sa.Index(f"ix_{dataset.name}_few", *asked, sqlite_where=few, postgresql_where=few)
    gone = table.c.vanished_at.is_not(None)
    sa.Index(f"ix_{dataset.name}_vanished", table.c.source, sqlite_where=gone, postgresql_where=gone)
    for name, columns in dataset.indexes:
        of = (life_class(table) if column == LIFE_CLASS else table.c[column] for column in columns)
        sa.Index(f"ix_{dataset.name}_{name}", *of)
    return table


def _rollup_table(dataset: Dataset, rollup: Rollup) -> sa.Table:
    return sa.Table(
        rollup.name,
        METADATA,
        *rollup_columns_of(dataset, rollup),
        sa.PrimaryKeyConstraint("unit", "day", *rollup.by, name=f"pk_{rollup.name}"),
    )


def _dataset_tables() -> dict[str, sa.Table]:
    tables = {}
    for dataset in DATASETS:
        tables[dataset.name] = _fact_table(dataset)
        for rollup in dataset.rollups:
            tables[rollup.name] = _rollup_table(dataset, rollup)
    return tables


TABLES = _dataset_tables()
"""By name: each dataset, and its rollups where it has daily counts."""

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite numbers only INTEGER keys by itself

PULL = sa.Table(
    "pull",
    METADATA,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("started_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.Column("weekday", sa.Integer, nullable=False),  # of started_at in the centre's zone, Monday 0
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("read", sa.Integer, nullable=False, server_default="0"),
    sa.Column("new", sa.Integer, nullable=False, server_default="0"),
    sa.Column("changed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("unchanged", sa.Integer, nullable=False, server_default="0"),
    sa.Column("duplicates", sa.Integer, nullable=False, server_default="0"),
    sa.Column("quarantined", sa.Integer, nullable=False, server_default="0"),
    sa.Column("bookmark_from", sa.Text),
    sa.Column("bookmark_to", sa.Text),
    sa.Column("as_of", Moment),
    sa.Column("error_key", sa.Text),
    sa.Column("error_params", Json),
    sa.Column("data_version", sa.BigInteger),
    sa.Column("note", sa.Text),
    sa.Column("drift", Json),  # [Drift], see lines.py
    sa.Column("reconciled", Json),  # Reconciled, see lines.py; None for an ordinary pull
    sa.Column("confirmed", Json),  # who took an unusual delivery over, and why: {by, why}
    sa.Index("ix_pull_source", "source", "id"),
    sa.Index("ix_pull_weekday", "source", "weekday", "id"),
    sa.Index(
        "ix_pull_refused",
        "source",
        "id",
        sqlite_where=sa.text("verdict = 'refused'"),
        postgresql_where=sa.text("verdict = 'refused'"),
    ),
    sa.Index(
        "ix_pull_compared",
        "source",
        "id",
        sqlite_where=sa.text("reconciled IS NOT NULL"),
        postgresql_where=sa.text("reconciled IS NOT NULL"),
    ),
)

SOURCE_STATE = sa.Table(
    "source_state",
    METADATA,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("bookmark", sa.Text),
    sa.Column("last_success_at", Moment),
    sa.Column("as_of", Moment),
    sa.Column("last_pull_id", sa.BigInteger),
    sa.Column("trouble_since", Moment),
)

QUARANTINE = sa.Table(
    "quarantine",
    METADATA,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("record_key", sa.Text, nullable=False),  # the natural key, or the row's place when it has none
    sa.Column("row_id", sa.Text, nullable=False),
    sa.Column("first_seen_at", Moment, nullable=False),
    sa.Column("last_seen_at", Moment, nullable=False),
    sa.Column("first_pull_id", sa.BigInteger, nullable=False),
    sa.Column("last_pull_id", sa.BigInteger, nullable=False),
    sa.Column("times_seen", sa.Integer, nullable=False),
    sa.Column("problems", Json, nullable=False),  # [{field, code, value}]
    sa.Column("payload", Json),  # the canonical row; personal fields were dropped at the door
    sa.Column("settled_at", Moment),
    sa.UniqueConstraint("source", "dataset", "record_key", name="uq_quarantine_record"),
    sa.Index(
        "ix_quarantine_open",
        "source",
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    ),
)

CHANGE_LOG = sa.Table(
    "change_log",
    METADATA,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("record_key", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("old_value", sa.Text),
    sa.Column("new_value", sa.Text),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Column("pull_id", sa.BigInteger, nullable=False),
    sa.Index("ix_change_log_record", "unit", "dataset", "record_key"),
)

HEARTBEAT = sa.Table(
    "heartbeat",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),  # of a process that should be running: "scheduler"
    sa.Column("at", Moment, nullable=False),
)

JOB = sa.Table(
    "job",
    METADATA,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("payload", Json, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),  # SHA-256 of the file it is about, else ''
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("started_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("result", Json),
    sa.Index("ix_job_state", "state", "id"),
    sa.Index("ix_job_digest", "digest"),
)

SCREEN = sa.Table(
    "screen",
    METADATA,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("token_hash", sa.Text, nullable=False),  # SHA-256 of 256 random bits
    sa.Column("previous_hash", sa.Text),
    sa.Column("rotated_at", Moment, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("scenes", Json),
    sa.Column("diagonal", sa.Double),
    sa.Column("distance", sa.Double),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("approved_at", Moment),
    sa.Column("revoked_at", Moment),
    sa.Column("beat_at", Moment),
    sa.Column("beat", Json),
    sa.Index("ix_screen_token", "token_hash", unique=True),
    sa.Index("ix_screen_previous", "previous_hash"),
)

SPELLING = sa.Table(
    "spelling",
    METADATA,
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),  # datasets.vietnamese.caseless
    sa.Column("shown", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("dataset", "field", "folded", name="pk_spelling"),
)

DATA_VERSION = sa.Table(
    "data_version",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.BigInteger, nullable=False),
)

BRIEFING = sa.Table(
    "briefing",
    METADATA,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("edition", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),  # the data version its figures were counted from
    sa.Column("rules", sa.Text, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),  # SHA-256 of `report`
    sa.Column("report", sa.Text, nullable=False),  # the report model as JSON, never changed
    sa.UniqueConstraint("unit", "period", "edition", name="uq_briefing_edition"),
)

BRIEFING_WORDS = sa.Table(
    "briefing_words",
    METADATA,
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("section", sa.Text, nullable=False),
    sa.Column("said", sa.Text, nullable=False),  # the office's own paragraphs, a line each
    sa.Column("written_at", Moment, nullable=False),
    sa.PrimaryKeyConstraint("unit", "period", "section", name="pk_briefing_words"),
)

BRIEFING_MAIL = sa.Table(
    "briefing_mail",
    METADATA,
    sa.Column("id", _ID, primary_key=True, autoincrement=True),
    sa.Column("briefing", sa.BigInteger, nullable=False),
    sa.Column("recipient", sa.Text, nullable=False),
    sa.Column("round", sa.Integer, nullable=False),
    sa.Column("message_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", Moment),
    sa.Column("claimed_at", Moment),
    sa.Column("sent_at", Moment),
    sa.Column("answer", sa.Text, nullable=False),  # the server's last word
    sa.UniqueConstraint("briefing", "recipient", "round", name="uq_briefing_mail"),
    sa.Index("ix_briefing_mail_state", "state", "next_at"),
)
