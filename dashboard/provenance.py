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
    oldest = min((value.as_of for value in told if value.as_of is not None), default=None)
    names = dict.fromkeys(name for sources in dict.fromkeys(value.sources for value in told) for name in sources)
    titles = dict.fromkeys(queries.source_titles(tuple(names), language))
    return present.source_said(oldest, tuple(titles), queries.zone, language)
