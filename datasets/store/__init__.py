"""Where it is kept: tables, the delivery of a pull, ledger, quarantine, rollups, lease."""

from datasets.store.delivery import Delivery, Outcome
from datasets.store.lines import Confirmed, Counts, Drift, PullLine, Reconciled, SourceLine, Stretch, Verdict
from datasets.store.store import Store, open_store

__all__ = [
    "Confirmed",
    "Counts",
    "Delivery",
    "Drift",
    "Outcome",
    "PullLine",
    "Reconciled",
    "SourceLine",
    "Store",
    "Stretch",
    "Verdict",
    "open_store",
]
