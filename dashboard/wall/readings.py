"""What the wall reads of the house: panels, what calls for direction, sources. Aggregates only."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from dashboard.directing import Todo, todos
from dashboard.panel import Panel, PanelData, SourceState
from dashboard.queries import Ask, Queries
from datasets.periods import Period, PeriodType

Answer = TypeVar("Answer")


class Reader(Protocol):
    """The wall's only window into the house; tests and previews have one of their own."""

    zone: ZoneInfo

    def now(self) -> datetime: ...
    def version(self) -> int: ...
    def answer(self, question: object, compute: Callable[[], Answer]) -> Answer: ...
    def panel(self, panel: Panel, unit: str, language: str) -> PanelData: ...
    def todos(self, unit: str, language: str) -> tuple[Todo, ...]: ...
    def sources(self, language: str) -> tuple[SourceState, ...]: ...
    def unit_name(self, unit: str) -> str: ...


class HouseReader:
    """`Reader` over `Queries`: the running period of each panel, for one unit."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self.zone = queries.zone

    def now(self) -> datetime:
        return self._queries.now()

    def version(self) -> int:
        return self._queries.version()

    def answer(self, question: object, compute: Callable[[], Answer]) -> Answer:
        return self._queries.answer(question, compute)

    def panel(self, panel: Panel, unit: str, language: str) -> PanelData:
        period = Period.of(self._queries.today(), PeriodType(panel.default_period)).id
        return self._queries.panel_data(panel, Ask(unit, period, language))

    def todos(self, unit: str, language: str) -> tuple[Todo, ...]:
        return todos(self._queries, unit, language)

    def sources(self, language: str) -> tuple[SourceState, ...]:
        return self._queries.sources(language)

    def unit_name(self, unit: str) -> str:
        return self._queries.units.get(unit).name
