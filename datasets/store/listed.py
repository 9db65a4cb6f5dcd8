"""A list of texts as a table of parameters, so that each member can be sought by itself in an index.

SQLAlchemy does not keep the compiled form of a statement with VALUES: half a millisecond at each execution. Its text
is kept here instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


def listed(column: str, members: int) -> sa.CTE:
    """So many parameters, which `named` fills, as a table of one column."""
    places = [(sa.bindparam(f"{column}_{n}", type_=sa.Text),) for n in range(members)]
    return sa.values(sa.column(column, sa.Text), name=f"asked_{column}").data(places).cte()


def among(column: sa.Column[str], name: str, members: int) -> sa.ColumnElement[bool]:
    """Whether a column is one of so many parameters, which `named` fills: a list as one is written out at each
    execution."""
    places = [sa.bindparam(f"{name}_{n}", type_=sa.Text) for n in range(members)]
    return column == places[0] if members == 1 else column.in_(places)


def named(column: str, members: Sequence[str]) -> dict[str, str]:
    """The parameters of `listed` and `among`."""
    return {f"{column}_{n}": member for n, member in enumerate(members)}


def as_text(statement: sa.Select[Any]) -> sa.TextualSelect:
    """The statement as its text, to be kept by who asks it again; its columns keep their types."""
    return sa.text(str(statement)).columns(*(sa.column(c.name, c.type) for c in statement.selected_columns))
