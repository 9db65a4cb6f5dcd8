"""Statistics of health (`dhis2`)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from datasets.settings.source import Positive, Reconcile
from datasets.settings.values import Code, Duration, Lasting, Part, Text, fault
from datasets.settings.web_sources import HttpSource


class Dhis2Query(Part):
    """One question to a DHIS2 server, asked for every period since `history` or the lookback.

    analytics   data elements, indicators or reporting rates (`<dataSet>.REPORTING_RATE`), which the
                server adds up over the units below each org unit
    data_sets   data sets, whose values come as they were entered; instead of `analytics`
    org_units   their codes; `children` takes the units below too (data_sets only)
    period      the type of the periods asked for
    by_combo    analytics by category option combo
    """

    analytics: list[Text] = []
    data_sets: list[Text] = []
    org_units: Annotated[list[Code], Field(min_length=1)]
    children: bool = False
    period: Literal["day", "week", "month", "quarter", "half_year", "year"]
    by_combo: bool = False

    @model_validator(mode="after")
    def _one_of_two(self) -> Dhis2Query:
        if bool(self.analytics) == bool(self.data_sets):
            raise fault("dhis2_query")
        return self


class Dhis2Source(HttpSource):
    """A DHIS2 server; `url` is its address, without /api.

    history     how far back the first pull asks
    lookback    how far before the last good pull each later one begins again
    id_scheme   by which property units, elements and combos are named
    row_limit   rows of one analytics answer from which on it may have been cut
    reconcile   None: only when a person asks for it
    """

    connector: Literal["dhis2"]
    queries: Annotated[list[Dhis2Query], Field(min_length=1)]
    history: Lasting = timedelta(days=5 * 366)
    lookback: Duration = timedelta(days=60)
    id_scheme: Text = "code"
    row_limit: Positive = 50_000
    reconcile: Reconcile | None = None
