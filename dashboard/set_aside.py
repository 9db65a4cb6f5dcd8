"""A source's quarantine for people: the list, its kinds of problem, and the list as a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard.answers import as_csv
from dashboard.queries import Queries
from datasets.messages import catalogue
from datasets.store.quarantine import SetAside, harmless

MOST = 10_000
COLUMNS = ("record", "row", "field", "code", "problem", "value", "first_seen", "last_seen", "times")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong with one record. No personal data: free text is left out."""

    record: str
    row: str
    field: str
    code: str
    problem: str
    value: str
    first_seen: datetime
    last_seen: datetime
    times: int


def complaints(queries: Queries, source: str, language: str) -> list[Complaint]:
    """Everything wrong with the records set aside, those seen last first."""
    words = catalogue(language)
    return [complaint for line in queries.store.quarantine.list(source, limit=MOST) for complaint in _of(line, words)]


def kinds(found: Sequence[Complaint]) -> list[tuple[str, str, int]]:
    """Each kind of problem: code, sentence, and how often, the commonest first."""
    counts = Counter((complaint.code, complaint.problem) for complaint in found)
    return [(code, problem, number) for (code, problem), number in counts.most_common()]


def written(queries: Queries, found: Sequence[Complaint]) -> str:
    """The list as CSV; moments are ISO in the centre's zone."""

    def iso(at: datetime) -> str:
        return at.astimezone(queries.zone).isoformat(timespec="seconds")

    rows = [
        {name: getattr(complaint, name) for name in COLUMNS}
        | {"first_seen": iso(complaint.first_seen), "last_seen": iso(complaint.last_seen)}
        for complaint in found
    ]
    return as_csv(COLUMNS, rows)


def _of(line: SetAside, words: dict[str, str]) -> list[Complaint]:
    return [
        Complaint(
            record=line.record_key,
            row=line.row_id,
            field=problem["field"],
            code=problem["code"],
            problem=words.get(f"problem.{problem['code']}", problem["code"]),
            value=harmless(line.dataset, problem["field"], problem["value"]),
            first_seen=line.first_seen_at,
            last_seen=line.last_seen_at,
            times=line.times_seen,
        )
        for problem in line.problems
    ]
