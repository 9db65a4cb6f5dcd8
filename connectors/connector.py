"""The contract every connector keeps: it fetches what a source says, and settles.

A connector knows how a source speaks and nothing of what it means: it yields records
as the source gave them; the field map gives them meaning, the pull writes them.

A new connector is one file with a class that keeps this contract, and its name in
`CONNECTORS` (connectors/registry.py). tests/connectors/conformance.py tests each one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from datasets.clock import Clock
from datasets.errors import OpsError

if TYPE_CHECKING:
    from datasets.settings import Settings
    from datasets.validate import Problem


DELETED = "deleted_at_source"
"""Fault of a record of which the source says that it has deleted it: what is held under its key is withdrawn."""


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record as the source gave it.

    row_id   where it stood, for the person who looks for it: "trang 3, bản ghi 17",
             "tệp x.xlsx dòng 12"; never a value of the record
    values   by the source's own names. JSON values, or cells: text, int, float, bool,
             date, datetime (naive: the source's zone), None
    fault    a problem code when the connector itself saw that the record is damaged (an
             error cell, more cells than columns): it goes to quarantine whatever it says
    """

    row_id: str
    values: Mapping[str, object]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records of one delivery: a page, or a stretch of a file.

    columns   every name the source gave in this batch, for noticing columns that are
              gone; None when the batch cannot tell (an empty page)
    titles    what stood above the header of a sheet, a text per row; for headings only,
              kept nowhere
    file      name of the file it comes from, "" for none
    encoding  the old encoding that its text was converted from, "" for none
    """

    records: Sequence[RawRecord]
    columns: frozenset[str] | None
    titles: tuple[str, ...] = ()
    file: str = ""
    encoding: str = ""


class Counts(Protocol):
    """What became of a delivery's records, as the store's Outcome tells it."""

    @property
    def read(self) -> int: ...
    @property
    def quarantined(self) -> int: ...


class Connector(Protocol):
    """Made new for each pull by its factory; used by one thread.

    confirms_when_empty   whether an empty answer says that the source is well and has
                          nothing new (a web service: True) or says nothing at all
                          (a folder that nobody put a file into: False)
    more                  after `fetch`: another delivery is already waiting, pull again.
                          A folder gives one file per delivery, oldest first, so that a
                          bad file never takes a good one down with it
    file                  name of the one file that is read, for the ledger; "" for none
    """

    confirms_when_empty: bool
    more: bool
    file: str

    def fetch(self, since: datetime | None) -> Iterator[Batch]:
        """Yield what changed at or after `since` (a moment; None: everything).

        `since` is final: the pull has already taken the lookback off the bookmark. The
        boundary is inclusive and records may come twice; the merge makes both harmless.

        Raises
            SourceUnavailable   not there, too slow, too busy: tried again at the next slot
            SourceRefused       credentials or rights: a person must act
            SourceChanged       the answer is not what was agreed
        """
        ...

    def settle(self, end: Counts | OpsError, problems: Sequence[Problem] = ()) -> None:
        """Tidy up after the commit (`end` counts) or after a failure (`end` is the error).

        problems   why records were set aside, for the report beside a file
        """
        ...


Factory = Callable[[Any, "Settings", Clock], Connector]
"""(the source's settings, all settings, clock) -> a connector for one pull."""
