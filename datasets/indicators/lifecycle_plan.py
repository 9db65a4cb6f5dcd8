"""All that a page asks of dossiers, documents and petitions, and the statements that tell it.

A plan is a matter of the catalogue, the calendar, the territory and the codes that have rows: it is made once a day
and serves every page that asks the same. What is read for a page is found for that page alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from operator import attrgetter

import sqlalchemy as sa

from datasets.indicators.daily import Members, Scope
from datasets.indicators.figure_plan import FigurePlan
from datasets.indicators.lifecycle_counts import Flow, freeze
from datasets.indicators.lifecycle_figures import LifecycleFigures
from datasets.indicators.scope_counts import ScopeCounts
from datasets.indicators.scope_plan import DaysRead, ScopePlan
from datasets.indicators.tally import Cells, Tally, TallyRead, Told
from datasets.schema.dataset import Dataset

PlannedRead = DaysRead | TallyRead


class Plan:
    """Scopes and the tallies of their rows: what is asked of the same rows is asked of one tally.

    Once `reads` was called nothing more may be wanted of it.
    """

    def __init__(self, today: date, database: str) -> None:
        self.today, self._database = today, database
        self.tallies: dict[object, Tally] = {}
        self.scopes: dict[object, ScopePlan] = {}
        self._reads: tuple[PlannedRead, ...] | None = None

    def scope(self, dataset: Dataset, scope: Scope) -> ScopePlan:
        """The one plan of a scope."""
        rows = dataset.name, scope.units, freeze(scope.filters)
        asked = *rows, scope.by, scope.also_later
        if rows not in self.tallies:
            in_postgresql = self._database == "postgresql"
            self.tallies[rows] = Tally(dataset, scope.units, scope.filters, self.today, in_postgresql=in_postgresql)
        if asked not in self.scopes:
            in_stretches = self._database == "sqlite"
            self.scopes[asked] = ScopePlan(dataset, scope, self.tallies[rows], in_stretches=in_stretches)
        return self.scopes[asked]

    def reads(self) -> tuple[PlannedRead, ...]:
        """The statements that tell all that is wanted."""
        if self._reads is None:
            self._reads = tuple(self._each_read())
        return self._reads

    def _each_read(self) -> Iterator[PlannedRead]:
        for tally in self.tallies.values():
            yield from tally.reads()
        days = (read for scope in self.scopes.values() for read in scope.reads())
        yield from sorted(days, key=attrgetter("since"))  # what takes longest is not left for the end


class Found:
    """What one page found of a plan."""

    def __init__(self, plan: Plan) -> None:
        self._cells: Mapping[Tally, dict[Told, Cells]] = {tally: {} for tally in plan.tallies.values()}
        self._series: Mapping[ScopePlan, dict[Flow, Members]] = {scope: {} for scope in plan.scopes.values()}

    def ask(self, read: PlannedRead, connection: sa.Connection, now: datetime) -> Callable[[], None]:
        """Ask for something, as of now; what is returned takes the answer."""
        answer = read.ask(connection, now)

        def take() -> None:
            if isinstance(read, DaysRead):
                self._series[read.scope].update(read.told(answer.columns()))
            else:
                self._cells[read.tally].update(read.told(answer.columns()))

        return take

    def figures(self, plan: FigurePlan) -> LifecycleFigures:
        """The figures of a scope, once all is read."""
        scope = plan.scope
        return LifecycleFigures(plan, ScopeCounts(scope, self._cells[scope.tally], self._series[scope]))
