"""Units that stopped sending while their source goes on: one that serves many units is fresh by its other ones.

The rule. Signs of life of a unit in a dataset are the days on which something came in or
ended. Its usual gap is what nine in ten of the gaps between two such days do not exceed, in
working days, over the year before the last one. It is silent when more whole working days
have passed without a sign than both three times the usual gap and its source's promise
(`stale_after`). Fewer than ten gaps tell nothing usual: then nothing is said. While a source
is late itself nothing is said of its units, for the source is spoken of already.

Dossiers, documents and petitions only: what is reported by the month carries the month it is of.
Cost: one seek in the daily counts per unit; a year of days only of those without a sign since LEAST days.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from math import ceil

import sqlalchemy as sa

from datasets.indicators.calculate import Calculator
from datasets.schema import BY_NAME, DATASETS
from datasets.schema.dataset import Dataset
from datasets.store.listed import as_text, listed, named
from datasets.store.tables import TABLES
from datasets.units import OrgUnit
from datasets.working_days import WorkingCalendar

TIMES = 3
FEWEST_GAPS = 10
LEAST = 2
LOOKED_BACK = timedelta(days=365)
SIGNS = ("received_on", "end_on")
"""Day columns on which something happened; the others are promised days."""
_NONE: sa.ColumnElement[int] = sa.literal_column("0")


@dataclass(frozen=True, slots=True)
class Silence:
    """A unit without a sign of life in a dataset.

    last   the day of the last one
    since  the first working day without
    days   whole working days without
    usual  the usual gap, in working days
    """

    unit: str
    dataset: str
    last: date
    since: date
    days: int
    usual: int
    sources: tuple[str, ...]


def silences(
    connection: sa.Connection,
    calculator: Calculator,
    units: Sequence[OrgUnit],
    promises: Mapping[str, timedelta],
    late: Collection[str] = (),
) -> list[Silence]:
    """The silent ones among the units, each with all below it, the longest silence first.

    promises   `stale_after` by source
    late       sources that are late themselves
    """
    today, found = calculator.today(), []
    codes = {unit.code: calculator.subtree(unit) for unit in units}
    for dataset in DATASETS:
        if not dataset.daily_counts:
            continue
        lasts = _lasts(connection, dataset, codes, today)
        for unit, last in lasts.items():
            days = calculator.calendar.count(last + timedelta(days=1), today)
            if days <= LEAST:
                continue
            sources = calculator.coverage(connection, dataset.name, codes[unit]).sources
            usual = usual_gap(_signs(connection, calculator, dataset, codes[unit], last), calculator.calendar)
            promised = max(
                (ceil(promises[name] / timedelta(days=1)) for name in sources if name in promises), default=0
            )
            if usual is None or set(sources) & set(late) or days <= max(TIMES * usual, promised):
                continue
            since = calculator.calendar.add(last, 1)
            found.append(Silence(unit, dataset.name, last, since, days, usual, sources))
    return sorted(found, key=lambda each: (-each.days, each.unit, each.dataset))


def usual_gap(signs: Sequence[date], calendar: WorkingCalendar) -> int | None:
    """What nine in ten of the gaps between days ascending do not exceed, at least 1; None of too few gaps."""
    gaps = sorted(calendar.difference(a, b) for a, b in pairwise(signs))
    if len(gaps) < FEWEST_GAPS:
        return None
    return max(gaps[ceil(0.9 * len(gaps)) - 1], 1)


def _alive(total: sa.Table, dataset: Dataset) -> sa.ColumnElement[bool]:
    return sa.or_(*(total.c[count.name] > _NONE for count in dataset.daily_counts if count.day in SIGNS))


def _lasts(
    connection: sa.Connection,
    dataset: Dataset,
    codes: Mapping[str, Sequence[str]],
    today: date,
) -> dict[str, date]:
    """The last day with a sign of each unit that ever gave one; sought from the end of each code's days."""
    every = sorted({code for mine in codes.values() for code in mine})
    if not every:
        return {}
    asked = connection.execute(_lasts_query(dataset.name, len(every)), named("code", every) | {"today": today})
    by_code = {code: day for code, day in asked if day is not None}
    return {
        unit: max(by_code[code] for code in mine if code in by_code)
        for unit, mine in codes.items()
        if any(code in by_code for code in mine)
    }


@lru_cache(maxsize=256)
def _lasts_query(dataset: str, codes: int) -> sa.TextualSelect:
    total, asked = TABLES[f"{dataset}_total"], listed("code", codes)
    last = (
        sa.select(total.c.day)
        .where(total.c.unit == asked.c.code, total.c.day <= sa.bindparam("today"), _alive(total, BY_NAME[dataset]))
        .order_by(total.c.day.desc())
        .limit(sa.literal_column("1"))
        .scalar_subquery()
        .label("last")
    )
    return as_text(sa.select(asked.c.code, last)).bindparams(sa.bindparam("today", type_=sa.Date))


def _signs(
    connection: sa.Connection, calculator: Calculator, dataset: Dataset, codes: Sequence[str], last: date
) -> list[date]:
    """The days with a sign in the year up to the last one, ascending."""
    total = calculator.store.tables[f"{dataset.name}_total"]
    query = (
        sa.select(total.c.day)
        .where(total.c.unit.in_(codes), total.c.day > last - LOOKED_BACK, total.c.day <= last, _alive(total, dataset))
        .distinct()
        .order_by(total.c.day)
    )
    return list(connection.execute(query).scalars())
