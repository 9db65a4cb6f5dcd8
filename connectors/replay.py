"""Trying quarantined records again with today's field map, units and rules."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from connectors.house import House
from connectors.intake import Intake
from connectors.pull import Caller, alone, counts_of, respelled_note
from connectors.waiting import MOST, tried
from datasets.errors import OpsError
from datasets.indicators.catalogue import load_catalogue
from datasets.store import Counts


def replay(name: str, house: House, caller: Caller) -> Counts:
    """Merge the source's quarantined records that are good now; the rest stays as it is.

    `read` counts all that were tried and `quarantined` those that are still bad,
    among them records of which nothing was kept. Raises as a pull does.
    """
    source = house.source(name)
    with alone(name, house, caller):
        started = house.clock()
        intake = Intake(source, house, started)
        lines = house.store.quarantine.list(name, limit=MOST)
        good, rows = [], []
        for number, found in tried(lines, intake, partial(house.store.known, intake.dataset)):
            good.append(number)
            rows += found
        if not good:
            return Counts(read=len(lines), quarantined=len(lines))
        pull_id = house.store.ledger.begin(name, source.dataset)
        try:
            with house.delivery(intake.dataset, name, pull_id) as delivery:
                delivery.stage(rows)
                delivery.set_falls_aside(load_catalogue().cumulative)
                outcome = delivery.commit(read=len(rows), replayed=good, note=partial(respelled_note, house))
        except OpsError as error:
            house.store.ledger.fail(pull_id, error)
            raise
    still_bad = len(lines) - len(good)
    counts = counts_of(outcome)
    return replace(counts, read=counts.read + still_bad, quarantined=counts.quarantined + still_bad)
