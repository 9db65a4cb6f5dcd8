"""What the ledger says: verdicts, counts, the line of a pull and the state of a source.

Verdicts
    running           begun, not ended
    ok_changed        rows were written
    ok_unchanged      everything was known already
    partial           written, but some records were set aside
    empty_expected    nothing came, as is usual
    empty_suspect     nothing came where on this weekday something usually does;
                      the source's data is not taken as confirmed
    refused           the delivery as a whole was not believed; nothing written
    failed            the pull broke off; nothing written
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    RUNNING = "running"
    OK_CHANGED = "ok_changed"
    OK_UNCHANGED = "ok_unchanged"
    PARTIAL = "partial"
    EMPTY_EXPECTED = "empty_expected"
    EMPTY_SUSPECT = "empty_suspect"
    REFUSED = "refused"
    FAILED = "failed"


WITH_ROWS = (Verdict.OK_CHANGED, Verdict.OK_UNCHANGED, Verdict.PARTIAL)
TROUBLE = (Verdict.EMPTY_SUSPECT, Verdict.REFUSED, Verdict.FAILED)


@dataclass(frozen=True, slots=True)
class Counts:
    """Records of one delivery; read = the sum of the five others."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    quarantined: int = 0

    @property
    def accounted(self) -> int:
        return self.new + self.changed + self.unchanged + self.duplicates + self.quarantined

    @property
    def balanced(self) -> bool:
        return self.read == self.accounted


@dataclass(frozen=True, slots=True)
class PullLine:
    """One line of the ledger. `note` is free text for the clerk, such as a file's name."""

    id: int
    source: str
    dataset: str
    started_at: datetime
    ended_at: datetime | None
    verdict: Verdict
    read: int
    new: int
    changed: int
    unchanged: int
    duplicates: int
    quarantined: int
    bookmark_from: str | None
    bookmark_to: str | None
    as_of: datetime | None
    error_key: str | None
    error_params: dict[str, str]
    data_version: int | None
    note: str | None


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Where a source stands.

    verdict        of its last ended pull; None before the first one ended
    running        a pull is under way (or its process died and nobody has looked since)
    last_success   end of the last pull that was believed
    last_attempt   start of the last pull
    since          start of the first pull of the present trouble; None when there is none
    as_of          moment for which the data was last confirmed by the source
    counts and error are those of the last ended pull
    """

    source: str
    verdict: Verdict | None = None
    running: bool = False
    last_success: datetime | None = None
    last_attempt: datetime | None = None
    since: datetime | None = None
    bookmark: str | None = None
    as_of: datetime | None = None
    last_pull_id: int | None = None
    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    quarantined: int = 0
    error_key: str | None = None
    error_params: dict[str, str] = field(default_factory=dict)
