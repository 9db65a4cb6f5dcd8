"""One visit to a page: the address, what it means today, and the links from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from dashboard.desk.address import Address
from dashboard.panel import Panel
from dashboard.queries import EVERYONE, Ask, Queries, Viewer
from datasets.errors import UsageError
from datasets.indicators.calculate import Request
from datasets.indicators.window import Window
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.units import OrgUnit
from datasets.units_territory import Boundaries

SHOWN_LEVELS = ("province", "district", "commune", "group")
"""Levels of the unit picker: a hamlet is a filter of a page, not a unit of its own."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An address made whole: every default filled in, every impossible value replaced."""

    queries: Queries
    address: Address
    unit: OrgUnit
    period: Period
    now: datetime
    viewer: Viewer = EVERYONE
    _silent: dict[str, date | None] = field(default_factory=dict, repr=False, compare=False)
    """What `silent_since` found, by dataset: a page asks it for each card."""

    @property
    def language(self) -> str:
        return self.address.language

    @property
    def ask(self) -> Ask:
        """What the page asks of a panel."""
        return Ask(
            unit=self.unit.code,
            period=self.period.id,
            language=self.language,
            rules=self.address.rules,
            compare=self.address.compare,
            filters=tuple(sorted(self.address.filters.items())),
            boundaries=Boundaries(self.address.boundaries),
        )

    def request(
        self,
        indicator: str,
        periods: Sequence[Period | Window],
        units: Sequence[str] | None = None,
        by: str | None = None,
    ) -> Request:
        """What the page asks of one indicator; a breakdown leaves out its own filter."""
        return Request(
            (indicator,),
            tuple(units) if units is not None else (self.unit.code,),
            tuple(periods),
            rules=self.address.rules,
            by=by,
            filters={name: member for name, member in self.address.filters.items() if name != by},
            boundaries=Boundaries(self.address.boundaries),
        )

    def silent_since(self, dataset: str) -> date | None:
        """Since when the visited unit itself has sent nothing to a dataset, where that is long for it and the period
        reaches into it; the periods before are whole."""
        if dataset not in self._silent:
            own = (each for each in self.queries.silences(self.unit.code, self.viewer) if each.unit == self.unit.code)
            self._silent[dataset] = next(
                (each.since for each in own if each.dataset == dataset and each.since < self.period.end), None
            )
        return self._silent[dataset]

    def text(self, key: str, **params: object) -> str:
        return text(key, self.language, **params)

    def href(self, **changes: object) -> str:
        """This address with some things changed."""
        return self.address.href(self.queries.settings.centre.language, **changes)

    def to(self, path: str) -> str:
        """Another page for the same unit, period, rules and language."""
        there = self.address.page(path)
        return there.path + there.search(self.queries.settings.centre.language)


def visit(
    queries: Queries, path: str | None, search: str | None, default_type: str = "week", viewer: Viewer = EVERYONE
) -> Visit:
    """What the address means now. What does not exist is replaced by the default, never an error page."""
    settings = queries.settings
    address = Address.parse(path, search, settings.centre.language)
    now = queries.now()
    unit = queries.units.find(address.unit) if address.unit else None
    if unit is None or unit not in queries.scope(viewer):
        unit = queries.units.get(viewer.unit or settings.centre.unit)
    return Visit(queries, address, unit, _period(address.period, default_type, now), now, viewer)


def _period(said: str | None, default_type: str, now: datetime) -> Period:
    running = Period.of(now.date(), PeriodType(default_type))
    if not said:
        return running
    try:
        period = Period.parse(said)
    except UsageError:
        return running
    return period if period.start <= now.date() else Period.of(now.date(), period.type)


def default_type(panel: Panel | None) -> str:
    return panel.default_period if panel else "week"
