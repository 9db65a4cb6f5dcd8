"""Where the numbers of a picture are from and how old the oldest of them is, in words."""

from __future__ import annotations

from collections.abc import Iterable

from dashboard import present
from dashboard.queries import Queries
from datasets.indicators.line import Origin
from datasets.indicators.value import Value


def sources_said(queries: Queries, values: Iterable[Value], language: str) -> str:
    """The sources of some values, and the oldest moment up to which these have told; "" when nothing is known."""
    return origins_said(queries, ((v.sources, v.as_of) for v in values if v.value is not None), language)


def origins_said(queries: Queries, origins: Iterable[Origin], language: str) -> str:
    """The same of what is known of them."""
    told = dict.fromkeys(origins)
    if not told:
        return ""
    oldest = min((as_of for _, as_of in told if as_of is not None), default=None)
    names = dict.fromkeys(name for sources, _ in told for name in sources)
    titles = dict.fromkeys(queries.source_titles(tuple(names), language))
    return present.source_said(oldest, tuple(titles), queries.zone, language)
