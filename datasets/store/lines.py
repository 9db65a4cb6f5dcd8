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
from datetime import date, datetime
from enum import StrEnum
from typing import Literal


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


def verdict_of(counts: Counts, usual: float | None) -> Verdict:
    """Of a delivery that was written; `usual` is how many records usually come, None for none."""
    if not counts.read:
        return Verdict.EMPTY_SUSPECT if usual else Verdict.EMPTY_EXPECTED
    if counts.quarantined:
        return Verdict.PARTIAL
    return Verdict.OK_CHANGED if counts.new or counts.changed else Verdict.OK_UNCHANGED


@dataclass(frozen=True, slots=True)
class Drift:
    """One way in which a source's export is no longer as its field map says. Never a person's value.

    kind        new_column: came and was left out; missing_column: gone, the delivery refused;
                new_code: a code nobody knows, its records set aside
    column      the source's own name
    canonical   the field a new code stands for, else ""
    count       records that had it; 0 for a column that is gone
    codes       new codes with how many records had each, the commonest first; a sample
    """

    kind: Literal["new_column", "missing_column", "new_code"]
    column: str
    canonical: str = ""
    count: int = 0
    codes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a reconciling pull found between the source and what was held.

    since      ISO moment from when the source was asked; None: for everything
    held       rows of that stretch that were held
    missing    rows that earlier pulls should have brought; written now
    stale      rows that earlier pulls should have brought up to date; corrected now
    vanished   rows that the source no longer gives; marked, and still counted
    unsure     records without a readable key: while there are any, nothing is marked vanished
    days       ISO day of receipt -> {missing, stale, vanished}; days without a difference are absent
    """

    since: str | None
    held: int
    missing: int = 0
    stale: int = 0
    vanished: int = 0
    unsure: int = 0
    days: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def differences(self) -> int:
        return self.missing + self.stale + self.vanished


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a delivery has read in full: all that changed at the source since `since`, or ever.

    bookmark   how far earlier pulls had read
    days       of sources that are asked by period: all periods that end after this day, whatever changed
    renewed    of those: periods that end after this day are read anew at every pull, so that
               a change in them is no difference
    marks      whether what is held and was not given has vanished; else only what was missed is looked for
    routine    an ordinary pull that reads a stretch in full as it goes: what vanished is
               marked, but the ledger tells of no comparison
    """

    since: datetime | None
    bookmark: datetime | None
    days: date | None = None
    renewed: date | None = None
    marks: bool = True
    routine: bool = False


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A person who looked at a delivery that shrank, and says why it is right."""

    by: str
    why: str


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
    drift: tuple[Drift, ...] = ()
    reconciled: Reconciled | None = None
    confirmed: Confirmed | None = None


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Where a source stands.

    verdict        of its last ended pull; None before the first one ended
    running        a pull is under way (or its process died and nobody has looked since)
    last_success   end of the last pull that was believed
    last_attempt   start of the last pull
    since          start of the first pull of the present trouble; None when there is none
    as_of          moment for which the data was last confirmed by the source
    counts, error and drift are those of the last ended pull
    reconciled     of the last pull that reconciled, which may be an earlier one
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
    drift: tuple[Drift, ...] = ()
    reconciled: Reconciled | None = None
    reconciled_at: datetime | None = None
