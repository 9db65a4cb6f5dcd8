"""Where it is kept: tables, the delivery of a pull, ledger, quarantine, rollups, lease."""

from datasets.store.delivery import Delivery, Outcome
from datasets.store.lines import Counts, PullLine, SourceLine, Verdict
from datasets.store.store import Store, open_store

__all__ = ["Counts", "Delivery", "Outcome", "PullLine", "SourceLine", "Store", "Verdict", "open_store"]
