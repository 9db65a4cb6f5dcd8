"""Drift: an export that is no longer as its field map says, told in the ledger.

    new column       warn      left out unread, told by name and count (field_map.Mapper.unknown)
    missing column   refuse    the delivery is not believed (intake), told by name with what came instead
    new code         set aside its records wait in the quarantine, told with a sample of the codes

A field map decides for each column: `optional` lets it be missing, `ignore` and
`personal` make it known, `codes` names what is known. Columns that are mapped through
codes hold no personal values; still a "code" that looks like a person's is not repeated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from datasets.store import Drift
from datasets.validate import Problem

NEW_CODE = ("unknown_code", "not_allowed", "unknown_unit", "unknown_line")
"""Problem codes that mean: the source uses a code nobody told us of."""
MOST_CODES = 5
MOST_COLUMNS = 20
LONGEST_CODE = 40
_LOOKS_PERSONAL = re.compile(r"(?:\d[ .-]?){9,}|@")
HIDDEN = "…"


class DriftWatch:
    """Watches one delivery.

    gone    columns whose absence refused it
    """

    def __init__(self) -> None:
        self.gone: tuple[str, ...] = ()
        self.columns: dict[str, str] = {}
        self.unknown: Counter[str] = Counter()
        self._codes: dict[str, Counter[str]] = {}

    def note(self, problems: Iterable[Problem]) -> None:
        """Look over the reasons why records were set aside."""
        for problem in problems:
            if problem.code in NEW_CODE:
                self._codes.setdefault(problem.field, Counter())[_harmless(problem.value)] += 1

    def found(self) -> tuple[Drift, ...]:
        """What is no longer as the map says, the gravest first."""
        gone = [Drift("missing_column", name) for name in self.gone]
        codes = [
            Drift("new_code", self.columns.get(field, field), field, seen.total(), dict(seen.most_common(MOST_CODES)))
            for field, seen in self._codes.items()
        ]
        come = [Drift("new_column", name, count=count) for name, count in self.unknown.most_common(MOST_COLUMNS)]
        return (*gone, *codes, *come)


def sources_of(fields: Iterable[tuple[str, tuple[str, ...]]]) -> Mapping[str, str]:
    """Canonical field -> the source's own column, as the field map names it first."""
    return {name: columns[0] for name, columns in fields if columns and not columns[0].startswith("@")}


def _harmless(value: str) -> str:
    return HIDDEN if not value or len(value) > LONGEST_CODE or _LOOKS_PERSONAL.search(value) else value
