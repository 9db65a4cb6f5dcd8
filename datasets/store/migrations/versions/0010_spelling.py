"""One spelling of each text that counts are divided by, the first seen; what is stored already is brought to it.

Rows of observations that two spellings hold apart, each with a figure of its own, stay
as they are: which of the figures is right, nobody can say here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_FIELDS = {
    "dossier": ("procedure_field", "hamlet", "receiving_unit", "supporting_unit", "handler"),
    "document": ("document_type", "issuer", "handler", "department"),
    "petition": ("category", "hamlet"),
    "observation": ("category",),
}
_DAILY = {("dossier", "procedure_field"), ("petition", "category")}
_LONGEST = 200


def upgrade() -> None:
    spelling = op.create_table(
        "spelling",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "field", "folded", name="pk_spelling"),
    )
    connection = op.get_bind()
    changed = False
    for dataset, names in _FIELDS.items():
        table = sa.Table(dataset, sa.MetaData(), autoload_with=connection)
        for name in names:
            shown: dict[str, str] = {}
            for text in _texts(connection, table, name):
                folded = unicodedata.normalize("NFC", " ".join(text.split()).casefold())
                if shown.setdefault(folded, text) != text:
                    _respell(connection, table, name, text, shown[folded])
                    changed = True
            rows = [{"dataset": dataset, "field": name, "folded": key, "shown": text} for key, text in shown.items()]
            if rows:
                connection.execute(spelling.insert(), rows)
    if changed:
        connection.exec_driver_sql("UPDATE data_version SET version = version + 1")


def _texts(connection: sa.Connection, table: sa.Table, name: str) -> Iterator[str]:
    """The texts of a field, the first seen first."""
    column = table.c[name]
    asked = sa.select(column).where(column.is_not(None)).group_by(column)
    for text in connection.execute(asked.order_by(sa.func.min(table.c.first_seen_at), column)).scalars().all():
        if 0 < len(text) <= _LONGEST:
            yield text


def _respell(connection: sa.Connection, table: sa.Table, name: str, text: str, shown: str) -> None:
    column, key = table.c[name], [own.name for own in table.primary_key]
    which = column == text
    if name in key:
        there = table.alias("there")
        same = [there.c[own] == (shown if own == name else table.c[own]) for own in key]
        which = sa.and_(which, ~sa.exists(sa.select(sa.literal(1)).select_from(there).where(*same)))
    connection.execute(table.update().values({name: shown}).where(which))
    if (table.name, name) in _DAILY:
        _respell_daily(
            connection, sa.Table(f"{table.name}_daily", sa.MetaData(), autoload_with=connection), name, text, shown
        )


def _respell_daily(connection: sa.Connection, daily: sa.Table, name: str, text: str, shown: str) -> None:
    """Add the daily counts of one spelling to those of the other."""
    key = [own.name for own in daily.primary_key]
    for row in connection.execute(sa.select(daily).where(daily.c[name] == text)).mappings().all():
        place = [daily.c[own] == (shown if own == name else row[own]) for own in key]
        more = {count.name: count + row[count.name] for count in daily.c if count.name not in key}
        if not connection.execute(daily.update().values(more).where(*place)).rowcount:
            connection.execute(daily.insert().values({**row, name: shown}))
    connection.execute(daily.delete().where(daily.c[name] == text))
