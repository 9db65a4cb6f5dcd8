"""The only door from the screens to the store: who may see what, and each answer computed once.

Answers are cached by (data version, minute of the clock, question), so that one
computation serves every screen until the data change; the minute is there because a
running period grows and dossiers become overdue without any new data. Scope and
small-cell suppression are applied here and only here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from threading import Lock
from typing import Any, TypeVar

import sqlalchemy as sa

from dashboard.panel import Panel, PanelData, SourceState
from dashboard.privacy import SmallCells
from dashboard.sources import DAYS_SHOWN, Day, state_of
from datasets.clock import Clock
from datasets.errors import UsageError
from datasets.forms import TYPED
from datasets.indicators import rules as rule_sets
from datasets.indicators.calculate import Calculator, Request
from datasets.indicators.catalogue import Catalogue
from datasets.indicators.definition import Definition
from datasets.indicators.quality import Quality, quality
from datasets.indicators.records import (
    RecordPage,
    RecordRequest,
    columns_of,
    each_record,
    procedure_names,
    records,
    row_counts,
)
from datasets.indicators.sitting import Sitting
from datasets.indicators.unit_silence import Silence, silences
from datasets.indicators.value import Value
from datasets.messages import text
from datasets.periods import Period, PeriodType
from datasets.schema.dataset import Row
from datasets.settings import Settings
from datasets.standing import MANY_FAILURES, Standing, standings, standings_on, title_of, typed_standing
from datasets.store import Store
from datasets.store.tables import PULL
from datasets.units import OrgUnit, UnitTree
from datasets.units_territory import Boundaries
from datasets.working_days import WorkingCalendar

CACHED_ANSWERS = 512
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who asks. Until sign-in exists everybody on this machine sees the whole centre.

    unit   bound to this unit: nothing but it, what is below it and what it took over is there for them
    """

    name: str = "everyone"
    unit: str | None = None


EVERYONE = Viewer()


REPORTING_LEVELS = ("commune", "group")
FATES = ("new", "changed", "unchanged", "duplicates", "quarantined")


@dataclass(frozen=True, slots=True)
class PullCounts:
    """Pulls of one source that ended one way, and what became of their records."""

    source: str
    verdict: str
    pulls: int
    rows: dict[str, int]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a page asks of a panel; also the key its answer is kept under."""

    unit: str
    period: str
    language: str = "vi"
    rules: str = rule_sets.DEFAULT
    compare: str = "previous"
    filters: tuple[tuple[str, str], ...] = ()
    boundaries: Boundaries = Boundaries.NOW


class Queries:
    """Values, records, panels and sources for one centre. Threads may share it."""

    def __init__(
        self,
        store: Store,
        catalogue: Catalogue,
        settings: Settings,
        units: UnitTree,
        calendar: WorkingCalendar,
        clock: Clock,
    ) -> None:
        self.store, self.catalogue, self.settings = store, catalogue, settings
        self.units, self.calendar, self.clock = units, calendar, clock
        self.zone = settings.centre.time_zone
        self.calculator = Calculator(store, catalogue, units, calendar, self.zone, clock)
        self._small = SmallCells(
            catalogue,
            units,
            settings.privacy.minimum_cell,
            self.calculator.found,
            self.calculator.where_lone,
            partial(self.scope, EVERYONE),
            self.answer,
        )
        self._titles = lru_cache(maxsize=1024)(self._find_titles)
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._turns: dict[Hashable, Lock] = {}
        self._lock = Lock()

    # -- the moment ---------------------------------------------------------------

    def now(self) -> datetime:
        return self.clock().astimezone(self.zone)

    def today(self) -> date:
        return self.now().date()

    def version(self) -> int:
        """The data version: grows with each committed change. A page in the making keeps to that it began with."""
        sitting = self.calculator.sittings.held
        return sitting.once("data version", self.store.version) if sitting else self.store.version()

    def moment(self) -> tuple[int, str]:
        """What every answer hangs on beside its question: the data version and the minute of the clock."""
        return self.version(), self.now().isoformat(timespec="minutes")

    @contextmanager
    def sitting(self, version: int | None = None) -> Iterator[Sitting]:
        """A page in the making: one connection and one data version, which was looked up before anything is read, so
        that nothing is ever kept as newer than it is."""
        known = self.version() if version is None else version
        with self.calculator.sittings.sit() as sitting:
            sitting.once("data version", lambda: known)
            yield sitting

    # -- scope --------------------------------------------------------------------

    def scope(self, viewer: Viewer) -> tuple[OrgUnit, ...]:
        """The units a viewer may ask about, former ones too, in the order of the file."""
        seen = self._seen(viewer)
        codes = dict.fromkeys(unit.code for unit in self.units.units)
        return tuple(self.units.get(code) for code in codes if seen is None or code in seen)

    def _seen(self, viewer: Viewer) -> frozenset[str] | None:
        """Codes of what a bound viewer may ask about; None for all."""
        if viewer.unit is None:
            return None
        codes = self.calculator.territories.of(viewer.unit, self.today()).codes(viewer.unit)
        return frozenset(codes)

    def check(self, viewer: Viewer, units: Sequence[str]) -> None:
        """Raise UsageError for a unit that does not exist or is outside the viewer's scope."""
        seen = self._seen(viewer)
        for code in units:
            self.units.get(code)
            if seen is not None and code not in seen:  # said as of one that is not there: it tells nothing
                raise UsageError("error.unit", value=code)

    def definition(self, indicator: str) -> Definition:
        """The definition of an indicator. Raises UsageError for an unknown id."""
        return self.calculator.definition(indicator)

    # -- answers ------------------------------------------------------------------

    def values(self, request: Request, viewer: Viewer = EVERYONE) -> list[Value]:
        """The values of a request, in its order, small sensitive cells withheld.

        Raises UsageError for unknown indicators, units, rule sets or dimensions.
        """
        return list(self.values_of((request,), viewer)[0])

    def values_of(self, requests: Sequence[Request], viewer: Viewer = EVERYONE) -> list[Sequence[Value]]:
        """`values` of each request, made when they are looked at; what they need of the store is read together."""
        for request in requests:
            self.check(viewer, request.units)
        return self._small.hidden(requests, self.calculator.found(requests))

    def kept_values(self, request: Request, viewer: Viewer = EVERYONE) -> list[Value]:
        """`values`, computed once for whoever asks the same: for pages that are not kept whole as a panel is."""
        self.check(viewer, request.units)
        return list(self.answer(("values", request.question), lambda: self.values(request)))

    def records(self, request: RecordRequest, viewer: Viewer = EVERYONE) -> RecordPage:
        """The rows behind a number, one page of them, and how many there are.

        Raises UsageError for what does not exist, and for sensitive figures, whose rows
        are people.
        """
        self._may_list(request, viewer)
        counts = self.answer(("row counts", request.question), lambda: row_counts(self.calculator, request))
        return records(self.calculator, request, counts)

    def record_rows(
        self, request: RecordRequest, viewer: Viewer = EVERYONE
    ) -> tuple[tuple[str, ...], int, Iterator[Row]]:
        """The same list whole, for taking home: its columns, how many rows, and the rows one by one.

        Raises UsageError as `records`.
        """
        self._may_list(request, viewer)
        counts = self.answer(("row counts", request.question), lambda: row_counts(self.calculator, request))
        return columns_of(self.calculator, request), counts.total, each_record(self.calculator, request, counts)

    def procedure_names(self, request: RecordRequest, viewer: Viewer = EVERYONE) -> dict[str, str]:
        """What the procedures of a question's rows are called, by code. Raises UsageError as `records`."""
        self._may_list(request, viewer)
        return self.answer(("procedure names", request.question), lambda: procedure_names(self.calculator, request))

    def may_list(self, indicator: str) -> bool:
        """Whether the rows behind the indicator may be shown: not where they are people."""
        return not self.definition(indicator).sensitive

    def _may_list(self, request: RecordRequest, viewer: Viewer) -> None:
        self.check(viewer, (request.unit,))
        if not self.may_list(request.indicator):
            raise UsageError("api.records_withheld", indicator=request.indicator)

    def quality(
        self,
        indicator: str,
        unit: str,
        period: Period,
        rules: str = rule_sets.DEFAULT,
        filters: Mapping[str, str] | None = None,
        viewer: Viewer = EVERYONE,
    ) -> Quality:
        """How complete the rows behind a figure are. Raises UsageError for what does not exist."""
        self.check(viewer, (unit,))
        asked = ("quality", indicator, unit, period, rules, tuple(sorted((filters or {}).items())))
        return self.answer(asked, lambda: quality(self.calculator, indicator, unit, period, rules, filters or {}))

    def panel_data(self, panel: Panel, ask: Ask, viewer: Viewer = EVERYONE) -> PanelData:
        """Everything a panel shows for one unit and period, ready to be read."""
        return self.panels_data("panel", ((panel, ask),), viewer)[0]

    def panels_data(
        self, purpose: str, pages: tuple[tuple[Panel, Ask], ...], viewer: Viewer = EVERYONE
    ) -> tuple[PanelData, ...]:
        """The same of some panels at once, whole or with only what a purpose needs of them."""
        from dashboard.assemble import assemble  # the two need each other's names

        version, minute = self.moment()

        def compute() -> tuple[PanelData, ...]:
            with self.sitting(version) as sitting:
                return assemble(self, pages, viewer, self._states(sitting, pages[0][1].language))

        asked = purpose, tuple((panel.id, ask) for panel, ask in pages), viewer
        return self._kept((version, minute, asked), compute)

    def _states(self, sitting: Sitting, language: str) -> tuple[SourceState, ...]:
        """Every source, as it stands in the page that is being made."""

        def read() -> tuple[SourceState, ...]:
            return tuple(map(state_of, standings_on(sitting.connection, self.settings, self.now(), language)))

        return sitting.once(("sources", language), read)

    def sources(self, language: str = "vi", viewer: Viewer = EVERYONE) -> tuple[SourceState, ...]:
        """Every source as the screens show it."""
        return tuple(state_of(standing) for standing in self.standings(language))

    def units_with_data(self, panel: str, viewer: Viewer = EVERYONE) -> tuple[OrgUnit, ...]:
        """The communes, and groups of them, for which the store knows any figure of a panel, today."""

        def find() -> tuple[OrgUnit, ...]:
            communes = {unit.code: unit for unit in self.scope(viewer) if unit.level in REPORTING_LEVELS}
            indicators = tuple(definition.id for definition in self.catalogue.for_panel(panel))
            if not communes or not indicators:
                return ()
            month = Period.of(self.today(), PeriodType.MONTH)
            known = {v.unit for v in self.values(Request(indicators, tuple(communes), (month,))) if v.value is not None}
            return tuple(unit for code, unit in communes.items() if code in known)

        return self.answer(("units with data", panel, viewer), find)

    def pull_counts(self) -> tuple[PullCounts, ...]:
        """The ledger added up by source and verdict, for /metrics."""
        sums = [sa.func.coalesce(sa.func.sum(PULL.c[fate]), 0) for fate in FATES]
        query = sa.select(PULL.c.source, PULL.c.verdict, sa.func.count(), *sums).group_by(PULL.c.source, PULL.c.verdict)
        with self.store.engine.connect() as connection:
            return tuple(
                PullCounts(row[0], row[1], row[2], dict(zip(FATES, map(int, row[3:]), strict=True)))
                for row in connection.execute(query)
            )

    def source_title(self, name: str, language: str) -> str:
        """A source's name for people; its key when it is no longer in the configuration."""
        if name == TYPED:
            return text("typed.title", language)
        source = self.settings.sources.get(name)
        return title_of(source, language) if source else name

    def source_titles(self, names: tuple[str, ...], language: str) -> tuple[str, ...]:
        """`source_title` of each: a matter of the configuration alone."""
        return self._titles(names, language)

    def _find_titles(self, names: tuple[str, ...], language: str) -> tuple[str, ...]:
        return tuple(self.source_title(name, language) for name in names)

    def standings(self, language: str = "vi") -> tuple[Standing, ...]:
        """How every source stands; computed again when a pull begins or ends, and each minute."""
        asked = ("standings", language, self.store.ledger.activity())
        return self.answer(asked, lambda: standings(self.store, self.settings, self.now(), language))

    def typed_standing(self, language: str = "vi") -> Standing:
        """How what people typed into forms stands."""
        return typed_standing(self.store, self.settings, self.now(), language)

    def scheduler_seen(self) -> datetime | None:
        """When the scheduler last said that it is alive; None when it never did."""
        return self.store.heartbeats.last()

    def troubles(self) -> str:
        """Which sources missed a run or their promise, as a word that changes when that does."""
        found = [(s.name, min(s.failures, MANY_FAILURES), s.freshness) for s in self.standings()]
        return ",".join(f"{name}:{failures}:{fresh}" for name, failures, fresh in found if failures or fresh != "fresh")

    def silences(self, unit: str, viewer: Viewer = EVERYONE) -> tuple[Silence, ...]:
        """Reporting units among a unit and those below it that stopped sending while their source goes on.

        Raises UsageError as `check`.
        """
        self.check(viewer, (unit,))

        def find() -> tuple[Silence, ...]:
            codes = self.calculator.territories.of(unit, self.today()).codes(unit)
            there = (self.units.get(code) for code in codes)
            asked = [each for each in there if each.level in REPORTING_LEVELS and each.is_valid(self.today())]
            promises = {name: source.stale_after for name, source in self.settings.sources.items()}
            late = {state.name for state in self.sources() if state.alarming}
            with self.calculator.sittings.sit() as sitting:
                return tuple(silences(sitting.connection, self.calculator, asked, promises, late))

        return self.answer(("silences", unit), find)

    def source_days(self) -> dict[str, tuple[Day, ...]]:
        """The last 30 days of every source that was ever pulled, the oldest first."""

        def count() -> dict[str, tuple[Day, ...]]:
            days = [self.today() - timedelta(days=ago) for ago in range(DAYS_SHOWN - 1, -1, -1)]
            since = datetime.combine(days[0], time.min, self.zone)
            known = self.store.ledger.days(since)
            return {name: tuple(Day(day, found.get(day, {})) for day in days) for name, found in known.items()}

        return self.answer("source days", count)

    def activity(self) -> str:
        """Changes with whatever the sources page shows: data, pulls, requests."""
        return f"{self.version()} {self.store.ledger.activity()} {self.store.jobs.stamp()}"

    def answer(self, question: Hashable, compute: Callable[[], Answer]) -> Answer:
        """The kept answer to a question for this data version and minute, else a computed one.

        Whoever asks while another computes the same waits for that answer: two hundred
        screens at the turn of a minute cost one computation.
        """
        return self._kept((*self.moment(), question), compute)

    def _kept(self, key: Hashable, compute: Callable[[], Answer]) -> Answer:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
            turn = self._turns.setdefault(key, Lock())
        with turn:
            with self._lock:
                if key in self._answers:
                    return self._answers[key]
            try:
                found = compute()
                with self._lock:
                    self._answers[key] = found
                    while len(self._answers) > CACHED_ANSWERS:
                        self._answers.popitem(last=False)
                return found
            finally:
                with self._lock:
                    self._turns.pop(key, None)
