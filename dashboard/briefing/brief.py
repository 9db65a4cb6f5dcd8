"""What composing needs: whose report, of which period, and every figure asked for once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from dashboard import present
from dashboard.briefing.model import Figure
from dashboard.privacy import Suppressed
from dashboard.queries import Queries
from datasets.indicators.calculate import Request
from datasets.indicators.definition import Definition
from datasets.indicators.unit_silence import Silence
from datasets.indicators.value import Value
from datasets.indicators.window import Comparison, Window, like_for_like
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.units import OrgUnit

STREAK_LOOK_BACK = 12
FLOWS = ("received", "resolved", "refused", "withdrawn")
"""Kinds of count that grow with the number of working days."""
WEEKLY_DATASETS = ("dossier", "document", "petition")
STREAKS = ("ps_on_time_rate", "ps_pending_overdue", "doc_overdue_open", "doc_done_on_time_rate")
"""Indicators that are told when they rise or fall for periods on end."""


@dataclass
class Brief:
    """One report in the making.

    comparison   this period and the one before, the same working days of both; None when
                 the running period has no whole working day yet
    used         every figure that a sentence or a cell has used, in order
    """

    queries: Queries
    unit: OrgUnit
    period: Period
    language: str
    rules: str
    now: datetime
    comparison: Comparison | None = None
    used: list[Figure] = field(default_factory=list)
    _present: dict[str, Value] = field(default_factory=dict)
    _before: dict[str, Value] = field(default_factory=dict)
    _compared: dict[str, Value] = field(default_factory=dict)
    _last_year: dict[str, Value] = field(default_factory=dict)
    _past: dict[str, list[Value]] = field(default_factory=dict)

    @classmethod
    def of(cls, queries: Queries, unit: OrgUnit, period: Period, language: str, rules: str) -> Brief:
        now = queries.now()
        comparison = like_for_like(period, period.previous(), now, queries.zone, queries.calendar)
        return cls(queries, unit, period, language, rules, now, comparison)

    def say(self, key: str, **params: object) -> str:
        return text(f"briefing.{key}", self.language, **params)

    def term(self, key: str, **params: object) -> str:
        """A word of the period's type: "trong tuần", "tuần tới"."""
        return text(f"briefing.{key}.{self.period.type.value}", self.language, **params)

    def label(self, period: Period) -> str:
        """ "tuần 47/2026" inside a sentence."""
        return period.inside(self.language)

    def definition(self, indicator: str) -> Definition:
        return self.queries.definition(indicator)

    def name(self, indicator: str) -> str:
        return self.definition(indicator).name[self.language]

    def known(self, indicator: str) -> bool:
        return indicator in self.queries.catalogue.indicators

    # -- figures ---------------------------------------------------------------------

    def load(self, indicators: Iterable[str]) -> None:
        """Ask for these indicators' figures in few requests: now, before, a year ago."""
        asked = tuple(dict.fromkeys(i for i in indicators if self.known(i) and i not in self._present))
        if not asked:
            return
        for value in self.values(asked, (self.period.previous(), self.period)):
            if value.period == self.period.id:
                self._present[value.indicator] = value
            if value.period == self.period.previous().id:
                self._before[value.indicator] = value
        for value in self.values(asked, (self.period.same_last_year(),)):
            self._last_year[value.indicator] = value
        if self.comparison is None or self.comparison.whole:
            self._compared |= {i: self._present[i] for i in asked} if self.comparison else {}
            if self.comparison is None:
                for i in asked:
                    self._before.pop(i, None)
            return
        for value in self.values(asked, (self.comparison.present,)):
            self._compared[value.indicator] = value
        for value in self.values(asked, (self.comparison.other,)):
            self._before[value.indicator] = value

    def values(
        self, indicators: Sequence[str], periods: Sequence[Period | Window], by: str | None = None, unit: str = ""
    ) -> list[Value]:
        return self.queries.values(
            Request(tuple(indicators), (unit or self.unit.code,), tuple(periods), rules=self.rules, by=by)
        )

    def value(self, indicator: str) -> Value | None:
        """The figure of the period itself; None for an indicator that does not exist or was not loaded."""
        return self._present.get(indicator)

    def number(self, indicator: str) -> float | None:
        value = self.value(indicator)
        return value.value if value else None

    def before(self, indicator: str) -> Value | None:
        """The figure of the period before, of the same number of working days."""
        return self._before.get(indicator)

    def compared(self, indicator: str) -> Value | None:
        """What `before` is compared with: the whole period, or the part of a running one."""
        return self._compared.get(indicator)

    def last_year(self, indicator: str) -> Value | None:
        return self._last_year.get(indicator)

    def history(self, indicator: str) -> list[Value]:
        """Of the last periods, oldest first, the present one last; of all of STREAKS in one request."""
        if indicator not in self._past:
            past = tuple(self.period.previous(n) for n in range(STREAK_LOOK_BACK, -1, -1))
            asked = tuple(dict.fromkeys((indicator, *filter(self.known, STREAKS))))
            for value in self.values(asked, past):
                self._past.setdefault(value.indicator, []).append(value)
        return self._past[indicator]

    @property
    def communes(self) -> tuple[OrgUnit, ...]:
        """The standing communes right below the unit; none for a commune."""
        mine = [u for u in self.queries.units.units if u.parent == self.unit.code and u.level == "commune"]
        return tuple(unit for unit in mine if unit.valid_to is None or unit.valid_to >= self.period.end)

    def is_new(self, value: Value) -> bool:
        """Whether the figure became known in this period: no older fact, and none of a year still running."""
        if value.value is None and not isinstance(value, Suppressed):
            return False
        if value.period_of_value in ("", value.period):
            return True
        told = Period.parse(value.period_of_value)
        return self.period.start < told.end <= self.period.end

    def figure(self, value: Value, said: str = "") -> Figure:
        """The figure for a sentence or a cell; noted as used."""
        minimum = self.queries.settings.privacy.minimum_cell
        made = Figure.of(value, self.name(value.indicator), said or present.figure_text(value, self.language, minimum))
        self.used.append(made)
        return made

    @cached_property
    def silent(self) -> tuple[Silence, ...]:
        """The reporting units among it and those below that had stopped sending by the report's last day."""
        return tuple(each for each in self.queries.silences(self.unit.code) if each.since <= self.last_day)

    def is_silent(self, unit: str, dataset: str) -> bool:
        """Whether the unit told nothing in all of the period, so that its 0 is not known to be one."""
        return any((s.unit, s.dataset) == (unit, dataset) and s.since <= self.period.start for s in self.silent)

    # -- days ------------------------------------------------------------------------

    @property
    def last_day(self) -> date:
        """The last day the report speaks of: the period's, or today in a running one."""
        return min(self.period.end - timedelta(days=1), self.now.astimezone(self.queries.zone).date())

    @property
    def is_running(self) -> bool:
        return present.is_running(self.period, self.now, self.queries.zone)

    def working_days(self, period: Period) -> int:
        return self.queries.calendar.count(period.start, period.end)

    @property
    def same_length(self) -> bool:
        """Whether counts may be compared as they are with the period before."""
        if self.comparison is not None and not self.comparison.whole:
            return True  # cut to the same number of working days
        if self.period.type not in (PeriodType.WEEK, PeriodType.DAY):
            return True
        return self.working_days(self.period) == self.working_days(self.period.previous())
