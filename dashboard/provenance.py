"""Where the numbers of a picture are from and how old the oldest of them is, in words."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard import present
from dashboard.queries import Queries
from datasets.indicators.value import Value


def sources_said(queries: Queries, values: Iterable[Value], language: str) -> str:
    """The sources of some values, and the oldest moment up to which these have told; "" when nothing is known."""
    told = [value for value in values if value.value is not None]
    if not told:
        return ""
    oldest = min(told, key=lambda value: (value.as_of is None, value.as_of and value.as_of.timestamp()))
    titles = dict.fromkeys(queries.source_title(name, language) for value in told for name in value.sources)
    return present.source_text(oldest, tuple(titles), queries.zone, language)
