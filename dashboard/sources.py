"""The sources as the screens show them: how each stands, and its days as a strip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dashboard.panel import SourceState
from datasets.standing import Standing
from datasets.store.lines import TROUBLE, Verdict

Tone = Literal["good", "quiet", "watch", "bad", "none"]

DAYS_SHOWN = 30


def state_of(standing: Standing) -> SourceState:
    """What panels and wall know of a source."""
    return SourceState(
        name=standing.name,
        title=standing.title,
        freshness=standing.freshness,
        as_of=standing.as_of,
        last_success=standing.line.last_success,
        sentence=standing.sentence,
        failures=standing.failures,
    )


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a source: its pulls by how they ended."""

    day: date
    verdicts: Mapping[Verdict, int]

    @property
    def runs(self) -> int:
        return sum(self.verdicts.values())

    @property
    def bad(self) -> int:
        """Pulls that brought nothing although they should have."""
        return sum(self.verdicts.get(verdict, 0) for verdict in TROUBLE)

    @property
    def tone(self) -> Tone:
        """bad: no pull was good; watch: some were not, or records were set aside; quiet: nothing came."""
        if not self.runs:
            return "none"
        if self.bad == self.runs:
            return "bad"
        if self.bad or Verdict.PARTIAL in self.verdicts:
            return "watch"
        return "quiet" if set(self.verdicts) == {Verdict.EMPTY_EXPECTED} else "good"
